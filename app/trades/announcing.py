"""Announcing a listing anew (变更并重新公告): what is disclosed, the price or the times change, and the notice begins again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from app.clock import market_date
from app.trades import rules
from app.trades.bulletins import News, list_bulletins, publish_bulletin, times_of
from app.trades.confirming import promise_end_of_confirming
from app.trades.lifecycle_rules import CHANGEABLE, TIMES, Times, check_changes, check_deadline, notice_length
from app.trades.listings import offer_of
from app.trades.queries import get_board_rules
from app.trades.rescheduling import call_sale_off, put_up_again, require_not_decided
from app.trades.states import ListingAct, next_listing_status
from app.trades.subjects import read_subject, require_fit

if TYPE_CHECKING:
    from datetime import datetime

    from app.accounts.caller import Caller
    from app.auction.protocol.heads import Signer
    from app.auction.sale import Sale
    from app.db import AnySession, Session
    from app.trades.bulletins import Said
    from app.trades.models import Listing


async def plan_change(
    session: AnySession, listing: Listing, changes: dict[str, Any], now: datetime
) -> tuple[dict[str, Any], Times]:
    """What of a listing would really change, and its times with a notice that begins now; writes nothing.

    Times that are left out move with the notice. Raises FrozenAfterPublication, NothingChanged, DeadlineTooEarly and
    the rules' errors. Source: after 120号 article 19 (a change is announced anew and the period counts from there).
    """
    real = check_changes(changes, {name: getattr(listing, name) for name in CHANGEABLE})
    present = times_of(listing)
    earliest = now + await _length(session, listing, present)
    after = present.restarted(earliest)
    if chosen := {name: value for name, value in real.items() if name in TIMES}:
        after = replace(after, **{name: getattr(listing, name) for name in TIMES} | chosen)
        check_deadline(after.deadline_at, earliest)
    real |= {name: value for name, value in after.columns().items() if value != getattr(listing, name)}
    offer = replace(offer_of(listing), **real)
    subject = await read_subject(session, listing)
    today = market_date(now)
    board = await get_board_rules(session, listing.board, on=today)
    rules.check_offer(offer, board, subject.own_words)
    rules.check_opening(offer, now)
    require_fit(subject, offer, today)
    return real, after


async def _length(session: AnySession, listing: Listing, present: Times) -> Any:  # noqa: ANN401 - a timedelta
    """How long the notice was announced to last at first; for a listed price the notice, not the competition after it."""
    bulletins = await list_bulletins(session, listing.id)
    first = bulletins[0].deadline_before if bulletins else present.deadline_at
    if listing.notice_ends_at is not None and not bulletins:
        first = listing.notice_ends_at
    return notice_length(first, listing.published_at or first)


async def announce_change(
    session: Session,
    caller: Caller,
    listing: Listing,
    sale: Sale | None,
    now: datetime,
    changes: dict[str, Any],
    said: Said,
    signer: Signer | None,
) -> None:
    """Announces a listing with its changes; every intent that was given before is to be confirmed by its buyer.

    Needs the sale's and the listing's locks. A sale that was scheduled is called off, and another is scheduled. Raises
    ListingStateForbids, SaleHasOpened, SaleIsOver, DeadlineOver and what ``plan_change`` raises.
    """
    next_listing_status(listing.status, ListingAct.ANNOUNCE)
    require_not_decided(listing, sale, now)
    before = times_of(listing)
    real, after = await plan_change(session, listing, changes, now)
    voided = await call_sale_off(session, listing, sale, said, signer)
    shown = {name: [shown_value(getattr(listing, name)), shown_value(value)] for name, value in real.items()}
    for name, value in real.items():
        setattr(listing, name, value)
    listing.announcement += 1
    listing.version += 1
    if not after.is_in_sale:
        listing.auction_id = None
    await put_up_again(session, listing, after, now)
    await promise_end_of_confirming(session, listing)
    news = News("changed", said, now, before, after, changes=shown, voided_auction_id=voided)
    await publish_bulletin(session, caller, listing, news)


def shown_value(value: object) -> object:
    """A field's value as JSON shows it."""
    return value.isoformat() if hasattr(value, "isoformat") else value
