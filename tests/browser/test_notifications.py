"""Notifications in the browser: the number in the bar, the list, reading all, and the address for mail."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from tests.browser.live_sale import BUYER
from tests.browser.window import DESK, PHONE

if TYPE_CHECKING:
    from tests.browser.window import Windows

_SECONDS = 60
pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
async def test_a_buyer_reads_what_he_was_told_and_has_it_sent_by_mail(
    windows: Windows, size: tuple[int, int]
) -> None:
    window = await windows.open("buyer", size=size)
    await window.sign_in(BUYER)
    await window.go("/notifications")
    main = window.page.get_by_role("main")
    # The seed's first minute admits this buyer to a sale.
    await expect(main.get_by_text("已取得竞价资格").first).to_be_visible()
    read_all = main.get_by_role("button", name="全部标为已读")
    async with asyncio.timeout(_SECONDS):
        # The market goes on: what comes between the press and the answer is unread again.
        while await read_all.count():
            await read_all.click()
            await window.page.wait_for_timeout(1000)
    window.forgive(r"422 .*notifications/address")
    await main.get_by_label("邮箱地址").fill("不是邮箱")
    await main.get_by_role("button", name="保存邮箱").click()
    await expect(main.get_by_text("应为 名称@域名")).to_be_visible()
    await main.get_by_label("邮箱地址").fill("buyer@example.com")
    await main.get_by_role("button", name="保存邮箱").click()
    await expect(main.get_by_text("buyer@example.com")).to_be_visible()
    wide, screen = await window.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= screen
