"""Sales by network bidding (网络竞价): the hall, the room's snapshot, events, rules in words, and bids by POST."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path, Query, Request, Response

from app.accounts.permissions import Permission
from app.api.auction_wire import EventsOut, SaleStatus, SnapshotOut, event_of, read_snapshot, require_bidder
from app.api.bid_wire import BidAnswerOut, BidIn, answer_again, answer_of, request_of
from app.api.deps import CallerDep, DbDep, LangDep, OptionalCallerDep, PageDep, PageOf, Wire
from app.api.problems import problems
from app.api.routing import Router
from app.auction.desk import Desk
from app.auction.errors import NotAdmitted
from app.auction.queries import (
    find_own_stream,
    get_auction,
    get_bid,
    list_prices,
    list_sales,
    shown_bidders,
)
from app.db import AnySession
from app.events import get_head, list_events

router = Router(prefix="/auctions", tags=["auctions"])
AfterQuery = Annotated[int, Query(ge=0, le=2**53 - 1)]
LimitQuery = Annotated[int, Query(ge=1, le=1000)]
AuctionId = Annotated[UUID, Path(description="竞价场次 / the sale's id")]


class SaleOut(Wire):
    """A sale as the hall lists it."""

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
    start_price_fen: int
    price_fen: int | None
    leader_code: str | None
    bid_count: int
    bidder_count: int | None
    opens_at: datetime
    ends_at: datetime
    extension_count: int
    trigger_seconds: int
    prices_fen: list[int]


class SaleSentencesOut(Wire):
    """The rules in words, in both languages."""

    zh: list[str]
    en: list[str]


class RulesOut(Wire):
    """The trading rules of one sale in words, and the fingerprint that a buyer accepts."""

    sha256: str
    sentences: SaleSentencesOut


async def _read_hall(
    session: AnySession, status: Literal["scheduled", "open", "ended"] | None, page: PageDep
) -> PageOf[SaleOut]:
    rows = await list_sales(session, status=status, after=page.after_moment, limit=page.fetch)
    shown, cursor = page.cut(rows, lambda row: (row.Auction.ends_at, row.Auction.id))
    prices = await list_prices(session, [row.Auction.id for row in shown])
    items = [
        SaleOut(
            id=row.Auction.id,
            listing_id=row.Auction.listing_id,
            listing_no=row.Auction.listing_no,
            title=row.Auction.title,
            seller_name=row.seller_name,
            is_demonstration=row.Auction.is_demonstration,
            format=row.Auction.format,
            direction=row.Auction.direction,
            status=row.Auction.phase,
            stage=row.Auction.stage,
            start_price_fen=row.Auction.terms["start_price_fen"],
            price_fen=row.Auction.price_fen,
            leader_code=row.Auction.leader_code,
            bid_count=row.Auction.sequence,
            bidder_count=shown_bidders(row.Auction, row.bidder_count),
            opens_at=row.Auction.opens_at,
            ends_at=row.Auction.ends_at,
            extension_count=row.Auction.extensions,
            trigger_seconds=row.Auction.terms["trigger_seconds"],
            prices_fen=prices.get(row.Auction.id, []),
        )
        for row in shown
    ]
    return PageOf(items=items, next_cursor=cursor)


@router.get("", operation_id="list_auctions", responses=problems(422))
async def hall(
    db: DbDep, page: PageDep, status: Annotated[Literal["scheduled", "open", "ended"] | None, Query()] = None
) -> PageOf[SaleOut]:
    """Lists sales by their end; open to everybody."""
    return await db.read(_read_hall, status, page)


@router.get("/{auction_id}", operation_id="get_auction", responses=problems(404, 422))
async def snapshot(auction_id: AuctionId, db: DbDep, caller: OptionalCallerDep, lang: LangDep) -> SnapshotOut:
    """Shows a sale as it stands, with the caller's own standing; open to everybody."""
    return await db.read(read_snapshot, auction_id, caller, lang)


@router.get("/{auction_id}/rules", operation_id="get_auction_rules", responses=problems(404, 422))
async def rules(auction_id: AuctionId, db: DbDep) -> RulesOut:
    """Says in words what the engine does in this sale; a buyer accepts their fingerprint."""
    published = (await db.read(get_auction, auction_id)).rules
    sentences = SaleSentencesOut(zh=published["zh"], en=published["en"])
    return RulesOut(sha256=published["sha256"], sentences=sentences)


