"""Pure rules of plans beyond one sum: royalties, entry fee plus royalty, use first and pay later.

What stands for all of them: the price is owed whatever the plan. A royalty (提成) has it as its guaranteed sum, an entry
fee is it, and a deferred part whose condition is never met is due on its last day all the same. So a price that was bid
is paid as it was bid, and only what comes on top is open.

Sources: 民法典 article 846 (提成支付: a share of the price of products, the added output, the profit or the sales; the
right to look into the accounts where it was agreed); the provinces' measures on 先使用后付费 (a first payment a year
after effect or after product income), which the market's dated rules follow.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from app.accounts.models import REGIMES
from app.money import Money
from app.settlement.errors import InstalmentsNotThePrice, InstalmentTooLate
from app.settlement.errors_plans import (
    CapBelowPrice,
    PlanIncomplete,
    PlanNotAllowed,
    RoyaltyOutOfRange,
    TooEarlyForUse,
)
from app.settlement.rules import PLAN_WORDS, WHOLE_BP, PlanKind, Term

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

_MONTHS = 12
_LONGEST_CONDITION = 300
PERIOD_MONTHS = (1, 3, 6, 12)
WITH_ROYALTY = frozenset({PlanKind.ROYALTY, PlanKind.ENTRY_FEE})
LATER = frozenset({PlanKind.DEFERRED, PlanKind.STAGED})


class RoyaltyBase(StrEnum):
    """What a royalty is a share of (提成基数)."""

    SALES = "sales"  # 产品销售额
    PROFIT = "profit"  # 利润
    OUTPUT = "output"  # 新增产值


BASE_WORDS = {
    RoyaltyBase.SALES: ("产品销售额", "sales"),
    RoyaltyBase.PROFIT: ("利润", "profit"),
    RoyaltyBase.OUTPUT: ("新增产值", "added output"),
}


@dataclass(frozen=True)
class RoyaltyTerms:
    """The terms of a royalty: share of what, period by period, from when, with which floor and cap.

    ``lead_months`` of use pass before the first period; ``minimum_fen`` is for each period, ``cap_fen`` for all
    royalties together; ``may_inspect``: the seller may look into the buyer's accounts (查阅会计账目).
    """

    base: RoyaltyBase
    rate_bp: int
    period_months: int
    periods: int
    lead_months: int
    report_days: int
    pay_days: int
    minimum_fen: int = 0
    cap_fen: int | None = None
    may_inspect: bool = True


@dataclass(frozen=True)
class Part:
    """A part of the price as an announcement states it: a share, days after effect, perhaps a condition."""

    share_bp: int
    due_days: int
    condition: str | None = None


@dataclass(frozen=True)
class Limits:
    """The dated rules of these plans."""

    most_months: int
    most_report_days: int
    most_pay_days: int
    first_days: int
    longest_days: int

    @classmethod
    def from_json(cls, royalty: Mapping[str, Any], deferred: Mapping[str, Any]) -> Limits:
        """Reads the values of the two rules."""
        return cls(
            int(royalty["most_months"]),
            int(royalty["most_report_days"]),
            int(royalty["most_pay_days"]),
            int(deferred["first_days"]),
            int(deferred["longest_days"]),
        )


def check_allowed(kind: PlanKind, regime: str, allowed: Sequence[str]) -> None:
    """Raises PlanNotAllowed unless the seller's regime may sell these rights by such a plan."""
    if kind.value in allowed:
        return
    words = [PLAN_WORDS[PlanKind(each)] for each in allowed]
    zh, en = PLAN_WORDS[kind]
    raise PlanNotAllowed(
        regime,
        REGIMES[regime],
        kind.value,
        zh,
        en,
        list(allowed),
        "、".join(zh for zh, _ in words),
        ", ".join(en for _, en in words),
    )


def check_royalty(
    kind: PlanKind, terms: RoyaltyTerms | None, *, price_fen: int | None, limits: Limits
) -> RoyaltyTerms | None:
    """Returns a plan's royalty if it has exactly when its kind needs one, and all its numbers are in range.

    ``price_fen`` is None before the price is known. Raises PlanIncomplete, RoyaltyOutOfRange, CapBelowPrice.
    """
    if (terms is not None) != (kind in WITH_ROYALTY):
        needs = ("要写明提成条件", "needs the terms of its royalty")
        has_none = ("没有提成条件", "has no royalty")
        raise PlanIncomplete(*PLAN_WORDS[kind], *(needs if terms is None else has_none))
    if terms is None:
        return None
    months = terms.period_months * terms.periods
    for zh, en, value, least, most in (
        ("提成率（基点）", "rate in basis points", terms.rate_bp, 1, WHOLE_BP),
        ("总月数", "length in months", months, 1, limits.most_months),
        ("首期前月数", "months before the first period", terms.lead_months, 0, limits.most_months),
        ("报告期限（日）", "days to report", terms.report_days, 1, limits.most_report_days),
        ("付款期限（日）", "days to pay", terms.pay_days, 1, limits.most_pay_days),
    ):
        if not least <= value <= most:
            raise RoyaltyOutOfRange(zh, en, value, least, most)
    if terms.period_months not in PERIOD_MONTHS:
        words = ("每期月数", "months of a period")
        raise RoyaltyOutOfRange(*words, terms.period_months, 1, _MONTHS)
    least_fen = terms.minimum_fen * terms.periods
    if kind is PlanKind.ROYALTY and price_fen is not None:
        least_fen = max(least_fen, price_fen)
    if terms.cap_fen is not None and terms.cap_fen < least_fen:
        raise CapBelowPrice(terms.cap_fen, least_fen)
    return terms


