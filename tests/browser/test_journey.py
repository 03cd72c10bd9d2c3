"""The whole journey on the pages: from the patent to the verified certificate, two bidders and a guest watching."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.async_api import expect

from app.demo.accounts import BUYER_NAME, SECOND_BUYER_NAME, SELLER_NAME
from app.money import yuan
from tests.browser.bidding import (
    QUOTE,
    STATE,
    bid_by_one_press,
    bid_by_second_press,
    declare_intent,
    enter_room,
    is_outbid,
    last_seconds,
    ready_rung,
    set_ceiling,
)
from tests.browser.desks import accept_and_publish, approve_registration, confirm_deposit, qualify
from tests.browser.papers import (
    draft_contract,
    find_certificate,
    open_listed,
    read_confirmation,
    sign_contract,
    verify_certificate,
)
from tests.browser.selling import (
    DEPOSIT_FEN,
    RESERVE_FEN,
    START_FEN,
    STEP_FEN,
    Lot,
    apply_for_registration,
    list_patent,
    new_lot,
    register_patent,
)

if TYPE_CHECKING:
    from tests.browser.window import Window, Windows

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
PRICE_FEN = START_FEN + 3 * STEP_FEN


async def test_a_patent_is_listed_sold_contracted_registered_and_verified_on_the_pages(
    windows: Windows,
) -> None:
    lot = new_lot()
    seller, reviewer, finance, first, second = await asyncio.gather(
        windows.open("seller", login="demo-seller"),
        windows.open("reviewer", login="demo-reviewer"),
        windows.open("finance", login="demo-finance"),
        windows.open("first", login="demo-buyer"),
        windows.open("second", login="demo-buyer-2"),
    )
    guest = await windows.open("guest")
    await _list_and_publish(seller, reviewer, lot)
    await _let_in(lot, reviewer, finance, first, second)
    await guest.go(f"/auctions/{lot.auction_id}")
    await _fight(lot, first, second, guest)
    await _close(lot, first, second, guest, seller)
    registrar = await windows.open("registrar", login="demo-registrar")
    await _finish_papers(lot, seller, first, registrar, guest)
    await _loser_gets_his_deposit_back(lot, second)


async def _list_and_publish(seller: Window, reviewer: Window, lot: Lot) -> None:
    """Times fit the machine: what the form took says how long the desk, the buyers and a press will take."""
    began = time.monotonic()
    await register_patent(seller, lot)
    pace = max(4.0, time.monotonic() - began)
    lot.extension_seconds = round(max(15.0, 2 * pace))
    await list_patent(seller, lot, timedelta(seconds=6 * pace), timedelta(seconds=6 * pace))
    await accept_and_publish(reviewer, lot)


async def _let_in(lot: Lot, reviewer: Window, finance: Window, first: Window, second: Window) -> None:
    await asyncio.gather(declare_intent(first, lot), declare_intent(second, lot))
    for name in (BUYER_NAME, SECOND_BUYER_NAME):
        await qualify(reviewer, lot, name)
        await confirm_deposit(finance, lot, name, DEPOSIT_FEN)
    await asyncio.gather(enter_room(first, lot), enter_room(second, lot))


async def _fight(lot: Lot, first: Window, second: Window, guest: Window) -> None:
    """Bids by one press and by the second press; all windows show one price, and who leads."""
    await guest.sees_in(STATE, "正在旁观")
    await expect(guest.page.locator("[data-rung]")).to_have_count(0)
    await first.sees_in(STATE, "可以出价")
    await set_ceiling(first, START_FEN + 4 * STEP_FEN)
    await bid_by_one_press(first, START_FEN)
    await _everybody_sees(START_FEN, first, second, guest)
    await guest.sees_in(QUOTE, "未达到保留价")
    await bid_by_second_press(second, START_FEN + STEP_FEN)
    await is_outbid(first, START_FEN + STEP_FEN)
    await _everybody_sees(RESERVE_FEN, first, second, guest)
    await guest.sees_in(QUOTE, "已达到保留价")
    await _first_press_alone_is_no_bid(second, START_FEN + 2 * STEP_FEN)
    await bid_by_one_press(first, START_FEN + 2 * STEP_FEN)
    await is_outbid(second, START_FEN + 2 * STEP_FEN)
    await last_seconds(first, lot.extension_seconds - 2)
    await bid_by_one_press(first, PRICE_FEN)  # raising his own bid, so late that it moves the end
    await _everybody_sees(PRICE_FEN, first, second, guest)
    for window in (first, second, guest):
        await window.sees_in(QUOTE, "延时中")
        await window.sees_in(QUOTE, "已延时")


async def _first_press_alone_is_no_bid(buyer: Window, amount_fen: int) -> None:
    """Escape takes the armed button back; nothing was sent."""
    button = await ready_rung(buyer, amount_fen)
    await button.click()
    await expect(button).to_contain_text("再按一次")
    await buyer.page.keyboard.press("Escape")
    await expect(button).not_to_contain_text("再按一次")


async def _everybody_sees(price_fen: int, *windows: Window) -> None:
    await asyncio.gather(*(window.sees_in(QUOTE, yuan(price_fen)) for window in windows))


async def _text(window: Window) -> str:
    return await window.page.locator("body").inner_text()


async def _close(lot: Lot, first: Window, second: Window, guest: Window, seller: Window) -> None:
    """The worker closes the sale; each reads what it means for him, and before that no names were shown."""
    for name in (BUYER_NAME, SECOND_BUYER_NAME):
        assert name not in await _text(guest)
    wait = expect.set_options  # a whole extension has to pass
    wait(timeout=(lot.extension_seconds + 40) * 1000)
    await first.sees_in(STATE, "你已成交")
    wait(timeout=30_000)
    await second.sees_in(STATE, "没有成交")
    await guest.sees_in(STATE, "已结束，成交")
    await _everybody_sees(PRICE_FEN, first, second, guest)
    await seller.go(f"/seller/listings/{lot.listing_id}")
    await seller.sees("已成交")


async def _finish_papers(lot: Lot, seller: Window, winner: Window, registrar: Window, guest: Window) -> None:
    await winner.link("去看成交确认书").click()
    await winner.arrive("/deals")
    await read_confirmation(winner, lot, PRICE_FEN, SELLER_NAME)
    contract_id = await draft_contract(winner, lot)
    await sign_contract(winner)
    await winner.sees("本单位已签署，等对方签署。")
    await open_listed(seller, "/contracts", lot.title)
    assert seller.page.url.endswith(contract_id)
    await sign_contract(seller)
    await seller.sees("起生效")
    await apply_for_registration(seller, PRICE_FEN)
    await approve_registration(registrar, lot)
    path = await find_certificate(seller)
    await verify_certificate(guest, path, lot, PRICE_FEN, (SELLER_NAME, BUYER_NAME))


async def _loser_gets_his_deposit_back(lot: Lot, loser: Window) -> None:
    await loser.go("/my/deposits")
    row = loser.page.get_by_role("row").filter(has_text=lot.listing_no)
    await expect(row).to_contain_text("已退回")
    await expect(row).to_contain_text(yuan(DEPOSIT_FEN))
