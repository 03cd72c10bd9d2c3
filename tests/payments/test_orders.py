"""Payment orders against the real database: two people, the file for the bank, each paid once, refunds in batches."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from app.accounts.permissions import Role
from app.clock import market_date
from app.ids import uuid7
from app.payments.deposits import settle_deposits
from app.payments.errors import (
    AccountOverdrawn,
    NothingToExport,
    OrderMissing,
    OrderStateForbids,
    PayeeAccountMissing,
    PaymentOrdered,
    SecondPersonNeeded,
)
from app.payments.order_models import PaymentOrder
from app.payments.order_queries import get_export_file
from app.payments.orders import approve_orders, cancel_order, export_orders, order_payment, settle_orders
from app.payments.queries import get_balance
from app.payments.rules import Account, AccountKind
from app.trades import refunds
from app.trades.refunds import refund_deposits
from tests.make_accounts import make_caller
from tests.make_payments import make_held_deposit
from tests.make_statements import make_order, make_owed

if TYPE_CHECKING:
    from app.accounts.caller import Caller
    from app.db import Session
    from tests.conftest import SetNow

BANK = Account(AccountKind.BANK)


async def finance(session: Session) -> Caller:
    return await make_caller(session, Role.FINANCE)


async def all_checked(session: Session) -> None:
    await session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    await session.execute(text("SET CONSTRAINTS ALL DEFERRED"))


async def approved(session: Session, **over: object) -> tuple[PaymentOrder, Caller]:
    order = await make_order(session, **over)  # type: ignore[arg-type]
    first, second = await finance(session), await finance(session)
    await approve_orders(session, first, [order.id])
    await approve_orders(session, second, [order.id])
    return order, second


async def test_an_order_is_approved_by_two_exported_and_executed(session: Session) -> None:
    order, caller = await approved(session)
    assert order.status == "approved"
    export_id = await export_orders(session, caller, [])
    await settle_orders(session, caller, [order.id])
    assert order.status == "executed"
    assert order.party_id is not None
    assert await get_balance(session, Account(AccountKind.SELLER_DUE, order.party_id)) == 0
    assert await get_balance(session, BANK) == 0
    content = await get_export_file(session, caller, export_id)
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert rows[1] == [order.reference, order.payee_name, "6222000000000009", "1.00", "CNY", "支付成交价款"]
    assert await get_export_file(session, caller, export_id) == content
    await all_checked(session)


async def test_nobody_approves_twice(session: Session) -> None:
    order = await make_order(session)
    caller = await finance(session)
    await approve_orders(session, caller, [order.id])
    with pytest.raises(SecondPersonNeeded):
        await approve_orders(session, caller, [order.id])
    assert order.status == "pending"


async def test_who_asked_for_an_order_is_the_first_of_two(session: Session) -> None:
    caller = await finance(session)
    order = await make_order(session, person_id=caller.person_id)
    with pytest.raises(SecondPersonNeeded):
        await approve_orders(session, caller, [order.id])
    await approve_orders(session, await finance(session), [order.id])
    assert order.status == "approved"


async def test_the_first_enters_a_missing_account_and_the_second_sees_it(session: Session) -> None:
    order = await make_order(session, payee_account=None)
    first, second = await finance(session), await finance(session)
    with pytest.raises(PayeeAccountMissing, match=order.reference):
        await approve_orders(session, first, [order.id])
    await approve_orders(session, first, [order.id], payee_account="6222000000000077")
    await approve_orders(session, second, [order.id], payee_account="6222000000000088")
    assert (order.payee_account, order.status) == ("6222000000000077", "approved")


async def test_ordered_money_cannot_be_ordered_again(session: Session) -> None:
    account = await make_owed(session, fen=100)
    subject = uuid7()
    order = await order_payment(session, account.party_id, "payout", "deal", subject, 60, "首付款")
    with pytest.raises(AccountOverdrawn):
        async with session.begin_nested():
            await order_payment(session, account.party_id, "payout", "deal", uuid7(), 41, "余款")
    with pytest.raises(PaymentOrdered):
        async with session.begin_nested():
            await order_payment(session, account.party_id, "payout", "deal", subject, 40, "余款")
    await cancel_order(session, await finance(session), order.id, reason="改期。")
    await order_payment(session, account.party_id, "payout", "deal", subject, 100, "全款")
    await all_checked(session)


async def test_a_failed_payment_is_owed_again(session: Session) -> None:
    order, caller = await approved(session)
    await export_orders(session, caller, [order.id])
    await settle_orders(session, caller, [order.id], failure="账号户名不符")
    assert (order.status, order.failure) == ("failed", "账号户名不符")
    assert order.party_id is not None
    assert await get_balance(session, Account(AccountKind.SELLER_DUE, order.party_id)) == -100
    with pytest.raises(OrderStateForbids):
        await settle_orders(session, caller, [order.id])
    await all_checked(session)


async def test_an_order_goes_no_step_out_of_turn(session: Session) -> None:
    order = await make_order(session)
    caller = await finance(session)
    for step in (export_orders, settle_orders):
        with pytest.raises(OrderStateForbids):
            await step(session, caller, [order.id])
    with pytest.raises(NothingToExport):
        await export_orders(session, caller, [])
    with pytest.raises(OrderMissing):
        await approve_orders(session, caller, [uuid7()])
    done, second = await approved(session)
    await export_orders(session, second, [done.id])
    with pytest.raises(OrderStateForbids):
        await cancel_order(session, second, done.id, reason="太晚了。")


async def test_released_deposits_are_ordered_once_and_due_in_three_working_days(
    session: Session, now_is: SetNow, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A Friday: Monday, Tuesday and Wednesday are the three working days.
    await now_is(session, datetime(2026, 6, 5, 4, tzinfo=UTC))
    listing_id = uuid7()
    held = [await make_held_deposit(session, listing_id=listing_id) for _ in range(3)]
    await settle_deposits(session, listing_id=listing_id)
    monkeypatch.setattr(refunds, "AT_ONCE", 2)
    for _ in range(3):
        await refund_deposits(session, {"listing_id": str(listing_id)})
    orders = (await session.execute(select(PaymentOrder))).scalars().all()
    assert sorted(order.subject_id for order in orders) == sorted(one.id for one in held)
    assert {order.due_on for order in orders} == {date(2026, 6, 10)}
    assert {order.purpose for order in orders} == {"deposit_refund"}
    reserved = select(func.count()).select_from(PaymentOrder)
    assert (await session.execute(reserved)).scalar_one() == 3
    await all_checked(session)


async def test_many_refunds_are_approved_exported_and_executed_at_once(session: Session) -> None:
    listing_id = uuid7()
    for _ in range(5):
        await make_held_deposit(session, listing_id=listing_id)
    await settle_deposits(session, listing_id=listing_id)
    await refund_deposits(session, {"listing_id": str(listing_id)})
    orders = (await session.execute(select(PaymentOrder))).scalars().all()
    ids = [order.id for order in orders]
    first, second = await finance(session), await finance(session)
    for order in orders:
        await approve_orders(session, first, [order.id], payee_account="6222000000000001")
    await approve_orders(session, second, ids)
    await export_orders(session, second, ids)
    await settle_orders(session, second, ids)
    assert {order.status for order in orders} == {"executed"}
    assert await get_balance(session, BANK) == 0
    await all_checked(session)
    assert all(market_date(order.created_at) <= order.due_on for order in orders)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE payment_order SET amount_fen = amount_fen + 1",
        "UPDATE payment_order SET payee_account = '1'",
        "UPDATE payment_order SET second_by = first_by, second_at = now(), status = 'approved'",
        "UPDATE payment_order SET first_by = NULL",
        "UPDATE payment_order SET status = 'executed', settled_at = now()",
        "DELETE FROM payment_order",
    ],
)
async def test_the_database_refuses_to_rewrite_an_order(session: Session, statement: str) -> None:
    order = await make_order(session)
    await approve_orders(session, await finance(session), [order.id])
    with pytest.raises(DBAPIError):
        await session.execute(text(statement))


async def test_the_database_wants_the_money_behind_an_order(session: Session) -> None:
    await approved(session)
    await all_checked(session)
    await session.execute(text("UPDATE payment_order SET status = 'cancelled', settled_at = now()"))
    with pytest.raises(DBAPIError, match="but its transfer is open"):
        await session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
