"""A step: an ordinary licence at its price is taken by both buyers, and its contract is a licence's."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from app.smoke.listing import DECLARED, START_FEN, market_time
from app.smoke.steps import Step, expect, expect_equal

if TYPE_CHECKING:
    from app.smoke.journey import Journey

_CONFLICT, _WRONG = 409, 422


async def license_to_many(journey: Journey) -> None:
    """Taken by two at one price; twice by one is refused, and so is a licence that outlives its patent."""
    now = await market_time(journey)
    patent = {
        "application_no": journey.new_application_no(),
        "title": f"演示专利：自检用的虚构许可标的 {journey.run}",
        "filing_on": "2022-03-01",
        "ipc_main": "G05D23/19",
        "applicant": journey.seller.organisation_name,
    }
    body = {
        "patent_id": (await journey.seller.post("patents", patent))["id"],
        "board": "demo",
        "description": "自检挂牌：普通许可，专利与价格均为虚构。",
        "rights": "ordinary",
        "method": "listed",
        "start_price_fen": START_FEN,
        "closes_at": (now + timedelta(days=1)).isoformat(),
        "territory": "CN",
        "field_of_use": "",
        "licence_from": now.date().isoformat(),
        "licence_to": (now.date() + timedelta(days=365)).isoformat(),
        "sublicence": False,
        **DECLARED,
    }
    beyond = {**body, "licence_to": "2042-03-01"}
    await journey.seller.refused("POST", "listings", _WRONG, "licence-beyond-patent", body=beyond)
    listing = await journey.seller.post("listings", body)
    path, reviewer = f"listings/{listing['id']}", journey.desks["reviewer"]
    await journey.seller.post(f"{path}/submissions")
    await reviewer.post(f"{path}/reviews", {"decision": "accept"})
    published = await reviewer.post(f"{path}/publications")
    accepted = {"accept_terms_sha256": published["licence_terms_sha256"]}
    deals = [await actor.post(f"{path}/licences", accepted) for actor in (journey.first, journey.second)]
    expect_equal({deal["price_fen"] for deal in deals}, {START_FEN}, "the price of each")
    await journey.first.refused("POST", f"{path}/licences", _CONFLICT, "licence-already-taken", body=accepted)
    seen = await journey.guest.get(path)
    expect_equal(seen["status"], "listed", "the listing stays open")
    contract = await journey.first.post("contracts", {"deal_id": deals[0]["id"]})
    document = contract["document"]
    expect_equal(document["contract_type"], "licence", "kind of contract")
    expect(document["licence"]["kind"] == "ordinary", "an ordinary licence", document["licence"])


STEPS = (
    Step(
        "普通许可按挂牌价许可两家；重复办理、期限超过专利期的被拒",
        "an ordinary licence at its price is taken by two; twice by one, or beyond the patent's term, is refused",
        license_to_many,
    ),
)