async def _read_events(session: AnySession, stream_id: UUID, after: int, limit: int) -> EventsOut:
    """One snapshot of a stream: its head, then its events."""
    head = await get_head(session, stream_id)
    found = await list_events(session, stream_id, after, limit)
    return EventsOut(epoch=head.epoch, head=head.number, events=[event_of(event) for event in found])


async def _read_public_events(session: AnySession, auction_id: UUID, after: int, limit: int) -> EventsOut:
    return await _read_events(session, (await get_auction(session, auction_id)).id, after, limit)


async def _read_own_events(
    session: AnySession, auction_id: UUID, party_id: UUID, after: int, limit: int
) -> EventsOut:
    await get_auction(session, auction_id)
    stream_id = await find_own_stream(session, auction_id, party_id)
    if stream_id is None:
        raise NotAdmitted
    return await _read_events(session, stream_id, after, limit)


async def _read_host_events(session: AnySession, auction_id: UUID, after: int, limit: int) -> EventsOut:
    return await _read_events(session, (await get_auction(session, auction_id)).host_stream_id, after, limit)


@router.get("/{auction_id}/events", operation_id="list_auction_events", responses=problems(404, 422))
async def events(
    auction_id: AuctionId,
    db: DbDep,
    after: AfterQuery = 0,
    limit: LimitQuery = 500,
) -> EventsOut:
    """Lists the public events after a number, without a gap; open to everybody."""
    return await db.read(_read_public_events, auction_id, after, limit)


@router.get(
    "/{auction_id}/own-events", operation_id="list_own_auction_events", responses=problems(401, 403, 404, 422)
)
async def own_events(
    auction_id: AuctionId, db: DbDep, caller: CallerDep, after: AfterQuery = 0, limit: LimitQuery = 500
) -> EventsOut:
    """Lists the events of the caller's own stream: what of this sale only its bidder may know."""
    require_bidder(caller)
    return await db.read(_read_own_events, auction_id, caller.organisation_id, after, limit)


@router.get(
    "/{auction_id}/host-events",
    operation_id="list_host_auction_events",
    responses=problems(401, 403, 404, 422),
)
async def host_events(
    auction_id: AuctionId, db: DbDep, caller: CallerDep, after: AfterQuery = 0, limit: LimitQuery = 500
) -> EventsOut:
    """Lists the events of the host's stream, such as refused open bids, under codes; for the host's desk."""
    caller.require(Permission.AUCTION_HOST)
    return await db.read(_read_host_events, auction_id, after, limit)


@router.post(
    "/{auction_id}/bids",
    status_code=201,
    response_model=BidAnswerOut,
    operation_id="place_bid",
    responses=problems(401, 402, 403, 404, 409, 422, 429, 503),
)
async def place_bid(
    auction_id: AuctionId, body: BidIn, caller: CallerDep, db: DbDep, request: Request
) -> Response:
    """Places a bid or another request that the sale offers; answered after its commit.

    The same id with the same payload gets the first answer again.
    """
    received_at: datetime = request.scope["market.received_at"]
    require_bidder(caller)
    await request.app.state.bid_rate.check(caller.organisation_id)
    desk: Desk = request.app.state.desk
    answer = await desk.submit(auction_id, await request_of(db, auction_id, body, caller, received_at))
    # Given again: what was signed with it then is read from the tables.
    told = answer_of(answer) if answer.batch is not None else await db.read(answer_again, answer)
    return Response(told, 201, media_type="application/json")


@router.get(
    "/{auction_id}/bids/{bid_id}",
    response_model=BidAnswerOut,
    operation_id="get_bid",
    responses=problems(401, 402, 403, 404, 409, 422),
)
async def bid_outcome(auction_id: AuctionId, bid_id: UUID, db: DbDep, caller: CallerDep) -> Response:
    """Tells the outcome of an own bid by its id: the receipt, its first refusal, or that it never arrived."""
    require_bidder(caller)
    answer = await db.read(get_bid, auction_id, caller.organisation_id, bid_id)
    if answer.refusal is not None:
        raise answer.refusal
    return Response(await db.read(answer_again, answer), media_type="application/json")
