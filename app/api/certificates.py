"""Certificates in public: anybody verifies one by its code or its registration number."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Path, Request, Response
from limits import parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from app.api.deps import DbDep, Wire
from app.api.problems import problems
from app.api.registrations import CheckOut, check_out, pdf_response
from app.api.routing import Router
from app.contracts.errors import LookUpsTooFast
from app.contracts.kinds import KINDS
from app.contracts.numbers import show_code, show_number
from app.contracts.verification import Verification, get_public_pdf, verify_certificate
from app.money import capital

router = Router(prefix="/certificates", tags=["certificates"])
Given = Annotated[
    str,
    Path(
        min_length=1,
        max_length=64,
        description="16 位查验码或 16 位登记号，可带横线 / verification code or registration number",
        examples=["K7Q2-M9XD-4TNA-P3VC"],
    ),
]
# Soft: a person never reaches it, and guessing 79 bits is hopeless anyway; it keeps numbers from being walked through.
LIMIT = "60/minute"
_PARSED = parse(LIMIT)


class CertificateOut(Wire):
    """What the register says; by number alone the buyer's name, the code and the file are not told."""

    status: Literal["submitted", "registered", "refused"]
    is_valid: bool
    registration_no: str
    registration_no_shown: str
    verification_code: str | None
    verification_code_shown: str | None
    title: str
    contract_no: str
    contract_type: str
    subtype: str
    type_zh: str
    type_en: str
    tech_field: str
    application_no: str
    patent_no: str
    seller_name: str
    buyer_name: str | None
    signed_on: str
    total_fen: int
    total_capital: str
    tech_fen: int
    tech_capital: str
    office_name: str
    registrar_name: str
    registered_on: str
    registered_at: datetime
    issued_at: datetime
    document_sha256: str
    sha256: str | None
    is_demonstration: bool
    checks: list[CheckOut]
    checked_at: datetime


def _show(found: Verification) -> CertificateOut:
    body, registration, code = found.certificate.body, found.registration, found.certificate.verification_code
    kind = KINDS[body["contract_type"]]
    subtype = kind.subtypes[body["subtype"]]
    same = (
        *(
            "registration_no",
            "contract_no",
            "contract_type",
            "subtype",
            "tech_field",
            "application_no",
            "patent_no",
        ),
        *("signed_on", "total_fen", "tech_fen", "office_name", "registrar_name", "registered_on"),
        *("document_sha256", "is_demonstration"),
    )
    return CertificateOut(
        **{name: body[name] for name in same},
        status=registration.status,
        is_valid=all(check.outcome == "pass" for check in found.checks if check.key != "file"),
        registration_no_shown=show_number(body["registration_no"]),
        verification_code=code if found.by_code else None,
        verification_code_shown=show_code(code) if found.by_code else None,
        title=body["project_name"],
        type_zh=f"{kind.name.zh}（{subtype.zh}）",
        type_en=f"{kind.name.en}: {subtype.en}",
        seller_name=body["seller"]["name"],
        buyer_name=body["buyer"]["name"] if found.by_code else None,
        total_capital=capital(body["total_fen"]),
        tech_capital=capital(body["tech_fen"]),
        registered_at=registration.decided_at,
        issued_at=found.certificate.issued_at,
        sha256=found.certificate.sha256 if found.by_code else None,
        checks=[check_out(check) for check in found.checks],
        checked_at=found.checked_at,
    )


async def _count(request: Request) -> None:
    """Counts one look-up from an address, in this process; raises LookUpsTooFast."""
    state = request.app.state
    if not hasattr(state, "certificate_rate"):
        state.certificate_rate = MovingWindowRateLimiter(MemoryStorage())
    address = request.client.host if request.client else "unknown"
    if not await state.certificate_rate.hit(_PARSED, "certificates", address):
        raise LookUpsTooFast(LIMIT)


@router.get("/{verification_code}", operation_id="verify_certificate", responses=problems(404, 422, 429))
async def verify(verification_code: Given, db: DbDep, request: Request) -> CertificateOut:
    """Says what the register holds under a verification code or registration number; open to everybody."""
    await _count(request)
    return _show(await db.read(verify_certificate, verification_code))


@router.get(
    "/{verification_code}/pdf",
    operation_id="download_certificate",
    response_class=Response,
    responses={
        200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}},
        **problems(404, 422, 429, 503),
    },
)
async def download(verification_code: Given, db: DbDep, request: Request) -> Response:
    """Downloads the certificate for whoever holds its verification code."""
    await _count(request)
    return pdf_response(*await db.read(get_public_pdf, verification_code))
