"""Deals (成交) with their confirmation (成交确认书), for the two sides and the desks."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Path, Query
from pydantic import Field

from app.accounts.caller import Caller
from app.api.asking import asks
from app.api.deps import CallerDep, DbDep, PageDep, PageOf, Wire
from app.api.patents import PatentOut
from app.api.problems import problems
from app.api.routing import Router
from app.lists import Asked
from app.money import capital
from app.trades.list_shapes import DEALS
from app.trades.queries import DealView, get_deal_view, list_deals

router = Router(prefix="/deals", tags=["deals"])
DealId = Annotated[UUID, Path(description="成交 / the deal's id")]


class DealListingOut(Wire):
    """The listing that was sold."""

    id: UUID
    listing_no: str = Field(examples=["T2026-0001"])
    title: str
    is_demonstration: bool


class SideOut(Wire):
    """A side of the deal by its real name."""

    id: UUID
    name: str
    kind: str


class DealOut(Wire):
    """A deal; ``confirmation_sha256`` is over ``confirmation`` with sorted keys and no blanks, in UTF-8."""

    id: UUID
    deal_no: str = Field(examples=["CJ2026-0001"])
    listing: DealListingOut
    method: Literal["auction", "listed", "negotiated"] = Field(
        description="交易方式 / how the buyer was found"
    )
    rights: Literal["assignment", "exclusive", "sole", "ordinary"]
    auction_id: UUID | None = Field(description="没有竞价的为 null / null where nobody bid")
    patent: PatentOut
    seller: SideOut
    buyer: SideOut
    my_side: Literal["seller", "buyer"] | None
    price_fen: int
    price_capital: str = Field(examples=["人民币壹佰贰拾捌万元整"])
    deposit_fen: int = Field(description="没有保证金的为 0 / 0 where no deposit was paid")
    deposit_status: Literal["due", "held", "released", "captured", "forfeited", "lapsed", "cancelled"] | None
    remaining_fen: int
    confirmed_at: datetime
    confirmation: dict[str, Any]
    confirmation_sha256: str = Field(pattern="^[0-9a-f]{64}$")


def _side(view: DealView, caller: Caller) -> Literal["seller", "buyer"] | None:
    if caller.organisation_id == view.deal.seller_id:
        return "seller"
    return "buyer" if caller.organisation_id == view.deal.buyer_id else None


def deal_out(view: DealView, caller: Caller) -> DealOut:
    """Puts a deal into the shape that its readers share."""
    deal = view.deal
    deposit_fen = view.deposit.amount_fen if view.deposit is not None else 0
    return DealOut(
        id=deal.id,
        deal_no=deal.deal_no,
        listing=DealListingOut.model_validate(view.listing),
        method=deal.method,
        rights=deal.rights,
        auction_id=deal.auction_id,
        patent=PatentOut.model_validate(view.patent),
        seller=SideOut.model_validate(view.seller),
        buyer=SideOut.model_validate(view.buyer),
        my_side=_side(view, caller),
        price_fen=deal.price_fen,
        price_capital=capital(deal.price_fen),
        deposit_fen=deposit_fen,
        deposit_status=view.deposit.status if view.deposit is not None else None,
        remaining_fen=deal.price_fen - deposit_fen,
        confirmed_at=deal.confirmed_at,
        confirmation=deal.confirmation,
        confirmation_sha256=deal.confirmation_sha256,
    )


@router.get("", operation_id="list_deals", responses=problems(401, 403, 422))
async def list_(
    db: DbDep,
    caller: CallerDep,
    page: PageDep,
    asked: Annotated[Asked, asks(DEALS)],
    method: Annotated[Literal["auction", "listed", "negotiated"] | None, Query()] = None,
    mine: Annotated[bool, Query(description="只看本单位的 / only my organisation's")] = False,  # noqa: FBT002 - a query parameter
) -> PageOf[DealOut]:
    """Lists one's own deals, or all for a desk, the newest first or as asked."""
    part = asked.at(page.after, page.fetch)
    rows = await db.read(list_deals, caller, is_mine=mine, method=method, asked=part)
    shown, next_cursor = page.cut(rows, lambda view: DEALS.key(view, asked))
    return PageOf[DealOut](items=[deal_out(view, caller) for view in shown], next_cursor=next_cursor)


@router.get("/{deal_id}", operation_id="get_deal", responses=problems(401, 403, 404, 422))
async def get(deal_id: DealId, db: DbDep, caller: CallerDep) -> DealOut:
    """Reads a deal with its confirmation."""
    return deal_out(await db.read(get_deal_view, caller, deal_id), caller)
