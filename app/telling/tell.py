"""Telling people of an act: who is concerned is looked up when the promise is kept, after the act's own commit."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.accounts.queries import find_exchange, list_people_who_may
from app.auction.models import Auction
from app.audit import TELL, AuditRecord
from app.clock import to_shanghai
from app.contracts.models import Contract, Registration
from app.contracts.rules import ContractStatus, RegistrationStatus
from app.ids import uuid7
from app.money import yuan
from app.payments.models import Deposit
from app.settlement.models import Settlement
from app.settlement.plan_models import RoyaltyReport
from app.settlement.rules import PLAN_WORDS, PlanKind, SettlementStatus
from app.tasks import handles
from app.telling import connected
from app.telling.mailing import promise_mail
from app.telling.models import Notification
from app.telling.words import TELLINGS, Side, told
from app.trades.default_models import DealDefault
from app.trades.forfeit_models import DepositForfeiture
from app.trades.forfeit_rules import GROUND_WORDS, ForfeitGround
from app.trades.models import Deal, Intent, Listing
from app.trades.states import IntentStatus, ListingStatus
from app.trades.successor_models import SuccessorOffer

if TYPE_CHECKING:
    from app.db import Session
    from app.telling.words import Telling

# Where something is wanted of people: the status in which it still is.
_STILL = {
    "listing.submitted": ListingStatus.IN_REVIEW,
    "intent.declared": IntentStatus.SUBMITTED,
    "intent.qualified": IntentStatus.QUALIFIED,
    "contract.drafted": ContractStatus.SIGNING,
    "default.declared": "declared",
    "successor.asked": "open",
    "registration.applied": RegistrationStatus.SUBMITTED,
}


@dataclass
class Concerned:
    """The organisations on each side of an act, and what its words and links name."""

    members: dict[str, Any]
    sides: dict[Side, set[UUID]] = field(default_factory=dict)


@handles(TELL)
async def tell_of_act(session: Session, payload: dict[str, Any]) -> None:
    """Writes the notifications of one audited act and the mail of those who want mail; nobody is told twice.

    Whoever did it is not told. What was wanted and has been done meanwhile concerns nobody any more.
    """
    act = await session.get(AuditRecord, UUID(payload["act_id"]))
    if act is None:
        return
    concerned = await _concerned(session, act)
    if concerned is None:
        return
    exchange = await find_exchange(session)
    if exchange is not None:
        concerned.sides[Side.DESK] = {exchange.id}
    for telling in TELLINGS[act.action]:
        await _tell(session, act, telling, concerned)


async def _tell(session: Session, act: AuditRecord, telling: Telling, concerned: Concerned) -> None:
    organisations = concerned.sides.get(telling.side, set())
    people = await list_people_who_may(session, organisations, telling.permission)
    link = telling.link.format_map(concerned.members)
    rows = [
        {
            "id": uuid7(),
            "person_id": person_id,
            "act_id": act.id,
            "kind": telling.kind,
            "members": concerned.members,
            "link": link,
        }
        for person_id in sorted(people - {act.person_id})
    ]
    if not rows:
        return
    statement = insert(Notification).values(rows).on_conflict_do_nothing().returning(Notification.person_id)
    new = (await session.execute(statement)).scalars().all()
    zh, en = (told(telling.kind, concerned.members, lang) for lang in ("zh", "en"))
    await promise_mail(session, new, zh, en, link)


async def _concerned(session: Session, act: AuditRecord) -> Concerned | None:
    """Who is on which side of an act's subject; None when nothing is wanted of anybody any more."""
    finders = {
        "listing": _of_listing,
        "deal": _of_deal,
        "intent": _of_intent,
        "deposit": _of_intent,
        "default": _of_default,
        "forfeiture": _of_forfeiture,
        "successor_offer": _of_successor,
        "settlement": _of_settlement,
        "royalty_report": _of_settlement,
        "connected_account": _of_account,
        "payment_order": _of_order,
    }
    find = finders.get(act.subject_kind, _of_contract)
    return await find(session, act, UUID(act.subject_id))


async def _of_account(_session: Session, act: AuditRecord, subject_id: UUID) -> Concerned | None:
    return Concerned(*connected.of_account(act, subject_id))


async def _of_order(_session: Session, act: AuditRecord, _subject_id: UUID) -> Concerned | None:
    return Concerned(*connected.of_order(act))


async def _of_settlement(session: Session, act: AuditRecord, subject_id: UUID) -> Concerned | None:
    report = await session.get(RoyaltyReport, subject_id) if act.subject_kind == "royalty_report" else None
    row = await session.get(Settlement, report.settlement_id if report else subject_id)
    if row is None or (act.action == "settlement.opened" and row.status != SettlementStatus.PROPOSED):
        return None
    deal = await session.get_one(Deal, row.deal_id)
    plan_zh, plan_en = PLAN_WORDS[PlanKind(row.kind)]
    members = {
        "id": act.subject_id,
        "deal_id": str(deal.id),
        "deal_no": deal.deal_no,
        "plan_zh": plan_zh,
        "plan_en": plan_en,
        "period": act.detail.get("period", ""),
        "place": act.detail.get("place", ""),
        "due_on": act.detail.get("due_on") or "",
        "royalty": yuan(report.royalty_fen or 0) if report else "",
        "reason": (report and report.objection) or "",
    }
    return Concerned(members, {Side.SELLER: {row.seller_id}, Side.BUYER: {row.buyer_id}})


