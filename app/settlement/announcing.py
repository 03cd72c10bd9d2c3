"""A plan of payment that is announced with a listing (公告付款方式): written with the draft, then part of the offer."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from app.accounts.permissions import Permission
from app.audit import audit
from app.clock import market_date, market_now
from app.settlement.errors_plans import PlanAlreadyPublic
from app.settlement.plan_rules import (
    BASE_WORDS,
    Limits,
    Part,
    RoyaltyBase,
    RoyaltyTerms,
    check_allowed,
    check_parts,
    check_royalty,
)
from app.settlement.rules import PLAN_WORDS, PlanKind
from app.trades.announced_models import AnnouncedPlan
from app.trades.errors import ListingMissing
from app.trades.kept_rules import get_kept_rule
from app.trades.queries import get_listing_view, lock_listing
from app.trades.regimes import regime_of
from app.trades.states import ListingStatus

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import AnySession, Session
    from app.trades.models import Listing

_OPEN = frozenset({ListingStatus.DRAFT, ListingStatus.RETURNED})


@dataclass(frozen=True)
class Announced:
    """A plan as a listing announces it: a royalty, or parts by shares and days."""

    kind: PlanKind
    parts: tuple[Part, ...] = ()
    royalty: RoyaltyTerms | None = None


async def announce_plan(
    session: Session,
    caller: Caller,
    listing_id: UUID,
    kind: PlanKind,
    parts: Sequence[Part],
    royalty: RoyaltyTerms | None,
) -> UUID:
    """Writes how an own draft's price will be paid, or writes it anew; one payment takes an earlier plan back.

    Locks the listing. Raises NotPermitted, ListingMissing, PlanAlreadyPublic, PlanNotAllowed and what the rules refuse.
    """
    caller.require(Permission.LISTING_WRITE)
    listing = await lock_listing(session, listing_id)
    if listing.seller_id != caller.organisation_id:
        raise ListingMissing
    if listing.status not in _OPEN:
        raise PlanAlreadyPublic
    today = market_date(await market_now(session))
    check_allowed(kind, await regime_of(session, listing), await read_allowed(session, listing, on=today))
    if kind is PlanKind.ONE_OFF:
        await session.execute(delete(AnnouncedPlan).where(AnnouncedPlan.listing_id == listing.id))
    else:
        limits = Limits.from_json(
            await get_kept_rule(session, listing, "settlement.royalty", on=today),
            await get_kept_rule(session, listing, "settlement.deferred", on=today),
        )
        check_royalty(kind, royalty, price_fen=None, limits=limits)
        plan = Announced(kind, check_parts(kind, parts, limits), royalty)
        await _write(session, caller, listing.id, plan)
    detail = {"listing_no": listing.listing_no, "kind": kind.value}
    await audit(
        session, caller, "plan.announced", subject_kind="listing", subject_id=listing.id, detail=detail
    )
    return listing.id


async def announce_declared(
    session: Session, caller: Caller, listing_id: UUID, plan: Announced | None
) -> None:
    """Writes the plan that an open licence's declaration holds, or takes an earlier one back. Needs the listing's lock."""
    if plan is None:
        await session.execute(delete(AnnouncedPlan).where(AnnouncedPlan.listing_id == listing_id))
    else:
        await _write(session, caller, listing_id, plan)


async def _write(session: Session, caller: Caller, listing_id: UUID, plan: Announced) -> None:
    zh, en = words_of(plan)
    values = {
        "kind": plan.kind.value,
        "plan": {
            "parts": [asdict(part) for part in plan.parts],
            "royalty": asdict(plan.royalty) if plan.royalty else None,
        },
        "words_zh": zh,
        "words_en": en,
        "written_by": caller.person_id,
        "written_at": await market_now(session),
    }
    row = insert(AnnouncedPlan).values(listing_id=listing_id, **values)
    await session.execute(row.on_conflict_do_update(index_elements=["listing_id"], set_=values))


def words_of(plan: Announced) -> tuple[str, str]:
    """A plan in words, Chinese and English, for the listing and the contract."""
    zh, en = PLAN_WORDS[plan.kind]
    if plan.royalty is not None:
        terms = plan.royalty
        base_zh, base_en = BASE_WORDS[terms.base]
        rate = f"{terms.rate_bp // 100}.{terms.rate_bp % 100:02d}"
        zh += f"：按{base_zh}的 {rate}% 提成，每 {terms.period_months} 个月一期共 {terms.periods} 期，每期结束后 {terms.report_days} 日内报告，确认后 {terms.pay_days} 日内付款"
        en += f": {rate}% of {base_en}, {terms.periods} periods of {terms.period_months} months, reported within {terms.report_days} days and paid within {terms.pay_days}"
    for number, part in enumerate(plan.parts, 1):
        share = f"{part.share_bp // 100}.{part.share_bp % 100:02d}%"
        zh += f"；第 {number} 期 {share}，合同生效后 {part.due_days} 日内" + (
            f"（{part.condition}，条件确认的提前）" if part.condition else ""
        )
        en += f"; part {number}: {share} within {part.due_days} days after effect" + (
            f" (sooner once: {part.condition})" if part.condition else ""
        )
    return zh, en


async def find_announced(session: AnySession, listing_id: UUID) -> AnnouncedPlan | None:
    """Finds the plan announced with a listing."""
    return await session.get(AnnouncedPlan, listing_id)


async def read_announced(session: AnySession, listing_id: UUID) -> Announced | None:
    """Reads the plan announced with a listing as its terms."""
    row = await find_announced(session, listing_id)
    if row is None:
        return None
    royalty = row.plan["royalty"]
    terms = RoyaltyTerms(**{**royalty, "base": RoyaltyBase(royalty["base"])}) if royalty else None
    return Announced(PlanKind(row.kind), tuple(Part(**part) for part in row.plan["parts"]), terms)


async def get_announced(
    session: AnySession, caller: Caller | None, listing_id: UUID
) -> tuple[AnnouncedPlan | None, list[str]]:
    """Reads a listing's plan, none where it is paid at once, and the plans that its seller's regime allows.

    For whoever may see the listing. Raises ListingMissing, NotPermitted.
    """
    listing = (await get_listing_view(session, caller, listing_id)).listing
    today = market_date(await market_now(session))
    return await find_announced(session, listing_id), await read_allowed(session, listing, on=today)


async def read_allowed(session: AnySession, listing: Listing, *, on: date) -> list[str]:
    """Reads which plans the seller's regime allows for the listing's rights; a demand is paid at once."""
    regime = await regime_of(session, listing)
    allowed = await get_kept_rule(session, listing, f"settlement.plan_kinds.{regime}", on=on)
    return list(allowed.get(listing.rights, [PlanKind.ONE_OFF.value]))
