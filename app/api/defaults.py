"""Defaults (成交违约): declared by the host, confirmed by a reviewer, read by both sides."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path, Query
from pydantic import Field

from app.api.asking import asks
from app.api.deals import DealListingOut
from app.api.deps import CallerDep, DbDep, PageDep, PageOf, Wire
from app.api.idempotency import IdempotencyKeyDep, MoneyKeyDep, once
from app.api.problems import problems
from app.api.routing import Router
from app.lists import Asked
from app.money import MAX_FEN
from app.settlement.defaulting import Declared, decide_default, declare_default
from app.trades.default_rules import GROUND_ZH, Ground
from app.trades.defaults import DefaultView, get_written_default, list_defaults
from app.trades.list_shapes import DEFAULTS
from app.trades.rules import LONGEST_REASON

router = Router(tags=["defaults"])
Grounds = Literal[
    "refuse_confirmation",
    "not_sign_contract",
    "not_pay",
    "false_documents",
    "leak_secret",
    "refuse_procedure",
    "breach_after_award",
    "force_majeure",
    "seller_fault",
]


class DefaultIn(Wire):
    """An announced ground with the reason, and the seller's loss that is proven."""

    ground: Grounds = Field(examples=["not_sign_contract"])
    reason: str = Field(max_length=LONGEST_REASON, examples=["买受人书面表示不再签署合同。"])
    loss_fen: int = Field(default=0, ge=0, le=MAX_FEN, examples=[500_000])


class DefaultDecisionIn(Wire):
    """Whether the other desk confirms."""

    confirms: bool = Field(examples=[True])


class DefaultOut(Wire):
    """A default and where the deposit goes: fees of both sides, the seller's loss, the rest; or back."""

    id: UUID
    deal_id: UUID
    deal_no: str = Field(examples=["CJ2026-0001"])
    listing: DealListingOut
    ground: Grounds
    ground_zh: str = Field(examples=["逾期不签合同"])
    reason: str = Field(examples=["买受人书面表示不再签署合同。"])
    deposit_fen: int = Field(examples=[1_000_000])
    loss_fen: int = Field(examples=[500_000])
    fees_fen: int = Field(examples=[384_000])
    seller_fen: int = Field(examples=[500_000])
    rest_fen: int = Field(examples=[116_000])
    returned_fen: int = Field(examples=[0])
    shortfall_fen: int = Field(examples=[0])
    status: Literal["declared", "confirmed", "rejected"]
    declared_at: datetime
    decided_at: datetime | None


def _out(view: DefaultView) -> DefaultOut:
    row = view.default
    columns = {name for name in DefaultOut.model_fields if name in row.__table__.columns}
    return DefaultOut(
        **{name: getattr(row, name) for name in columns},
        deal_no=view.deal.deal_no,
        listing=DealListingOut.model_validate(view.listing),
        ground_zh=GROUND_ZH[Ground(row.ground)],
    )


@router.get("/defaults", operation_id="list_defaults", responses=problems(401, 403, 422))
async def list_(
    db: DbDep,
    caller: CallerDep,
    page: PageDep,
    asked: Annotated[Asked, asks(DEFAULTS)],
    status: Annotated[Literal["declared", "confirmed", "rejected"] | None, Query()] = None,
) -> PageOf[DefaultOut]:
    """Lists the defaults of one's own deals, or all for a desk, the newest first or as asked."""
    rows = await db.read(list_defaults, caller, status=status, asked=asked.at(page.after, page.fetch))
    shown, next_cursor = page.cut(rows, lambda view: DEFAULTS.key(view, asked))
    return PageOf[DefaultOut](items=[_out(view) for view in shown], next_cursor=next_cursor)


@router.post(
    "/deals/{deal_id}/defaults",
    status_code=201,
    operation_id="declare_default",
    responses=problems(401, 403, 404, 409, 422),
)
async def declare(
    deal_id: Annotated[UUID, Path(description="成交 / the deal's id")],
    body: DefaultIn,
    db: DbDep,
    caller: CallerDep,
    key: IdempotencyKeyDep = None,
) -> DefaultOut:
    """Declares a winner in default; nothing moves before another desk confirms."""
    said = Declared(Ground(body.ground), body.reason, body.loss_fen)
    made = await db.write(
        once,
        caller,
        key,
        "declare_default",
        body,
        lambda session: declare_default(session, caller, deal_id, said),
        subject=deal_id,
    )
    return _out(await db.read(get_written_default, made))


@router.post(
    "/defaults/{default_id}/decisions",
    status_code=201,
    operation_id="decide_default",
    responses=problems(401, 403, 404, 409, 422),
)
async def decide(
    default_id: Annotated[UUID, Path(description="违约认定 / the default's id")],
    body: DefaultDecisionIn,
    db: DbDep,
    caller: CallerDep,
    key: MoneyKeyDep,
) -> DefaultOut:
    """Confirms a default as the other desk, which applies the deposit, or rejects it."""
    made = await db.write(
        once,
        caller,
        key,
        "decide_default",
        body,
        lambda session: decide_default(session, caller, default_id, confirms=body.confirms),
        subject=default_id,
    )
    return _out(await db.read(get_written_default, made))
