"""Every list under every order that it offers: all its rows, each once, in that order; and only within its filters."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from httpx2 import ASGITransport, AsyncClient
from openpyxl import load_workbook

from app.ids import uuid7
from tests.database import ROOT
from tests.permissions.asks import ALL

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from fastapi import FastAPI

    from tests.permissions.undone import UndoneDatabase
    from tests.permissions.world import World

API = "/api/v1"
# Who reads the whole of each list.
READERS = {
    "/listings": "E/reviewer",
    "/intents": "E/supervisor",
    "/deals": "E/supervisor",
    "/deposits": "E/finance",
    "/ledger/transfers": "E/finance",
    "/defaults": "E/supervisor",
    "/audit-records": "E/supervisor",
    "/contracts": "E/supervisor",
    "/registrations": "E/supervisor",
    "/notices": "E/supervisor",
    "/bank-lines": "E/finance",
    "/paid-lines": "E/finance",
    "/payment-orders": "E/finance",
    "/payables": "E/finance",
    "/bank-statements": "E/finance",
    "/releases": "E/finance",
}
# Orders that an item does not show under the order's own name.
_ELSEWHERE = {
    ("/intents", "closes_at"): ("listing", "closes_at"),
    ("/intents", "deposit_fen"): ("deposit", "amount_fen"),
    ("/deposits", "created_at"): None,
    ("/deposits", "settled_at"): None,
    ("/ledger/transfers", "amount_fen"): None,
    # These are numbered by their time.
    ("/ledger/transfers", "at"): ("id",),
    ("/audit-records", "at"): ("id",),
}


PATHS: dict[str, Any] = json.loads((ROOT / "frontend" / "openapi.json").read_text("utf-8"))["paths"]


def _sorts() -> dict[str, list[str]]:
    """The lists that can be put in order, with their orders, as the API describes itself."""
    found: dict[str, list[str]] = {}
    for path, item in PATHS.items():
        for parameter in item.get("get", {}).get("parameters", []):
            if parameter["name"] == "sort" and "/workbooks/" not in path:
                (kinds,) = [part for part in parameter["schema"]["anyOf"] if part.get("type") != "null"]
                found[path.removeprefix(API)] = kinds["enum"]
    return found


SORTS = _sorts()


class _Lists:
    """Reads lists as whoever may read the whole of them."""

    def __init__(self, http: AsyncClient, world: World) -> None:
        """Takes the client and the world's people."""
        self.http, self.world = http, world

    async def get(self, path: str, **asked: Any) -> Any:
        """The answer, whatever it is."""
        return await self.http.get(API + path, params=asked, headers=self.world.headers[READERS[path]])

    async def all(self, path: str, *, limit: int = 100, **asked: Any) -> list[dict[str, Any]]:
        """All rows, page after page."""
        rows: list[dict[str, Any]] = []
        cursor: dict[str, str] = {}
        while True:
            answer = await self.get(path, limit=limit, **asked, **cursor)
            assert answer.status_code == 200, answer.text
            page = answer.json()
            rows += page["items"]
            if page["next_cursor"] is None:
                return rows
            cursor = {"cursor": page["next_cursor"]}


@pytest.fixture
async def lists(app: FastAPI, world: World, world_database: UndoneDatabase) -> AsyncIterator[_Lists]:
    async with (
        world_database.undoing(),
        AsyncClient(transport=ASGITransport(app=app), base_url="http://market.test") as http,
    ):
        yield _Lists(http, world)


def _value(path: str, by: str, row: dict[str, Any]) -> Any:
    where = _ELSEWHERE.get((path, by), (by,))
    found: Any = row
    for name in where or ():
        found = None if found is None else found.get(name)
    return found if where else None


def test_every_list_of_the_pages_can_be_put_in_order() -> None:
    assert set(SORTS) == set(READERS)


