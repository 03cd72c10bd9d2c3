"""Steps: bids by POST and by socket, refusals, the soft close, and a cut connection that heals."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from app.smoke.listing import EXTENSION_SECONDS, START_FEN, STEP_FEN
from app.smoke.steps import Step, StepFailedError, expect, expect_equal
from app.smoke.watching import Watcher

if TYPE_CHECKING:
    from app.smoke.journey import Journey

_OPENING_SECONDS = 60
_FORBIDDEN = 403
_HUGE_FEN = 10**18
_EARLY = ("auction-not-open", "bid-too-low")


def _bids(journey: Journey) -> str:
    return f"auctions/{journey.auction_id}/bids"


def _bid(amount_fen: object, bid_id: str | None = None) -> dict[str, Any]:
    return {"bid_id": bid_id or str(uuid4()), "amount_fen": amount_fen}


async def watch(journey: Journey) -> None:
    """A guest watches by socket; another site's page may not; the opening is seen as it happens."""
    origin = f"{journey.base_url.replace('http', 'ws', 1)}/api/v1/auctions/{journey.auction_id}/socket"
    try:
        await connect(origin, origin="http://another.example", proxy=None)  # type: ignore[arg-type]
    except InvalidStatus as refusal:
        expect_equal(refusal.response.status_code, _FORBIDDEN, "a socket of another site")
    else:
        expected = "a refused socket of another site"
        raise StepFailedError(expected, "an open socket")
    journey.guest_watch = Watcher(journey.guest, journey.auction_id)
    snapshot = await journey.guest_watch.join()
    expect_equal((snapshot["me"], snapshot["start_price_fen"]), (None, START_FEN), "a guest's snapshot")
    journey.second_watch = Watcher(journey.second, journey.auction_id)
    own = await journey.second_watch.join()
    expect_equal(own["me"]["bidder_code"], journey.codes["second"], "own code")
    if snapshot["status"] == "scheduled":
        # Low on purpose: should the sale open just now, this bid is refused all the same.
        early = await journey.first.send("POST", _bids(journey), json=_bid(START_FEN - STEP_FEN))
        expect(early.json()["code"] in _EARLY, f"one of {_EARLY} before the opening", early.text)
        await journey.guest_watch.event(
            "the opening", lambda event: event["kind"] == "auction_opened", _OPENING_SECONDS
        )


async def refuse_by_post(journey: Journey) -> None:
    """What is low, off the step, no whole number or too large is refused, each with what would be right."""
    first = journey.first
    low = await first.refused("POST", _bids(journey), 422, "bid-too-low", body=_bid(START_FEN - STEP_FEN))
    expect_equal(low["minimum_fen"], START_FEN, "minimum_fen")
    off = await first.refused("POST", _bids(journey), 422, "bid-off-step", body=_bid(START_FEN + 1))
    expect_equal((off["below_fen"], off["above_fen"]), (START_FEN, START_FEN + STEP_FEN), "nearest amounts")
    for amount in (START_FEN + 0.5, str(START_FEN), _HUGE_FEN, -START_FEN):
        await first.refused("POST", _bids(journey), 422, "request-invalid", body=_bid(amount))
    await journey.seller.refused("POST", _bids(journey), 403, "seller-may-not-bid", body=_bid(START_FEN))
    host = journey.desks["host"]
    await host.refused("POST", _bids(journey), 403, "exchange-may-not-bid", body=_bid(START_FEN))
    await journey.guest.refused("POST", _bids(journey), 401, body=_bid(START_FEN))
    await journey.outsider.refused("POST", _bids(journey), 403, "token-too-narrow", body=_bid(START_FEN))


async def bid_by_post(journey: Journey) -> None:
    """The first bid by POST; the same id gets the same answer, with another amount it is refused."""
    first, bid = journey.first, _bid(START_FEN)
    answer = await first.post(_bids(journey), bid)
    expect_equal(await first.post(_bids(journey), bid), answer, "the same answer")
    other = _bid(START_FEN + STEP_FEN, bid["bid_id"])
    await first.refused("POST", _bids(journey), 409, "bid-id-reused", body=other)
    expect_equal(await first.get(f"{_bids(journey)}/{bid['bid_id']}"), answer, "the bid's outcome")
    refused = _bid(START_FEN)
    problem = await first.refused("POST", _bids(journey), 422, "bid-too-low", body=refused)
    again = await first.refused("POST", _bids(journey), 422, "bid-too-low", body=refused)
    expect_equal(again["minimum_fen"], problem["minimum_fen"], "the first refusal again")
    event = await journey.guest_watch.event("the bid", lambda item: item["number"] == answer["number"])
    expect_equal(event["hash"], answer["hash"], "the receipt's hash")
    expect_equal(event["body"]["bidder"], journey.codes["first"], "only the code is seen")
    expect(first.organisation_name not in str(journey.guest_watch.frames), "no name before the close", event)


