"""What a seller does on the pages: registers a patent, lists it, watches over it."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from playwright.async_api import expect

from app.catalog.patent_number import check_digit
from app.clock import SHANGHAI
from app.demo.fictions import fictional_application_no
from app.money import yuan

if TYPE_CHECKING:
    from tests.browser.window import Window

START_FEN, STEP_FEN, DEPOSIT_FEN = 12_000_000, 200_000, 1_200_000
RESERVE_FEN = START_FEN + STEP_FEN
_SERIALS = 10**6


@dataclass
class Lot:
    """What is sold in a journey, as far as it is known."""

    title: str
    application_no: str
    extension_seconds: int = 15
    listing_id: str = ""
    listing_no: str = ""
    auction_id: str = ""


def new_lot() -> Lot:
    """An invented patent that was never sold here."""
    number = fictional_application_no(secrets.randbelow(_SERIALS), 2022)
    return Lot(f"一种冷链箱温控装置（虚构 {number[-8:-2]}）", number)


def with_wrong_check_digit(application_no: str) -> str:
    """The same number with another check digit."""
    body, right = application_no.removeprefix("CN").split(".")
    assert check_digit(body) == right
    return f"CN{body}.{'1' if right != '1' else '2'}"


async def register_patent(seller: Window, lot: Lot) -> None:
    """Registers a patent by the form; a wrong check digit is told with the right one, which is taken by a press."""
    await seller.go("/seller/patents")
    await seller.link("登记专利").first.click()
    await seller.fill("申请号", with_wrong_check_digit(lot.application_no))
    await expect(seller.page.get_by_label("申请号", exact=True)).to_have_attribute("aria-invalid", "true")
    await seller.press(f"改为 {lot.application_no}")
    await seller.sees(f"校验位正确：{lot.application_no}")
    await expect(seller.page.get_by_label("专利类型", exact=True)).to_have_value("invention")
    await seller.fill("发明创造名称", lot.title)
    await seller.fill("申请日", "2022-03-01")
    await seller.fill("主分类号", "F25D 11/00")
    await seller.fill("申请人", "演示转让方（虚构）研究院")
    await seller.press("登记这件专利")
    await seller.arrive("/seller/patents$")
    await seller.sees(lot.title)


async def list_patent(seller: Window, lot: Lot, opens_in: timedelta, lasts: timedelta) -> None:
    """Fills the listing's form and submits it; the reserve stays with the seller."""
    await seller.page.get_by_role("row").filter(has_text=lot.title).get_by_role("link", name="挂牌").click()
    await expect(seller.page.get_by_label("项目名称", exact=True)).to_have_value(lot.title)
    await seller.sees("提交前还差")
    await seller.fill("项目说明", "用于冷链箱的温控装置，含样机与图纸，随附技术指导。")
    await seller.fill("已知的权利负担", "无")
    await seller.fill("起始价", "12万")
    await seller.sees("壹拾贰万元整")
    await seller.fill("加价幅度", yuan(STEP_FEN))
    await seller.fill("保证金", yuan(DEPOSIT_FEN))
    await seller.page.get_by_role("checkbox", name="设保留价").check()
    await seller.fill("保留价", yuan(RESERVE_FEN))
    await seller.page.get_by_label(re.compile("^触发延时")).fill("3600")
    await seller.page.get_by_label(re.compile("^每次延到出价后")).fill(str(lot.extension_seconds))
    opens_at = datetime.now(SHANGHAI) + opens_in
    await seller.fill("开始", _local(opens_at))
    await seller.fill("结束", _local(opens_at + lasts))
    await seller.page.get_by_role("radio", name=re.compile("^没有人享有")).check()
    await _declare(seller)
    await seller.press("提交审核")
    await seller.arrive(r"/seller/listings/[0-9a-f-]{36}$")
    lot.listing_id = seller.page.url.rsplit("/", 1)[1]
    await seller.sees("待审")
    await seller.sees(yuan(RESERVE_FEN))
    number = await seller.page.locator("dt:has-text('项目号') + dd").inner_text()
    lot.listing_no = number.strip()
    assert re.fullmatch(r"[A-Z0-9-]{6,}", lot.listing_no), lot.listing_no


async def _declare(seller: Window) -> None:
    """Declares that nothing else is in the way, and the secrecy review; what is classified is told with the law."""
    await seller.page.get_by_role("checkbox", name=re.compile("^除已申报的共有人")).check()
    await seller.fill("保密审查人", "科研处（虚构）")
    await seller.fill("审查日期", "2026-01-05")
    await seller.page.get_by_role("radio", name="涉密").check()
    await seller.sees("不予受理")
    await seller.page.get_by_role("radio", name="公开", exact=True).check()


def _local(moment: datetime) -> str:
    """As a control for date and time takes it; never on the full minute, whose seconds the control would drop."""
    whole = moment.replace(microsecond=0)
    return (whole if whole.second else whole + timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%S")


async def apply_for_registration(seller: Window, price_fen: int) -> str:
    """Applies for the registration of the contract that is open; gives the application's address."""
    await seller.link("申请合同登记").click()
    await seller.arrive("/registrations/new")
    await seller.fill("其中：技术交易额", yuan(price_fen))
    await seller.page.get_by_label("技术领域", exact=True).select_option(index=1)
    await seller.press("提交登记")
    await seller.arrive(r"/registrations/[0-9a-f-]{36}$")
    await seller.sees("待受理")
    return seller.page.url
