"""The fee of an open licence (开放许可使用费) as a plan of payment: declared with the licence, so whoever takes it accepts it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from app.clock import market_date, market_now
from app.dated_rules import get_rule
from app.settlement.announcing import Announced, announce_declared
from app.settlement.errors_plans import LicenceTooShort
from app.settlement.plan_rules import RoyaltyBase, RoyaltyTerms, check_royalty
from app.settlement.plans import get_limits
from app.settlement.rules import PlanKind
from app.trades.open_licences import declare_open_licence
from app.trades.queries import lock_listing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from typing import Any
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import Session
    from app.trades.open_licence_rules import Declaration

_MONTHS = 12


async def declare_with_fee(session: Session, caller: Caller, listing_id: UUID, said: Declaration) -> UUID:
    """Declares an open licence and announces its fee as the plan of payment; returns the listing's id.

    A royalty runs period by period as the rulebook says, over the whole months of the licence, with the price as the
    entry fee. Declared anew without one, an earlier plan is taken back. Locks the listing, then the patent. Raises what
    ``declare_open_licence`` raises, LicenceTooShort, and what the rules on royalties refuse. Source: 专利法 50, 细则 85.
    """
    await declare_open_licence(session, caller, listing_id, said)
    listing = await lock_listing(session, listing_id)
    plan: Announced | None = None
    if said.royalty_bp is not None and listing.licence_from and listing.licence_to:
        today = market_date(await market_now(session))
        rule = await get_rule(session, "settlement.open_licence", board=listing.board, on=today)
        terms = royalty_terms(said.royalty_bp, listing.licence_from, listing.licence_to, rule)
        limits = await get_limits(session, listing, on=today)
        check_royalty(PlanKind.ENTRY_FEE, terms, price_fen=listing.start_price_fen, limits=limits)
        plan = Announced(PlanKind.ENTRY_FEE, (), terms)
    await announce_declared(session, caller, listing.id, plan)
    return listing.id


def royalty_terms(rate_bp: int, begins: date, ends: date, rule: Mapping[str, Any]) -> RoyaltyTerms:
    """The terms of an open licence's royalty: as many whole periods as its months have. Raises LicenceTooShort."""
    after = ends + timedelta(days=1)
    months = (after.year - begins.year) * _MONTHS + after.month - begins.month - (after.day < begins.day)
    period = int(rule["period_months"])
    if months < period:
        raise LicenceTooShort(months, period)
    return RoyaltyTerms(
        RoyaltyBase(rule["base"]),
        rate_bp,
        period,
        months // period,
        0,
        int(rule["report_days"]),
        int(rule["pay_days"]),
    )
