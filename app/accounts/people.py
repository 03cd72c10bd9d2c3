"""People of an organisation: its admin adds them and says what each may do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from app.accounts.errors import LoginUnknown, OrganisationMissing, PersonMissing
from app.accounts.models import Person, PersonRole
from app.accounts.permissions import ORGANISATION_ROLES, Permission
from app.accounts.queries import list_admins, list_roles, lock_organisation
from app.accounts.registering import insert_person
from app.accounts.roles import require_admin_left, require_fit
from app.audit import audit

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import Session


async def add_person(
    session: Session,
    caller: Caller,
    organisation_id: UUID,
    *,
    login: str,
    name: str,
    password_hash: str,
    roles: Iterable[str],
) -> Person:
    """Adds a person to the caller's own organisation. Raises LoginWrong, LoginTaken, RoleUnfit."""
    caller.require(Permission.ORGANISATION_MANAGE)
    if organisation_id != caller.organisation_id:
        raise OrganisationMissing(organisation_id)
    fit = require_fit(roles, ORGANISATION_ROLES)
    person = await insert_person(
        session, organisation_id, login=login, name=name, password_hash=password_hash, roles=fit
    )
    await audit(
        session,
        caller,
        "person.added",
        subject_kind="person",
        subject_id=person.id,
        detail={"login": person.login, "roles": sorted(fit)},
    )
    return person


async def set_roles(session: Session, caller: Caller, person_id: UUID, roles: Iterable[str]) -> None:
    """Gives a person of the caller's own organisation these roles and no others. Raises RoleUnfit, LastAdmin.

    The organisation's row is locked first: two admins who dismiss each other at once would both see the other one
    still there.
    """
    caller.require(Permission.ORGANISATION_MANAGE)
    fit = require_fit(roles, ORGANISATION_ROLES)
    await lock_organisation(session, caller.organisation_id)
    person = await session.get(Person, person_id)
    if person is None or person.organisation_id != caller.organisation_id:
        raise PersonMissing(person_id)
    require_admin_left(await list_admins(session, caller.organisation_id), person_id, fit)
    before = await list_roles(session, person_id)
    if before == fit:
        return
    await session.execute(
        delete(PersonRole).where(PersonRole.person_id == person_id, PersonRole.role.in_(before - fit))
    )
    session.add_all(PersonRole(person_id=person_id, role=role) for role in sorted(fit - before))
    await session.flush()
    await audit(
        session,
        caller,
        "person.roles-set",
        subject_kind="person",
        subject_id=person_id,
        detail={"before": sorted(before), "after": sorted(fit)},
    )


async def retire_person(session: Session, login: str) -> UUID:
    """Shuts a person out: no sign-in, session or token of his is worth anything from the commit on. Raises LoginUnknown.

    Nothing that he did is touched. Sockets end within seconds, since they look again who is behind them.
    """
    query = select(Person).where(Person.login == login.strip().lower()).with_for_update(key_share=True)
    person = (await session.execute(query)).scalar_one_or_none()
    if person is None:
        raise LoginUnknown(login)
    person.is_active = False
    await session.flush()
    await audit(session, None, "person.retired", subject_kind="person", subject_id=person.id)
    return person.id
