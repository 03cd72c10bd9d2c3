"""Keeping the market worth looking at: the next sale is listed and everybody let in, whatever has ended meanwhile."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from app.clock import market_date
from app.demo.accounts import SELLER, SELLER_NAME, SIMULATED, VISITORS
from app.demo.offers import DECLARED_JSON, OF_INVENTED, Times, live_prices
from app.demo.patents import FILED_ON, INVENTED, LIVE, invented_number
from app.demo.public_api import RefusedError
from app.demo.shows import SHOWS
from app.demo.steps import bank_reference

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.demo.public_api import PublicApi
    from app.demo.shows import Show

_LIVE_NUMBERS = tuple(invented_number(title) for title, _ in LIVE)
_KEPT = (*_LIVE_NUMBERS, *(number for show in SHOWS for number in show.numbers))
_PREPARED_BEFORE = timedelta(seconds=90)
_OVERLAP = timedelta(seconds=15)
# Long enough to be published before; longer where a busy machine was too slow.
_OPENING_PAUSE, _LONGEST_PAUSE = timedelta(seconds=4), timedelta(seconds=60)
_TOO_LATE = timedelta(seconds=5)
_UNFINISHED = ("draft", "returned", "in_review", "accepted")
_PAGE = 100
_REVIEWER, _FINANCE = "demo-reviewer", "demo-finance"
_ALL = (*VISITORS, *SIMULATED)


class Lister:
    """Looks again and again which sales have to be listed; remembers only which need no more looking after."""

    def __init__(self, api: PublicApi, shows: Sequence[Show] = SHOWS) -> None:
        """Knows nothing yet: after a restart everything is found again."""
        self._api, self._shows = api, shows
        self._complete: set[str] = set()
        self._pause = _OPENING_PAUSE

    async def look(self) -> bool:
        """Lists the live sale's successor in time and at most one sale of a show; True when there may be more to do."""
        now = datetime.fromisoformat((await self._api.get("market"))["server_time"])
        mine = (await self._api.get("listings", SELLER.login, mine=True, limit=_PAGE))["items"]
        listed = [
            item
            for item in _of(mine, _KEPT)
            if item["status"] == "listed" and item["id"] not in self._complete
        ]
        new = await self._keep_live(mine, now)
        has_more = False
        if new is None:
            new = await self._keep_shows(mine, now)
            has_more = new is not None
        for item in [*listed, *([new] if new else [])]:
            if _ends_at(item) > now + _TOO_LATE:
                await self._let_in(item, now)
            self._complete.add(item["id"])
        return has_more

    async def _keep_live(self, mine: list[dict[str, Any]], now: datetime) -> dict[str, Any] | None:
        """Lists the next live sale before the last one ends: there is never none to bid in."""
        sales = _of(mine, _LIVE_NUMBERS)
        running = [item for item in sales if item["status"] == "listed" and _ends_at(item) > now + _TOO_LATE]
        # Only the announced end counts here: an extension only makes two sales run beside each other for a while.
        last = max((datetime.fromisoformat(item["closes_at"]) for item in running), default=now)
        if last >= now + _PREPARED_BEFORE:
            return None
        times = Times.live(max(now + self._pause, last - _OVERLAP)).as_terms()
        body = {
            "patent_id": await self._pick_patent(sales, _LIVE_NUMBERS),
            "description": OF_INVENTED,
            "board": "demo",
            "priority_declared": True,
            **DECLARED_JSON,
            **live_prices(),
            **{name: _plain(value) for name, value in times.items()},
        }
        return await self._list(sales, body)

    async def _keep_shows(self, mine: list[dict[str, Any]], now: datetime) -> dict[str, Any] | None:
        """Lists the next sale of the first show that has none."""
        for show in self._shows:
            sales = _of(mine, show.numbers)
            if not any(item["status"] == "listed" for item in sales):
                return await self._list(sales, await self._body(show, sales, now))
        return None

    async def _body(self, show: Show, sales: list[dict[str, Any]], now: datetime) -> dict[str, Any]:
        has_run = any(item["status"] not in _UNFINISHED for item in sales)
        patent_id = await self._pick_patent(sales, show.numbers)
        return show.body(patent_id, now + self._pause, is_first=not has_run)

    async def _list(self, sales: list[dict[str, Any]], body: dict[str, Any]) -> dict[str, Any]:
        """Brings a listing to its publication; on a machine too slow for that the next one is given more time."""
        try:
            published = await self._publish(sales, body)
        except RefusedError:
            self._pause = min(2 * self._pause, _LONGEST_PAUSE)
            raise
        self._pause = _OPENING_PAUSE
        return published

    async def _publish(self, sales: list[dict[str, Any]], body: dict[str, Any]) -> dict[str, Any]:
        """Drafts, submits, accepts and publishes a listing, or goes on with one that was left half way."""
        half_way = next((item for item in sales if item["status"] in _UNFINISHED), None)
        if half_way is None:
            listing = await self._api.post("listings", SELLER.login, body)
        else:
            listing = half_way
            path = f"listings/{listing['id']}"
            if listing["status"] in {"in_review", "accepted"}:
                review = {"decision": "return", "reason": "演示：竞价时间已过，退回修改。"}
                await self._api.post(f"{path}/reviews", _REVIEWER, review)
            changes = {name: value for name, value in body.items() if name not in {"patent_id", "board"}}
            await self._api.patch(path, SELLER.login, changes)
        path = f"listings/{listing['id']}"
        await self._api.post(f"{path}/submissions", SELLER.login)
        await self._api.post(f"{path}/reviews", _REVIEWER, {"decision": "accept"})
        published: dict[str, Any] = await self._api.post(f"{path}/publications", _REVIEWER)
        return published

    async def _pick_patent(self, sales: list[dict[str, Any]], pool: tuple[str, ...]) -> str:
        """The pool's patent that has been sold longest ago, or never; one that the market lacks is entered."""
        numbers = [item["patent"]["application_no"] for item in sales]  # the newest first
        busy = {item["patent"]["application_no"] for item in sales if item["status"] == "listed"}
        free = [number for number in pool if number not in busy]
        free.sort(
            key=lambda number: numbers.index(number) if number in numbers else len(numbers), reverse=True
        )
        found = (await self._api.get("patents", SELLER.login, owner="mine", q=free[0], limit=1))["items"]
        if found:
            return str(found[0]["id"])
        # A market that was furnished before there was this way of bidding.
        title, ipc = next(item for item in INVENTED if invented_number(item[0]) == free[0])
        body = {
            "application_no": free[0],
            "title": title,
            "filing_on": FILED_ON,
            "ipc_main": ipc,
            "applicant": SELLER_NAME,
        }
        return str((await self._api.post("patents", SELLER.login, body))["id"])

    async def _let_in(self, listing: dict[str, Any], now: datetime) -> None:
        """Brings the simulated bidders and the visitors' two organisations into a sale, step by step."""
        found = await self._api.get("intents", _REVIEWER, listing_id=listing["id"], limit=_PAGE)
        intents = {item["buyer"]["name"]: item for item in found["items"]}
        for party in _ALL:
            is_holder = party.organisation in listing["priority_holders"]
            intent = intents.get(party.organisation)
            if intent is None:
                rules = await self._api.get(f"auctions/{listing['auction_id']}/rules")
                accepted = {"accept_rules_sha256": rules["sha256"], "claims_priority": is_holder}
                intent = await self._api.post(f"listings/{listing['id']}/intents", party.login, accepted)
            if intent["status"] == "submitted":
                path = f"intents/{intent['id']}/qualifications"
                decision = {"decision": "qualify", "has_priority": True if is_holder else None}
                intent = await self._api.post(path, _REVIEWER, decision)
            if intent["status"] == "qualified":
                line = {
                    "amount_fen": intent["deposit"]["amount_fen"],
                    "payer_name": party.organisation,
                    "bank_reference": bank_reference(),
                    "received_on": market_date(now).isoformat(),
                }
                await self._api.post(f"deposits/{intent['deposit']['id']}/receipts", _FINANCE, line)


def _of(mine: list[dict[str, Any]], numbers: tuple[str, ...]) -> list[dict[str, Any]]:
    return [item for item in mine if item["patent"]["application_no"] in numbers]


def _ends_at(listing: dict[str, Any]) -> datetime:
    sale = listing["auction"]
    return datetime.fromisoformat(sale["ends_at"] if sale else listing["closes_at"])


def _plain(value: Any) -> Any:  # noqa: ANN401 - a field of a listing
    return value.isoformat() if isinstance(value, datetime) else value
