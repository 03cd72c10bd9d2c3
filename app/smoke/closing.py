"""Steps: the worker closes the sale, the deal is confirmed, deposits are settled, the record is checked."""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from app.chain import canonical
from app.smoke.chain import check_chain, check_reserve
from app.smoke.listing import DEPOSIT_FEN, RESERVE_FEN, START_FEN, STEP_FEN
from app.smoke.steps import Step, StepFailedError, expect, expect_equal

if TYPE_CHECKING:
    from app.smoke.actor import Actor
    from app.smoke.journey import Journey

PRICE_FEN = START_FEN + 6 * STEP_FEN
_CLOSE_SECONDS, _AWARD_SECONDS, _PAUSE_SECONDS = 60, 60, 0.1


async def close(journey: Journey) -> None:
    """The close is seen by the guest as it happens; a bid after it is refused."""
    event = await journey.guest_watch.event(
        "the close", lambda item: item["kind"] == "auction_closed", _CLOSE_SECONDS
    )
    body = event["body"]
    expect_equal((body["outcome"], body["price_fen"]), ("sold", PRICE_FEN), "outcome and price")
    expect_equal(body["winner"], journey.codes["second"], "the winner's code")
    late = {"bid_id": str(uuid4()), "amount_fen": PRICE_FEN + STEP_FEN}
    path = f"auctions/{journey.auction_id}/bids"
    await journey.first.refused("POST", path, 409, "auction-over", body=late)
    for watch in (journey.guest_watch, journey.second_watch):
        await watch.leave()


async def verify(journey: Journey) -> None:
    """The chain of the public events is computed anew, and the reserve's opening fits its commitment."""
    found = await journey.guest.get(f"auctions/{journey.auction_id}/events", after=0, limit=1000)
    events = found["events"]
    head = check_chain(journey.auction_id, events)
    snapshot = await journey.guest.get(f"auctions/{journey.auction_id}")
    expect_equal((snapshot["number"], snapshot["head_hash"]), (len(events), head), "head of the stream")
    check_reserve(events, RESERVE_FEN)
    kinds = [event["kind"] for event in events]
    expect_equal(kinds[:2] + kinds[-1:], ["auction_scheduled", "auction_opened", "auction_closed"], "kinds")
    expect_equal(kinds.count("bid_accepted"), snapshot["bid_count"], "accepted bids")
    names = (journey.first.organisation_name, journey.second.organisation_name)
    expect(not any(name in str(events) for name in names), "no bidder's name in public events", "a name")


async def confirm(journey: Journey) -> None:
    """Winner, seller and desks see the deal confirmation; the loser and guests do not."""
    journey.deal = await _deal(journey, journey.second)
    path = f"deals/{journey.deal['id']}"
    for actor in (journey.seller, journey.second, *journey.desks.values()):
        seen = await actor.get(path)
        expect_equal(seen["price_fen"], PRICE_FEN, f"price for {actor.name}")
        digest = hashlib.sha256(canonical(seen["confirmation"]).encode()).hexdigest()
        expect_equal(digest, seen["confirmation_sha256"], "digest of the confirmation")
    expect_equal(journey.deal["buyer"]["name"], journey.second.organisation_name, "buyer")
    expect_equal(journey.deal["confirmation"]["bidder_code"], journey.codes["second"], "code")
    await journey.first.refused("GET", path, 404, "deal-missing")
    await journey.guest.refused("GET", path, 401)
    expect_equal((await journey.first.get("deals", mine=True))["items"], [], "the loser's deals")


async def _deal(journey: Journey, actor: Actor) -> dict[str, Any]:
    try:
        async with asyncio.timeout(_AWARD_SECONDS):
            while True:
                found = (await actor.get("deals", mine=True))["items"]
                for item in found:
                    if item["auction_id"] == journey.auction_id:
                        deal: dict[str, Any] = item
                        return deal
                await asyncio.sleep(_PAUSE_SECONDS)
    except TimeoutError:
        expected = f"a deal within {_AWARD_SECONDS} s of the close"
        raise StepFailedError(expected, "none") from None


async def settle(journey: Journey) -> None:
    """The loser's deposit is released, the winner's becomes part of the price; every transfer sums to zero."""
    finance = journey.desks["finance"]
    wanted = {
        "first": ("released", "lost", {"deposit_received", "deposit_released"}),
        "second": ("captured", "won", {"deposit_received", "deposit_captured"}),
    }
    for actor in (journey.first, journey.second):
        status, intent_status, kinds = wanted[actor.name]
        intent = await actor.get(f"intents/{journey.intents[actor.name]['id']}")
        expect_equal((intent["deposit"]["status"], intent["status"]), (status, intent_status), actor.name)
        deposit_id = intent["deposit"]["id"]
        transfers = (await finance.get("ledger/transfers", deposit_id=deposit_id))["items"]
        expect_equal({transfer["kind"] for transfer in transfers}, kinds, "kinds of transfer")
        for transfer in transfers:
            amounts = [entry["amount_fen"] for entry in transfer["entries"]]
            expect_equal((sum(amounts), max(amounts)), (0, DEPOSIT_FEN), "sum and amount of a transfer")
    await journey.seller.refused("GET", "ledger/transfers", 403, "not-permitted")


STEPS = (
    Step("后台按时结束竞价；结束后出价被拒", "the worker closes the sale; a bid after it is refused", close),
    Step(
        "复算公开事件的散列链，核对保留价承诺",
        "the public events' hash chain and the reserve's opening are checked",
        verify,
    ),
    Step(
        "成交确认书：竞得方、转让方、各岗位可见，未竞得方与游客不可见",
        "the deal confirmation is seen by winner, seller and desks, not by loser and guest",
        confirm,
    ),
    Step(
        "保证金释放与转作价款，分录合计为零",
        "deposits released and captured; entries sum to zero",
        settle,
    ),
)
