"""The plan of payment and where a settlement stands."""

from __future__ import annotations

from datetime import date

import pytest

from app.settlement.errors import (
    FirstInstalmentTooSmall,
    InstalmentsNotThePrice,
    InstalmentTooLate,
    SettlementStateForbids,
)
from app.settlement.rules import (
    OPEN,
    Facts,
    PlanRules,
    SettlementStatus,
    Term,
    check_instalments,
    check_status,
    one_off,
    status_of,
)

BEGAN, FIRST = date(2026, 3, 2), date(2026, 3, 12)
RULES = PlanRules(payment_days=10, first_bp=3000, longest_days=365)


def check(*terms: tuple[int, date]) -> tuple[Term, ...]:
    return check_instalments(
        [Term(*term) for term in terms],
        price_fen=1000,
        deposit_fen=100,
        began_on=BEGAN,
        first_due_on=FIRST,
        rules=RULES,
    )


def test_one_payment_is_the_rest_after_the_deposit() -> None:
    assert one_off(1000, 100, FIRST) == (Term(900, FIRST),)
    assert one_off(1000, 1000, FIRST) == ()


def test_instalments_with_the_deposit_are_the_price() -> None:
    assert len(check((200, FIRST), (700, date(2027, 3, 2)))) == 2
    for wrong in (((200, FIRST), (699, FIRST)), ((901, FIRST),), ((1000, FIRST), (-100, FIRST))):
        with pytest.raises(InstalmentsNotThePrice):
            check(*wrong)


def test_the_first_is_large_enough_and_all_are_in_time() -> None:
    with pytest.raises(FirstInstalmentTooSmall):
        check((199, FIRST), (701, FIRST))
    late = date(2027, 3, 3)
    for wrong in (
        ((200, date(2026, 3, 13)), (700, late)),
        ((200, FIRST), (700, late)),
        ((300, FIRST), (600, BEGAN)),
    ):
        with pytest.raises(InstalmentTooLate):
            check(*wrong)


@pytest.mark.parametrize(
    ("received", "released", "recorded", "status"),
    [
        (100, 0, False, "contracted"),
        (300, 0, False, "escrow_partial"),
        (1000, 0, False, "escrow_full"),
        (300, 0, True, "rights_recorded"),
        (1000, 400, True, "rights_recorded"),
        (1000, 1000, True, "released"),
    ],
)
def test_where_it_stands_follows_from_the_money_and_the_document(
    *, received: int, released: int, recorded: bool, status: str
) -> None:
    facts = Facts(1000, 100, received, released, is_recorded=recorded)
    assert status_of(facts) == status


def test_what_is_ended_is_not_released() -> None:
    for status in SettlementStatus:
        if status in OPEN:
            check_status(status, OPEN, "放款", "a release")
            continue
        with pytest.raises(SettlementStateForbids):
            check_status(status, OPEN, "放款", "a release")
