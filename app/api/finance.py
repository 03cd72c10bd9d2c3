"""The desk of finance (资金岗): what waits there, and the releases that it asks for and approves."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import Field

from app.accounts.caller import Caller
from app.api.asking import asks
from app.api.deps import CallerDep, DbDep, PageDep, PageOf, Wire
from app.api.problems import problems
from app.api.routing import Router
from app.lists import Asked
from app.settlement.finance_desk import RELEASES, Figure, ReleaseItem, list_releases, read_figures

router = Router(tags=["finance"])


class FigureOut(Wire):
    """How many wait, and how much they come to."""

    count: int = Field(examples=[3])
    sum_fen: int = Field(examples=[24_000_00])


class FinanceOut(Wire):
    """What waits at the desk of finance."""

    incoming_today: FigureOut
    lines_open: FigureOut
    lines_held: FigureOut
    lines_suspected: FigureOut
    paid_open: FigureOut
    releasable: FigureOut
    releases: FigureOut
    refunds_due: FigureOut
    refunds_overdue: FigureOut
    orders_first: FigureOut
    orders_second: FigureOut
    orders_approved: FigureOut
    orders_exported: FigureOut
    payables_due: FigureOut
    payables_overdue: FigureOut


class ReleaseItemOut(Wire):
    """A release from escrow with what it rests on: the document of the recordal, and who asked for it."""

    id: UUID
    settlement_id: UUID
    deal_id: UUID
    deal_no: str = Field(examples=["CJ2026-0001"])
    listing_no: str
    title: str
    seller_name: str
    buyer_name: str
    amount_fen: int
    seller_fen: int
    fee_fen: int
    commission_fen: int
    price_fen: int
    escrow_fen: int
    recordal_no: str | None
    reviewed_at: datetime | None
    status: Literal["requested", "approved", "rejected"]
    requested_at: datetime
    requested_by_name: str
    is_mine: bool = Field(description="是我申请的，须由别人批准 / I asked for it, so another person approves")
    decided_at: datetime | None
    decided_by_name: str | None


def _figure(figure: Figure) -> FigureOut:
    return FigureOut(count=figure.count, sum_fen=figure.sum_fen)


def _release(item: ReleaseItem, caller: Caller) -> ReleaseItemOut:
    release, settlement = item.release, item.settlement
    columns = {name for name in ReleaseItemOut.model_fields if name in release.__table__.columns}
    return ReleaseItemOut(
        **{name: getattr(release, name) for name in columns},
        deal_id=settlement.deal_id,
        deal_no=item.deal_no,
        listing_no=item.listing.listing_no,
        title=item.listing.title,
        seller_name=item.seller_name,
        buyer_name=item.buyer_name,
        price_fen=settlement.price_fen,
        escrow_fen=settlement.received_fen - settlement.released_fen,
        recordal_no=settlement.recordal_no,
        reviewed_at=settlement.reviewed_at,
        requested_by_name=item.requested_by_name,
        is_mine=release.requested_by == caller.person_id,
        decided_by_name=item.decided_by_name,
    )


@router.get("/finance", operation_id="read_finance_desk", responses=problems(401, 403))
async def desk(db: DbDep, caller: CallerDep) -> FinanceOut:
    """Counts and sums what waits at the desk of finance, each of which has its list."""
    figures = await db.read(read_figures, caller)
    return FinanceOut(**{name: _figure(figure) for name, figure in figures.items()})


@router.get("/releases", operation_id="list_releases", responses=problems(401, 403, 422))
async def releases(
    db: DbDep,
    caller: CallerDep,
    page: PageDep,
    asked: Annotated[Asked, asks(RELEASES)],
    status: Annotated[Literal["requested", "approved", "rejected"] | None, Query()] = None,
) -> PageOf[ReleaseItemOut]:
    """Lists releases from escrow, the newest first or as asked."""
    rows = await db.read(list_releases, caller, status=status, asked=asked.at(page.after, page.fetch))
    shown, next_cursor = page.cut(rows, lambda item: RELEASES.key(item, asked))
    return PageOf[ReleaseItemOut](items=[_release(item, caller) for item in shown], next_cursor=next_cursor)
