"""An offer to the next bidder that is accepted while it ends, or answered twice at once: it has one end."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from app.clock import market_now
from app.ids import uuid7
from app.trades import successors
from app.trades.award import award_auction
from app.trades.errors_successors import SuccessorOfferOver
from app.trades.models import Deal, Listing
from app.trades.successor_models import SuccessorOffer
from app.trades.successors import answer_successor_offer, end_successor_offer
from tests.make_successors import confirm_default
from tests.make_trades import close_sale, make_buyer, make_intent, make_listing
from tests.races.meeting import Meeting

if TYPE_CHECKING:
    from collections.abc import Awaitable
    from datetime import datetime
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import AnySession, Database, Session

HOURS = 2
_is_late: ContextVar[bool] = ContextVar("is_late", default=False)


async def clock(session: AnySession) -> datetime:
    """The market's time, or for whoever comes late the time after the offer's end."""
    now = await market_now(session)
    return now + timedelta(hours=HOURS) if _is_late.get() else now


async def late(act: Awaitable[Any]) -> Any:
    """Carries something out as if the offer's end had come."""
    _is_late.set(True)
    return await act


async def asked(session: Session) -> tuple[Caller, UUID]:
    """The second bidder of a sale whose winner defaulted, and the offer that waits for his answer."""
    second = await make_buyer(session)
    listing = await make_listing(session, status="listed")
    winner = await make_intent(session, listing, status="admitted")
    await make_intent(session, listing, status="admitted", buyer=second)
    await close_sale(session, listing, winner, 12_800_000)
    await award_auction(session, {"auction_id": str(listing.auction_id)})
    deal = (await session.execute(select(Deal).where(Deal.listing_id == listing.id))).scalar_one()
    await confirm_default(session, deal.id)
    now = await market_now(session)
    offer = SuccessorOffer(
        id=uuid7(),
        listing_id=listing.id,
        default_deal_id=deal.id,
        seller_id=listing.seller_id,
        bidder_id=second.organisation_id,
        bidder_code="E05",
        price_fen=12_700_000,
        asked_by=second.person_id,
        asked_at=now,
        expires_at=now + timedelta(hours=1),
    )
    session.add(offer)
    await session.flush()
    return second, offer.id


async def read_listing(session: Session, listing_id: UUID) -> Listing:
    """The twin of the lock."""
    return await session.get_one(Listing, listing_id)


async def ends_of(db: Database, offer_id: UUID) -> tuple[str, int]:
    """How the offer ended, and how many deals the listing has."""
    async with db.transaction() as session:
        offer = await session.get_one(SuccessorOffer, offer_id)
        deals = await session.execute(select(Deal.id).where(Deal.listing_id == offer.listing_id))
        return offer.status, len(deals.all())


async def accept_while_it_ends(db: Database, monkeypatch: pytest.MonkeyPatch) -> tuple[list[Any], str, int]:
    second, offer_id = await db.write(asked)
    meeting = Meeting()
    monkeypatch.setattr(successors, "market_now", clock)
    monkeypatch.setattr(successors, "get_deal", meeting.before(successors.get_deal))
    accepting = asyncio.ensure_future(db.write(answer_successor_offer, second, offer_id, accepts=True))
    await meeting.first_arrived.wait()
    ending = late(db.write(end_successor_offer, {"offer_id": str(offer_id)}))
    outcomes = await asyncio.gather(accepting, ending, return_exceptions=True)
    return [each for each in outcomes if isinstance(each, BaseException)], *await ends_of(db, offer_id)


async def answer_twice(db: Database, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    second, offer_id = await db.write(asked)
    meeting = Meeting()
    monkeypatch.setattr(successors, "get_deal", meeting.before(successors.get_deal))
    answers = (db.write(answer_successor_offer, second, offer_id, accepts=each) for each in (True, False))
    outcomes = await asyncio.gather(*answers, return_exceptions=True)
    return [each for each in outcomes if isinstance(each, BaseException)]


async def test_an_acceptance_that_came_in_time_holds_against_the_end(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await accept_while_it_ends(db, monkeypatch) == ([], "accepted", 2)


async def test_the_twin_without_the_lock_lets_the_end_take_the_acceptance_away(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(successors, "lock_listing", read_listing)
    refused, status, deals = await accept_while_it_ends(db, monkeypatch)
    assert [isinstance(each, DBAPIError) for each in refused] == [True]
    # One of the two was stopped by the database alone: there is never a deal of an offer that lapsed.
    assert (status, deals) in {("lapsed", 1), ("accepted", 2)}


async def test_of_two_answers_at_once_one_holds(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    (refused,) = await answer_twice(db, monkeypatch)
    assert isinstance(refused, SuccessorOfferOver)


async def test_the_twin_of_two_answers_is_stopped_only_by_the_database(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(successors, "lock_listing", read_listing)
    (refused,) = await answer_twice(db, monkeypatch)
    assert isinstance(refused, DBAPIError)
