"""Which plan a deal's price is paid by (付款方式): the one announced with it, or one that both sides agree on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.settlement.announcing import read_allowed, read_announced
from app.settlement.errors_plans import PlanNotAnnounced, PlanWasAgreed, PlanWasAnnounced
from app.settlement.plan_models import RoyaltyPlan
from app.settlement.plan_rules import (
    LATER,
    Limits,
    Part,
    RoyaltyBase,
    RoyaltyTerms,
    check_allowed,
    check_later,
    check_royalty,
    first_day,
    terms_of_parts,
)
from app.settlement.queries import get_plan_rules
from app.settlement.rules import PLAN_WORDS, PlanKind, Term, check_instalments, one_off
from app.trades.kept_rules import get_kept_rule
from app.trades.method import NEGOTIATED
from app.trades.regimes import regime_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

    from app.calendar_days import Calendar
    from app.db import AnySession
    from app.trades.models import Deal, Listing

_BY_CONSENT = frozenset({PlanKind.ONE_OFF, PlanKind.INSTALMENTS})


@dataclass(frozen=True)
class Asked:
    """A plan as one side asks for it; where one was announced, its kind alone is enough."""

    kind: PlanKind
    terms: Sequence[Term] = ()
    royalty: RoyaltyTerms | None = None


@dataclass(frozen=True)
class Planned:
    """A plan that keeps the rules: its kind, its terms, its royalty; ``is_agreed``: it holds at once."""

    kind: PlanKind
    terms: tuple[Term, ...]
    royalty: RoyaltyTerms | None
    is_agreed: bool


@dataclass(frozen=True)
class Ground:
    """What a plan is judged by: the deal, its listing, what the deposit has paid, the days."""

    deal: Deal
    listing: Listing
    deposit_fen: int
    effect_on: date
    today: date
    calendar: Calendar


async def get_limits(session: AnySession, listing: Listing, *, on: date) -> Limits:
    """Reads a sale's rules on royalties and on use first, pay later."""
    return Limits.from_json(
        await get_kept_rule(session, listing, "settlement.royalty", on=on),
        await get_kept_rule(session, listing, "settlement.deferred", on=on),
    )


def agreed_parts(deal: Deal) -> tuple[Part, ...]:
    """The instalments of the offer that was accepted in a room (民法典 488: as it was offered); none: one sum."""
    plan = (deal.confirmation.get("agreed") or {}).get("payment_plan") or {}
    return tuple(Part(int(one["share_bp"]), int(one["due_days"])) for one in plan.get("instalments", ()))


def _as_agreed(asked: Asked, ground: Ground) -> Planned | None:
    """The agreed instalments as the plan; another way of paying its own price takes both sides' consent.

    Raises PlanWasAgreed where one side alone would pay, or be paid, otherwise.
    """
    parts = agreed_parts(ground.deal)
    if not parts or asked.kind not in _BY_CONSENT:
        return None
    if asked.kind is not PlanKind.INSTALMENTS or asked.terms:
        raise PlanWasAgreed(len(parts))
    terms = terms_of_parts(
        parts,
        price_fen=ground.deal.price_fen,
        deposit_fen=ground.deposit_fen,
        effect_on=ground.effect_on,
    )
    return Planned(asked.kind, terms, None, is_agreed=True)


async def plan_payment(session: AnySession, asked: Asked, ground: Ground) -> Planned:
    """Judges a plan. A plan that was announced holds at once and alone; otherwise one payment holds at once.

    Where the price was fixed in public and no plan was announced, instalments are all that both may agree on: whoever
    bid or stayed away did so on the announced terms. Instalments that were agreed in a room hold at once, as they stand
    in the contract. Raises PlanWasAgreed, PlanWasAnnounced, PlanNotAnnounced, PlanNotAllowed and what
    the rules refuse.
    """
    deal, listing = ground.deal, ground.listing
    announced = await read_announced(session, listing.id)
    if announced is not None and deal.method != NEGOTIATED:
        if asked.kind is not announced.kind or asked.terms or asked.royalty not in (None, announced.royalty):
            raise PlanWasAnnounced(*PLAN_WORDS[announced.kind])
        terms = await _at_once(session, ground) if announced.kind is PlanKind.ENTRY_FEE else ()
        if announced.parts:
            terms = terms_of_parts(
                announced.parts,
                price_fen=deal.price_fen,
                deposit_fen=ground.deposit_fen,
                effect_on=ground.effect_on,
            )
        return Planned(announced.kind, terms, announced.royalty, is_agreed=True)
    agreed = _as_agreed(asked, ground)
    if agreed is not None:
        return agreed
    if deal.method != NEGOTIATED and asked.kind not in _BY_CONSENT:
        raise PlanNotAnnounced(*PLAN_WORDS[asked.kind])
    allowed = await read_allowed(session, listing, on=ground.today)
    check_allowed(asked.kind, await regime_of(session, listing), allowed)
    limits = await get_limits(session, listing, on=ground.today)
    royalty = check_royalty(asked.kind, asked.royalty, price_fen=deal.price_fen, limits=limits)
    terms = await _terms(session, asked, ground, limits)
    return Planned(asked.kind, terms, royalty, is_agreed=asked.kind is PlanKind.ONE_OFF)


async def _at_once(session: AnySession, ground: Ground) -> tuple[Term, ...]:
    rules = await get_plan_rules(session, board=ground.listing.board, on=ground.today)
    return one_off(
        ground.deal.price_fen,
        ground.deposit_fen,
        rules.first_due_on(ground.effect_on, ground.today, ground.calendar),
    )


async def _terms(session: AnySession, asked: Asked, ground: Ground, limits: Limits) -> tuple[Term, ...]:
    price_fen, deposit_fen = ground.deal.price_fen, ground.deposit_fen
    if asked.kind is PlanKind.ROYALTY:
        return ()
    if asked.kind in LATER:
        return check_later(
            asked.kind,
            asked.terms,
            price_fen=price_fen,
            deposit_fen=deposit_fen,
            effect_on=ground.effect_on,
            limits=limits,
        )
    if asked.kind is PlanKind.ONE_OFF or not asked.terms:
        return await _at_once(session, ground)
    rules = await get_plan_rules(session, board=ground.listing.board, on=ground.today)
    return check_instalments(
        asked.terms,
        price_fen=price_fen,
        deposit_fen=deposit_fen,
        began_on=ground.today,
        first_due_on=rules.first_due_on(ground.effect_on, ground.today, ground.calendar),
        rules=rules,
    )


def royalty_row(settlement_id: UUID, terms: RoyaltyTerms, effect_on: date) -> RoyaltyPlan:
    """The royalty as it is kept; its first period begins with the month after effect and the months of use."""
    return RoyaltyPlan(
        settlement_id=settlement_id,
        base=terms.base,
        rate_bp=terms.rate_bp,
        period_months=terms.period_months,
        periods=terms.periods,
        lead_months=terms.lead_months,
        starts_on=first_day(effect_on, terms.lead_months),
        report_days=terms.report_days,
        pay_days=terms.pay_days,
        minimum_fen=terms.minimum_fen,
        cap_fen=terms.cap_fen,
        may_inspect=terms.may_inspect,
    )


def terms_of(row: RoyaltyPlan) -> RoyaltyTerms:
    """A kept royalty as its terms."""
    return RoyaltyTerms(
        RoyaltyBase(row.base),
        row.rate_bp,
        row.period_months,
        row.periods,
        row.lead_months,
        row.report_days,
        row.pay_days,
        row.minimum_fen,
        row.cap_fen,
        row.may_inspect,
    )
