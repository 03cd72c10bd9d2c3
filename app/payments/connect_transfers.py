"""Paying a seller by transfer (通道转账): the way chosen, then what the gateway has of it drawn into order and ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.accounts.permissions import Permission
from app.audit import audit
from app.clock import market_date, market_now
from app.ids import uuid7
from app.payments.connect_asking import require_account
from app.payments.connect_gateway import TransferOrder
from app.payments.connect_models import ConnectReversal, ConnectTransfer
from app.payments.connect_rules import check_same_transfer, check_way, take_back
from app.payments.ledger import Posting, Subject, post_transfers
from app.payments.order_models import PaymentOrder
from app.payments.order_rules import OrderPurpose, OrderStatus, Way, check_order_step, pay_out, source_of
from app.payments.orders import OrderAsked, lock_orders, order_payments
from app.payments.outcomes import settle_pending, void_pending
from app.payments.rules import TransferState

if TYPE_CHECKING:
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import AnySession, Session
    from app.payments.connect_gateway import ReversalSeen, TransferSeen


async def choose_way(session: Session, caller: Caller, order_id: UUID, way: Way) -> UUID:
    """Chooses how a payout goes, before anybody has approved it; what the other way had reserved is freed.

    Choosing the present way changes nothing. Locks the order, then the account drawn on. Raises NotPermitted,
    OrderMissing, OrderNotByConnect, WayIsSettled, PayoutAccountNotReady, ClearingTooLow.
    """
    caller.require(Permission.PAYMENT_ORDER)
    (order,) = await lock_orders(session, [order_id])
    purpose = OrderPurpose(order.purpose)
    check_way(
        order.reference, purpose, OrderStatus(order.status), way, has_approval=order.first_by is not None
    )
    if way == order.way:
        return order.id
    by_connect = way is Way.CONNECT
    account_id = await require_account(session, order.party_id, order.amount_fen) if by_connect else None
    await void_pending(session, order.transfer_id, person_id=caller.person_id)
    transfer = pay_out(source_of(purpose, order.party_id, order.deal_id), order.amount_fen, way)
    posting = Posting(Subject("payment_order", order.id), transfer, reason=order.reason, is_pending=True)
    (transfer_id,) = await post_transfers(session, [posting], person_id=caller.person_id)
    order.way, order.payee_account, order.transfer_id = way, account_id, transfer_id
    await session.flush()
    await _record(session, caller, "order.way-chosen", order, {"way": way.value})
    return order.id


async def get_wanted(session: AnySession, order_id: UUID) -> TransferOrder:
    """What is to be asked of the gateway for an order."""
    query = (
        select(ConnectTransfer, PaymentOrder.reference)
        .join(PaymentOrder, PaymentOrder.id == ConnectTransfer.order_id)
        .where(ConnectTransfer.order_id == order_id)
    )
    row, reference = (await session.execute(query)).one()
    return TransferOrder(order_id, row.amount_fen, row.account_id, row.transfer_group, reference)


async def is_our_transfer(session: AnySession, order_id: UUID) -> bool:
    """Whether the order that the gateway's transfer names is one of ours that goes this way."""
    query = select(ConnectTransfer.order_id).where(ConnectTransfer.order_id == order_id)
    return (await session.execute(query)).scalar_one_or_none() is not None


async def enter_transfer(session: Session, order_id: UUID, seen: TransferSeen) -> None:
    """Enters what the gateway has of an order's transfer; heard twice, late or out of order it changes nothing more.

    Made, it executes the order; what came back of it is owed to the seller again, and ordered by bank. Locks the order.
    Raises TransferDiffers, OrderStateForbids.
    """
    (order,) = await lock_orders(session, [order_id])
    row = await _fresh(session, order_id)
    check_same_transfer(
        (row.account_id, row.amount_fen, row.gateway_id), (seen.account_id, seen.amount_fen, seen.id)
    )
    if row.stage != "made":
        await _settle(session, order, OrderStatus.EXECUTED, None)
        row.stage, row.gateway_id = "made", seen.id
        await session.flush()
        await _record(session, None, "order.executed", order, {"gateway_id": seen.id})
    for each in seen.reversals:
        await _take_back(session, order, row, each)


async def refuse_transfer(session: Session, order_id: UUID, code: str, words: str) -> None:
    """Enters that the gateway refused a transfer: the order has failed, and what it reserved is free. Locks the order."""
    (order,) = await lock_orders(session, [order_id])
    row = await _fresh(session, order_id)
    if row.stage != "asked":
        return
    await _settle(session, order, OrderStatus.FAILED, f"{code}: {words}"[:500])
    row.stage, row.reason = "refused", code
    await session.flush()
    await _record(session, None, "order.transfer-refused", order, {"reason": code})


async def _fresh(session: Session, order_id: UUID) -> ConnectTransfer:
    """The transfer under its order's lock, read anew."""
    query = select(ConnectTransfer).where(ConnectTransfer.order_id == order_id)
    return (await session.execute(query, execution_options={"populate_existing": True})).scalar_one()


async def _settle(session: Session, order: PaymentOrder, wanted: OrderStatus, failure: str | None) -> None:
    check_order_step(order.reference, OrderStatus(order.status), wanted, Way(order.way))
    outcome = TransferState.POSTED if wanted is OrderStatus.EXECUTED else TransferState.VOIDED
    await settle_pending(session, [order.transfer_id], outcome, person_id=None)
    now = await market_now(session)
    order.status, order.settled_at, order.failure = wanted, now, failure
    await session.flush()


async def _take_back(session: Session, order: PaymentOrder, row: ConnectTransfer, seen: ReversalSeen) -> None:
    made = insert(ConnectReversal).values(
        id=uuid7(), gateway_id=seen.id, order_id=order.id, amount_fen=seen.amount_fen
    )
    taken = made.on_conflict_do_nothing(index_elements=["gateway_id"]).returning(ConnectReversal.id)
    reversal_id = (await session.execute(taken)).scalar_one_or_none()
    if reversal_id is None or order.party_id is None:
        return
    row.reversed_fen += seen.amount_fen
    await session.flush()
    transfer = take_back(order.party_id, seen.amount_fen)
    posting = Posting(Subject("payment_order", order.id), transfer, f"reversal:{seen.id}")
    await post_transfers(session, [posting], person_id=None)
    asked = OrderAsked(
        order.party_id,
        OrderPurpose.PAYOUT,
        Subject("connect_reversal", reversal_id),
        seen.amount_fen,
        f"通道转账被撤回，原付款单 {order.reference}",
        market_date(await market_now(session)),
        deal_id=order.deal_id,
    )
    await order_payments(session, [asked])
    detail = {"gateway_id": seen.id, "reversed_fen": seen.amount_fen}
    await _record(session, None, "order.transfer-reversed", order, detail)


async def _record(
    session: Session, caller: Caller | None, action: str, order: PaymentOrder, detail: dict[str, object]
) -> None:
    await audit(
        session,
        caller,
        action,
        subject_kind="payment_order",
        subject_id=order.id,
        detail={"references": [order.reference], "amount_fen": order.amount_fen, **detail},
    )
