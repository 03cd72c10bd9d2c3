"""Records by the API: downloaded by anybody when a sale has ended, checked for anybody, withheld maxima for a supervisor."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from app.accounts.errors import NotPermitted
from app.accounts.permissions import Role
from app.api.protocol_checks import CheckBodyUnreadable, Checks, ChecksTooFast, ChecksWaiting, CheckTooLong
from app.auction.bidding import BidRequest, place_bids
from app.auction.closing import advance_auction
from app.auction.protocol.export import record_opening
from app.auction.protocol.heads import Signer
from app.auction.protocol.publishing import publish_key
from app.auction.rules.terms import commit_amount
from app.audit import AuditRecord
from app.clock import market_now
from app.commands.verify import main as verify_main
from app.ids import uuid7
from tests.make_accounts import make_caller
from tests.make_auction import START_FEN, MadeSale, make_sale, request
from tests.protocol.make_record import SALES

if TYPE_CHECKING:
    from pathlib import Path

    from httpx2 import AsyncClient

    from app.db import Database
    from tests.conftest import SetNow

SIGNER = Signer(Ed25519PrivateKey.generate())
KEY = bytes(32)


async def sold(db: Database, now_is: SetNow) -> MadeSale:
    """A sale with automatic bidding that was sold, all of it signed with a published key."""
    async with db.transaction() as session:
        sale = await make_sale(session, options={"automatic": True})
    await db.write(publish_key, SIGNER)
    bid_id = uuid7()
    high: BidRequest = request(sale.bidders[0], 9 * START_FEN, bid_id)._replace(
        kind="maximum", key=KEY, commitment=commit_amount(str(bid_id), 9 * START_FEN, KEY)
    )
    await db.write(place_bids, sale.id, [request(sale.bidders[1], START_FEN), high], SIGNER)
    now = await db.read(market_now)
    await now_is(db, max(now, sale.ends_at) + timedelta(seconds=1))
    await db.write(advance_auction, sale.id, SIGNER)
    await now_is(db, None)
    return sale


async def test_an_ended_sale_s_record_is_downloaded_checked_and_read(
    client: AsyncClient, db: Database, now_is: SetNow, tmp_path: Path
) -> None:
    sale = await sold(db, now_is)
    address = f"/api/v1/auctions/{sale.id}"
    bundle = await client.get(f"{address}/bundle")
    assert bundle.status_code == 200
    assert "attachment" in bundle.headers["content-disposition"]
    assert (await client.get(f"{address}/bundle")).content == bundle.content
    keys = await client.get("/api/v1/signing-keys")
    checked = await client.post("/api/v1/protocol-checks", json={"bundle": bundle.json()})
    assert checked.status_code == 200, checked.text
    report = checked.json()
    assert report["holds"], report["findings"]
    assert {note["code"] for note in report["notes"]} == {"admission-unsigned", "amount-replaced"}
    assert report["result"]["winner"] == sale.codes[0]

    (tmp_path / "bundle.json").write_bytes(bundle.content)
    (tmp_path / "keys.json").write_bytes(keys.content)
    assert verify_main([str(tmp_path / "bundle.json"), "--keys", str(tmp_path / "keys.json")]) == 0
    pdf = await client.get(f"{address}/protocol.pdf")
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF")


async def test_what_is_altered_in_a_record_is_told_by_the_api(
    client: AsyncClient, db: Database, now_is: SetNow
) -> None:
    sale = await sold(db, now_is)
    bundle = (await client.get(f"/api/v1/auctions/{sale.id}/bundle")).json()
    bundle["result"]["winner"] = sale.codes[1]
    body = {"bundle": bundle, "receipts": [{"bid_id": "x"}], "heads": [{}]}
    report = (await client.post("/api/v1/protocol-checks", json=body)).json()
    assert not report["holds"]
    assert [item["code"] for item in report["findings"]] == [
        "result-contradicted",
        "unreadable",
        "unreadable",
    ]
    assert "结果被改动" in report["findings"][0]["zh"]


async def test_a_running_sale_s_record_is_not_given_out(client: AsyncClient, db: Database) -> None:
    async with db.transaction() as session:
        sale = await make_sale(session)
    for name in ("bundle", "protocol.pdf"):
        answer = await client.get(f"/api/v1/auctions/{sale.id}/{name}")
        assert (answer.status_code, answer.json()["code"]) == (409, "record-not-ready")
        assert (await client.get(f"/api/v1/auctions/{uuid7()}/{name}")).status_code == 404


@pytest.mark.parametrize(
    "body", [b"", b"nonsense", b"[]", b"{}", b'{"bundle": 1}', b'{"bundle": {}, "heads": 1}']
)
async def test_what_is_no_record_is_refused(client: AsyncClient, body: bytes) -> None:
    answer = await client.post("/api/v1/protocol-checks", content=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "check-body-unreadable")


async def test_a_crafted_sale_of_endless_ticks_is_stopped() -> None:
    bundle = SALES["open"]().bundle()
    terms = bundle["parameters"]["terms"]
    terms |= {
        "format": "dutch",
        "start_price_fen": 2**50,
        "step_fen": 1,
        "closes_at": "9999-01-01T00:00:00.000000Z",
        "has_reserve": False,
        "options": {"tick_seconds": 1, "floor_price_fen": 1},
    }
    bundle["streams"][0]["events"][0]["body"]["terms"] = terms
    bundle["acts"] = [{"act": "advance", "at": "9998-01-01T00:00:00.000000Z"}]
    keys = {
        "keys": [
            {
                "key_id": SIGNER.key_id,
                "public_key": SIGNER.public_key.hex(),
                "valid_from": "2026-01-01T00:00:00Z",
            }
        ]
    }
    with pytest.raises(CheckTooLong):
        await Checks(seconds=3).check(orjson.dumps({"bundle": bundle}), orjson.dumps(keys).decode())


async def test_checks_are_counted_and_wait_in_a_short_queue() -> None:
    checks = Checks("1/minute")
    await checks.count("203.0.113.7")
    with pytest.raises(ChecksTooFast):
        await checks.count("203.0.113.7")
    keys = orjson.dumps({"keys": []}).decode()
    results = await asyncio.gather(*(checks.check(b"", keys) for _ in range(12)), return_exceptions=True)
    assert [type(result) for result in results[-4:]] == [ChecksWaiting] * 4
    assert {type(result) for result in results[:8]} == {CheckBodyUnreadable}


async def test_withheld_maxima_are_opened_to_a_supervisor_and_that_is_recorded(
    db: Database, now_is: SetNow
) -> None:
    sale = await sold(db, now_is)
    async with db.transaction() as session:
        supervisor, host = await make_caller(session, Role.SUPERVISOR), await make_caller(session, Role.HOST)
        with pytest.raises(NotPermitted):
            await record_opening(session, host, sale.id, "复核", 1)
        await record_opening(session, supervisor, sale.id, "复核", 1)
        (entry,) = (
            await session.execute(select(AuditRecord).where(AuditRecord.action == "auction.maxima-opened"))
        ).scalars()
    assert entry.detail == {"reason": "复核", "count": 1}
