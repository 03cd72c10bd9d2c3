"""Bidders by the public API: each keeps what it sent and what it was answered, and asks again by the same id."""

from __future__ import annotations

import asyncio
import random
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from httpx2 import AsyncClient, HTTPError

from app.demo.acts import choose_act, worth_fen
from app.ids import uuid7

if TYPE_CHECKING:
    from collections.abc import Sequence

_SECRET = frozenset({"maximum", "seal", "turn"})
_ACCEPTED, _NOT_JUDGED, _FAILED, _MISSING = 201, 429, 500, 404
_PATIENCE_SECONDS = 20
_TIMEOUT_SECONDS = 5
_EAGERNESS = 4


@dataclass
class Sent:
    """One request as it was sent, and the first definite answer to it; None as long as there is none."""

    auction_id: str
    login: str
    body: dict[str, Any]
    status: int | None = None
    answer: dict[str, Any] = field(default_factory=dict)

    @property
    def bid_id(self) -> str:
        """The request's own id."""
        return str(self.body["bid_id"])

    @property
    def is_accepted(self) -> bool:
        """Whether its sender holds a receipt."""
        return self.status == _ACCEPTED

    @property
    def is_refused(self) -> bool:
        """Whether its sender was told a refusal."""
        return self.status is not None and not self.is_accepted

    def take(self, status: int, answer: dict[str, Any]) -> bool:
        """Keeps a definite answer; False when it is none. Raises when it contradicts an earlier one."""
        if status == _NOT_JUDGED or status >= _FAILED:
            return False
        if self.status is not None and (self.status, self.answer.get("hash")) != (status, answer.get("hash")):
            message = f"{self.bid_id} was answered {self.status}, then {status}"
            raise AssertionError(message)
        self.status, self.answer = status, answer
        return True


class Bidders:
    """Everybody who bids, over all web processes; one that does not answer is left for the other."""

    def __init__(self, urls: Sequence[str], tokens: dict[str, str], logins: Sequence[str], seed: int) -> None:
        """Nobody bids before ``run``."""
        self._urls, self._tokens, self._logins = list(urls), tokens, list(logins)
        self._chance = random.Random(seed)  # noqa: S311 - no secret
        self._http = AsyncClient(timeout=_TIMEOUT_SECONDS, trust_env=False)
        self.sent: list[Sent] = []
        self.sales: list[str] = []
        self.ended: set[str] = set()

    async def close(self) -> None:
        """Closes all connections."""
        await self._http.aclose()

    async def run(self, stop: asyncio.Event, each: int) -> None:
        """Lets every bidder bid with so many hands until ``stop`` is set."""
        async with asyncio.TaskGroup() as group:
            for login in self._logins * each:
                group.create_task(self._bid_until(stop, login))

    async def _bid_until(self, stop: asyncio.Event, login: str) -> None:
        while not stop.is_set():
            running = [sale for sale in self.sales if sale not in self.ended]
            if running:
                await self._bid_once(self._chance.choice(running), login)
            await asyncio.sleep(self._chance.uniform(0.0, 0.1))

    async def _bid_once(self, sale: str, login: str) -> None:
        seen = await self.get(f"/auctions/{sale}", login)
        if seen is None or not seen.get("me"):
            return
        if seen["status"] in ("sold", "unsold", "void"):
            self.ended.add(sale)
        if seen["status"] != "open":
            return
        is_clock = seen["stage"] == "clock"
        worth = worth_fen(sale, login, seen["start_price_fen"], seen["step_fen"], is_clock=is_clock)
        # An open fight goes on for as long as the drill does.
        act = choose_act(seen, worth if is_clock else worth * _EAGERNESS, self._chance)
        if act is None:
            return
        body = {"bid_id": str(uuid7()), **act}
        if act["kind"] in _SECRET:
            body["key"] = secrets.token_hex(32)
        request = Sent(sale, login, body)
        self.sent.append(request)
        await self._insist(request)

    async def _insist(self, request: Sent) -> None:
        """Sends a request until there is a definite answer or patience ends; its id makes that safe."""
        loop = asyncio.get_running_loop()
        until = loop.time() + _PATIENCE_SECONDS
        while loop.time() < until:
            path = f"/auctions/{request.auction_id}/bids"
            answered = await self._ask("POST", path, request.login, request.body)
            if answered is not None and request.take(*answered):
                return
            await asyncio.sleep(self._chance.uniform(0.05, 0.3))

    async def settle(self) -> None:
        """Asks for the outcome of every request, also of those that were answered: it must be the same."""
        for request in self.sent:
            path = f"/auctions/{request.auction_id}/bids/{request.bid_id}"
            answered = await self._ask("GET", path, request.login)
            if answered is None:
                message = f"nobody answers for {request.bid_id}"
                raise AssertionError(message)
            status, answer = answered
            if status == _MISSING and not request.is_accepted:
                # It never arrived, or its amount was refused before it was sealed.
                continue
            request.take(_ACCEPTED if "hash" in answer else status, answer)

    async def get(self, path: str, login: str) -> dict[str, Any] | None:
        """Reads something; None when nobody answers now."""
        answered = await self._ask("GET", path, login)
        return answered[1] if answered is not None and answered[0] < _NOT_JUDGED else None

    async def list(self, path: str, login: str) -> list[dict[str, Any]]:
        """The first page of a list; nothing when nobody answers now."""
        found: list[dict[str, Any]] = (await self.get(path, login) or {}).get("items", [])
        return found

    async def post(self, path: str, login: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]] | None:
        """Does something once; None when nobody answers now."""
        return await self._ask("POST", path, login, body)

    async def _ask(
        self, method: str, path: str, login: str, body: dict[str, Any] | None = None
    ) -> tuple[int, dict[str, Any]] | None:
        urls = self._chance.sample(self._urls, len(self._urls))
        headers = {"Authorization": f"Bearer {self._tokens[login]}"}
        for url in urls:
            try:
                answer = await self._http.request(method, f"{url}/api/v1{path}", json=body, headers=headers)
                return answer.status_code, answer.json()
            except (HTTPError, ValueError):
                continue
        return None
