"""The record as docs/protocol.md describes it is the record that the program writes, and can be verified by it alone."""

from __future__ import annotations

import ast
import json
import runpy
from copy import deepcopy
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from app.api import auction_room, socket_protocol
from app.auction.bidding import place_bids
from app.auction.closing import advance_auction
from app.auction.errors import BidIdReused, BidTooLow, PriceMoved
from app.auction.protocol.export import RecordNotReady
from app.auction.protocol.heads import Signer, Tree
from app.auction.protocol.keys import read_private_key
from app.auction.protocol.playing import play
from app.auction.protocol.publishing import publish_key
from app.auction.protocol.replaying import ACTS
from app.auction.protocol.trust import read_keys
from app.auction.protocol.verifying import verify
from app.auction.rules.game import Kind, Standing
from app.chain import canonical, chain_hash
from app.live import hub
from tests.database import ROOT
from tests.docs.reading import DOCS, blocks, named, read
from tests.make_auction import START_FEN, STEP_FEN, make_sale, request
from tests.protocol.make_record import SIGNER, example_sale

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from httpx2 import AsyncClient

    from app.db import Database
    from tests.conftest import SetNow

PROTOCOL = read(DOCS / "protocol.md")
_KEYS, _BUNDLE, _RECEIPT = (json.loads(block) for block in blocks(PROTOCOL, "json"))
_BY_ID = {key["key_id"]: key for key in _KEYS["keys"]}


def check_signature(public_key: bytes, signature: bytes, text: bytes) -> bool:
    """What the document's verifier asks its user for."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, text)
    except InvalidSignature:
        return False
    return True


@pytest.fixture(scope="session")
def verify_by_page(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """The document's own verifier."""
    (source,) = blocks(PROTOCOL, "python")
    file: Path = tmp_path_factory.mktemp("protocol") / "verifier.py"
    file.write_text(source, "utf-8")
    found: Callable[..., Any] = runpy.run_path(str(file))["verify"]
    return found


def _kinds_in_code() -> Iterator[str]:
    """The first arguments of all calls of Event(...) in the program."""
    for path in (ROOT / "app").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            if node.func.id == "Event" and node.args and isinstance(node.args[0], ast.Constant):
                yield str(node.args[0].value)


def test_the_example_is_the_bundle_that_the_program_makes() -> None:
    sale = example_sale()
    assert orjson.loads(orjson.dumps(sale.bundle())) == _BUNDLE
    assert orjson.loads(orjson.dumps(sale.receipt(3))) == _RECEIPT
    assert {SIGNER.key_id: SIGNER.public_key.hex()} == {name: _BY_ID[name]["public_key"] for name in _BY_ID}


def test_the_program_s_verifier_holds_the_example_with_the_keys_on_the_page() -> None:
    report = verify(_BUNDLE, read_keys(_KEYS), [_RECEIPT], [_RECEIPT, _RECEIPT["head"]])
    assert report.holds, [item.text("en") for item in report.findings]


def test_the_verifier_on_the_page_holds_the_example(verify_by_page: Callable[..., Any]) -> None:
    receipts = [example_sale().receipt(turn) for turn in (1, 2, 3)]
    assert verify_by_page(_BUNDLE, _BY_ID, check_signature, receipts) == ("sold", 101000, "C64")


def test_the_hashed_lines_that_are_shown_are_those_of_the_second_event() -> None:
    (shown,) = blocks(PROTOCOL, "text")
    stream = _BUNDLE["streams"][0]
    first, second = stream["events"][:2]
    body = canonical(second["body"])
    lines = [first["hash"], stream["id"], "2", second["kind"], second["at"], body]
    assert shown.splitlines() == lines


def test_the_replay_that_is_shown_is_what_the_program_prints() -> None:
    given, printed = blocks(PROTOCOL, "jsonl")
    told = orjson.loads(orjson.dumps(list(play(given.splitlines()))))
    assert told == [json.loads(line) for line in printed.splitlines()]


async def test_a_sale_held_over_the_api_passes_both_verifiers_with_its_receipts(
    db: Database, client: AsyncClient, now_is: SetNow, verify_by_page: Callable[..., Any]
) -> None:
    signer = Signer(read_private_key("A" * 43 + "="))
    await db.write(publish_key, signer)
    reserve_fen = START_FEN + STEP_FEN
    sale = await db.write(make_sale, reserve_fen=reserve_fen, ends_in=60)
    amounts = [START_FEN, START_FEN - 1, START_FEN + STEP_FEN]
    bids = [request(sale.bidders[n % 2], amount) for n, amount in enumerate(amounts)]
    answers: list[Any] = await db.write(place_bids, sale.id, bids, signer)
    receipts = [
        {
            "bid_id": str(answer.bid_id),
            "number": answer.number,
            "hash": answer.hash.hex(),
            "head": answer.batch.head.wire(),
            "path": answer.batch.tree.paths()[answer.number - answer.batch.first],
        }
        for answer in answers
        if answer.refusal is None
    ]
    assert len(receipts) == len(amounts) - 1
    await now_is(db, sale.ends_at + timedelta(hours=1))
    assert await db.write(advance_auction, sale.id, signer) == "sold"

    bundle = (await client.get(f"/api/v1/auctions/{sale.id}/bundle")).json()
    keys = (await client.get("/api/v1/signing-keys")).json()
    by_id = {key["key_id"]: key for key in keys["keys"]}
    expected = ("sold", reserve_fen, sale.codes[0])
    assert verify_by_page(bundle, by_id, check_signature, receipts) == expected
    assert verify(bundle, read_keys(keys), receipts).holds
    rules = (await client.get(f"/api/v1/auctions/{sale.id}/rules")).json()
    assert rules["sha256"] == bundle["parameters"]["rules"]["sha256"]


