"""Steps: buyers accept the rules, are qualified, pay their deposits and get their codes."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from app.clock import market_date
from app.smoke.listing import DEPOSIT_FEN, START_FEN
from app.smoke.steps import Step, expect, expect_equal

if TYPE_CHECKING:
    from app.smoke.actor import Actor
    from app.smoke.journey import Journey

_NO_RULES = "0" * 64


async def declare(journey: Journey) -> None:
    """Two buyers accept the rules by their fingerprint; the seller and the exchange may not buy."""
    rules = await journey.guest.get(f"auctions/{journey.auction_id}/rules")
    for language in ("zh", "en"):
        expect(len(rules["sentences"][language]) > 0, f"rules in words ({language})", rules)
    path = f"listings/{journey.listing['id']}/intents"
    accepted = {"accept_rules_sha256": rules["sha256"]}
    await journey.guest.refused("POST", path, 401, body=accepted)
    await journey.seller.refused("POST", path, 403, "seller-may-not-buy", body=accepted)
    await journey.desks["host"].refused("POST", path, 403, "exchange-may-not-buy", body=accepted)
    unread = {"accept_rules_sha256": _NO_RULES}
    await journey.first.refused("POST", path, 422, "rules-not-accepted", body=unread)
    for actor in (journey.first, journey.second):
        journey.intents[actor.name] = await actor.post(path, accepted)
    await journey.first.refused("POST", path, 409, "intent-exists", body=accepted)


async def qualify(journey: Journey) -> None:
    """The desk qualifies both; nobody else may, and no bid counts before the deposit."""
    for actor in (journey.first, journey.second):
        path = f"intents/{journey.intents[actor.name]['id']}"
        decision = {"decision": "qualify"}
        await journey.seller.refused("POST", f"{path}/qualifications", 403, "not-permitted", body=decision)
        found = await journey.desks["reviewer"].post(f"{path}/qualifications", decision)
        expect_equal(found["status"], "qualified", "status")
        journey.intents[actor.name] = await actor.get(path)
        expect_equal(journey.intents[actor.name]["deposit"]["amount_fen"], DEPOSIT_FEN, "deposit due")
    await journey.outsider.refused("GET", path, 404, "intent-missing")
    bid = {"bid_id": str(uuid4()), "amount_fen": START_FEN}
    await journey.first.refused(
        "POST", f"auctions/{journey.auction_id}/bids", 403, "not-admitted", "deposit-not-held", body=bid
    )


async def pay(journey: Journey) -> None:
    """Finance confirms exactly the deposit from the buyer's own account; only then a code is given."""
    finance = journey.desks["finance"]
    for actor in (journey.first, journey.second):
        path = f"deposits/{journey.intents[actor.name]['deposit']['id']}/receipts"
        line = bank_line(journey, actor)
        short = {**line, "amount_fen": DEPOSIT_FEN - 1}
        await finance.refused("POST", path, 422, "receipt-differs-from-deposit", body=short)
        foreign = {**line, "payer_name": "别的单位（虚构）"}
        await finance.refused("POST", path, 422, "payer-is-not-the-buyer", body=foreign)
        await actor.refused("POST", path, 403, "not-permitted", body=line)
        deposit = await finance.post(path, line)
        expect_equal(deposit["status"], "held", "deposit")
        again = {**line, "bank_reference": _reference()}
        await finance.refused("POST", path, 409, "deposit-state-forbids", body=again)
        found = await actor.get(f"intents/{journey.intents[actor.name]['id']}")
        expect(bool(found["bidder_code"]), "a bidder code", found)
        journey.codes[actor.name] = found["bidder_code"]
    expect(len(set(journey.codes.values())) > 1, "a code for each", journey.codes)
    seen = await journey.desks["reviewer"].get("intents", listing_id=journey.listing["id"])
    told = [item["bidder_code"] for item in seen["items"] if item["bidder_code"]]
    expect(not told, "no code told to the desk before the close", told)


def _reference() -> str:
    return f"ZJ{secrets.randbelow(10**12):012d}"


def bank_line(journey: Journey, actor: Actor) -> dict[str, Any]:
    """A line of the bank statement that brings an actor's deposit."""
    return {
        "amount_fen": DEPOSIT_FEN,
        "payer_name": actor.organisation_name,
        "bank_reference": _reference(),
        "received_on": market_date(journey.now_at_start).isoformat(),
    }


STEPS = (
    Step(
        "登记受让意向并接受规则；转让方、交易所人员、未读规则被拒",
        "declare intents over the rules; seller, exchange staff, unread rules are refused",
        declare,
    ),
    Step(
        "资格审查；无保证金出价被拒",
        "buyers are qualified; a bid without deposit is refused",
        qualify,
    ),
    Step(
        "保证金到账登记；金额不符、他人付款被拒；发竞买号",
        "deposits confirmed; wrong amount and payer are refused; codes are given",
        pay,
    ),
)
