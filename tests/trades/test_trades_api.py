"""The way from the listing to the deal through the API, and what it refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.accounts.permissions import Role, Scope
from app.accounts.queries import get_organisation
from app.ids import uuid7
from app.trades.award import award_auction
from app.trades.models import Listing
from app.trades.queries import find_intent
from tests.make_accounts import headers_of, make_caller, token_headers
from tests.make_trades import close_sale, make_buyer, make_offer, make_patent_of, make_seller

if TYPE_CHECKING:
    from uuid import UUID

    from httpx2 import AsyncClient

    from app.accounts.caller import Caller
    from app.db import Database, Session

API = "/api/v1"


async def offer_body(session: Session, /, seller: Caller, **over: Any) -> dict[str, Any]:
    """A body for POST /listings."""
    patent = await make_patent_of(session, seller.organisation_id)
    offer = await make_offer(session, patent.id)
    body = {
        "patent_id": str(patent.id),
        "description": offer.description,
        "start_price_fen": offer.start_price_fen,
        "step_fen": offer.step_fen,
        "deposit_fen": offer.deposit_fen,
        "reserve_price_fen": 12_000_000,
        "opens_at": (offer.opens_at or offer.closes_at).isoformat(),
        "closes_at": offer.closes_at.isoformat(),
        "priority_declared": True,
        "rights_declared": True,
        "secrecy_reviewer": "科研处（虚构）",
        "secrecy_on": "2026-01-05",
        "secrecy_result": "public",
    }
    return {**body, **over}


async def post(
    client: AsyncClient,
    path: str,
    headers: dict[str, str],
    body: dict[str, Any] | None = None,
    status: int = 201,
) -> Any:
    answer = await client.post(f"{API}{path}", json=body, headers=headers)
    assert answer.status_code == status, answer.text
    return answer.json()


async def get(
    client: AsyncClient, path: str, headers: dict[str, str] | None = None, status: int = 200
) -> Any:
    answer = await client.get(f"{API}{path}", headers=headers)
    assert answer.status_code == status, answer.text
    return answer.json()


async def publish(client: AsyncClient, db: Database, seller: Caller) -> Any:
    """A listing brought to publication by the API."""
    desk, own = await token_headers(db, Role.REVIEWER), await headers_of(db, seller)
    listing = await post(client, "/listings", own, await db.write(offer_body, seller))
    await post(client, f"/listings/{listing['id']}/submissions", own)
    checks = await get(client, f"/listings/{listing['id']}/review-checks", desk)
    assert {check["outcome"] for check in checks["items"]} == {"pass", "look"}
    await post(client, f"/listings/{listing['id']}/reviews", desk, {"decision": "accept"})
    return await post(client, f"/listings/{listing['id']}/publications", desk)


async def qualify(client: AsyncClient, db: Database, listing: Any, buyer: Caller) -> tuple[Any, Any]:
    """A buyer's intent that the desk has qualified, and the deposit that is due for it."""
    buys, desk = await headers_of(db, buyer), await token_headers(db, Role.REVIEWER)
    rules = await get(client, f"/auctions/{listing['auction_id']}/rules")
    body = {"accept_rules_sha256": rules["sha256"]}
    intent = await post(client, f"/listings/{listing['id']}/intents", buys, body)
    assert intent["status"] == "submitted"
    queue = await get(client, "/intents?status=submitted", desk)
    assert [item["id"] for item in queue["items"]] == [intent["id"]]
    await post(client, f"/intents/{intent['id']}/qualifications", desk, {"decision": "qualify"})
    (due,) = (await get(client, "/deposits?status=due", buys))["items"]
    assert due["pay_to"]["remark"] == due["reference"]
    assert due["amount_capital"] == "人民币壹万元整"
    return intent, due


async def pay(client: AsyncClient, finance: dict[str, str], due: Any, payer_name: str) -> None:
    """Finance finds the deposit by the reference on the bank form and confirms it, once and with the right amount."""
    typed = f" {due['reference'][2:6]}-{due['reference'][6:]} "
    (found,) = (await get(client, f"/deposits?reference={typed}", finance))["items"]
    path = f"/deposits/{found['id']}/receipts"
    line = {
        "amount_fen": due["amount_fen"],
        "payer_name": payer_name,
        "bank_reference": "20261122000187",
        "received_on": "2026-01-05",
    }
    wrong = await post(client, path, finance, {**line, "amount_fen": 5}, 422)
    assert wrong["code"] == "receipt-differs-from-deposit"
    assert (wrong["due_fen"], wrong["amount_fen"]) == (1_000_000, 5)
    held = await post(client, path, finance, line)
    assert (held["status"], held["receipt"]["bank_reference"]) == ("held", "20261122000187")
    again = await post(client, path, finance, line, 409)
    assert again["code"] == "deposit-state-forbids"


