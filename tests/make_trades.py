"""Makers of patents to sell, listings, intents and deals, each brought to its state by the real operations."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import update

from app.accounts.permissions import Role
from app.auction.models import Auction
from app.auction.rules.terms import AuctionTerms
from app.auction.rules.words import write_rules
from app.catalog.models import Patent
from app.catalog.patent_number import check_digit
from app.clock import market_now
from app.payments.queries import get_deposit
from app.trades.admission import confirm_receipt
from app.trades.award import award_auction
from app.trades.intents import declare_intent, qualify_intent
from app.trades.listings import NewListing, create_listing, offer_of, submit_listing
from app.trades.method import Bidding, bidding_of, terms_of
from app.trades.models import Deal, Intent, Listing
from app.trades.publication import publish_listing
from app.trades.reviewing import review_listing
from tests.make_accounts import make_caller
from tests.make_payments import make_line

if TYPE_CHECKING:
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import Session

_numbers = itertools.count(1)
_STATES = ("draft", "in_review", "accepted", "listed")


async def make_patent_of(session: Session, /, owner_id: UUID, **over: Any) -> Patent:
    """An invention of 2020 that this organisation holds; its number is invented and its check digit right."""
    body = f"20201{next(_numbers):07d}"
    columns: dict[str, Any] = {
        "application_no": f"CN{body}.{check_digit(body)}",
        "title": "一种虚构的温控装置",
        "patent_type": "invention",
        "filing_on": date(2020, 3, 2),
        "ipc_main": "G05D23/19",
        "applicant": "虚构机构",
        "owner_organisation_id": owner_id,
        "marks": ["legal_status_unverified"],
        "source": "test",
    }
    patent = Patent(**{**columns, **over})
    session.add(patent)
    await session.flush()
    return patent


async def make_offer(session: Session, /, patent_id: UUID | None, **over: Any) -> NewListing:
    """What a seller fills in: opens in an hour, closes a day later, start price 100,000 yuan, deposit 10,000."""
    now = await market_now(session)
    columns: dict[str, Any] = {
        "patent_id": patent_id,
        "description": "温控装置的发明专利，适用于冷链运输，已有样机。",
        "start_price_fen": 10_000_000,
        "step_fen": 100_000,
        "deposit_fen": 1_000_000,
        "opens_at": now + timedelta(hours=1),
        "closes_at": now + timedelta(hours=25),
        "priority_declared": True,
        "rights_declared": True,
        "secrecy_reviewer": "科研处（虚构）",
        "secrecy_on": date(2026, 1, 5),
        "secrecy_result": "public",
    }
    return NewListing(**{**columns, **over})


async def make_seller(session: Session, /) -> Caller:
    """Somebody who sells for an organisation of his own."""
    return await make_caller(session, Role.SELLER, Role.SIGNATORY)


async def make_buyer(session: Session, /) -> Caller:
    """Somebody who bids for an organisation of his own."""
    return await make_caller(session, Role.BIDDER, Role.SIGNATORY)


async def make_listing(
    session: Session, /, *, status: str = "draft", seller: Caller | None = None, **over: Any
) -> Listing:
    """A listing in one of the states from draft to listed; ``over`` changes the offer."""
    seller = seller or await make_seller(session)
    if "patent_id" not in over:
        over["patent_id"] = (await make_patent_of(session, seller.organisation_id)).id
    listing_id = await create_listing(session, seller, await make_offer(session, **over))
    steps = _STATES.index(status)
    if steps >= 1:
        await submit_listing(session, seller, listing_id)
    if steps >= 2:
        reviewer = await make_caller(session, Role.REVIEWER)
        await review_listing(session, reviewer, listing_id, "accept")
        if steps >= 3:
            await publish_listing(session, reviewer, listing_id)
    await session.flush()
    return await session.get_one(Listing, listing_id, populate_existing=True)


async def make_listed_price(session: Session, /, *, status: str = "listed", **over: Any) -> Listing:
    """A listing at a listed price: its notice ends in half an hour, the competition would open half an hour later."""
    ends_at = await market_now(session) + timedelta(minutes=30)
    columns: dict[str, Any] = {"method": "listed", "notice_ends_at": ends_at}
    return await make_listing(session, status=status, **{**columns, **over})


async def make_negotiated(session: Session, /, *, status: str = "listed", **over: Any) -> Listing:
    """A listing at a negotiated price: nothing of bidding, and an end in a day."""
    nothing: dict[str, Any] = {"step_fen": None, "deposit_fen": None, "opens_at": None}
    return await make_listing(session, status=status, **{"method": "negotiated", **nothing, **over})


def bidding_terms(listing: Listing) -> Bidding:
    """What bidding needs of a listing that has it."""
    return bidding_of(offer_of(listing))


def rules_of(listing: Listing) -> str:
    """The fingerprint of the rules that a buyer of this listing accepts."""
    return str(write_rules(AuctionTerms.from_json(terms_of(offer_of(listing)).as_json()))["sha256"])


async def make_intent(
    session: Session,
    /,
    listing: Listing,
    *,
    status: str = "submitted",
    buyer: Caller | None = None,
    has_priority: bool = False,
) -> Intent:
    """An intent that is submitted, qualified or admitted (at a listed price: paid); ``has_priority``: with a right of first refusal that holds."""
    buyer = buyer or await make_buyer(session)
    intent_id = await declare_intent(
        session, buyer, listing.id, rules_of(listing), claims_priority=has_priority
    )
    if status in {"qualified", "admitted"}:
        reviewer = await make_caller(session, Role.REVIEWER)
        decided = True if has_priority else None
        await qualify_intent(session, reviewer, intent_id, "qualify", has_priority=decided)
    intent = await session.get_one(Intent, intent_id, populate_existing=True)
    if status == "admitted":
        assert intent.deposit_id is not None
        line = await make_line(session, await get_deposit(session, intent.deposit_id))
        await confirm_receipt(session, await make_caller(session, Role.FINANCE), intent.deposit_id, line)
    await session.flush()
    return intent


async def close_sale(
    session: Session,
    /,
    listing: Listing,
    winner: Intent | None,
    price_fen: int | None,
    phase: str = "unsold",
) -> None:
    """Writes on the auction's row what an end writes, without its events: for tests of what follows an end.

    Without a winner the sale ended in ``phase``.
    """
    now = await market_now(session)
    values: dict[str, Any] = {"phase": phase, "closed_at": now, "due_at": None}
    if winner is not None:
        values |= {
            "phase": "sold",
            "price_fen": price_fen,
            "leader_id": winner.buyer_id,
            "leader_code": winner.bidder_code,
            "sequence": 1,
            "reserve_met": True,
        }
    await session.execute(update(Auction).where(Auction.id == listing.auction_id).values(**values))
    # Objects read before would hide the close from this session.
    session.expire_all()
    await session.refresh(listing)


async def make_deal(
    session: Session,
    /,
    *,
    seller: Caller | None = None,
    buyer: Caller | None = None,
    price_fen: int = 12_800_000,
    **over: Any,
) -> Deal:
    """A confirmed deal between two organisations; ``over`` changes the offer."""
    listing = await make_listing(session, status="listed", seller=seller, **over)
    intent = await make_intent(session, listing, status="admitted", buyer=buyer)
    await close_sale(session, listing, intent, price_fen)
    auction_id = listing.auction_id
    await award_auction(session, {"auction_id": str(auction_id)})
    found = await session.execute(Deal.__table__.select().where(Deal.auction_id == auction_id))
    return await session.get_one(Deal, found.one().id)
