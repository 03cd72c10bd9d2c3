"""Verifying a certificate (查验) by its code or by the registration number, for anybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.clock import market_now
from app.contracts.checks import public_checks
from app.contracts.errors import CertificateNotFound, CertificateNotReady, RegistrationNumberWrong
from app.contracts.numbers import read_code, read_number
from app.contracts.queries import (
    find_certificate_by_code,
    find_certificate_by_number,
    list_contracts_by_id,
    list_signatures,
)

if TYPE_CHECKING:
    from datetime import datetime

    from app.contracts.checks import Check
    from app.contracts.models import Certificate, Registration
    from app.db import AnySession

_SHOWN = 40


@dataclass(frozen=True)
class Verification:
    """What the register says about a certificate; who has only the number, which can be guessed, sees less."""

    certificate: Certificate
    registration: Registration
    checks: list[Check]
    by_code: bool
    checked_at: datetime


async def verify_certificate(session: AnySession, given: str) -> Verification:
    """Finds what a code or a 16-digit number stands for; raises CertificateNotFound with what to compare."""
    code = read_code(given)
    number = None if code else _number(given)
    found = None
    if code:
        found = await find_certificate_by_code(session, code)
    elif number:
        found = await find_certificate_by_number(session, number)
    if found is None:
        raise CertificateNotFound(given.strip()[:_SHOWN])
    certificate, registration = found
    contract_id = registration.contract_id
    contract = (await list_contracts_by_id(session, [contract_id]))[contract_id]
    signatures = (await list_signatures(session, [contract_id])).get(contract_id, [])
    return Verification(
        certificate=certificate,
        registration=registration,
        checks=public_checks(certificate, registration, contract, signatures),
        by_code=code is not None,
        checked_at=await market_now(session),
    )


async def get_public_pdf(session: AnySession, given: str) -> tuple[bytes, str]:
    """The certificate's file and registration number for whoever holds its code; a number is not enough."""
    code = read_code(given)
    found = await find_certificate_by_code(session, code) if code else None
    if found is None:
        raise CertificateNotFound(given.strip()[:_SHOWN])
    certificate, registration = found
    if certificate.pdf is None:
        raise CertificateNotReady
    return certificate.pdf, registration.registration_no or ""


def _number(given: str) -> str | None:
    try:
        return str(read_number(given))
    except RegistrationNumberWrong:
        return None
