"""What the exchange's posts do at their desks."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from playwright.async_api import expect

from app.money import yuan

if TYPE_CHECKING:
    from tests.browser.selling import Lot
    from tests.browser.window import Window


async def _open_case(desk: Window, *words: str) -> None:
    """Chooses the case in the queue that bears these words."""
    row = desk.page.get_by_role("row")
    for word in words:
        row = row.filter(has_text=word)
    await row.get_by_role("button").first.click()


async def _look_at_all(desk: Window) -> None:
    """Ticks what only a person can judge."""
    await expect(desk.page.get_by_role("heading", name="审核要点")).to_be_visible()
    ticks = desk.page.get_by_role("checkbox", name="我看过了")
    for place in range(await ticks.count()):
        await ticks.nth(place).check()


async def accept_and_publish(reviewer: Window, lot: Lot) -> None:
    """Checks the listing point by point, accepts it and publishes it; the reserve's amount is not shown."""
    await reviewer.go("/desk/listings")
    await _open_case(reviewer, lot.title)
    await expect(reviewer.page.get_by_role("heading", level=2, name=lot.title)).to_be_visible()
    await reviewer.sees("金额在竞价结束前对本岗不公开")
    await expect(reviewer.button("受理")).to_be_disabled()
    await _look_at_all(reviewer)
    await reviewer.press("受理")
    await reviewer.press_twice("发布公告", "再按一次发布")
    await reviewer.sees(f"已发布：{lot.title}")


async def qualify(reviewer: Window, lot: Lot, buyer_name: str) -> None:
    """Qualifies a buyer."""
    await reviewer.go("/desk/intents")
    await _open_case(reviewer, lot.listing_no, buyer_name)
    await expect(reviewer.page.get_by_role("heading", level=2, name=buyer_name)).to_be_visible()
    await reviewer.press("资格通过")
    await reviewer.sees(f"资格通过，保证金通知已发出：{buyer_name}")


async def confirm_deposit(finance: Window, lot: Lot, buyer_name: str, amount_fen: int) -> None:
    """Enters the line of the bank statement; another amount than the due one cannot be confirmed."""
    await finance.go("/desk/deposits")
    await _open_case(finance, lot.listing_no, buyer_name)
    await expect(finance.page.get_by_label("应收保证金")).to_contain_text(buyer_name)
    await finance.fill("到账金额", yuan(amount_fen - 1))
    await finance.fill("付款户名", buyer_name)
    await finance.fill("银行流水号", f"ZJ{secrets.randbelow(10**12):012d}")
    await finance.sees("少交或多交都不能确认")
    await expect(finance.button("确认入账")).to_be_disabled()
    await finance.fill("到账金额", yuan(amount_fen))
    await finance.press_twice("确认入账", "再按一次入账")
    await finance.sees(f"已确认入账：{buyer_name}")


async def approve_registration(registrar: Window, lot: Lot) -> None:
    """Checks type and amounts and registers the contract."""
    await registrar.go("/desk/registrations")
    await _open_case(registrar, lot.title)
    await expect(registrar.page.get_by_role("heading", level=2, name=lot.title)).to_be_visible()
    await _look_at_all(registrar)
    await registrar.press_twice("准予登记", "再按一次登记")
    await registrar.sees("已登记：")
