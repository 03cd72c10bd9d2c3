"""What waits before a deal: listings, notices, negotiations, intents and deposits."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, func, select, true

from app.accounts.models import Organisation
from app.auction.models import Auction
from app.desks.stages import Side, Waiting
from app.money import yuan
from app.payments.card_models import CardPayment
from app.payments.models import Deposit
from app.trades.models import Intent, Listing, ListingReview
from app.trades.notice_models import NoticeObjection, PublicNotice
from app.trades.notice_rules import NoticeStatus
from app.trades.regimes import needs_notice
from app.trades.room_models import NegotiationOffer, NegotiationRoom
from app.trades.states import IntentStatus, ListingStatus

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any
    from uuid import UUID

    from sqlalchemy.orm import InstrumentedAttribute

    from app.db import AnySession

_LISTING_KINDS = {
    ListingStatus.DRAFT: ("listing_draft", Side.SELLER),
    ListingStatus.RETURNED: ("listing_returned", Side.SELLER),
    ListingStatus.IN_REVIEW: ("listing_to_review", Side.EXCHANGE),
    ListingStatus.ACCEPTED: ("listing_to_publish", Side.EXCHANGE),
}
_NOTICE_KINDS = {
    NoticeStatus.DRAFT: "notice_draft",
    NoticeStatus.RUNNING: "notice_running",
    NoticeStatus.SUSPENDED: "objection_open",
}
_Agreed = tuple[NegotiationRoom, NegotiationOffer, Listing, str | None]
_Paying = tuple[Deposit, Listing, datetime | None, datetime | None]


def of_party(column: InstrumentedAttribute[UUID], party_id: UUID | None) -> ColumnElement[bool]:
    """The rows of one party, or of all."""
    return true() if party_id is None else column == party_id


def about(listing: Listing, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - texts and numbers
    """What the sentences name of a listing."""
    return {"id": str(listing.id), "no": listing.listing_no, "title": listing.title, **more}


async def waiting_listings(session: AnySession, party_id: UUID | None) -> list[Waiting]:
    """Drafts and returned listings wait for their seller; what is to be reviewed or published, for the desk."""
    reason = (
        select(ListingReview.reason)
        .where(ListingReview.listing_id == Listing.id)
        .order_by(ListingReview.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = select(Listing, reason).where(
        Listing.status.in_(_LISTING_KINDS), of_party(Listing.seller_id, party_id)
    )
    found: list[Waiting] = []
    for listing, said in await session.execute(query):
        kind, side = _LISTING_KINDS[ListingStatus(listing.status)]
        owner = listing.seller_id if side is Side.SELLER else None
        since = listing.submitted_at or listing.created_at
        found.append(Waiting(kind, side, owner, listing.id, since, members=about(listing, reason=said or "")))
    return found


async def waiting_notices(session: AnySession, party_id: UUID | None) -> list[Waiting]:
    """Notices to publish, notices that run to their end, and open objections, which wait for the desk as well."""
    open_ones = (
        select(func.count(NoticeObjection.id))
        .where(NoticeObjection.notice_id == PublicNotice.id, NoticeObjection.decision.is_(None))
        .scalar_subquery()
    )
    query = (
        select(PublicNotice, Listing, open_ones)
        .join(Listing, Listing.id == PublicNotice.listing_id)
        .where(PublicNotice.status.in_(_NOTICE_KINDS), of_party(PublicNotice.seller_id, party_id))
    )
    found: list[Waiting] = []
    for notice, listing, count in await session.execute(query):
        members = about(listing, count=count) | {"id": str(notice.id), "no": notice.notice_no}
        kind = _NOTICE_KINDS[NoticeStatus(notice.status)]
        since = notice.published_at or notice.created_at
        found.append(
            Waiting(
                kind,
                Side.SELLER,
                notice.seller_id,
                notice.id,
                since,
                notice.ends_at,
                notice.price_fen,
                members,
            )
        )
        if kind == "objection_open":
            found.append(
                Waiting("objection_to_record", Side.EXCHANGE, None, notice.id, since, members=members)
            )
    return found


async def waiting_offers(session: AnySession, party_id: UUID | None) -> list[Waiting]:
    """Offers that wait for the other side's answer until they lapse."""
    query = (
        select(NegotiationOffer, NegotiationRoom, Listing)
        .join(NegotiationRoom, NegotiationRoom.id == NegotiationOffer.room_id)
        .join(Listing, Listing.id == NegotiationRoom.listing_id)
        .where(
            NegotiationOffer.status == "open",
            NegotiationOffer.valid_until > func.market_now(),
            NegotiationRoom.status == "open",
            of_party(NegotiationRoom.seller_id, party_id) | of_party(NegotiationRoom.buyer_id, party_id),
        )
    )
    found: list[Waiting] = []
    for offer, room, listing in await session.execute(query):
        answers = Side.BUYER if offer.side == Side.SELLER else Side.SELLER
        who = room.buyer_id if answers is Side.BUYER else room.seller_id
        members = about(listing, amount=yuan(offer.price_fen)) | {"id": str(room.id)}
        found.append(
            Waiting(
                f"offer_to_{answers}",
                answers,
                who,
                offer.id,
                offer.made_at,
                offer.valid_until,
                offer.price_fen,
                members,
            )
        )
    return found


