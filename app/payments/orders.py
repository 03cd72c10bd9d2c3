"""Payment orders (付款单): made with their money reserved, approved by two, carried to the bank, executed or failed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.accounts.permissions import Permission
from app.accounts.queries import get_names
from app.audit import audit
from app.clock import market_date, market_now
from app.ids import uuid7
from app.payments.connect_asking import ask_transfer
from app.payments.errors import NothingToExecute, NothingToExport, OrderMissing, PaymentOrdered
from app.payments.ledger import Posting, Subject, post_transfers
from app.payments.order_models import PaymentExport, PaymentOrder
from app.payments.order_rules import (
    OrderFacts,
    OrderPurpose,
    OrderStatus,
    Way,
    check_approval,
    check_order_step,
    pay_out,
    source_of,
)
from app.payments.outcomes import settle_pending
from app.payments.reference import ORDER_LETTERS, draw_reference
from app.payments.rules import TransferState
from app.payments.statement_models import BankLine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import Session

MOST_IN_A_FILE = 1000
_WRITE_ORDERS = """
INSERT INTO payment_order (id, party_id, purpose, subject_kind, subject_id, amount_fen, payee_name, payee_account, reason,
                           due_on, due_at, deal_id, transfer_id, first_by, first_at, reference)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::bigint[], $7::text[], $8::text[],
                     $9::text[], $10::date[], $11::timestamptz[], $12::uuid[], $13::uuid[], $14::uuid[],
                     $15::timestamptz[], $16::text[])
