"""The record as docs/protocol.md describes it is the record that the program writes."""

from __future__ import annotations

import ast
import hashlib
import json
import runpy
from copy import deepcopy
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from app.api import auction_socket
from app.auction.bidding import Answer, place_bids
from app.auction.closing import advance_auction
from app.auction.errors import BidIdReused, BidTooLow
from app.auction.rules.terms import AuctionTerms, commit_reserve
from app.chain import EMPTY_HASH, Event, canonical, number_events
from tests.database import ROOT
from tests.docs.reading import DOCS, blocks, named, read
from tests.make_auction import START_FEN, STEP_FEN, make_sale, request

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from httpx2 import AsyncClient

    from app.db import Database
    from tests.conftest import SetNow

PROTOCOL = read(DOCS / "protocol.md")
(_EXAMPLE,) = (json.loads(block) for block in blocks(PROTOCOL, "json"))


@pytest.fixture(scope="session")
def verify(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
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


def test_the_program_gives_the_example_s_events_these_numbers_and_hashes() -> None:
    head_number, head_hash = 0, EMPTY_HASH
    for wanted in _EXAMPLE["events"]:
        at = datetime.fromisoformat(wanted["at"])
        event = Event(wanted["kind"], wanted["body"])
        (made,) = number_events(UUID(_EXAMPLE["stream"]), head_number, head_hash, at, [event])
        assert made.wire() == wanted
        head_number, head_hash = made.number, made.hash


def test_the_example_s_terms_and_reserve_have_these_fingerprints() -> None:
    published, opening = (
        _EXAMPLE["events"][0]["body"],
        _EXAMPLE["events"][-1]["body"]["reserve_opening"],
    )
    terms = AuctionTerms.from_json(published["terms"])
    terms.check()
    assert terms.as_json() == published["terms"]
    key = bytes.fromhex(opening["key"])
    assert commit_reserve(opening["reserve_fen"], key) == published["reserve_commitment"]


def test_the_hashed_lines_that_are_shown_are_those_of_the_second_event() -> None:
    (shown,) = blocks(PROTOCOL, "text")
    first, second = _EXAMPLE["events"][:2]
    body = canonical(second["body"])
    lines = [first["hash"], _EXAMPLE["stream"], "2", second["kind"], second["at"], body]
    assert shown.splitlines() == lines


def test_the_verifier_on_the_page_accepts_the_example(verify: Callable[..., Any]) -> None:
    receipt = {"number": 5, "hash": _EXAMPLE["events"][4]["hash"], "amount_fen": 10300000}
    result = verify(_EXAMPLE["stream"], _EXAMPLE["events"], [receipt])
    assert result == ("sold", 10300000, "K07")


async def test_a_sale_held_over_the_api_passes_the_verifier_with_its_receipts_and_rules(
    db: Database, client: AsyncClient, now_is: SetNow, verify: Callable[..., Any]
) -> None:
    reserve_fen = START_FEN + STEP_FEN
    sale = await db.write(make_sale, reserve_fen=reserve_fen, ends_in=60)
    amounts = [START_FEN, START_FEN - 1, START_FEN + STEP_FEN]
    requests = [request(sale.bidders[n % 2], amount) for n, amount in enumerate(amounts)]
    answers = [
        answer for answer in await db.write(place_bids, sale.id, requests) if isinstance(answer, Answer)
    ]
    receipts = [
        {"number": answer.number, "hash": answer.hash.hex(), "amount_fen": answer.amount_fen}
        for answer in answers
        if answer.refusal is None
    ]
    assert len(receipts) == len(amounts) - 1
    await now_is(db, sale.ends_at + timedelta(hours=1))
    assert await db.write(advance_auction, sale.id) == "sold"

    path = f"/api/v1/auctions/{sale.id}"
    events = (await client.get(f"{path}/events")).json()["events"]
    assert verify(str(sale.id), events, receipts) == ("sold", reserve_fen, sale.codes[0])
    rules, published = (await client.get(f"{path}/rules")).json(), events[0]["body"]
    words = canonical({**rules["sentences"], "terms": published["terms"]})
    assert hashlib.sha256(words.encode()).hexdigest() == published["rules_sha256"] == rules["sha256"]


def _rechained(change: Callable[[list[dict[str, Any]]], object]) -> list[dict[str, Any]]:
    """The example after a change, with a chain that is right again: a forger would do that much."""
    events = deepcopy(_EXAMPLE["events"])
    change(events)
    head_number, head_hash, made = 0, EMPTY_HASH, []
    for event in events:
        at = datetime.fromisoformat(event["at"])
        fact = Event(event["kind"], event["body"])
        (recorded,) = number_events(UUID(_EXAMPLE["stream"]), head_number, head_hash, at, [fact])
        made.append(recorded.wire())
        head_number, head_hash = recorded.number, recorded.hash
    return made


_FORGERIES: dict[str, Callable[[list[dict[str, Any]]], object]] = {
    "another winner": lambda events: events[5]["body"].update(winner="C64"),
    "a bid left out": lambda events: events.pop(3),
    "an end moved by hand": lambda events: events[3]["body"].update(ends_at="2026-12-02T01:09:00Z"),
    "a bid after the end": lambda events: events[4].update(at="2026-12-02T01:04:00.000000Z"),
    "another reserve": lambda events: events[5]["body"]["reserve_opening"].update(reserve_fen=1),
    "a bid off the step": lambda events: events[4]["body"].update(amount_fen=10250000),
}


@pytest.mark.parametrize("forgery", sorted(_FORGERIES))
def test_the_verifier_on_the_page_refuses_a_forged_record(forgery: str, verify: Callable[..., Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        verify(_EXAMPLE["stream"], _rechained(_FORGERIES[forgery]))


def test_the_verifier_on_the_page_refuses_a_changed_hash_and_a_foreign_receipt(
    verify: Callable[..., Any],
) -> None:
    events = deepcopy(_EXAMPLE["events"])
    events[2]["body"]["amount_fen"] += 100000
    with pytest.raises(ValueError, match="the hash of event 3"):
        verify(_EXAMPLE["stream"], events)
    receipt = {"number": 4, "hash": "0" * 64, "amount_fen": 10100000}
    with pytest.raises(ValueError, match="receipt"):
        verify(_EXAMPLE["stream"], _EXAMPLE["events"], [receipt])


def test_every_kind_of_event_is_described() -> None:
    kinds = set(_kinds_in_code())
    assert kinds >= {"auction_scheduled", "bid_accepted", "auction_closed"}
    assert kinds <= named(PROTOCOL)


def test_every_close_code_of_the_socket_is_described() -> None:
    codes = {str(value) for name, value in vars(auction_socket).items() if name.startswith("CLOSE_")}
    assert codes
    assert codes <= named(PROTOCOL)


def test_every_type_of_frame_is_described() -> None:
    sources = [ROOT / "app/live/frames.py", ROOT / "app/api/auction_socket.py"]
    types = {
        str(value.value)
        for path in sources
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Dict)
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant) and key.value == "type" and isinstance(value, ast.Constant)
    }
    assert types >= {"events", "snapshot", "tick", "answer", "error"}
    assert types | {"pong"} <= named(PROTOCOL)


def test_the_problems_that_are_named_exist() -> None:
    assert {BidTooLow(1, 2).code, BidIdReused(UUID(int=0)).code} <= named(PROTOCOL)
