"""Payment orders (付款单): approved by two people, carried to the bank in a file, executed or failed."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import Field

from app.accounts.caller import Caller
from app.api.asking import asks
from app.api.deps import CallerDep, DbDep, PageDep, PageOf, Wire
from app.api.idempotency import MoneyKeyDep, once
from app.api.problems import problems
from app.api.routing import Router
from app.db import Session
from app.lists import Asked
from app.payments.list_shapes import ORDERS
from app.payments.order_models import PaymentExport
from app.payments.order_queries import (
    OrderFilter,
    OrderView,
    get_export,
    get_export_file,
    get_order_view,
    list_exports,
    list_orders,
)
from app.payments.order_rules import OrderPurpose, OrderStatus, Way
from app.payments.orders import (
    approve_orders,
    cancel_order,
    execute_export,
    export_orders,
    settle_orders,
)

router = Router(tags=["payment orders"])

OrderId = Annotated[UUID, Path(description="付款单 / the order's id")]
ExportId = Annotated[UUID, Path(description="付款文件 / the file's id")]


class PaymentOrderOut(Wire):
    """An order to pay; its money is reserved by the ledger's transfer ``transfer_id``."""

    id: UUID
    reference: str = Field(examples=["FK123456786"])
    party_id: UUID | None
    purpose: OrderPurpose
    subject_kind: str = Field(examples=["deposit"])
    subject_id: UUID
    amount_fen: int
    payee_name: str
    payee_account: str | None = Field(examples=["6222000000000001"])
    way: Way = Field(
        description="由银行付款，或转入出让方的通道账户 / by bank, or to the seller's account at the gateway"
    )
    deal_id: UUID | None
    reason: str
    due_on: date
    is_overdue: bool
    status: OrderStatus
    transfer_id: UUID
    first_name: str | None
    is_first_mine: bool = Field(description="第一位批准人就是我，第二位须另有其人 / I cannot be the second")
    first_at: datetime | None
    second_name: str | None
    second_at: datetime | None
    export_id: UUID | None
    settled_at: datetime | None
    failure: str | None
    created_at: datetime


class ApprovalIn(Wire):
    """Orders to approve, all or none; the first of two people may enter the account of one that has none."""

    order_ids: list[UUID] = Field(
        min_length=1, max_length=1000, examples=[["0198f2a4-7c11-7d0e-8a53-5f1f0a7be001"]]
    )
    payee_account: str | None = Field(
        default=None, min_length=6, max_length=64, pattern=r"^[0-9A-Z]+$", examples=["6222000000000001"]
    )


class ApprovalOut(Wire):
    """What was approved; ``id`` is the first order's."""

    id: UUID
    approved: int = Field(description="已获两人批准 / approved by two", examples=[1])
    waiting: int = Field(description="还差第二人 / wait for the second", examples=[0])


class CancellationIn(Wire):
    """Why the order is taken back."""

    reason: str = Field(min_length=2, max_length=500, examples=["收款账号待核实。"])


class OutcomeIn(Wire):
    """What the bank said; a failure is named when it failed."""

    outcome: Literal["executed", "failed"]
    failure: str = Field(default="", max_length=500, examples=["账号与户名不符"])


class ExportIn(Wire):
    """The orders of the file; all that are approved, when none is named."""

    order_ids: list[UUID] = Field(
        default_factory=list, max_length=1000, examples=[["0198f2a4-7c11-7d0e-8a53-5f1f0a7be001"]]
    )


class PaymentExportOut(Wire):
    """A file for the bank."""

    id: UUID
    order_count: int
    total_fen: int
    exported_by_name: str
    exported_at: datetime


def order_out(view: OrderView, caller: Caller) -> PaymentOrderOut:
    """An order as it goes out to whoever asks."""
    derived = {"first_name", "second_name", "is_overdue", "is_first_mine"}
    plain = {
        field: getattr(view.order, field) for field in PaymentOrderOut.model_fields if field not in derived
    }
    return PaymentOrderOut(
        **plain,
        first_name=view.first_name,
        second_name=view.second_name,
        is_overdue=view.is_overdue,
        is_first_mine=view.order.first_by == caller.person_id,
    )


def _export_out(row: tuple[PaymentExport, str]) -> PaymentExportOut:
    export, name = row
    return PaymentExportOut(
        id=export.id,
        order_count=export.order_count,
        total_fen=export.total_fen,
        exported_by_name=name,
        exported_at=export.exported_at,
    )


@router.get("/payment-orders", operation_id="list_payment_orders", responses=problems(401, 403, 422))
async def list_(
    db: DbDep,
    caller: CallerDep,
    page: PageDep,
    asked: Annotated[Asked, asks(ORDERS)],
    status: Annotated[OrderStatus | None, Query()] = None,
    purpose: Annotated[OrderPurpose | None, Query()] = None,
    is_overdue: Annotated[bool | None, Query(description="只看逾期未付 / overdue only")] = None,
    is_refund: Annotated[bool | None, Query(description="只看未付的各种退款 / open refunds only")] = None,
    waits_for: Annotated[
        Literal["first", "second"] | None,
        Query(description="待第一位或第二位批准 / whose approval is missing"),
    ] = None,
) -> PageOf[PaymentOrderOut]:
    """Lists payment orders, the newest first or as asked."""
    wanted = OrderFilter(status, purpose, bool(is_overdue), bool(is_refund), waits_for)
    rows = await db.read(list_orders, caller, wanted, asked.at(page.after, page.fetch))
    shown, next_cursor = page.cut(rows, lambda view: ORDERS.key(view.order, asked))
    return PageOf[PaymentOrderOut](items=[order_out(view, caller) for view in shown], next_cursor=next_cursor)


