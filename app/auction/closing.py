"""Opening and closing a sale by the worker, under the same lock, clock and rules as a bid."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import or_, select, update

from app import metrics
from app.auction.models import Auction
from app.auction.rules.english import close_if_due, open_if_due
from app.auction.sale import lock_sale
from app.clock import market_now
from app.events import record
from app.tasks import promise

if TYPE_CHECKING:
    from datetime import datetime

    from app.db import AnySession, Session

AWARD_TASK = "award_auction"


async def advance_auction(session: Session, auction_id: UUID) -> str | None:
    """Opens or closes one sale if its time has come; safe to run twice and by several workers at once.

    A close writes the result, its event and the promise of what follows (a deal) in one transaction. Returns the
    sale's phase, or None when there is no such sale.
    """
    sale = await lock_sale(session, auction_id)
    if sale is None:
        return None
    now = sale.official_at
    state, opening = open_if_due(sale.terms, sale.state, now)
    state, closing = close_if_due(state, now, sale.reserve_fen, sale.reserve_key)
    if not opening and not closing:
        return state.phase
    await session.execute(
        update(Auction)
        .where(Auction.id == auction_id)
        .values(
            phase=state.phase,
            reserve_met=state.reserve_met,
            last_official_at=now,
            closed_at=now if closing else None,
        )
    )
    await record(session, auction_id, *opening, *closing, at=now)
    if closing:
        metrics.CLOSING_LATENESS.observe((now - state.ends_at).total_seconds())
        await promise(session, AWARD_TASK, {"auction_id": str(auction_id)}, key=str(auction_id))
    return state.phase


async def list_due(session: AnySession, limit: int = 200) -> list[UUID]:
    """The sales that have to be opened or closed now, the most overdue first."""
    now = await market_now(session)
    query = (
        select(Auction.id)
        .where(
            or_(
                (Auction.phase == "scheduled") & (Auction.opens_at <= now),
                Auction.phase.in_(("scheduled", "open")) & (Auction.ends_at <= now),
            )
        )
        .order_by(Auction.ends_at)
        .limit(limit)
    )
    return list((await session.execute(query)).scalars())


async def find_next_due(session: AnySession) -> datetime | None:
    """When the next sale has to be opened or closed."""
    opens = select(Auction.opens_at.label("at")).where(Auction.phase == "scheduled")
    ends = select(Auction.ends_at.label("at")).where(Auction.phase == "open")
    due = opens.union_all(ends).subquery()
    moment: datetime | None = (
        await session.execute(select(due.c.at).order_by(due.c.at).limit(1))
    ).scalar_one_or_none()
    return moment
