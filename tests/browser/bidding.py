"""What buyers and guests do and see in the bid room."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.async_api import expect

from app.money import yuan

if TYPE_CHECKING:
    from playwright.async_api import Locator

    from tests.browser.selling import Lot
    from tests.browser.window import Window

STATE, QUOTE = "我的状态", "行情"
_HISTORY = "出价记录，新的在上"
_CELLS = """rows => rows.map(row =>
  [row.cells[0].innerText, row.cells[2].firstChild.textContent, row.querySelector('data').value])"""
_SETTLING = re.compile("settling")


async def declare_intent(buyer: Window, lot: Lot) -> None:
    """Reads the rules of this sale, accepts them and declares the intent."""
    await buyer.go(f"/listings/{lot.listing_id}")
    await buyer.sees("设有，竞价中只公布是否达到")
    await buyer.press("登记受让意向")
    dialog = buyer.page.get_by_role("dialog")
    await expect(dialog).to_contain_text(re.compile(r"[0-9a-f]{64}"))
    await expect(dialog.get_by_role("listitem").first).to_be_visible()
    send = dialog.get_by_role("button", name="接受规则并登记")
    await expect(send).to_be_disabled()
    await dialog.get_by_role("checkbox", name="我已读并接受以上规则").check()
    await send.click()
    await buyer.sees_in("我的受让意向", "待资格审查")


async def enter_room(buyer: Window, lot: Lot) -> None:
    """Goes from the listing to the bid room, which an admitted buyer's listing page offers."""
    await buyer.go(f"/listings/{lot.listing_id}")
    await buyer.page.get_by_label("我的受让意向").get_by_role("link", name="进入竞价室").click()
    await buyer.arrive("/auctions/")
    lot.auction_id = buyer.page.url.rsplit("/", 1)[1]
    await buyer.sees("已连接")


def rung(window: Window, place: int = 1) -> Locator:
    """A button of the ladder, from the lowest amount up."""
    return window.page.locator(f"[data-rung='{place}']")


async def set_ceiling(buyer: Window, amount_fen: int) -> None:
    """Up to this amount one press is a bid."""
    await buyer.press("设上限")
    await buyer.fill("本场免确认上限", yuan(amount_fen))
    await buyer.press("保存")
    await buyer.sees("以内按一下就出")


async def ready_rung(buyer: Window, amount_fen: int, place: int = 1) -> Locator:
    """The button with this amount, once it takes presses: a changed amount is dead for a moment."""
    button = rung(buyer, place)
    await expect(button).to_contain_text(yuan(amount_fen))
    await expect(button).to_be_enabled()
    await expect(button).not_to_have_class(_SETTLING)
    return button


async def bid_by_one_press(buyer: Window, amount_fen: int) -> None:
    """Bids below the ceiling."""
    await (await ready_rung(buyer, amount_fen)).click()
    await leads(buyer, amount_fen)


async def bid_by_second_press(buyer: Window, amount_fen: int) -> None:
    """Bids where no ceiling is set: the first press only asks."""
    button = await ready_rung(buyer, amount_fen)
    await button.click()
    await expect(button).to_contain_text("再按一次")
    await button.click()
    await leads(buyer, amount_fen)


async def leads(buyer: Window, amount_fen: int) -> None:
    """Waits until the buyer reads that he leads, with the receipt of his bid."""
    await buyer.sees_in(STATE, "你领先")
    await buyer.sees_in(QUOTE, yuan(amount_fen))
    await expect(buyer.page.locator("[data-receipt]")).to_contain_text("收到，第")


async def last_seconds(window: Window, seconds: int) -> None:
    """Waits until the countdown on the page shows no more than this."""
    await window.page.wait_for_function(
        "most => { const [, m, s] = /^(\\d+):(\\d+)$/.exec(document.querySelector('[role=timer]').innerText) ?? [];"
        " return m !== undefined && 60 * Number(m) + Number(s) <= most }",
        arg=seconds,
        timeout=300_000,
    )


async def is_outbid(buyer: Window, amount_fen: int) -> None:
    """Waits until the buyer reads that he was outbid, and by how much."""
    await buyer.sees_in(STATE, "你已被超过")
    await buyer.sees_in(STATE, yuan(amount_fen))


async def read_history(window: Window) -> list[tuple[int, str, int]]:
    """The history as it stands on the page, the oldest first: number in sequence, code, amount in fen."""
    rows = window.page.get_by_role("table", name=_HISTORY).locator("tbody tr.h-act")
    cells: list[list[str]] = await rows.evaluate_all(_CELLS)
    return [(int(number), code.strip(), int(fen)) for number, code, fen in reversed(cells)]
