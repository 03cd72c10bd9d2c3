"""Events as rows: streams with their heads, events written with what they tell, and read back in order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from sqlalchemy import LargeBinary, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from app.chain import EMPTY_HASH, Event, Recorded, number_events
from app.clock import market_now
from app.db import Base
from app.errors import Missing

if TYPE_CHECKING:
    from app.db import AnySession, Session


class EventStream(Base):
    """A stream (事件流) for one audience: its head number and head hash, and the epoch of its numbers."""

    __tablename__ = "event_stream"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    epoch: Mapped[int] = mapped_column(default=1)
    head_number: Mapped[int] = mapped_column(default=0)
    head_hash: Mapped[bytes] = mapped_column(LargeBinary, default=EMPTY_HASH)


class EventRow(Base):
    """One event (事件); ``body`` is the exact text that was hashed."""

    __tablename__ = "event"

    # No foreign key: an event is only ever written under its stream's lock, and streams are never removed. The
    # check would be paid for each of the thousands of events that a hot sale writes in a second.
    stream_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    at: Mapped[datetime]
    body: Mapped[str]
    hash: Mapped[bytes] = mapped_column(LargeBinary)


@dataclass(eq=False)
class StreamMissing(Missing):
    """There is no such event stream."""

    stream_id: UUID


async def open_stream(session: Session, stream_id: UUID, name: str) -> None:
    """Opens a stream with no events."""
    session.add(EventStream(id=stream_id, name=name))
    await session.flush()


async def record(
    session: Session, stream_id: UUID, *events: Event, at: datetime | None = None
) -> list[Recorded]:
    """Writes events under the stream row's lock, so that numbers have no gap and commit order is number order."""
    query = select(EventStream).where(EventStream.id == stream_id).with_for_update()
    stream = (
        await session.execute(query, execution_options={"populate_existing": True})
    ).scalar_one_or_none()
    if stream is None:
        raise StreamMissing(stream_id)
    moment = at or await market_now(session)
    recorded = number_events(stream_id, stream.head_number, stream.head_hash, moment, events)
    if recorded:
        rows = [{"stream_id": stream_id, **item._asdict()} for item in recorded]
        await session.execute(insert(EventRow), rows)
        last = recorded[-1]
        await session.execute(
            update(EventStream)
            .where(EventStream.id == stream_id)
            .values(head_number=last.number, head_hash=last.hash)
        )
    return recorded


async def list_events(
    session: AnySession, stream_id: UUID, after: int = 0, limit: int = 500
) -> list[Recorded]:
    """Reads the events after a number, in order."""
    query = (
        select(EventRow.number, EventRow.kind, EventRow.at, EventRow.body, EventRow.hash)
        .where(EventRow.stream_id == stream_id, EventRow.number > after)
        .order_by(EventRow.number)
        .limit(limit)
    )
    return [Recorded(*row) for row in (await session.execute(query)).all()]


class Head(NamedTuple):
    """Where a stream stands: the epoch of its numbers, its newest number and hash."""

    epoch: int
    number: int
    hash: bytes


async def get_head(session: AnySession, stream_id: UUID) -> Head:
    """Where a stream stands; raises StreamMissing."""
    query = select(EventStream.epoch, EventStream.head_number, EventStream.head_hash)
    row = (await session.execute(query.where(EventStream.id == stream_id))).one_or_none()
    if row is None:
        raise StreamMissing(stream_id)
    return Head(row.epoch, row.head_number, row.head_hash)
