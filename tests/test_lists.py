"""Lists: many rows of one value, and rows without one, are paged through once each way."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from app.accounts.permissions import Role
from app.ids import uuid7
from app.lists import Asked, RangeTurned, SortCursorWrong
from app.payments.list_shapes import DEPOSITS, ORDERS
from app.payments.order_queries import OrderFilter, list_orders
from app.payments.queries import list_deposits
from tests.make_accounts import make_caller, make_organisation
from tests.make_payments import make_deposit, make_held_deposit
from tests.make_statements import make_order

if TYPE_CHECKING:
    from uuid import UUID

    from app.db import Session
    from tests.conftest import SetNow


@pytest.mark.parametrize("sort", [None, *ORDERS.sort_names])
async def test_rows_of_one_value_come_once_each(session: Session, sort: str | None) -> None:
    caller = await make_caller(session, Role.FINANCE)
    made = {(await make_order(session, fen)).id for fen in (300, 100, 100, 100, 200)}
    seen = []
    asked = Asked(sort=sort, limit=2)
    while page := await list_orders(session, caller, OrderFilter(), asked):
        seen += [view.order for view in page]
        asked = asked.at(_text(ORDERS.key(page[-1].order, asked)), 2)
    assert len(seen) == len(made)
    assert {order.id for order in seen} == made
    if sort is not None and sort.endswith("amount_fen"):
        amounts = [order.amount_fen for order in seen]
        assert amounts == sorted(amounts, reverse=sort.startswith("-"))


@pytest.mark.parametrize("sort", ["held_at", "-held_at", "settled_at", "-settled_at"])
async def test_rows_without_a_value_come_last_both_ways(session: Session, sort: str) -> None:
    party = (await make_organisation(session)).id
    held = [(await make_held_deposit(session, party_id=party)).id for _ in range(2)]
    due = [(await make_deposit(session, party_id=party)).id for _ in range(3)]
    seen: list[UUID] = []
    asked = Asked(sort=sort, limit=2)
    while page := await list_deposits(session, party_id=party, asked=asked):
        seen += [deposit.id for deposit in page]
        asked = asked.at(_text(DEPOSITS.key(page[-1], asked)), 2)
    assert sorted(seen) == sorted([*held, *due])
    if sort.endswith("held_at"):
        assert set(seen[:2]) == set(held)


@pytest.mark.parametrize(
    "after",
    [
        ("x",),
        (str(uuid7()),),
        ("100", str(uuid7())),
        ("-amount_fen", "100", str(uuid7())),
        ("due_on", "100", str(uuid7())),
        ("amount_fen", "x", str(uuid7())),
        ("amount_fen", "9" * 30, str(uuid7())),
        ("amount_fen", "100", "x"),
        ("amount_fen", "100", str(uuid7()), "x"),
    ],
)
async def test_a_cursor_of_another_order_is_refused(session: Session, after: tuple[str, ...]) -> None:
    caller = await make_caller(session, Role.FINANCE)
    with pytest.raises(SortCursorWrong):
        await list_orders(session, caller, OrderFilter(), Asked(sort="amount_fen", after=after))


@pytest.mark.parametrize(
    ("sort", "value"),
    [("held_at", "2026-01-01T00:00:00"), ("held_at", "yesterday"), ("created_at", "2026")],
)
async def test_an_instant_without_a_zone_is_no_cursor(session: Session, sort: str, value: str) -> None:
    with pytest.raises(SortCursorWrong):
        await list_deposits(session, asked=Asked(sort=sort, after=(sort, value, str(uuid7()))))


async def test_days_are_the_exchange_s_and_both_ends_are_within(session: Session, now_is: SetNow) -> None:
    # 23:30 on 5 March in Shanghai
    await now_is(session, datetime(2026, 3, 5, 15, 30, tzinfo=UTC))
    party = (await make_organisation(session)).id
    await make_deposit(session, party_id=party)
    for begins, ends, is_within in (
        (date(2026, 3, 5), date(2026, 3, 5), True),
        (date(2026, 3, 6), None, False),
        (None, date(2026, 3, 4), False),
    ):
        asked = Asked(from_on=begins, to_on=ends)
        assert bool(await list_deposits(session, party_id=party, asked=asked)) is is_within


def test_a_range_that_is_turned_round_is_refused() -> None:
    with pytest.raises(RangeTurned, match="2026-02-01"):
        Asked(from_on=date(2026, 2, 1), to_on=date(2026, 1, 31))
    with pytest.raises(RangeTurned):
        Asked(least_fen=2, most_fen=1)


def _text(key: tuple[object, ...]) -> tuple[str, ...]:
    return tuple(part.isoformat() if isinstance(part, (date, datetime)) else str(part) for part in key)
