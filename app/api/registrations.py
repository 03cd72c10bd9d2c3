"""Registration of technology contracts: the seller applies, the registrar decides, both get the certificate."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Path, Query, Response
from pydantic import Field

from app.accounts.caller import Caller
from app.accounts.permissions import Permission
from app.accounts.queries import list_person_names
from app.api.asking import asks
from app.api.deps import CallerDep, DbDep, PageDep, PageOf, SettingsDep, Wire
from app.api.idempotency import IdempotencyKeyDep, once
from app.api.problems import problems
from app.api.routing import Router
from app.clock import market_date, market_now
from app.contracts.checks import Check, registrar_checks
from app.contracts.kinds import KINDS, REASONS, TECH_FIELDS
from app.contracts.list_shapes import REGISTRATIONS
from app.contracts.models import Contract, Registration
from app.contracts.numbers import show_code, show_number
from app.contracts.office import office_of
from app.contracts.queries import (
    find_certificate,
    get_certificate_pdf,
    get_registration,
    list_contracts_by_id,
    list_registrations,
    list_registrations_by_id,
    list_signatures,
)
from app.contracts.registration import Application, Decision, apply_registration, decide_registration
from app.db import AnySession, Session
from app.lists import Asked

router = Router(prefix="/registrations", tags=["registrations"])
RegistrationId = Annotated[UUID, Path(description="登记申请 / the application's id")]
Fen = Annotated[int, Field(gt=0, examples=[45_000_000], description="分 / fen")]
Kind = Annotated[str, Field(min_length=1, max_length=40, examples=["transfer"])]
SubKind = Annotated[str, Field(min_length=1, max_length=40, examples=["patent"])]


class RegistrationIn(Wire):
    """What the seller states about a contract in force."""

    contract_id: UUID = Field(examples=["0198f2a4-7c11-7d0e-8a53-5f1f0a7be001"])
    contract_type: Kind
    subtype: SubKind
    total_fen: Fen
    tech_fen: Fen
    tech_field: Annotated[str, Field(min_length=1, max_length=40, examples=["先进制造"])]


class DecisionIn(Wire):
    """The registrar's decision; a type or amount left out stays as applied for, a number left out is allocated."""

    decision: Literal["approve", "refuse"]
    reason_code: Annotated[str | None, Field(max_length=40, examples=["SUBJECT_UNCLEAR"])] = None
    reason: Annotated[str | None, Field(max_length=1000, examples=["标的不明确：缺少专利号。"])] = None
    registration_no: Annotated[str | None, Field(max_length=40, examples=["2026110001000128"])] = None
    contract_type: Kind | None = None
    subtype: SubKind | None = None
    total_fen: Fen | None = None
    tech_fen: Fen | None = None


class CheckOut(Wire):
    """A line of a computed check list."""

    key: str
    fact_zh: str
    fact_en: str
    basis: str
    outcome: Literal["pass", "fail", "look"]


class CertificateBriefOut(Wire):
    """The certificate of a registered contract; ``sha256`` is null for the seconds in which it is being made."""

    verification_code: str
    verification_code_shown: str
    is_ready: bool
    sha256: str | None
    issued_at: datetime


class RegistrationBriefOut(Wire):
    """An application in a list."""

    id: UUID
    contract_id: UUID
    contract_no: str
    project_name: str
    is_demonstration: bool
    seller_name: str
    buyer_name: str
    applicant_id: UUID
    contract_type: str
    subtype: str
    type_zh: str
    type_en: str
    total_fen: int
    tech_fen: int
    price_fen: int
    tech_field: str
    status: Literal["submitted", "registered", "refused"]
    registration_no: str | None
    registration_no_shown: str | None
    reason_code: str | None
    reason_zh: str | None
    reason_en: str | None
    reason: str | None
    created_at: datetime
    decided_by: UUID | None
    decided_at: datetime | None


class RegistrationOut(RegistrationBriefOut):
    """An application with its check list (for the registrar) and its certificate (once registered)."""

    decided_by_name: str | None
    checks: list[CheckOut]
    certificate: CertificateBriefOut | None


