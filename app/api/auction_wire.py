"""What routes and sockets say of a sale: one snapshot, one bid, one answer, the same on both."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from app.accounts.caller import Caller
from app.accounts.permissions import Permission
from app.api.problems import problem_of
from app.api.wire import Wire
from app.auction.errors import AuctionNotOpen, AuctionOver, AuctionSuspended, ExchangeMayNotBid
from app.auction.protocol.heads import SignedHead
from app.auction.queries import OwnView, SaleView, get_own_view, get_sale_view
from app.auction.rules.engine import pack_state
from app.auction.rules.game import ENDED, PRIORITY_STAGE, Kind, Offer, check_standing
from app.chain import Recorded
from app.db import AnySession
from app.errors import Lang, MarketError

SaleStatus = Literal["scheduled", "open", "suspended", "sold", "unsold", "void"]


class SignedHeadOut(Wire):
    """What the exchange signed for one batch: events first to last of a stream, the head's hash, the tree's root."""

    stream: UUID
    first: int
    last: int
    hash: str
    root: str
    at: str
    key_id: str
    signature: str


class MyStandingOut(Wire):
    """What the caller is to this sale."""

    bidder_code: str | None
    can_bid: bool
    why_not: dict[str, Any] | None = Field(description="The problem that a bid would get now")
    leading: bool
    deposit_fen: int
    my_highest_fen: int | None
    has_priority: bool
    own: dict[str, Any] = Field(description="What only you may know, such as your maximum")


class OfferOut(Wire):
    """What may be done now: kinds of request, the lowest (reverse: highest) amount, amounts for one press."""

    kinds: list[str]
    limit_fen: int | None
    amounts_fen: list[int]


class SuspensionOut(Wire):
    """Why the sale stands still, and since when."""

    reason_zh: str
    reason_en: str
    at: datetime


class ResultOut(Wire):
    """How the sale ended; ``record`` is the body of the closing event, with what the format adds to it."""

    outcome: Literal["sold", "unsold", "void"]
    reason: str | None
    price_fen: int | None
    winner_code: str | None
    record: dict[str, Any]


class SnapshotOut(Wire):
    """A sale at one number of its public stream."""

    id: UUID
    listing_id: UUID
    listing_no: str
    title: str
    seller_name: str
    is_demonstration: bool
    format: str
    direction: Literal["forward", "reverse"]
    status: SaleStatus
    stage: str
    options: dict[str, Any]
    detail: dict[str, Any] | None
    start_price_fen: int
    step_fen: int
    deposit_fen: int
    price_fen: int | None
    leader_code: str | None
    offer: OfferOut
    min_bidders: int
    priority: Literal["none", "in_field", "post"]
    priority_seconds: int
    bid_count: int
    bidder_count: int | None
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
    signed_head: SignedHeadOut | None
    server_time: datetime
    suspension: SuspensionOut | None
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
    offer = _offer_of(view, own)
    return SnapshotOut(
        id=auction.id,
        listing_id=auction.listing_id,
        listing_no=auction.listing_no,
        title=auction.title,
        seller_name=view.seller_name,
        is_demonstration=auction.is_demonstration,
        format=terms.format,
        direction=terms.direction,
        status=state.phase,
        stage=state.stage,
        options=dict(terms.options),
        detail=_as_dict(pack_state(view.published.format, state)[0]),
        start_price_fen=terms.start_price_fen,
        step_fen=terms.step_fen,
        deposit_fen=terms.deposit_fen,
        price_fen=state.price_fen,
        leader_code=state.leader,
        offer=OfferOut(
            kinds=list(offer.kinds), limit_fen=offer.limit_fen, amounts_fen=list(offer.amounts_fen)
        ),
        min_bidders=terms.min_bidders,
        priority=terms.priority,
        priority_seconds=terms.priority_seconds,
        bid_count=state.sequence,
        bidder_count=view.bidder_count,
        opens_at=auction.opens_at,
        ends_at=state.ends_at,
        hard_end_at=state.hard_end_at,
        extension_count=state.extensions,
        trigger_seconds=terms.trigger_seconds,
        extension_seconds=terms.extension_seconds,
        has_reserve=terms.has_reserve,
        reserve_met=state.reserve_met,
        epoch=view.epoch,
        number=view.number,
        head_hash=view.head_hash.hex(),
        signed_head=head_out(view.signed_head),
        server_time=view.now,
        suspension=_suspension_of(view),
        me=None if own is None or caller is None else _standing_of(view, own, offer, caller, lang),
        result=_result_of(view),
    )


def _as_dict(detail: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if detail is None else dict(detail)


def head_out(head: SignedHead | None) -> SignedHeadOut | None:
    """Puts a signed head into the shape that answers and snapshots share."""
    return None if head is None else SignedHeadOut(**head.wire())


def _offer_of(view: SaleView, own: OwnView | None) -> Offer:
    """What may be done now, with what only this bidder may know; nothing while the clock stands still."""
    state, bidder = view.state, None if own is None else own.bidder_code
    if state.phase == "open" and state.stage == PRIORITY_STAGE:
        may = own is not None and own.has_priority
        return Offer((Kind.MATCH, Kind.WAIVE) if may else (), state.price_fen)
    if state.phase == "scheduled":
        opened = view.published.format.open(view.game, state)
        return view.published.format.offer(view.game, opened, bidder, view.now)
    if state.phase not in ("open", "suspended") or state.stage == PRIORITY_STAGE:
        return Offer()
    offer = view.published.format.offer(view.game, state, bidder, view.now)
    # While the clock stands still nothing may be done, but an envelope or a maximum still stands.
    return offer if state.phase == "open" else Offer(own=offer.own)


def _suspension_of(view: SaleView) -> SuspensionOut | None:
    if view.state.phase != "suspended" or view.last is None or view.last_at is None:
        return None
    return SuspensionOut(reason_zh=view.last["reason_zh"], reason_en=view.last["reason_en"], at=view.last_at)


def _result_of(view: SaleView) -> ResultOut | None:
    phase, last = view.state.phase, view.last
    if phase not in ENDED or last is None:
        return None
    is_sold = phase == "sold"
    return ResultOut(
        outcome="sold" if is_sold else "void" if phase == "void" else "unsold",
        reason=last["reason"],
        price_fen=view.state.price_fen if is_sold else None,
        winner_code=view.state.leader if is_sold else None,
        record=last,
    )


def _standing_of(view: SaleView, own: OwnView, offer: Offer, caller: Caller, lang: Lang) -> MyStandingOut:
    why_not: MarketError | None = None
    state = view.state
    try:
        require_bidder(caller)
        check_standing(view.terms, own.standing)
        if view.now < view.terms.opens_at:
            raise AuctionNotOpen(view.terms.opens_at)
        if state.phase == "suspended":
            raise AuctionSuspended
        if state.phase in ENDED or view.now >= state.ends_at:
            raise AuctionOver(state.ends_at, view.now)
    except MarketError as error:
        why_not = error
    return MyStandingOut(
        bidder_code=own.bidder_code,
        can_bid=why_not is None,
        why_not=None if why_not is None else problem_of(why_not, lang),
        leading=own.bidder_code is not None and own.bidder_code == state.leader,
        deposit_fen=view.terms.deposit_fen,
        my_highest_fen=own.my_highest_fen,
        has_priority=own.has_priority,
        own=dict(offer.own),
    )


def require_bidder(caller: Caller) -> None:
    """Refuses at the edge who can bid nowhere: exchange staff, people without the role, narrow tokens."""
    if caller.is_exchange:
        raise ExchangeMayNotBid
    caller.require(Permission.BID_PLACE)


def event_of(event: Recorded) -> EventOut:
    """Puts an event into the shape that pages and bundles read."""
    return EventOut(**event.wire())
