"""Steps: the patent is listed, reviewed, returned, mended, accepted and published."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from app.smoke.steps import Step, expect, expect_equal

if TYPE_CHECKING:
    from app.smoke.journey import Journey

START_FEN, STEP_FEN, DEPOSIT_FEN = 10_000_000, 100_000, 1_000_000
RESERVE_FEN = START_FEN + 3 * STEP_FEN
EXTENSION_SECONDS = 5
DECLARED = {
    "rights_declared": True,
    "secrecy_reviewer": "自检审查人（虚构）",
    "secrecy_on": "2025-01-06",
    "secrecy_result": "public",
}
_REASON = "自检：请补充应用场景。"
_REQUESTS_BEFORE_OPENING, _REQUESTS_WHILE_OPEN = 25, 60


def periods(journey: Journey, now: datetime) -> dict[str, Any]:
    """Periods of seconds as the demonstration's board allows them, longer where requests take long."""
    opens_at = now + timedelta(seconds=2 + _REQUESTS_BEFORE_OPENING * journey.mean_seconds)
    closes_at = opens_at + timedelta(
        seconds=4 + EXTENSION_SECONDS + _REQUESTS_WHILE_OPEN * journey.mean_seconds
    )
    hard_end_at = closes_at + timedelta(seconds=4 * EXTENSION_SECONDS)
    moments = {"opens_at": opens_at, "closes_at": closes_at, "hard_end_at": hard_end_at}
    return {
        **{name: moment.isoformat() for name, moment in moments.items()},
        "trigger_seconds": EXTENSION_SECONDS,
        "extension_seconds": EXTENSION_SECONDS,
    }


async def market_time(journey: Journey) -> datetime:
    """The market's time."""
    return datetime.fromisoformat((await journey.guest.get("market"))["server_time"])


async def draft(journey: Journey) -> None:
    """Drafts a listing on the demonstration's board; an expired patent and another's are refused."""
    body = {
        "patent_id": journey.patent["id"],
        "board": "demo",
        "description": "自检挂牌：专利与价格均为虚构，几秒后结束。",
        "encumbrances": "无（虚构）。",
        "start_price_fen": START_FEN,
        "step_fen": STEP_FEN,
        "deposit_fen": DEPOSIT_FEN,
        "reserve_price_fen": RESERVE_FEN,
        **periods(journey, await market_time(journey) + timedelta(minutes=5)),
    }
    expired = {**body, "patent_id": journey.expired_patent_id}
    await journey.seller.refused("POST", "listings", 422, "patent-expired", body=expired)
    await journey.first.refused("POST", "listings", 404, "patent-missing", body=body)
    too_much = {**body, "deposit_fen": START_FEN}
    await journey.seller.refused("POST", "listings", 422, "deposit-too-high", body=too_much)
    journey.listing = await journey.seller.post("listings", body)
    expect_equal(journey.listing["status"], "draft", "status")
    expect(journey.listing["is_demonstration"], "the demonstration's mark", journey.listing)
    await journey.guest.refused("GET", f"listings/{journey.listing['id']}", 404)


async def review(journey: Journey) -> None:
    """The seller may not review; the reviewer returns with a reason, which the seller reads."""
    path = f"listings/{journey.listing['id']}"
    reviewer = journey.desks["reviewer"]
    await journey.seller.refused("POST", f"{path}/submissions", 422, "priority-not-answered")
    await journey.seller.patch(path, {"priority_declared": True})
    await journey.seller.refused("POST", f"{path}/submissions", 422, "rights-not-declared")
    await journey.seller.patch(path, {"rights_declared": True})
    await journey.seller.refused("POST", f"{path}/submissions", 422, "secrecy-review-missing")
    classified = {**DECLARED, "secrecy_result": "classified"}
    await journey.seller.refused("PATCH", path, 422, "secret-not-here", body=classified)
    await journey.seller.patch(path, DECLARED)
    await journey.seller.post(f"{path}/submissions")
    accept = {"decision": "accept"}
    await journey.seller.refused("POST", f"{path}/reviews", 403, "not-permitted", body=accept)
    await journey.desks["finance"].refused("POST", f"{path}/reviews", 403, "not-permitted", body=accept)
    await reviewer.refused(
        "POST", f"{path}/reviews", 422, "text-out-of-range", body={"decision": "return", "reason": ""}
    )
    await reviewer.post(f"{path}/reviews", {"decision": "return", "reason": _REASON})
    found = await journey.seller.get(path)
    expect_equal((found["status"], found["review_reason"]), ("returned", _REASON), "status and reason")


async def publish(journey: Journey) -> None:
    """The seller mends and submits again; the reviewer sees the computed checks, accepts and publishes."""
    path = f"listings/{journey.listing['id']}"
    reviewer = journey.desks["reviewer"]
    change = {"description": "自检挂牌：专利与价格均为虚构。用于冷链箱的温控装置，几秒后结束。"}
    await journey.seller.patch(path, {**change, **periods(journey, await market_time(journey))})
    await journey.seller.post(f"{path}/submissions")
    checks = (await reviewer.get(f"{path}/review-checks"))["items"]
    failed = [check["key"] for check in checks if check["outcome"] == "fail"]
    expect(len(checks) > 0 and not failed, "computed checks without a failed one", failed)
    await reviewer.post(f"{path}/reviews", {"decision": "accept"})
    journey.listing = await reviewer.post(f"{path}/publications")
    journey.auction_id = journey.listing["auction_id"]
    seen = await journey.guest.get(path)
    expect_equal((seen["status"], seen["reserve_price_fen"]), ("listed", None), "public status and reserve")
    expect(seen["has_reserve"], "has_reserve", seen)
    own = await journey.seller.get(path)
    expect_equal(own["reserve_price_fen"], RESERVE_FEN, "the seller's own reserve")


STEPS = (
    Step(
        "挂牌草稿；过期专利、他人专利、过高保证金被拒",
        "draft a listing; an expired patent, another's, too high a deposit are refused",
        draft,
    ),
    Step(
        "未说明优先受让权、权利状况、保密审查不能提交，涉密的不收；转让方自审、他岗审核被拒；附理由退回",
        "without priority, rights and secrecy answered it is not submitted; the seller's own review and another desk's are refused; returned",
        review,
    ),
    Step(
        "修改后再提交，受理并发布；保留价不公开",
        "mended, accepted and published; the reserve stays hidden",
        publish,
    ),
)
