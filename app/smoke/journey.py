"""What the steps of one journey share: who acts, and what has been made so far."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from app.demo.fictions import fictional_application_no, fictional_credit_code
from app.smoke.actor import Actor

if TYPE_CHECKING:
    from app.smoke.watching import Watcher
    from app.smoke.ways import WaySale

_SERIALS = 10**8


class Journey:
    """One run: every name and number in it is new, so that a market can be driven any number of times."""

    seller: Actor
    first: Actor
    second: Actor
    outsider: Actor
    guest_watch: Watcher
    second_watch: Watcher

    def __init__(self, base_url: str) -> None:
        """Knows nothing yet but where the market is."""
        self.base_url = base_url.rstrip("/")
        self.run = secrets.token_hex(4)
        self.guest = Actor(self.base_url)
        self.market: dict[str, Any] = {}
        self.now_at_start = datetime.now(UTC)
        self.desks: dict[str, Actor] = {}
        self.patent: dict[str, Any] = {}
        self.expired_patent_id = ""
        self.listing: dict[str, Any] = {}
        self.auction_id = ""
        self.intents: dict[str, dict[str, Any]] = {}
        self.codes: dict[str, str] = {}
        self.ways: dict[str, WaySale] = {}
        self.deal: dict[str, Any] = {}
        self.contract: dict[str, Any] = {}
        self.registration: dict[str, Any] = {}

    def new_actor(self, name: str) -> Actor:
        """Somebody new who will sign in."""
        return Actor(self.base_url, name)

    @staticmethod
    def new_credit_code() -> str:
        """A fictional credit code that was very likely never used here."""
        return fictional_credit_code(secrets.randbelow(_SERIALS))

    @staticmethod
    def new_application_no(year: int = 2022) -> str:
        """A fictional application number that was very likely never used here."""
        return fictional_application_no(secrets.randbelow(_SERIALS), year)

    @property
    def actors(self) -> list[Actor]:
        """Everybody who has connections to close."""
        named = [getattr(self, name, None) for name in ("seller", "first", "second", "outsider")]
        return [self.guest, *self.desks.values(), *(actor for actor in named if actor is not None)]

    @property
    def mean_seconds(self) -> float:
        """How long a request has taken so far, so that a slow machine gets longer periods."""
        requests = sum(actor.requests for actor in self.actors)
        return sum(actor.seconds for actor in self.actors) / max(1, requests)

    async def close(self) -> None:
        """Closes all connections."""
        for name in ("guest_watch", "second_watch"):
            watch: Watcher | None = getattr(self, name, None)
            if watch is not None:
                await watch.leave()
        for actor in self.actors:
            await actor.close()
