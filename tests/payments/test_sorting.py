"""Lists by a column: pages that neither repeat nor lose a row, also where many rows have one value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.accounts.permissions import Role
from app.payments.errors_statement import SortCursorWrong
from app.payments.order_queries import OrderFilter, list_orders
from app.payments.sorting import Sort, key_of
from tests.make_accounts import make_caller
from tests.make_statements import make_order

if TYPE_CHECKING:
    from app.db import Session


@pytest.mark.parametrize("by", [None, "amount_fen", "-amount_fen", "due_on", "-payee_name"])
async def test_pages_of_a_sorted_list_are_the_whole_list_once(session: Session, by: str | None) -> None:
    caller = await make_caller(session, Role.FINANCE)
    made = {(await make_order(session, fen)).id for fen in (300, 100, 100, 100, 200)}
    seen = []
    after: tuple[str, ...] | None = None
    while True:
        sort = Sort(by, after)
        page = await list_orders(session, caller, OrderFilter(), sort=sort, limit=2)
        if not page:
            break
        seen += [view.order for view in page]
        after = tuple(str(part) for part in key_of(page[-1].order, sort))
    assert [order.id for order in seen if order.id in made] == list(dict.fromkeys(order.id for order in seen))
    assert {order.id for order in seen} == made
    if by is not None and by.endswith("amount_fen"):
        amounts = [order.amount_fen for order in seen]
        assert amounts == sorted(amounts, reverse=by.startswith("-"))


@pytest.mark.parametrize("after", [("x",), ("100", "x"), ("x", "0198f2a4-7c11-7d0e-8a53-5f1f0a7be001")])
async def test_a_cursor_of_another_order_is_refused(session: Session, after: tuple[str, ...]) -> None:
    caller = await make_caller(session, Role.FINANCE)
    with pytest.raises(SortCursorWrong):
        await list_orders(session, caller, OrderFilter(), sort=Sort("amount_fen", after))
