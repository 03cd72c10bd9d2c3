"""Signing in and out over HTTP: cookie, CSRF token, Origin, ends of sessions, and the bound on attempts."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.accounts.models import Person, SignIn
from app.accounts.permissions import Role
from app.api.sign_in_rate import SignInRate
from app.audit import AuditRecord
from app.clock import market_now
from app.settings import Settings
from tests.make_accounts import PASSWORD, make_caller, make_organisation, make_person, signed_in_client

if TYPE_CHECKING:
    from httpx2 import AsyncClient

    from app.db import Database, Session
    from tests.conftest import SetNow

SESSIONS, CURRENT, TOKENS = "/api/v1/sessions", "/api/v1/sessions/current", "/api/v1/tokens"


async def a_bidder(session: Session) -> str:
    person = await make_person(session, await make_organisation(session), ["bidder"], login="bidder")
    return person.login


async def test_sign_in_answers_who_one_is_and_sets_a_guarded_cookie(
    client: AsyncClient, db: Database
) -> None:
    await db.write(a_bidder)
    answer = await client.post(SESSIONS, json={"login": " BIDDER ", "password": PASSWORD})
    assert answer.status_code == 201
    body = answer.json()
    assert body["person"]["roles"] == ["bidder"]
    assert "bid.place" in body["person"]["permissions"]
    assert "listing.write" not in body["person"]["permissions"]
    assert body["organisation"]["kind"] == "company"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie
    again = (await client.get(CURRENT)).json()
    assert again == body


async def test_no_secret_of_a_session_is_stored(client: AsyncClient, db: Database) -> None:
    await db.write(a_bidder)
    answer = await client.post(SESSIONS, json={"login": "bidder", "password": PASSWORD})
    secret = answer.cookies["market_session"]
    async with db.transaction() as session:
        row = (await session.execute(select(SignIn))).scalar_one()
        assert secret.encode() not in row.token_hash
        person = (await session.execute(select(Person))).scalar_one()
        assert person.password_hash.startswith("$argon2id$")


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("bidder", "wrong-password"),
        ("nobody", PASSWORD),
        ("不是登录名", PASSWORD),
        ("bidder", PASSWORD + " "),
    ],
)
async def test_a_wrong_login_and_a_wrong_password_get_the_same_answer(
    client: AsyncClient, db: Database, login: str, password: str
) -> None:
    await db.write(a_bidder)
    answer = await client.post(SESSIONS, json={"login": login, "password": password})
    assert answer.status_code == 401
    body = answer.json()
    assert (body["code"], body["detail"]) == ("wrong-password", "账号或密码不对。请检查后重试。")
    assert "set-cookie" not in answer.headers


async def test_somebody_shut_out_cannot_sign_in_and_his_session_is_worth_nothing(
    client: AsyncClient, db: Database
) -> None:
    async with signed_in_client(client, db, Role.BIDDER) as browser:
        async with db.transaction() as session:
            (await session.get_one(Person, browser.caller.person_id)).is_active = False
        assert (await browser.http.get(CURRENT)).json() is None
        answer = await browser.http.post(
            SESSIONS, json={"login": browser.body["person"]["login"], "password": PASSWORD}
        )
        assert answer.json()["code"] == "wrong-password"


async def test_sign_out_ends_the_session_itself_and_not_only_the_cookie(
    client: AsyncClient, db: Database
) -> None:
    async with signed_in_client(client, db, Role.BIDDER) as browser:
        secret = browser.http.cookies["market_session"]
        answer = await browser.http.delete(CURRENT)
        assert answer.status_code == 204
        assert 'market_session=""' in answer.headers["set-cookie"]
        browser.http.cookies.set("market_session", secret, domain="market.test")
        assert (await browser.http.get(CURRENT)).json() is None
        again = await browser.http.get(TOKENS)
        assert again.status_code == 401
        assert again.json()["code"] == "session-ended"
    async with db.transaction() as session:
        actions = (await session.execute(select(AuditRecord.action).order_by(AuditRecord.id))).scalars().all()
    assert actions == ["session.started", "session.ended"]


@pytest.mark.parametrize("after", [timedelta(hours=12, seconds=1), timedelta(days=15)])
async def test_a_session_ends_by_idleness_and_by_age(
    client: AsyncClient, db: Database, now_is: SetNow, after: timedelta
) -> None:
    async with signed_in_client(client, db, Role.BIDDER) as browser:
        began = await db.read(market_now)
        await now_is(db, began + after)
        assert (await browser.http.get(CURRENT)).json() is None
        assert (await browser.http.get(TOKENS)).json()["code"] == "session-ended"


async def test_a_session_in_use_lives_past_the_idle_time_but_not_past_its_age(
    client: AsyncClient, db: Database, now_is: SetNow
) -> None:
    async with signed_in_client(client, db, Role.BIDDER) as browser:
        began = await db.read(market_now)
        for hours in range(10, 14 * 24 - 1, 10):
            await now_is(db, began + timedelta(hours=hours))
            assert (await browser.http.get(CURRENT)).json() is not None
        await now_is(db, began + timedelta(days=14, seconds=5))
        assert (await browser.http.get(CURRENT)).json() is None


@pytest.mark.parametrize("token", [None, "", "0" * 64, "é"])
async def test_a_cookie_without_its_csrf_token_changes_nothing(
    client: AsyncClient, db: Database, token: str | None
) -> None:
    async with signed_in_client(client, db, Role.ADMIN) as browser:
        del browser.http.headers["X-CSRF-Token"]
        headers = [] if token is None else [(b"X-CSRF-Token", token.encode())]
        answer = await browser.http.delete(CURRENT, headers=headers)
        assert answer.status_code == 403
        assert answer.json()["code"] == "csrf-token-wrong"
        assert (await browser.http.get(CURRENT)).json() is not None


async def test_another_sessions_csrf_token_is_wrong(client: AsyncClient, db: Database) -> None:
    async with (
        signed_in_client(client, db, Role.ADMIN) as one,
        signed_in_client(client, db, Role.ADMIN) as other,
    ):
        answer = await one.http.delete(CURRENT, headers={"X-CSRF-Token": other.body["csrf_token"]})
        assert answer.json()["code"] == "csrf-token-wrong"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://market.test.evil.example"])
async def test_another_sites_page_changes_nothing_even_with_the_csrf_token(
    client: AsyncClient, db: Database, origin: str
) -> None:
    async with signed_in_client(client, db, Role.ADMIN) as browser:
        answer = await browser.http.delete(CURRENT, headers={"Origin": origin})
        assert answer.status_code == 403
        assert answer.json()["code"] == "origin-foreign"
        signing_in = await client.post(
            SESSIONS, json={"login": "x", "password": PASSWORD}, headers={"Origin": origin}
        )
        assert signing_in.json()["code"] == "origin-foreign"


async def test_our_own_page_is_let_in(client: AsyncClient, db: Database) -> None:
    async with signed_in_client(client, db, Role.ADMIN) as browser:
        answer = await browser.http.delete(CURRENT, headers={"Origin": "http://market.test"})
        assert answer.status_code == 204


async def test_a_guest_who_asks_who_he_is_hears_nobody_and_is_told_to_sign_in_where_he_must(
    client: AsyncClient,
) -> None:
    answer = await client.get(CURRENT)
    assert answer.status_code == 200
    assert answer.json() is None
    refused = await client.get(TOKENS)
    assert refused.status_code == 401
    assert refused.json()["code"] == "sign-in-required"
    assert refused.headers["www-authenticate"].startswith("Bearer")


async def test_too_many_attempts_on_a_login_are_stopped_with_the_time_to_wait(
    client: AsyncClient, db: Database, settings: Settings
) -> None:
    await db.write(a_bidder)
    app = client._transport.app  # type: ignore[attr-defined]
    app.state.sign_in_rate = SignInRate(settings.model_copy(update={"sign_in_limit": "3/minute"}))
    for _ in range(3):
        answer = await client.post(SESSIONS, json={"login": "bidder", "password": "wrong-password"})
        assert answer.status_code == 401
    stopped = await client.post(SESSIONS, json={"login": "Bidder", "password": PASSWORD})
    assert stopped.status_code == 429
    assert 1 <= int(stopped.headers["retry-after"]) <= 61
    assert stopped.json()["retry_after_seconds"] == int(stopped.headers["retry-after"])
    assert "秒后再试" in stopped.json()["detail"]
    other = await client.post(SESSIONS, json={"login": "somebody-else", "password": PASSWORD})
    assert other.status_code == 401


async def test_too_many_logins_from_one_address_are_stopped(client: AsyncClient, settings: Settings) -> None:
    app = client._transport.app  # type: ignore[attr-defined]
    app.state.sign_in_rate = SignInRate(settings.model_copy(update={"sign_in_limit": "1/minute"}))
    statuses = [
        (await client.post(SESSIONS, json={"login": f"login{n}", "password": PASSWORD})).status_code
        for n in range(6)
    ]
    assert statuses == [401] * 5 + [429]


async def test_a_caller_of_the_maker_is_what_the_api_says(client: AsyncClient, db: Database) -> None:
    caller = await db.write(make_caller, Role.SUPERVISOR)
    assert caller.is_exchange
    async with signed_in_client(client, db, Role.SUPERVISOR) as browser:
        assert browser.body["organisation"]["id"] == str(caller.organisation_id)
        assert browser.body["person"]["permissions"] == [
            "deal.read",
            "distribution.read",
            "ledger.read",
            "audit.read",
            "desk.read",
            "restriction.keep",
        ]
