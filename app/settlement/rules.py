"""Pure rules of a deal's settlement (结算): the plan of payment, where a settlement stands, what may be done to it.

Sources: 民法典 846 (ways of paying for technology), 32号令 article 28 for state assets, which the market's own rule follows
(a first instalment of 30 %, the rest within a year).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from app.calendar_days import count_days
from app.settlement.errors import (
    FirstInstalmentTooSmall,
    InstalmentsNotThePrice,
    InstalmentTooLate,
    SettlementStateForbids,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from app.calendar_days import Calendar

WHOLE_BP = 10_000
MOST_INSTALMENTS = 24


class PlanKind(StrEnum):
    """How the price is paid (付款方式)."""

    ONE_OFF = "one_off"  # 一次总付
    INSTALMENTS = "instalments"  # 一次总算、分期支付
    ROYALTY = "royalty"  # 提成支付, with the price as its guaranteed sum
    ENTRY_FEE = "entry_fee_plus_royalty"  # 入门费加提成, with the price as the entry fee
    DEFERRED = "deferred"  # 先使用后付费：延期支付
    STAGED = "staged"  # 先使用后付费：里程碑支付


PLAN_WORDS = {
    PlanKind.ONE_OFF: ("一次总付", "one payment"),
    PlanKind.INSTALMENTS: ("一次总算、分期支付", "instalments"),
    PlanKind.ROYALTY: ("提成支付（成交价为保底）", "royalties with the price guaranteed"),
    PlanKind.ENTRY_FEE: ("入门费加提成", "entry fee plus royalty"),
    PlanKind.DEFERRED: ("先使用后付费（延期支付）", "use first, pay later"),
    PlanKind.STAGED: ("先使用后付费（里程碑支付）", "use first, pay by milestones"),
}


class SettlementStatus(StrEnum):
    """Where a settlement stands."""

    PROPOSED = "proposed"  # 待对方同意付款方式
    CONTRACTED = "contracted"  # 已签约, nothing but perhaps the deposit is in
    ESCROW_PARTIAL = "escrow_partial"  # 部分到账
    ESCROW_FULL = "escrow_full"  # 全部到账
    RIGHTS_RECORDED = "rights_recorded"  # 权属已变更
    RELEASED = "released"  # 已放款
    COMPLETED = "completed"  # 已完成
    DEFAULTED = "defaulted"  # 违约终止


STATUS_WORDS = {
    SettlementStatus.PROPOSED: ("待对方同意付款方式", "waiting for the other side's consent to the plan"),
    SettlementStatus.CONTRACTED: ("待付款", "waiting for the price"),
    SettlementStatus.ESCROW_PARTIAL: ("部分到账", "paid in part"),
    SettlementStatus.ESCROW_FULL: ("全部到账", "paid in full"),
    SettlementStatus.RIGHTS_RECORDED: ("权属变更已审核", "recorded, the document reviewed"),
    SettlementStatus.RELEASED: ("已放款", "released to the seller"),
    SettlementStatus.COMPLETED: ("已完成", "completed"),
    SettlementStatus.DEFAULTED: ("违约终止", "ended by default"),
}


@dataclass(frozen=True)
class Term:
    """A part of the price with its last day; a condition that is confirmed makes it due earlier."""

    amount_fen: int
    due_on: date
    condition: str | None = None


@dataclass(frozen=True)
class PlanRules:
    """The dated rules of a plan: days to the first payment, its least part, days to the last one."""

    payment_days: int
    first_bp: int
    longest_days: int

    def first_due_on(self, effect_on: date, today: date, calendar: Calendar) -> date:
        """The last day of a first payment: so many days after effect, or after today where that is later."""
        return count_days(max(effect_on, today), self.payment_days, calendar)


def one_off(price_fen: int, deposit_fen: int, due_on: date) -> tuple[Term, ...]:
    """The rest of the price at once; nothing where the deposit is the price already."""
    rest = price_fen - deposit_fen
    return (Term(rest, due_on),) if rest > 0 else ()


def check_instalments(
    terms: Sequence[Term],
    *,
    price_fen: int,
    deposit_fen: int,
    began_on: date,
    first_due_on: date,
    rules: PlanRules,
) -> tuple[Term, ...]:
    """Returns the terms if they are the price with the deposit, the first soon and large enough, the last in time.

    Raises InstalmentsNotThePrice, FirstInstalmentTooSmall, InstalmentTooLate.
    """
    total = sum(term.amount_fen for term in terms)
    if any(term.amount_fen <= 0 for term in terms) or total + deposit_fen != price_fen:
        raise InstalmentsNotThePrice(price_fen, deposit_fen, total)
    first_fen = deposit_fen + terms[0].amount_fen
    if first_fen * WHOLE_BP < price_fen * rules.first_bp:
        raise FirstInstalmentTooSmall(first_fen, -(-price_fen * rules.first_bp // WHOLE_BP))
    last = began_on + timedelta(days=rules.longest_days)
    days = [term.due_on for term in terms]
    for day, latest in ((days[0], first_due_on), (days[-1], last)):
        if day > latest:
            raise InstalmentTooLate(day.isoformat(), latest.isoformat())
    if days != sorted(days) or days[0] < began_on:
        raise InstalmentTooLate(days[0].isoformat(), first_due_on.isoformat())
    return tuple(terms)


@dataclass(frozen=True)
class Facts:
    """What a settlement's state follows from: ``due_fen`` is all that is owed so far, ``is_open`` that more may come."""

    due_fen: int
    deposit_fen: int
    received_fen: int
    released_fen: int
    is_recorded: bool
    is_open: bool = False


def status_of(facts: Facts) -> SettlementStatus:
    """Where a settlement stands by what has come, what was reviewed and what has gone."""
    if facts.released_fen == facts.due_fen and not facts.is_open:
        return SettlementStatus.RELEASED
    if facts.is_recorded:
        return SettlementStatus.RIGHTS_RECORDED
    if facts.received_fen == facts.due_fen and not facts.is_open:
        return SettlementStatus.ESCROW_FULL
    if facts.received_fen > facts.deposit_fen:
        return SettlementStatus.ESCROW_PARTIAL
    return SettlementStatus.CONTRACTED


OPEN = frozenset(
    {
        SettlementStatus.CONTRACTED,
        SettlementStatus.ESCROW_PARTIAL,
        SettlementStatus.ESCROW_FULL,
        SettlementStatus.RIGHTS_RECORDED,
    }
)


def check_status(
    present: SettlementStatus, allowed: frozenset[SettlementStatus], act_zh: str, act_en: str
) -> None:
    """Raises SettlementStateForbids unless the settlement stands at one of these."""
    if present not in allowed:
        raise SettlementStateForbids(*STATUS_WORDS[present], act_zh, act_en)
