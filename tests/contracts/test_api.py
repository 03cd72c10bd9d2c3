"""From the deal to the verified certificate through the API, and what each kind of caller is told."""

from __future__ import annotations

import hashlib
import json
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from app.accounts.models import Organisation
from app.accounts.permissions import Role, Scope
from app.tasks import keep_due_task
from tests.make_accounts import caller_for, make_organisation, make_person, make_token, signed_in_client
from tests.make_trades import make_deal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from httpx2 import AsyncClient

    from app.db import Database, Session
    from tests.make_accounts import SignedInClient

API = "/api/v1"


@dataclass
class Market:
    """A confirmed deal, and the people around it signed in."""

    deal_id: str
    guest: AsyncClient
    seller: AsyncClient
    buyer: AsyncClient
    stranger: AsyncClient
    registrar: AsyncClient
    supervisor: AsyncClient
    finance: AsyncClient
    seller_in: SignedInClient


@pytest.fixture
async def market(db: Database, client: AsyncClient) -> AsyncIterator[Market]:
    async def organisations(session: Session) -> list[Organisation]:
        return [await make_organisation(session) for _ in range(2)]

    selling, buying = await db.write(organisations)
    async with AsyncExitStack() as stack:

        async def enter(*roles: Role, organisation: Organisation | None = None) -> SignedInClient:
            return await stack.enter_async_context(
                signed_in_client(client, db, *roles, organisation=organisation)
            )

        seller = await enter(Role.SELLER, Role.SIGNATORY, organisation=selling)
        buyer = await enter(Role.BIDDER, Role.SIGNATORY, organisation=buying)

        async def deal(session: Session) -> str:
            return str((await make_deal(session, seller=seller.caller, buyer=buyer.caller)).id)

        yield Market(
            deal_id=await db.write(deal),
            guest=client,
            seller=seller.http,
            buyer=buyer.http,
            stranger=(await enter(Role.SELLER, Role.BIDDER, Role.SIGNATORY)).http,
            registrar=(await enter(Role.REGISTRAR)).http,
            supervisor=(await enter(Role.SUPERVISOR)).http,
            finance=(await enter(Role.FINANCE)).http,
            seller_in=seller,
        )


async def post(http: AsyncClient, path: str, body: dict[str, Any], expected: int = 201) -> dict[str, Any]:
    answer = await http.post(API + path, json=body)
    assert answer.status_code == expected, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def get(http: AsyncClient, path: str, expected: int = 200) -> dict[str, Any]:
    answer = await http.get(API + path)
    assert answer.status_code == expected, answer.text
    found: dict[str, Any] = answer.json()
    return found


def application(contract: dict[str, Any], **over: Any) -> dict[str, Any]:
    return {
        "contract_id": contract["id"],
        "contract_type": "transfer",
        "subtype": "patent",
        "total_fen": contract["price_fen"],
        "tech_fen": contract["price_fen"],
        "tech_field": "先进制造",
        **over,
    }


async def contract_in_force(market: Market) -> dict[str, Any]:
    contract = await post(market.seller, "/contracts", {"deal_id": market.deal_id})
    signature = {"document_sha256": contract["document_sha256"]}
    await post(market.seller, f"/contracts/{contract['id']}/signatures", signature)
    return await post(market.buyer, f"/contracts/{contract['id']}/signatures", signature)


async def keep_tasks(db: Database) -> None:
    while await db.write(keep_due_task):
        pass


async def test_a_deal_becomes_a_registered_contract_with_a_verified_certificate(
    market: Market, db: Database
) -> None:
    contract = await contract_in_force(market)
    assert contract["status"] == "in_force"
    assert {signature["side"] for signature in contract["signatures"]} == {"seller", "buyer"}
    registration = await post(market.seller, "/registrations", application(contract))
    assert (registration["status"], registration["checks"]) == ("submitted", [])
    seen = await get(market.registrar, f"/registrations/{registration['id']}")
    assert {check["outcome"] for check in seen["checks"]} == {"pass"}
    decided = await post(
        market.registrar, f"/registrations/{registration['id']}/decisions", {"decision": "approve"}
    )
    number, code = decided["registration_no"], decided["certificate"]["verification_code"]
    path = f"/registrations/{registration['id']}/certificate"
    early = await get(market.seller, path, 503)
    assert early["code"] == "certificate-not-ready"
    await keep_tasks(db)
    pdf = await market.buyer.get(API + path)
    assert pdf.headers["content-type"] == "application/pdf"
    assert number in pdf.headers["content-disposition"]
    public = await get(market.guest, f"/certificates/{code}")
    assert public["is_valid"]
    assert public["sha256"] == hashlib.sha256(pdf.content).hexdigest()
    assert public["buyer_name"] == contract["buyer"]["name"]
    assert (public["total_fen"], public["registration_no"]) == (contract["price_fen"], number)
    same = await market.guest.get(f"{API}/certificates/{code.lower()}/pdf")
    assert same.content == pdf.content


