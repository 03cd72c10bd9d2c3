"""Asking the next bidder (递补征询): after a default the seller offers a new agreement, and the bidder is free to take it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.accounts.permissions import Permission
from app.auction.final_ranking import list_final_bids
from app.auction.queries import get_auction
from app.audit import audit
from app.catalog.queries import lock_patents
from app.chain import instant
from app.clock import market_date, market_now
from app.ids import uuid7
from app.tasks import handles, promise
from app.trades import rules
from app.trades.conflicts import require_may_buy
from app.trades.dealing import conclude, make_deal
from app.trades.defaults import find_default_of, is_same_subject
from app.trades.errors import DealMissing
from app.trades.errors_successors import (
    DealNotDefaulted,
    DealReplacedAlready,
    NotSoldByBidding,
    SubjectListedAnew,
    SuccessorOfferMissing,
    SuccessorOfferOpen,
)
from app.trades.kept_rules import get_kept_rule
from app.trades.models import Deal, Listing
from app.trades.queries import get_deal, lock_listing
from app.trades.states import ListingAct, ListingStatus, next_listing_status
from app.trades.subjects import read_subject
from app.trades.successor_models import SuccessorOffer
from app.trades.successor_queries import get_offer_row, list_deals_of, list_offers_of
from app.trades.successor_rules import (
    OFFER_WORDS,
    SuccessionRules,
    check_announced,
    check_answer,
    check_answer_time,
    next_in_order,
)

if TYPE_CHECKING:
    from datetime import datetime

    from app.accounts.caller import Caller
    from app.auction.final_ranking import FinalBid
    from app.db import AnySession, Session

END_TASK = "end_successor_offer"
RULE = "default.next_bidder"


@dataclass(frozen=True)
class Succession:
    """Who may be asked after a default, at which price, and until when at the latest."""

    deal: Deal
    listing: Listing
    bid: FinalBid
    announced: SuccessionRules


async def get_succession(session: AnySession, caller: Caller, deal_id: UUID) -> Succession:
    """Reads for the seller, by code, whom he may ask after this deal's default. Raises what ``ask_successor`` raises."""
    caller.require(Permission.LISTING_WRITE)
    deal = await _own_deal(session, caller, deal_id)
    listing = await session.get_one(Listing, deal.listing_id)
    return await _next(session, deal, listing, await market_now(session))


async def ask_successor(
    session: Session, caller: Caller, deal_id: UUID, expires_at: datetime, words: str = ""
) -> UUID:
    """Offers the next bidder, at his own last bid, what the winner in default did not take; returns the offer's id.

    His bid has lapsed and binds nobody: this is the seller's offer of a new agreement, which stands until
    ``expires_at`` and is not revoked. Locks the listing, then the patents. Raises NotPermitted, DealMissing for
    strangers, DealReplacedAlready, DealNotDefaulted, NotSoldByBidding, SuccessionNotAnnounced, NobodyNext,
    SuccessorOfferOpen, SubjectListedAnew, AnswerTimeUnfit, TextOutOfRange. 拍卖法 36, 39; 招标条例 55; 民法典 476.
    """
    caller.require(Permission.LISTING_WRITE)
    deal = await _own_deal(session, caller, deal_id)
    listing = await lock_listing(session, deal.listing_id)
    now = await market_now(session)
    found = await _next(session, deal, listing, now)
    check_answer_time(expires_at, now, found.announced)
    await _require_not_listed_anew(session, listing)
    offer = SuccessorOffer(
        id=uuid7(),
        listing_id=listing.id,
        default_deal_id=deal.id,
        seller_id=listing.seller_id,
        bidder_id=found.bid.party_id,
        bidder_code=found.bid.code,
        price_fen=found.bid.amount_fen,
        words=rules.check_reason(words, is_needed=False),
        asked_by=caller.person_id,
        asked_at=now,
        expires_at=expires_at,
    )
    session.add(offer)
    await session.flush()
    await promise(session, END_TASK, {"offer_id": str(offer.id)}, run_at=expires_at, key=str(offer.id))
    await _audit(session, caller, "successor.asked", offer, deal)
    return offer.id


async def answer_successor_offer(session: Session, caller: Caller, offer_id: UUID, *, accepts: bool) -> UUID:
    """Answers as the bidder who was asked: accepted, a new deal takes the place of the one in default; returns the id.

    The new deal goes on as any does, to its contract and settlement, without a deposit: his was released when the
    sale ended. Locks the listing, then the patents. Raises NotPermitted, SuccessorOfferMissing for everybody else,
    SuccessorOfferOver, SuccessorOfferLapsed, SubjectListedAnew and what ``require_may_buy`` raises. 民法典 471, 481, 483.
    """
    caller.require(Permission.INTENT_WRITE)
    found = await get_offer_row(session, offer_id)
    if found.bidder_id != caller.organisation_id:
        raise SuccessorOfferMissing
    listing = await lock_listing(session, found.listing_id)
    offer = await get_offer_row(session, offer_id)
    # Read after the lock: an answer that waited is judged by when it was let in.
    now = await market_now(session)
    check_answer(offer.status, offer.expires_at, now)
    defaulted = await get_deal(session, offer.default_deal_id)
    if accepts:
        await require_may_buy(session, listing, [offer.bidder_id])
        await _require_not_listed_anew(session, listing)
        offer.deal_id = await _agree_anew(session, listing, offer, defaulted, now)
    offer.status = "accepted" if accepts else "declined"
    offer.answered_by, offer.ended_at = caller.person_id, now
    await session.flush()
    await _audit(session, caller, f"successor.{offer.status}", offer, defaulted)
    return offer.id


