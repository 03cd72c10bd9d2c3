"""Reading lines of money that went, with the order each executed or probably did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from app.accounts.models import Person
from app.accounts.permissions import Permission
from app.lists import NEWEST, Asked
from app.payments.errors_statement import PaidLineMissing
from app.payments.list_shapes import PAID_LINES
from app.payments.order_models import PaymentOrder
from app.payments.paid_lines import ordered_of, outgoing_of
from app.payments.paid_rules import PaidSuggestion, suggest_orders
from app.payments.reference import find_references
from app.payments.statement_models import PaidLine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import AnySession

_MOST_ORDERS = 200


@dataclass(frozen=True)
class PaidLineView:
    """A line with the order that it executed and who matched it, or with the orders it probably executed."""

    line: PaidLine
    order: PaymentOrder | None
    matched_by_name: str | None
    suggestions: list[PaidSuggestion]


async def list_paid_lines(
    session: AnySession,
    caller: Caller,
    *,
    is_matched: bool | None = None,
    line_id: UUID | None = None,
    asked: Asked = NEWEST,
) -> list[PaidLineView]:
    """Lists lines of money that went, the newest first or as asked. Raises NotPermitted, SortCursorWrong."""
    caller.require(Permission.PAYMENT_ORDER)
    query = (
        select(PaidLine, PaymentOrder, Person.name)
        .outerjoin(PaymentOrder, PaymentOrder.id == PaidLine.order_id)
        .outerjoin(Person, Person.id == PaidLine.matched_by)
    )
    query = PAID_LINES.ask(query, asked)
    if is_matched is not None:
        query = query.where(PaidLine.order_id.is_not(None) if is_matched else PaidLine.order_id.is_(None))
    if line_id is not None:
        query = query.where(PaidLine.id == line_id)
    rows: list[tuple[PaidLine, PaymentOrder | None, str | None]] = [
        (line, order, name) for line, order, name in await session.execute(query)
    ]
    unmatched = [line for line, order, _ in rows if order is None]
    orders = [ordered_of(order) for order in await _list_orders(session, unmatched)]
    return [
        PaidLineView(line, order, name, suggest_orders(outgoing_of(line), orders) if order is None else [])
        for line, order, name in rows
    ]


async def get_paid_line(session: AnySession, caller: Caller, line_id: UUID) -> PaidLineView:
    """Reads one line. Raises NotPermitted, PaidLineMissing."""
    found = await list_paid_lines(session, caller, line_id=line_id)
    if not found:
        raise PaidLineMissing
    return found[0]


async def _list_orders(session: AnySession, lines: Sequence[PaidLine]) -> Sequence[PaymentOrder]:
    """Orders that no line executed yet and that have to do with any of the lines."""
    if not lines:
        return []
    references = {reference for line in lines for reference in find_references(line.remark)}
    fits = or_(
        PaymentOrder.reference.in_(references),
        PaymentOrder.amount_fen.in_({line.amount_fen for line in lines}),
        PaymentOrder.payee_account.in_({line.payee_account for line in lines if line.payee_account}),
    )
    query = (
        select(PaymentOrder)
        .where(
            PaymentOrder.status.in_(("exported", "executed")),
            ~select(PaidLine.id).where(PaidLine.order_id == PaymentOrder.id).exists(),
            fits,
        )
        .order_by(PaymentOrder.id.desc())
        .limit(_MOST_ORDERS)
    )
    return (await session.execute(query)).scalars().all()
