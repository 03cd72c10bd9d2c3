"""What routes and sockets say of a sale: one snapshot, one bid, one answer, the same on both."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from app.accounts.caller import Caller
from app.accounts.permissions import Permission
from app.api.problems import problem_of
from app.api.wire import Wire
from app.auction.bidding import Answer
from app.auction.errors import AuctionNotOpen, AuctionOver, ExchangeMayNotBid
from app.auction.queries import OwnView, SaleView, get_own_view, get_sale_view
from app.auction.rules.english import check_standing, minimum_fen
from app.db import AnySession
from app.errors import Lang, MarketError
from app.chain import Recorded
from app.money import MAX_FEN

Fen = Annotated[int, Field(gt=0, le=MAX_FEN, examples=[130000000])]


class BidIn(Wire):
    """A bid: the id is made by the bidder and is its only idempotency key; the amount is a whole number of fen."""

    bid_id: UUID = Field(examples=["01938c6e-7b1c-7aaa-8b8b-2f4d5e6f7a8b"])
    amount_fen: Fen


class BidAnswerOut(Wire):
    """The receipt of an accepted bid: its event's number and hash on the public stream, and the official time."""

    bid_id: UUID
    ok: Literal[True] = True
    amount_fen: int
    number: int
    hash: str
    epoch: int
    received_at: datetime
    official_at: datetime
    ends_at: datetime


class MyStandingOut(Wire):
    """What the caller is to this sale."""

    bidder_code: str | None
    can_bid: bool
    why_not: dict[str, Any] | None = Field(description="The problem that a bid would get now")
    leading: bool
    deposit_fen: int
    my_highest_fen: int | None


class ResultOut(Wire):
    """How the sale ended."""

    outcome: Literal["sold", "unsold"]
    price_fen: int | None
    winner_code: str | None


class SnapshotOut(Wire):
    """A sale at one number of its public stream."""

    id: UUID
    listing_id: UUID
    listing_no: str
    title: str
    seller_name: str
    is_demonstration: bool
    status: Literal["scheduled", "open", "sold", "unsold"]
    start_price_fen: int
    step_fen: int
    deposit_fen: int
    price_fen: int | None
    leader_code: str | None
    minimum_fen: int
    bid_count: int
    bidder_count: int
    opens_at: datetime
    ends_at: datetime
    hard_end_at: datetime | None
    extension_count: int
    trigger_seconds: int
    extension_seconds: int
    has_reserve: bool
    reserve_met: bool | None
    epoch: int
    number: int
    head_hash: str
    server_time: datetime
    me: MyStandingOut | None
    result: ResultOut | None


class EventOut(Wire):
    """One numbered event; its hash covers the hash before it, the stream, the number, kind, time and body."""

    number: int
    kind: str
    at: str
    body: dict[str, Any]
    hash: str


class EventsOut(Wire):
    """Events after a number, in order; ``head`` is the newest number there is."""

    epoch: int
    head: int
    events: list[EventOut]


async def read_snapshot(
    session: AnySession, auction_id: UUID, caller: Caller | None, lang: Lang
) -> SnapshotOut:
    """Reads a sale as this caller may see it; raises AuctionMissing."""
    view = await get_sale_view(session, auction_id)
    own = None
    if caller is not None:
        own = await get_own_view(
            session, view.auction, caller.organisation_id, is_exchange=caller.is_exchange
        )
    return snapshot_of(view, own, caller, lang)


def snapshot_of(view: SaleView, own: OwnView | None, caller: Caller | None, lang: Lang) -> SnapshotOut:
    """Puts a sale and the caller's standing into the shape that pages read."""
    auction, terms, state = view.auction, view.terms, view.state
    result = None
    if state.phase in ("sold", "unsold"):
        is_sold = state.phase == "sold"
        result = ResultOut(
            outcome="sold" if is_sold else "unsold",
            price_fen=state.price_fen if is_sold else None,
            winner_code=state.leader if is_sold else None,
        )
    me = None if own is None or caller is None else _standing_of(view, own, caller, lang)
    return SnapshotOut(
        id=auction.id,
        listing_id=auction.listing_id,
        listing_no=auction.listing_no,
        title=auction.title,
        seller_name=view.seller_name,
        is_demonstration=auction.is_demonstration,
        status=state.phase,
        start_price_fen=terms.start_price_fen,
        step_fen=terms.step_fen,
        deposit_fen=terms.deposit_fen,
        price_fen=state.price_fen,
        leader_code=state.leader,
        minimum_fen=minimum_fen(terms, state),
        bid_count=state.sequence,
        bidder_count=view.bidder_count,
        opens_at=auction.opens_at,
        ends_at=state.ends_at,
        hard_end_at=auction.hard_end_at,
        extension_count=state.extensions,
        trigger_seconds=terms.trigger_seconds,
        extension_seconds=terms.extension_seconds,
        has_reserve=terms.has_reserve,
        reserve_met=state.reserve_met,
        epoch=view.epoch,
        number=view.number,
        head_hash=view.head_hash.hex(),
        server_time=view.now,
        me=me,
        result=result,
    )


def _standing_of(view: SaleView, own: OwnView, caller: Caller, lang: Lang) -> MyStandingOut:
    why_not: MarketError | None = None
    try:
        require_bidder(caller)
        check_standing(view.terms, own.standing)
        if view.now < view.terms.opens_at:
            raise AuctionNotOpen(view.terms.opens_at)
        if view.state.phase in ("sold", "unsold") or view.now >= view.state.ends_at:
            raise AuctionOver(view.state.ends_at, view.now)
    except MarketError as error:
        why_not = error
    return MyStandingOut(
        bidder_code=own.bidder_code,
        can_bid=why_not is None,
        why_not=None if why_not is None else problem_of(why_not, lang),
        leading=own.bidder_code is not None and own.bidder_code == view.state.leader,
        deposit_fen=view.terms.deposit_fen,
        my_highest_fen=own.my_highest_fen,
    )


def require_bidder(caller: Caller) -> None:
    """Refuses at the edge who can bid nowhere: exchange staff, people without the role, narrow tokens."""
    if caller.is_exchange:
        raise ExchangeMayNotBid
    caller.require(Permission.BID_PLACE)


def answer_of(answer: Answer, epoch: int = 1) -> BidAnswerOut:
    """Puts an accepted bid's answer into the shape that POST and socket share."""
    return BidAnswerOut(
        bid_id=answer.bid_id,
        amount_fen=answer.amount_fen,
        number=answer.number,
        hash=answer.hash.hex(),
        epoch=epoch,
        received_at=answer.received_at,
        official_at=answer.official_at,
        ends_at=answer.ends_at,
    )


def event_of(event: Recorded) -> EventOut:
    """Puts an event into the shape that pages and bundles read."""
    return EventOut(**event.wire())
