"""Money that went: which order a line of the statement executes, by itself or by a person's press."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text

from app.accounts.permissions import Role
from app.ids import uuid7
from app.payments.checking import find_faults
from app.payments.errors import OrderMissing, StatementLineDiffers
from app.payments.errors_statement import (
    OrderNotWithBank,
    OrderPaidByLine,
    PaidAmountDiffers,
    PaidLineMatched,
    PaidLineMissing,
    PayeeDiffers,
    StatementKnown,
)
from app.payments.order_models import PaymentOrder
from app.payments.orders import settle_orders
from app.payments.paid_lines import match_paid_line
from app.payments.paid_queries import list_paid_lines
from app.payments.queries import get_balance
from app.payments.rules import Account, AccountKind
from app.payments.statement_import import StatementFile, import_statement
from app.payments.statement_models import PaidLine
from tests.make_accounts import make_caller
from tests.make_statements import (
    ACCOUNT,
    make_exported,
    make_order,
    make_paid_line,
    make_paid_row,
    write_csv,
)

if TYPE_CHECKING:
    from typing import Any

    from app.accounts.caller import Caller
    from app.db import Session

BANK = Account(AccountKind.BANK)


async def finance(session: Session) -> Caller:
    return await make_caller(session, Role.FINANCE)


async def bring(session: Session, *rows: dict[str, Any]) -> list[PaidLine]:
    await import_statement(session, await finance(session), StatementFile("a.csv", write_csv(rows), ACCOUNT))
    return list((await session.execute(select(PaidLine).order_by(PaidLine.bank_reference))).scalars())


async def all_checked(session: Session) -> None:
    await session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    await session.execute(text("SET CONSTRAINTS ALL DEFERRED"))


async def test_a_line_that_repeats_its_order_executes_it_when_it_comes(session: Session) -> None:
    order = await make_exported(session, 12_345)
    (line,) = await bring(session, make_paid_row(order))
    assert (line.order_id, order.status) == (order.id, "executed")
    assert await get_balance(session, BANK) == 0
    await all_checked(session)
    assert await find_faults(session) == []


@pytest.mark.parametrize(
    "over",
    [{"remark": ""}, {"went": "1.01"}, {"account": "6222000000000008"}],
    ids=["remark", "amount", "account"],
)
async def test_a_line_that_says_less_or_other_waits_for_a_person(
    session: Session, over: dict[str, str]
) -> None:
    order = await make_exported(session)
    (line,) = await bring(session, make_paid_row(order, **over))
    assert (line.order_id, order.status) == (None, "exported")
    (view,) = await list_paid_lines(session, await finance(session))
    assert [one.order.reference for one in view.suggestions] == [order.reference]


async def test_of_two_lines_for_one_order_one_executes_it(session: Session) -> None:
    order = await make_exported(session)
    first, second = await bring(session, make_paid_row(order), make_paid_row(order))
    assert (first.order_id, second.order_id) == (order.id, None)
    with pytest.raises(OrderPaidByLine):
        await match_paid_line(session, await finance(session), second.id, order.id)


async def test_a_person_matches_what_the_bank_named_otherwise(session: Session) -> None:
    order = await make_exported(session)
    line = await make_paid_line(session, order, account="", remark="批量代付")
    caller = await finance(session)
    assert await match_paid_line(session, caller, line.id, order.id) == line.id
    assert (order.status, order.settled_by, line.matched_by) == (
        "executed",
        caller.person_id,
        caller.person_id,
    )
    with pytest.raises(PaidLineMatched):
        await match_paid_line(session, caller, line.id, (await make_exported(session)).id)
    await all_checked(session)


async def test_an_order_executed_by_hand_gets_its_line_and_moves_no_money_again(session: Session) -> None:
    order = await make_exported(session)
    await settle_orders(session, await finance(session), [order.id])
    (line,) = await bring(session, make_paid_row(order))
    assert line.order_id == order.id
    assert await get_balance(session, BANK) == 0
    await all_checked(session)


async def test_what_does_not_agree_is_refused_with_what_would(session: Session) -> None:
    order = await make_exported(session)
    caller = await finance(session)
    for over, error in (
        ({"went": "1.01"}, PaidAmountDiffers),
        ({"account": "6222000000000008"}, PayeeDiffers),
        ({"account": "", "name": "另一家有限公司"}, PayeeDiffers),
    ):
        line = await make_paid_line(session, order, **over)
        with pytest.raises(error):
            await match_paid_line(session, caller, line.id, order.id)
    waiting = await make_order(session)
    with pytest.raises(OrderNotWithBank):
        await match_paid_line(session, caller, line.id, waiting.id)
    with pytest.raises(OrderMissing):
        await match_paid_line(session, caller, line.id, uuid7())
    with pytest.raises(PaidLineMissing):
        await match_paid_line(session, caller, uuid7(), order.id)
    assert (await session.get_one(PaymentOrder, order.id)).status == "exported"


async def test_a_file_of_known_lines_is_refused_and_a_changed_one_too(session: Session) -> None:
    order = await make_exported(session)
    row = make_paid_row(order)
    await bring(session, row)
    with pytest.raises(StatementKnown) as refused:
        await bring(session, row)
    assert refused.value.lines == 1
    with pytest.raises(StatementLineDiffers):
        await bring(session, {**row, "went": "2.00"})
