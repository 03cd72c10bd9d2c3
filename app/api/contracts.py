"""Contracts: drawing up from a deal, reading the whole text, signing it by its digest."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Path, Query
from pydantic import Field

from app.accounts.caller import Caller
from app.accounts.permissions import Permission
from app.accounts.queries import list_organisations, list_person_names
from app.api.asking import asks
from app.api.deps import CallerDep, DbDep, PageDep, PageOf, SettingsDep, Wire
from app.api.idempotency import IdempotencyKeyDep, once
from app.api.problems import problems
from app.api.routing import Router
from app.contracts.drafting import draft_contract
from app.contracts.list_shapes import CONTRACTS
from app.contracts.models import Contract, Registration, Signature
from app.contracts.office import office_of
from app.contracts.queries import (
    get_contract,
    list_contracts,
    list_contracts_by_id,
    list_latest_registrations,
    list_signatures,
)
from app.contracts.signing import sign_contract
from app.db import AnySession, Session
from app.lists import Asked
from app.money import capital

router = Router(prefix="/contracts", tags=["contracts"])
ContractId = Annotated[UUID, Path(description="合同 / the contract's id")]
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$", examples=["3b8bb9a7170a9d3ebef8ba9008dbc709" * 2])]


class PartyOut(Wire):
    """A side of a contract."""

    id: UUID
    name: str


class SignatureOut(Wire):
    """A side's signature: who, for whom, when, over which digest."""

    side: Literal["seller", "buyer"]
    organisation_id: UUID
    organisation_name: str
    person_id: UUID
    person_name: str
    document_sha256: Sha256
    signed_at: datetime


class ContractRegistrationOut(Wire):
    """How far the contract's registration is."""

    id: UUID
    status: Literal["submitted", "registered", "refused"]
    registration_no: str | None


class ContractBriefOut(Wire):
    """A contract in a list."""

    id: UUID
    contract_no: str
    deal_id: UUID
    project_name: str
    status: Literal["signing", "in_force"]
    is_demonstration: bool
    seller: PartyOut
    buyer: PartyOut
    price_fen: int
    my_side: Literal["seller", "buyer"] | None
    signed_sides: list[Literal["seller", "buyer"]]
    can_sign: bool
    registration: ContractRegistrationOut | None
    created_at: datetime
    in_force_at: datetime | None


class PartyTextOut(Wire):
    """A party as the document names it."""

    name: str
    uscc: str | None


class PatentFactsOut(Wire):
    """The six facts of Civil Code article 845."""

    invention_name: str
    applicant_and_owner: str
    filing_on: str
    application_no: str
    patent_no: str
    term: str


class SectionOut(Wire):
    """An article of the contract; the paragraphs of both languages answer to each other one by one."""

    title_zh: str
    title_en: str
    paragraphs_zh: list[str]
    paragraphs_en: list[str]
    basis: str


class DocumentOut(Wire):
    """The document exactly as it is signed.

    Its SHA-256 is taken over this object as JSON in UTF-8 with sorted keys and no blanks, so anybody can compute it.
    """

    format: str
    contract_no: str
    deal_no: str
    listing_no: str
    title_zh: str
    title_en: str
    contract_type: str
    subtype: str
    drafted_on: str
    exchange_zh: str
    exchange_en: str
    is_demonstration: bool
    seller: PartyTextOut
    buyer: PartyTextOut
    patent_facts: PatentFactsOut
    price_fen: int
    price_capital: str
    deposit_fen: int
    sections: list[SectionOut]


class LicenceTextOut(Wire):
    """A licence as its contract's document holds it."""

    kind: Literal["exclusive", "sole", "ordinary"]
    territory: str
    field: str
    starts_on: str
    ends_on: str
    sublicence: bool
    accepts_earlier: bool


class LicenceDocumentOut(DocumentOut):
    """The document of a licence contract, exactly as it is signed."""

    licence: LicenceTextOut


class ContractOut(ContractBriefOut):
    """A contract with its document and signatures."""

    document: LicenceDocumentOut | DocumentOut
    document_sha256: Sha256
    price_capital: str
    signatures: list[SignatureOut]


class ContractIn(Wire):
    """The deal to draw up a contract from."""

    deal_id: UUID = Field(examples=["0198f2a4-7c11-7d0e-8a53-5f1f0a7be001"])


class SignatureIn(Wire):
    """The digest of the document that was read."""

    document_sha256: Sha256


def document_out(body: dict[str, Any]) -> LicenceDocumentOut | DocumentOut:
    """The document by its kind; nothing is added to it, so that its digest can be computed anew."""
    kind = LicenceDocumentOut if body["contract_type"] == "licence" else DocumentOut
    return kind.model_validate(body)