async def test_a_reserve_is_shown_to_its_seller_only(client: AsyncClient, db: Database) -> None:
    seller = await db.write(make_seller)
    listing = await publish(client, db, seller)
    assert (listing["status"], listing["has_reserve"], listing["reserve_price_fen"]) == ("listed", True, None)
    public = await get(client, f"/listings/{listing['id']}")
    assert (public["reserve_price_fen"], public["auction"]["status"]) == (None, "scheduled")
    own = await get(client, f"/listings/{listing['id']}", await headers_of(db, seller))
    assert own["reserve_price_fen"] == 12_000_000


async def test_the_journey_from_listing_to_deal(client: AsyncClient, db: Database) -> None:
    seller, buyer = await db.write(make_seller), await db.write(make_buyer)
    listing = await publish(client, db, seller)
    intent, due = await qualify(client, db, listing, buyer)
    finance, desk = await token_headers(db, Role.FINANCE), await token_headers(db, Role.REVIEWER)
    await pay(client, finance, due, buyer.organisation_name)
    buys = await headers_of(db, buyer)
    mine = await get(client, f"/intents/{intent['id']}", buys)
    assert mine["status"] == "admitted"
    assert mine["bidder_code"]
    assert (await get(client, f"/intents/{intent['id']}", desk))["bidder_code"] is None

    await db.write(_close, listing["id"], buyer.organisation_id)
    (deal,) = (await get(client, "/deals", await headers_of(db, seller)))["items"]
    assert (deal["my_side"], deal["buyer"]["name"]) == ("seller", buyer.organisation_name)
    assert deal["remaining_fen"] == deal["price_fen"] - 1_000_000
    assert (await get(client, f"/deals/{deal['id']}", buys))["confirmation"]["deal_no"] == deal["deal_no"]
    sold = await get(client, f"/listings/{listing['id']}", desk)
    assert (sold["status"], sold["reserve_price_fen"]) == ("sold", 12_000_000)
    assert (await get(client, f"/intents/{intent['id']}", desk))["bidder_code"] == mine["bidder_code"]
    supervisor = await token_headers(db, Role.SUPERVISOR)
    accounts = (await get(client, "/ledger/accounts", supervisor))["items"]
    assert sum(account["balance_fen"] for account in accounts) == 0
    transfers = (await get(client, f"/ledger/transfers?deposit_id={due['id']}", finance))["items"]
    assert [item["kind"] for item in transfers] == ["deposit_captured", "deposit_received"]
    assert all(sum(entry["amount_fen"] for entry in item["entries"]) == 0 for item in transfers)


async def _close(session: Session, listing_id: UUID, buyer_id: UUID) -> None:
    listing = await session.get_one(Listing, listing_id)
    intent = await find_intent(session, listing.id, buyer_id)
    auction_id = listing.auction_id
    await close_sale(session, listing, intent, 12_800_000)
    await award_auction(session, {"auction_id": str(auction_id)})


async def test_a_creation_sent_twice_makes_one_listing(client: AsyncClient, db: Database) -> None:
    seller = await db.write(make_seller)
    headers = {**await headers_of(db, seller), "Idempotency-Key": "once"}
    body = await db.write(offer_body, seller)
    first = await post(client, "/listings", headers, body)
    assert (await post(client, "/listings", headers, body))["id"] == first["id"]
    other = await post(client, "/listings", headers, {**body, "step_fen": 5}, 422)
    assert other["code"] == "idempotency-key-reused"
    assert len((await get(client, "/listings?mine=true", headers))["items"]) == 1