def check_later(
    kind: PlanKind,
    terms: Sequence[Term],
    *,
    price_fen: int,
    deposit_fen: int,
    effect_on: date,
    limits: Limits,
) -> tuple[Term, ...]:
    """Returns the parts of a price that is paid after use if they are the price, late enough and not too late.

    Raises InstalmentsNotThePrice, TooEarlyForUse, InstalmentTooLate, PlanIncomplete.
    """
    total = sum(term.amount_fen for term in terms)
    if not terms or any(term.amount_fen <= 0 for term in terms) or total + deposit_fen != price_fen:
        raise InstalmentsNotThePrice(price_fen, deposit_fen, total)
    _check_conditions(kind, [term.condition for term in terms])
    first_on = effect_on + timedelta(days=limits.first_days)
    first = terms[0]
    if first.condition is None and first.due_on < first_on:
        raise TooEarlyForUse(first.due_on.isoformat(), first_on.isoformat(), limits.first_days)
    last = effect_on + timedelta(days=limits.longest_days)
    days = [term.due_on for term in terms]
    if days != sorted(days) or days[0] <= effect_on or days[-1] > last:
        raise InstalmentTooLate(days[-1].isoformat(), last.isoformat())
    return tuple(terms)


def _check_conditions(kind: PlanKind, conditions: Sequence[str | None]) -> None:
    has = any(conditions)
    if kind is PlanKind.STAGED and not has:
        raise PlanIncomplete(
            *PLAN_WORDS[kind], "至少一期要写明里程碑", "needs a milestone for one of its parts"
        )
    if any(each is not None and not 2 <= len(each.strip()) <= _LONGEST_CONDITION for each in conditions):  # noqa: PLR2004
        raise PlanIncomplete(
            *PLAN_WORDS[kind], "的条件要用 2 到 300 字写明", "states each condition in 2 to 300 characters"
        )


def check_parts(kind: PlanKind, parts: Sequence[Part], limits: Limits) -> tuple[Part, ...]:
    """Returns the parts of an announced plan if they would be right for any price. Raises as ``check_later`` does."""
    if (kind in LATER) != bool(parts):
        needs = ("要写明各期比例和期限", "needs its parts with shares and days")
        has_none = ("不分期公告", "announces no parts")
        raise PlanIncomplete(*PLAN_WORDS[kind], *(has_none if parts else needs))
    if parts and (
        any(each.share_bp <= 0 for each in parts) or sum(each.share_bp for each in parts) != WHOLE_BP
    ):
        raise PlanIncomplete(
            *PLAN_WORDS[kind], "各期比例合计应为百分之百", "has parts that make a hundred per cent together"
        )
    if parts:
        effect_on = date(2000, 1, 1)
        terms = [
            Term(each.share_bp, effect_on + timedelta(days=each.due_days), each.condition) for each in parts
        ]
        check_later(kind, terms, price_fen=WHOLE_BP, deposit_fen=0, effect_on=effect_on, limits=limits)
    return tuple(parts)


def terms_of_parts(
    parts: Sequence[Part], *, price_fen: int, deposit_fen: int, effect_on: date
) -> tuple[Term, ...]:
    """The terms of a price by announced parts: what the deposit has not paid, divided without losing a fen."""
    amounts = Money(price_fen - deposit_fen).split([each.share_bp for each in parts])
    return tuple(
        Term(amount.minor, effect_on + timedelta(days=part.due_days), part.condition)
        for part, amount in zip(parts, amounts, strict=True)
        if amount.minor
    )


@dataclass(frozen=True)
class ReportPeriod:
    """A period of reports (提成报告期), with both its days."""

    number: int
    from_on: date
    to_on: date


def _month_after(day: date, months: int) -> date:
    year, month = divmod(day.year * _MONTHS + day.month - 1 + months, _MONTHS)
    return date(year, month + 1, 1)


def first_day(effect_on: date, lead_months: int) -> date:
    """The first day of the first period: the first of the month after effect and the months of use before."""
    return _month_after(effect_on, lead_months + 1)


def period_of(starts_on: date, period_months: int, number: int) -> ReportPeriod:
    """A period by its number, the first is 1; periods are whole calendar months."""
    begins = _month_after(starts_on, (number - 1) * period_months)
    return ReportPeriod(number, begins, _month_after(begins, period_months) - timedelta(days=1))


def royalty_of(terms: RoyaltyTerms, base_fen: int, before_fen: int) -> int:
    """The royalty on a period's base: its share to the nearest fen, not below the minimum, all not above the cap.

    Half a fen counts as one, as accounts do (四舍五入). ``before_fen`` is what earlier periods came to.
    """
    share = (base_fen * terms.rate_bp + WHOLE_BP // 2) // WHOLE_BP
    wanted = max(share, terms.minimum_fen)
    return wanted if terms.cap_fen is None else min(wanted, terms.cap_fen - before_fen)


def owed_fen(kind: PlanKind, *, price_fen: int, deposit_fen: int, royalties_fen: int, is_open: bool) -> int:
    """All that is owed so far, the deposit included: the price, and royalties beside it or within it.

    A deposit pays the first royalties; once the last period is settled, the guaranteed price is owed in any case.
    """
    if kind is PlanKind.ENTRY_FEE:
        return price_fen + royalties_fen
    if kind is PlanKind.ROYALTY:
        return max(deposit_fen if is_open else price_fen, royalties_fen)
    return price_fen
