"""Matching money that went to its payment order (核销付款): the line itself says that the bank paid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, tuple_

from app.accounts.permissions import Permission
from app.audit import audit
from app.clock import market_now
from app.ids import uuid7
from app.payments.errors import StatementLineDiffers
from app.payments.errors_statement import OrderPaidByLine, PaidLineMatched, PaidLineMissing
from app.payments.order_models import PaymentOrder
from app.payments.order_rules import OrderStatus, Way
from app.payments.orders import lock_orders, settle_orders
from app.payments.paid_rules import Ordered, Outgoing, check_paid, suggest_orders
from app.payments.reference import find_references
from app.payments.statement_models import PaidLine

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import AnySession, Session
    from app.payments.statements.lines import PaidLine as ReadLine


def outgoing_of(line: PaidLine) -> Outgoing:
    """What matching looks at of a line."""
    return Outgoing(line.amount_fen, line.payee_name, line.payee_account, line.remark)


def ordered_of(order: PaymentOrder) -> Ordered:
    """What matching looks at of an order."""
    return Ordered(
        order.id,
        order.reference,
        OrderStatus(order.status),
        order.amount_fen,
        order.payee_name,
        order.payee_account or "",
        Way(order.way),
    )


async def lock_paid_line(session: Session, line_id: UUID) -> PaidLine:
    """Takes the line's row lock and returns fresh values; raises PaidLineMissing."""
    query = select(PaidLine).where(PaidLine.id == line_id).with_for_update()
    found = (await session.execute(query, execution_options={"populate_existing": True})).scalar_one_or_none()
    if found is None:
        raise PaidLineMissing
    return found


async def match_paid_line(session: Session, caller: Caller, line_id: UUID, order_id: UUID) -> UUID:
    """Matches a line of money that went to its order, which it executes; returns the line's id.

    An order that somebody marked as executed before gets the line as its proof, and no money moves again. Locks the
    order, then the line, then the ledger's outcome. Raises NotPermitted, OrderMissing, PaidLineMissing,
    PaidLineMatched, OrderPaidByLine, OrderNotWithBank, PaidAmountDiffers, PayeeDiffers.
    """
    caller.require(Permission.PAYMENT_ORDER)
    (order,) = await lock_orders(session, [order_id])
    line = await lock_paid_line(session, line_id)
    if line.order_id is not None:
        raise PaidLineMatched(bank_reference=line.bank_reference)
    await _match(session, caller, line, order)
    return line.id


async def _match(session: Session, caller: Caller, line: PaidLine, order: PaymentOrder) -> None:
    """Matches a locked line to a locked order."""
    other = select(PaidLine.id).where(PaidLine.order_id == order.id).limit(1)
    if (await session.execute(other)).first() is not None:
        raise OrderPaidByLine(reference=order.reference)
    if check_paid(outgoing_of(line), ordered_of(order)):
        await settle_orders(session, caller, [order.id])
    now = await market_now(session)
    line.order_id, line.matched_by, line.matched_at = order.id, caller.person_id, now
    await session.flush()
    await audit(
        session,
        caller,
        "paid_line.matched",
        subject_kind="paid_line",
        subject_id=line.id,
        detail={"bank_reference": line.bank_reference, "reference": order.reference},
    )


async def write_paid_lines(
    session: Session, caller: Caller, statement_id: UUID, account: str, lines: dict[str, ReadLine]
) -> int:
    """Writes the lines of a statement that are new, and matches those that repeat all their order says; returns how many.

    Runs under the lock of imports; locks the orders by id. Raises StatementLineDiffers.
    """
    known = await _find_known(session, account, lines)
    rows: list[dict[str, Any]] = [
        {"id": uuid7(), "statement_id": statement_id, "account_number": account, **vars(line)}
        for reference, line in sorted(lines.items())
        if reference not in known
    ]
    if rows:
        await session.execute(insert(PaidLine), rows)
        await _match_certain(session, caller, [row["id"] for row in rows])
    return len(rows)


async def _match_certain(session: Session, caller: Caller, line_ids: Sequence[UUID]) -> None:
    found = await session.execute(
        select(PaidLine).where(PaidLine.id.in_(line_ids)).order_by(PaidLine.bank_reference)
    )
    lines = found.scalars().all()
    references = {reference for line in lines for reference in find_references(line.remark)}
    if not references:
        return
    named = select(PaymentOrder.id).where(
        PaymentOrder.reference.in_(references),
        PaymentOrder.status.in_((OrderStatus.EXPORTED, OrderStatus.EXECUTED)),
        PaymentOrder.way == Way.BANK,
        ~select(PaidLine.id).where(PaidLine.order_id == PaymentOrder.id).exists(),
    )
    ids = (await session.execute(named)).scalars().all()
    orders = {order.id: order for order in await lock_orders(session, ids)} if ids else {}
    for line in lines:
        for one in suggest_orders(outgoing_of(line), [ordered_of(order) for order in orders.values()]):
            if one.is_certain and one.order.status in {OrderStatus.EXPORTED, OrderStatus.EXECUTED}:
                # Each order is executed by one line: the next that names it waits for a person.
                await _match(session, caller, line, orders.pop(one.order.id))
                break


async def _find_known(session: AnySession, account: str, lines: dict[str, ReadLine]) -> set[str]:
    """References that were imported before; raises StatementLineDiffers where they stood with other content."""
    found: set[str] = set()
    for row in await find_paid_lines(session, account, list(lines)):
        if any(getattr(row, name) != value for name, value in vars(lines[row.bank_reference]).items()):
            raise StatementLineDiffers(bank_reference=row.bank_reference)
        found.add(row.bank_reference)
    return found


async def find_paid_lines(session: AnySession, account: str, references: Sequence[str]) -> list[PaidLine]:
    """The lines of an account under these bank references."""
    found: list[PaidLine] = []
    for start in range(0, len(references), 1000):
        keys = [(account, reference) for reference in references[start : start + 1000]]
        query = select(PaidLine).where(tuple_(PaidLine.account_number, PaidLine.bank_reference).in_(keys))
        found.extend((await session.execute(query)).scalars())
    return found
