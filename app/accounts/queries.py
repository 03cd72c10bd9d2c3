"""Reading parties: organisations, people with their roles, tokens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import aliased

from app.accounts.errors import OrganisationMissing, PersonMissing
from app.accounts.models import ApiToken, Organisation, Person, PersonRole
from app.accounts.permissions import GRANTS, Permission, Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import ScalarSelect
    from sqlalchemy.orm import InstrumentedAttribute

    from app.accounts.caller import Caller
    from app.db import AnySession, Session


@dataclass(frozen=True)
class Member:
    """A person as his organisation sees him."""

    id: UUID
    organisation_id: UUID
    login: str
    name: str
    is_active: bool
    roles: list[str]


async def get_organisation(session: AnySession, organisation_id: UUID) -> Organisation:
    """Reads an organisation. Raises OrganisationMissing."""
    organisation = await session.get(Organisation, organisation_id)
    if organisation is None:
        raise OrganisationMissing(organisation_id)
    return organisation


async def get_names(session: AnySession, ids: Sequence[UUID]) -> dict[UUID, str]:
    """Reads the names of organisations at once, by id. Raises OrganisationMissing."""
    found = await session.swiftly("SELECT id, name FROM organisation WHERE id = ANY($1::uuid[])", list(ids))
    names = {row["id"]: row["name"] for row in found}
    for organisation_id in ids:
        if organisation_id not in names:
            raise OrganisationMissing(organisation_id)
    return names


def name_of(party_id: InstrumentedAttribute[Any]) -> ScalarSelect[str]:
    """The name of the party that a column points at, for a list to be searched by."""
    party = aliased(Organisation)
    return select(party.name).where(party.id == party_id).scalar_subquery()


async def list_organisations(session: AnySession, ids: Iterable[UUID]) -> dict[UUID, Organisation]:
    """Reads several organisations at once, by id."""
    query = select(Organisation).where(Organisation.id.in_(set(ids)))
    return {row.id: row for row in (await session.execute(query)).scalars()}


async def find_organisation_by_credit_code(session: AnySession, uscc: str) -> Organisation | None:
    """Finds an organisation by its credit code in the stored form."""
    return (await session.execute(select(Organisation).where(Organisation.uscc == uscc))).scalar_one_or_none()


async def find_exchange(session: AnySession) -> Organisation | None:
    """Finds the exchange itself; there is one row at most."""
    return (
        await session.execute(select(Organisation).where(Organisation.kind == "exchange"))
    ).scalar_one_or_none()


async def lock_organisation(session: Session, organisation_id: UUID) -> Organisation:
    """Takes the organisation's row lock and reads it fresh. Raises OrganisationMissing.

    FOR NO KEY UPDATE: a sale that makes this organisation its leader meanwhile need not wait.
    """
    query = select(Organisation).where(Organisation.id == organisation_id).with_for_update(key_share=True)
    row = await session.execute(query, execution_options={"populate_existing": True})
    organisation = row.scalar_one_or_none()
    if organisation is None:
        raise OrganisationMissing(organisation_id)
    return organisation


async def get_person(session: AnySession, person_id: UUID) -> Person:
    """Reads a person. Raises PersonMissing."""
    person = await session.get(Person, person_id)
    if person is None:
        raise PersonMissing(person_id)
    return person


async def find_person_by_login(session: AnySession, login: str) -> Person | None:
    """Finds a person by his login in the stored form."""
    return (await session.execute(select(Person).where(Person.login == login))).scalar_one_or_none()


async def list_person_names(session: AnySession, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Reads the names of several people at once, by id."""
    query = select(Person.id, Person.name).where(Person.id.in_(set(ids)))
    return {row.id: row.name for row in (await session.execute(query)).all()}


async def list_roles(session: AnySession, person_id: UUID) -> frozenset[str]:
    """Reads a person's roles."""
    query = select(PersonRole.role).where(PersonRole.person_id == person_id)
    return frozenset((await session.execute(query)).scalars())


async def list_admins(session: AnySession, organisation_id: UUID) -> frozenset[UUID]:
    """Reads who can manage the organisation now; under its lock when something hangs on it."""
    query = (
        select(Person.id)
        .join(PersonRole, PersonRole.person_id == Person.id)
        .where(
            Person.organisation_id == organisation_id, Person.is_active, PersonRole.role == Role.ADMIN.value
        )
    )
    return frozenset((await session.execute(query)).scalars())


async def list_people_who_may(
    session: AnySession, organisation_ids: Iterable[UUID], permission: Permission
) -> frozenset[UUID]:
    """Reads the active people of organisations whose roles carry a permission."""
    query = (
        select(Person.id)
        .join(PersonRole, PersonRole.person_id == Person.id)
        .where(
            Person.organisation_id.in_(set(organisation_ids)),
            Person.is_active,
            PersonRole.role.in_([role.value for role in GRANTS[permission]]),
        )
    )
    return frozenset((await session.execute(query)).scalars())


async def list_members(
    session: AnySession, caller: Caller, organisation_id: UUID, *, after: UUID | None = None, limit: int = 100
) -> list[Member]:
    """Reads the people of the caller's own organisation, oldest first; another's is missing to him."""
    caller.require(Permission.ORGANISATION_MANAGE)
    if organisation_id != caller.organisation_id:
        raise OrganisationMissing(organisation_id)
    query = select(Person).where(Person.organisation_id == organisation_id).order_by(Person.id).limit(limit)
    if after is not None:
        query = query.where(Person.id > after)
    people = (await session.execute(query)).scalars().all()
    return await _members(session, people)


async def get_member(session: AnySession, person_id: UUID) -> Member:
    """Reads a person with his roles. Raises PersonMissing."""
    return (await _members(session, [await get_person(session, person_id)]))[0]


async def _members(session: AnySession, people: Sequence[Person]) -> list[Member]:
    query = select(PersonRole).where(PersonRole.person_id.in_([person.id for person in people]))
    roles: dict[UUID, list[str]] = {person.id: [] for person in people}
    for row in (await session.execute(query)).scalars():
        roles[row.person_id].append(row.role)
    return [
        Member(
            id=person.id,
            organisation_id=person.organisation_id,
            login=person.login,
            name=person.name,
            is_active=person.is_active,
            roles=sorted(roles[person.id]),
        )
        for person in people
    ]


async def list_tokens(
    session: AnySession, caller: Caller, *, after: UUID | None = None, limit: int = 100
) -> list[ApiToken]:
    """Reads the caller's own tokens, newest first; nobody reads another's."""
    caller.require_session()
    query = (
        select(ApiToken)
        .where(ApiToken.person_id == caller.person_id)
        .order_by(ApiToken.id.desc())
        .limit(limit)
    )
    if after is not None:
        query = query.where(ApiToken.id < after)
    return list((await session.execute(query)).scalars())
