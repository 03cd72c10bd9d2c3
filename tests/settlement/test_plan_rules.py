"""Royalties to the fen, periods of reports, what is owed, and plans that are paid after use."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from app.settlement.errors import InstalmentsNotThePrice, InstalmentTooLate
from app.settlement.errors_plans import (
    CapBelowPrice,
    PlanIncomplete,
    PlanNotAllowed,
    RoyaltyOutOfRange,
    TooEarlyForUse,
)
from app.settlement.plan_rules import (
    Limits,
    Part,
    RoyaltyBase,
    RoyaltyTerms,
    check_allowed,
    check_later,
    check_parts,
    check_royalty,
    first_day,
    owed_fen,
    period_of,
    royalty_of,
    terms_of_parts,
)
from app.settlement.rules import PlanKind, Term

EFFECT = date(2026, 3, 2)
YEAR = EFFECT + timedelta(days=365)
LIMITS = Limits(most_months=240, most_report_days=60, most_pay_days=30, first_days=365, longest_days=1825)
TERMS = RoyaltyTerms(RoyaltyBase.SALES, 333, 6, 4, 12, 30, 10)


@pytest.mark.parametrize(
    ("base_fen", "royalty_fen"),
    [
        (0, 0),
        (1, 0),
        (15, 0),
        (16, 1),
        (100, 3),
        (105, 3),
        (106, 4),
        (10_000, 333),
        (9_007_199_254_740_991, 299939735182875),
    ],
)
def test_a_share_is_exact_to_the_nearest_fen(base_fen: int, royalty_fen: int) -> None:
    assert royalty_of(TERMS, base_fen, 0) == royalty_fen


def test_half_a_fen_counts_as_one_and_a_minimum_and_a_cap_hold() -> None:
    assert royalty_of(replace(TERMS, rate_bp=5000), 1, 0) == 1
    floored = replace(TERMS, minimum_fen=500, cap_fen=2100)
    assert royalty_of(floored, 100, 0) == 500
    assert royalty_of(floored, 30_030, 0) == 1000
    assert royalty_of(floored, 30_030, 1500) == 600
    assert royalty_of(floored, 30_030, 2100) == 0


def test_a_deposit_pays_the_first_royalties_and_the_price_is_owed_in_the_end() -> None:
    def owed(royalties: int, *, is_open: bool = True, kind: PlanKind = PlanKind.ROYALTY) -> int:
        return owed_fen(kind, price_fen=1000, deposit_fen=100, royalties_fen=royalties, is_open=is_open)

    assert [owed(fen) for fen in (0, 60, 100, 101, 1500)] == [100, 100, 100, 101, 1500]
    assert [owed(fen, is_open=False) for fen in (0, 999, 1000, 1500)] == [1000, 1000, 1000, 1500]
    assert [owed(fen, kind=PlanKind.ENTRY_FEE) for fen in (0, 7)] == [1000, 1007]
    assert owed(0, kind=PlanKind.STAGED) == 1000


def test_periods_are_whole_months_after_effect_and_the_months_of_use() -> None:
    assert first_day(date(2026, 12, 31), 0) == date(2027, 1, 1)
    assert first_day(EFFECT, 12) == date(2027, 4, 1)
    third = period_of(date(2027, 4, 1), 6, 3)
    assert (third.from_on, third.to_on) == (date(2028, 4, 1), date(2028, 9, 30))
    assert period_of(date(2027, 11, 1), 3, 1).to_on == date(2028, 1, 31)


@pytest.mark.parametrize(
    "change",
    [
        {"rate_bp": 0},
        {"rate_bp": 10_001},
        {"periods": 41},
        {"period_months": 2},
        {"report_days": 61},
        {"pay_days": 31},
        {"lead_months": -1},
    ],
)
def test_numbers_of_a_royalty_are_in_range(change: dict[str, int]) -> None:
    wrong = replace(TERMS, **change)  # type: ignore[arg-type]
    with pytest.raises(RoyaltyOutOfRange):
        check_royalty(PlanKind.ROYALTY, wrong, price_fen=1000, limits=LIMITS)


def test_a_cap_leaves_room_for_what_is_owed_in_any_case() -> None:
    capped = replace(TERMS, cap_fen=999)
    with pytest.raises(CapBelowPrice):
        check_royalty(PlanKind.ROYALTY, capped, price_fen=1000, limits=LIMITS)
    assert check_royalty(PlanKind.ENTRY_FEE, capped, price_fen=1000, limits=LIMITS) == capped
    with pytest.raises(CapBelowPrice):
        check_royalty(PlanKind.ENTRY_FEE, replace(capped, minimum_fen=250), price_fen=1000, limits=LIMITS)
    with pytest.raises(PlanIncomplete):
        check_royalty(PlanKind.ROYALTY, None, price_fen=1000, limits=LIMITS)
    with pytest.raises(PlanIncomplete):
        check_royalty(PlanKind.STAGED, TERMS, price_fen=1000, limits=LIMITS)


def later(*terms: Term, kind: PlanKind = PlanKind.DEFERRED) -> tuple[Term, ...]:
    return check_later(kind, terms, price_fen=1000, deposit_fen=0, effect_on=EFFECT, limits=LIMITS)


def test_use_comes_a_year_before_the_first_payment_or_product_income_does() -> None:
    assert len(later(Term(400, YEAR), Term(600, YEAR + timedelta(days=300)))) == 2
    early = YEAR - timedelta(days=1)
    with pytest.raises(TooEarlyForUse):
        later(Term(1000, early))
    assert later(Term(1000, early, "首次取得产品收入"))
    with pytest.raises(InstalmentTooLate):
        later(Term(1000, EFFECT + timedelta(days=1826)))
    with pytest.raises(InstalmentTooLate):
        later(Term(400, YEAR + timedelta(days=1)), Term(600, YEAR))
    for wrong in ((), (Term(999, YEAR),), (Term(1001, YEAR), Term(-1, YEAR))):
        with pytest.raises(InstalmentsNotThePrice):
            later(*wrong)


def test_stages_have_a_milestone_in_words() -> None:
    with pytest.raises(PlanIncomplete):
        later(Term(1000, YEAR), kind=PlanKind.STAGED)
    with pytest.raises(PlanIncomplete):
        later(Term(1000, YEAR, " "), kind=PlanKind.STAGED)
    assert later(Term(1000, YEAR, "中试验收通过"), kind=PlanKind.STAGED)


def test_announced_parts_are_right_for_any_price_and_lose_no_fen() -> None:
    parts = check_parts(PlanKind.DEFERRED, [Part(3333, 365), Part(3333, 500), Part(3334, 700)], LIMITS)
    terms = terms_of_parts(parts, price_fen=1001, deposit_fen=100, effect_on=EFFECT)
    assert [term.amount_fen for term in terms] == [300, 300, 301]
    assert terms[0].due_on == YEAR
    for wrong in ([], [Part(9999, 365)], [Part(10_001, 365), Part(-1, 366)]):
        with pytest.raises(PlanIncomplete):
            check_parts(PlanKind.DEFERRED, wrong, LIMITS)
    with pytest.raises(PlanIncomplete):
        check_parts(PlanKind.ROYALTY, [Part(10_000, 365)], LIMITS)
    with pytest.raises(TooEarlyForUse):
        check_parts(PlanKind.DEFERRED, [Part(10_000, 364)], LIMITS)


def test_a_regime_says_which_plans_it_allows() -> None:
    check_allowed(PlanKind.ONE_OFF, "soe", ["one_off", "instalments"])
    with pytest.raises(PlanNotAllowed) as refused:
        check_allowed(PlanKind.ROYALTY, "soe", ["one_off", "instalments"])
    assert "一次总付、一次总算、分期支付" in refused.value.detail("zh")