async def bid_by_socket(journey: Journey) -> None:
    """The second buyer outbids by socket: the same operation, ids and refusals as by POST."""
    watch = journey.second_watch
    low = await watch.bid(START_FEN)
    expect_equal((low["ok"], low["problem"]["code"]), (False, "bid-too-low"), "a low bid by socket")
    await watch.send("this is no frame")
    error = await watch.wait("an error frame", lambda frame: frame["type"] == "error")
    expect_equal(error["problem"]["code"], "frame-malformed", "a malformed frame")
    bid_id = str(uuid4())
    answer = await watch.bid(START_FEN + STEP_FEN, bid_id)
    expect(answer["ok"], "an accepted bid by socket", answer)
    by_post = await journey.second.post(_bids(journey), _bid(START_FEN + STEP_FEN, bid_id))
    expect_equal((by_post["number"], by_post["hash"]), (answer["number"], answer["hash"]), "one answer")
    outbid = await journey.first.get(f"auctions/{journey.auction_id}")
    expect_equal((outbid["me"]["leading"], outbid["leader_code"]), (False, journey.codes["second"]), "outbid")
    expect_equal(outbid["offer"]["limit_fen"], START_FEN + 2 * STEP_FEN, "next acceptable bid")
    expect(outbid["reserve_met"] is False, "the reserve not met", outbid["reserve_met"])


async def extend(journey: Journey) -> None:
    """A bid in the last seconds moves the end to its own time plus the extension."""
    snapshot = await journey.first.get(f"auctions/{journey.auction_id}")
    before = datetime.fromisoformat(snapshot["ends_at"])
    left = (before - datetime.fromisoformat(snapshot["server_time"])).total_seconds()
    await asyncio.sleep(max(0.0, left - EXTENSION_SECONDS / 2))
    answer = await journey.first.post(_bids(journey), _bid(START_FEN + 2 * STEP_FEN))
    ends_at, judged_at = (datetime.fromisoformat(answer[name]) for name in ("ends_at", "official_at"))
    expect(ends_at > before, f"an end after {before}", ends_at)
    expect_equal((ends_at - judged_at).total_seconds(), EXTENSION_SECONDS, "extension")
    after = await journey.guest.get(f"auctions/{journey.auction_id}")
    expect(after["extension_count"] > 0, "extension_count", after["extension_count"])


async def heal(journey: Journey) -> None:
    """A connection that is cut comes back behind its last number and misses nothing."""
    watch = journey.second_watch
    await watch.event(
        "the extending bid", lambda event: event["body"].get("amount_fen") == START_FEN + 2 * STEP_FEN
    )
    seen = watch.cut()
    answer = await journey.first.post(_bids(journey), _bid(START_FEN + 4 * STEP_FEN))
    await watch.join(after=seen)
    missed = await watch.event("the missed bid", lambda event: event["number"] == answer["number"])
    expect_equal(missed["hash"], answer["hash"], "hash of the missed bid")
    won = await watch.bid(START_FEN + 6 * STEP_FEN)
    expect(won["ok"], "an accepted bid after the return", won)
    snapshot = await journey.second.get(f"auctions/{journey.auction_id}")
    expect_equal((snapshot["me"]["leading"], snapshot["reserve_met"]), (True, True), "leading, reserve met")


STEPS = (
    Step(
        "旁观者与买方接入直播，外站来源被拒，看到开场",
        "a guest and a buyer watch by socket, a foreign origin is refused, the opening is seen",
        watch,
    ),
    Step(
        "过低、不在档、小数、过大、转让方、交易所、游客、窄令牌出价被拒",
        "low, off-step, fractional, huge bids, and bids of seller, exchange, guest, narrow token are refused",
        refuse_by_post,
    ),
    Step(
        "接口出价：同号同价同一应答，同号异价被拒",
        "a bid by POST: the same id gets the same answer, another amount is refused",
        bid_by_post,
    ),
    Step("直播连接出价并超越", "a bid by socket takes the lead", bid_by_socket),
    Step("结束前出价，时间延长", "a late bid extends the end", extend),
    Step("断线后续接，不缺一条", "a cut connection heals without a gap", heal),
)
