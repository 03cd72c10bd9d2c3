"""Events: numbered facts on a stream, each chained by a hash to the one before it, written with what they tell."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import LargeBinary, insert, select, update
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import market_now
from app.db import Base
from app.errors import Missing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.db import AnySession, Session

EMPTY_HASH = bytes(32)


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


@dataclass(frozen=True)
class Event:
    """A fact in the past tense, not numbered yet."""

    kind: str
    body: dict[str, Any] = field(default_factory=dict)


class Recorded(NamedTuple):
    """An event with its number, official time and hash."""

    number: int
    kind: str
    at: datetime
    body: str
    hash: bytes

    def wire(self) -> dict[str, Any]:
        """The event as pages, sockets and bundles carry it."""
        return {
            "number": self.number,
            "kind": self.kind,
            "at": instant(self.at),
            "body": orjson.loads(self.body),
            "hash": self.hash.hex(),
        }


def instant(moment: datetime) -> str:
    """Writes an instant in the one form that hashes and frames use: UTC, microseconds, Z."""
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond:06d}Z"


def canonical(body: dict[str, Any]) -> str:
    """Writes a body in the one form that is hashed: sorted keys, no blanks, UTF-8."""
    return orjson.dumps(body, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z).decode()


def chain_hash(before: bytes, stream: str, number: int, kind: str, at: str, body: str) -> bytes:
    """Hashes one event over its content and the hash before it; lines are parted by a newline none can contain.

    ``stream`` is the stream's id as text and ``at`` the official time from ``instant``: callers that hash many
    events of one batch format both once.
    """
    return hashlib.sha256(f"{before.hex()}\n{stream}\n{number}\n{kind}\n{at}\n{body}".encode()).digest()


def number_events(
    stream_id: UUID, head_number: int, head_hash: bytes, at: datetime, events: Sequence[Event]
) -> list[Recorded]:
    """Gives events the numbers and hashes that follow a head; pure, so that a verifier uses it too."""
    recorded: list[Recorded] = []
    stream, moment = str(stream_id), instant(at)
    for number, event in enumerate(events, head_number + 1):
        body = canonical(event.body)
        head_hash = chain_hash(head_hash, stream, number, event.kind, moment, body)
        recorded.append(Recorded(number, event.kind, at, body, head_hash))
    return recorded


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


async def list_heads(session: AnySession, stream_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Reads the head numbers of streams; the sweep compares them with what it has sent."""
    query = select(EventStream.id, EventStream.head_number).where(EventStream.id.in_(stream_ids))
    return {row.id: row.head_number for row in (await session.execute(query)).all()}
