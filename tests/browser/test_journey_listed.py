"""A company registers, lists at a price, and sells to the only one who wants to buy."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from app.demo.accounts import PASSWORD
from app.demo.public_api import PublicApi
from app.money import yuan
from tests.browser.live_sale import BUYER
from tests.browser.prepared import PRICE_FEN, enter, find_deal, pay_deposit, publish, server_time
from tests.browser.selling import new_lot
from tests.make_accounts import make_credit_code

if TYPE_CHECKING:
    from tests.browser.window import Window, Windows
    from tests.live_market import LiveMarket

NOTICE_SECONDS = 45
pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


async def test_a_company_sells_at_a_listed_price_to_the_only_buyer(
    windows: Windows, market: LiveMarket
) -> None:
    login = f"gongsi-{secrets.token_hex(4)}"
    seller = await windows.open("company")
    await _register(seller, login)
    async with PublicApi(market.url) as api:
        lot = new_lot()
        now = await server_time(api)
        ends_at = now + timedelta(seconds=NOTICE_SECONDS)
        listing = await publish(
            api,
            login,
            lot,
            method="listed",
            notice_ends_at=ends_at.isoformat(),
            step_fen=PRICE_FEN // 100,
            deposit_fen=PRICE_FEN // 10,
            opens_at=(ends_at + timedelta(seconds=30)).isoformat(),
            closes_at=(ends_at + timedelta(seconds=90)).isoformat(),
            trigger_seconds=15,
            extension_seconds=15,
        )
        intent = await enter(api, listing, BUYER)
        buyer = await windows.open("buyer", login=BUYER)
        await buyer.go("/my")
        item = buyer.page.get_by_role("listitem").filter(has_text=lot.title)
        await expect(item).to_contain_text(f"请缴纳保证金 {yuan(PRICE_FEN // 10)} 元")
        await pay_deposit(api, intent, now)
        deal = await find_deal(api, BUYER, lot.listing_no)
    assert (deal["price_fen"], deal["auction_id"]) == (PRICE_FEN, None)
    await _see_the_deal(seller, buyer, lot.title, deal["id"])


async def _register(seller: Window, login: str) -> None:
    """The form says what follows from the kind of seller before it is sent."""
    await seller.go("/register")
    await seller.fill("单位名称", f"虚构科技有限公司{secrets.randbelow(10**6)}")
    await seller.fill("统一社会信用代码", make_credit_code(secrets.randbelow(10**7) + 10**7))
    await seller.page.locator("select[name=kind]").select_option("company")
    regime = seller.page.get_by_label("出让主体类别")
    await regime.select_option("soe")
    await seller.sees("一般不能直接协议定价")
    await regime.select_option("private_entity")
    await seller.sees("三种定价方式都可以用，不要求公示。")
    await expect(seller.page.get_by_label("适用的地方规定")).to_have_value("330000")
    for name, value in (("person", "虚构经办"), ("login", login), ("password", PASSWORD)):
        field = seller.page.locator(f"input[name={name}]")
        await field.fill(value)
        await field.blur()
    await seller.page.locator("button[type=submit]").click()
    await seller.arrive("/organisation$")
    await seller.sees("民营企业或其他单位")


async def _see_the_deal(seller: Window, buyer: Window, title: str, deal_id: str) -> None:
    """The seller's desk has the contract to draw up and the price to come; the buyer reads the same deal."""
    await seller.go("/seller")
    item = seller.page.get_by_role("listitem").filter(has_text=title)
    await expect(item).to_contain_text("请起草合同并签署")
    await expect(seller.page.get_by_role("row").filter(has_text=title)).to_contain_text(yuan(PRICE_FEN))
    # Whether a next bidder is asked is refused where there was no auction.
    await item.get_by_role("link").click()
    await seller.arrive(f"/deals/{deal_id}")
    await seller.press("生成合同")
    await seller.arrive(r"/contracts/[0-9a-f-]{36}")
    await buyer.go("/my")
    await expect(buyer.page.get_by_role("listitem").filter(has_text=title)).to_contain_text("等你方签署")
