"""Money that went from the bank (付款流水), and the payment orders that its lines executed."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Path, Query
from pydantic import Field

from app.api.asking import asks
from app.api.deps import CallerDep, DbDep, PageDep, PageOf, Wire
from app.api.idempotency import MoneyKeyDep, once
from app.api.problems import problems
from app.api.routing import Router
from app.lists import Asked
from app.payments.list_shapes import PAID_LINES
from app.payments.order_rules import OrderStatus
from app.payments.paid_lines import match_paid_line
from app.payments.paid_queries import PaidLineView, get_paid_line, list_paid_lines

router = Router(prefix="/paid-lines", tags=["bank statements"])
LineId = Annotated[UUID, Path(description="付款流水 / the line's id")]


class OrderSuggestionOut(Wire):
    """An order that the line may have executed, and why it is thought so; ``difference_fen`` is line less order."""

    order_id: UUID
    reference: str = Field(examples=["FK123456786"])
    status: OrderStatus
    amount_fen: int
    difference_fen: int = Field(examples=[0])
    payee_name: str
    payee_account: str
    has_reference: bool
    has_amount: bool
    has_account: bool
    has_name: bool


class PaidLineOut(Wire):
    """Money that went; ``order_id`` is what it executed, and null while nobody knows."""

    id: UUID
    statement_id: UUID
    bank_reference: str = Field(examples=["20261122000190"])
    booked_on: date
    amount_fen: int
    payee_name: str
    payee_account: str
    remark: str
    order_id: UUID | None
    order_reference: str | None = Field(examples=["FK123456786"])
    matched_by_name: str | None
    matched_at: datetime | None
    suggestions: list[OrderSuggestionOut]


class PaidMatchIn(Wire):
    """The order that the line executed."""

    order_id: UUID = Field(examples=["0198f2a4-7c11-7d0e-8a53-5f1f0a7be001"])


def _out(view: PaidLineView) -> PaidLineOut:
    line = view.line
    derived = {"order_reference", "matched_by_name", "suggestions"}
    plain = {name: getattr(line, name) for name in PaidLineOut.model_fields if name not in derived}
    return PaidLineOut(
        **plain,
        order_reference=view.order.reference if view.order else None,
        matched_by_name=view.matched_by_name,
        suggestions=[
            OrderSuggestionOut(
                order_id=one.order.id,
                reference=one.order.reference,
                status=one.order.status,
                amount_fen=one.order.amount_fen,
                difference_fen=line.amount_fen - one.order.amount_fen,
                payee_name=one.order.payee_name,
                payee_account=one.order.payee_account,
                has_reference=one.has_reference,
                has_amount=one.has_amount,
                has_account=one.has_account,
                has_name=one.has_name,
            )
            for one in view.suggestions
        ],
    )


@router.get("", operation_id="list_paid_lines", responses=problems(401, 403, 422))
async def list_(
    db: DbDep,
    caller: CallerDep,
    page: PageDep,
    asked: Annotated[Asked, asks(PAID_LINES)],
    is_matched: Annotated[bool | None, Query(description="只看已核销或未核销的 / matched or not")] = None,
) -> PageOf[PaidLineOut]:
    """Lists money that went, with the order it executed or probably did, the newest first or as asked."""
    part = asked.at(page.after, page.fetch)
    rows = await db.read(list_paid_lines, caller, is_matched=is_matched, asked=part)
    shown, next_cursor = page.cut(rows, lambda view: PAID_LINES.key(view.line, asked))
    return PageOf[PaidLineOut](items=[_out(view) for view in shown], next_cursor=next_cursor)


@router.get("/{line_id}", operation_id="get_paid_line", responses=problems(401, 403, 404, 422))
async def get(line_id: LineId, db: DbDep, caller: CallerDep) -> PaidLineOut:
    """Reads one line of money that went."""
    return _out(await db.read(get_paid_line, caller, line_id))


@router.post(
    "/{line_id}/matches",
    status_code=201,
    operation_id="match_paid_line",
    responses=problems(401, 403, 404, 409, 422),
)
async def match(
    line_id: LineId, body: PaidMatchIn, db: DbDep, caller: CallerDep, key: MoneyKeyDep
) -> PaidLineOut:
    """Matches the line to the order that it executed: the order is paid by it, and its money leaves the ledger's bank."""
    await db.write(
        once,
        caller,
        key,
        "match_paid_line",
        body,
        lambda session: match_paid_line(session, caller, line_id, body.order_id),
        subject=line_id,
    )
    return _out(await db.read(get_paid_line, caller, line_id))
