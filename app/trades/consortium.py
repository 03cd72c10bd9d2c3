"""Consortia (联合体): several organisations that buy together, each by its own consent, the lead acting for all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.accounts.credit_code import read_credit_code
from app.accounts.permissions import Permission
from app.accounts.queries import find_organisation_by_credit_code, list_organisations
from app.audit import audit
from app.clock import market_now
from app.trades.declaring_rules import NAMED_TWICE
from app.trades.errors import SellerMayNotBuy
from app.trades.errors_intents import (
    ConsentGiven,
    ConsentMissing,
    MemberTwice,
    PartnersMissing,
    PartnersUnfit,
    PartnerUnknown,
)
from app.trades.intent_models import IntentMember
from app.trades.models import Intent
from app.trades.queries import get_intent, lock_listing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.accounts.models import Organisation
    from app.db import AnySession, Session
    from app.trades.declaring_rules import Declaration
    from app.trades.models import Listing


@dataclass(frozen=True)
class MemberView:
    """A member of a consortium with its organisation."""

    member: IntentMember
    organisation: Organisation


async def find_partners(
    session: AnySession, said: Declaration, lead_id: UUID, listing: Listing
) -> dict[UUID, int]:
    """The partners' organisations with their shares. Raises PartnerUnknown, PartnersUnfit, SellerMayNotBuy."""
    found: dict[UUID, int] = {}
    for partner in said.partners:
        uscc = read_credit_code(partner.uscc).code
        organisation = await find_organisation_by_credit_code(session, uscc)
        if organisation is None:
            raise PartnerUnknown(partner.uscc)
        if organisation.id == lead_id or organisation.id in found:
            raise PartnersUnfit(*NAMED_TWICE)
        if organisation.id == listing.seller_id:
            raise SellerMayNotBuy
        found[organisation.id] = partner.share_bp
    return found


async def require_members_free(
    session: AnySession, listing: Listing, organisation_ids: Sequence[UUID]
) -> None:
    """Raises MemberTwice for who is behind another intent of the listing; a unique index stands behind it."""
    query = (
        select(IntentMember.organisation_id)
        .where(
            IntentMember.listing_id == listing.id,
            IntentMember.organisation_id.in_(organisation_ids),
            IntentMember.ended_at.is_(None),
        )
        .limit(1)
    )
    taken = (await session.execute(query)).scalar_one_or_none()
    if taken is not None:
        parties = await list_organisations(session, [taken])
        raise MemberTwice(parties[taken].name)


async def add_partners(session: Session, intent: Intent, partners: dict[UUID, int]) -> None:
    """Writes the partners of an intent that was just declared; the lead's own row came with it."""
    session.add_all(
        IntentMember(
            intent_id=intent.id, organisation_id=party_id, listing_id=intent.listing_id, share_bp=share_bp
        )
        for party_id, share_bp in partners.items()
    )
    await session.flush()


async def answer_consortium(session: Session, caller: Caller, intent_id: UUID, *, consents: bool) -> UUID:
    """Consents as a partner to buy with the others, or declines; returns the intent's id.

    Locks the listing. Raises NotPermitted, ConsentMissing for everybody who is no partner, ConsentGiven.
    """
    caller.require(Permission.INTENT_WRITE)
    member = await _find_member(session, intent_id, caller.organisation_id)
    if member is None or member.is_lead:
        raise ConsentMissing
    await lock_listing(session, member.listing_id)
    member = await _find_member(session, intent_id, caller.organisation_id)
    if member is None or member.ended_at is not None:
        raise ConsentMissing
    if member.answered_by is not None:
        raise ConsentGiven
    now = await market_now(session)
    member.answered_by = caller.person_id
    if consents:
        member.consented_at = now
    else:
        member.declined_at = now
    await session.flush()
    await audit(
        session,
        caller,
        "consortium.consented" if consents else "consortium.declined",
        subject_kind="intent",
        subject_id=intent_id,
        detail={"share_bp": member.share_bp},
    )
    return intent_id


async def require_all_consented(session: AnySession, intent_id: UUID) -> None:
    """Raises PartnersMissing until every member has consented; a trigger stands behind it."""
    views = await list_members(session, intent_id)
    missing = [view.organisation.name for view in views if view.member.consented_at is None]
    if missing:
        raise PartnersMissing(missing)


async def list_members(session: AnySession, intent_id: UUID) -> list[MemberView]:
    """Reads the members of an intent afresh, the lead first; the caller checks who may."""
    return (await map_members(session, [intent_id])).get(intent_id, [])


async def map_members(session: AnySession, intent_ids: Sequence[UUID]) -> dict[UUID, list[MemberView]]:
    """Reads the members of several intents, by intent, the lead first."""
    query = (
        select(IntentMember)
        .where(IntentMember.intent_id.in_(intent_ids))
        .order_by(IntentMember.is_lead.desc(), IntentMember.share_bp.desc(), IntentMember.organisation_id)
    )
    rows = (await session.execute(query, execution_options={"populate_existing": True})).scalars().all()
    parties = await list_organisations(session, [row.organisation_id for row in rows])
    found: dict[UUID, list[MemberView]] = {}
    for row in rows:
        found.setdefault(row.intent_id, []).append(MemberView(row, parties[row.organisation_id]))
    return found


async def list_members_of_buyer(session: AnySession, listing_id: UUID, buyer_id: UUID) -> list[MemberView]:
    """Reads who bought together with a buyer; nobody where he came alone."""
    query = select(Intent.id).where(
        Intent.listing_id == listing_id, Intent.buyer_id == buyer_id, Intent.status != "withdrawn"
    )
    intent_id = (await session.execute(query)).scalar_one_or_none()
    members = [] if intent_id is None else await list_members(session, intent_id)
    return members if len(members) > 1 else []


async def _find_member(session: AnySession, intent_id: UUID, organisation_id: UUID) -> IntentMember | None:
    query = select(IntentMember).where(
        IntentMember.intent_id == intent_id, IntentMember.organisation_id == organisation_id
    )
    return (await session.execute(query, execution_options={"populate_existing": True})).scalar_one_or_none()


async def is_partner(session: AnySession, intent_id: UUID, organisation_id: UUID) -> bool:
    """Whether an organisation is a member of an intent."""
    await get_intent(session, intent_id)
    return await _find_member(session, intent_id, organisation_id) is not None


async def list_party_ids(session: AnySession, intent_id: UUID) -> list[UUID]:
    """Reads who stands behind an intent: its lead and every partner."""
    query = select(IntentMember.organisation_id).where(IntentMember.intent_id == intent_id)
    return list((await session.execute(query)).scalars())
