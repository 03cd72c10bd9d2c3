"""Drawing up, signing, registering and refusing, on a real database."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from app.accounts.errors import NotPermitted
from app.accounts.permissions import Role
from app.audit import AuditRecord
from app.contracts.clauses import document_sha256
from app.contracts.drafting import draft_contract
from app.contracts.errors import (
    AlreadyDecided,
    AlreadyRegistered,
    AlreadySigned,
    ContractNotFound,
    ContractNotInForce,
    DocumentChanged,
    NotTheSeller,
    PatentFactMissing,
    RefusalReasonNeeded,
    RegistrationNotFound,
    RegistrationNumberTaken,
    RegistrationNumberWrong,
    TechAmountAboveTotal,
    TotalNotThePrice,
    UnknownContractType,
)
from app.contracts.models import Certificate, Contract, NumberSeries, Registration, Signature
from app.contracts.queries import (
    get_contract,
    get_registration,
    list_contracts,
    list_registrations,
    list_signatures,
)
from app.contracts.registration import Decision, apply_registration, decide_registration
from app.contracts.signing import sign_contract
from app.events import list_events
from app.trades.errors import DealMissing
from app.trades.models import Listing
from tests.make_accounts import make_caller, make_organisation
from tests.make_contracts import OFFICE, application_for, make_application, make_contract, make_registered
from tests.make_trades import make_buyer, make_deal, make_patent_of, make_seller

if TYPE_CHECKING:
    from app.db import Session


async def test_a_contract_is_drawn_up_from_its_deal(session: Session) -> None:
    agreed = await make_contract(session, price_fen=12_800_000)
    contract, document = agreed.contract, agreed.contract.body
    assert contract.status == "signing"
    assert contract.contract_no.endswith("-000001")
    assert document["price_fen"] == contract.price_fen == 12_800_000
    assert document["seller"]["name"] == agreed.seller.organisation_name
    assert document["buyer"]["name"] == agreed.buyer.organisation_name
    assert document["deposit_fen"] == 1_000_000
    assert document["patent_facts"]["patent_no"].startswith("ZL2020")
    assert document["patent_facts"]["term"] == "2020-03-02 — 2040-03-01"
    assert contract.document_sha256 == document_sha256(document)


async def test_a_deal_has_one_contract_whoever_asks(session: Session) -> None:
    agreed = await make_contract(session)
    again = await draft_contract(session, agreed.buyer, agreed.contract.deal_id, OFFICE)
    assert again.id == agreed.contract.id
    first_no = int(again.contract_no[-6:])
    other = await make_contract(session)
    assert int(other.contract.contract_no[-6:]) == first_no + 1


async def test_strangers_and_desks_draw_up_nothing(session: Session) -> None:
    agreed = await make_contract(session)
    with pytest.raises(DealMissing):
        await draft_contract(session, await make_seller(session), agreed.contract.deal_id, OFFICE)
    with pytest.raises(DealMissing):
        await draft_contract(session, agreed.seller, uuid4(), OFFICE)
    registrar = await make_caller(session, Role.REGISTRAR)
    with pytest.raises(NotPermitted):
        await draft_contract(session, registrar, agreed.contract.deal_id, OFFICE)


async def test_a_record_that_lost_its_applicant_stops_the_draft_and_is_named(session: Session) -> None:
    seller = await make_seller(session)
    patent = await make_patent_of(session, seller.organisation_id)
    deal = await make_deal(session, seller=seller, patent_id=patent.id)
    patent.applicant, patent.marks = None, ["applicant_withheld"]
    await session.flush()
    with pytest.raises(PatentFactMissing) as refused:
        await draft_contract(session, seller, deal.id, OFFICE)
    assert refused.value.fact == "applicant_and_owner"


async def test_two_signatures_put_a_contract_in_force(session: Session) -> None:
    agreed = await make_contract(session)
    contract = agreed.contract
    first = await sign_contract(session, agreed.seller, contract.id, contract.document_sha256)
    assert (first.side, first.person_id) == ("seller", agreed.seller.person_id)
    assert contract.status == "signing"
    second = await sign_contract(session, agreed.buyer, contract.id, contract.document_sha256)
    assert contract.status == "in_force"
    assert contract.in_force_at == second.signed_at
    kinds = [event.kind for event in await list_events(session, contract.id)]
    assert kinds == ["contract_drafted", "contract_signed", "contract_signed", "contract_in_force"]
    acts = (await session.execute(select(AuditRecord.action).order_by(AuditRecord.id))).scalars().all()
    assert acts[-2:] == ["contract.signed", "contract.signed"]


async def test_wrong_digest_second_signature_and_strangers_are_refused(session: Session) -> None:
    agreed = await make_contract(session)
    contract = agreed.contract
    with pytest.raises(DocumentChanged):
        await sign_contract(session, agreed.seller, contract.id, "0" * 64)
    assert await list_signatures(session, [contract.id]) == {}
    await sign_contract(session, agreed.seller, contract.id, contract.document_sha256)
    with pytest.raises(AlreadySigned):
        await sign_contract(session, agreed.seller, contract.id, contract.document_sha256)
    with pytest.raises(ContractNotFound):
        await sign_contract(session, await make_buyer(session), contract.id, contract.document_sha256)
    with pytest.raises(ContractNotFound):
        await sign_contract(session, agreed.seller, uuid4(), contract.document_sha256)


async def test_only_signatories_sign_and_never_the_exchange(session: Session) -> None:
    agreed = await make_contract(session)
    contract = agreed.contract
    organisation = await make_organisation(session)
    for caller in (
        await make_caller(session, Role.SELLER, organisation=organisation),
        await make_caller(session, Role.REGISTRAR),
        await make_caller(session, Role.SUPERVISOR),
    ):
        with pytest.raises(NotPermitted):
            await sign_contract(session, caller, contract.id, contract.document_sha256)


@pytest.mark.parametrize(
    "change",
    [
        update(Contract).values(price_fen=1),
        update(Contract).values(body={"format": "other"}),
        update(Contract).values(document_sha256="0" * 64),
        update(Signature).values(side="buyer"),
        text("DELETE FROM signature"),
        text("DELETE FROM contract"),
    ],
)
async def test_the_database_itself_keeps_what_was_signed(session: Session, change: object) -> None:
    agreed = await make_contract(session)
    await sign_contract(session, agreed.seller, agreed.contract.id, agreed.contract.document_sha256)
    with pytest.raises(DBAPIError):
        await session.execute(change)  # type: ignore[call-overload]


async def test_the_database_takes_no_signature_over_another_text(session: Session) -> None:
    agreed = await make_contract(session)
    row = Signature(
        contract_id=agreed.contract.id,
        side="seller",
        organisation_id=agreed.seller.organisation_id,
        person_id=agreed.seller.person_id,
        document_sha256="0" * 64,
        signed_at=agreed.contract.created_at,
    )
    session.add(row)
    with pytest.raises(DBAPIError):
        await session.flush()


async def test_only_the_seller_of_a_contract_in_force_applies(session: Session) -> None:
    agreed = await make_contract(session)
    contract, application = agreed.contract, application_for(agreed.contract)
    with pytest.raises(ContractNotInForce) as unsigned:
        await apply_registration(session, agreed.seller, contract.id, application)
    assert unsigned.value.missing == ["seller", "buyer"]
    for caller in (agreed.seller, agreed.buyer):
        await sign_contract(session, caller, contract.id, contract.document_sha256)
    with pytest.raises(NotPermitted):
        await apply_registration(session, agreed.buyer, contract.id, application)
    buyers = await make_caller(session, Role.SELLER, organisation=await make_organisation(session))
    with pytest.raises(ContractNotFound):
        await apply_registration(session, buyers, contract.id, application)
    registration = await apply_registration(session, agreed.seller, contract.id, application)
    assert registration.status == "submitted"


async def test_the_buyer_is_told_that_the_seller_applies(session: Session) -> None:
    agreed = await make_contract(session, signed=True)
    organisation = await make_organisation(session)
    seller_at_buyer = await make_caller(session, Role.SELLER, organisation=organisation)
    other_side = type(seller_at_buyer)(
        **{**vars(seller_at_buyer), "organisation_id": agreed.buyer.organisation_id}
    )
    with pytest.raises(NotTheSeller) as refused:
        await apply_registration(session, other_side, agreed.contract.id, application_for(agreed.contract))
    assert agreed.seller.organisation_name in refused.value.detail("zh")


async def test_wrong_types_and_amounts_change_nothing(session: Session) -> None:
    agreed = await make_contract(session, signed=True)
    price = agreed.contract.price_fen
    for over, error in (
        ({"total_fen": price + 1}, TotalNotThePrice),
        ({"tech_fen": price + 1}, TechAmountAboveTotal),
        ({"subtype": "commissioned"}, UnknownContractType),
    ):
        with pytest.raises(error):
            await make_application(session, agreed, **over)
    assert (await session.execute(select(Registration))).first() is None


async def test_a_second_registration_of_one_contract_names_the_first(session: Session) -> None:
    agreed, first = await make_application(session)
    with pytest.raises(AlreadyRegistered) as waiting:
        await make_application(session, agreed)
    assert waiting.value.registration_id == first.id
    registrar = await make_caller(session, Role.REGISTRAR)
    await decide_registration(session, registrar, first.id, Decision("approve"), OFFICE)
    with pytest.raises(AlreadyRegistered) as registered:
        await make_application(session, agreed)
    assert registered.value.registration_no == first.registration_no


async def test_a_refused_contract_is_applied_for_again(session: Session) -> None:
    agreed, first = await make_application(session)
    registrar = await make_caller(session, Role.REGISTRAR)
    with pytest.raises(RefusalReasonNeeded):
        await decide_registration(session, registrar, first.id, Decision("refuse"), OFFICE)
    refusal = Decision("refuse", reason_code="WRONG_TYPE_OR_AMOUNT", reason="技术交易额应扣除样机费用。")
    await decide_registration(session, registrar, first.id, refusal, OFFICE)
    assert (first.status, first.reason_code) == ("refused", "WRONG_TYPE_OR_AMOUNT")
    _, second = await make_application(session, agreed, tech_fen=agreed.contract.price_fen - 100)
    await decide_registration(session, registrar, second.id, Decision("approve"), OFFICE)
    assert second.status == "registered"
    assert first.status == "refused"


async def test_approval_gives_a_number_and_promises_a_certificate(session: Session) -> None:
    _, registration = await make_registered(session)
    number = registration.registration_no or ""
    assert len(number) == 16
    assert number[4:] == "110001000001"
    certificate = (await session.execute(select(Certificate))).scalar_one()
    assert certificate.registration_id == registration.id
    assert certificate.sha256 is None
    assert certificate.body["registration_no"] == number
    assert certificate.body["verify_url"] == f"http://market.test/verify/{certificate.verification_code}"
    task = (
        await session.execute(text("SELECT payload FROM task WHERE name = 'make_certificate'"))
    ).scalar_one()
    assert task == {"certificate_id": str(certificate.id)}


async def test_the_registrar_fixes_type_and_amounts(session: Session) -> None:
    agreed, registration = await make_application(session)
    registrar = await make_caller(session, Role.REGISTRAR)
    price = agreed.contract.price_fen
    with pytest.raises(TotalNotThePrice):
        await decide_registration(
            session, registrar, registration.id, Decision("approve", total_fen=price - 1), OFFICE
        )
    fixed = Decision("approve", subtype="know_how", tech_fen=price - 5)
    await decide_registration(session, registrar, registration.id, fixed, OFFICE)
    assert (registration.subtype, registration.tech_fen) == ("know_how", price - 5)
    with pytest.raises(AlreadyDecided):
        await decide_registration(session, registrar, registration.id, Decision("approve"), OFFICE)


async def test_numbers_run_without_gaps_and_step_over_those_given_by_hand(session: Session) -> None:
    registrar = await make_caller(session, Role.REGISTRAR)
    numbers = []
    _, first = await make_application(session)
    first_id, year = first.id, first.created_at.year
    given = f"{year}-1100-01-000002"
    for decision in (Decision("approve"), Decision("approve", registration_no=given), Decision("approve")):
        _, registration = await make_application(session)
        await decide_registration(session, registrar, registration.id, decision, OFFICE)
        numbers.append(int((registration.registration_no or "")[10:]))
    assert numbers == [1, 2, 3]
    with pytest.raises(RegistrationNumberTaken):
        await decide_registration(
            session, registrar, first_id, Decision("approve", registration_no=given), OFFICE
        )
    with pytest.raises(RegistrationNumberWrong):
        await decide_registration(
            session, registrar, first_id, Decision("approve", registration_no="12"), OFFICE
        )
    series = await session.get_one(NumberSeries, f"{year}110001", populate_existing=True)
    assert series.last_number == 3


async def test_only_the_registrar_decides(session: Session) -> None:
    agreed, registration = await make_application(session)
    others = [agreed.seller, agreed.buyer]
    others += [await make_caller(session, role) for role in (Role.REVIEWER, Role.FINANCE, Role.SUPERVISOR)]
    for caller in others:
        with pytest.raises(NotPermitted):
            await decide_registration(session, caller, registration.id, Decision("approve"), OFFICE)
    registrar = await make_caller(session, Role.REGISTRAR)
    with pytest.raises(RegistrationNotFound):
        await decide_registration(session, registrar, uuid4(), Decision("approve"), OFFICE)


async def test_each_sees_his_own_and_registrar_and_supervisor_see_all(session: Session) -> None:
    agreed, registration = await make_application(session)
    contract_id, registration_id = agreed.contract.id, registration.id
    await make_application(session)
    for caller, count in (
        (agreed.seller, 1),
        (agreed.buyer, 1),
        (await make_seller(session), 0),
        (await make_caller(session, Role.REGISTRAR), 2),
        (await make_caller(session, Role.SUPERVISOR), 2),
    ):
        assert len(await list_contracts(session, caller)) == count
        assert len(await list_registrations(session, caller, status="submitted")) == count
        if count:
            assert (await get_contract(session, caller, contract_id)).id == contract_id
            assert (await get_registration(session, caller, registration_id)).id == registration_id
        else:
            with pytest.raises(ContractNotFound):
                await get_contract(session, caller, contract_id)
            with pytest.raises(RegistrationNotFound):
                await get_registration(session, caller, registration_id)
    for role in (Role.FINANCE, Role.HOST, Role.REVIEWER):
        with pytest.raises(NotPermitted):
            await list_contracts(session, await make_caller(session, role))
    mine = await make_organisation(session)
    with pytest.raises(NotPermitted):
        await list_contracts(session, await make_caller(session, Role.ADMIN, organisation=mine))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE registration SET status = 'submitted', registration_no = NULL, decided_at = NULL",
        "UPDATE registration SET tech_fen = 1",
        "DELETE FROM registration",
        "UPDATE certificate SET verification_code = 'A'",
        "UPDATE certificate SET body = '{}'",
        "DELETE FROM certificate",
    ],
)
async def test_the_database_itself_keeps_the_register(session: Session, change: str) -> None:
    await make_registered(session)
    with pytest.raises(DBAPIError):
        await session.execute(text(change))


async def test_a_demonstration_listing_makes_a_demonstration_contract(session: Session) -> None:
    agreed = await make_contract(session)
    deal_listing = (
        await session.execute(
            select(Listing.is_demonstration).where(Listing.seller_id == agreed.seller.organisation_id)
        )
    ).scalar_one()
    assert agreed.contract.is_demonstration == deal_listing == agreed.contract.body["is_demonstration"]
