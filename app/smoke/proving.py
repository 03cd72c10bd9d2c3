"""Steps: the three sales end, and the records of all four are verified by the rules alone."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from app.auction.protocol.trust import read_keys
from app.auction.protocol.verifying import verify
from app.smoke.steps import Step, expect, expect_equal
from app.smoke.waiting import wait_for_status

if TYPE_CHECKING:
    from app.auction.protocol.verifying import Report
    from app.smoke.journey import Journey

_PDF = b"%PDF-"


async def end(journey: Journey) -> None:
    """Each sale ends with the winner and the price that its rules give; envelopes and maxima are opened only now."""
    for name, sale in journey.ways.items():
        seen = await wait_for_status(journey.guest, sale.id, "sold", "unsold", "void")
        expect_equal(seen["status"], "sold", f"status of the {name} sale")
        result = seen["result"]
        expect_equal((result["price_fen"], result["winner_code"]), (sale.price_fen, sale.winner), name)
    sealed = (await journey.guest.get(f"auctions/{journey.ways['sealed'].id}"))["result"]["record"]
    opened = {item["bidder"] for item in sealed["openings"]}
    expect_equal(opened, set(journey.ways["sealed"].codes.values()), "whose envelopes were opened")


async def verify_all(journey: Journey) -> None:
    """Each record holds with the exchange's published keys and the bidders' receipts; one altered amount is found."""
    keys = read_keys(await journey.guest.get("signing-keys"))
    receipts = {sale.id: sale.receipts for sale in journey.ways.values()} | {journey.auction_id: []}
    for auction_id, kept in receipts.items():
        bundle = await journey.guest.get(f"auctions/{auction_id}/bundle")
        report = verify(bundle, keys, kept)
        expect(report.holds, f"a record that holds ({bundle['auction_id']})", _findings(report))
        paper = await journey.guest.send("GET", f"auctions/{auction_id}/protocol.pdf")
        expect(paper.content.startswith(_PDF), "the readable record as PDF", paper.status_code)
        expect(not verify(_altered(bundle), keys, kept).holds, "an altered record named", "it holds")


def _altered(bundle: dict[str, Any]) -> dict[str, Any]:
    """The same record with a later price in its result: what somebody would like to have been."""
    altered = copy.deepcopy(bundle)
    altered["result"]["price_fen"] += 1
    return altered


def _findings(report: Report) -> str:
    return "; ".join(item.text("zh") for item in report.findings)


STEPS = (
    Step("三场结束：竞得方与价款和规则一致", "the three sales end as their rules say", end),
    Step(
        "四场的竞价记录连同回执逐一核验成立，改动一处即不成立",
        "the four records verify with the bidders' receipts; one changed amount does not",
        verify_all,
    ),
)