@pytest.mark.parametrize("path", sorted(READERS))
async def test_pages_under_every_order_are_the_whole_list_once(path: str, lists: _Lists) -> None:
    whole = {row["id"] for row in await lists.all(path)}
    assert whole or path == "/notices"
    limit = min(100, max(1, len(whole) // 4))
    for sort in SORTS[path]:
        rows = await lists.all(path, limit=limit, sort=sort)
        ids = [row["id"] for row in rows]
        assert len(ids) == len(set(ids)), sort
        assert set(ids) == whole, sort
        by = sort.removeprefix("-")
        shown = [_value(path, by, row) for row in rows]
        if by.endswith(("_fen", "_at", "_on")) or by == "at":
            there = [value for value in shown if value is not None]
            assert there == sorted(there, reverse=sort.startswith("-")), sort
            assert shown[len(there) :] == [None] * (len(shown) - len(there)), f"{sort}: empty ones come last"


@pytest.mark.parametrize("path", sorted(set(READERS) - {"/notices"}))
async def test_a_cursor_of_another_order_and_an_order_that_is_none_are_refused(
    path: str, lists: _Lists
) -> None:
    one, *_ = SORTS[path]
    page = (await lists.get(path, limit=1, sort=one)).json()
    if page["next_cursor"] is not None:
        for other in (f"-{one}", None):
            asked = {"cursor": page["next_cursor"]} | ({"sort": other} if other else {})
            answer = await lists.get(path, **asked)
            assert (answer.status_code, answer.json()["code"]) == (422, "sort-cursor-wrong")
            assert "第一页" in answer.json()["detail"]
    assert (await lists.get(path, sort="password_hash")).status_code == 422


@pytest.mark.parametrize("path", sorted(READERS))
async def test_filters_narrow_and_never_widen(path: str, lists: _Lists) -> None:
    asked = {each["name"] for each in PATHS[API + path]["get"]["parameters"]}
    whole = {row["id"] for row in await lists.all(path)}
    assert await lists.all(path, q=f"没有这样的东西{uuid7()}") == []
    assert await lists.all(path, q="100%_\\") == []
    assert await lists.all(path, to_on="2001-01-01") == []
    assert {row["id"] for row in await lists.all(path, from_on="2001-01-01")} <= whole
    turned = await lists.get(path, from_on="2026-02-01", to_on="2026-01-31")
    assert (turned.status_code, turned.json()["code"]) == (422, "range-turned")
    assert (await lists.get(path, from_on="1732233600")).status_code == 422
    assert (await lists.get(path, q="a\0b")).status_code in {400, 422}
    if "least_fen" in asked:
        assert await lists.all(path, least_fen=10**14) == []
        assert await lists.all(path, most_fen=0) == []
        assert {row["id"] for row in await lists.all(path, least_fen=1)} <= whole
        assert (await lists.get(path, least_fen=2, most_fen=1)).json()["code"] == "range-turned"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/listings", "晨星大学"),
        ("/intents", "北辰材料"),
        ("/deals", "晨星 北辰"),
        ("/deposits", "北辰材料"),
        ("/ledger/transfers", "北辰材料"),
        ("/contracts", "晨星 北辰"),
        ("/registrations", "北辰"),
        ("/defaults", "CJ2026"),
        ("/releases", "CJ2026 晨星"),
    ],
)
async def test_a_list_is_found_by_the_names_in_it(path: str, words: str, lists: _Lists) -> None:
    found = await lists.all(path, q=words)
    assert found
    assert await lists.all(path, q=f"{words} {uuid7()}") == []


async def test_a_state_and_a_kind_narrow_a_list(lists: _Lists) -> None:
    pending = await lists.all("/ledger/transfers", state="pending")
    assert pending
    assert {row["state"] for row in pending} == {"pending"}
    two = await lists.all("/listings", status=["draft", "listed"])
    assert {row["status"] for row in two} == {"draft", "listed"}
    assert await lists.all("/listings", method="negotiated", seller_kind="inventor") == []
    assert {row["status"] for row in await lists.all("/defaults", status="declared")} <= {"declared"}
    methods = {row["method"] for row in await lists.all("/deals", method="negotiated")}
    assert methods <= {"negotiated"}


async def test_a_workbook_has_the_rows_of_the_page_in_its_order(lists: _Lists, world: World) -> None:
    asked = {"sort": "-amount_fen", "q": "北辰", "least_fen": "1"}
    rows = await lists.all("/deposits", limit=100, **asked)
    answer = await lists.http.get(
        f"{API}/workbooks/deposits", params=asked, headers=world.headers["E/finance"]
    )
    sheet: Any = load_workbook(io.BytesIO(answer.content)).active
    assert [line[0] for line in sheet.iter_rows(min_row=2, values_only=True)] == [
        row["reference"] for row in rows
    ]
    assert rows
    assert (
        await lists.http.get(f"{API}/workbooks/deposits", params=asked, headers=world.headers[f"X/{ALL}"])
    ).status_code == 200
