"""Sealed bids in two windows and a guest's: nobody sees one before the opening, and its bidder can prove it afterwards."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from playwright.async_api import expect

from app.demo.public_api import PublicApi
from app.money import yuan
from tests.browser.bidding import QUOTE, STATE
from tests.browser.live_sale import BUYER, SECOND_BUYER
from tests.browser.room_sales import START_FEN, STEP_FEN, Way, open_sale

if TYPE_CHECKING:
    from pathlib import Path

    from tests.browser.window import Window, Windows
    from tests.live_market import LiveMarket

pytestmark = [pytest.mark.browser, pytest.mark.timeout(500)]
_FIRST_FEN, _BETTER_FEN, _SECOND_FEN = 250_000_00, 270_000_00, 260_000_00
_LOW_FEN = START_FEN - STEP_FEN
_OPENING_MS = 150_000  # the deadline, and the worker after it
_WAY = Way("sealed_first_price", 90, terms={"min_bidders": 2})


async def _seal(bidder: Window, amount_fen: int) -> None:
    """Types an amount, reads it back in both ways of writing it, and sends it sealed."""
    page = bidder.page
    await page.get_by_label("报价金额").fill(yuan(amount_fen))
    await page.get_by_role("button", name="核对报价").click()
    await expect(page.get_by_role("group", name="核对报价")).to_contain_text("人民币")
    await page.get_by_role("button", name="密封并发出").click()
    await bidder.sees_in(STATE, "你的密封报价已收到")
    await expect(page.locator("[data-own-amount]")).to_contain_text(yuan(amount_fen))
    await bidder.sees("与本机的金额和密钥相符")


async def _save_proof(bidder: Window, folder: Path) -> dict[str, Any]:
    """Saves the bidder's own proof as a file, as a person does."""
    async with bidder.page.expect_download() as download:
        await bidder.press("保存我的凭证")
    path = folder / f"{bidder.name}.json"
    await (await download.value).save_as(path)
    proof: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return proof


async def test_envelopes_are_seen_by_their_bidders_alone_opened_together_and_proved_by_receipts(
    windows: Windows, market: LiveMarket, tmp_path: Path
) -> None:
    async with PublicApi(market.url) as api:
        auction_id = await open_sale(api, _WAY)
        first, second = (
            await windows.open("first", login=BUYER),
            await windows.open("second", login=SECOND_BUYER),
        )
        guest = await windows.open("guest")
        for window in (first, second, guest):
            await window.go(f"/auctions/{auction_id}")
            await window.sees("已连接")
        before = (await api.get(f"auctions/{auction_id}/events", after=0))["head"]
        await first.page.get_by_label("报价金额").fill(yuan(_LOW_FEN))
        await first.page.get_by_role("button", name="核对报价").click()
        await first.sees("出价低于最低可出")
        await _seal(first, _FIRST_FEN)
        await first.press("更换报价")
        await _seal(first, _BETTER_FEN)
        await _seal(second, _SECOND_FEN)
        # Nothing that everybody sees has moved: no event, no count, no word on the guest's page.
        assert (await api.get(f"auctions/{auction_id}/events", after=0))["head"] == before
        for window in (guest, second):
            await expect(window.page.locator("body")).not_to_contain_text(yuan(_BETTER_FEN))
        await guest.sees_in(QUOTE, "密封报价，开启前谁也看不到金额")
        proof = await _save_proof(first, tmp_path)
        assert proof["secret"]["amount_fen"] == _BETTER_FEN
        assert proof["stream"] == "own"
        state = first.page.get_by_label(STATE, exact=True)
        await expect(state).to_contain_text("你已成交", timeout=_OPENING_MS)
        await first.sees_in(QUOTE, yuan(_BETTER_FEN))
        await second.sees_in(STATE, "没有成交")
        ranking = guest.page.get_by_role("table", name="密封报价按名次").locator("tbody tr")
        await expect(ranking).to_have_count(2)
        await expect(ranking.first).to_contain_text(yuan(_BETTER_FEN))
        await _check_record(guest, api, auction_id, tmp_path)


async def _check_record(guest: Window, api: PublicApi, auction_id: str, folder: Path) -> None:
    """Anybody checks the record with a bidder's receipt, and one that was altered is told from it."""
    bundle = await api.get(f"auctions/{auction_id}/bundle")
    record, altered = folder / "record.json", folder / "altered.json"
    record.write_text(json.dumps(bundle), "utf-8")
    public = next(stream for stream in bundle["streams"] if stream["audience"] == "public")
    public["events"][-1]["body"]["winner"] = "Z99"
    altered.write_text(json.dumps(bundle), "utf-8")
    await guest.go("/protocol-check")
    files = guest.page.locator("#bundle")
    await guest.page.locator("#receipts").set_input_files(folder / "first.json")
    for file, verdict in ((record, "记录成立"), (altered, "记录不成立")):
        await files.set_input_files(file)
        await guest.press("核验")
        await guest.sees(verdict)
    await guest.go(f"/auctions/{auction_id}/replay")
    await guest.press("播放")
    await guest.sees("密封报价一起开启，2 份")
