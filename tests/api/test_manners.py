"""How the API behaves as a whole: its description, its problems in two languages, its pages, its cursors."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from httpx2 import ASGITransport, AsyncClient

import app as program
from app.api.wire import cursor_of
from app.commands.openapi import describe
from app.db import Database
from app.errors import MarketError
from app.main import create_app
from tests.database import ROOT
from tests.permissions.asks import ALL

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from tests.api.conftest import OpenMarket

COMMITTED: dict[str, Any] = json.loads((ROOT / "frontend" / "openapi.json").read_text("utf-8"))
OPERATIONS = {
    operation["operationId"]: (method.upper(), path, operation)
    for path, item in COMMITTED["paths"].items()
    for method, operation in item.items()
}
CHINESE = re.compile("[\u4e00-\u9fff]")
# These make something and take no Idempotency-Key, for the reason given.
NOT_REPEATABLE = {
    "register_organisation": "nobody is signed in whose key it would be; the credit code and the login are unique",
    "sign_in": "each sign-in is a session of its own",
    "create_token": "the secret is shown once and kept nowhere, so it could not be answered again",
    "place_bid": "bid_id, which the bidder makes, is the key",
    "check_protocol": "it makes nothing",
    "make_onboarding_link": "each link is for one use, and nothing is made here",
    "take_stripe_event": "the event's own id is the key",
    "preview_rules": "it makes nothing",
    "preview_bank_statement": "it makes nothing",
    "suspend_auction": "a sale is suspended or it is not; a second suspension is refused",
    "open_withheld_maxima": "it makes nothing but its audit record, and each opening is one",
}
# Lists that have an end of their own and come whole, or are numbered without a gap and read by number.
NOT_PAGED = {
    "list_boards",
    "list_bulletins",
    "list_intent_documents",
    "list_petitions",
    "list_suspicions",
    "list_room_documents",
    "list_review_checks",
    "list_registration_choices",
    "list_signing_keys",
    "list_contributors",
    "list_auction_events",
    "list_own_auction_events",
    "list_host_auction_events",
    "list_dated_rules",
    "list_listing_events",
}
_ID = UUID("01a2f000-0000-7000-8000-000000000001")

PAGED = sorted(
    name
    for name, (method, _, operation) in OPERATIONS.items()
    if "cursor" in str(operation.get("parameters"))
)


def _parameters(operation: dict[str, Any], place: str) -> set[str]:
    return {found["name"] for found in operation.get("parameters", []) if found["in"] == place}


def test_the_committed_description_is_the_one_that_the_program_gives() -> None:
    made = json.loads(json.dumps(describe()))
    assert made == COMMITTED, "run: python -m app openapi --output frontend/openapi.json && npm run client"


def test_the_description_is_openapi_3_1_with_a_tag_and_a_stable_name_for_each_operation() -> None:
    assert COMMITTED["openapi"].startswith("3.1.")
    assert len(OPERATIONS) == sum(len(item) for item in COMMITTED["paths"].values())
    for name, (_, path, operation) in OPERATIONS.items():
        assert re.fullmatch(r"[a-z]+(_[a-z]+)+", name), name
        assert path.startswith("/api/v1/")
        assert len(operation["tags"]) == 1, name
        assert operation["description"], name


def _has_example(schema: dict[str, Any]) -> bool:
    """A value to try: given as an example, as one of a few words, as a file, or by the parts."""
    if {"examples", "enum", "const", "$ref", "contentMediaType"} & schema.keys():
        return True
    return any(_has_example(part) for part in schema.get("anyOf", []) if part.get("type") != "null")


@pytest.mark.parametrize(
    "name", [name for name, (_, _, operation) in OPERATIONS.items() if "requestBody" in operation]
)
def test_every_request_body_shows_an_example_of_each_field(name: str) -> None:
    (content,) = OPERATIONS[name][2]["requestBody"]["content"].values()
    schema = content["schema"]
    if "$ref" in schema:
        schema = COMMITTED["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
    assert [field for field, part in schema["properties"].items() if not _has_example(part)] == []


def test_whatever_creates_takes_an_idempotency_key() -> None:
    creating = {name for name, (method, _, _) in OPERATIONS.items() if method == "POST"}
    repeatable = {
        name
        for name, (_, _, found) in OPERATIONS.items()
        if "Idempotency-Key" in _parameters(found, "header")
    }
    assert repeatable == creating - NOT_REPEATABLE.keys()


def test_every_list_is_paged_by_cursor() -> None:
    lists = {name for name in OPERATIONS if name.startswith("list_")}
    assert set(PAGED) == lists - NOT_PAGED
    for name in PAGED:
        operation = OPERATIONS[name][2]
        assert _parameters(operation, "query") >= {"cursor", "limit"}
        answer = operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
        page = COMMITTED["components"]["schemas"][answer.rsplit("/", 1)[-1]]
        assert set(page["properties"]) == {"items", "next_cursor"}


def _errors(kind: type[MarketError] = MarketError) -> Iterator[type[MarketError]]:
    for child in kind.__subclasses__():
        yield child
        yield from _errors(child)


def test_every_problem_speaks_both_languages() -> None:
    for found in pkgutil.walk_packages(program.__path__, "app."):
        if ".commands" not in found.name and not found.name.endswith("__main__"):
            importlib.import_module(found.name)
    kinds = [kind for kind in _errors() if kind.__module__.startswith("app.")]
    assert len(kinds) > 100
    for kind in kinds:
        assert CHINESE.search(kind.zh), kind
        # A Chinese term may stand in an English text, a Chinese sentence may not.
        assert 5 * len(CHINESE.findall(kind.en)) < len(kind.en), kind


@pytest.fixture(scope="module")
async def http(open_market: OpenMarket) -> AsyncIterator[AsyncClient]:
    """A client on the open market."""
    assert open_market.settings.database_url
    database = Database(open_market.settings.database_url)
    made = create_app(open_market.settings, database)
    async with (
        made.router.lifespan_context(made),
        AsyncClient(transport=ASGITransport(app=made), base_url="http://testserver") as client,
    ):
        yield client
    await database.close()


# With nothing to send there is nothing to get wrong.
_ALWAYS_RIGHT = {
    "get_market",
    "get_session",
    "list_registration_choices",
    "list_signing_keys",
    "check_patent_number",
    "list_dated_rules",
    "list_boards",
    "get_listings_workbook",
    "get_notices_workbook",
}


@pytest.mark.parametrize("name", sorted(OPERATIONS.keys() - _ALWAYS_RIGHT))
async def test_what_is_wrong_is_a_problem_in_the_callers_language(name: str, http: AsyncClient) -> None:
    method, path, _ = OPERATIONS[name]
    address = re.sub(r"\{[^}]*\}", "-", path) + "?limit=0&after=-1&format=-"
    for language, is_chinese in (("zh-CN", True), ("en-GB", False)):
        answer = await http.request(method, address, headers={"Accept-Language": language}, json={})
        assert 400 <= answer.status_code < 500
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["content-language"] == ("zh" if is_chinese else "en")
        problem = answer.json()
        assert problem["type"] == f"/problems/{problem['code']}"
        assert problem["status"] == answer.status_code
        assert problem["request_id"] == answer.headers["x-request-id"]
        for text in (problem["title"], problem["detail"]):
            assert bool(CHINESE.search(text)) is is_chinese


# Whose list is long enough to have pages.
READERS = {
    "list_people": f"S/{ALL}",
    "list_tokens": "S/seller",
    "list_audit_records": "E/supervisor",
    "list_intents": "E/reviewer",
    "list_deposits": "E/finance",
    "list_card_payments": "E/finance",
    "list_ledger_transfers": "E/finance",
    "list_ledger_accounts": "E/finance",
    "list_bank_lines": "E/finance",
    "list_bank_statements": "E/finance",
    "list_payables": "E/finance",
    "list_payment_exports": "E/finance",
    "list_payment_orders": "E/finance",
    "list_panels": "E/host",
    "list_forfeitures": "E/finance",
    "list_auction_decisions": "E/host",
    "list_suspensions": "E/host",
    "list_rule_proposals": "E/host",
    "list_paid_lines": "E/finance",
    "list_releases": "E/finance",
    "list_restrictions": "E/supervisor",
}


def _list_path(name: str, market: OpenMarket) -> str:
    path: str = OPERATIONS[name][1]
    ids = market.world.ids
    return path.replace("{organisation_id}", ids["S"]).replace("{deposit_id}", ids["deposit"])


# The open world has one of each: their paging is shown where they are tested themselves.
SHORT = {
    "list_auction_decisions",
    "list_card_payments",
    "list_demand_awards",
    "list_forfeitures",
    "list_licences",
    "list_payment_exports",
    "list_suspensions",
    "list_paid_lines",
    "list_releases",
    "list_restrictions",
    "list_successor_offers",
}


@pytest.mark.parametrize("name", sorted(set(PAGED) - SHORT))
async def test_a_list_is_the_same_in_small_pages_and_in_large(
    name: str, http: AsyncClient, open_market: OpenMarket
) -> None:
    headers = open_market.world.headers[READERS.get(name, f"S/{ALL}")]

    async def walk(limit: int, pages: int) -> list[str]:
        seen: list[str] = []
        cursor: str | None = ""
        while cursor is not None and pages:
            query = {"limit": str(limit), **({"cursor": cursor} if cursor else {})}
            answer = await http.get(_list_path(name, open_market), params=query, headers=headers)
            assert answer.status_code == 200, answer.text
            seen += [item["id"] for item in answer.json()["items"]]
            cursor, pages = answer.json()["next_cursor"], pages - 1
        return seen

    whole = await walk(100, 1)
    assert len(whole) > 1
    assert await walk(2, 4) == whole[:8]


@pytest.mark.parametrize("name", PAGED)
@pytest.mark.parametrize(
    "cursor",
    [
        *("x", "bnVsbA", cursor_of("x"), cursor_of("x", "y"), cursor_of(_ID, _ID)),
        *(
            cursor_of("2026-06-01", _ID),
            cursor_of("2026-06-01T02:00:00+00:00", "x"),
            cursor_of("1", "2", "3"),
        ),
    ],
)
async def test_a_foreign_cursor_is_refused(
    name: str, cursor: str, http: AsyncClient, open_market: OpenMarket
) -> None:
    headers = open_market.world.headers[READERS.get(name, f"S/{ALL}")]
    answer = await http.get(_list_path(name, open_market), params={"cursor": cursor}, headers=headers)
    # A list that is sorted as the reader likes also knows that a cursor belongs to another order.
    assert answer.status_code == 422
    assert answer.json()["code"] in {"cursor-wrong", "sort-cursor-wrong"}
