"""An auction's winner defaults: declared by one post, confirmed by another; the deposit is applied, and he is kept out."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from playwright.async_api import expect

from app.demo.public_api import PublicApi
from tests.browser.live_sale import BUYER, SECOND_BUYER
from tests.browser.prepared import (
    PRICE_FEN,
    enter,
    find_deal,
    pay_deposit,
    publish,
    refusal_of,
    server_time,
    wait_until_open,
)
from tests.browser.selling import new_lot

if TYPE_CHECKING:
    from typing import Any

    from tests.browser.selling import Lot
    from tests.browser.window import Windows
    from tests.live_market import LiveMarket

SELLER, HOST, REVIEWER = "demo-seller", "demo-host", "demo-reviewer"
DEPOSIT_FEN = PRICE_FEN // 10
NOTICE_SECONDS, OPEN_SECONDS = 35, 20  # paying the deposit and bidding take their time on a busy machine
pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def _terms(opens_at: Any) -> dict[str, Any]:
    return {
        "step_fen": PRICE_FEN // 100,
        "deposit_fen": DEPOSIT_FEN,
        "opens_at": opens_at.isoformat(),
        "closes_at": (opens_at + timedelta(seconds=OPEN_SECONDS)).isoformat(),
        "trigger_seconds": 5,
        "extension_seconds": 5,
    }


async def test_a_winner_who_defaults_loses_his_deposit_and_the_next_sale(
    windows: Windows, market: LiveMarket
) -> None:
    async with PublicApi(market.url) as api:
        lot = new_lot()
        deal = await _win(api, lot)
        host = await windows.open("host", login=HOST)
        await host.go("/desk")
        watched = host.page.get_by_role("listitem").filter(has_text=lot.title)
        await expect(watched).to_contain_text("待双方起草并签署合同")
        said = {"ground": "refuse_confirmation", "reason": "买受人书面表示不再签署成交确认书。"}
        default = await api.post(f"deals/{deal['id']}/defaults", HOST, said)
        assert (
            await refusal_of(api.post(f"defaults/{default['id']}/decisions", HOST, {"confirms": True}))
        ).status == 403
        decided = await api.post(f"defaults/{default['id']}/decisions", REVIEWER, {"confirms": True})
        assert decided["status"] == "confirmed"
        parts = ("fees_fen", "seller_fen", "rest_fen", "returned_fen")
        assert sum(decided[part] for part in parts) == DEPOSIT_FEN
        buyer = await windows.open("buyer", login=BUYER)
        await buyer.go(f"/deals/{deal['id']}")
        await buyer.sees("违约认定")
        await buyer.go(f"/listings/{lot.listing_id}")
        await buyer.sees("终结")
        await host.go("/desk")
        await expect(host.page.get_by_role("listitem").filter(has_text=lot.title)).to_have_count(0)
        again = await _list_again(api, lot)
        refused = await refusal_of(enter(api, again, BUYER))
        assert refused.status in (403, 409)
        assert (await enter(api, again, SECOND_BUYER))["status"] == "qualified"


async def _win(api: PublicApi, lot: Lot) -> dict[str, Any]:
    """The buyer wins an auction at its starting price."""
    opens_at = await server_time(api) + timedelta(seconds=NOTICE_SECONDS)
    listing = await publish(api, SELLER, lot, **_terms(opens_at))
    await pay_deposit(api, await enter(api, listing, BUYER), opens_at)
    auction_id = str(listing["auction_id"])
    await wait_until_open(api, auction_id)
    await api.post(f"auctions/{auction_id}/bids", BUYER, {"bid_id": str(uuid4()), "amount_fen": PRICE_FEN})
    return await find_deal(api, BUYER, lot.listing_no)


async def _list_again(api: PublicApi, lot: Lot) -> dict[str, Any]:
    """The seller lists the same patent anew."""
    patents = (await api.get("patents", SELLER, mine="true", limit=100))["items"]
    patent_id = next(each["id"] for each in patents if each["application_no"] == lot.application_no)
    opens_at = await server_time(api) + timedelta(minutes=5)
    body = {
        "patent_id": patent_id,
        "board": "demo",
        "description": "演示标的，内容虚构。",
        "start_price_fen": PRICE_FEN,
        "priority_declared": True,
        "rights_declared": True,
        "secrecy_reviewer": "科研处（虚构）",
        "secrecy_on": "2026-01-05",
        "secrecy_result": "public",
        **_terms(opens_at),
    }
    path = f"listings/{(await api.post('listings', SELLER, body))['id']}"
    await api.post(f"{path}/submissions", SELLER)
    await api.post(f"{path}/reviews", REVIEWER, {"decision": "accept"})
    made: dict[str, Any] = await api.post(f"{path}/publications", REVIEWER)
    return made
