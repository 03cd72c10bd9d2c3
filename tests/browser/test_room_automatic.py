"""Automatic bidding in two windows: a maximum answers by itself, is seen by its bidder alone, and only goes further."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from app.demo.public_api import PublicApi
from app.money import yuan
from tests.browser.bidding import QUOTE, STATE, leads, ready_rung
from tests.browser.held_line import HeldLine
from tests.browser.live_sale import BUYER, SECOND_BUYER, accepted_bids, outbid
from tests.browser.room_sales import START_FEN, STEP_FEN, Way, open_sale

if TYPE_CHECKING:
    from tests.browser.window import Window, Windows
    from tests.live_market import LiveMarket

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]
_MAXIMUM_FEN, _LOWER_FEN = 300_000_00, 260_000_00
_WAY = Way("english", 420, {"automatic": True})


async def _set_maximum(bidder: Window, press: str, amount_fen: int) -> None:
    """Types a maximum, has it read back, and confirms it."""
    panel = bidder.page.get_by_role("region", name="自动出价", exact=True)
    await panel.get_by_role("button", name=press).click()
    await panel.get_by_label("自动出价上限").fill(yuan(amount_fen))
    await panel.get_by_role("button", name="核对").click()
    await expect(panel).to_contain_text(yuan(amount_fen))
    await panel.get_by_role("button", name="就设这个上限").click()


async def test_a_maximum_answers_by_itself_and_only_its_bidder_sees_it(
    windows: Windows, market: LiveMarket
) -> None:
    async with PublicApi(market.url) as api:
        auction_id = await open_sale(api, _WAY)
        first, second = (
            await windows.open("first", login=BUYER),
            await windows.open("second", login=SECOND_BUYER),
        )
        for bidder in (first, second):
            await bidder.go(f"/auctions/{auction_id}")
            await bidder.sees("已连接")
        await _set_maximum(first, "设上限", _MAXIMUM_FEN)
        await first.sees_in(STATE, "你领先")
        await first.sees_in(QUOTE, yuan(START_FEN))
        own = first.page.locator("[data-own-maximum]")
        await expect(own).to_have_text(f"¥{yuan(_MAXIMUM_FEN)}")
        # The second bids exactly, and is passed at once by the least that is needed.
        bid = START_FEN + STEP_FEN
        await second.sees_in(QUOTE, yuan(START_FEN))
        button = await ready_rung(second, bid)
        await button.click()
        await expect(button).to_contain_text("再按一次")
        await button.click()
        await second.sees_in(STATE, "你已被超过")
        await second.sees_in(QUOTE, yuan(bid + STEP_FEN))
        history = second.page.get_by_role("table", name="出价记录，新的在上")
        await expect(history.locator("tr.h-act").first).to_contain_text("自动")
        await _still_leads(first, bid + STEP_FEN)
        # A lower maximum of the second is beaten: the price passes it by a step, and says nothing of the first's.
        await _set_maximum(second, "设上限", _LOWER_FEN)
        await second.sees_in(STATE, "自动出价已停止")
        await second.sees_in(QUOTE, yuan(_LOWER_FEN + STEP_FEN))
        await expect(second.page.locator("body")).not_to_contain_text(yuan(_MAXIMUM_FEN))
        await expect(second.page.locator("[data-own-maximum]")).to_have_text(f"¥{yuan(_LOWER_FEN)}")
        # A maximum can only be raised; the words say so before anything is sent.
        panel = first.page.get_by_role("region", name="自动出价", exact=True)
        await panel.get_by_role("button", name="提高上限").click()
        await panel.get_by_label("自动出价上限").fill(yuan(_MAXIMUM_FEN - STEP_FEN))
        await panel.get_by_role("button", name="核对").click()
        await expect(panel).to_contain_text("要高于你现在的上限")
        await second.page.reload()
        await second.sees("已连接")
        await _bid_over(second, _MAXIMUM_FEN + 2 * STEP_FEN)
        await first.sees_in(STATE, "你已被超过")


async def _still_leads(bidder: Window, amount_fen: int) -> None:
    """Waits until this bidder leads at this price without having done anything."""
    await bidder.sees_in(STATE, "你领先")
    await bidder.sees_in(QUOTE, yuan(amount_fen))


async def _bid_over(bidder: Window, amount_fen: int) -> None:
    """Types an amount that no maximum reaches, and sends it after reading it back."""
    await bidder.page.get_by_label("其他金额，元").fill(yuan(amount_fen))
    await bidder.page.get_by_role("button", name="核对").first.click()
    await bidder.page.get_by_role("button", name="就出这个数").click()
    await leads(bidder, amount_fen)


async def test_one_press_that_met_another_price_places_no_bid_and_says_what_it_is(
    windows: Windows, market: LiveMarket
) -> None:
    async with PublicApi(market.url) as api:
        auction_id = await open_sale(api, Way("english", 300))
        bidder, line = await windows.open("bidder", login=BUYER), HeldLine()
        await line.put(bidder)
        await bidder.go(f"/auctions/{auction_id}")
        await bidder.sees("已连接")
        button = await ready_rung(bidder, START_FEN)
        await button.click()
        await expect(button).to_contain_text("再按一次")
        line.hold()
        await button.click()
        await expect(button).to_contain_text("正在发出")
        amount = await outbid(api, auction_id, SECOND_BUYER)
        line.release()
        await bidder.sees_in(STATE, "这次没有出价")
        await bidder.sees_in(STATE, f"价格已变成 {yuan(amount)} 元")
        await bidder.sees_in(QUOTE, yuan(amount))
        assert len(await accepted_bids(api, auction_id)) == 1
