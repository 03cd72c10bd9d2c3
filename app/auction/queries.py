"""Reading sales: the snapshot that a bid room opens with, lists for the hall, one bid's outcome, the result."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal
from typing import cast as cast_type
from uuid import UUID

import orjson
from sqlalchemy import Text, cast, func, select, true, tuple_
from sqlalchemy.dialects.postgresql import JSONB

from app.accounts.models import Organisation
from app.auction.bidding import Answer, stored_answer
from app.auction.errors import AuctionMissing, BidMissing
from app.auction.models import Admission, Auction, AuctionSecret, BidRow, BidSecret
from app.auction.protocol.heads import SignedHead, Tree
from app.auction.protocol.models import SignedHeadRow
from app.auction.rules.engine import Published, make_game, read_published, unpack_state
from app.auction.rules.formats import FORMATS
from app.auction.rules.game import ENDED, Game, Standing, State
from app.events import EventRow, EventStream
from app.payments.models import Deposit

if TYPE_CHECKING:
    from app.auction.rules.game import Phase
    from app.auction.rules.terms import AuctionTerms
    from app.db import AnySession

HallStatus = Literal["scheduled", "open", "ended"]
# A suspended sale stays among the running ones: it has not ended.
_PHASES = {"scheduled": ("scheduled",), "open": ("open", "suspended"), "ended": ("sold", "unsold", "void")}


_ANSWERED = (
    "bid_id",
    "kind",
    "amount_fen",
    "step",
    "commitment",
    "refusal",
    "stream_id",
    "number",
    "ends_at",
    "received_at",
)


@dataclass(frozen=True)
class AuctionResult:
    """How a sale ended; ``outcome`` is None while it has not."""

    outcome: Literal["sold", "unsold", "void"] | None
    price_fen: int | None
    winner_party_id: UUID | None
    reserve_met: bool | None
    closed_at: datetime | None


@dataclass(frozen=True)
class SaleView:
    """A sale at one number of its public stream.

    ``state.hidden`` is there for the rules to tell each bidder his own; nothing else of it leaves the edge. ``last`` is
    the body of the event that suspended or ended the sale, None while it runs.
    """

    auction: Auction
    published: Published
    game: Game
    state: State
    seller_name: str
    bidder_count: int | None
    epoch: int
    number: int
    head_hash: bytes
    now: datetime
    signed_head: SignedHead | None
    last: dict[str, Any] | None
    last_at: datetime | None

    @property
    def terms(self) -> AuctionTerms:
        """The published terms."""
        return self.published.terms


@dataclass(frozen=True)
class OwnView:
    """What one party is to a sale: its code, its standing, its best accepted open bid, whether it has priority."""

    bidder_code: str | None
    standing: Standing
    my_highest_fen: int | None
    has_priority: bool = False


def _state_of(auction: Auction, published: Published, hidden: str | None) -> State:
    detail, secret = unpack_state(published.format, auction.stage, _read(auction.detail), _read(hidden))
    return State(
        cast_type("Phase", auction.phase),
        auction.ends_at,
        auction.price_fen,
        auction.leader_code,
        auction.sequence,
        auction.extensions,
        auction.reserve_met,
        auction.stage,
        auction.hard_end_at,
        auction.moved_number,
        auction.moved_at,
        detail,
        secret,
    )


def _read(stored: str | None) -> Any:  # noqa: ANN401 - JSON
    return None if stored is None else orjson.loads(stored)


async def get_auction(session: AnySession, auction_id: UUID) -> Auction:
    """Reads one sale; raises AuctionMissing."""
    # A sale is written on the driver alone, which the session does not notice: what it remembers may be old.
    auction = await session.get(Auction, auction_id, populate_existing=True)
    if auction is None:
        raise AuctionMissing(auction_id)
    return auction


def shown_bidders(auction: Auction, count: int) -> int | None:
    """How many are admitted, or None as long as the format tells nobody."""
    is_hidden = FORMATS[auction.format].hides_bidders and auction.phase not in ENDED
    return None if is_hidden else count


async def get_sale_view(session: AnySession, auction_id: UUID) -> SaleView:
    """Reads a sale with its public head in one statement, so that price and number belong together."""
    bidders = select(func.count()).where(Admission.auction_id == Auction.id).scalar_subquery()
    query = (
        select(
            Auction,
            cast(Auction.terms, Text).label("terms_text"),
            Organisation.name,
            bidders,
            EventStream.epoch,
            EventStream.head_number,
            EventStream.head_hash,
            func.market_now(),
            AuctionSecret.hidden,
        )
        .join(EventStream, EventStream.id == Auction.id)
        .join(Organisation, Organisation.id == Auction.seller_id)
        .outerjoin(AuctionSecret, AuctionSecret.auction_id == Auction.id)
        .where(Auction.id == auction_id)
    )
    row = (await session.execute(query, execution_options={"populate_existing": True})).one_or_none()
    if row is None:
        raise AuctionMissing(auction_id)
    auction, terms, seller_name, bidder_count, epoch, number, head_hash, now, hidden = row
    published = read_published(terms)
    last = await _find_last(session, auction) if auction.phase not in ("scheduled", "open") else None
    return SaleView(
        auction,
        published,
        make_game(published, holders=await _find_holders(session, published, auction_id)),
        _state_of(auction, published, hidden),
        seller_name,
        shown_bidders(auction, bidder_count),
        epoch,
        number,
        bytes(head_hash),
        now,
        await find_signed_head(session, auction_id, up_to=number),
        None if last is None else orjson.loads(last.body),
        None if last is None else last.at,
    )


async def _find_holders(session: AnySession, published: Published, auction_id: UUID) -> frozenset[str]:
    """The codes with a right of first refusal, where it is exercised in the field: a match is offered by them."""
    if published.terms.priority != "in_field":
        return frozenset()
    query = select(Admission.code).where(Admission.auction_id == auction_id, Admission.has_priority)
    return frozenset(await session.scalars(query))


async def _find_last(session: AnySession, auction: Auction) -> EventRow | None:
    """The event that suspended or ended a sale; it is among the last ones of its stream."""
    query = (
        select(EventRow)
        .where(EventRow.stream_id == auction.id, EventRow.kind.in_(("auction_suspended", "auction_closed")))
        .order_by(EventRow.number.desc())
        .limit(1)
    )
    return (await session.execute(query)).scalar_one_or_none()


async def find_signed_head(session: AnySession, stream_id: UUID, *, up_to: int) -> SignedHead | None:
    """The newest signed head of a stream that covers nothing behind a number, or None when nothing was signed by then.

    What was signed since the number was read is of no use to whoever has the events up to it only.
    """
    query = (
        select(SignedHeadRow)
        .where(SignedHeadRow.stream_id == stream_id, SignedHeadRow.last <= up_to)
        .order_by(SignedHeadRow.last.desc())
        .limit(1)
    )
    row = (await session.execute(query)).scalar_one_or_none()
    return None if row is None else head_of(row)


def head_of(row: SignedHeadRow) -> SignedHead:
    """The signed head of a row."""
    return SignedHead(
        str(row.stream_id), row.first, row.last, row.hash, row.root, row.at, row.key_id, row.signature
    )


async def find_receipt(session: AnySession, answer: Answer) -> tuple[SignedHead, list[str]] | None:
    """The signed head that covers an answer's event, with the event's path in that batch; None if none was signed."""
    row = (
        await session.execute(
            select(SignedHeadRow)
            .where(SignedHeadRow.stream_id == UUID(answer.stream_id), SignedHeadRow.last >= answer.number)
            .order_by(SignedHeadRow.last)
            .limit(1)
        )
    ).scalar_one_or_none()
    if row is None or row.first > answer.number:
        return None
    hashes = (
        await session.execute(
            select(EventRow.hash)
            .where(EventRow.stream_id == row.stream_id, EventRow.number.between(row.first, row.last))
            .order_by(EventRow.number)
        )
    ).scalars()
    return head_of(row), Tree(list(hashes)).path(answer.number - row.first)


async def get_own_view(
    session: AnySession, auction: Auction, party_id: UUID, *, is_exchange: bool
) -> OwnView:
    """Reads what a party is to a sale, as the judge of a bid would see it."""
    row = (
        await session.execute(
            select(Admission.code, Admission.has_priority, Deposit.status)
            .outerjoin(Deposit, Deposit.id == Admission.deposit_id)
            .where(Admission.auction_id == auction.id, Admission.party_id == party_id)
        )
    ).one_or_none()
    best_of = func.min if auction.direction == "reverse" else func.max
    highest = select(best_of(BidRow.amount_fen)).where(
        BidRow.auction_id == auction.id, BidRow.party_id == party_id, BidRow.refusal.is_(None)
    )
    if is_exchange:
        standing = Standing.EXCHANGE
    elif party_id == auction.seller_id:
        standing = Standing.SELLER
    elif row is None:
        standing = Standing.STRANGER
    elif row.status in ("held", "captured", "released", "forfeited") or auction.terms["deposit_fen"] == 0:
        # After the close a deposit is captured or released; whoever was admitted stays so in the view.
        standing = Standing.ADMITTED
    else:
        standing = Standing.DEPOSIT_DUE
    best = (await session.execute(highest)).scalar_one()
    return OwnView(row.code if row else None, standing, best, bool(row and row.has_priority))


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
        phases = _PHASES[status]
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
    """One own request's outcome by its id; raises AuctionMissing, or BidMissing when it never arrived."""
    auction = await get_auction(session, auction_id)
    query = (
        select(
            *(getattr(BidRow, name) for name in _ANSWERED),
            EventRow.at.label("official_at"),
            EventRow.hash,
            BidSecret.amount_fen.label("secret_fen"),
        )
        .join(EventRow, (EventRow.stream_id == BidRow.stream_id) & (EventRow.number == BidRow.number))
        .outerjoin(
            BidSecret,
            (BidSecret.auction_id == BidRow.auction_id)
            & (BidSecret.party_id == BidRow.party_id)
            & (BidSecret.bid_id == BidRow.bid_id),
        )
        .where(BidRow.auction_id == auction_id, BidRow.party_id == party_id, BidRow.bid_id == bid_id)
    )
    row = (await session.execute(query)).mappings().one_or_none()
    if row is None:
        raise BidMissing(bid_id)
    return stored_answer(row, auction.id, auction.host_stream_id)