class SubtypeOut(Wire):
    """A subtype of contract."""

    code: str
    zh: str
    en: str


class KindOut(Wire):
    """A type of contract and its subtypes."""

    code: str
    zh: str
    en: str
    subtypes: list[SubtypeOut]


class WordOut(Wire):
    """A choice in both languages."""

    code: str
    zh: str
    en: str


class ReasonOut(WordOut):
    """A reason for refusing registration, and where it comes from."""

    basis: str


class ChoicesOut(Wire):
    """What may be chosen in an application and in a decision."""

    kinds: list[KindOut]
    tech_fields: list[WordOut]
    reasons: list[ReasonOut]


def check_out(check: Check) -> CheckOut:
    """Shows a computed check."""
    return CheckOut(**vars(check))


def _brief(registration: Registration, contract: Contract) -> dict[str, Any]:
    kind = KINDS[registration.contract_type]
    subtype = kind.subtypes[registration.subtype]
    reason = REASONS[registration.reason_code] if registration.reason_code else None
    same = (
        *(
            "id",
            "contract_id",
            "applicant_id",
            "contract_type",
            "subtype",
            "total_fen",
            "tech_fen",
            "tech_field",
        ),
        *("status", "registration_no", "reason_code", "reason", "created_at", "decided_by", "decided_at"),
    )
    number = registration.registration_no
    return {
        **{name: getattr(registration, name) for name in same},
        "contract_no": contract.contract_no,
        "project_name": contract.project_name,
        "is_demonstration": contract.is_demonstration,
        "seller_name": contract.body["seller"]["name"],
        "buyer_name": contract.body["buyer"]["name"],
        "type_zh": f"{kind.name.zh}（{subtype.zh}）",
        "type_en": f"{kind.name.en}: {subtype.en}",
        "price_fen": contract.price_fen,
        "registration_no_shown": show_number(number) if number else None,
        "reason_zh": reason.name.zh if reason else None,
        "reason_en": reason.name.en if reason else None,
    }


async def _read_page(
    session: AnySession, caller: Caller, page: PageDep, asked: Asked, status: str | None
) -> PageOf[RegistrationBriefOut]:
    rows = await list_registrations(session, caller, status=status, asked=asked.at(page.after, page.fetch))
    shown, cursor = page.cut(rows, lambda registration: REGISTRATIONS.key(registration, asked))
    contracts = await list_contracts_by_id(session, [each.contract_id for each in shown])
    items = [RegistrationBriefOut(**_brief(each, contracts[each.contract_id])) for each in shown]
    return PageOf(items=items, next_cursor=cursor)


async def _read_registration(session: AnySession, caller: Caller, registration_id: UUID) -> RegistrationOut:
    return await _show(session, caller, await get_registration(session, caller, registration_id))


async def _answer(session: AnySession, caller: Caller, registration_id: UUID) -> RegistrationOut:
    """Shows what the caller has just applied for or decided, whatever else his token may read."""
    found = await list_registrations_by_id(session, [registration_id])
    return await _show(session, caller, found[registration_id])


async def _show(session: AnySession, caller: Caller, registration: Registration) -> RegistrationOut:
    contract_id = registration.contract_id
    contract = (await list_contracts_by_id(session, [contract_id]))[contract_id]
    checks: list[Check] = []
    if caller.may(Permission.REGISTRATION_DECIDE) or caller.may(Permission.AUDIT_READ):
        signatures = (await list_signatures(session, [contract_id])).get(contract_id, [])
        today = market_date(await market_now(session))
        checks = registrar_checks(contract, signatures, registration, today)
    certificate = await find_certificate(session, registration.id)
    deciders = [registration.decided_by] if registration.decided_by else []
    names = await list_person_names(session, deciders)
    return RegistrationOut(
        **_brief(registration, contract),
        decided_by_name=names[registration.decided_by] if registration.decided_by else None,
        checks=[check_out(check) for check in checks],
        certificate=CertificateBriefOut(
            verification_code=certificate.verification_code,
            verification_code_shown=show_code(certificate.verification_code),
            is_ready=certificate.sha256 is not None,
            sha256=certificate.sha256,
            issued_at=certificate.issued_at,
        )
        if certificate
        else None,
    )


