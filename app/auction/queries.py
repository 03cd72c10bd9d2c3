"""Reading sales: the snapshot that a bid room opens with, lists for the hall, one bid's outcome, the result."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal
from typing import cast as cast_type
from uuid import UUID

from sqlalchemy import cast, func, select, true, tuple_
from sqlalchemy.dialects.postgresql import JSONB

from app.accounts.models import Organisation
from app.auction.bidding import Answer, stored_answer
from app.auction.errors import AuctionMissing, BidMissing
from app.auction.models import Admission, Auction, BidRow
from app.auction.rules.english import Standing, State
from app.auction.rules.terms import AuctionTerms
from app.events import EventRow, EventStream
from app.payments.models import Deposit

if TYPE_CHECKING:
    from app.auction.rules.english import Phase
    from app.db import AnySession

HallStatus = Literal["scheduled", "open", "ended"]


@dataclass(frozen=True)
class AuctionResult:
    """How a sale ended; ``outcome`` is None while it has not."""

    outcome: Literal["sold", "unsold"] | None
    price_fen: int | None
    winner_party_id: UUID | None
    reserve_met: bool | None
    closed_at: datetime | None


@dataclass(frozen=True)
class SaleView:
    """A sale as everybody may see it, at one number of its public stream."""

    auction: Auction
    terms: AuctionTerms
    state: State
    seller_name: str
    bidder_count: int
    epoch: int
    number: int
    head_hash: bytes
    now: datetime


@dataclass(frozen=True)
class OwnView:
    """What one party is to a sale: its code, its standing, its highest accepted bid."""

    bidder_code: str | None
    standing: Standing
    my_highest_fen: int | None


def _state_of(auction: Auction) -> State:
    return State(
        cast_type("Phase", auction.phase),
        auction.ends_at,
        auction.price_fen,
        auction.leader_code,
        auction.sequence,
        auction.extensions,
        auction.reserve_met,
    )


async def get_auction(session: AnySession, auction_id: UUID) -> Auction:
    """Reads one sale; raises AuctionMissing."""
    auction = await session.get(Auction, auction_id)
    if auction is None:
        raise AuctionMissing(auction_id)
    return auction


async def get_sale_view(session: AnySession, auction_id: UUID) -> SaleView:
    """Reads a sale with its public head in one statement, so that price and number belong together."""
    bidders = select(func.count()).where(Admission.auction_id == Auction.id).scalar_subquery()
    query = (
        select(
            Auction,
            Organisation.name,
            bidders,
            EventStream.epoch,
            EventStream.head_number,
            EventStream.head_hash,
            func.market_now(),
        )
        .join(EventStream, EventStream.id == Auction.id)
        .join(Organisation, Organisation.id == Auction.seller_id)
        .where(Auction.id == auction_id)
    )
    row = (await session.execute(query)).one_or_none()
    if row is None:
        raise AuctionMissing(auction_id)
    auction, seller_name, bidder_count, epoch, number, head_hash, now = row
    terms = AuctionTerms.from_json(auction.terms)
    return SaleView(
        auction, terms, _state_of(auction), seller_name, bidder_count, epoch, number, bytes(head_hash), now
    )


async def get_own_view(
    session: AnySession, auction: Auction, party_id: UUID, *, is_exchange: bool
) -> OwnView:
    """Reads what a party is to a sale, as the judge of a bid would see it."""
    row = (
        await session.execute(
            select(Admission.code, Deposit.status)
            .outerjoin(Deposit, Deposit.id == Admission.deposit_id)
            .where(Admission.auction_id == auction.id, Admission.party_id == party_id)
        )
    ).one_or_none()
    highest = select(func.max(BidRow.amount_fen)).where(
        BidRow.auction_id == auction.id, BidRow.party_id == party_id, BidRow.is_accepted
    )
    if is_exchange:
        standing = Standing.EXCHANGE
    elif party_id == auction.seller_id:
        standing = Standing.SELLER
    elif row is None:
        standing = Standing.STRANGER
    elif row.status in ("held", "captured", "released") or auction.terms["deposit_fen"] == 0:
        # After the close a deposit is captured or released; whoever was admitted stays so in the view.
        standing = Standing.ADMITTED
    else:
        standing = Standing.DEPOSIT_DUE
    return OwnView(row.code if row else None, standing, (await session.execute(highest)).scalar_one())


async def find_sale_end(session: AnySession, auction_id: UUID) -> tuple[datetime, datetime] | None:
    """The market's time and where a sale's end lies now: what a tick on a socket tells."""
    row = (
        await session.execute(select(func.market_now(), Auction.ends_at).where(Auction.id == auction_id))
    ).one_or_none()
    return None if row is None else (row[0], row[1])


async def list_sales(
    session: AnySession, *, status: HallStatus | None, after: tuple[datetime, UUID] | None, limit: int
) -> list[Any]:
    """Lists sales by their end, the soonest first (ended ones: the latest first), paged by key."""
    bidders = select(func.count()).where(Admission.auction_id == Auction.id).scalar_subquery()
    query = select(Auction, Organisation.name.label("seller_name"), bidders.label("bidder_count")).join(
        Organisation, Organisation.id == Auction.seller_id
    )
    is_ended = status == "ended"
    if status is not None:
        phases = ("sold", "unsold") if is_ended else (status,)
        query = query.where(Auction.phase.in_(phases))
    key = (Auction.ends_at, Auction.id)
    if after is not None:
        pair, here = tuple_(*key), tuple_(*after)
        query = query.where(pair < here if is_ended else pair > here)
    order = [column.desc() for column in key] if is_ended else list(key)
    return list((await session.execute(query.order_by(*order).limit(limit))).all())


async def list_prices(session: AnySession, auction_ids: list[UUID], limit: int = 60) -> dict[UUID, list[int]]:
    """The last accepted amounts of sales in their order, for the small price lines of the hall."""
    # Each stream is read from its end: a hot sale has more events than a guest's page may cost to read.
    last = (
        select(EventRow.number, EventRow.body)
        .where(EventRow.stream_id == Auction.id, EventRow.kind == "bid_accepted")
        .order_by(EventRow.number.desc())
        .limit(limit)
        .lateral()
    )
    amount = cast(last.c.body, JSONB)["amount_fen"].as_integer()
    query = (
        select(Auction.id, amount)
        .join(last, true())
        .where(Auction.id.in_(auction_ids))
        .order_by(last.c.number)
    )
    prices: dict[UUID, list[int]] = {}
    for stream_id, value in (await session.execute(query)).all():
        prices.setdefault(stream_id, []).append(value)
    return prices


async def get_bid(session: AnySession, auction_id: UUID, party_id: UUID, bid_id: UUID) -> Answer:
    """One own bid's outcome by its id; raises BidMissing when it never arrived."""
    row = await session.get(BidRow, (auction_id, party_id, bid_id))
    if row is None:
        raise BidMissing(bid_id)
    return stored_answer(vars(row))


async def get_result(session: AnySession, auction_id: UUID) -> AuctionResult:
    """How a sale ended; raises AuctionMissing."""
    auction = await get_auction(session, auction_id)
    if auction.closed_at is None:
        return AuctionResult(None, None, None, None, None)
    is_sold = auction.phase == "sold"
    return AuctionResult(
        "sold" if is_sold else "unsold",
        auction.price_fen if is_sold else None,
        auction.leader_id if is_sold else None,
        auction.reserve_met,
        auction.closed_at,
    )


async def find_auction_of_listing(session: AnySession, listing_id: UUID) -> Auction | None:
    """The sale of a listing, if it has one."""
    return (
        await session.execute(select(Auction).where(Auction.listing_id == listing_id))
    ).scalar_one_or_none()
