"""The record of a sale that the database kept: exported when it has ended, by codes, and the verifier holds it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.auction.bidding import BidRequest, place_bids
from app.auction.closing import advance_auction
from app.auction.protocol.export import RecordNotReady, build_bundle, list_withheld, read_sale_rows
from app.auction.protocol.heads import Signer
from app.auction.protocol.trust import TrustedKey
from app.auction.protocol.verifying import Report, verify
from app.auction.rules.game import Kind
from app.auction.rules.terms import commit_amount
from app.clock import market_now
from app.ids import uuid7
from tests.make_auction import START_FEN, STEP_FEN, MadeSale, make_sale, request

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from app.db import Session
    from tests.conftest import SetNow

SIGNER = Signer(Ed25519PrivateKey.generate())
KEY = bytes(32)


async def export(session: Session, auction_id: UUID) -> dict[str, Any]:
    bundle: dict[str, Any] = orjson.loads(
        orjson.dumps(build_bundle(await read_sale_rows(session, auction_id)))
    )
    return bundle


async def check(session: Session, bundle: dict[str, Any], receipts: list[Any] | None = None) -> Report:
    long_ago = await market_now(session) - timedelta(days=1)
    keys = {SIGNER.key_id: TrustedKey(SIGNER.public_key, long_ago, None)}
    report = verify(bundle, keys, receipts or [])
    assert report.holds, [item.text("en") for item in report.findings]
    return report


def maximum(party_id: UUID, amount_fen: int) -> BidRequest:
    bid_id = uuid7()
    return request(party_id, amount_fen, bid_id)._replace(
        kind=Kind.MAXIMUM, key=KEY, commitment=commit_amount(str(bid_id), amount_fen, KEY)
    )


async def close(session: Session, sale: MadeSale, now_is: SetNow, moment: datetime) -> None:
    await now_is(session, moment)
    assert await advance_auction(session, sale.id, SIGNER) in {"sold", "unsold"}


async def test_an_ended_sale_is_exported_and_its_record_holds(session: Session, now_is: SetNow) -> None:
    sale = await make_sale(session, reserve_fen=START_FEN)
    stranger = sale.seller_id
    bids = [
        request(sale.bidders[0], START_FEN),
        request(sale.bidders[1], START_FEN),
        request(stranger, START_FEN + STEP_FEN),
        request(sale.bidders[1], START_FEN + STEP_FEN),
    ]
    await place_bids(session, sale.id, bids, SIGNER)
    await close(session, sale, now_is, sale.ends_at + timedelta(seconds=1))
    bundle = await export(session, sale.id)
    report = await check(session, bundle)
    assert report.counts["requests"] == 4
    assert bundle["result"]["winner"] == sale.codes[1]
    standings = [act["standing"] for act in bundle["acts"] if act["act"] == "request"]
    assert standings == ["admitted", "admitted", "seller", "admitted"]


async def test_nobody_is_named_in_a_record(session: Session, now_is: SetNow) -> None:
    sale = await make_sale(session)
    await place_bids(session, sale.id, [request(sale.bidders[0], START_FEN)], SIGNER)
    await close(session, sale, now_is, sale.ends_at)
    text = orjson.dumps(await export(session, sale.id)).decode()
    for party in (*sale.bidders, sale.seller_id):
        assert str(party) not in text


async def test_a_running_sale_has_no_record_yet(session: Session) -> None:
    sale = await make_sale(session)
    with pytest.raises(RecordNotReady):
        await read_sale_rows(session, sale.id)


async def test_transactions_of_one_official_time_are_told_apart(session: Session, now_is: SetNow) -> None:
    # As when the database server's clock is set back: every transaction gets the sale's last official time.
    sale = await make_sale(session, options={"automatic": True})
    await now_is(session, await market_now(session) + timedelta(seconds=5))
    for amount in (START_FEN, START_FEN + STEP_FEN, START_FEN + 2 * STEP_FEN):
        await place_bids(session, sale.id, [request(sale.bidders[0], amount)], SIGNER)
        await place_bids(session, sale.id, [maximum(sale.bidders[1], amount)], SIGNER)
    await close(session, sale, now_is, sale.ends_at)
    await place_bids(session, sale.id, [request(sale.bidders[0], START_FEN)], SIGNER)
    bundle = await export(session, sale.id)
    await check(session, bundle)
    assert len({act["at"] for act in bundle["acts"] if act["act"] == "request"}) == 2


async def test_the_winner_s_maximum_is_withheld_and_kept_for_a_supervisor(
    session: Session, now_is: SetNow
) -> None:
    sale = await make_sale(session, options={"automatic": True})
    winner, loser = sale.bidders
    high, low = maximum(winner, 50 * START_FEN), maximum(loser, 2 * START_FEN)
    await place_bids(session, sale.id, [high, low], SIGNER)
    await close(session, sale, now_is, sale.ends_at)
    rows = await read_sale_rows(session, sale.id)
    bundle = build_bundle(rows)
    price = bundle["result"]["price_fen"]
    assert price == 2 * START_FEN + STEP_FEN
    assert str(50 * START_FEN) not in orjson.dumps(bundle).decode()
    report = await check(session, bundle)
    assert "amount-replaced" in {item.code for item in report.notes}
    (withheld,) = list_withheld(rows, bundle)
    assert (withheld["amount_fen"], withheld["shown_fen"]) == (50 * START_FEN, price)
    opened = commit_amount(withheld["bid_id"], withheld["amount_fen"], bytes.fromhex(withheld["key"]))
    assert opened == withheld["commitment"] == high.commitment
    shown = next(act for act in bundle["acts"] if act.get("bid_id") == str(low.bid_id))
    assert (shown["amount_fen"], shown["key"]) == (2 * START_FEN, KEY.hex())


async def test_receipts_of_the_desk_s_answers_are_in_the_record(session: Session, now_is: SetNow) -> None:
    sale = await make_sale(session, options={"automatic": True})
    bids = [request(sale.bidders[0], START_FEN), maximum(sale.bidders[1], 3 * START_FEN)]
    answers: list[Any] = await place_bids(session, sale.id, bids, SIGNER)
    receipts = [
        {
            "bid_id": str(answer.bid_id),
            "stream": answer.audience,
            "number": answer.number,
            "hash": answer.hash.hex(),
            "head": answer.batch.head.wire(),
            "path": answer.batch.tree.paths()[answer.number - answer.batch.first],
        }
        for answer in answers
    ]
    receipts[1]["secret"] = {
        "bid_id": str(bids[1].bid_id),
        "amount_fen": 3 * START_FEN,
        "key": KEY.hex(),
    }
    await close(session, sale, now_is, sale.ends_at)
    bundle = await export(session, sale.id)
    report = await check(session, bundle, receipts)
    assert report.counts["receipts"] == 2


async def test_a_record_that_its_acts_do_not_bring_about_withholds_all_maxima_and_is_logged(
    session: Session, now_is: SetNow, capsys: pytest.CaptureFixture[str]
) -> None:
    sale = await make_sale(session, options={"automatic": True})
    await place_bids(
        session,
        sale.id,
        [maximum(party, (n + 2) * START_FEN) for n, party in enumerate(sale.bidders)],
        SIGNER,
    )
    await close(session, sale, now_is, sale.ends_at)
    rows = await read_sale_rows(session, sale.id)
    rows.requests[0]["amount_fen"] = START_FEN  # as if a row had been altered
    bundle = build_bundle(rows)
    assert "record_not_replayed" in capsys.readouterr().out
    amounts = [act["amount_fen"] for act in bundle["acts"] if act.get("kind") == "maximum"]
    assert amounts == [None, None]
