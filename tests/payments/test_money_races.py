"""Races for bank lines and payment orders: real commits, and for each lock a twin that takes it away and goes wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from app.accounts.permissions import Role
from app.ids import uuid7
from app.payments import line_matches, orders, paid_lines, paid_rules, refunds, statement_import
from app.payments.checking import find_faults
from app.payments.deposits import settle_deposits
from app.payments.errors import LineStateForbids, OrderStateForbids, SecondPersonNeeded
from app.payments.errors_statement import PaidLineMatched, StatementKnown
from app.payments.line_matches import match_payable_line
from app.payments.order_models import PaymentOrder
from app.payments.orders import approve_orders, cancel_order, export_orders, settle_orders
from app.payments.paid_lines import match_paid_line
from app.payments.queries import get_balance
from app.payments.rules import Account, AccountKind
from app.payments.statement_import import StatementFile, import_statement
from app.payments.statement_models import BankLine, BankStatement, PaidLine
from app.tasks import TaskRow
from app.trades.refunds import refund_deposits
from tests.make_accounts import make_caller
from tests.make_payments import make_held_deposit
from tests.make_statements import (
    ACCOUNT,
    make_bank_line,
    make_exported,
    make_order,
    make_paid_line,
    make_payable,
    make_row,
    write_csv,
)
from tests.races import meeting
from tests.trades.test_trades_races import Race, both, count, meet_after, meet_before, name_of, refusals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.db import Database, Session

    Patch = pytest.MonkeyPatch


async def two_matches_of_one_line(db: Database, patch: Patch) -> None:
    """Two people match one line to two payables: one is paid, the other is told that the line is taken."""

    async def prepared(session: Session) -> tuple[UUID, list[UUID]]:
        payables = [await make_payable(session)]
        payables.append(await make_payable(session, party_id=payables[0].party_id))
        line = await make_bank_line(session, payables[0])
        return line.id, [payable.id for payable in payables]

    line_id, payable_ids = await db.write(prepared)
    people = [await db.write(make_caller, Role.FINANCE) for _ in range(2)]
    meet_after(patch, line_matches, "target_of")
    answers = await both(
        *(
            db.write(match_payable_line, caller, line_id, payable_id)
            for caller, payable_id in zip(people, payable_ids, strict=True)
        )
    )
    assert refusals(answers) == [LineStateForbids]
    assert await db.read(get_balance, Account(AccountKind.SUSPENSE)) == 0
    assert await db.read(find_faults) == []


async def two_approvals_by_one_person(db: Database, patch: Patch) -> None:
    """One person in two windows does not approve as two people."""
    order = await db.write(make_order)
    caller = await db.write(make_caller, Role.FINANCE)
    meet_after(patch, orders, "lock_orders")
    answers = await both(*(db.write(approve_orders, caller, [order.id]) for _ in range(2)))
    assert refusals(answers) == [SecondPersonNeeded]


async def two_people_approve_at_once(db: Database, patch: Patch) -> None:
    """Two people who approve at the same moment are two approvals, not one over the other."""
    order = await db.write(make_order)
    people = [await db.write(make_caller, Role.FINANCE) for _ in range(2)]
    meet_after(patch, orders, "lock_orders")
    answers = await both(*(db.write(approve_orders, caller, [order.id]) for caller in people))
    assert refusals(answers) == []
    async with db.transaction() as session:
        assert (await session.get_one(PaymentOrder, order.id)).status == "approved"


async def an_export_and_a_cancellation(db: Database, patch: Patch) -> None:
    """An order is in the file or taken back, never both."""

    async def approved(session: Session) -> UUID:
        order = await make_order(session)
        for _ in range(2):
            await approve_orders(session, await make_caller(session, Role.FINANCE), [order.id])
        return order.id

    order_id = await db.write(approved)
    caller = await db.write(make_caller, Role.FINANCE)
    meet_after(patch, orders, "lock_orders")
    answers = await both(
        db.write(export_orders, caller, [order_id]),
        db.write(cancel_order, caller, order_id, reason="改期。"),
    )
    assert refusals(answers) == [OrderStateForbids]
    assert await db.read(find_faults) == []


async def two_executions_of_one_order(db: Database, patch: Patch) -> None:
    """The bank paid once, whoever records it twice."""

    async def exported(session: Session) -> UUID:
        order = await make_order(session)
        for _ in range(2):
            await approve_orders(session, await make_caller(session, Role.FINANCE), [order.id])
        await export_orders(session, await make_caller(session, Role.FINANCE), [order.id])
        return order.id

    order_id = await db.write(exported)
    caller = await db.write(make_caller, Role.FINANCE)
    meet_after(patch, orders, "lock_orders")
    answers = await both(*(db.write(settle_orders, caller, [order_id]) for _ in range(2)))
    assert refusals(answers) == [OrderStateForbids]
    assert await db.read(get_balance, Account(AccountKind.BANK)) == 0
    assert await db.read(find_faults) == []


async def two_matches_of_one_paid_line(db: Database, patch: Patch) -> None:
    """Two people match one line of money that went to two orders: one is executed, the other is told."""

    async def prepared(session: Session) -> tuple[UUID, list[UUID]]:
        made = [await make_exported(session) for _ in range(2)]
        line = await make_paid_line(session, made[0], account="", name="同名收款方")
        return line.id, [order.id for order in made]

    patch.setattr(paid_rules, "_same_payee", lambda *_: True)
    line_id, order_ids = await db.write(prepared)
    people = [await db.write(make_caller, Role.FINANCE) for _ in range(2)]
    meet_after(patch, paid_lines, "lock_paid_line")
    answers = await both(
        *(
            db.write(match_paid_line, caller, line_id, order_id)
            for caller, order_id in zip(people, order_ids, strict=True)
        )
    )
    assert refusals(answers) == [PaidLineMatched]
    assert await db.read(get_balance, Account(AccountKind.BANK)) == 100
    assert await db.read(find_faults) == []


async def two_imports_of_one_file(db: Database, patch: Patch) -> None:
    """Of two people who import one file at once, one is told that all its lines are known."""
    content = write_csv([make_row(), make_row()])
    people = [await db.write(make_caller, Role.FINANCE) for _ in range(2)]
    meet_before(patch, statement_import, "_write_lines")
    answers = await both(
        *(db.write(import_statement, caller, StatementFile("a.csv", content, ACCOUNT)) for caller in people)
    )
    assert refusals(answers) == [StatementKnown]
    assert await db.read(count, BankLine) == 2
    assert await db.read(count, BankStatement) == 1
    assert await db.read(get_balance, Account(AccountKind.BANK)) == 20_000


async def two_workers_order_one_refund(db: Database, patch: Patch) -> None:
    """Two workers who keep one promise order each refund once, and neither is told that one was refused."""
    listing_id = uuid7()

    async def released(session: Session) -> None:
        for _ in range(3):
            await make_held_deposit(session, listing_id=listing_id)
        await settle_deposits(session, listing_id=listing_id)

    await db.write(released)
    meet_before(patch, refunds, "order_payments")
    payload: dict[str, Any] = {"listing_id": str(listing_id)}
    assert refusals(await both(*(db.write(refund_deposits, payload) for _ in range(2)))) == []
    async with db.transaction() as session:
        total = (await session.execute(select(func.count()).select_from(PaymentOrder))).scalar_one()
        refused = await session.scalars(select(TaskRow).where(TaskRow.key == f"{listing_id}:refused"))
        assert refused.all() == []
    assert total == 3


# The twins: the same rows, without their locks.


async def unlocked_line(session: Session, line_id: UUID) -> BankLine:
    return await session.get_one(BankLine, line_id, populate_existing=True)


async def unlocked_paid_line(session: Session, line_id: UUID) -> PaidLine:
    return await session.get_one(PaidLine, line_id, populate_existing=True)


async def unlocked_orders(session: Session, order_ids: Sequence[UUID]) -> list[PaymentOrder]:
    query = select(PaymentOrder).where(PaymentOrder.id.in_(order_ids))
    return list((await session.execute(query)).scalars())


async def no_lock(session: Session) -> None:
    del session


def without_line_lock(patch: Patch) -> None:
    patch.setattr(line_matches, "lock_line", unlocked_line)


def without_paid_line_lock(patch: Patch) -> None:
    patch.setattr(paid_lines, "lock_paid_line", unlocked_paid_line)


def without_orders_lock(patch: Patch) -> None:
    patch.setattr(orders, "lock_orders", unlocked_orders)


async def unlocked_released(session: Session, deposit_ids: Sequence[UUID]) -> None:
    del session, deposit_ids


def without_deposits_lock(patch: Patch) -> None:
    patch.setattr(refunds, "lock_released", unlocked_released)


def without_import_lock(patch: Patch) -> None:
    patch.setattr(statement_import, "lock_imports", no_lock)


RACES = [
    Race(two_matches_of_one_line, without_line_lock),
    Race(two_matches_of_one_paid_line, without_paid_line_lock),
    Race(two_approvals_by_one_person, without_orders_lock),
    Race(two_people_approve_at_once, without_orders_lock),
    Race(an_export_and_a_cancellation, without_orders_lock),
    Race(two_imports_of_one_file, without_import_lock),
    Race(two_workers_order_one_refund, without_deposits_lock),
]


@pytest.mark.parametrize("race", RACES, ids=name_of)
async def test_under_the_lock_the_race_has_one_outcome(race: Race, db: Database, monkeypatch: Patch) -> None:
    await race.run(db, monkeypatch)


@pytest.mark.parametrize("race", RACES, ids=name_of)
async def test_without_the_lock_the_same_race_goes_wrong(
    race: Race, db: Database, monkeypatch: Patch
) -> None:
    race.without(monkeypatch)
    monkeypatch.setattr(meeting, "_PATIENCE_SECONDS", 10)
    with pytest.raises((AssertionError, DBAPIError)):
        await race.run(db, monkeypatch)


async def test_the_bank_paid_once_whoever_records_it_twice(db: Database, monkeypatch: Patch) -> None:
    await two_executions_of_one_order(db, monkeypatch)
