"""Signing out, banning and revoking end sockets within seconds; guests are not looked at at all."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, event
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from app.accounts.models import Person, PersonRole
from app.accounts.people import retire_person
from app.accounts.permissions import Role
from app.accounts.tokens import revoke_token
from app.api import auction_room, session_watch
from app.api.deps import COOKIE
from tests.live.rooms import address_of, app, frame, make_bidder, watching
from tests.make_accounts import PASSWORD, headers_of, make_caller
from tests.make_auction import make_sale

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from fastapi import FastAPI
    from websockets.asyncio.client import ClientConnection

    from app.db import Database, Session

__all__ = ["app"]


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    # With the query's own time and that of the closing this stays under the five seconds that are promised.
    assert session_watch.RECHECK_SECONDS <= 4
    monkeypatch.setattr(session_watch, "RECHECK_SECONDS", 0.1)


async def code_of_the_end(socket: ClientConnection) -> int | None:
    """The code with which the market ends a socket."""
    with pytest.raises(ConnectionClosed) as closed:
        await frame(socket, "never")
    return closed.value.rcvd.code if closed.value.rcvd is not None else None


async def test_a_revoked_token_ends_its_socket_and_no_other(app: FastAPI, db: Database) -> None:
    sale = await db.write(make_sale)
    caller, token, token_id = await db.write(make_bidder, sale.id)
    _, other_token, _ = await db.write(make_bidder, sale.id)
    async with watching(app, sale, token) as socket, watching(app, sale, other_token) as other:
        await frame(socket, "snapshot")
        await db.write(revoke_token, caller, token_id)
        assert await code_of_the_end(socket) == auction_room.CLOSE_SIGNED_OUT
        await other.send('{"type":"ping"}')
        await frame(other, "pong")


async def test_a_banned_person_is_out(app: FastAPI, db: Database) -> None:
    sale = await db.write(make_sale)
    caller, token, _ = await db.write(make_bidder, sale.id)

    async def ban(session: Session) -> None:
        await retire_person(session, (await session.get_one(Person, caller.person_id)).login)

    async with watching(app, sale, token) as socket:
        await frame(socket, "snapshot")
        await db.write(ban)
        assert await code_of_the_end(socket) == auction_room.CLOSE_SIGNED_OUT


async def test_a_sign_out_ends_the_sockets_of_that_session(app: FastAPI, db: Database) -> None:
    from httpx2 import AsyncClient  # noqa: PLC0415 - this test alone signs in

    sale = await db.write(make_sale)

    async def make(session: Session) -> str:
        caller = await make_caller(session, Role.BIDDER)
        return (await session.get_one(Person, caller.person_id)).login

    login = await db.write(make)
    async with AsyncClient(base_url=f"http://{app.state.address}") as http:
        signed_in = await http.post("/api/v1/sessions", json={"login": login, "password": PASSWORD})
        cookie = http.cookies[COOKIE]
        async with connect(
            address_of(app, sale.id),
            additional_headers={"Cookie": f"{COOKIE}={cookie}"},
            origin=f"http://{app.state.address}",  # type: ignore[arg-type]
            proxy=None,
        ) as socket:
            assert (await frame(socket, "snapshot"))["me"] is not None
            http.headers["X-CSRF-Token"] = signed_in.json()["csrf_token"]
            assert (await http.delete("/api/v1/sessions/current")).status_code == 204
            assert await code_of_the_end(socket) == auction_room.CLOSE_SIGNED_OUT


async def test_whoever_leaves_the_hosts_desk_hears_its_stream_no_more(app: FastAPI, db: Database) -> None:
    sale = await db.write(make_sale)
    caller = await db.write(make_caller, Role.HOST)
    headers = await headers_of(db, caller)

    async def leave_the_desk(session: Session) -> None:
        await session.execute(delete(PersonRole).where(PersonRole.person_id == caller.person_id))

    async with connect(
        address_of(app, sale.id, audience="host"), additional_headers=headers, proxy=None
    ) as desk:
        await frame(desk, "snapshot")
        await db.write(leave_the_desk)
        assert await code_of_the_end(desk) == auction_room.CLOSE_FORBIDDEN


@pytest.fixture
async def statements(db: Database) -> AsyncIterator[list[str]]:
    """All statements that are sent to the database from now on."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(db.engine.sync_engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine.sync_engine, "before_cursor_execute", note)


async def test_many_sockets_are_looked_at_by_one_query_and_guests_by_none(
    app: FastAPI, db: Database, statements: list[str]
) -> None:
    sale = await db.write(make_sale)
    made = [await db.write(make_bidder, sale.id) for _ in range(5)]

    async def hold(token: str | None) -> None:
        async with watching(app, sale, token) as socket:
            await frame(socket, "snapshot")
            await held.wait()

    held = asyncio.Event()
    tokens: list[str | None] = [token for _, token, _ in made]
    sockets = [asyncio.create_task(hold(token)) for token in [*tokens, None, None, None]]
    watch: session_watch.SessionWatch = app.state.session_watch
    while len(watch._rooms) < 5:  # noqa: ASYNC110 - a count, and no event of it
        await asyncio.sleep(0.01)
    statements.clear()
    await asyncio.sleep(0.55)
    looks = [statement for statement in statements if "FROM api_token" in statement]
    assert 2 <= len(looks) <= 6
    held.set()
    await asyncio.gather(*sockets)
