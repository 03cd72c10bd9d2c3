"""Personal tokens over HTTP: shown once, narrow, dated, revoked at once; and the routes of parties."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from app.accounts.models import ApiToken
from app.accounts.permissions import Role
from app.clock import market_now
from tests.make_accounts import make_credit_code, signed_in_client, token_headers

if TYPE_CHECKING:
    from httpx2 import AsyncClient

    from app.db import Database
    from tests.conftest import SetNow

TOKENS, CURRENT, ORGANISATIONS = "/api/v1/tokens", "/api/v1/sessions/current", "/api/v1/organisations"


async def test_a_token_is_shown_once_stored_hashed_and_works_without_csrf(
    client: AsyncClient, db: Database
) -> None:
    async with signed_in_client(client, db, Role.BIDDER) as browser:
        made = await browser.http.post(TOKENS, json={"name": "报表程序", "scopes": ["read"]})
        assert made.status_code == 201
        secret = made.json()["token"]
        assert secret.startswith("mkt_")
        listed = (await browser.http.get(TOKENS)).json()["items"]
        assert [item["id"] for item in listed] == [made.json()["id"]]
        assert "token" not in listed[0]
        assert secret not in str(listed)
    async with db.transaction() as session:
        row = (await session.execute(select(ApiToken))).scalar_one()
        assert secret.encode() not in row.token_hash
        assert row.prefix == secret[:10]
        assert row.expires_at is not None
    answer = await client.get(CURRENT, headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 200
    assert answer.json()["csrf_token"] is None
    reading = ["deposit.read-own", "deal.read", "mandate.read", "payable.read-own"]
    assert answer.json()["person"]["permissions"] == reading
    async with db.transaction() as session:
        assert (await session.execute(select(ApiToken.used_at))).scalar_one() is not None


async def test_a_revoked_token_is_worth_nothing_from_then_on(client: AsyncClient, db: Database) -> None:
    async with signed_in_client(client, db, Role.BIDDER) as browser:
        made = (await browser.http.post(TOKENS, json={"name": "x", "scopes": ["read"]})).json()
        headers = {"Authorization": f"Bearer {made['token']}"}
        assert (await client.get(CURRENT, headers=headers)).status_code == 200
        for _ in range(2):
            assert (await browser.http.delete(f"{TOKENS}/{made['id']}")).status_code == 204
        refused = await client.get(CURRENT, headers=headers)
    assert refused.status_code == 401
    assert refused.json()["code"] == "token-refused"


async def test_an_expired_token_is_refused(client: AsyncClient, db: Database, now_is: SetNow) -> None:
    headers = await token_headers(db, Role.BIDDER)
    await now_is(db, await db.read(market_now) + timedelta(days=91))
    assert (await client.get(CURRENT, headers=headers)).json()["code"] == "token-refused"


@pytest.mark.parametrize("token", ["mkt_unknown", "nonsense", "mkt_", "mkt_" + "x" * 5000])
async def test_an_unknown_token_is_refused_and_not_taken_for_a_guest(client: AsyncClient, token: str) -> None:
    answer = await client.get(CURRENT, headers={"Authorization": f"Bearer {token}"})
    assert answer.json()["code"] == "token-refused"


async def test_no_token_makes_tokens_or_people_or_ends_sessions(client: AsyncClient, db: Database) -> None:
    headers = await token_headers(db, Role.ADMIN)
    me = (await client.get(CURRENT, headers=headers)).json()
    people = f"{ORGANISATIONS}/{me['organisation']['id']}/people"
    person = {"login": "lisi", "name": "虚构", "password": "plum-rain-1984", "roles": ["admin"]}
    answers = [
        await client.post(TOKENS, json={"name": "x", "scopes": ["read"]}, headers=headers),
        await client.get(TOKENS, headers=headers),
        await client.post(people, json=person, headers=headers),
        await client.put(
            f"/api/v1/people/{me['person']['id']}/roles", json={"roles": ["admin"]}, headers=headers
        ),
        await client.delete(CURRENT, headers=headers),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [
        (403, "session-needed")
    ] * 5


async def test_anothers_token_is_missing(client: AsyncClient, db: Database) -> None:
    async with (
        signed_in_client(client, db, Role.ADMIN) as one,
        signed_in_client(client, db, Role.ADMIN) as other,
    ):
        made = (await one.http.post(TOKENS, json={"name": "x", "scopes": ["read"]})).json()
        assert (await other.http.delete(f"{TOKENS}/{made['id']}")).status_code == 404
        assert (await other.http.get(TOKENS)).json()["items"] == []


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"scopes": []}, "scopes"),
        ({"scopes": ["everything"]}, "scopes.0"),
        ({"name": "  "}, "name"),
        ({"name": "a\u0007"}, "name"),
        ({"expires_at": "2030-01-01T00:00:00"}, "expires_at"),
        ({"expires_at": 1900000000}, "expires_at"),
        ({"owner": "me"}, "owner"),
    ],
)
async def test_a_bad_token_request_names_the_field(
    client: AsyncClient, db: Database, over: dict[str, Any], field: str
) -> None:
    async with signed_in_client(client, db, Role.BIDDER) as browser:
        answer = await browser.http.post(TOKENS, json={"name": "x", "scopes": ["read"], **over})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize("days", [-1, 0, 367])
async def test_an_expiry_lies_ahead_and_within_a_year(client: AsyncClient, db: Database, days: int) -> None:
    expiry = (await db.read(market_now) + timedelta(days=days)).isoformat()
    async with signed_in_client(client, db, Role.BIDDER) as browser:
        answer = await browser.http.post(TOKENS, json={"name": "x", "scopes": ["read"], "expires_at": expiry})
    assert answer.json()["code"] == "token-expiry-wrong"


def organisation(**over: Any) -> dict[str, Any]:
    admin = {"login": "dean", "name": "虚构院长", "password": "plum-rain-1984", **over.pop("admin", {})}
    return {"name": "虚构大学", "uscc": make_credit_code(), "kind": "university", "admin": admin, **over}


async def test_an_organisation_registers_signs_in_and_adds_people(client: AsyncClient) -> None:
    made = await client.post(ORGANISATIONS, json=organisation())
    assert made.status_code == 201, made.text
    assert made.json()["person"]["roles"] == ["admin", "bidder", "seller", "signatory"]
    session = await client.post("/api/v1/sessions", json={"login": "dean", "password": "plum-rain-1984"})
    client.headers["X-CSRF-Token"] = session.json()["csrf_token"]
    people = f"{ORGANISATIONS}/{made.json()['organisation']['id']}/people"
    person = {"login": "lisi", "name": "虚构李四", "password": "orchid-1999-x", "roles": ["bidder"]}
    key = {"Idempotency-Key": "first-person"}
    added = await client.post(people, json=person, headers=key)
    assert added.status_code == 201
    assert (await client.post(people, json=person, headers=key)).json() == added.json()
    assert (await client.post(people, json=person)).json()["code"] == "login-taken"
    put = await client.put(f"/api/v1/people/{added.json()['id']}/roles", json={"roles": ["seller"]})
    assert put.json()["roles"] == ["seller"]
    dean = f"/api/v1/people/{made.json()['person']['id']}/roles"
    assert (await client.put(dean, json={"roles": []})).json()["code"] == "last-admin"
    page = (await client.get(people, params={"limit": 1})).json()
    assert [item["login"] for item in page["items"]] == ["dean"]
    rest = (await client.get(people, params={"limit": 1, "cursor": page["next_cursor"]})).json()
    assert [item["login"] for item in rest["items"]] == ["lisi"]
    assert rest["next_cursor"] is None


@pytest.mark.parametrize(
    ("over", "status", "code"),
    [
        ({"uscc": "91110000600037341M"}, 422, "credit-code-wrong"),
        ({"kind": "exchange"}, 422, "request-invalid"),
        ({"admin": {"password": "short"}}, 422, "password-weak"),
        ({"admin": {"password": "xx-DEAN-2026-xx"}}, 422, "password-weak"),
        ({"admin": {"password": "aaaaaaaaaaaa"}}, 422, "password-weak"),
        ({"admin": {"login": "院长一二三"}}, 422, "login-wrong"),
        ({"region_code": "11"}, 422, "request-invalid"),
        ({"admin": {"roles": ["reviewer"]}}, 422, "request-invalid"),
    ],
)
async def test_a_bad_registration_is_refused_with_its_reason(
    client: AsyncClient, over: dict[str, Any], status: int, code: str
) -> None:
    answer = await client.post(ORGANISATIONS, json=organisation(**over))
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_the_audit_record_is_the_supervisors(client: AsyncClient, db: Database) -> None:
    await client.post(ORGANISATIONS, json=organisation())
    headers = await token_headers(db, Role.SUPERVISOR)
    query = {"subject_kind": "organisation"}
    answer = await client.get("/api/v1/audit-records", params=query, headers=headers)
    assert [item["action"] for item in answer.json()["items"]] == ["organisation.registered"]
    assert answer.json()["items"][0]["person_name"] == "虚构院长"
    other = await token_headers(db, Role.REVIEWER)
    assert (await client.get("/api/v1/audit-records", headers=other)).json()["needs_roles"] == ["supervisor"]
