"""Steps: a sealed sale, a price clock and automatic bidding, side by side, with periods of seconds."""

from __future__ import annotations

import math
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from app.smoke.entering import bank_line
from app.smoke.listing import DECLARED, DEPOSIT_FEN, START_FEN, STEP_FEN, market_time
from app.smoke.steps import Step, StepFailedError, expect, expect_equal
from app.smoke.waiting import wait_for_status

if TYPE_CHECKING:
    from app.smoke.actor import Actor
    from app.smoke.journey import Journey

_STEPS_OF_CLOCK = 8
_REQUESTS_TO_ENTER, _REQUESTS_TO_BID = 60, 40
_LEAST_SECONDS = 8
_TRIES = 3
_GREAT_FEN = START_FEN + 20 * STEP_FEN
_CONFLICT, _WRONG = 409, 422


@dataclass
class WaySale:
    """One of the three sales: where it is, who is who in it, and the receipts that its bidders keep."""

    id: str
    codes: dict[str, str] = field(default_factory=dict)
    receipts: list[dict[str, Any]] = field(default_factory=list)
    price_fen: int = 0
    winner: str = ""


def _terms(name: str, opens_at: datetime, mean_seconds: float) -> dict[str, Any]:
    seconds = math.ceil(_LEAST_SECONDS + _REQUESTS_TO_BID * mean_seconds)
    if name == "dutch":
        tick_seconds = max(2, math.ceil(8 * mean_seconds))
        options = {"tick_seconds": tick_seconds, "floor_price_fen": START_FEN - _STEPS_OF_CLOCK * STEP_FEN}
        # The last price stands for one tick too, so there is one more of them than there are steps.
        closes_at = opens_at + timedelta(seconds=(_STEPS_OF_CLOCK + 1) * tick_seconds)
        return {"format": "dutch", "options": options, "closes_at": closes_at.isoformat()}
    closes_at = opens_at + timedelta(seconds=seconds)
    if name == "automatic":
        return {"format": "english", "options": {"automatic": True}, "closes_at": closes_at.isoformat()}
    return {"format": "sealed_first_price", "min_bidders": 2, "closes_at": closes_at.isoformat()}


async def put_up(journey: Journey) -> None:
    """Three listings with a format each; what a format cannot be played by is refused; both buyers enter all three."""
    opens_at = await market_time(journey) + timedelta(seconds=6 + _REQUESTS_TO_ENTER * journey.mean_seconds)
    body = {
        "board": "demo",
        "description": "自检挂牌：专利与价格均为虚构，几秒后结束。",
        "start_price_fen": START_FEN,
        "step_fen": STEP_FEN,
        "deposit_fen": DEPOSIT_FEN,
        "opens_at": opens_at.isoformat(),
        "trigger_seconds": 5,
        "extension_seconds": 5,
        "priority_declared": True,
        **DECLARED,
    }
    for name in ("sealed", "automatic", "dutch"):
        patent_id = await _new_patent(journey, name)
        wanted = {**body, "patent_id": patent_id, **_terms(name, opens_at, journey.mean_seconds)}
        raffle = {**wanted, "format": "raffle"}
        await journey.seller.refused("POST", "listings", _WRONG, "terms-invalid", body=raffle)
        if name == "dutch":
            late = {**wanted, "closes_at": (opens_at + timedelta(days=1)).isoformat()}
            await journey.seller.refused("POST", "listings", _WRONG, "terms-invalid", body=late)
        listing = await journey.seller.post("listings", wanted)
        journey.ways[name] = WaySale(await _publish(journey, listing["id"]))
        for actor in (journey.first, journey.second):
            journey.ways[name].codes[actor.name] = await _enter(journey, actor, listing["id"], name)


async def _new_patent(journey: Journey, name: str) -> str:
    body = {
        "application_no": journey.new_application_no(),
        "title": f"演示专利：自检用的虚构装置 {journey.run} {name}",
        "filing_on": "2022-03-01",
        "ipc_main": "G05D23/19",
        "applicant": journey.seller.organisation_name,
    }
    return str((await journey.seller.post("patents", body))["id"])


async def _publish(journey: Journey, listing_id: str) -> str:
    path, reviewer = f"listings/{listing_id}", journey.desks["reviewer"]
    await journey.seller.post(f"{path}/submissions")
    await reviewer.post(f"{path}/reviews", {"decision": "accept"})
    return str((await reviewer.post(f"{path}/publications"))["auction_id"])


async def _enter(journey: Journey, actor: Actor, listing_id: str, name: str) -> str:
    rules = await journey.guest.get(f"auctions/{journey.ways[name].id}/rules")
    accepted = {"accept_rules_sha256": rules["sha256"]}
    intent = await actor.post(f"listings/{listing_id}/intents", accepted)
    path = f"intents/{intent['id']}"
    qualified = await journey.desks["reviewer"].post(f"{path}/qualifications", {"decision": "qualify"})
    line = bank_line(journey, actor)
    await journey.desks["finance"].post(f"deposits/{qualified['deposit']['id']}/receipts", line)
    return str((await actor.get(path))["bidder_code"])


