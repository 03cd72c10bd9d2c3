"""Organisations: registering one, and its public facts."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field
from starlette.requests import Request

from app.accounts.classifying import classify_organisation, declare_foreign
from app.accounts.credit_code import read_credit_code
from app.accounts.passwords import hash_password, read_login, require_strong
from app.accounts.queries import get_organisation
from app.accounts.registering import register_organisation
from app.api.deps import CallerDep, DbDep, SettingsDep, Wire, address_of, own_origin
from app.api.people import PersonOut
from app.api.problems import problems
from app.api.routing import Router
from app.api.sign_in_rate import sign_in_rate_of
from app.api.wire import Line

router = Router(prefix="/organisations", tags=["organisations"])


Regime = Literal["state_research", "soe", "public_institution_other", "private_entity", "natural_person"]
Jurisdiction = Annotated[
    str,
    Field(
        pattern="^(CN|[0-9]{2}0000)$",
        description="所适用的地方规定：CN 或省级代码 / CN or a province of GB/T 2260",
        examples=["330000"],
    ),
]


class AdminIn(Wire):
    """The first person, who gets all roles."""

    login: str = Field(min_length=3, max_length=64, examples=["zhangsan"])
    name: Line = Field(examples=["张三"])
    password: str = Field(min_length=1, max_length=200, examples=["plum-rain-1984"])


class OrganisationIn(Wire):
    """What an organisation says of itself when it registers."""

    name: Line = Field(examples=["示例大学"])
    uscc: str = Field(
        max_length=60,
        description="统一社会信用代码 / unified social credit code",
        examples=["12100000400000018N"],
    )
    kind: Literal["university", "institute", "company", "inventor"] = Field(examples=["university"])
    region_code: str | None = Field(
        default=None, pattern="^[0-9]{6}$", description="行政区划 GB/T 2260", examples=["110108"]
    )
    regime: Regime | None = Field(
        default=None,
        description="卖方制度类别，不填按机构类型 / by the kind of organisation where left out",
        examples=["state_research"],
    )
    jurisdiction: Jurisdiction | None = Field(default=None, examples=["330000"])
    is_foreign: bool = Field(
        default=False, description="境外或者外资控制 / foreign or foreign-controlled", examples=[False]
    )
    admin: AdminIn


class ClassificationIn(Wire):
    """What the law that a party is under is found to be, and why."""

    regime: Regime
    jurisdiction: Jurisdiction
    is_foreign: bool | None = Field(
        default=None,
        description="更正是否境外或者外资控制，不填不变 / stays where left out",
        examples=[False],
    )
    reason: str = Field(
        min_length=1, max_length=500, examples=["经核对事业单位法人证书，属国家设立的高等院校。"]
    )


class OrganisationOut(Wire):
    """An organisation's public facts."""

    id: UUID
    name: str = Field(examples=["示例大学"])
    uscc: str | None = Field(examples=["12100000400000018N"])
    kind: str = Field(examples=["university"])
    region_code: str | None
    regime: Regime
    jurisdiction: str = Field(examples=["330000"])
    is_foreign: bool = Field(description="境外或者外资控制 / foreign or foreign-controlled")
    is_fictional: bool
    created_at: AwareDatetime


class RegisteredOut(Wire):
    """What registering made."""

    organisation: OrganisationOut
    person: PersonOut


@router.post(
    "",
    status_code=201,
    operation_id="register_organisation",
    responses=problems(403, 409, 422, 429),
    dependencies=[own_origin],
)
async def register(body: OrganisationIn, db: DbDep, settings: SettingsDep, request: Request) -> RegisteredOut:
    """登记机构和它的第一位人员 / Registers an organisation with its first person."""
    await sign_in_rate_of(request).check_address(address_of(request))
    # What can be refused without work is refused before the slow hash.
    read_credit_code(body.uscc)
    require_strong(body.admin.password, read_login(body.admin.login))
    registered = await db.write(
        register_organisation,
        name=body.name,
        uscc=body.uscc,
        kind=body.kind,
        region_code=body.region_code,
        regime=body.regime,
        jurisdiction=body.jurisdiction,
        is_foreign=body.is_foreign,
        login=body.admin.login,
        person_name=body.admin.name,
        password_hash=await hash_password(settings, body.admin.password),
    )
    person = registered.person
    return RegisteredOut(
        organisation=OrganisationOut.model_validate(registered.organisation),
        person=PersonOut(
            id=person.id,
            organisation_id=person.organisation_id,
            login=person.login,
            name=person.name,
            is_active=person.is_active,
            roles=sorted(registered.caller.roles),
        ),
    )


@router.get("/{organisation_id}", operation_id="get_organisation", responses=problems(401, 404, 422))
async def read(organisation_id: UUID, db: DbDep, _caller: CallerDep) -> OrganisationOut:
    """机构的公开信息 / An organisation's public facts."""
    return OrganisationOut.model_validate(await db.read(get_organisation, organisation_id))


@router.put(
    "/{organisation_id}/classification",
    operation_id="classify_organisation",
    responses=problems(401, 403, 404, 422),
)
async def classify(
    organisation_id: UUID, body: ClassificationIn, db: DbDep, caller: CallerDep
) -> OrganisationOut:
    """更正机构的制度类别与适用地区（审核岗，写明理由）/ Corrects a party's regime and jurisdiction, with the reason."""
    await db.write(
        classify_organisation,
        caller,
        organisation_id,
        body.regime,
        body.jurisdiction,
        body.reason,
        is_foreign=body.is_foreign,
    )
    return OrganisationOut.model_validate(await db.read(get_organisation, organisation_id))


@router.put("/foreign-declaration", operation_id="declare_foreign", responses=problems(401, 403))
async def declare(db: DbDep, caller: CallerDep) -> OrganisationOut:
    """申明本单位为境外或者外资控制 / Declares the caller's organisation foreign or foreign-controlled; repeating it changes nothing."""
    return OrganisationOut.model_validate(
        await db.read(get_organisation, await db.write(declare_foreign, caller))
    )
