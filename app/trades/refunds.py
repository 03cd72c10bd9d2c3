"""Refunds of deposits (退还保证金): after a sale, payment orders for all who did not win, due by their board's rule."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from app.clock import market_date, market_now
from app.dated_rules import get_rule
from app.holidays import read_calendar
from app.payments.deposits import REFUND_TASK
from app.payments.refund_rules import RefundTerms, way_of
from app.payments.refunds import order_refunds
from app.tasks import handles, promise
from app.trades.kept_rules import get_kept_rule
from app.trades.models import Listing

if TYPE_CHECKING:
    from datetime import date

    from app.db import Session

AT_ONCE = 500
_AGAIN = timedelta(hours=1)


@handles(REFUND_TASK)
async def refund_deposits(session: Session, payload: dict[str, Any]) -> None:
    """Orders the refunds of a listing's released deposits that have no order yet, some hundreds in one transaction.

    By when, and with which interest, follows from the way of the sale, by the rules that the sale keeps: an exchange's
    three working days, a court's 24 hours, a tender's five days with interest. A tender's period is counted from the
    award, earlier than the law's latest, its contract. A second run finds nothing left to order. What was refused stays
    among what is to be refunded, with its day, and is tried again after an hour.
    """
    listing_id = UUID(payload["listing_id"])
    listing = await session.get(Listing, listing_id)
    now = await market_now(session)
    terms = await _terms(session, listing, market_date(now))
    due_at = terms.due_at(now, await read_calendar(session))
    ordered = await order_refunds(
        session,
        listing_id,
        due_at,
        limit=AT_ONCE,
        interest_bp=terms.interest_bp,
        after=UUID(payload["after"]) if "after" in payload else None,
    )
    whose = {"listing_id": str(listing_id)}
    if ordered.next_after is not None:
        await promise(session, REFUND_TASK, {**whose, "after": str(ordered.next_after)})
    if ordered.refused:
        await promise(session, REFUND_TASK, whose, run_at=now + _AGAIN, key=f"{listing_id}:refused")


async def _terms(session: Session, listing: Listing | None, on: date) -> RefundTerms:
    """The rule of the sale; deposits whose listing is not known, as tests make them, follow the standard board's."""

    async def read(key: str) -> Any:  # noqa: ANN401 - a rule's value
        if listing is None:
            return await get_rule(session, key, on=on)
        return await get_kept_rule(session, listing, key, on=on)

    way = way_of(await read("deposit.refund_way"), listing.format if listing else "english")
    return RefundTerms.from_json(await read(f"deposit.refund.{way}"))
