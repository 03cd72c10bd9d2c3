"""Makers of organisations, people, callers and signed-in clients for tests."""

from __future__ import annotations

import itertools
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from argon2 import PasswordHasher
from httpx2 import ASGITransport, AsyncClient

from app.accounts.credit_code import check_character, inner_check_character
from app.accounts.finding import caller_of
from app.accounts.models import Organisation, Person
from app.accounts.permissions import DESKS, Role, Scope
from app.accounts.queries import find_exchange
from app.accounts.registering import insert_person
from app.accounts.tokens import create_token
from app.ids import uuid7

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from app.accounts.caller import Caller
    from app.db import Database, Session

PASSWORD = "plum-rain-1984"
_numbers = itertools.count(1)
# Made once at the cost of the tests' settings: argon2 reads the cost from the hash itself.
_HASH = PasswordHasher(time_cost=1, memory_cost=64).hash(PASSWORD)


def make_credit_code(number: int | None = None) -> str:
    """A credit code that holds and belongs to nobody: region 330100, a running subject code."""
    subject = f"{number if number is not None else next(_numbers):08d}"
    first_17 = f"91330100{subject}{inner_check_character(subject)}"
    return first_17 + check_character(first_17)


async def make_organisation(session: Session, /, **over: Any) -> Organisation:
    """An organisation without people; ``kind="exchange"`` gives the exchange, which is made once."""
    if over.get("kind") == "exchange":
        exchange = await find_exchange(session)
        if exchange is not None:
            return exchange
        over = {"name": "技术交易市场", "uscc": None, **over}
    number = next(_numbers)
    columns = {"name": f"虚构机构{number}", "kind": "company", "is_fictional": True, "uscc": None, **over}
    if "uscc" not in over:
        columns["uscc"] = make_credit_code(number)
    organisation = Organisation(**columns)
    session.add(organisation)
    await session.flush()
    return organisation


async def make_person(
    session: Session, /, organisation: Organisation, roles: Iterable[str] = (), **over: Any
) -> Person:
    """A person with these roles, whose password is PASSWORD."""
    number = next(_numbers)
    columns = {
        "login": f"person{number}-{uuid7().hex[-6:]}",
        "name": f"虚构人员{number}",
        "password_hash": _HASH,
    }
    return await insert_person(session, organisation.id, roles=roles, **{**columns, **over})


async def caller_for(session: Session, person: Person) -> Caller:
    """The person as a caller, as if he had signed in."""
    return await caller_of(session, person.id)


async def make_caller(
    session: Session, /, *roles: Role, organisation: Organisation | None = None, **over: Any
) -> Caller:
    """A new person with these roles as a caller: of the exchange for desks, else of ``organisation`` or a new one."""
    if organisation is None:
        kind = {"kind": "exchange"} if roles and set(roles) <= DESKS else {}
        organisation = await make_organisation(session, **kind)
    return await caller_for(session, await make_person(session, organisation, roles, **over))


async def make_token(session: Session, caller: Caller, scopes: Iterable[str] = tuple(Scope)) -> str:
    """The secret of a personal token of this caller; wide unless ``scopes`` says otherwise."""
    _, secret = await create_token(session, caller, name="测试令牌", scopes=scopes)
    return secret


@dataclass(frozen=True)
class SignedInClient:
    """A browser's session: a client with its cookie and CSRF header, and who it is."""

    http: AsyncClient
    caller: Caller
    body: dict[str, Any]


@asynccontextmanager
async def signed_in_client(
    client: AsyncClient, db: Database, *roles: Role, organisation: Organisation | None = None
) -> AsyncIterator[SignedInClient]:
    """A new person with these roles, signed in by the API itself on the same application as ``client``."""

    async def make(session: Session) -> tuple[Caller, str]:
        caller = await make_caller(session, *roles, organisation=organisation)
        person = await session.get_one(Person, caller.person_id)
        return caller, person.login

    caller, login = await db.write(make)
    async with AsyncClient(transport=transport_of(client), base_url=str(client.base_url)) as http:
        answer = await http.post("/api/v1/sessions", json={"login": login, "password": PASSWORD})
        assert answer.status_code == 201, answer.text
        http.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
        yield SignedInClient(http, caller, answer.json())


async def token_headers(
    db: Database, *roles: Role, organisation: Organisation | None = None, scopes: Iterable[str] = tuple(Scope)
) -> dict[str, str]:
    """The Authorization header of a new person with these roles: the shortest way to call the API as somebody."""

    async def make(session: Session) -> str:
        caller = await make_caller(session, *roles, organisation=organisation)
        return await make_token(session, caller, scopes)

    return {"Authorization": f"Bearer {await db.write(make)}"}


async def headers_of(db: Database, caller: Caller, scopes: Iterable[str] = tuple(Scope)) -> dict[str, str]:
    """The Authorization header of this caller."""
    return {"Authorization": f"Bearer {await db.write(make_token, caller, scopes)}"}


def transport_of(client: AsyncClient) -> ASGITransport:
    """The client's way into the application, for a second client with other cookies."""
    transport = client._transport
    assert isinstance(transport, ASGITransport)
    return transport
