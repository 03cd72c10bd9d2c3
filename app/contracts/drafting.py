"""Drawing up a contract (起草合同) from a deal: one for each deal, whoever of the two asks first."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from app.accounts.permissions import Permission
from app.accounts.queries import get_organisation
from app.audit import audit
from app.catalog.patent_terms import get_term_end
from app.chain import Event
from app.clock import market_date, market_now
from app.contracts.clauses import document_sha256, write_contract
from app.contracts.licence_clauses import write_licence_contract
from app.contracts.licence_terms import LicenceContractTerms
from app.contracts.models import Contract
from app.contracts.numbering import take_contract_no
from app.contracts.queries import find_contract_of_deal, lock_drafting
from app.contracts.rules import ContractStatus, patent_facts, patent_no_of
from app.contracts.signing import sign_by_declaration
from app.contracts.terms import AssignmentTerms, Party
from app.events import open_stream, record
from app.ids import uuid7
from app.payments.queries import get_deposit
from app.trades.announced_models import AnnouncedPlan
from app.trades.errors import DealMissing
from app.trades.errors_method import SubjectHasNoPatent
from app.trades.kept_rules import get_kept_rule
from app.trades.licence_checks import grant_words
from app.trades.licence_register import get_deal_licence, list_grants
from app.trades.licence_rules import LICENCES
from app.trades.licence_sales import find_open_licence
from app.trades.method import NEGOTIATED
from app.trades.queries import get_deal, get_listing_view
from app.trades.rights_gate import list_rights
from app.trades.rules import percent_of

if TYPE_CHECKING:
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.contracts.office import Office
    from app.contracts.rules import PatentFacts
    from app.db import Session
    from app.trades.models import Deal
    from app.trades.queries import ListingView
    from app.trades.rights_gate import RightView

PERIODS = "contract.periods"
_WAYS: dict[str, dict[str, str]] = {
    "auction": {},
    "listed": {"way_zh": "挂牌交易", "way_en": "a listing at a price", "papers_zh": "挂牌文件"},
    "negotiated": {"way_zh": "协议定价", "way_en": "a negotiated price", "papers_zh": "挂牌文件"},
}


async def draft_contract(session: Session, caller: Caller, deal_id: UUID, office: Office) -> Contract:
    """Draws up the contract of a deal, an assignment or a licence, or returns the one that exists.

    Only of a single patent: the contract of a package would have to name the six facts of each item.
    Takes an advisory lock on the deal, then the number series' row. Raises DealMissing for strangers, SubjectHasNoPatent, and
    PatentFactMissing when the patent's record lacks one of the six facts.
    """
    caller.require(Permission.CONTRACT_DRAFT)
    deal = await get_deal(session, deal_id)
    if caller.organisation_id not in (deal.seller_id, deal.buyer_id):
        raise DealMissing
    await lock_drafting(session, deal_id)
    existing = await find_contract_of_deal(session, deal_id)
    if existing is not None:
        return existing
    # A sold listing is public, so nothing more than the draft's own permission is asked for here.
    sold = await get_listing_view(session, caller, deal.listing_id)
    if sold.package is not None:
        raise SubjectHasNoPatent(sold.listing.listing_no)
    contract = await _write(session, caller, deal, sold, office)
    session.add(contract)
    await session.flush()
    await open_stream(session, contract.id, f"contract {contract.contract_no}")
    body = {"contract_no": contract.contract_no, "document_sha256": contract.document_sha256}
    await record(session, contract.id, Event("contract_drafted", body))
    await audit(
        session, caller, "contract.drafted", subject_kind="contract", subject_id=contract.id, detail=body
    )
    declared = await find_open_licence(session, deal.listing_id)
    if declared is not None:
        await sign_by_declaration(session, contract, declared)
    return contract


async def _write(session: Session, caller: Caller, deal: Deal, sold: ListingView, office: Office) -> Contract:
    now = await market_now(session)
    today = market_date(now)
    listing, seller = sold.listing, sold.seller
    paid_fen = (await get_deposit(session, deal.deposit_id)).amount_fen if deal.deposit_id else 0
    buyer = await get_organisation(session, deal.buyer_id)
    facts = await _facts(session, sold)
    periods = await get_kept_rule(session, listing, PERIODS, on=today)
    contract_no = await take_contract_no(session, today)
    terms = AssignmentTerms(
        contract_no=contract_no,
        deal_no=deal.deal_no,
        listing_no=listing.listing_no,
        drafted_on=today.isoformat(),
        exchange_zh=office.exchange_zh,
        exchange_en=office.exchange_en,
        is_demonstration=listing.is_demonstration,
        seller=Party(seller.name, seller.uscc),
        buyer=Party(_buyer_name(deal, buyer.name), buyer.uscc),
        facts=facts,
        encumbrances=await _disclosed(session, sold),
        price_fen=deal.price_fen,
        deposit_fen=min(paid_fen, deal.price_fen),
        payment_days=int(periods["payment_days"]),
        recordal_days=int(periods["recordal_days"]),
        **_WAYS[deal.method],
        instalments=_instalments(deal),
        plan=await _announced(session, deal),
    )
    document = await _word(session, deal, terms)
    return Contract(
        id=uuid7(),
        contract_no=contract_no,
        deal_id=deal.id,
        seller_id=deal.seller_id,
        buyer_id=deal.buyer_id,
        project_name=facts.invention_name,
        price_fen=deal.price_fen,
        is_demonstration=listing.is_demonstration,
        body=document,
        document_sha256=document_sha256(document),
        status=ContractStatus.SIGNING,
        created_by=caller.person_id,
        created_at=now,
    )


async def _disclosed(session: Session, sold: ListingView) -> str:
    """What the seller disclosed, and of a sale the licences that it leaves standing (技术合同解释 article 24)."""
    views = await list_rights(session, sold.listing)
    said = "；".join(part for part in (sold.listing.encumbrances.strip(), *map(_consented, views)) if part)
    if sold.patent is None or sold.listing.rights in LICENCES:
        return said
    grants = await list_grants(session, sold.patent.id, except_listing_id=sold.listing.id)
    standing = "；".join(grant_words(grant)[0] for grant in grants)
    return "；".join(part for part in (said, f"登记的在先许可：{standing}" if standing else "") if part)


def _consented(view: RightView) -> str:
    """A right that was declared, with the consent that the desk verified."""
    given = next((one for one in view.consents if one.status == "verified"), None)
    consent = f"，{given.given_by}于 {given.given_on} 书面同意" if given is not None else ""
    return f"{view.words[0]}（{view.application_no}）{consent}"


async def _word(session: Session, deal: Deal, terms: AssignmentTerms) -> dict[str, Any]:
    """Words an assignment, or the licence that the deal promises."""
    if deal.rights not in LICENCES:
        return write_contract(terms)
    promised = await get_deal_licence(session, deal.id)
    declared = await find_open_licence(session, deal.listing_id)
    return write_licence_contract(
        LicenceContractTerms(
            **{item.name: getattr(terms, item.name) for item in fields(AssignmentTerms)},
            kind=promised.kind,
            territory=promised.territory,
            field=promised.field,
            starts_on=promised.starts_on.isoformat(),
            ends_on=promised.ends_on.isoformat(),
            sublicence=promised.sublicence,
            accepts_earlier=promised.accepts_earlier,
            announcement=(declared.announcement_no or "") if declared else "",
            fee_standard=declared.fee_standard if declared else "",
        )
    )


def _buyer_name(deal: Deal, name: str) -> str:
    """The buyer's name, or of a consortium (联合体) all members with their shares, the lead first."""
    members = deal.confirmation.get("consortium", [])
    if not members:
        return name
    named = "、".join(
        f"{one['name']}（{'牵头方，' if one['is_lead'] else ''}{percent_of(one['share_bp'])}%）"
        for one in members
    )
    return f"{named}组成的联合体"


