"""What both sides do after the close: the confirmation, the contract, the certificate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.async_api import TimeoutError as SeenTooLate
from playwright.async_api import expect

from app.money import capital, yuan

if TYPE_CHECKING:
    from tests.browser.selling import Lot
    from tests.browser.window import Window

_PATIENCE_MS, _TRIES = 3000, 12


async def open_listed(window: Window, path: str, title: str) -> None:
    """Opens the row with this title in a list; what the worker or the other side makes may come a moment later."""
    for _ in range(_TRIES):
        await window.go(path)
        try:
            await window.link(title).first.click(timeout=_PATIENCE_MS)
        except SeenTooLate:
            continue
        await window.arrive(rf"{path}/[0-9a-f-]{{36}}")
        return
    message = f"{title} did not come into {path}"
    raise AssertionError(message)


async def read_confirmation(winner: Window, lot: Lot, price_fen: int, seller_name: str) -> None:
    """The winner reads the deal confirmation: parties, patent, price in figures and in capitals."""
    await open_listed(winner, "/deals", lot.title)
    paper = winner.page.get_by_role("article", name="成交确认书")
    for text in (lot.title, lot.application_no, seller_name, yuan(price_fen), capital(price_fen)):
        await expect(paper).to_contain_text(text)


async def draft_contract(winner: Window, lot: Lot) -> str:
    """Draws up the contract from the deal; it states the patent's six facts."""
    await winner.press("生成合同")
    await winner.arrive(r"/contracts/[0-9a-f-]{36}")
    await winner.sees("专利六项")
    await winner.sees(lot.application_no)
    return winner.page.url.rsplit("/", 1)[1]


async def sign_contract(window: Window) -> None:
    """Says that he has read it, and signs over the digest."""
    await expect(window.button("签署合同")).to_be_disabled()
    await window.page.get_by_role("checkbox", name="我已读完全文").check()
    await window.press_twice("签署合同", "再按一次，完成签署")


async def find_certificate(seller: Window) -> str:
    """Waits for the certificate's file; gives the path of its public page."""
    await seller.sees("已登记")
    await expect(seller.page.get_by_role("link", name="下载登记证明（PDF）")).to_be_visible()
    path = await seller.link("公开查验页").get_attribute("href")
    assert path is not None
    return path


async def verify_certificate(
    guest: Window, path: str, lot: Lot, price_fen: int, names: tuple[str, str]
) -> None:
    """Anybody who has the code sees the certificate and that it is true."""
    await guest.go(path)
    await guest.sees("证明有效（演示）")
    paper = guest.page.get_by_role("article", name="技术合同登记证明")
    for text in (lot.title, lot.application_no, yuan(price_fen), *names):
        await expect(paper).to_contain_text(text)
