"""The time line of a case (办理经过): what was done to a listing, an intent, a deal or a notice, from the audit record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, tuple_

from app.accounts.permissions import Permission
from app.accounts.queries import find_exchange
from app.audit import AuditRecord
from app.contracts.models import Contract, Registration
from app.desks.acts import ACTS, PUBLIC
from app.settlement.models import EscrowRelease, Settlement
from app.settlement.plan_models import RoyaltyReport
from app.settlement.queries import get_settlement
from app.trades.default_models import DealDefault
from app.trades.notice_models import PublicNotice
from app.trades.notice_queries import get_notice
from app.trades.queries import get_deal_view, get_intent_view, get_listing_view

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import AnySession
    from app.trades.models import Deal

_LONGEST = 200


@dataclass(frozen=True)
class CaseAct:
    """One act of a case; ``side`` is who acted: seller, buyer, exchange, market (by itself) or other."""

    id: UUID
    at: datetime
    action: str
    side: str
    reason: str | None


async def read_listing_history(session: AnySession, caller: Caller | None, listing_id: UUID) -> list[CaseAct]:
    """What was done to a listing and its notices, the oldest first. Raises ListingMissing, NotPermitted.

    Whoever sees a published listing sees what was published; its seller and the desks see what was done before, too.
    """
    listing = (await get_listing_view(session, caller, listing_id)).listing
    notices = await session.scalars(select(PublicNotice.id).where(PublicNotice.listing_id == listing_id))
    subjects = [("listing", listing_id), *(("public_notice", each) for each in notices)]
    is_inside = caller is not None and (
        (caller.organisation_id == listing.seller_id and caller.may(Permission.LISTING_READ_OWN))
        or caller.may(Permission.LISTING_REVIEW)
        or caller.may(Permission.AUDIT_READ)
    )
    return await _acts(session, subjects, {listing.seller_id: "seller"}, is_inside=is_inside)


async def read_notice_history(session: AnySession, caller: Caller | None, notice_id: UUID) -> list[CaseAct]:
    """What was done to a public notice, the oldest first. Raises NoticeMissing."""
    view = await get_notice(session, caller, notice_id)
    sides = {view.notice.seller_id: "seller"}
    return await _acts(session, [("public_notice", notice_id)], sides, is_inside=view.is_inside)


async def read_intent_history(session: AnySession, caller: Caller, intent_id: UUID) -> list[CaseAct]:
    """What was done to an intent and its deposit, for its buyer and the desks. Raises IntentMissing, NotPermitted."""
    view = await get_intent_view(session, caller, intent_id)
    subjects = [("intent", intent_id)]
    if view.deposit is not None:
        subjects.append(("deposit", view.deposit.id))
    return await _acts(session, subjects, {view.intent.buyer_id: "buyer"}, is_inside=True)


async def read_deal_history(session: AnySession, caller: Caller, deal_id: UUID) -> list[CaseAct]:
    """What was done since the sale: contract, registration, settlement, releases, defaults; for both sides and the desks.

    Raises DealMissing, NotPermitted.
    """
    deal = (await get_deal_view(session, caller, deal_id)).deal
    subjects = [("deal", deal_id)]
    defaults = await session.scalars(select(DealDefault.id).where(DealDefault.deal_id == deal_id))
    subjects += [("default", each) for each in defaults]
    contract_id = await session.scalar(select(Contract.id).where(Contract.deal_id == deal_id))
    if contract_id is not None:
        subjects.append(("contract", contract_id))
        applied = select(Registration.id).where(Registration.contract_id == contract_id)
        subjects += [("registration", each) for each in await session.scalars(applied)]
    settlement_id = await session.scalar(select(Settlement.id).where(Settlement.deal_id == deal_id))
    if settlement_id is not None:
        subjects += await _of_settlement(session, settlement_id)
    sale = ("listing", deal.listing_id)
    return await _acts(session, subjects, _sides(deal), is_inside=True, sale=sale)


async def read_settlement_history(session: AnySession, caller: Caller, settlement_id: UUID) -> list[CaseAct]:
    """What was done in a settlement, for both sides and the desks. Raises SettlementMissing, NotPermitted."""
    view = await get_settlement(session, caller, settlement_id)
    return await _acts(
        session, await _of_settlement(session, settlement_id), _sides(view.deal), is_inside=True
    )


async def _of_settlement(session: AnySession, settlement_id: UUID) -> list[tuple[str, UUID]]:
    releases = select(EscrowRelease.id).where(EscrowRelease.settlement_id == settlement_id)
    reports = select(RoyaltyReport.id).where(RoyaltyReport.settlement_id == settlement_id)
    return [
        ("settlement", settlement_id),
        *(("release", each) for each in await session.scalars(releases)),
        *(("royalty_report", each) for each in await session.scalars(reports)),
    ]


def _sides(deal: Deal) -> dict[UUID, str]:
    return {deal.seller_id: "seller", deal.buyer_id: "buyer"}


async def _acts(
    session: AnySession,
    subjects: list[tuple[str, UUID]],
    sides: dict[UUID, str],
    *,
    is_inside: bool,
    sale: tuple[str, UUID] | None = None,
) -> list[CaseAct]:
    """Reads the acts on some subjects that have words; of ``sale`` only that it was sold."""
    keys: list[Any] = [(kind, str(subject_id)) for kind, subject_id in subjects]
    shown = set(ACTS) if is_inside else PUBLIC
    mine = tuple_(AuditRecord.subject_kind, AuditRecord.subject_id).in_(keys) & AuditRecord.action.in_(shown)
    if sale is not None:
        mine = mine | (
            (AuditRecord.subject_kind == sale[0])
            & (AuditRecord.subject_id == str(sale[1]))
            & (AuditRecord.action == "listing.sold")
        )
    query = select(AuditRecord).where(mine).order_by(AuditRecord.id).limit(_LONGEST)
    exchange = await find_exchange(session)
    known = dict(sides) if exchange is None else {**sides, exchange.id: "exchange"}
    return [
        CaseAct(
            id=row.id,
            at=row.at,
            action=row.action,
            side="market" if row.organisation_id is None else known.get(row.organisation_id, "other"),
            reason=(row.detail.get("reason") or None) if is_inside else None,
        )
        for row in await session.scalars(query)
    ]
