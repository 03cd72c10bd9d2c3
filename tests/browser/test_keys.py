"""The bid room by keyboard alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from app.demo.public_api import PublicApi
from tests.browser.bidding import leads, ready_rung
from tests.browser.live_sale import BUYER, accepted_bids, find_live_sale

if TYPE_CHECKING:
    from tests.browser.window import Windows
    from tests.live_market import LiveMarket

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


async def test_one_arms_enter_bids_and_escape_takes_back(windows: Windows, market: LiveMarket) -> None:
    async with PublicApi(market.url) as api:
        sale = await find_live_sale(api)
        bidder = await windows.open("bidder")
        await bidder.sign_in(BUYER, f"/auctions/{sale['id']}")
        await bidder.sees("已连接")
        keyboard = bidder.page.keyboard
        minimum = (await api.get(f"auctions/{sale['id']}"))["offer"]["limit_fen"]
        before = await accepted_bids(api, sale["id"])
        button = await ready_rung(bidder, minimum)
        await keyboard.press("1")
        await expect(button).to_contain_text("再按一次")
        await keyboard.press("Escape")
        await expect(button).not_to_contain_text("再按一次")
        await keyboard.press("Enter")
        assert await accepted_bids(api, sale["id"]) == before
        await keyboard.press("1")
        await expect(button).to_contain_text("再按一次")
        await keyboard.press("Enter")
        await leads(bidder, minimum)
        assert len(await accepted_bids(api, sale["id"])) == len(before) + 1


async def test_keys_are_letters_again_while_an_amount_is_typed(windows: Windows, market: LiveMarket) -> None:
    async with PublicApi(market.url) as api:
        sale = await find_live_sale(api)
        bidder = await windows.open("bidder")
        await bidder.sign_in(BUYER, f"/auctions/{sale['id']}")
        await bidder.sees("已连接")
        minimum = (await api.get(f"auctions/{sale['id']}"))["offer"]["limit_fen"]
        button = await ready_rung(bidder, minimum)
        typed = bidder.page.get_by_label("其他金额，元")
        await bidder.page.keyboard.press("b")
        await expect(typed).to_be_focused()
        await bidder.page.keyboard.type("1")
        await expect(typed).to_have_value("1")
        await expect(button).not_to_contain_text("再按一次")
        await bidder.page.keyboard.press("Enter")
        await bidder.sees("出价低于最低可出")