@handles(END_TASK)
async def end_successor_offer(session: Session, payload: dict[str, Any]) -> None:
    """Ends an offer that nobody answered in time; a second run, or one after the answer, does nothing.

    Locks the listing. Source: 民法典 article 481.
    """
    found = await get_offer_row(session, UUID(payload["offer_id"]))
    await lock_listing(session, found.listing_id)
    offer = await get_offer_row(session, found.id)
    now = await market_now(session)
    if offer.status != "open" or now < offer.expires_at:
        return
    offer.status, offer.ended_at = "lapsed", now
    await session.flush()
    await _audit(session, None, "successor.lapsed", offer, await get_deal(session, offer.default_deal_id))


async def _own_deal(session: AnySession, caller: Caller, deal_id: UUID) -> Deal:
    deal = await get_deal(session, deal_id)
    if deal.seller_id != caller.organisation_id:
        raise DealMissing
    return deal


async def _next(session: AnySession, deal: Deal, listing: Listing, now: datetime) -> Succession:
    """Whose turn it is after a deal in default; raises what keeps anybody from being asked."""
    deals = await list_deals_of(session, listing.id)
    if deals[-1].id != deal.id:
        raise DealReplacedAlready(deals[-1].deal_no)
    default = await find_default_of(session, deal.id)
    if default is None or default.status != "confirmed":
        raise DealNotDefaulted
    if listing.auction_id is None or listing.demand_id is not None:
        raise NotSoldByBidding
    announced = SuccessionRules.from_json(await get_kept_rule(session, listing, RULE, on=market_date(now)))
    check_announced(announced)
    offers = await list_offers_of(session, listing.id)
    for offer in offers:
        if offer.status == "open":
            raise SuccessorOfferOpen(offer.expires_at)
    auction = await get_auction(session, listing.auction_id)
    bid = next_in_order(
        await list_final_bids(session, auction.id),
        gone={each.buyer_id for each in deals},
        asked={each.bidder_id for each in offers},
        format_name=auction.format,
    )
    return Succession(deal, listing, bid, announced)


async def _require_not_listed_anew(session: Session, listing: Listing) -> None:
    """Raises SubjectListedAnew while the patent or package is listed again. Takes the patents' row locks by id."""
    subject = await read_subject(session, listing)
    await lock_patents(session, [patent.id for patent in subject.patents])
    query = (
        select(Listing.listing_no)
        .where(
            Listing.id != listing.id,
            Listing.seller_id == listing.seller_id,
            Listing.created_at > listing.created_at,
            is_same_subject(listing),
            Listing.status.not_in((ListingStatus.UNSOLD, ListingStatus.TERMINATED)),
        )
        .limit(1)
    )
    listing_no = (await session.execute(query)).scalar_one_or_none()
    if listing_no is not None:
        raise SubjectListedAnew(listing_no)


async def _agree_anew(
    session: Session, listing: Listing, offer: SuccessorOffer, defaulted: Deal, now: datetime
) -> UUID:
    agreed = {
        "replaces_deal_no": defaulted.deal_no,
        "offer_id": str(offer.id),
        "bidder_code": offer.bidder_code,
        "price_fen": offer.price_fen,
        "asked_at": instant(offer.asked_at),
        "expires_at": instant(offer.expires_at),
        "accepted_at": instant(now),
        "words": offer.words,
    }
    concluded = await conclude(
        session, listing, offer.bidder_id, offer.price_fen, closed_at=now, agreed=agreed
    )
    made = await make_deal(session, concluded, replaces_id=defaulted.id)
    listing.status = next_listing_status(listing.status, ListingAct.SELL)
    try:
        await session.flush()
    except IntegrityError as error:
        # What was listed anew as a part of something else is found by the index alone.
        if "_patent" not in str(error.orig):
            raise
        raise SubjectListedAnew(listing.listing_no) from error
    return made.id


async def _audit(
    session: Session, caller: Caller | None, action: str, offer: SuccessorOffer, defaulted: Deal
) -> None:
    detail = {
        "deal_no": defaulted.deal_no,
        "bidder_code": offer.bidder_code,
        "price_fen": offer.price_fen,
        "status": OFFER_WORDS[offer.status][1],
    }
    await audit(session, caller, action, subject_kind="successor_offer", subject_id=offer.id, detail=detail)