async def _announced(session: Session, deal: Deal) -> tuple[str, str] | None:
    """The plan of payment that the listing announced, in words; a negotiated price has its own."""
    row = None if deal.method == NEGOTIATED else await session.get(AnnouncedPlan, deal.listing_id)
    if row is None:
        return None
    zh, en = row.words_zh, row.words_en
    return f"按挂牌公告的付款方式支付（{zh}）", f"by the plan announced with the listing ({en})"


def _instalments(deal: Deal) -> tuple[tuple[int, int], ...]:
    """The parts that were agreed in a negotiation; none where the price is paid in one sum."""
    plan = (deal.confirmation.get("agreed") or {}).get("payment_plan", {})
    return tuple((int(one["share_bp"]), int(one["due_days"])) for one in plan.get("instalments", []))


async def _facts(session: Session, sold: ListingView) -> PatentFacts:
    """Gathers the six facts from the patent's record; the owner is whoever sells, by the deal and the warranties."""
    patent = sold.patent
    if patent is None:
        raise SubjectHasNoPatent(sold.listing.listing_no)
    ends_on: date = await get_term_end(session, patent.patent_type, patent.filing_on)
    return patent_facts(
        invention_name=patent.title,
        applicant=patent.applicant,
        owner=sold.seller.name,
        filing_on=patent.filing_on,
        application_no=patent.application_no,
        # The record's patent_no is a publication number; the number of the patent itself follows from the application's.
        patent_no=patent_no_of(patent.application_no),
        last_day=ends_on - timedelta(days=1),
    )