def _brief(
    caller: Caller,
    contract: Contract,
    signatures: list[Signature],
    registration: Registration | None,
    names: dict[UUID, str],
) -> dict[str, Any]:
    sides = {contract.seller_id: "seller", contract.buyer_id: "buyer"}
    my_side = sides.get(caller.organisation_id)
    signed = [signature.side for signature in signatures]
    return {
        **{name: getattr(contract, name) for name in ("id", "contract_no", "deal_id", "project_name")},
        **{name: getattr(contract, name) for name in ("status", "is_demonstration", "price_fen")},
        "seller": PartyOut(id=contract.seller_id, name=names[contract.seller_id]),
        "buyer": PartyOut(id=contract.buyer_id, name=names[contract.buyer_id]),
        "my_side": my_side,
        "signed_sides": signed,
        "can_sign": bool(my_side) and my_side not in signed and caller.may(Permission.CONTRACT_SIGN),
        "registration": ContractRegistrationOut.model_validate(
            {name: getattr(registration, name) for name in ("id", "status", "registration_no")}
        )
        if registration
        else None,
        "created_at": contract.created_at,
        "in_force_at": contract.in_force_at,
    }


async def _party_names(session: AnySession, contracts: list[Contract]) -> dict[UUID, str]:
    ids = {party for contract in contracts for party in (contract.seller_id, contract.buyer_id)}
    return {id_: organisation.name for id_, organisation in (await list_organisations(session, ids)).items()}


async def _read_page(
    session: AnySession, caller: Caller, page: PageDep, asked: Asked, status: str | None
) -> PageOf[ContractBriefOut]:
    rows = await list_contracts(session, caller, status=status, asked=asked.at(page.after, page.fetch))
    shown, cursor = page.cut(rows, lambda contract: CONTRACTS.key(contract, asked))
    ids = [contract.id for contract in shown]
    signatures = await list_signatures(session, ids)
    registrations = await list_latest_registrations(session, ids)
    names = await _party_names(session, shown)
    items = [
        ContractBriefOut(
            **_brief(caller, each, signatures.get(each.id, []), registrations.get(each.id), names)
        )
        for each in shown
    ]
    return PageOf(items=items, next_cursor=cursor)


async def _read_contract(session: AnySession, caller: Caller, contract_id: UUID) -> ContractOut:
    return await _show(session, caller, await get_contract(session, caller, contract_id))


async def _answer(session: AnySession, caller: Caller, contract_id: UUID) -> ContractOut:
    """Shows what the caller has just made or signed; a token for signing alone need not be one for reading too."""
    return await _show(session, caller, (await list_contracts_by_id(session, [contract_id]))[contract_id])


async def _show(session: AnySession, caller: Caller, contract: Contract) -> ContractOut:
    signatures = (await list_signatures(session, [contract.id])).get(contract.id, [])
    registration = (await list_latest_registrations(session, [contract.id])).get(contract.id)
    names = await _party_names(session, [contract])
    people = await list_person_names(session, [signature.person_id for signature in signatures])
    columns = ("side", "organisation_id", "person_id", "document_sha256", "signed_at")
    return ContractOut(
        **_brief(caller, contract, signatures, registration, names),
        document=document_out(contract.body),
        document_sha256=contract.document_sha256,
        price_capital=capital(contract.price_fen),
        signatures=[
            SignatureOut(
                **{name: getattr(signature, name) for name in columns},
                organisation_name=names[signature.organisation_id],
                person_name=people[signature.person_id],
            )
            for signature in signatures
        ],
    )


@router.get("", operation_id="list_contracts", responses=problems(401, 403, 422))
async def page_of_contracts(
    db: DbDep,
    caller: CallerDep,
    page: PageDep,
    asked: Annotated[Asked, asks(CONTRACTS)],
    status: Annotated[Literal["signing", "in_force"] | None, Query()] = None,
) -> PageOf[ContractBriefOut]:
    """Lists the contracts of one's own side, or all for registrar and supervisor, the newest first or as asked."""
    return await db.read(_read_page, caller, page, asked, status)


@router.post("", status_code=201, operation_id="draft_contract", responses=problems(401, 403, 404, 409, 422))
async def draft(
    body: ContractIn, db: DbDep, caller: CallerDep, settings: SettingsDep, key: IdempotencyKeyDep = None
) -> ContractOut:
    """Draws up the contract of a deal; a deal has one, so asking again answers with the same."""

    async def make(session: Session) -> UUID:
        return (await draft_contract(session, caller, body.deal_id, office_of(settings))).id

    async def make_and_read(session: Session) -> ContractOut:
        contract_id = await once(session, caller, key, "draft_contract", body, make)
        return await _answer(session, caller, contract_id)

    return await db.write(make_and_read)


@router.get("/{contract_id}", operation_id="get_contract", responses=problems(401, 403, 404, 422))
async def read(contract_id: ContractId, db: DbDep, caller: CallerDep) -> ContractOut:
    """Shows a contract with its whole text, digest and signatures."""
    return await db.read(_read_contract, caller, contract_id)


@router.post(
    "/{contract_id}/signatures",
    status_code=201,
    operation_id="sign_contract",
    responses=problems(401, 403, 404, 409, 422),
)
async def sign(
    contract_id: ContractId, body: SignatureIn, db: DbDep, caller: CallerDep, key: IdempotencyKeyDep = None
) -> ContractOut:
    """Signs for the caller's organisation over the digest that was read; with both signatures it is in force."""

    async def make(session: Session) -> UUID:
        return (await sign_contract(session, caller, contract_id, body.document_sha256)).id

    async def make_and_read(session: Session) -> ContractOut:
        await once(session, caller, key, "sign_contract", body, make, subject=contract_id)
        return await _answer(session, caller, contract_id)

    return await db.write(make_and_read)