async def was_judged(session: AnySession, auction_id: UUID, party_id: UUID, bid_id: UUID) -> bool:
    """Whether a request with this id of a party was judged before; then it has its answer."""
    query = select(BidRow.turn).where(
        BidRow.auction_id == auction_id, BidRow.party_id == party_id, BidRow.bid_id == bid_id
    )
    return (await session.execute(query)).first() is not None


async def find_own_stream(session: AnySession, auction_id: UUID, party_id: UUID) -> UUID | None:
    """The stream on which a party reads what only it may know of a sale; None when it is not admitted."""
    query = select(Admission.stream_id).where(
        Admission.auction_id == auction_id, Admission.party_id == party_id
    )
    return (await session.execute(query)).scalar_one_or_none()


async def get_result(session: AnySession, auction_id: UUID) -> AuctionResult:
    """How a sale ended; raises AuctionMissing."""
    auction = await get_auction(session, auction_id)
    if auction.closed_at is None:
        return AuctionResult(None, None, None, None, None)
    is_sold = auction.phase == "sold"
    return AuctionResult(
        cast_type("Literal['sold', 'unsold', 'void']", auction.phase),
        auction.price_fen if is_sold else None,
        auction.leader_id if is_sold else None,
        auction.reserve_met,
        auction.closed_at,
    )


async def find_auction_of_listing(session: AnySession, listing_id: UUID) -> Auction | None:
    """The sale of a listing, if it has one: of several the last, the others were called off or found nobody."""
    query = select(Auction).where(Auction.listing_id == listing_id).order_by(Auction.id.desc()).limit(1)
    return (await session.execute(query)).scalar_one_or_none()
