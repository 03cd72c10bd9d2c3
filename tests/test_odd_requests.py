"""Requests that no page sends get an answer that says what is wrong, never a 500."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.api.deps import cursor_of
from app.ids import uuid7

if TYPE_CHECKING:
    from httpx2 import AsyncClient


@pytest.mark.parametrize(
    "key",
    [
        ("a",),
        ("2026-01-01T00:00:00Z",),
        ("2026-01-01T00:00:00Z", "x"),
        ("tomorrow", str(uuid7())),
        ("2026-01-01T00:00:00", str(uuid7())),
        ("2026-01-01T00:00:00Z", str(uuid7()), "x"),
    ],
)
async def test_a_cursor_of_another_list_is_refused_in_the_hall(
    client: AsyncClient, key: tuple[str, ...]
) -> None:
    answer = await client.get("/api/v1/auctions", params={"cursor": cursor_of(*key)})
    assert (answer.status_code, answer.json()["code"]) == (422, "cursor-wrong")


@pytest.mark.parametrize(
    "path", ["/" + "a" * 300, "/" + "a/" * 3000, "/..%2f..%2f..%2fetc/passwd", "//etc/passwd", "/%2e%2e/app"]
)
async def test_an_address_that_names_no_built_file_gets_the_page(client: AsyncClient, path: str) -> None:
    answer = await client.get(path)
    first = await client.get("/")
    assert (answer.status_code, answer.text) == (first.status_code, first.text)


@pytest.mark.parametrize(
    "origin", ["http://[::1", "null", "http://", "http://market.test.evil.example", "\x80"]
)
async def test_an_origin_that_is_not_ours_is_refused_whatever_it_looks_like(
    client: AsyncClient, origin: str
) -> None:
    body = {"login": "nobody", "password": "none at all"}
    headers = {b"Origin": origin.encode("latin-1")}
    answer = await client.post("/api/v1/sessions", json=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "origin-foreign")
