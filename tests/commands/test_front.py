"""What stands before the application: pages at once, all else when the application is there."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

from app.commands.front import Front
from app.settings import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from starlette.types import Message


@pytest.fixture
def front(tmp_path: Path) -> Front:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<html>page</html>")
    (tmp_path / "assets" / "a-1.js").write_text("1")
    return Front(Settings().model_copy(update={"frontend_dir": tmp_path}))


@pytest.fixture
async def browser(front: Front) -> AsyncIterator[AsyncClient]:
    async with AsyncClient(transport=ASGITransport(front), base_url="http://market") as client:
        yield client


def make_application(lived: list[str]) -> FastAPI:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        lived.append("started")
        yield
        lived.append("ended")

    application = FastAPI(lifespan=lifespan)

    @application.get("/api/v1/market")
    async def market() -> str:
        return "market"

    @application.get("/")
    async def page() -> str:
        return "the application's own"

    return application


async def test_pages_and_assets_come_before_the_application_with_the_headers_of_every_answer(
    browser: AsyncClient,
) -> None:
    for path in ("/", "/auctions/1"):
        page = await browser.get(path)
        assert (page.status_code, page.text) == (200, "<html>page</html>")
        assert page.headers["x-frame-options"] == "DENY"
    asset = await browser.get("/assets/a-1.js")
    assert asset.text == "1"
    assert "immutable" in asset.headers["cache-control"]


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/api/v1/market"), ("GET", "/readyz"), ("POST", "/"), ("GET", "/metrics")]
)
async def test_all_else_waits_for_the_application(
    front: Front, browser: AsyncClient, method: str, path: str
) -> None:
    waiting = asyncio.create_task(browser.request(method, path))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    await front.open(make_application([]))
    answer = await waiting
    assert answer.text != "<html>page</html>"


async def test_once_it_is_open_the_application_answers_everything(front: Front, browser: AsyncClient) -> None:
    await front.open(make_application([]))
    assert (await browser.get("/api/v1/market")).json() == "market"
    assert (await browser.get("/")).json() == "the application's own"


async def test_without_pages_everything_waits(tmp_path: Path) -> None:
    front = Front(Settings().model_copy(update={"frontend_dir": tmp_path}))
    async with AsyncClient(transport=ASGITransport(front), base_url="http://market") as client:
        waiting = asyncio.create_task(client.get("/"))
        await asyncio.sleep(0.05)
        assert not waiting.done()
        await front.open(make_application([]))
        assert (await waiting).json() == "the application's own"


async def test_the_application_ends_with_the_server(front: Front) -> None:
    lived: list[str] = []
    said: list[str] = []
    asked: asyncio.Queue[Message] = asyncio.Queue()

    async def send(message: Message) -> None:
        said.append(message["type"])

    server = asyncio.create_task(front({"type": "lifespan"}, asked.get, send))
    await asked.put({"type": "lifespan.startup"})
    await front.open(make_application(lived))
    assert lived == ["started"]
    await asked.put({"type": "lifespan.shutdown"})
    await server
    assert lived == ["started", "ended"]
    assert said == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
