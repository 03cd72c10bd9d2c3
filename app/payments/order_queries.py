"""Reading payment orders and the files for the bank."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sqlalchemy import ColumnElement, case, select
from sqlalchemy.orm import aliased

from app.accounts.models import Person
from app.accounts.permissions import Permission
from app.clock import market_date, market_now
from app.lists import NEWEST, Asked
from app.payments.errors import OrderMissing
from app.payments.list_shapes import ORDERS
from app.payments.order_models import PaymentExport, PaymentOrder
from app.payments.order_rules import REFUNDS, ExportLine, OrderPurpose, write_export

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import AnySession


@dataclass(frozen=True)
class OrderView:
    """A payment order with the names of its two approvers, and whether its day has passed unpaid."""

    order: PaymentOrder
    first_name: str | None
    second_name: str | None
    is_overdue: bool


@dataclass(frozen=True)
class OrderFilter:
    """Which orders are asked for; overdue are those not executed whose day has passed."""

    status: str | None = None
    purpose: str | None = None
    is_overdue: bool = False
    is_refund: bool = False
    waits_for: Literal["first", "second"] | None = None
    order_ids: tuple[UUID, ...] = ()


def is_late(now: datetime, today: date) -> ColumnElement[bool]:
    """Whether an order's instant has passed, or its day where it has no instant."""
    return case(
        (PaymentOrder.due_at.is_not(None), PaymentOrder.due_at < now), else_=PaymentOrder.due_on < today
    )


async def list_orders(
    session: AnySession,
    caller: Caller,
    wanted: OrderFilter,
    asked: Asked = NEWEST,
) -> list[OrderView]:
    """Lists payment orders for whoever may read the ledger, the newest first or by a column. Raises NotPermitted."""
    caller.require(Permission.LEDGER_READ)
    now = await market_now(session)
    today = market_date(now)
    first, second = aliased(Person), aliased(Person)
    query = (
        select(PaymentOrder, first.name, second.name, is_late(now, today))
        .outerjoin(first, first.id == PaymentOrder.first_by)
        .outerjoin(second, second.id == PaymentOrder.second_by)
    )
    query = ORDERS.ask(query, asked)
    open_states = ("pending", "approved", "exported")
    if wanted.status is not None:
        query = query.where(PaymentOrder.status == wanted.status)
    if wanted.purpose is not None:
        query = query.where(PaymentOrder.purpose == wanted.purpose)
    if wanted.is_overdue:
        query = query.where(PaymentOrder.status.in_(open_states), is_late(now, today))
    if wanted.is_refund:
        query = query.where(PaymentOrder.purpose.in_(REFUNDS), PaymentOrder.status.in_(open_states))
    if wanted.waits_for is not None:
        has_first = PaymentOrder.first_by.is_not(None)
        query = query.where(
            PaymentOrder.status == "pending", has_first if wanted.waits_for == "second" else ~has_first
        )
    if wanted.order_ids:
        query = query.where(PaymentOrder.id.in_(wanted.order_ids))
    return [
        OrderView(order, one, two, order.status in open_states and late)
        for order, one, two, late in (await session.execute(query)).all()
    ]


async def get_order_view(session: AnySession, caller: Caller, order_id: UUID) -> OrderView:
    """Reads one payment order. Raises NotPermitted, OrderMissing."""
    found = await list_orders(session, caller, OrderFilter(order_ids=(order_id,)))
    if not found:
        raise OrderMissing
    return found[0]


async def list_exports(
    session: AnySession,
    caller: Caller,
    *,
    export_id: UUID | None = None,
    before_id: UUID | None = None,
    limit: int = 50,
) -> list[tuple[PaymentExport, str]]:
    """Lists files for the bank with who made them, the newest first. Raises NotPermitted."""
    caller.require(Permission.PAYMENT_ORDER)
    query = (
        select(PaymentExport, Person.name)
        .join(Person, Person.id == PaymentExport.exported_by)
        .order_by(PaymentExport.id.desc())
        .limit(limit)
    )
    if export_id is not None:
        query = query.where(PaymentExport.id == export_id)
    if before_id is not None:
        query = query.where(PaymentExport.id < before_id)
    return [(export, name) for export, name in await session.execute(query)]


async def get_export(session: AnySession, caller: Caller, export_id: UUID) -> tuple[PaymentExport, str]:
    """Reads one file's facts. Raises NotPermitted, OrderMissing."""
    found = await list_exports(session, caller, export_id=export_id)
    if not found:
        raise OrderMissing
    return found[0]


async def get_export_file(session: AnySession, caller: Caller, export_id: UUID) -> bytes:
    """The file of an export, made anew from its orders, which do not change. Raises NotPermitted, OrderMissing."""
    caller.require(Permission.PAYMENT_ORDER)
    query = select(PaymentOrder).where(PaymentOrder.export_id == export_id).order_by(PaymentOrder.id)
    orders = (await session.execute(query)).scalars().all()
    if not orders:
        raise OrderMissing
    return write_export(
        ExportLine(
            order.reference,
            order.payee_name,
            order.payee_account or "",
            order.amount_fen,
            OrderPurpose(order.purpose),
        )
        for order in orders
    )
