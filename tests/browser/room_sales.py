"""Sales of any format for the room's tests, listed and opened by the public API with both demonstration buyers let in."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from app.clock import market_date
from app.demo.steps import bank_reference
from tests.browser.live_sale import BUYER, SECOND_BUYER
from tests.browser.selling import new_lot

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.demo.public_api import PublicApi

START_FEN, STEP_FEN = 200_000_00, 2_000_00
_SELLER, _REVIEWER, _FINANCE = "demo-seller", "demo-reviewer", "demo-finance"
_NOTICE = timedelta(seconds=20)  # publishing and letting both buyers in take their time on a busy machine
_PATIENCE_SECONDS, _PAUSE_SECONDS = 120, 0.3


@dataclass(frozen=True)
class Way:
    """One way of bidding: its format and parameters, how long it is open, and what else its listing says."""

    format: str
    seconds: int
    options: Mapping[str, Any] = field(default_factory=dict)
    terms: Mapping[str, Any] = field(default_factory=dict)


async def open_sale(api: PublicApi, way: Way) -> str:
    """Lists a sale, lets both buyers in and waits until it is open; gives its id."""
    listing = await _publish(api, way)
    for login in (BUYER, SECOND_BUYER):
        await _let_in(api, listing, login)
    auction_id = str(listing["auction_id"])
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while True:
            if (await api.get(f"auctions/{auction_id}"))["status"] == "open":
                return auction_id
            await asyncio.sleep(_PAUSE_SECONDS)


async def _publish(api: PublicApi, way: Way) -> dict[str, Any]:
    lot = new_lot()
    patent = {
        "application_no": lot.application_no,
        "title": lot.title,
        "filing_on": "2022-03-01",
        "ipc_main": "F25D 11/00",
        "applicant": "演示转让方（虚构）研究院",
    }
    patent_id = (await api.post("patents", _SELLER, patent))["id"]
    opens_at = datetime.fromisoformat((await api.get("market"))["server_time"]) + _NOTICE
    body = {
        "patent_id": patent_id,
        "board": "demo",
        "description": "演示标的，内容虚构。",
        "start_price_fen": START_FEN,
        "step_fen": STEP_FEN,
        "deposit_fen": START_FEN // 10,
        "opens_at": opens_at.isoformat(),
        "closes_at": (opens_at + timedelta(seconds=way.seconds)).isoformat(),
        "trigger_seconds": 15,
        "extension_seconds": 15,
        "format": way.format,
        "options": dict(way.options),
        "priority_declared": True,
        "rights_declared": True,
        "secrecy_reviewer": "科研处（虚构）",
        "secrecy_on": "2026-01-05",
        "secrecy_result": "public",
        **way.terms,
    }
    listing = await api.post("listings", _SELLER, body)
    path = f"listings/{listing['id']}"
    await api.post(f"{path}/submissions", _SELLER)
    await api.post(f"{path}/reviews", _REVIEWER, {"decision": "accept"})
    published: dict[str, Any] = await api.post(f"{path}/publications", _REVIEWER)
    return published


async def _let_in(api: PublicApi, listing: dict[str, Any], login: str) -> None:
    rules = await api.get(f"auctions/{listing['auction_id']}/rules")
    accepted = {"accept_rules_sha256": rules["sha256"]}
    intent = await api.post(f"listings/{listing['id']}/intents", login, accepted)
    qualified = await api.post(f"intents/{intent['id']}/qualifications", _REVIEWER, {"decision": "qualify"})
    line = {
        "amount_fen": qualified["deposit"]["amount_fen"],
        "payer_name": qualified["buyer"]["name"],
        "bank_reference": bank_reference(),
        "received_on": market_date(datetime.fromisoformat(listing["opens_at"])).isoformat(),
    }
    await api.post(f"deposits/{qualified['deposit']['id']}/receipts", _FINANCE, line)