async def _of_listing(session: Session, act: AuditRecord, listing_id: UUID) -> Concerned | None:
    listing = await session.get(Listing, listing_id)
    if listing is None or listing.status != _STILL.get(act.action, listing.status):
        return None
    intents = await session.scalars(select(Intent.buyer_id).where(Intent.listing_id == listing_id))
    took_part = set(intents)
    members = {
        "id": str(listing_id),
        "listing_no": listing.listing_no,
        "title": listing.title,
        "deadline": "",
        **{name: act.detail.get(name, "") for name in ("reason", "reason_zh", "reason_en")},
    }
    if until_at := act.detail.get("until_at"):
        members["deadline"] = _shown(datetime.fromisoformat(until_at))
    sides = {Side.SELLER: {listing.seller_id}, Side.OTHERS: took_part}
    # After a default there may be several: the last one is alive.
    newest = select(Deal).where(Deal.listing_id == listing_id).order_by(Deal.id.desc()).limit(1)
    deal = await session.scalar(newest)
    if deal is not None:
        members |= {"deal_id": str(deal.id), "price": yuan(deal.price_fen)}
        sides |= {Side.BUYER: {deal.buyer_id}, Side.OTHERS: took_part - {deal.buyer_id}}
    elif act.action == "listing.sold":
        # A demand's award has a page of its own and no deal.
        return None
    return Concerned(members, sides)


async def _of_deal(session: Session, act: AuditRecord, deal_id: UUID) -> Concerned | None:
    deal = await session.get(Deal, deal_id)
    if deal is None:
        return None
    members = {
        "id": str(deal_id),
        "listing_no": act.detail.get("listing_no", ""),
        "deal_no": deal.deal_no,
        "price": yuan(deal.price_fen),
    }
    return Concerned(members, {Side.SELLER: {deal.seller_id}, Side.BUYER: {deal.buyer_id}})


async def _of_intent(session: Session, act: AuditRecord, subject_id: UUID) -> Concerned | None:
    own = Intent.id == subject_id if act.subject_kind == "intent" else Intent.deposit_id == subject_id
    intent = await session.scalar(select(Intent).where(own))
    listing = None if intent is None else await session.get(Listing, intent.listing_id)
    if intent is None or listing is None or intent.status != _STILL.get(act.action, intent.status):
        return None
    deposit = None if intent.deposit_id is None else await session.get(Deposit, intent.deposit_id)
    auction = None if listing.auction_id is None else await session.get(Auction, listing.auction_id)
    members = {
        "id": str(intent.id),
        "listing_no": listing.listing_no,
        "auction_id": str(listing.auction_id),
        "deposit": "" if deposit is None else yuan(deposit.amount_fen),
        "ends_at": "" if auction is None else _shown(auction.ends_at),
        "reason": intent.reason or "",
    }
    return Concerned(members, {Side.BUYER: {intent.buyer_id}, Side.SELLER: {listing.seller_id}})


async def _of_default(session: Session, act: AuditRecord, default_id: UUID) -> Concerned | None:
    default = await session.get(DealDefault, default_id)
    if default is None or default.status != _STILL.get(act.action, default.status):
        return None
    deal = await session.get_one(Deal, default.deal_id)
    members = {
        "id": str(default.id),
        "deal_id": str(deal.id),
        "deal_no": deal.deal_no,
        "reason": default.reason,
        "shortfall": yuan(default.shortfall_fen),
    }
    return Concerned(members, {Side.SELLER: {default.seller_id}, Side.BUYER: {default.buyer_id}})


async def _of_forfeiture(session: Session, act: AuditRecord, forfeiture_id: UUID) -> Concerned | None:
    row = await session.get(DepositForfeiture, forfeiture_id)
    if row is None:
        return None
    listing = await session.get_one(Listing, row.listing_id)
    ground_zh, ground_en = GROUND_WORDS[ForfeitGround(row.ground)]
    members = {
        "id": act.subject_id,
        "listing_id": str(listing.id),
        "listing_no": listing.listing_no,
        "deposit": yuan(row.deposit_fen),
        "to_seller": yuan(row.seller_fen + row.rest_fen),
        "ground_zh": ground_zh,
        "ground_en": ground_en,
        "answer_until": _shown(row.answer_until),
        "decision": row.decision or "",
    }
    return Concerned(members, {Side.SELLER: {row.seller_id}, Side.BUYER: {row.party_id}})


async def _of_successor(session: Session, act: AuditRecord, offer_id: UUID) -> Concerned | None:
    offer = await session.get(SuccessorOffer, offer_id)
    if offer is None or offer.status != _STILL.get(act.action, offer.status):
        return None
    listing = await session.get_one(Listing, offer.listing_id)
    members = {
        "id": str(offer.id),
        "listing_no": listing.listing_no,
        "price": yuan(offer.price_fen),
        "ends_at": _shown(offer.expires_at),
        "deal_id": str(offer.deal_id),
        "default_deal_id": str(offer.default_deal_id),
    }
    return Concerned(members, {Side.SELLER: {offer.seller_id}, Side.BUYER: {offer.bidder_id}})


async def _of_contract(session: Session, act: AuditRecord, subject_id: UUID) -> Concerned | None:
    registration = None
    if act.subject_kind == "registration":
        registration = await session.get(Registration, subject_id)
        subject_id = subject_id if registration is None else registration.contract_id
    contract = await session.get(Contract, subject_id)
    acted_on = registration or contract
    if contract is None or acted_on is None or acted_on.status != _STILL.get(act.action, acted_on.status):
        return None
    members = {
        "id": act.subject_id,
        "contract_no": contract.contract_no,
        "registration_no": (registration and registration.registration_no) or "",
    }
    return Concerned(members, {Side.SELLER: {contract.seller_id}, Side.BUYER: {contract.buyer_id}})


def _shown(moment: datetime) -> str:
    return to_shanghai(moment).strftime("%Y-%m-%d %H:%M")
