"""When deposits go back: three working days, 24 hours, five days with interest; overdue to the instant; interest once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from app.accounts.permissions import Role
from app.calendar_days import Calendar
from app.clock import market_date, market_now
from app.ids import uuid7
from app.payments.deposits import settle_deposits
from app.payments.ledger import Posting, Subject, post_transfers
from app.payments.models import Deposit
from app.payments.order_models import PaymentOrder
from app.payments.order_queries import OrderFilter, list_orders
from app.payments.queries import get_balance
from app.payments.refund_rules import RefundTerms, interest_fen, way_of
from app.payments.refunds import last_day_before, order_refunds
from app.payments.rules import Account, AccountKind, Entry, Transfer, TransferKind
from app.tasks import TaskRow
from app.trades.kept_rules import get_rule
from app.trades.refunds import refund_deposits
from tests.make_accounts import make_caller
from tests.make_payments import make_held_deposit
from tests.payments.test_deposits import ledger_is_sound

if TYPE_CHECKING:
    from app.db import Session
    from tests.conftest import SetNow

# Friday evening in Shanghai.
FRIDAY = datetime(2026, 3, 6, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "due_on"),
    [
        ({"count": 3, "unit": "working_day", "interest_bp": 0}, date(2026, 3, 11)),
        ({"count": 86400, "unit": "second", "interest_bp": 0}, date(2026, 3, 7)),
        ({"count": 5, "unit": "day", "interest_bp": 35}, date(2026, 3, 11)),
    ],
)
def test_each_way_has_its_period(value: dict[str, object], due_on: date) -> None:
    due_at = RefundTerms.from_json(value).due_at(FRIDAY, Calendar())
    assert last_day_before(due_at) == due_on
    assert value["unit"] != "second" or due_at == FRIDAY + timedelta(hours=24)


def test_the_way_follows_the_format_and_falls_back() -> None:
    ways = {"default": "exchange", "scored_tender": "tender"}
    assert [way_of(ways, name) for name in ("english", "scored_tender")] == ["exchange", "tender"]


@pytest.mark.parametrize(
    ("amount_fen", "days", "interest"),
    [
        (1_000_000, 0, 0),
        (1_000_000, 1, 10),
        (1_000_000, 36, 350),
        (100, 1, 0),
        (514_286, 1, 5),
        (1_000_000, 360, 3500),
    ],
)
def test_interest_is_exact_by_days(amount_fen: int, days: int, interest: int) -> None:
    assert interest_fen(amount_fen, 35, FRIDAY, FRIDAY + timedelta(days=days)) == interest
    assert interest_fen(amount_fen, 35, FRIDAY, FRIDAY - timedelta(days=9)) == 0


async def test_interest_is_ordered_once_beside_the_refund(session: Session) -> None:
    listing_id = uuid7()
    deposits = [await make_held_deposit(session, listing_id=listing_id) for _ in range(2)]
    await settle_deposits(session, listing_id=listing_id)
    now = await market_now(session)
    until = now + timedelta(days=36)
    for _ in range(2):
        await order_refunds(session, listing_id, until, limit=10, interest_bp=35)
    rows = (await session.scalars(select(PaymentOrder).order_by(PaymentOrder.purpose.desc()))).all()
    held = await session.get_one(Deposit, deposits[0].id)
    interest = interest_fen(held.amount_fen, 35, held.held_at or now, until)
    assert interest > 0
    assert [(row.purpose, row.amount_fen) for row in rows] == [("refund", interest)] * 2 + [
        ("deposit_refund", held.amount_fen)
    ] * 2
    assert -await get_balance(session, Account(AccountKind.FEE_INCOME)) == -2 * interest
    assert {row.due_at for row in rows} == {until}
    await ledger_is_sound(session)


async def test_a_refund_that_is_refused_is_left_out_and_harms_no_other(session: Session) -> None:
    listing_id = uuid7()
    deposits = [await make_held_deposit(session, listing_id=listing_id) for _ in range(3)]
    await settle_deposits(session, listing_id=listing_id)
    # What one party was owed has gone another way, by a correction of two people.
    owed = Account(AccountKind.REFUND_DUE, deposits[1].party_id)
    entries = (Entry(owed, 1), Entry(Account(AccountKind.FEE_INCOME), -1))
    maker, other = [await make_caller(session, Role.FINANCE) for _ in range(2)]
    wrong = Posting(
        Subject("test", uuid7()), Transfer(TransferKind.CORRECTION, entries), approved_by=other.person_id
    )
    await post_transfers(session, [wrong], person_id=maker.person_id)
    with capture_logs() as logs:
        await refund_deposits(session, {"listing_id": str(listing_id)})
    ordered = (await session.scalars(select(PaymentOrder.subject_id))).all()
    assert set(ordered) == {deposits[0].id, deposits[2].id}
    told = {"event": "refund_refused", "reference": deposits[1].reference, "reason": "account-overdrawn"}
    assert {**told, "log_level": "warning"} in logs
    again = (await session.scalars(select(TaskRow).where(TaskRow.key == f"{listing_id}:refused"))).one()
    assert again.run_at > await market_now(session)
    await ledger_is_sound(session)


async def test_a_batch_goes_on_after_the_last_of_the_one_before(session: Session) -> None:
    listing_id = uuid7()
    for _ in range(3):
        await make_held_deposit(session, listing_id=listing_id)
    await settle_deposits(session, listing_id=listing_id)
    now = await market_now(session)
    first = await order_refunds(session, listing_id, now, limit=2)
    second = await order_refunds(session, listing_id, now, limit=2, after=first.next_after)
    assert (first.count, second.count, second.next_after) == (2, 1, None)
    assert (await order_refunds(session, listing_id, now, limit=2)).count == 0


async def test_a_refund_is_overdue_once_its_instant_has_passed(session: Session, now_is: SetNow) -> None:
    listing_id = uuid7()
    await make_held_deposit(session, listing_id=listing_id)
    await settle_deposits(session, listing_id=listing_id)
    now = await market_now(session)
    await order_refunds(session, listing_id, now + timedelta(hours=24), limit=10)
    finance, late = await make_caller(session, Role.FINANCE), OrderFilter(is_overdue=True)
    await now_is(session, now + timedelta(hours=24))
    assert await list_orders(session, finance, late) == []
    await now_is(session, now + timedelta(hours=24, seconds=1))
    (found,) = await list_orders(session, finance, late)
    assert found.is_overdue


async def test_a_sale_without_another_rule_gives_back_in_three_working_days(session: Session) -> None:
    listing_id = uuid7()
    await make_held_deposit(session, listing_id=listing_id)
    await settle_deposits(session, listing_id=listing_id)
    await refund_deposits(session, {"listing_id": str(listing_id)})
    order = (await session.scalars(select(PaymentOrder))).one()
    today = market_date(await market_now(session))
    terms = RefundTerms.from_json(await get_rule(session, "deposit.refund.exchange", on=today))
    assert (terms.period.count, terms.interest_bp) == (3, 0)
    assert order.due_at is not None
    assert order.due_on == last_day_before(order.due_at) > today
