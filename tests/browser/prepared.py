"""What journeys find made: sales listed and entered by the public API, as other tests press through by hand."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from app.clock import market_date
from app.demo.public_api import RefusedError
from app.demo.steps import bank_reference
from tests.browser.selling import new_lot

if TYPE_CHECKING:
    from app.demo.public_api import PublicApi
    from tests.browser.selling import Lot

PRICE_FEN = 300_000_00
_REVIEWER, _FINANCE = "demo-reviewer", "demo-finance"
_SECONDS, _PAUSE_SECONDS = 90, 0.5


async def server_time(api: PublicApi) -> datetime:
    """The market's own time."""
    return datetime.fromisoformat((await api.get("market"))["server_time"])


async def publish(api: PublicApi, seller: str, lot: Lot, **terms: Any) -> dict[str, Any]:
    """A published sale of an invented patent of this seller's; ``terms`` say in which way it is sold."""
    patent = {
        "application_no": lot.application_no,
        "title": lot.title,
        "filing_on": "2022-03-01",
        "ipc_main": "F25D 11/00",
        "applicant": "虚构申请人",
    }
    patent_id = (await api.post("patents", seller, patent))["id"]
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
        **terms,
    }
    path = f"listings/{(await api.post('listings', seller, body))['id']}"
    await api.post(f"{path}/submissions", seller)
    await api.post(f"{path}/reviews", _REVIEWER, {"decision": "accept"})
    made: dict[str, Any] = await api.post(f"{path}/publications", _REVIEWER)
    lot.listing_id, lot.listing_no = made["id"], made["listing_no"]
    return made


async def negotiated_lot(api: PublicApi, seller: str, buyer: str, price_fen: int) -> tuple[Lot, str]:
    """A sale at a negotiated price whose two sides have agreed; gives the room's id too."""
    lot = new_lot()
    now = await server_time(api)
    listing = await publish(
        api, seller, lot, method="negotiated", closes_at=(now + timedelta(days=2)).isoformat()
    )
    room = (await api.post(f"listings/{listing['id']}/negotiation-rooms", buyer))["id"]
    offer = {"price_fen": price_fen, "valid_until": (now + timedelta(hours=2)).isoformat()}
    await api.post(f"negotiation-rooms/{room}/offers", buyer, offer)
    await api.post(f"negotiation-rooms/{room}/offers/1/acceptance", seller)
    return lot, str(room)


async def pay_deposit(api: PublicApi, intent: dict[str, Any], on: datetime) -> None:
    """Finance enters the line that pays an intent's deposit."""
    line = {
        "amount_fen": intent["deposit"]["amount_fen"],
        "payer_name": intent["buyer"]["name"],
        "bank_reference": bank_reference(),
        "received_on": market_date(on).isoformat(),
    }
    await api.post(f"deposits/{intent['deposit']['id']}/receipts", _FINANCE, line)


async def enter(api: PublicApi, listing: dict[str, Any], buyer: str) -> dict[str, Any]:
    """A buyer declares his intent and is qualified; gives the intent with its deposit."""
    rules = f"auctions/{listing['auction_id']}/rules" if listing["auction_id"] else None
    rules = rules or f"listings/{listing['id']}/rules"
    accepted = {"accept_rules_sha256": (await api.get(rules))["sha256"]}
    intent = await api.post(f"listings/{listing['id']}/intents", buyer, accepted)
    qualified: dict[str, Any] = await api.post(
        f"intents/{intent['id']}/qualifications", _REVIEWER, {"decision": "qualify"}
    )
    return qualified


async def find_deal(api: PublicApi, login: str, listing_no: str) -> dict[str, Any]:
    """Waits for the deal of a listing, which the worker makes."""
    async with asyncio.timeout(_SECONDS):
        while True:
            for deal in (await api.get("deals", login, limit=100))["items"]:
                if deal["listing"]["listing_no"] == listing_no:
                    found: dict[str, Any] = deal
                    return found
            await asyncio.sleep(_PAUSE_SECONDS)


async def wait_until_open(api: PublicApi, auction_id: str) -> None:
    """Waits until bidding has begun."""
    async with asyncio.timeout(_SECONDS):
        while True:
            if (await api.get(f"auctions/{auction_id}"))["status"] == "open":
                return
            await asyncio.sleep(_PAUSE_SECONDS)


async def refusal_of(asked: Any) -> RefusedError:
    """The refusal that a request is answered with."""
    try:
        await asked
    except RefusedError as error:
        return error
    message = "nothing was refused"
    raise AssertionError(message)