def _request(kind: str, amount_fen: int | None = None, **members: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    amount = {} if amount_fen is None else {"amount_fen": amount_fen}
    return {"bid_id": str(uuid4()), "kind": kind, **amount, **members}


async def _bid(sale: WaySale, actor: Actor, request: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = await actor.post(f"auctions/{sale.id}/bids", request)
    sale.receipts.append({**answer, "auction_id": sale.id})
    return answer


def _secret(kind: str, amount_fen: int) -> dict[str, Any]:
    return _request(kind, amount_fen, key=secrets.token_hex(32))


async def seal(journey: Journey) -> None:
    """Envelopes go in, one is replaced; nobody else sees a number, a count or a frame move."""
    sale, path = journey.ways["sealed"], f"auctions/{journey.ways['sealed'].id}"
    before = await wait_for_status(journey.guest, sale.id, "open")
    low = _secret("seal", START_FEN - 1)
    await journey.first.refused("POST", f"{path}/bids", _WRONG, "bid-too-low", body=low)
    bare = _request("seal", START_FEN)
    await journey.first.refused("POST", f"{path}/bids", _WRONG, "request-invalid", body=bare)
    sale.price_fen, sale.winner = START_FEN + 9 * STEP_FEN + 1, sale.codes["second"]
    for actor, amount_fen in (
        (journey.first, START_FEN + 7 * STEP_FEN),
        (journey.second, START_FEN + STEP_FEN),
        (journey.second, sale.price_fen),
    ):
        answer = await _bid(sale, actor, _secret("seal", amount_fen))
        expect_equal(
            (answer["stream"], answer["amount_fen"]), ("own", None), "stream and amount of the answer"
        )
    after = await journey.guest.get(path)
    for name in ("number", "head_hash", "bid_count", "price_fen", "leader_code", "stage"):
        expect_equal(after[name], before[name], f"{name} for a guest")
    hosts = await journey.desks["host"].get(f"{path}/host-events", after=0)
    expect("seal" not in str(hosts), "nothing of envelopes on the host's stream", hosts)
    mine = await journey.first.get(path)
    expect(bool(mine["me"]["own"]["envelope"]), "the own envelope", mine["me"])


async def let_answer(journey: Journey) -> None:
    """Secret maxima: the first answers bids only as far as needed; of two equal ones the earlier leads at that price."""
    sale, path = journey.ways["automatic"], f"auctions/{journey.ways['automatic'].id}"
    await wait_for_status(journey.guest, sale.id, "open")
    await _bid(sale, journey.first, _secret("maximum", _GREAT_FEN))
    seen = await journey.guest.get(path)
    expect_equal((seen["price_fen"], seen["leader_code"]), (START_FEN, sale.codes["first"]), "first maximum")
    await _bid(sale, journey.second, _request("bid", START_FEN + 5 * STEP_FEN))
    seen = await journey.guest.get(path)
    expect_equal(seen["price_fen"], START_FEN + 6 * STEP_FEN, "price after the answer")
    expect_equal(seen["leader_code"], sale.codes["first"], "who leads still")
    await _bid(sale, journey.second, _secret("maximum", _GREAT_FEN))
    seen = await journey.guest.get(path)
    told = (_GREAT_FEN, sale.codes["first"])
    expect_equal((seen["price_fen"], seen["leader_code"]), told, "two equal maxima")
    lower = _secret("maximum", _GREAT_FEN - STEP_FEN)
    await journey.first.refused("POST", f"{path}/bids", _WRONG, body=lower)
    sale.price_fen, sale.winner = told


async def take(journey: Journey) -> None:
    """The price falls by the clock: a stale step is refused with both prices, the first to take it buys at once."""
    sale, path = journey.ways["dutch"], f"auctions/{journey.ways['dutch'].id}"
    await wait_for_status(journey.guest, sale.id, "open")
    for _ in range(_TRIES):
        seen = await journey.first.get(path)
        step, asking_fen = seen["detail"]["step"], seen["offer"]["limit_fen"]
        stale = _request("take", asking_fen + STEP_FEN, step=step + 1)
        problem = await journey.first.refused("POST", f"{path}/bids", _CONFLICT, "step-passed", body=stale)
        expect(str(asking_fen + STEP_FEN) in str(problem), "the price that was sent", problem)
        request = _request("take", asking_fen, step=step)
        response = await journey.first.send("POST", f"{path}/bids", json=request)
        if response.status_code != _CONFLICT:
            expect(response.is_success, "a take at the price of now", response.text)
            sale.receipts.append({**response.json(), "auction_id": sale.id})
            sale.price_fen, sale.winner = asking_fen, sale.codes["first"]
            late = _request("take", asking_fen, step=step)
            await journey.second.refused("POST", f"{path}/bids", _CONFLICT, "auction-over", body=late)
            return
        # The price fell between the look and the take: what the clock is for.
    expected = f"a take within {_TRIES} tries"
    raise StepFailedError(expected, "each time the price had fallen")


STEPS = (
    Step(
        "密封、自动出价、减价三场挂牌并入场；不能这样竞价的条件被拒",
        "a sealed sale, automatic bidding and a price clock listed and entered; unplayable terms are refused",
        put_up,
    ),
    Step(
        "减价：过时的价被拒并写明两个价，应价即成交",
        "a stale price is refused with both, a take buys at once",
        take,
    ),
    Step(
        "自动出价：只加到够领先为止，两个相同的上限先者领先",
        "automatic bidding goes as far as needed; of equal maxima the earlier leads",
        let_answer,
    ),
    Step(
        "密封报价：可以更换；别人看不到任何动静",
        "envelopes go in and are replaced; nobody else sees anything move",
        seal,
    ),
)
