"""What watchers of sales need to be told: the news of a stream with its signed head, heads, ends, who hears what."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from sqlalchemy import func, select, tuple_

from app.auction.models import Admission, Auction
from app.auction.protocol.models import SignedHeadRow
from app.auction.queries import head_of
from app.events import EventStream, StreamMissing, list_events

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from app.auction.protocol.heads import SignedHead
    from app.chain import Recorded
    from app.db import AnySession


class News(NamedTuple):
    """What a stream has behind a number: ``head`` is its newest number, ``signed`` the newest signed head among the events."""

    epoch: int
    head: int
    events: list[Recorded]
    signed: SignedHead | None
    now: datetime


async def read_news(session: AnySession, stream_id: UUID, after: int, limit: int) -> News:
    """Reads what comes behind a number, at most ``limit`` events of it, with the market's time."""
    head = select(EventStream.epoch, EventStream.head_number, func.market_now())
    row = (await session.execute(head.where(EventStream.id == stream_id))).one_or_none()
    if row is None:
        raise StreamMissing(stream_id)
    epoch, number, now = row
    events = await list_events(session, stream_id, after, limit) if number > after else []
    signed = None
    if events:
        signed = await _find_signed(session, stream_id, events[0].number, events[-1].number)
    return News(epoch, max(number, events[-1].number if events else 0), events, signed, now)


async def _find_signed(session: AnySession, stream_id: UUID, first: int, last: int) -> SignedHead | None:
    query = (
        select(SignedHeadRow)
        .where(SignedHeadRow.stream_id == stream_id, SignedHeadRow.last.between(first, last))
        .order_by(SignedHeadRow.last.desc())
        .limit(1)
    )
    row = (await session.execute(query)).scalar_one_or_none()
    return None if row is None else head_of(row)


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