@router.get("", operation_id="list_registrations", responses=problems(401, 403, 422))
async def page_of_registrations(
    db: DbDep,
    caller: CallerDep,
    page: PageDep,
    asked: Annotated[Asked, asks(REGISTRATIONS)],
    status: Annotated[Literal["submitted", "registered", "refused"] | None, Query()] = None,
) -> PageOf[RegistrationBriefOut]:
    """Lists the applications of one's own side, or all for registrar and supervisor, the newest first or as asked."""
    return await db.read(_read_page, caller, page, asked, status)


@router.get("/choices", operation_id="list_registration_choices")
async def choices() -> ChoicesOut:
    """Lists types, technical fields and reasons for refusal with their words; open to everybody."""
    return ChoicesOut(
        kinds=[
            KindOut(
                code=code,
                zh=kind.name.zh,
                en=kind.name.en,
                subtypes=[SubtypeOut(code=sub, **vars(word)) for sub, word in kind.subtypes.items()],
            )
            for code, kind in KINDS.items()
        ],
        tech_fields=[WordOut(code=zh, zh=zh, en=en) for zh, en in TECH_FIELDS.items()],
        reasons=[
            ReasonOut(code=code, basis=reason.basis, **vars(reason.name)) for code, reason in REASONS.items()
        ],
    )


@router.post(
    "", status_code=201, operation_id="apply_registration", responses=problems(401, 403, 404, 409, 422)
)
async def apply(
    body: RegistrationIn, db: DbDep, caller: CallerDep, key: IdempotencyKeyDep = None
) -> RegistrationOut:
    """Applies for the registration of a contract in force; a contract is registered once."""
    application = Application(**body.model_dump(exclude={"contract_id"}))

    async def make(session: Session) -> UUID:
        return (await apply_registration(session, caller, body.contract_id, application)).id

    async def make_and_read(session: Session) -> RegistrationOut:
        made = await once(session, caller, key, "apply_registration", body, make)
        return await _answer(session, caller, made)

    return await db.write(make_and_read)


@router.get("/{registration_id}", operation_id="get_registration", responses=problems(401, 403, 404, 422))
async def read(registration_id: RegistrationId, db: DbDep, caller: CallerDep) -> RegistrationOut:
    """Shows an application, its check list for the registrar, and its certificate once registered."""
    return await db.read(_read_registration, caller, registration_id)


@router.post(
    "/{registration_id}/decisions",
    status_code=201,
    operation_id="decide_registration",
    responses=problems(401, 403, 404, 409, 422),
)
async def decide(
    registration_id: RegistrationId,
    body: DecisionIn,
    db: DbDep,
    caller: CallerDep,
    settings: SettingsDep,
    key: IdempotencyKeyDep = None,
) -> RegistrationOut:
    """Registers under a 16-digit number and issues the certificate, or refuses with a reason."""
    decision = Decision(**body.model_dump())

    async def make(session: Session) -> UUID:
        office = office_of(settings)
        return (await decide_registration(session, caller, registration_id, decision, office)).id

    async def make_and_read(session: Session) -> RegistrationOut:
        await once(session, caller, key, "decide_registration", body, make, subject=registration_id)
        return await _answer(session, caller, registration_id)

    return await db.write(make_and_read)


@router.get(
    "/{registration_id}/certificate",
    operation_id="get_registration_certificate",
    response_class=Response,
    responses={
        200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}},
        **problems(401, 403, 404, 409, 422, 503),
    },
)
async def certificate(registration_id: RegistrationId, db: DbDep, caller: CallerDep) -> Response:
    """Downloads the certificate as PDF."""
    return pdf_response(*await db.read(get_certificate_pdf, caller, registration_id))


def pdf_response(pdf: bytes, registration_no: str) -> Response:
    """Answers with a certificate's file under its number."""
    return Response(
        pdf,
        media_type="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="{registration_no}.pdf"',
            "Cache-Control": "private, max-age=300",
        },
    )
