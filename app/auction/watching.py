"""What watchers of sales need to be told: the news of a stream with its signed head, heads, ends, who hears what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, Select, bindparam, func, literal_column, select, true, tuple_

from app.auction.models import Admission, Auction
from app.auction.protocol.heads import SignedHead
from app.auction.protocol.models import SignedHeadRow
from app.chain import Recorded
from app.events import EventRow, EventStream, StreamMissing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from app.db import AnySession, Database


class News(NamedTuple):
    """What a stream has behind a number: ``head`` is its newest number, ``signed`` the newest signed head among the events."""

    epoch: int
    head: int
    events: list[Recorded]
    signed: SignedHead | None
    now: datetime


def _news() -> Select[Any]:
    """One statement for all of it, so that head, events and signature belong together."""
    after, limit = bindparam("after", type_=BigInteger), bindparam("limit", type_=BigInteger)
    events = (
        select(EventRow.number, EventRow.kind, EventRow.at, EventRow.body, EventRow.hash)
        .where(EventRow.stream_id == EventStream.id, EventRow.number > after)
        .order_by(EventRow.number)
        .limit(limit)
        .lateral("news")
    )
    # Numbers have no gap, so this is the last event that the limit lets through.
    last = func.least(EventStream.head_number, after + limit)
    signed = (
        select(*(getattr(SignedHeadRow, name) for name in _SIGNED))
        .where(
            SignedHeadRow.stream_id == EventStream.id, SignedHeadRow.last > after, SignedHeadRow.last <= last
        )
        .order_by(SignedHeadRow.last.desc())
        .limit(literal_column("1"))
        .lateral("signed")
    )
    return (
        select(EventStream.epoch, EventStream.head_number, func.market_now(), signed, events)
        .select_from(EventStream)
        .join(signed, true(), isouter=True)
        .join(events, true(), isouter=True)
        .where(EventStream.id == bindparam("stream_id"))
        .order_by(events.c.number)
    )


_SIGNED = ("first", "last", "hash", "root", "at", "key_id", "signature")
_NEWS = _news()


async def read_news(database: Database, stream_id: UUID, after: int, limit: int) -> News:
    """Reads what comes behind a number, at most ``limit`` events of it, with the market's time; by one round trip."""
    rows = await database.look(_NEWS, stream_id=stream_id, after=after, limit=limit)
    if not rows:
        raise StreamMissing(stream_id)
    epoch, number, now, *signed = rows[0][: 3 + len(_SIGNED)]
    has_news = rows[0][-1] is not None
    events = [Recorded(*row[-5:]) for row in rows] if has_news else []
    head = SignedHead(str(stream_id), *signed) if signed[0] is not None else None
    return News(epoch, number, events, head, now)


async def list_positions(session: AnySession, stream_ids: Sequence[UUID]) -> list[tuple[UUID, int, int]]:
    """Reads id, epoch and head number of streams; the sweep compares them with what it has sent."""
    query = select(EventStream.id, EventStream.epoch, EventStream.head_number)
    rows = await session.execute(query.where(EventStream.id.in_(stream_ids)))
    return [(row.id, row.epoch, row.head_number) for row in rows]


async def list_ends(
    session: AnySession, auction_ids: Sequence[UUID]
) -> list[tuple[UUID, datetime, datetime]]:
    """Reads where the ends of sales lie now, each with the market's time: what a tick tells."""
    query = select(Auction.id, Auction.ends_at, func.market_now()).where(Auction.id.in_(auction_ids))
    return [(row[0], row[1], row[2]) for row in await session.execute(query)]


async def list_own_streams(
    session: AnySession, pairs: Sequence[tuple[UUID, UUID]]
) -> dict[tuple[UUID, UUID], UUID]:
    """The own streams of parties that are admitted to sales, by sale and party; who is not admitted is left out."""
    query = select(Admission.auction_id, Admission.party_id, Admission.stream_id).where(
        tuple_(Admission.auction_id, Admission.party_id).in_(pairs)
    )
    return {(row.auction_id, row.party_id): row.stream_id for row in await session.execute(query)}


async def find_host_stream(session: AnySession, auction_id: UUID) -> UUID | None:
    """The stream that the host's desk hears of a sale."""
    query = select(Auction.host_stream_id).where(Auction.id == auction_id)
    return (await session.execute(query)).scalar_one_or_none()