async def waiting_agreements(session: AnySession, party_id: UUID | None) -> list[Waiting]:
    """What was agreed and is no deal yet: a notice that is asked for first, or the confirmation by either side."""
    accepted = and_(NegotiationOffer.room_id == NegotiationRoom.id, NegotiationOffer.status == "accepted")
    live = and_(
        PublicNotice.listing_id == Listing.id,
        PublicNotice.status.in_([*_NOTICE_KINDS, NoticeStatus.COMPLETED]),
    )
    query = (
        select(NegotiationRoom, NegotiationOffer, Listing, PublicNotice.status)
        .join(NegotiationOffer, accepted)
        .join(Listing, Listing.id == NegotiationRoom.listing_id)
        .outerjoin(PublicNotice, live)
        .where(
            NegotiationRoom.status == "agreed",
            NegotiationRoom.deal_id.is_(None),
            Listing.status == ListingStatus.LISTED,
            of_party(NegotiationRoom.seller_id, party_id) | of_party(NegotiationRoom.buyer_id, party_id),
        )
    )
    rows: Sequence[_Agreed] = (await session.execute(query)).all()
    found: list[Waiting] = []
    for room, offer, listing, notice_status in rows:
        since = offer.ended_at or offer.made_at
        members = about(listing, amount=yuan(offer.price_fen))
        if notice_status is None and await needs_notice(session, listing, listing.method):
            found.append(
                Waiting(
                    "notice_wanted",
                    Side.SELLER,
                    room.seller_id,
                    room.id,
                    since,
                    amount_fen=offer.price_fen,
                    members=members,
                )
            )
        elif notice_status in (None, NoticeStatus.COMPLETED):
            members |= {"id": str(room.id)}
            found += [
                Waiting(f"agreement_of_{side}", side, who, room.id, since, None, offer.price_fen, members)
                for side, who in ((Side.SELLER, room.seller_id), (Side.BUYER, room.buyer_id))
            ]
    return found


async def waiting_intents(session: AnySession, party_id: UUID | None) -> list[Waiting]:
    """Intents that the desk is to qualify, while there is time to pay the deposit."""
    query = (
        select(Intent, Listing, Organisation.name, Auction.ends_at)
        .join(Listing, Listing.id == Intent.listing_id)
        .join(Organisation, Organisation.id == Intent.buyer_id)
        .outerjoin(Auction, Auction.id == Listing.auction_id)
        .where(
            of_party(Intent.buyer_id, party_id),
            Listing.status == ListingStatus.LISTED,
            Intent.status == IntentStatus.SUBMITTED,
        )
    )
    rows: Sequence[tuple[Intent, Listing, str, datetime | None]] = (await session.execute(query)).all()
    return [
        Waiting(
            "intent_to_qualify",
            Side.EXCHANGE,
            None,
            intent.id,
            intent.created_at,
            _until(listing, ends_at),
            members=about(listing, party=party) | {"id": str(intent.id)},
        )
        for intent, listing, party, ends_at in rows
    ]


async def waiting_deposits(session: AnySession, party_id: UUID | None) -> list[Waiting]:
    """Deposits to pay, and holds on cards that lapse before the sale is over."""
    held = and_(CardPayment.deposit_id == Deposit.id, CardPayment.is_deposit, CardPayment.stage == "held")
    query = (
        select(Deposit, Listing, Auction.ends_at, CardPayment.hold_ends_at)
        .join(Intent, Intent.deposit_id == Deposit.id)
        .join(Listing, Listing.id == Intent.listing_id)
        .outerjoin(Auction, Auction.id == Listing.auction_id)
        .outerjoin(CardPayment, held)
        .where(
            of_party(Intent.buyer_id, party_id),
            Listing.status == ListingStatus.LISTED,
            (Deposit.status == "due") | CardPayment.hold_ends_at.is_not(None),
        )
    )
    rows: Sequence[_Paying] = (await session.execute(query)).all()
    found: list[Waiting] = []
    for deposit, listing, ends_at, hold_ends_at in rows:
        kind = "deposit_due" if deposit.status == "due" else "hold_lapsing"
        due_at = hold_ends_at if kind == "hold_lapsing" else _until(listing, ends_at)
        amount, since = deposit.amount_fen, deposit.created_at
        members = about(listing, amount=yuan(amount))
        found.append(Waiting(kind, Side.BUYER, deposit.party_id, deposit.id, since, due_at, amount, members))
    return found


def _until(listing: Listing, ends_at: datetime | None) -> datetime:
    """Until when somebody can still come in: a notice's end, or the end of the bidding."""
    return listing.notice_ends_at or ends_at or listing.closes_at
