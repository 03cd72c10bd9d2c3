"""Who acts in the demonstration: fictional parties and posts, made by the operations that everybody's are made by."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.accounts.finding import caller_of
from app.accounts.naming import name_organisations
from app.accounts.people import set_roles
from app.accounts.queries import find_person_by_login
from app.accounts.registering import create_exchange_person, register_organisation
from app.demo.accounts import (
    BUYER,
    DESKS,
    ENTRY,
    NO_PASSWORD,
    PARTIES,
    SECOND_BUYER,
    SELLER,
    SIMULATED,
    WITH_PASSWORD,
)
from app.demo.fictions import fictional_credit_code

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.accounts.caller import Caller
    from app.accounts.models import Organisation
    from app.db import AnySession, Session
    from app.demo.accounts import Party


@dataclass(frozen=True)
class Cast:
    """All who act in the demonstration, as callers."""

    seller: Caller
    buyer: Caller
    second_buyer: Caller
    simulated: tuple[Caller, ...]
    entry: Caller
    reviewer: Caller
    finance: Caller
    registrar: Caller

    @property
    def bidders(self) -> tuple[Caller, ...]:
        """Everybody who buys: the two for visitors and the simulated ones."""
        return (self.buyer, self.second_buyer, *self.simulated)

    def entering_for(self, organisation: Organisation) -> Caller:
        """The post that enters records for a real organisation, which has no account and no people here."""
        return replace(
            self.entry,
            organisation_id=organisation.id,
            organisation_name=organisation.name,
            organisation_kind=organisation.kind,
        )


async def make_cast(session: Session, password_hash: str, exchange_name: str) -> Cast:
    """Makes the parties with their posts and the exchange's desks. Raises LoginTaken when they exist."""
    for party in PARTIES:
        await _register(session, party, password_hash if party in WITH_PASSWORD else NO_PASSWORD)
    for login, (name, role) in DESKS.items():
        await create_exchange_person(
            session,
            login=login,
            name=name,
            password_hash=password_hash,
            roles=[role],
            exchange_name=exchange_name,
        )
    return await find_cast(session)


async def _register(session: Session, party: Party, password_hash: str) -> None:
    registered = await register_organisation(
        session,
        name=party.organisation,
        uscc=fictional_credit_code(party.serial, is_institution=party.kind != "company"),
        kind=party.kind,
        login=party.login,
        person_name=party.post,
        password_hash=password_hash,
        is_fictional=True,
    )
    await set_roles(session, registered.caller, registered.person.id, party.roles)


async def find_caller(session: AnySession, login: str) -> Caller:
    """One who acts, by login; raises LookupError when there is none."""
    person = await find_person_by_login(session, login)
    if person is None:
        raise LookupError(login)
    return await caller_of(session, person.id)


async def find_cast(session: AnySession) -> Cast:
    """Finds everybody again in a seeded market."""
    return Cast(
        seller=await find_caller(session, SELLER.login),
        buyer=await find_caller(session, BUYER.login),
        second_buyer=await find_caller(session, SECOND_BUYER.login),
        simulated=tuple([await find_caller(session, party.login) for party in SIMULATED]),
        entry=await find_caller(session, ENTRY.login),
        reviewer=await find_caller(session, "demo-reviewer"),
        finance=await find_caller(session, "demo-finance"),
        registrar=await find_caller(session, "demo-registrar"),
    )


async def name_owners(session: Session, applicants: Iterable[str]) -> dict[str, Organisation]:
    """Records the real applicants by name, so that listings show whose patents they are."""
    return await name_organisations(session, applicants)
