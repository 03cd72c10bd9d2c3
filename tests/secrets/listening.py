"""Everything that others learn of a sale: what guests, another bidder and the host read, and the frames they hear."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.accounts.permissions import Role
from app.auction.closing import advance_auction
from app.auction.desk import Desk
from app.auction.protocol.heads import Signer
from app.auction.queries import find_own_stream, get_auction
from app.auction.watching import read_news
from app.live.frames import Audience
from app.live.hub import Hub
from tests.make_accounts import caller_for, headers_of, make_person, token_headers

if TYPE_CHECKING:
    from uuid import UUID

    from httpx2 import AsyncClient

    from app.accounts.models import Organisation
    from app.auction.bidding import BidRequest
    from app.auction.sealing import SealedOpener
    from app.db import Database, Session
    from tests.make_auction import MadeSale

# Longer than the pause between two frames, so that each public act has a frame of its own.
_QUIET_SECONDS = 0.15
_SIGNER = Signer(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
_SHAPES = (
    (re.compile(r"[0-9a-f]{128}"), "<signature>"),
    (re.compile(r"[0-9a-f]{64}"), "<hash>"),
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "<id>"),
    (re.compile(r"T2026-[0-9a-f]{6}"), "<no>"),
    (re.compile(r"虚构机构\d+"), "<name>"),
)


_READ = {
    "guest": ("", "/{}", "/{}/events", "/{}/rules"),
    "other": ("/{}", "/{}/own-events"),
    "host": ("/{}", "/{}/host-events"),
}


class Ear:
    """A line that keeps the frames that were put to it."""

    def __init__(self) -> None:
        self.frames: list[dict[str, Any]] = []

    def put(self, frame: bytes) -> None:
        """Keeps a frame, read from its JSON; ticks tell nothing but the time."""
        read = json.loads(frame[frame.index(b"{") :])
        if read["type"] != "tick":
            self.frames.append(read)

    def end(self, code: int, reason: str) -> None:
        """Nobody is ended here."""
        raise AssertionError(code, reason)


@dataclass
class Room:
    """One sale with all who listen; ``others`` are the headers of those who read it, by who they are."""

    db: Database
    client: AsyncClient
    sale: MadeSale
    opener: SealedOpener
    others: dict[str, dict[str, str]]
    hub: Hub
    desk: Desk
    ears: dict[str, Ear] = field(default_factory=dict)

    async def listen(self, party_id: UUID) -> None:
        """A guest, the host and another bidder take their seats."""
        auction = await self.db.read(get_auction, self.sale.id)
        own = await self.db.read(find_own_stream, self.sale.id, party_id)
        assert own is not None
        for who, audience, stream_id in (
            ("guest", Audience.PUBLIC, self.sale.id),
            ("host", Audience.HOST, auction.host_stream_id),
            ("other", Audience.OWN, own),
        ):
            news = await read_news(self.db, stream_id, 0, 0)
            self.ears[who] = Ear()
            await self.hub.join(stream_id, audience, self.ears[who], news.head, news.epoch)

    async def submit(self, *requests: BidRequest) -> list[str | None]:
        """Hands requests to the desk as the edge does; returns the codes of the refusals."""
        done = await asyncio.gather(
            *(self.desk.submit(self.sale.id, request) for request in requests), return_exceptions=True
        )
        return [getattr(outcome, "code", None) for outcome in done]

    async def work(self) -> None:
        """The worker looks at the sale."""
        await self.db.write(advance_auction, self.sale.id, _SIGNER, self.opener)
        self.hub.hint(self.sale.id)

    async def quiet(self) -> None:
        """Waits until what there is to say has been said."""
        await asyncio.sleep(_QUIET_SECONDS)

    async def read(self) -> dict[str, Any]:
        """All that others can read of the sale, as it came."""
        found: dict[str, Any] = {}
        for who, headers in self.others.items():
            for path in _READ[who]:
                address = f"/api/v1/auctions{path.format(self.sale.id)}"
                answer = await self.client.get(address, headers=headers)
                assert answer.status_code == 200, answer.text
                found[f"{who} {path}"] = answer.json()
        listed = found.pop("guest ")["items"]
        found["hall"] = next(item for item in listed if item["id"] == str(self.sale.id))
        found["frames"] = {who: ear.frames for who, ear in self.ears.items()}
        return found

    async def learn(self) -> Any:
        """All that others learn of the sale, without what is drawn at random for each sale."""
        await self.quiet()
        text = json.dumps(await self.read(), ensure_ascii=False, sort_keys=True)
        for place, code in enumerate(self.sale.codes):
            text = text.replace(f'"{code}"', f'"bidder {place}"')
        for shape, name in _SHAPES:
            text = shape.sub(name, text)
        return json.loads(text, object_hook=_without_order)


def _without_order(read: dict[str, Any]) -> dict[str, Any]:
    """Codes are listed by their letters, which are drawn at random."""
    return {name: sorted(value) if name == "bidders" else value for name, value in read.items()}


async def open_room(
    db: Database, client: AsyncClient, opener: SealedOpener, sale: MadeSale, other: Organisation
) -> Room:
    """Lets everybody in: ``other`` is the organisation of a bidder who watches."""

    async def make_other(session: Session) -> Any:
        return await caller_for(session, await make_person(session, other, [Role.BIDDER]))

    others = {
        "guest": {},
        "other": await headers_of(db, await db.write(make_other)),
        "host": await token_headers(db, Role.HOST),
    }
    hub = Hub(db)
    desk = Desk(db, hub.hint, _SIGNER, queue_limit=100)
    room = Room(db, client, sale, opener, others, hub, desk)
    await room.listen(other.id)
    return room
