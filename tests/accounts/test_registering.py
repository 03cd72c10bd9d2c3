"""Registering organisations, adding people, giving roles: operations on a real database."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.accounts.errors import (
    CreditCodeTaken,
    CreditCodeWrong,
    ExchangeNotRegistrable,
    LastAdmin,
    LoginTaken,
    LoginWrong,
    NotPermitted,
    OrganisationMissing,
    PersonMissing,
    RoleUnfit,
)
from app.accounts.models import Organisation, Person
from app.accounts.people import add_person, set_roles
from app.accounts.permissions import DESKS, ORGANISATION_ROLES, Role
from app.accounts.queries import list_members, list_roles
from app.accounts.registering import Registered, create_exchange_person, register_organisation
from app.audit import AuditRecord
from app.db import Session
from tests.make_accounts import caller_for, make_caller, make_credit_code, make_organisation, make_person


async def register(session: Session, **over: str) -> Registered:
    facts: dict[str, Any] = {
        "name": "虚构大学",
        "uscc": make_credit_code(),
        "kind": "university",
        "login": "dean",
        "person_name": "虚构院长",
        "password_hash": "x",
        **over,
    }
    return await register_organisation(session, **facts)


async def audited(session: Session) -> list[str]:
    return list((await session.execute(select(AuditRecord.action).order_by(AuditRecord.id))).scalars())


async def test_the_first_person_gets_all_roles_of_an_organisation_and_it_is_audited(session: Session) -> None:
    made = await register(session)
    assert await list_roles(session, made.person.id) == ORGANISATION_ROLES
    assert made.caller == await caller_for(session, made.person)
    assert await audited(session) == ["organisation.registered"]


async def test_the_credit_code_is_stored_in_its_one_form(session: Session) -> None:
    made = await register(session, uscc=" 9111 0000-6000 3734 1l ")
    assert made.organisation.uscc == "91110000600037341L"
    with pytest.raises(CreditCodeTaken) as caught:
        await register(session, uscc="91110000600037341L", login="other")
    assert "91110000600037341L" in caught.value.detail("zh")


async def test_a_login_is_taken_whatever_its_case(session: Session) -> None:
    await register(session, login="Dean")
    with pytest.raises(LoginTaken):
        await register(session, login="dEAN")


@pytest.mark.parametrize("login", ["", "ab", "张三", "-dean", "de an", "x" * 65, "dean\x00"])
async def test_an_odd_login_is_refused(session: Session, login: str) -> None:
    with pytest.raises(LoginWrong):
        await register(session, login=login)


async def test_nothing_is_left_of_a_refused_registration(session: Session) -> None:
    await register(session, login="dean")
    before = await session.scalar(select(func.count()).select_from(Organisation))
    with pytest.raises(LoginTaken):
        async with session.begin_nested():
            await register(session, login="dean")
    assert await session.scalar(select(func.count()).select_from(Organisation)) == before


async def test_the_exchange_cannot_be_registered(session: Session) -> None:
    with pytest.raises(ExchangeNotRegistrable):
        await register(session, kind="exchange")


async def test_a_wrong_credit_code_is_refused(session: Session) -> None:
    with pytest.raises(CreditCodeWrong):
        await register(session, uscc="91110000600037341M")


async def test_the_database_itself_keeps_credit_codes_and_the_one_exchange_unique(session: Session) -> None:
    first = await make_organisation(session)
    with pytest.raises(IntegrityError):
        async with session.begin_nested():
            await make_organisation(session, uscc=first.uscc)
    await make_organisation(session, kind="exchange")
    with pytest.raises(IntegrityError):
        async with session.begin_nested():
            await session.execute(
                text("INSERT INTO organisation (id, name, kind) VALUES (gen_random_uuid(), 'x', 'exchange')")
            )


@pytest.mark.parametrize("role", Role)
async def test_the_database_itself_keeps_desks_and_parties_apart(session: Session, role: Role) -> None:
    side = {} if role in DESKS else {"kind": "exchange"}
    organisation = await make_organisation(session, **side)
    with pytest.raises(IntegrityError, match="does not fit"):
        async with session.begin_nested():
            await make_person(session, organisation, [role])


async def test_the_database_keeps_a_person_with_his_organisation(session: Session) -> None:
    one, other = await make_organisation(session), await make_organisation(session)
    person = await make_person(session, one)
    for change in (
        update(Person).where(Person.id == person.id).values(organisation_id=other.id),
        update(Organisation).where(Organisation.id == one.id).values(kind="university"),
    ):
        with pytest.raises(DBAPIError, match="never changes"):
            async with session.begin_nested():
                await session.execute(change)


async def test_an_admin_adds_people_with_roles(session: Session) -> None:
    admin = await make_caller(session, Role.ADMIN)
    person = await add_person(
        session,
        admin,
        admin.organisation_id,
        login="lisi",
        name="虚构李四",
        password_hash="x",
        roles=["bidder"],
    )
    assert await list_roles(session, person.id) == {"bidder"}
    members = await list_members(session, admin, admin.organisation_id)
    assert [member.login for member in members][-1] == "lisi"
    assert await audited(session) == ["person.added"]


async def test_a_member_who_is_no_admin_adds_and_sees_nobody(session: Session) -> None:
    bidder = await make_caller(session, Role.BIDDER)
    with pytest.raises(NotPermitted):
        await add_person(
            session, bidder, bidder.organisation_id, login="lisi", name="x", password_hash="x", roles=[]
        )
    with pytest.raises(NotPermitted):
        await list_members(session, bidder, bidder.organisation_id)


async def test_anothers_organisation_and_people_are_missing_to_an_admin(session: Session) -> None:
    admin, stranger = await make_caller(session, Role.ADMIN), await make_caller(session, Role.ADMIN)
    with pytest.raises(OrganisationMissing):
        await add_person(
            session, admin, stranger.organisation_id, login="lisi", name="x", password_hash="x", roles=[]
        )
    with pytest.raises(OrganisationMissing):
        await list_members(session, admin, stranger.organisation_id)
    with pytest.raises(PersonMissing):
        await set_roles(session, admin, stranger.person_id, ["bidder"])


async def test_a_desks_role_cannot_be_given_to_a_party(session: Session) -> None:
    admin = await make_caller(session, Role.ADMIN)
    with pytest.raises(RoleUnfit) as caught:
        await set_roles(session, admin, admin.person_id, ["admin", "reviewer"])
    assert caught.value.members() == {"role": "reviewer", "fit": "admin, bidder, seller, signatory"}


async def test_a_partys_role_cannot_be_given_at_the_exchange(session: Session) -> None:
    facts = {"login": "staff", "name": "虚构", "password_hash": "x", "exchange_name": "技术交易市场"}
    with pytest.raises(RoleUnfit):
        await create_exchange_person(session, **facts, roles=["bidder"])


async def test_the_exchange_is_made_with_its_first_person_and_used_for_the_next(session: Session) -> None:
    facts = {"name": "虚构", "password_hash": "x", "exchange_name": "技术交易市场"}
    first = await create_exchange_person(session, **facts, login="staff1", roles=["reviewer", "host"])
    second = await create_exchange_person(session, **facts, login="staff2", roles=["finance"])
    assert first.organisation_id == second.organisation_id
    caller = await caller_for(session, first)
    assert caller.is_exchange
    assert caller.roles == {"reviewer", "host"}


async def test_roles_are_replaced_as_a_whole_and_the_change_is_audited(session: Session) -> None:
    admin = await make_caller(session, Role.ADMIN)
    organisation = await session.get_one(Organisation, admin.organisation_id)
    person = await make_person(session, organisation, ["bidder", "seller"])
    await set_roles(session, admin, person.id, ["seller", "signatory"])
    assert await list_roles(session, person.id) == {"seller", "signatory"}
    await set_roles(session, admin, person.id, ["signatory", "seller"])
    record = (await session.execute(select(AuditRecord))).scalar_one()
    assert record.detail == {"before": ["bidder", "seller"], "after": ["seller", "signatory"]}


async def test_the_last_admin_cannot_be_dismissed_but_one_of_two_can(session: Session) -> None:
    admin = await make_caller(session, Role.ADMIN)
    organisation = await session.get_one(Organisation, admin.organisation_id)
    with pytest.raises(LastAdmin):
        await set_roles(session, admin, admin.person_id, ["seller"])
    second = await make_person(session, organisation, ["admin"])
    await set_roles(session, admin, second.id, [])
    with pytest.raises(LastAdmin):
        await set_roles(session, admin, admin.person_id, [])


async def test_an_admin_who_was_shut_out_does_not_count(session: Session) -> None:
    admin = await make_caller(session, Role.ADMIN)
    organisation = await session.get_one(Organisation, admin.organisation_id)
    gone = await make_person(session, organisation, ["admin"])
    (await session.get_one(Person, gone.id)).is_active = False
    await session.flush()
    with pytest.raises(LastAdmin):
        await set_roles(session, admin, admin.person_id, [])