ON CONFLICT DO NOTHING RETURNING id
"""


@dataclass(frozen=True)
class OrderAsked:
    """A payment to be ordered; the payee's name is the party's own unless given."""

    party_id: UUID | None
    purpose: OrderPurpose
    subject: Subject
    amount_fen: int
    reason: str
    due_on: date
    payee_account: str | None = None
    payee_name: str | None = None
    deal_id: UUID | None = None
    due_at: datetime | None = None


async def order_payment(
    session: Session,
    party_id: UUID | None,
    purpose: OrderPurpose | str,
    subject_kind: str,
    subject_id: UUID,
    amount_fen: int,
    reason: str,
    *,
    due_on: date | None = None,
    payee_account: str | None = None,
    payee_name: str | None = None,
    deal_id: UUID | None = None,
    person_id: UUID | None = None,
) -> PaymentOrder:
    """Makes one pending order and reserves its money; ``person_id`` asked for it and counts as the first of two.

    A distribution draws on the pool of ``deal_id``, or of the subject where that is a deal. Locks the account drawn on.
    Raises PaymentOrdered, AccountOverdrawn.
    """
    day = due_on or market_date(await market_now(session))
    wanted = OrderPurpose(purpose)
    asked = OrderAsked(
        party_id,
        wanted,
        Subject(subject_kind, subject_id),
        amount_fen,
        reason,
        day,
        payee_account,
        payee_name,
        deal_id or (subject_id if wanted is OrderPurpose.DISTRIBUTION else None),
    )
    (order_id,) = await order_payments(session, [asked], person_id=person_id)
    return await session.get_one(PaymentOrder, order_id)


async def order_payments(
    session: Session, asked: Sequence[OrderAsked], *, person_id: UUID | None = None
) -> list[UUID]:
    """Makes many orders in a few statements, their money reserved; returns their ids in the same order.

    Raises PaymentOrdered where an order for the same purpose and subject stands.
    """
    if not asked:
        return []
    ids = [uuid7() for _ in asked]
    postings = [
        Posting(
            Subject("payment_order", order_id),
            pay_out(source_of(one.purpose, one.party_id, one.deal_id), one.amount_fen),
            f"order:{order_id}",
            one.reason,
            is_pending=True,
        )
        for order_id, one in zip(ids, asked, strict=True)
    ]
    transfers = await post_transfers(session, postings, person_id=person_id)
    names = await get_names(session, list({one.party_id for one in asked if one.party_id is not None}))
    now = await market_now(session)
    left = [
        (
            order_id,
            one.party_id,
            one.purpose.value,
            one.subject.kind,
            one.subject.id,
            one.amount_fen,
            one.payee_name or (names[one.party_id] if one.party_id else ""),
            one.payee_account,
            one.reason,
            one.due_on,
            one.due_at,
            one.deal_id,
            transfer_id,
            *((person_id, now) if person_id and one.payee_account else (None, None)),
        )
        for order_id, one, transfer_id in zip(ids, asked, transfers, strict=True)
    ]
    # References are drawn at random; the rare one that exists already is drawn again, once.
    for _ in range(3):
        rows = [(*row, draw_reference(ORDER_LETTERS)) for row in left]
        made = {row["id"] for row in await session.swiftly(_WRITE_ORDERS, *zip(*rows, strict=True))}
        left = [row for row in left if row[0] not in made]
        if not left:
            return ids
    raise PaymentOrdered


async def lock_orders(session: Session, order_ids: Sequence[UUID]) -> list[PaymentOrder]:
    """Takes the row locks of orders in the order of their ids and returns fresh values; raises OrderMissing."""
    query = (
        select(PaymentOrder).where(PaymentOrder.id.in_(order_ids)).order_by(PaymentOrder.id).with_for_update()
    )
    rows = (await session.execute(query, execution_options={"populate_existing": True})).scalars().all()
    if len(rows) < len(set(order_ids)):
        raise OrderMissing
    return list(rows)


async def approve_orders(
    session: Session, caller: Caller, order_ids: Sequence[UUID], *, payee_account: str | None = None
) -> None:
    """Gives each order its first or its second approval; all or none. Two different people approve.

    The first may enter the account of an order that has none, which the second then sees. An order that goes by
    transfer is then asked of the gateway. Locks the orders by id. Raises NotPermitted, OrderMissing, OrderStateForbids,
    PayeeAccountMissing, SecondPersonNeeded, PayoutAccountNotReady, ClearingTooLow.
    """
    caller.require(Permission.PAYMENT_ORDER)
    orders = await lock_orders(session, order_ids)
    now = await market_now(session)
    for order in orders:
        if payee_account is not None and order.first_by is None and order.payee_account is None:
            order.payee_account = payee_account
        if check_approval(_facts(order), caller.person_id):
            order.second_by, order.second_at, order.status = caller.person_id, now, OrderStatus.APPROVED
            if order.way == Way.CONNECT:
                await ask_transfer(session, order)
        else:
            order.first_by, order.first_at = caller.person_id, now
    await session.flush()
    await _record(session, caller, "order.approved", orders)


async def cancel_order(session: Session, caller: Caller, order_id: UUID, *, reason: str) -> None:
    """Takes an order back before it is in a file; its money is free again. Locks the order.

    Raises NotPermitted, OrderMissing, OrderStateForbids.
    """
    caller.require(Permission.PAYMENT_ORDER)
    await _settle(session, caller, [order_id], OrderStatus.CANCELLED, reason)


async def stop_order(session: Session, order: PaymentOrder, *, person_id: UUID, reason: str) -> None:
    """Takes back an order whose lock is held, for what was found out about its payee; its money is free again.

    Raises OrderStateForbids.
    """
    check_order_step(order.reference, OrderStatus(order.status), OrderStatus.CANCELLED)
    now = await market_now(session)
    await settle_pending(session, [order.transfer_id], TransferState.VOIDED, person_id=person_id)
    order.status, order.failure = OrderStatus.CANCELLED, reason
    order.settled_by, order.settled_at = person_id, now
    await session.flush()


async def export_orders(session: Session, caller: Caller, order_ids: Sequence[UUID]) -> UUID:
    """Puts approved orders, or all there are, into one file for the bank; returns the file's id.

    Locks the orders by id. Raises NotPermitted, OrderMissing, OrderStateForbids, NothingToExport.
    """
    caller.require(Permission.PAYMENT_ORDER)
    chosen = list(order_ids)
    if not chosen:
        query = (
            select(PaymentOrder.id)
            .where(PaymentOrder.status == OrderStatus.APPROVED, PaymentOrder.way == Way.BANK)
            .order_by(PaymentOrder.due_on, PaymentOrder.id)
            .limit(MOST_IN_A_FILE)
        )
        chosen = list((await session.execute(query)).scalars())
    if not chosen:
        raise NothingToExport
    orders = await lock_orders(session, chosen)
    for order in orders:
        check_order_step(order.reference, OrderStatus(order.status), OrderStatus.EXPORTED, Way(order.way))
    export = PaymentExport(
        id=uuid7(),
        order_count=len(orders),
        total_fen=sum(order.amount_fen for order in orders),
        exported_by=caller.person_id,
    )
    session.add(export)
    await session.flush()
    for order in orders:
        order.status = OrderStatus.EXPORTED
        order.export_id = export.id
    await session.flush()
    await _record(session, caller, "order.exported", orders)
    return export.id


async def settle_orders(
    session: Session, caller: Caller, order_ids: Sequence[UUID], *, failure: str | None = None
) -> None:
    """Marks exported orders as executed, or as failed for a reason; all or none. Locks the orders by id.

    What was executed is posted in the ledger, what failed is free to be ordered again. Raises NotPermitted,
    OrderMissing, OrderStateForbids.
    """
    caller.require(Permission.PAYMENT_ORDER)
    wanted = OrderStatus.EXECUTED if failure is None else OrderStatus.FAILED
    await _settle(session, caller, order_ids, wanted, failure)


async def execute_export(session: Session, caller: Caller, export_id: UUID) -> None:
    """Marks all orders of a file that the bank has not refused as executed; raises as settle_orders, NothingToExecute."""
    caller.require(Permission.PAYMENT_ORDER)
    query = select(PaymentOrder.id).where(
        PaymentOrder.export_id == export_id, PaymentOrder.status == OrderStatus.EXPORTED
    )
    chosen = (await session.execute(query)).scalars().all()
    if not chosen:
        raise NothingToExecute
    await _settle(session, caller, chosen, OrderStatus.EXECUTED, None)


async def _settle(
    session: Session, caller: Caller, order_ids: Sequence[UUID], wanted: OrderStatus, failure: str | None
) -> None:
    orders = await lock_orders(session, order_ids)
    for order in orders:
        # What became of a transfer is the gateway's to say: no person marks it as paid or failed.
        way = Way(order.way) if wanted is OrderStatus.CANCELLED else Way.BANK
        check_order_step(order.reference, OrderStatus(order.status), wanted, way)
    now = await market_now(session)
    outcome = TransferState.POSTED if wanted is OrderStatus.EXECUTED else TransferState.VOIDED
    await settle_pending(
        session, [order.transfer_id for order in orders], outcome, person_id=caller.person_id
    )
    for order in orders:
        order.status = wanted
        order.settled_by, order.settled_at, order.failure = caller.person_id, now, failure
    await session.flush()
    if outcome is TransferState.VOIDED:
        await _reopen_lines(session, orders)
    await _record(session, caller, f"order.{wanted.value}", orders)


async def _reopen_lines(session: Session, orders: Sequence[PaymentOrder]) -> None:
    """A line whose return did not happen is open again."""
    lines = [order.subject_id for order in orders if order.purpose == OrderPurpose.LINE_RETURN]
    if not lines:
        return
    query = select(BankLine).where(BankLine.id.in_(lines)).order_by(BankLine.id).with_for_update()
    for line in (await session.execute(query, execution_options={"populate_existing": True})).scalars():
        line.status = "open"
    await session.flush()


def _facts(order: PaymentOrder) -> OrderFacts:
    return OrderFacts(order.reference, OrderStatus(order.status), order.first_by, order.payee_account)


async def _record(session: Session, caller: Caller, action: str, orders: Sequence[PaymentOrder]) -> None:
    """One record for an act, however many orders it was done to."""
    await audit(
        session,
        caller,
        action,
        subject_kind="payment_order",
        subject_id=orders[0].id,
        detail={
            "references": [order.reference for order in orders],
            "amount_fen": sum(order.amount_fen for order in orders),
        },
    )
