"""Makers of interruptions for tests."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import orjson

from app.auction.trouble_models import BiddingGap, Heartbeat
from app.clock import market_now
from app.events import list_events
from tests.make_auction import make_sale

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from app.db import AnySession, Session
    from tests.make_auction import MadeSale


async def make_dutch(session: Session, tick_seconds: int = 10) -> tuple[MadeSale, datetime]:
    """A price clock of ten ticks, from 100,000 to 10,000 yuan, and when it opened."""
    opens_at = await market_now(session) - timedelta(seconds=1)
    sale = await make_sale(
        session,
        format="dutch",
        options={"tick_seconds": tick_seconds, "floor_price_fen": 10_000_00},
        trigger_seconds=0,
        extension_seconds=0,
        opens_at=opens_at,
        closes_at=opens_at + timedelta(seconds=10 * tick_seconds),
    )
    return sale, opens_at


async def gap(session: Session, began_at: datetime, ended_at: datetime) -> None:
    """An interruption on record, after which bids are taken for the whole test."""
    session.add(BiddingGap(began_at=began_at, ended_at=ended_at))
    beat_at = ended_at + timedelta(days=30)
    session.add(Heartbeat(process_id=uuid4(), host="test", started_at=ended_at, beat_at=beat_at))
    await session.flush()


async def last_heartbeat(session: Session, at: datetime) -> None:
    """A process took bids until then."""
    session.add(Heartbeat(process_id=uuid4(), host="test", started_at=at, beat_at=at))
    await session.flush()


async def kinds_of(session: AnySession, auction_id: UUID) -> list[str]:
    """The kinds of a sale's public events."""
    return [event.kind for event in await list_events(session, auction_id)]


async def last_body(session: AnySession, auction_id: UUID) -> dict[str, Any]:
    """The body of a sale's last public event."""
    body: dict[str, Any] = orjson.loads((await list_events(session, auction_id))[-1].body)
    return body