async def test_the_document_can_be_hashed_by_anybody_who_reads_it(market: Market) -> None:
    contract = await post(market.buyer, "/contracts", {"deal_id": market.deal_id})
    plain = json.dumps(contract["document"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert hashlib.sha256(plain.encode()).hexdigest() == contract["document_sha256"]
    assert contract["price_capital"].startswith("人民币")
    assert contract["can_sign"]


async def test_by_number_alone_the_buyer_and_the_code_stay_hidden(market: Market) -> None:
    contract = await contract_in_force(market)
    registration = await post(market.seller, "/registrations", application(contract))
    decided = await post(
        market.registrar, f"/registrations/{registration['id']}/decisions", {"decision": "approve"}
    )
    for written in (decided["registration_no"], decided["registration_no_shown"]):
        public = await get(market.guest, f"/certificates/{written}")
        assert public["seller_name"] == contract["seller"]["name"]
        assert (public["buyer_name"], public["verification_code"], public["sha256"]) == (None, None, None)
    await get(market.guest, f"/certificates/{decided['registration_no']}/pdf", 404)


async def test_a_certificate_that_does_not_exist_is_explained_in_both_languages(market: Market) -> None:
    problem = await get(market.guest, "/certificates/K7Q2-M9XD-4TNA-P3VC", 404)
    assert problem["code"] == "certificate-not-found"
    assert "查验码" in problem["detail"]
    english = await market.guest.get(f"{API}/certificates/1", headers={"Accept-Language": "en"})
    assert "verification code has 16 letters and digits" in english.json()["detail"]


async def test_look_ups_are_bounded_softly(market: Market) -> None:
    statuses = [(await market.guest.get(f"{API}/certificates/nothing")).status_code for _ in range(61)]
    assert statuses[:60] == [404] * 60
    assert statuses[60] == 429


async def test_a_second_registration_and_a_second_decision_are_conflicts(market: Market) -> None:
    contract = await contract_in_force(market)
    first = await post(market.seller, "/registrations", application(contract))
    again = await post(market.seller, "/registrations", application(contract), 409)
    assert (again["code"], again["registration_id"]) == ("already-registered", first["id"])
    path = f"/registrations/{first['id']}/decisions"
    refusal = {"decision": "refuse", "reason_code": "PRICE_UNCLEAR", "reason": "价款的构成不清楚。"}
    refused = await post(market.registrar, path, refusal)
    assert (refused["status"], refused["reason_zh"]) == ("refused", "价款约定不明确")
    assert (await post(market.registrar, path, {"decision": "approve"}, 409))["code"] == "already-decided"
    await get(market.seller, f"/registrations/{first['id']}/certificate", 409)
    await post(market.seller, "/registrations", application(contract))


async def test_wrong_amounts_and_digests_say_what_would_be_right(market: Market) -> None:
    contract = await post(market.seller, "/contracts", {"deal_id": market.deal_id})
    path = f"/contracts/{contract['id']}/signatures"
    changed = await post(market.seller, path, {"document_sha256": "0" * 64}, 409)
    assert changed["document_sha256"] == contract["document_sha256"]
    await post(market.seller, path, {"document_sha256": "0"}, 422)
    early = await post(market.seller, "/registrations", application(contract), 409)
    assert early["missing"] == ["seller", "buyer"]
    for caller in (market.seller, market.buyer):
        await post(caller, path, {"document_sha256": contract["document_sha256"]})
    price = contract["price_fen"]
    above = await post(market.seller, "/registrations", application(contract, tech_fen=price + 1), 422)
    assert above["code"] == "tech-amount-above-total"
    for over in ({"tech_fen": 0}, {"tech_fen": 1.5}, {"tech_fen": "1"}, {"total_fen": 2**70}):
        await post(market.seller, "/registrations", application(contract, **over), 422)


async def test_the_same_key_makes_one_thing_and_the_same_answer(market: Market) -> None:
    contract = await post(market.seller, "/contracts", {"deal_id": market.deal_id})
    body = {"document_sha256": contract["document_sha256"]}
    answers = [
        await market.seller.post(
            f"{API}/contracts/{contract['id']}/signatures", json=body, headers={"Idempotency-Key": "k-1"}
        )
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()


@pytest.mark.parametrize(
    ("who", "read", "sign", "apply", "decide"),
    [
        ("guest", 401, 401, 401, 401),
        ("stranger", 404, 404, 404, 403),
        ("buyer", 200, 409, 403, 403),
        ("seller", 200, 409, 409, 403),
        ("registrar", 200, 403, 403, 201),
        ("supervisor", 200, 403, 403, 403),
        ("finance", 403, 403, 403, 403),
    ],
)
async def test_each_caller_gets_what_is_his(
    market: Market, who: str, read: int, sign: int, apply: int, decide: int
) -> None:
    contract = await contract_in_force(market)
    registration = await post(market.seller, "/registrations", application(contract))
    http: AsyncClient = getattr(market, who)
    await get(http, f"/contracts/{contract['id']}", read)
    await get(http, f"/registrations/{registration['id']}", read)
    listed = await http.get(f"{API}/contracts")
    assert listed.status_code == (200 if who == "stranger" else read)
    if who == "stranger":
        assert listed.json()["items"] == []
    digest = {"document_sha256": contract["document_sha256"]}
    await post(http, f"/contracts/{contract['id']}/signatures", digest, sign)
    await post(http, "/registrations", application(contract), apply)
    await post(http, f"/registrations/{registration['id']}/decisions", {"decision": "approve"}, decide)


async def test_what_does_not_exist_is_missing(market: Market) -> None:
    nothing = uuid4()
    await get(market.registrar, f"/contracts/{nothing}", 404)
    await get(market.registrar, f"/registrations/{nothing}", 404)
    await get(market.registrar, f"/registrations/{nothing}/certificate", 404)
    await post(market.registrar, f"/registrations/{nothing}/decisions", {"decision": "approve"}, 404)
    await post(market.seller, "/contracts", {"deal_id": str(nothing)}, 404)
    await post(market.seller, "/registrations", application({"id": str(nothing), "price_fen": 1}), 404)


async def test_a_token_for_signing_alone_drafts_and_signs_but_reads_nothing(
    market: Market, db: Database
) -> None:
    async def make(session: Session) -> str:
        organisation = await session.get_one(Organisation, market.seller_in.caller.organisation_id)
        person = await make_person(session, organisation, [Role.SELLER, Role.SIGNATORY])
        return await make_token(session, await caller_for(session, person), [Scope.SIGN])

    headers = {"Authorization": f"Bearer {await db.write(make)}"}
    drafted = await market.guest.post(f"{API}/contracts", json={"deal_id": market.deal_id}, headers=headers)
    assert drafted.status_code == 201, drafted.text
    contract = drafted.json()
    digest = {"document_sha256": contract["document_sha256"]}
    path = f"{API}/contracts/{contract['id']}"
    assert (await market.guest.post(f"{path}/signatures", json=digest, headers=headers)).status_code == 201
    assert (await market.guest.get(path, headers=headers)).status_code == 403


async def test_lists_are_paged_and_filtered(market: Market) -> None:
    contract = await contract_in_force(market)
    await post(market.seller, "/registrations", application(contract))
    page = await get(market.registrar, "/registrations?status=submitted&limit=1")
    assert len(page["items"]) == 1
    assert page["next_cursor"] is None
    assert (await get(market.registrar, "/registrations?status=refused"))["items"] == []
    assert (await get(market.buyer, "/contracts?status=signing"))["items"] == []
    mine = (await get(market.buyer, "/contracts?status=in_force"))["items"]
    assert [(item["my_side"], item["registration"]["status"]) for item in mine] == [("buyer", "submitted")]
    await get(market.registrar, "/registrations?status=other", 422)


async def test_the_choices_are_open_and_bilingual(market: Market) -> None:
    choices = await get(market.guest, "/registrations/choices")
    assert len(choices["kinds"]) == 5
    assert len(choices["tech_fields"]) == 11
    assert all(reason["zh"] and reason["en"] and reason["basis"] for reason in choices["reasons"])
