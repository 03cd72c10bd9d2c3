"""Registering parties: an organisation with its first person, and the exchange with the people at its desks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.dialects.postgresql import insert

from app.accounts.caller import Caller, role_names
from app.accounts.classifying import USUAL_REGIME, province_of, require_regime_fit
from app.accounts.credit_code import read_credit_code
from app.accounts.errors import CreditCodeTaken, ExchangeNotRegistrable, LoginTaken
from app.accounts.models import Organisation, Person, PersonRole
from app.accounts.passwords import read_login
from app.accounts.permissions import DESKS, ORGANISATION_ROLES
from app.accounts.queries import find_exchange
from app.accounts.roles import require_fit
from app.audit import audit
from app.ids import uuid7

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from app.db import Session


@dataclass(frozen=True)
class Registered:
    """A new organisation and the first person in it."""

    organisation: Organisation
    person: Person

    @property
    def caller(self) -> Caller:
        """The first person as a caller."""
        return Caller(
            person_id=self.person.id,
            organisation_id=self.organisation.id,
            organisation_kind=self.organisation.kind,
            roles=role_names(ORGANISATION_ROLES),
            scopes=None,
            is_exchange=False,
            name=self.person.name,
            organisation_name=self.organisation.name,
        )


async def register_organisation(
    session: Session,
    *,
    name: str,
    uscc: str,
    kind: str,
    login: str,
    person_name: str,
    password_hash: str,
    region_code: str | None = None,
    nature_code: str | None = None,
    is_fictional: bool = False,
    regime: str | None = None,
    jurisdiction: str | None = None,
    is_foreign: bool = False,
) -> Registered:
    """Registers an organisation and its first person, who gets all roles of an organisation.

    What it does not declare of its regime follows from its kind, and its jurisdiction from its region. Raises
    CreditCodeWrong, CreditCodeTaken, LoginWrong, LoginTaken, ExchangeNotRegistrable, RegimeUnfit.
    """
    if kind == "exchange":
        raise ExchangeNotRegistrable
    declared = regime or USUAL_REGIME[kind]
    require_regime_fit(kind, declared)
    organisation = await _insert_organisation(
        session,
        name=name,
        uscc=read_credit_code(uscc).code,
        kind=kind,
        region_code=region_code,
        nature_code=nature_code,
        is_fictional=is_fictional,
        regime=declared,
        jurisdiction=jurisdiction or province_of(region_code),
        is_foreign=is_foreign,
    )
    person = await insert_person(
        session,
        organisation.id,
        login=login,
        name=person_name,
        password_hash=password_hash,
        roles=ORGANISATION_ROLES,
    )
    registered = Registered(organisation, person)
    await _audit_registration(session, registered)
    return registered


async def _audit_registration(session: Session, registered: Registered) -> None:
    organisation = registered.organisation
    await audit(
        session,
        registered.caller,
        "organisation.registered",
        subject_kind="organisation",
        subject_id=organisation.id,
        detail={
            "name": organisation.name,
            "uscc": organisation.uscc,
            "login": registered.person.login,
            "regime": organisation.regime,
            "jurisdiction": organisation.jurisdiction,
            "is_foreign": organisation.is_foreign,
        },
    )


async def _insert_organisation(session: Session, *, uscc: str, **facts: str | bool | None) -> Organisation:
    """Writes an organisation; the unique index decides between two at once. Raises CreditCodeTaken."""
    row = insert(Organisation).values(id=uuid7(), uscc=uscc, **facts)
    made = await session.execute(
        row.on_conflict_do_nothing(index_elements=[Organisation.uscc]).returning(Organisation)
    )
    organisation = made.scalar_one_or_none()
    if organisation is None:
        raise CreditCodeTaken(uscc)
    return organisation


async def insert_person(
    session: Session,
    organisation_id: UUID,
    *,
    login: str,
    name: str,
    password_hash: str,
    roles: Iterable[str],
) -> Person:
    """Writes a person and his roles. Raises LoginWrong, LoginTaken."""
    login = read_login(login)
    row = insert(Person).values(
        id=uuid7(), organisation_id=organisation_id, login=login, name=name, password_hash=password_hash
    )
    made = await session.execute(row.on_conflict_do_nothing(index_elements=[Person.login]).returning(Person))
    person = made.scalar_one_or_none()
    if person is None:
        raise LoginTaken(login)
    session.add_all(PersonRole(person_id=person.id, role=str(role)) for role in sorted(set(roles)))
    await session.flush()
    return person


async def create_exchange_person(
    session: Session, *, login: str, name: str, password_hash: str, roles: Iterable[str], exchange_name: str
) -> Person:
    """Gives somebody a place at the exchange's desks; the exchange's own row is made with its first person.

    Only seeding and the operator's command call this: no route of the public does. Raises LoginWrong, LoginTaken,
    RoleUnfit.
    """
    desks = require_fit(roles, DESKS)
    exchange = await find_exchange(session)
    if exchange is None:
        row = insert(Organisation).values(id=uuid7(), name=exchange_name, kind="exchange")
        await session.execute(row.on_conflict_do_nothing())
        exchange = await find_exchange(session)
    if exchange is None:
        raise AssertionError
    person = await insert_person(
        session, exchange.id, login=login, name=name, password_hash=password_hash, roles=desks
    )
    await audit(
        session,
        None,
        "person.added",
        subject_kind="person",
        subject_id=person.id,
        detail={"login": person.login, "roles": sorted(desks)},
    )
    return person
