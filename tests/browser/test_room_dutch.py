"""A falling price in two windows and on the hall's screen: a stale press buys nothing, the first at the price buys."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from app.demo.public_api import PublicApi
from app.money import yuan
from tests.browser.bidding import QUOTE, STATE, set_ceiling
from tests.browser.held_line import HeldLine
from tests.browser.live_sale import BUYER, SECOND_BUYER
from tests.browser.room_sales import START_FEN, STEP_FEN, Way, open_sale

if TYPE_CHECKING:
    from playwright.async_api import Locator

    from tests.browser.window import Window, Windows
    from tests.live_market import LiveMarket

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]
_TICK_SECONDS, _STEPS = 3, 60
_FLOOR_FEN = START_FEN - _STEPS * STEP_FEN
_WAY = Way(
    "dutch",
    (_STEPS + 1) * _TICK_SECONDS,
    {"tick_seconds": _TICK_SECONDS, "floor_price_fen": _FLOOR_FEN},
)
_SETTLING = re.compile("settling")


async def _fresh(bidder: Window) -> Locator:
    """The button a moment after its price has changed: a whole tick is left, and it takes presses again."""
    button = bidder.page.locator("[data-rung='1']")
    await expect(button).to_have_class(_SETTLING)
    await expect(button).not_to_have_class(_SETTLING)
    return button


async def test_a_press_that_the_clock_has_passed_buys_nothing_and_the_first_at_the_price_buys(
    windows: Windows, market: LiveMarket
) -> None:
    async with PublicApi(market.url) as api:
        auction_id = await open_sale(api, _WAY)
        slow, quick = await windows.open("slow", login=BUYER), await windows.open("quick", login=SECOND_BUYER)
        screen, line = await windows.open("screen"), HeldLine()
        await line.put(slow)
        # The page asks what became of a press that is not answered for long: there may be nothing to tell yet,
        # or the refusal itself, where its frame is later than the question.
        slow.forgive(r"40[49] .*/bids/")
        for window, path in ((slow, "auctions"), (quick, "auctions"), (screen, "hall")):
            await window.go(f"/{path}/{auction_id}")
            await window.sees("已连接")
        for bidder in (slow, quick):
            await set_ceiling(bidder, START_FEN)
        # The slow line holds the press until the price it named is gone: both prices are told, nothing is bought.
        button = await _fresh(slow)
        line.hold()
        await button.click()
        await expect(button).to_have_class(_SETTLING)
        line.release()
        await slow.sees_in(STATE, "这次没有出价")
        await slow.sees_in(STATE, re.compile(r"你应的是第 \d+ 档 [\d,.]+ 元，现在是第 \d+ 档 [\d,.]+ 元"))
        assert (await api.get(f"auctions/{auction_id}"))["price_fen"] is None
        button = await _fresh(quick)
        await button.click()
        await quick.sees_in(STATE, re.compile("你已应价|你已成交"))
        await quick.sees_in(STATE, "你已成交")
        price: int = (await api.get(f"auctions/{auction_id}"))["price_fen"]
        assert (START_FEN - price) % STEP_FEN == 0
        await slow.sees_in(STATE, "没有成交")
        for window in (slow, quick):
            await window.sees_in(QUOTE, yuan(price))
        await screen.sees(re.compile(r"竞买号 \w+ 成交"))
        await expect(screen.page.get_by_role("button")).to_have_count(0)
