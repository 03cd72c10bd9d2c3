"""Headless Chromium on the built pages of a running demonstration market.

Without Chromium these tests are told as not run; where ``MARKET_REQUIRE_BROWSER=1`` (CI) they fail instead.
"""

from __future__ import annotations

import os
import re
import shutil
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import async_playwright, expect

from tests.browser.window import Windows
from tests.database import ROOT
from tests.live_market import start_live_market

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Generator, Iterator

    from playwright.async_api import Browser

    from app.embedded import RunningServer
    from tests.live_market import LiveMarket

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
_NOT_RUN = (
    "浏览器测试没有运行：找不到 Chromium / browser tests were NOT RUN: no Chromium (set MARKET_CHROMIUM)"
)
_NOT_BUILT = "页面还没有构建，先运行 ./market test / the pages are not built: ./market test builds them"
_PATIENCE_MS = 30_000
_outcome: pytest.StashKey[pytest.CallInfo[None]] = pytest.StashKey()

expect.set_options(timeout=_PATIENCE_MS)


def find_chromium() -> str | None:
    """The browser's path: the one that is named, else the first on the PATH."""
    named = os.environ.get("MARKET_CHROMIUM")
    if named:
        return shutil.which(named)
    return next(filter(None, map(shutil.which, _NAMES)), None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keeps how the test went, so that a failed one leaves pictures of its windows."""
    if call.when == "call":
        item.stash[_outcome] = call
    return (yield)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Chromium on this machine; its absence is told, and in CI it is a failure."""
    found = find_chromium()
    if found is not None:
        return found
    if os.environ.get("MARKET_REQUIRE_BROWSER") == "1":
        pytest.fail(_NOT_RUN, pytrace=False)
    pytest.skip(_NOT_RUN)


@pytest.fixture(scope="session")
async def chromium(chromium_path: str) -> AsyncIterator[Browser]:
    """One browser for all tests; each window has a profile of its own."""
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=chromium_path, args=_ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture(scope="session")
def market(chromium_path: str, server: RunningServer) -> Iterator[LiveMarket]:
    """A seeded demonstration market with its worker, and the built pages in front of it."""
    assert chromium_path
    with start_live_market(server, is_seeded=True) as running:
        if not (running.settings.frontend_dir / "index.html").is_file():
            pytest.fail(_NOT_BUILT, pytrace=False)
        yield running


@pytest.fixture
async def windows(
    request: pytest.FixtureRequest, chromium: Browser, market: LiveMarket
) -> AsyncIterator[Windows]:
    """Opens windows; at the end none may have logged an error, met a failing answer or broken the content policy."""
    opened = Windows(chromium, market.url)
    yield opened
    call = request.node.stash.get(_outcome, None)
    if call is not None and call.excinfo is not None:
        name = re.sub(r"\W+", "-", request.node.name)
        await opened.picture(ROOT / ".test" / "failed", name)
    faults = await opened.close()
    assert not faults, "\n".join(faults)
