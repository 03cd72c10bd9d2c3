"""The certificate's task, and verifying in public."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text

from app.contracts.certificate import make_certificate
from app.contracts.errors import (
    CertificateNotFound,
    CertificateNotReady,
    NotRegisteredYet,
    RegistrationNotFound,
)
from app.contracts.models import Certificate
from app.contracts.numbers import show_code, show_number
from app.contracts.queries import get_certificate_pdf
from app.contracts.verification import get_public_pdf, verify_certificate
from app.tasks import keep_due_task
from tests.make_contracts import make_application, make_registered
from tests.make_trades import make_seller

if TYPE_CHECKING:
    from app.db import Session


async def keep_certificate_task(session: Session) -> None:
    await session.execute(text("UPDATE task SET done_at = run_at WHERE name <> 'make_certificate'"))
    assert await keep_due_task(session)


async def get_row(session: Session) -> Certificate:
    return (
        await session.execute(select(Certificate), execution_options={"populate_existing": True})
    ).scalar_one()


async def test_the_worker_makes_the_promised_certificate(session: Session) -> None:
    agreed, registration = await make_registered(session)
    with pytest.raises(CertificateNotReady):
        await get_certificate_pdf(session, agreed.seller, registration.id)
    await keep_certificate_task(session)
    open_task = await session.execute(text("SELECT last_error FROM task WHERE done_at IS NULL"))
    assert open_task.all() == []
    pdf, number = await get_certificate_pdf(session, agreed.buyer, registration.id)
    assert pdf.startswith(b"%PDF-")
    assert number == registration.registration_no
    assert hashlib.sha256(pdf).hexdigest() == (await get_row(session)).sha256


async def test_making_it_twice_changes_nothing(session: Session) -> None:
    await make_registered(session)
    payload = {"certificate_id": str((await get_row(session)).id)}
    await make_certificate(session, payload)
    first = (await get_row(session)).sha256
    await make_certificate(session, payload)
    assert (await get_row(session)).sha256 == first


async def test_the_file_is_for_both_sides_and_for_nobody_before_registration(session: Session) -> None:
    agreed, registration = await make_application(session)
    with pytest.raises(NotRegisteredYet):
        await get_certificate_pdf(session, agreed.seller, registration.id)
    with pytest.raises(RegistrationNotFound):
        await get_certificate_pdf(session, await make_seller(session), registration.id)


async def test_anybody_verifies_by_code_and_sees_all_checks_pass(session: Session) -> None:
    agreed, _ = await make_registered(session)
    await keep_certificate_task(session)
    code = (await get_row(session)).verification_code
    for written in (code, show_code(code), show_code(code).lower(), f" {code} "):
        found = await verify_certificate(session, written)
        assert found.by_code
        assert [check.outcome for check in found.checks] == ["pass"] * 4
        assert found.certificate.body["buyer"]["name"] == agreed.buyer.organisation_name
    pdf, _ = await get_public_pdf(session, code)
    assert hashlib.sha256(pdf).hexdigest() == found.certificate.sha256


async def test_before_the_file_is_made_its_check_asks_to_look_again(session: Session) -> None:
    await make_registered(session)
    found = await verify_certificate(session, (await get_row(session)).verification_code)
    assert [check.outcome for check in found.checks] == ["pass", "pass", "pass", "look"]
    with pytest.raises(CertificateNotReady):
        await get_public_pdf(session, found.certificate.verification_code)


async def test_the_number_finds_it_too_but_gives_no_file(session: Session) -> None:
    _, registration = await make_registered(session)
    number = registration.registration_no or ""
    for written in (number, show_number(number)):
        found = await verify_certificate(session, written)
        assert not found.by_code
        assert found.registration.id == registration.id
    with pytest.raises(CertificateNotFound):
        await get_public_pdf(session, number)


@pytest.mark.parametrize(
    "given", ["K7Q2-M9XD-4TNA-P3VC", "2026110001999999", "x", "", "查验码", "'; --", "0" * 16]
)
async def test_what_does_not_exist_is_answered_with_what_to_compare(session: Session, given: str) -> None:
    await make_registered(session)
    with pytest.raises(CertificateNotFound) as refused:
        await verify_certificate(session, given)
    assert "16" in refused.value.detail("zh")
    assert "16" in refused.value.detail("en")


async def test_a_changed_file_or_register_fails_its_check(session: Session) -> None:
    await make_registered(session)
    await keep_certificate_task(session)
    code = (await get_row(session)).verification_code
    await session.execute(text("ALTER TABLE certificate DISABLE TRIGGER certificate_is_final"))
    await session.execute(text(r"UPDATE certificate SET pdf = pdf || '\x00'::bytea"))
    await session.execute(text("ALTER TABLE registration DISABLE TRIGGER registration_decision_is_final"))
    await session.execute(text("UPDATE registration SET tech_fen = 1"))
    session.expire_all()
    found = await verify_certificate(session, code)
    assert {check.key: check.outcome for check in found.checks} == {
        "in_register": "pass",
        "as_registered": "fail",
        "signed_text": "pass",
        "file": "fail",
    }
