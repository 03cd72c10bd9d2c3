"""A cut connection: told loudly, no bid possible meanwhile, healed without a gap, nothing sent silently."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from app.demo.public_api import PublicApi
from app.money import yuan
from tests.browser.bidding import QUOTE, STATE, bid_by_second_press, is_outbid, read_history, ready_rung, rung
from tests.browser.line import open_line
from tests.browser.live_sale import BUYER, accepted_bids, find_live_sale, outbid

if TYPE_CHECKING:
    from tests.browser.line import Line
    from tests.browser.window import Window, Windows
    from tests.live_market import LiveMarket

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
_CUT = r"ERR_(CONNECTION|EMPTY|SOCKET|NETWORK)|WebSocket connection to"


async def _enter(windows: Windows, line: Line, auction_id: str) -> Window:
    bidder = await windows.open("bidder", base_url=line.url)
    bidder.forgive(_CUT)
    await bidder.sign_in(BUYER, f"/auctions/{auction_id}")
    await bidder.sees("已连接")
    return bidder


async def _is_told_loudly(bidder: Window) -> None:
    await bidder.sees_in(STATE, "连接断开，正在重连")
    await expect(rung(bidder)).to_be_disabled()
    await bidder.sees_in(QUOTE, "约")


async def test_others_bid_while_the_line_is_cut_and_the_history_has_no_gap_afterwards(
    windows: Windows, market: LiveMarket
) -> None:
    async with PublicApi(market.url) as api, open_line(market.url) as line:
        sale = await find_live_sale(api)
        bidder = await _enter(windows, line, sale["id"])
        own = (await api.get(f"auctions/{sale['id']}"))["offer"]["limit_fen"]
        await bid_by_second_press(bidder, own)
        await line.cut()
        await _is_told_loudly(bidder)
        await expect(rung(bidder)).to_contain_text("重连后可出")
        first = await outbid(api, sale["id"])
        await outbid(api, sale["id"], "demo-sim-11")
        last = await outbid(api, sale["id"])
        await bidder.sees_in(QUOTE, yuan(own))  # the last price that is known stays
        await line.mend()
        await is_outbid(bidder, last)
        await bidder.sees("已连接")
        await ready_rung(bidder, last + sale["step_fen"])
        record = await accepted_bids(api, sale["id"])
        assert await read_history(bidder) == record
        assert [amount for _, _, amount in record[-4:]] == [own, first, first + sale["step_fen"], last]


async def test_a_bid_pressed_into_a_dead_line_is_looked_up_and_never_sent_again_by_itself(
    windows: Windows, market: LiveMarket
) -> None:
    async with PublicApi(market.url) as api, open_line(market.url) as line:
        sale = await find_live_sale(api)
        bidder = await _enter(windows, line, sale["id"])
        bidder.forgive(r"404 .*/bids/")  # the page asks for a bid that never arrived
        minimum = (await api.get(f"auctions/{sale['id']}"))["offer"]["limit_fen"]
        before = await accepted_bids(api, sale["id"])
        button = await ready_rung(bidder, minimum)
        line.freeze()
        await button.click()
        await button.click()
        await expect(button).to_contain_text("正在发出")
        await line.cut()
        await _is_told_loudly(bidder)
        await line.mend()
        await bidder.sees(re.compile(f"那次 {yuan(minimum)} 元的出价没有到达服务器"))
        await bidder.sees_in(STATE, "这次没有出价")
        await ready_rung(bidder, minimum)
        assert await accepted_bids(api, sale["id"]) == before
        await bid_by_second_press(bidder, minimum)
        assert [amount for _, _, amount in await accepted_bids(api, sale["id"])][-1] == minimum
