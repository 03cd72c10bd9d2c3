"""People of an organisation and their roles."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from app.accounts.passwords import hash_password, read_login, require_strong
from app.accounts.people import add_person, set_roles
from app.accounts.permissions import Permission
from app.accounts.queries import get_member, list_members
from app.api.deps import CallerDep, DbDep, PageDep, PageOf, SettingsDep, Wire
from app.api.idempotency import IdempotencyKeyDep, once
from app.api.problems import problems
from app.api.routing import Router
from app.api.wire import Line
from app.db import Session

router = Router(tags=["people"])

OrganisationRole = Literal["admin", "seller", "bidder", "signatory"]


class PersonIn(Wire):
    """A new person and what he may do."""

    login: str = Field(min_length=3, max_length=64, examples=["lisi"])
    name: Line = Field(examples=["李四"])
    password: str = Field(min_length=1, max_length=200, examples=["plum-rain-1984"])
    roles: list[OrganisationRole] = Field(max_length=4, examples=[["bidder"]])


class RolesIn(Wire):
    """All roles that the person is to have."""

    roles: list[OrganisationRole] = Field(max_length=4, examples=[["bidder", "signatory"]])


class PersonOut(Wire):
    """A person as his organisation sees him."""

    id: UUID
    organisation_id: UUID
    login: str = Field(examples=["lisi"])
    name: str = Field(examples=["李四"])
    is_active: bool
    roles: list[str] = Field(examples=[["bidder"]])


@router.get(
    "/organisations/{organisation_id}/people",
    operation_id="list_people",
    responses=problems(401, 403, 404, 422),
)
async def index(organisation_id: UUID, db: DbDep, caller: CallerDep, page: PageDep) -> PageOf[PersonOut]:
    """本机构人员（管理员）/ The people of one's own organisation, for its admin."""
    members = await db.read(list_members, caller, organisation_id, after=page.after_id, limit=page.fetch)
    shown, cursor = page.cut(members, lambda member: member.id)
    return PageOf[PersonOut](items=[PersonOut.model_validate(member) for member in shown], next_cursor=cursor)


@router.post(
    "/organisations/{organisation_id}/people",
    status_code=201,
    operation_id="add_person",
    responses=problems(401, 403, 404, 409, 422),
)
async def create(
    organisation_id: UUID,
    body: PersonIn,
    db: DbDep,
    caller: CallerDep,
    settings: SettingsDep,
    key: IdempotencyKeyDep = None,
) -> PersonOut:
    """添加人员（管理员）/ Adds a person, for the organisation's admin."""
    caller.require(Permission.ORGANISATION_MANAGE)
    require_strong(body.password, read_login(body.login))
    password_hash = await hash_password(settings, body.password)

    async def make(session: Session) -> UUID:
        person = await add_person(
            session,
            caller,
            organisation_id,
            login=body.login,
            name=body.name,
            password_hash=password_hash,
            roles=body.roles,
        )
        return person.id

    # The key's row keeps a fast hash of the request: the password must not be in it.
    asked = body.model_copy(update={"password": ""})
    person_id = await db.write(once, caller, key, "add_person", asked, make, subject=organisation_id)
    return PersonOut.model_validate(await db.read(get_member, person_id))


@router.put(
    "/people/{person_id}/roles", operation_id="set_roles", responses=problems(401, 403, 404, 409, 422)
)
async def put_roles(person_id: UUID, body: RolesIn, db: DbDep, caller: CallerDep) -> PersonOut:
    """设定人员的全部角色（管理员）/ Sets all roles of a person, for the organisation's admin."""
    await db.write(set_roles, caller, person_id, body.roles)
    return PersonOut.model_validate(await db.read(get_member, person_id))