async def test_a_draft_is_changed_by_its_seller_only(client: AsyncClient, db: Database) -> None:
    seller = await db.write(make_seller)
    own = await headers_of(db, seller)
    listing = await post(client, "/listings", own, await db.write(offer_body, seller))
    path = f"{API}/listings/{listing['id']}"
    changed = await client.patch(
        path, json={"reserve_price_fen": None, "step_fen": 200_000, "version": 1}, headers=own
    )
    assert changed.status_code == 200
    assert (changed.json()["has_reserve"], changed.json()["step_fen"], changed.json()["version"]) == (
        False,
        200_000,
        2,
    )
    stale = await client.patch(path, json={"step_fen": 1, "version": 1}, headers=own)
    assert (stale.status_code, stale.json()["code"]) == (409, "listing-changed")
    high = await client.patch(path, json={"deposit_fen": 3_000_001}, headers=own)
    assert (high.status_code, high.json()["maximum_fen"], high.json()["percent"]) == (422, 3_000_000, "30")
    assert (await client.patch(path, json={"step_fen": 1})).status_code == 401
    stranger = await headers_of(db, await db.write(make_seller))
    assert (await client.patch(path, json={"step_fen": 1}, headers=stranger)).status_code == 404
    narrow = await headers_of(db, seller, [Scope.READ])
    assert (await client.patch(path, json={"step_fen": 1}, headers=narrow)).status_code == 403


async def test_what_is_no_amount_is_refused_before_anything_happens(
    client: AsyncClient, db: Database
) -> None:
    seller = await db.write(make_seller)
    own, body = await headers_of(db, seller), await db.write(offer_body, seller)
    for over in (
        {"start_price_fen": 1.5},
        {"start_price_fen": "100"},
        {"start_price_fen": 2**53},
        {"start_price_fen": 0},
        {"step_fen": True},
        {"opens_at": "2026-12-01T01:00:00"},
        {"unknown": 1},
        {"description": "本项目公开拍卖，欢迎参加报名。"},
        {"board": "futures"},
        {"rights": "ordinary_licence"},
    ):
        await post(client, "/listings", own, {**body, **over}, 422)
    assert (await get(client, "/listings?mine=true", own))["items"] == []


async def test_a_refusal_speaks_the_callers_language(client: AsyncClient, db: Database) -> None:
    seller = await db.write(make_seller)
    own = await headers_of(db, seller)
    listing = await post(client, "/listings", own, await db.write(offer_body, seller))
    desk = await token_headers(db, Role.REVIEWER)
    body = {"decision": "accept"}
    zh = await post(client, f"/listings/{listing['id']}/reviews", desk, body, 409)
    en = await post(
        client, f"/listings/{listing['id']}/reviews", {**desk, "Accept-Language": "en"}, body, 409
    )
    assert zh["detail"] == "挂牌现在是“草稿”，不能受理。现在可以：修改、提交审核。"
    assert en["detail"] == (
        "The listing is a draft now and cannot be accepted. What is possible now: changed, submitted."
    )


async def test_who_is_kept_out(client: AsyncClient, db: Database) -> None:
    seller = await db.write(make_seller)
    listing = await publish(client, db, seller)
    rules = await get(client, f"/auctions/{listing['auction_id']}/rules")
    body = {"accept_rules_sha256": rules["sha256"]}

    async def colleague(session: Session) -> Caller:
        own = await get_organisation(session, seller.organisation_id)
        return await make_caller(session, Role.BIDDER, organisation=own)

    path = f"/listings/{listing['id']}/intents"
    refused = await post(client, path, await headers_of(db, await db.write(colleague)), body, 403)
    assert refused["code"] == "seller-may-not-buy"
    refused = await post(client, path, await token_headers(db, Role.HOST), body, 403)
    assert refused["code"] == "exchange-may-not-buy"
    await post(client, path, {}, body, 401)
    for path in (
        "/intents",
        "/deposits",
        "/deals",
        "/ledger/accounts",
        "/ledger/transfers",
        "/listings?mine=true",
    ):
        await get(client, path, status=401)
    buyer = await token_headers(db, Role.BIDDER)
    for path in ("/ledger/accounts", "/ledger/transfers"):
        await get(client, path, buyer, 403)
    for path in ("/intents", "/deposits", "/deals", "/listings"):
        await get(client, f"{path}/{uuid7()}", buyer, 404)


async def test_lists_are_paged_without_a_gap(client: AsyncClient, db: Database) -> None:
    seller = await db.write(make_seller)
    own = await headers_of(db, seller)
    made = [
        (await post(client, "/listings", own, await db.write(offer_body, seller)))["id"] for _ in range(3)
    ]
    seen: list[str] = []
    cursor = ""
    while True:
        page = await get(client, f"/listings?mine=true&limit=2{cursor}", own)
        seen += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == made[::-1]
    await get(client, "/listings?cursor=xx", own, 422)
