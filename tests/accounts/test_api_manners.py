"""How the API speaks: problems in two languages, strict bodies, bounds, headers, request ids."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest
import structlog
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import HTTPConnection

from app.api.deps import PageDep, PageOf, Wire, cursor_of, language_of, read_cursor
from app.api.middleware import install_middleware
from app.api.problems import install_problems
from app.api.wire import CursorWrong
from app.db import Database
from app.errors import Lang
from app.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Asked(Wire, defer_build=False):
    amount_fen: int
    firm: bool = False
    note: str = ""


@pytest.fixture
async def small() -> AsyncIterator[AsyncClient]:
    """A small application with the real middleware and problems, and routes that fail."""
    settings = Settings(public_url="https://market.test")
    app = FastAPI()
    app.state.settings, app.state.db = settings, Database("postgresql+asyncpg://nowhere/none")
    install_problems(app)
    install_middleware(app, settings)

    @app.get("/api/v1/broken")
    async def broken() -> None:
        message = "a secret of the inside"
        raise RuntimeError(message)

    @app.post("/api/v1/asked")
    async def asked(body: Asked) -> Asked:
        return body

    @app.get("/api/v1/numbers")
    async def numbers(page: PageDep) -> PageOf[int]:
        start = int(page.after[0]) + 1 if page.after else 0
        shown, cursor = page.cut(list(range(start, min(start + page.fetch, 5))), lambda number: number)
        return PageOf[int](items=shown, next_cursor=cursor)

    async with AsyncClient(transport=ASGITransport(app=app), base_url="https://market.test") as client:
        yield client


@pytest.mark.parametrize(
    ("header", "lang"),
    [
        (None, "zh"),
        ("", "zh"),
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en;q=0.5,zh;q=0.9", "zh"),
        ("en, zh", "zh"),
        ("fr,de", "zh"),
        ("fr, en;q=0.1", "en"),
        ("en;q=0", "zh"),
        ("en;q=banana", "zh"),
        ("*", "zh"),
        ("," * 5000, "zh"),
    ],
)
def test_the_language_is_chinese_unless_english_is_preferred(header: str | None, lang: Lang) -> None:
    headers = [] if header is None else [(b"accept-language", header.encode())]
    assert language_of(HTTPConnection({"type": "http", "headers": headers})) == lang


async def test_an_unforeseen_failure_is_a_500_with_the_request_id_and_no_inside(small: AsyncClient) -> None:
    with structlog.testing.capture_logs() as logs:
        answer = await small.get("/api/v1/broken", headers={"X-Request-ID": "from-the-proxy-1"})
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["request_id"] == answer.headers["x-request-id"] == "from-the-proxy-1"
    assert body["code"] == "internal-error"
    assert "secret" not in answer.text
    failures = [entry for entry in logs if entry["event"] == "unknown_error"]
    assert len(failures) == 1
    assert failures[0]["exc_info"]


@pytest.mark.parametrize(
    ("sent", "field", "zh"),
    [
        ({}, "amount_fen", "必填"),
        ({"amount_fen": "5"}, "amount_fen", "应为整数（不加引号"),
        ({"amount_fen": 5.0}, "amount_fen", "应为整数"),
        ({"amount_fen": 0.1}, "amount_fen", "应为整数"),
        ({"amount_fen": True}, "amount_fen", "应为整数"),
        ({"amount_fen": None}, "amount_fen", "应为整数"),
        ({"amount_fen": 2**53}, "amount_fen", "应不大于 9007199254740991"),
        ({"amount_fen": 1, "firm": 1}, "firm", "true 或 false"),
        ({"amount_fen": 1, "note": 5}, "note", "应为文字"),
        ({"amount_fen": 1, "note": "a\x00b"}, "note", "无法保存的字符"),
        ({"amount_fen": 1, "extra": 1}, "extra", "没有这个字段"),
        ([], "body", "应为 JSON 对象"),
        (None, "body", "JSON"),
    ],
)
async def test_a_wrong_body_names_the_field_and_what_would_be_right(
    small: AsyncClient, sent: Any, field: str, zh: str
) -> None:
    answer = await small.post("/api/v1/asked", json=sent)
    assert answer.status_code == 422
    body = answer.json()
    assert (body["type"], body["status"]) == ("/problems/request-invalid", 422)
    assert [error["field"] for error in body["errors"]] == [field]
    assert zh in body["errors"][0]["message"] or field == "body"
    english = await small.post("/api/v1/asked", json=sent, headers={"Accept-Language": "en"})
    assert english.headers["content-language"] == "en"
    assert english.json()["errors"][0]["message"].isascii()


@pytest.mark.parametrize(
    "raw", [b"{", b'{"amount_fen": 1', b"\xff\xfe", b'{"amount_fen": "\xff"}', b"NaN", b'"\\ud800"']
)
async def test_a_broken_body_is_a_clear_refusal(small: AsyncClient, raw: bytes) -> None:
    answer = await small.post("/api/v1/asked", content=raw, headers={"Content-Type": "application/json"})
    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_json_body_under_another_type_is_refused(small: AsyncClient) -> None:
    raw = orjson.dumps({"amount_fen": 1})
    answer = await small.post("/api/v1/asked", content=raw, headers={"Content-Type": "text/plain"})
    assert answer.status_code == 422


async def test_unknown_addresses_and_methods_are_problems(small: AsyncClient) -> None:
    missing = await small.get("/api/v1/nowhere", headers={"Accept-Language": "en"})
    assert (missing.status_code, missing.json()["code"]) == (404, "no-such-address")
    method = await small.put("/api/v1/asked")
    assert (method.status_code, method.json()["code"]) == (405, "method-not-allowed")
    assert method.headers["allow"] == "POST"


async def test_an_address_with_a_nul_leads_nowhere(small: AsyncClient) -> None:
    for address in ("/api/v1/numbers?cursor=%00", "/api/v1/%00"):
        assert (await small.get(address)).json()["code"] == "bad-request"


async def test_a_body_above_the_bound_is_refused_by_its_length_and_by_its_bytes(small: AsyncClient) -> None:
    body = b'{"amount_fen": 1, "note": "' + b"x" * (1 << 20) + b'"}'
    declared = await small.post("/api/v1/asked", content=body, headers={"Content-Type": "application/json"})
    assert (declared.status_code, declared.json()["code"]) == (413, "body-too-large")
    assert "x-request-id" in declared.headers

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 1 << 16):
            yield body[start : start + (1 << 16)]

    counted = await small.post(
        "/api/v1/asked", content=pieces(), headers={"Content-Type": "application/json"}
    )
    assert (counted.status_code, counted.json()["code"]) == (413, "body-too-large")


async def test_every_answer_carries_the_security_headers(small: AsyncClient) -> None:
    for address in ("/api/v1/numbers", "/api/v1/broken", "/nowhere"):
        headers = (await small.get(address)).headers
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["strict-transport-security"].startswith("max-age=")
        assert len(headers["x-request-id"]) == 32


@pytest.mark.parametrize("given_id", ["short", "x" * 65, "with blank in it", "<script>alert(1)</script>"])
async def test_an_odd_request_id_is_replaced(small: AsyncClient, given_id: str) -> None:
    answer = await small.get("/api/v1/numbers", headers={"X-Request-ID": given_id})
    assert answer.headers["x-request-id"] != given_id


async def test_a_list_is_walked_by_its_cursors_to_the_end(small: AsyncClient) -> None:
    seen: list[int] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (await small.get("/api/v1/numbers", params={"limit": 2, "cursor": cursor})).json()
        seen += page["items"]
        cursor = page["next_cursor"]
    assert seen == [0, 1, 2, 3, 4]


@given(st.text(max_size=60))
def test_any_text_as_cursor_is_read_or_refused(text: str) -> None:
    try:
        key = read_cursor(text)
    except CursorWrong:
        return
    assert isinstance(key, tuple)


@given(st.lists(st.text(max_size=20), min_size=1, max_size=3))
def test_a_cursor_gives_back_its_key(parts: list[str]) -> None:
    usable = [part for part in parts if part.isprintable() and part.isascii()]
    assert read_cursor(cursor_of(*usable)) == tuple(usable)


async def test_the_openapi_file_declares_problems(small: AsyncClient) -> None:
    document = (await small.get("/openapi.json")).json()
    operation = document["paths"]["/api/v1/asked"]["post"]
    assert "Problem" in document["components"]["schemas"]
    assert "HTTPValidationError" not in str(document)
    assert set(operation["responses"]["422"]["content"]) == {"application/problem+json"}
    assert set(operation["responses"]["default"]["content"]) == {"application/problem+json"}
