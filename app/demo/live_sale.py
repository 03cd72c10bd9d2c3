"""The sale that is always live: the next one is listed and everybody let in before the last one ends."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from app.clock import market_date
from app.demo.accounts import SELLER, SIMULATED, VISITORS
from app.demo.offers import OF_INVENTED, Times, live_prices
from app.demo.patents import LIVE, invented_number
from app.demo.steps import bank_reference

if TYPE_CHECKING:
    from app.demo.public_api import PublicApi

_POOL = tuple(invented_number(title) for title, _ in LIVE)
_PREPARED_BEFORE = timedelta(seconds=90)
_OVERLAP = timedelta(seconds=15)
_OPENING_PAUSE = timedelta(seconds=4)
_TOO_LATE = timedelta(seconds=5)
_UNFINISHED = ("draft", "returned", "in_review", "accepted")
_PAGE = 100
_REVIEWER, _FINANCE = "demo-reviewer", "demo-finance"


async def keep_a_sale_live(api: PublicApi) -> None:
    """Looks once whether the next live sale has to be listed, and lets everybody into those that are."""
    now = datetime.fromisoformat((await api.get("market"))["server_time"])
    found = (await api.get("listings", SELLER.login, mine=True, limit=_PAGE))["items"]
    sales = [item for item in found if item["patent"]["application_no"] in _POOL]
    listed = [item for item in sales if item["status"] == "listed" and _ends_at(item) > now + _TOO_LATE]
    # Only the announced end counts here: an extension only makes two sales run beside each other for a while.
    last = max((datetime.fromisoformat(item["closes_at"]) for item in listed), default=now)
    if last < now + _PREPARED_BEFORE:
        opens_at = max(now + _OPENING_PAUSE, last - _OVERLAP)
        listed.append(await _list_next(api, sales, Times.live(opens_at)))
    for item in listed:
        await _let_in(api, item, now)


def _ends_at(listing: dict[str, Any]) -> datetime:
    sale = listing["auction"]
    return datetime.fromisoformat(sale["ends_at"] if sale else listing["closes_at"])


async def _list_next(api: PublicApi, sales: list[dict[str, Any]], times: Times) -> dict[str, Any]:
    """Lists another of the pool's patents, or goes on with a listing that was left half way."""
    terms = {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in times.as_terms().items()
    }
    half_way = next((item for item in sales if item["status"] in _UNFINISHED), None)
    if half_way is None:
        body = {
            "patent_id": await _pick_patent(api, sales),
            "description": OF_INVENTED,
            "board": "demo",
            "priority_declared": True,
            **live_prices(),
            **terms,
        }
        listing = await api.post("listings", SELLER.login, body)
    else:
        listing = half_way
        if listing["status"] in {"in_review", "accepted"}:
            review = {"decision": "return", "reason": "演示：竞价时间已过，退回修改。"}
            await api.post(f"listings/{listing['id']}/reviews", _REVIEWER, review)
        await api.patch(f"listings/{listing['id']}", SELLER.login, terms)
    path = f"listings/{listing['id']}"
    await api.post(f"{path}/submissions", SELLER.login)
    await api.post(f"{path}/reviews", _REVIEWER, {"decision": "accept"})
    published: dict[str, Any] = await api.post(f"{path}/publications", _REVIEWER)
    return published


async def _pick_patent(api: PublicApi, sales: list[dict[str, Any]]) -> str:
    """The pool's patent that has been sold longest ago, or never, and is not for sale now."""
    mine = (await api.get("patents", SELLER.login, owner="mine", limit=_PAGE))["items"]
    ids = {item["application_no"]: item["id"] for item in mine}
    numbers = [item["patent"]["application_no"] for item in sales]  # the newest first
    busy = {item["patent"]["application_no"] for item in sales if item["status"] == "listed"}
    free = [number for number in _POOL if number in ids and number not in busy]
    free.sort(key=lambda number: numbers.index(number) if number in numbers else len(numbers), reverse=True)
    return str(ids[free[0]])


async def _let_in(api: PublicApi, listing: dict[str, Any], now: datetime) -> None:
    """Brings the simulated bidders and the visitors' two organisations into a sale, step by step."""
    found = (await api.get("intents", _REVIEWER, listing_id=listing["id"], limit=_PAGE))["items"]
    intents = {item["buyer"]["name"]: item for item in found}
    for party in (*VISITORS, *SIMULATED):
        intent = intents.get(party.organisation)
        if intent is None:
            rules = await api.get(f"auctions/{listing['auction_id']}/rules")
            accepted = {"accept_rules_sha256": rules["sha256"]}
            intent = await api.post(f"listings/{listing['id']}/intents", party.login, accepted)
        if intent["status"] == "submitted":
            path = f"intents/{intent['id']}/qualifications"
            intent = await api.post(path, _REVIEWER, {"decision": "qualify"})
        if intent["status"] == "qualified":
            line = {
                "amount_fen": intent["deposit"]["amount_fen"],
                "payer_name": party.organisation,
                "bank_reference": bank_reference(),
                "received_on": market_date(now).isoformat(),
            }
            await api.post(f"deposits/{intent['deposit']['id']}/receipts", _FINANCE, line)
