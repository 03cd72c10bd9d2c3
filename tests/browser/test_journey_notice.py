"""A state institute sells at a negotiated price: public notice, an objection that is decided, then the contract."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from app.demo.public_api import PublicApi
from app.money import yuan
from tests.browser.live_sale import BUYER
from tests.browser.papers import sign_contract
from tests.browser.prepared import find_deal, negotiated_lot

if TYPE_CHECKING:
    from playwright.async_api import Locator

    from tests.browser.selling import Lot
    from tests.browser.window import Window, Windows
    from tests.live_market import LiveMarket

SELLER, OBJECTOR, REVIEWER = "demo-seller", "demo-buyer-2", "demo-reviewer"
AGREED_FEN = 286_000_00
NOTICE_SECONDS = 60  # an objection is typed meanwhile, on a busy machine
pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


async def test_a_state_institute_sells_by_agreement_after_a_notice_and_an_objection(
    windows: Windows, market: LiveMarket
) -> None:
    async with PublicApi(market.url) as api:
        lot, room = await negotiated_lot(api, SELLER, BUYER, AGREED_FEN)
        seller = await windows.open("seller", login=SELLER)
        await _desk_asks_for_the_notice(seller, lot)
        notice_id = await _draft(api, lot)
        await seller.go("/seller")
        await expect(_waiting(seller, lot)).to_contain_text("还没有发布")
        await api.post(f"notices/{notice_id}/publication", SELLER)
        await _object(await windows.open("objector", login=OBJECTOR), notice_id)
        await seller.go("/seller")
        await expect(_waiting(seller, lot)).to_contain_text("1 件异议")
        await _decide(await windows.open("reviewer", login=REVIEWER), lot)
        await _wait_for_the_certificate(await windows.open("guest"), notice_id)
        await _confirm(seller, room)
        deal = await find_deal(api, SELLER, lot.listing_no)
        assert deal["price_fen"] == AGREED_FEN
        await _conclude(seller, await windows.open("buyer", login=BUYER), deal["id"])


def _waiting(window: Window, lot: Lot) -> Locator:
    return window.page.get_by_role("listitem").filter(has_text=lot.title)


async def _desk_asks_for_the_notice(seller: Window, lot: Lot) -> None:
    """The agreement waits on the seller's desk, and the law comes first."""
    await seller.go("/seller")
    item = _waiting(seller, lot)
    await expect(item).to_contain_text(f"已与受让方谈妥 {yuan(AGREED_FEN)} 元，签约前要先公示")
    await item.get_by_role("link").click()
    await seller.arrive("/seller/notices/new")


async def _draft(api: PublicApi, lot: Lot) -> str:
    buyer = (await api.get("sessions/current", BUYER))["organisation"]["id"]
    body = {
        "listing_id": lot.listing_id,
        "achievement_name": lot.title,
        "price_fen": AGREED_FEN,
        "transferee_id": buyer,
        "abstract": "用于冷链箱的温控装置。",
        "relation": "受让方与完成人无关联。",
        "involved": ["发明人甲"],
        "posted_at_unit": "本单位官网公示栏",
        "objection_channel": "成果转化办公室",
        "objection_procedure": "实名书面提出，领导小组书面答复。",
        "is_cleared": True,
        "period": {"count": NOTICE_SECONDS, "unit": "second"},
    }
    return str((await api.post("notices", SELLER, body))["id"])


async def _object(objector: Window, notice_id: str) -> None:
    """Somebody of real name objects, and the notice stands still at once."""
    await objector.go(f"/notices/{notice_id}")
    await objector.page.get_by_role("radio", name="利害关系人").check()
    await objector.fill("理由", "公示的完成人名单有遗漏，请予核查。")
    await objector.fill("依据", "项目任务书第 3 页。")
    await objector.press_twice("实名提出异议", "再按一次：提出异议")
    await objector.sees("异议已受理，公示已中止。")
    await objector.sees("收到异议，公示中止")


async def _decide(reviewer: Window, lot: Lot) -> None:
    """The desk shows what waits, and the decision of the unit is recorded."""
    await reviewer.go("/desk")
    await reviewer.sees("等你办")
    # The seed leaves more to review than the desk shows at first.
    await reviewer.page.get_by_role("button", name=re.compile("^另有")).click()
    await expect(_waiting(reviewer, lot).first).to_contain_text("待记录处理决定")
    await reviewer.go("/desk/notices")
    case = reviewer.page.get_by_role("region", name=lot.title)
    await case.get_by_label("处理决定", exact=True).fill("经核查，完成人名单无遗漏，异议不成立。")
    await case.get_by_label("作出决定的机构", exact=True).fill("成果转化领导小组")
    await case.get_by_role("checkbox").check()
    await case.get_by_role("button", name="记录决定").click()
    await case.get_by_role("button", name="再按一次：记录").click()
    await reviewer.sees("处理决定已记录。")


async def _wait_for_the_certificate(guest: Window, notice_id: str) -> None:
    """Anybody sees that the notice is completed, what happened, and the certificate on paper."""
    await guest.go(f"/notices/{notice_id}")
    download = guest.page.get_by_role("link", name="下载公示证明")
    for _ in range(NOTICE_SECONDS // 2):
        if await download.count():
            break
        await guest.page.wait_for_timeout(3000)
        await guest.page.reload()
    await guest.sees("异议不成立，公示继续")
    await guest.sees("公示期满完成")
    paper = await guest.page.request.get(f"{guest.base_url}{await download.get_attribute('href')}")
    assert (await paper.body()).startswith(b"%PDF")


async def _confirm(seller: Window, room: str) -> None:
    """Now the deal can be made, and not before."""
    await seller.go("/seller")
    await seller.page.get_by_role("link", name="确认成交").first.click()
    await seller.arrive(f"/negotiations/{room}")
    await seller.press("确认成交")
    await expect(seller.button("确认成交")).to_have_count(0)


async def _conclude(seller: Window, buyer: Window, deal_id: str) -> None:
    """Both sign, the buyer from his desk."""
    # Whether a next bidder is asked is refused where there was no auction.
    await seller.go(f"/deals/{deal_id}")
    await seller.press("生成合同")
    await seller.arrive(r"/contracts/[0-9a-f-]{36}")
    await sign_contract(seller)
    await buyer.go("/my")
    await buyer.page.get_by_role("link", name="去签署").first.click()
    await sign_contract(buyer)
    await buyer.sees("起生效")
