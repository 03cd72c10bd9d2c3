"""The main pages at phone width, in both languages and in the dark; and their pictures when asked for."""

from __future__ import annotations

import asyncio
import os
import re
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from app.demo.public_api import PublicApi
from tests.browser.live_sale import BUYER, find_live_sale
from tests.browser.views import CONTRAST, VIEWS, Data, View, chinese_words, texts_of, untranslated
from tests.browser.window import DESK, PHONE
from tests.database import ROOT

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Locator

    from tests.browser.window import Lang, Scheme, Window, Windows
    from tests.live_market import LiveMarket

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
_SIGNING_SECONDS = 120
_READABLE, _TOUCH_PIXELS = 4.5, 40
each_view = pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.name)


@pytest.fixture(scope="module")
async def places(market: LiveMarket) -> AsyncIterator[dict[str, str]]:
    """The ids of a sale that is live, of its listing, and of a contract that waits for the buyer's signature."""
    async with PublicApi(market.url) as api:
        sale = await find_live_sale(api)
        async with asyncio.timeout(_SIGNING_SECONDS):
            while True:
                contracts = (await api.get("contracts", BUYER))["items"]
                waiting = [one["id"] for one in contracts if one["status"] == "signing"]
                if waiting:
                    break
                await asyncio.sleep(1)
        yield {"auction": sale["id"], "listing": await _takes_intents(api), "contract": waiting[0]}


async def _takes_intents(api: PublicApi) -> str:
    found = (await api.get("listings", status="listed", limit=100))["items"]
    return next(str(item["id"]) for item in found if item["auction"]["status"] == "scheduled")


async def _open(
    windows: Windows,
    view: View,
    places: dict[str, str],
    *,
    size: tuple[int, int] = DESK,
    lang: Lang = "zh",
    scheme: Scheme = "light",
) -> tuple[Window, Data]:
    window = await windows.open(view.name, size=size, lang=lang, scheme=scheme)
    if view.login is not None:
        await window.sign_in(view.login)
    data = Data(window)
    await window.go(view.path.format(**places))
    await window.page.wait_for_load_state("networkidle")
    if view.name == "room":
        await expect(window.page.locator("[data-rung='1']")).to_be_enabled()
    return window, data


def _decisive(window: Window, view: View, lang: Lang) -> Locator:
    assert view.decisive is not None
    words = view.decisive[0 if lang == "zh" else 1]
    if "=" in words:
        name, value = words.split("=")
        return window.page.locator(f"[{name}='{value}']")
    named = re.compile(rf"^{words}")
    buttons = window.page.get_by_role("button", name=named).or_(window.page.get_by_role("link", name=named))
    return window.page.get_by_role("main").locator(buttons).locator("visible=true").first


@each_view
async def test_a_phone_shows_the_page_without_scrolling_sideways_and_the_act_in_reach(
    windows: Windows, places: dict[str, str], view: View
) -> None:
    window, _ = await _open(windows, view, places, size=PHONE)
    wide, screen = await window.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= screen, f"{wide} pixels on {screen}"
    await expect(window.page.get_by_role("heading", level=1)).to_have_count(1)
    assert not untranslated(await texts_of(window))
    if view.decisive is None:
        return
    act = _decisive(window, view, "zh")
    if not view.is_in_first_screen:
        await act.scroll_into_view_if_needed()
    await expect(act).to_be_in_viewport(ratio=0.9)
    box = await act.bounding_box()
    assert box is not None
    assert box["height"] >= _TOUCH_PIXELS, box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= screen


@each_view
async def test_an_english_page_has_no_chinese_but_data(
    windows: Windows, places: dict[str, str], view: View
) -> None:
    window, data = await _open(windows, view, places, lang="en")
    texts = await texts_of(window)
    assert not untranslated(texts)
    left = chinese_words(texts, await data.read())
    assert not left, left


@each_view
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_page_is_readable_in_light_and_in_the_dark(
    windows: Windows, places: dict[str, str], view: View, scheme: Scheme
) -> None:
    window, _ = await _open(windows, view, places, scheme=scheme)
    ground = await window.page.evaluate("getComputedStyle(document.body).backgroundColor")
    parts = [float(part) for part in re.findall(r"[\d.]+", ground)[:3]]
    assert (sum(parts) < 300) == (scheme == "dark"), ground
    for chosen in ("h1", ".muted", ".help", ".btn--primary", ".label", "td", "dd", ".rung .amt"):
        shown = window.page.locator(f"{chosen}:visible:not(:disabled)")
        if await shown.count() and not await shown.first.is_disabled():
            contrast = await shown.first.evaluate(CONTRAST)
            assert contrast >= _READABLE, f"{chosen}: {contrast:.2f}"


@pytest.mark.parametrize("width", [DESK, PHONE], ids=["1440", "390"])
async def test_pictures_are_taken_when_asked_for(
    windows: Windows, places: dict[str, str], width: tuple[int, int]
) -> None:
    views = VIEWS if os.environ.get("MARKET_SHOTS") else VIEWS[:1]
    folder = ROOT / ".test" / "shots"
    folder.mkdir(parents=True, exist_ok=True)
    for view in views:
        window, _ = await _open(windows, view, places, size=width)
        picture = folder / f"{view.name}-{width[0]}.png"
        await window.page.screenshot(path=picture)
        assert picture.stat().st_size > 0
        await window.context.close()