def _signed_anew(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """The example after a change, chained and signed with the right key: as much as the exchange itself could forge."""
    bundle: dict[str, Any] = deepcopy(_BUNDLE)
    change(bundle)
    bundle["heads"] = []
    for stream in bundle["streams"]:
        before, hashes = bytes(32), []
        for number, event in enumerate(stream["events"], 1):
            body = canonical(event["body"])
            before = chain_hash(before, stream["id"], number, event["kind"], event["at"], body)
            event |= {"number": number, "hash": before.hex()}
            hashes.append(before)
        at = datetime.fromisoformat(stream["events"][-1]["at"])
        bundle["heads"].append(SIGNER.sign(stream["id"], 1, Tree(hashes), before, at).wire())
    last = bundle["streams"][0]["events"][-1]
    bundle["result"] = {**last["body"], "at": last["at"]}
    return bundle


def _public(bundle: dict[str, Any], number: int) -> dict[str, Any]:
    body: dict[str, Any] = bundle["streams"][0]["events"][number - 1]["body"]
    return body


_FORGERIES: dict[str, Callable[[dict[str, Any]], object]] = {
    "another winner": lambda bundle: _public(bundle, 5).update(winner="K07"),
    "a bid left out": lambda bundle: bundle["streams"][0]["events"].pop(2),
    "an end moved by hand": lambda bundle: _public(bundle, 4).update(ends_at="2026-12-01T02:09:00Z"),
    "a bid at another time": lambda bundle: bundle["acts"][7].update(at="2026-12-01T01:50:00.000000Z"),
    "another reserve": lambda bundle: bundle["reserve"].update(reserve_fen=1),
    "a bid off the step": lambda bundle: _public(bundle, 4).update(amount_fen=100500),
    "a refusal for another reason": lambda bundle: bundle["streams"][1]["events"][0]["body"].update(
        refusal="bid-off-step"
    ),
    "a request left out": lambda bundle: bundle["acts"].pop(5),
    "other terms": lambda bundle: bundle["parameters"]["terms"].update(step_fen=500),
    "other rules": lambda bundle: bundle["parameters"]["rules"].update(zh=["别的规则。"]),
}


@pytest.mark.parametrize("forgery", sorted(_FORGERIES))
def test_both_verifiers_refuse_a_forged_record(forgery: str, verify_by_page: Callable[..., Any]) -> None:
    forged = _signed_anew(_FORGERIES[forgery])
    with pytest.raises(ValueError, match=r"."):
        verify_by_page(forged, _BY_ID, check_signature)
    assert not verify(forged, read_keys(_KEYS)).holds


def test_both_verifiers_refuse_altered_bytes_foreign_signatures_and_receipts_that_a_record_lacks(
    verify_by_page: Callable[..., Any],
) -> None:
    altered, foreign, cut = deepcopy(_BUNDLE), deepcopy(_BUNDLE), deepcopy(_BUNDLE)
    altered["streams"][0]["events"][2]["body"]["amount_fen"] += 1000
    foreign["heads"][0]["signature"] = "00" * 64
    cut["heads"].pop()
    for bundle, words in (
        (altered, "the hash of event 3"),
        (foreign, "forged"),
        (cut, "the end of a stream is not signed"),
    ):
        with pytest.raises(ValueError, match=words):
            verify_by_page(bundle, _BY_ID, check_signature)
        assert not verify(bundle, read_keys(_KEYS)).holds
    receipt = {**_RECEIPT, "number": 5}
    with pytest.raises(ValueError, match="receipt"):
        verify_by_page(_BUNDLE, _BY_ID, check_signature, [receipt])
    assert not verify(_BUNDLE, read_keys(_KEYS), [receipt]).holds


def test_every_kind_of_event_is_described() -> None:
    kinds = set(_kinds_in_code())
    assert kinds >= {"auction_scheduled", "bid_accepted", "auction_closed", "maximum_set"}
    assert kinds <= named(PROTOCOL)


def test_every_act_every_kind_of_request_and_every_standing_is_described() -> None:
    words = named(PROTOCOL)
    assert {"tell", "request", *ACTS} <= words
    assert {str(kind) for kind in Kind} <= words
    assert {str(standing) for standing in Standing} <= words


def test_every_close_code_of_the_socket_is_described() -> None:
    codes = {
        str(value)
        for module in (auction_room, socket_protocol, hub)
        for name, value in vars(module).items()
        if name.startswith("CLOSE_")
    }
    assert len(codes) > 5
    assert codes <= named(PROTOCOL)


def test_every_type_of_frame_is_described() -> None:
    sources = [ROOT / "app/live/frames.py", *(ROOT / "app/api").glob("auction_*.py")]
    types = {
        str(value.value)
        for path in sources
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Dict)
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant) and key.value == "type" and isinstance(value, ast.Constant)
    }
    assert types >= {"snapshot", "tick", "reload", "answer", "error", "pong"}
    assert types | {"events", "own_events", "host_events"} <= named(PROTOCOL)


def test_the_problems_that_are_named_exist() -> None:
    now = datetime.fromisoformat("2026-12-01T01:00:00Z")
    problems = [
        BidTooLow(1, 2),
        BidIdReused(UUID(int=0)),
        PriceMoved(1, "K07", 2),
        RecordNotReady(now),
    ]
    assert {problem.code for problem in problems} <= named(PROTOCOL)