@router.get(
    "/payment-orders/{order_id}", operation_id="get_payment_order", responses=problems(401, 403, 404, 422)
)
async def get(order_id: OrderId, db: DbDep, caller: CallerDep) -> PaymentOrderOut:
    """Reads one payment order."""
    return order_out(await db.read(get_order_view, caller, order_id), caller)


@router.post(
    "/payment-approvals",
    status_code=201,
    operation_id="approve_payment_orders",
    responses=problems(401, 403, 404, 409, 422),
)
async def approve(body: ApprovalIn, db: DbDep, caller: CallerDep, key: MoneyKeyDep) -> ApprovalOut:
    """Gives orders their first or their second approval; two different people approve."""

    async def carry_out(session: Session) -> UUID:
        await approve_orders(session, caller, body.order_ids, payee_account=body.payee_account)
        return body.order_ids[0]

    made = await db.write(once, caller, key, "approve_payment_orders", body, carry_out)
    views = await db.read(
        list_orders, caller, OrderFilter(order_ids=tuple(body.order_ids)), Asked(limit=1000)
    )
    approved = sum(view.order.status != OrderStatus.PENDING for view in views)
    return ApprovalOut(id=made, approved=approved, waiting=len(views) - approved)


@router.post(
    "/payment-orders/{order_id}/cancellations",
    status_code=201,
    operation_id="cancel_payment_order",
    responses=problems(401, 403, 404, 409, 422),
)
async def cancel(
    order_id: OrderId, body: CancellationIn, db: DbDep, caller: CallerDep, key: MoneyKeyDep
) -> PaymentOrderOut:
    """Takes an order back before it is in a file; its money is owed again."""

    async def carry_out(session: Session) -> UUID:
        await cancel_order(session, caller, order_id, reason=body.reason)
        return order_id

    await db.write(once, caller, key, "cancel_payment_order", body, carry_out, subject=order_id)
    return order_out(await db.read(get_order_view, caller, order_id), caller)


@router.post(
    "/payment-orders/{order_id}/outcomes",
    status_code=201,
    operation_id="settle_payment_order",
    responses=problems(401, 403, 404, 409, 422),
)
async def settle(
    order_id: OrderId, body: OutcomeIn, db: DbDep, caller: CallerDep, key: MoneyKeyDep
) -> PaymentOrderOut:
    """Records what the bank did with an order: paid it, or not."""
    failure = None if body.outcome == "executed" else body.failure or "银行退回"

    async def carry_out(session: Session) -> UUID:
        await settle_orders(session, caller, [order_id], failure=failure)
        return order_id

    await db.write(once, caller, key, "settle_payment_order", body, carry_out, subject=order_id)
    return order_out(await db.read(get_order_view, caller, order_id), caller)


@router.post(
    "/payment-exports",
    status_code=201,
    operation_id="export_payment_orders",
    responses=problems(401, 403, 404, 409, 422),
)
async def export(body: ExportIn, db: DbDep, caller: CallerDep, key: MoneyKeyDep) -> PaymentExportOut:
    """Puts approved orders into one file for the bank."""
    made = await db.write(
        once,
        caller,
        key,
        "export_payment_orders",
        body,
        lambda session: export_orders(session, caller, body.order_ids),
    )
    return _export_out(await db.read(get_export, caller, made))


@router.get("/payment-exports", operation_id="list_payment_exports", responses=problems(401, 403, 422))
async def exports(db: DbDep, caller: CallerDep, page: PageDep) -> PageOf[PaymentExportOut]:
    """Lists files for the bank, the newest first."""
    rows = await db.read(list_exports, caller, before_id=page.after_id, limit=page.fetch)
    shown, next_cursor = page.cut(rows, lambda row: row[0].id)
    return PageOf[PaymentExportOut](items=[_export_out(row) for row in shown], next_cursor=next_cursor)


@router.get(
    "/payment-exports/{export_id}/orders.csv",
    operation_id="download_payment_export",
    response_class=Response,
    responses={
        **problems(401, 403, 404, 422),
        200: {"description": "CSV, UTF-8", "content": {"text/csv": {"schema": {"type": "string"}}}},
    },
)
async def download(export_id: ExportId, db: DbDep, caller: CallerDep) -> Response:
    """Gives the file for the bank's batch payment; the same file each time."""
    content = await db.read(get_export_file, caller, export_id)
    return Response(
        content,
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="payments-{export_id}.csv"'},
    )


@router.post(
    "/payment-exports/{export_id}/executions",
    status_code=201,
    operation_id="execute_payment_export",
    responses=problems(401, 403, 404, 409, 422),
)
async def execute(export_id: ExportId, db: DbDep, caller: CallerDep, key: MoneyKeyDep) -> PaymentExportOut:
    """Records that the bank paid all orders of a file that have not failed."""

    async def carry_out(session: Session) -> UUID:
        await execute_export(session, caller, export_id)
        return export_id

    await db.write(once, caller, key, "execute_payment_export", None, carry_out, subject=export_id)
    return _export_out(await db.read(get_export, caller, export_id))
