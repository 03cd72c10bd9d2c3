"""Licence contracts: their words, their signing, which enters the register, their registration and certificate."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, text

from app.accounts.permissions import Role
from app.api.contracts import document_out
from app.chain import canonical
from app.contracts.certificate import printed
from app.contracts.checks import registrar_checks
from app.contracts.clauses import document_sha256
from app.contracts.copies import render_confirmation, render_contract
from app.contracts.drafting import draft_contract
from app.contracts.licence_clauses import write_licence_contract
from app.contracts.licence_terms import LicenceContractTerms
from app.contracts.models import Certificate, Contract
from app.contracts.registration import Decision, apply_registration, decide_registration
from app.contracts.rules import PatentFacts
from app.contracts.signing import sign_contract
from app.contracts.terms import Party
from app.settlement.opening import open_settlement
from app.settlement.rules import PlanKind
from app.trades.errors_licences import LicenceOverlaps, PatentAssignedAway
from app.trades.licence_models import DealLicence, Licence
from app.trades.licence_register import list_grants
from app.trades.licence_rules import Grant
from app.trades.licences import NewLicence, list_licences, record_licence
from tests.make_accounts import make_caller
from tests.make_contracts import OFFICE, application_for
from tests.make_licences import LICENCE, make_ordinary, take
from tests.make_trades import make_buyer, make_deal, make_patent_of, make_seller

if TYPE_CHECKING:
    from app.accounts.caller import Caller
    from app.db import Session
    from app.trades.models import Deal

TERMS = LicenceContractTerms(
    contract_no="HT2026-000001",
    deal_no="CJ2026-0001",
    listing_no="T2026-0001",
    drafted_on="2026-06-01",
    exchange_zh="技术交易市场",
    exchange_en="Technology Trading Market",
    is_demonstration=False,
    seller=Party("虚构大学", None),
    buyer=Party("虚构公司", None),
    facts=PatentFacts("装置", "虚构大学", "2020-03-02", "CN1", "ZL1", "2020-03-02 — 2040-03-01"),
    encumbrances="",
    price_fen=10_000_000,
    deposit_fen=0,
    payment_days=10,
    recordal_days=10,
    kind="ordinary",
    territory="CN-33",
    field="冷链",
    starts_on="2026-06-01",
    ends_on="2028-12-31",
    sublicence=False,
)


def _text(terms: LicenceContractTerms) -> str:
    sections = write_licence_contract(terms)["sections"]
    return "\n".join(line for one in sections for line in (*one["paragraphs_zh"], *one["paragraphs_en"]))


@pytest.mark.parametrize(
    ("over", "words"),
    [
        ({}, "许可人可以自行实施，也可以许可他人实施"),
        ({"kind": "sole"}, "许可人可以自行实施，但不得许可他人实施"),
        ({"kind": "exclusive"}, "该专利仅由被许可人实施，许可人依约定不得实施"),
        ({"sublicence": True}, "再许可均为普通实施许可"),
        ({"territory": "WW", "field": ""}, "许可地域：全球（WW）。使用领域：全部使用领域"),
        ({"accepts_earlier": True}, "接受已披露的在先普通实施许可"),
        ({"deposit_fen": 1_000_000}, "抵作使用费，余款为 90,000.00 元"),
        ({"is_demonstration": True}, "不产生任何法律效力"),
    ],
)
def test_a_licence_contract_says_what_its_kind_means(over: dict[str, Any], words: str) -> None:
    assert words in _text(replace(TERMS, **over))


def test_its_articles_name_the_law_and_no_assignment_is_spoken_of() -> None:
    document = write_licence_contract(TERMS)
    assert (document["contract_type"], document["subtype"]) == ("licence", "patent_licence")
    assert [one["title_zh"] for one in document["sections"]][:2] == [
        "第一条　当事人",
        "第二条　许可的标的、方式和范围",
    ]
    assert len(document["sections"]) == 15
    assert all(len(one["paragraphs_zh"]) == len(one["paragraphs_en"]) for one in document["sections"])
    assert "受让人" not in _text(TERMS)
    bases = " ".join(one["basis"] for one in document["sections"])
    assert "技术合同解释 25" in bases
    assert "865" in bases


async def _sign(session: Session, deal: Deal, seller: Caller, buyer: Caller) -> Contract:
    contract = await draft_contract(session, seller, deal.id, OFFICE)
    await sign_contract(session, seller, contract.id, contract.document_sha256)
    await sign_contract(session, buyer, contract.id, contract.document_sha256)
    return contract


async def test_from_the_price_to_the_certificate(session: Session) -> None:
    seller, buyer = await make_seller(session), await make_buyer(session)
    deal = await take(session, await make_ordinary(session, seller=seller), buyer)
    contract = await draft_contract(session, buyer, deal.id, OFFICE)
    assert (await session.execute(select(Licence))).scalars().all() == []
    await sign_contract(session, seller, contract.id, contract.document_sha256)
    await sign_contract(session, buyer, contract.id, contract.document_sha256)
    assert contract.status == "in_force"
    (entry,) = await list_licences(session, seller)
    assert (entry.deal_id, entry.kind, entry.licensee_name) == (
        deal.id,
        "ordinary",
        buyer.organisation_name,
    )
    assert len(await list_grants(session, entry.patent_id)) == 1
    await open_settlement(session, buyer, deal.id, PlanKind.ONE_OFF)
    stated = application_for(contract, contract_type="licence", subtype="patent_licence")
    made = await apply_registration(session, seller, contract.id, stated)
    assert {check.outcome for check in registrar_checks(contract, [], made, date(2026, 6, 1))} >= {"pass"}
    registrar = await make_caller(session, Role.REGISTRAR)
    done = await decide_registration(session, registrar, made.id, Decision("approve"), OFFICE)
    query = select(Certificate).where(Certificate.registration_id == done.id)
    certificate = (await session.execute(query)).scalar_one()
    shown = printed(certificate.body)
    assert "专利实施许可" in shown["rows"][1]["value"]
    assert shown["rows"][3]["zh"] == "许可人（卖方）"
    assert "备案" in shown["statement_zh"]


async def test_the_document_that_is_read_is_the_one_that_is_signed(session: Session) -> None:
    seller, buyer = await make_seller(session), await make_buyer(session)
    deal = await take(session, await make_ordinary(session, seller=seller), buyer)
    contract = await draft_contract(session, buyer, deal.id, OFFICE)
    read = document_out(contract.body).model_dump(mode="json")
    assert document_sha256(read) == contract.document_sha256
    assert render_contract(contract, [], {})[:4] == b"%PDF"
    assert render_confirmation(deal, OFFICE.exchange_zh)[:4] == b"%PDF"
    assert hashlib.sha256(canonical(deal.confirmation).encode()).hexdigest() == deal.confirmation_sha256


async def test_an_exclusive_licence_that_was_bid_for_is_signed_into_the_register(session: Session) -> None:
    seller, buyer = await make_seller(session), await make_buyer(session)
    deal = await make_deal(session, seller=seller, buyer=buyer, rights="exclusive", **LICENCE)
    contract = await _sign(session, deal, seller, buyer)
    assert contract.body["licence"]["kind"] == "exclusive"
    promised = await session.get_one(DealLicence, deal.id)
    grant = Grant("ordinary", "CN", "", promised.starts_on, promised.ends_on)
    with pytest.raises(LicenceOverlaps):
        await record_licence(session, seller, NewLicence(promised.patent_id, "后来的公司", grant))


async def test_no_licence_is_signed_of_a_patent_that_was_assigned_before(session: Session) -> None:
    await session.execute(text("ALTER TABLE listing DISABLE TRIGGER USER"))
    seller, buyer = await make_seller(session), await make_buyer(session)
    patent = await make_patent_of(session, seller.organisation_id)
    over: dict[str, Any] = {"seller": seller, "patent_id": patent.id}
    listing = await make_ordinary(session, **over)
    licensed = await take(session, listing, buyer)
    # A demonstration moves no right: what is tested here is the real market.
    listing.status, listing.is_demonstration = "sold", False
    await session.flush()
    other = await make_buyer(session)
    assigned = await make_deal(session, buyer=other, **over)
    await session.refresh(licensed)
    await _sign(session, assigned, seller, other)
    with pytest.raises(PatentAssignedAway):
        await _sign(session, licensed, seller, buyer)


async def test_a_sale_discloses_the_licences_that_it_leaves_standing(session: Session) -> None:
    seller, buyer = await make_seller(session), await make_buyer(session)
    patent = await make_patent_of(session, seller.organisation_id)
    grant = Grant("ordinary", "CN-33", "冷链", date(2026, 1, 1), date(2028, 12, 31))
    await record_licence(session, seller, NewLicence(patent.id, "先被许可的公司", grant))
    deal = await make_deal(session, seller=seller, buyer=buyer, patent_id=patent.id)
    contract = await draft_contract(session, seller, deal.id, OFFICE)
    assert "登记的在先许可：普通许可，CN-33，冷链，2026-01-01 至 2028-12-31" in str(contract.body)
