"""A record that was kept holds; one in which anything was altered does not, and what was altered is named."""

from __future__ import annotations

import subprocess
import sys
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from app.auction.protocol.findings import FINDINGS, NOTES
from app.auction.protocol.trust import TrustedKey
from app.auction.protocol.verifying import verify
from tests.database import ROOT
from tests.protocol.bundles import Bundle, codes, played
from tests.protocol.make_record import KEYS, SALES, SIGNER, PlayedSale, ask, at

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.mark.parametrize("name", SALES)
def test_a_kept_record_holds_with_all_its_receipts_and_heads(name: str) -> None:
    sale, bundle = played(name)
    receipts = [sale.receipt(turn) for turn in range(1, len(sale.requests) + 1)]
    report = verify(bundle, KEYS, receipts, [head.wire() for head, _ in sale.heads])
    assert report.holds, [item.text("en") for item in report.findings]
    assert report.result == bundle["result"]
    assert report.counts["requests"] == len(sale.requests)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from leaves(item, (*path, name))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from leaves(item, (*path, place))
    else:
        yield path


def altered(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str) and value:
        last = value[-1]
        return value[:-1] + ("1" if last != "1" else "2")
    return 7


# Nothing that was signed or published covers these, and no result hangs on them; the document says so.
UNPROVED = {"title", "is_demonstration", "epoch", "if_number", "step", "received_at", "bid_id"}


def is_proved(bundle: Bundle, path: tuple[Any, ...]) -> bool:
    if path[0] == "streams":
        return path[-1] != "epoch" and bool(bundle["streams"][path[1]]["events"])
    if path[0] == "acts" and path[-1] == "amount_fen":
        return not bundle["acts"][path[1]].get("replaced")
    return path[-1] not in UNPROVED


@pytest.mark.parametrize("name", SALES)
def test_whatever_is_altered_the_record_does_not_hold(name: str) -> None:
    _, bundle = played(name)
    for path in leaves(bundle):
        place: Any = bundle
        for part in path[:-1]:
            place = place[part]
        before = place[path[-1]]
        place[path[-1]] = altered(before)
        if is_proved(bundle, path):
            assert not verify(bundle, KEYS).holds, path
        place[path[-1]] = before


@pytest.mark.parametrize("name", SALES)
@pytest.mark.parametrize("part", ["streams", "acts", "heads", "bidders"])
def test_whatever_is_dropped_the_record_does_not_hold(name: str, part: str) -> None:
    _, bundle = played(name)
    lists = [stream["events"] for stream in bundle["streams"]] if part == "streams" else [bundle[part]]
    for items in lists:
        for place in range(len(items)):
            item = items.pop(place)
            # A head in the middle is covered by those after it; an `open` or `advance` may bring nothing.
            if part == "heads" or item.get("act") in ("open", "advance", "carry_on"):
                verify(bundle, KEYS)
            else:
                assert not verify(bundle, KEYS).holds, (part, place)
            items.insert(place, item)


@pytest.mark.parametrize("name", SALES)
def test_crafted_records_are_refused_and_never_raise(name: str) -> None:
    _, bundle = played(name)
    # Every third of so many places is plenty: each kind of member occurs many times.
    for path in [*leaves(bundle)][::3]:
        wrong: Any
        for wrong in (None, 2**70, "\x00", [], {"a": 1.5}):
            crafted = deepcopy(bundle)
            place: Any = crafted
            for part in path[:-1]:
                place = place[part]
            place[path[-1]] = wrong
            verify(crafted, KEYS)


@pytest.mark.parametrize(
    "given", [None, [], "text", {}, {"format": "sale-record/1"}, {"format": "sale-record/9"}]
)
def test_what_is_no_record_is_said_to_be_none(given: object) -> None:
    assert codes(verify(given, KEYS)) == {"unreadable"}


def test_a_key_signs_in_its_published_period_only() -> None:
    _, bundle = played("open")
    key = KEYS[SIGNER.key_id]
    for period in (
        TrustedKey(key.public_key, at(30), None),
        TrustedKey(key.public_key, key.valid_from, at(30)),
    ):
        assert codes(verify(bundle, {SIGNER.key_id: period})) >= {"head-out-of-period"}


def test_a_record_that_the_exchange_itself_wrote_anew_is_betrayed_by_what_others_kept() -> None:
    sale, _ = played("open")
    # The same sale without its last bids, judged by the same rules and signed with the right key.
    cut = PlayedSale(sale.published.terms, sale.reserve_fen)
    cut.admit("K07", "C64")
    cut.work(at(0.004))
    first = [ask(act["bidder"], act["amount_fen"], bid_id=act["bid_id"]) for act in sale.requests[:2]]
    cut.batch(at(10), *first)
    cut.work(at(3700))
    bundle = orjson.loads(orjson.dumps(cut.bundle()))
    assert verify(bundle, KEYS).holds
    receipts = [sale.receipt(turn) for turn in range(1, 8)]
    report = verify(bundle, KEYS, receipts, [head.wire() for head, _ in sale.heads])
    assert codes(report) >= {"receipt-lacking", "receipt-contradicted", "head-contradicted", "head-lacking"}
    lacking = {item.values["bid_id"] for item in report.findings if item.code.startswith("receipt")}
    assert lacking == {act["bid_id"] for act in sale.requests[2:]}


def test_every_finding_has_words_in_both_languages() -> None:
    for zh, en in (*FINDINGS.values(), *NOTES.values()):
        assert any("\u4e00" <= letter <= "\u9fff" for letter in zh)
        assert not any("\u4e00" <= letter <= "\u9fff" for letter in en)


def test_a_report_is_json() -> None:
    _, bundle = played("open")
    bundle["result"]["winner"] = "K07"
    wire = orjson.loads(orjson.dumps(verify(bundle, KEYS).wire()))
    assert wire["holds"] is False
    assert wire["findings"][0]["code"] == "result-contradicted"
    assert wire["findings"][0]["zh"]


def test_the_verifier_loads_nothing_that_touches_a_database_or_a_network() -> None:
    program = (
        "import sys, app.commands.verify, app.commands.replay, app.auction.protocol.verifying\n"
        "print(*sorted({name.split('.')[0] for name in sys.modules} & "
        "{'sqlalchemy', 'asyncpg', 'redis', 'fastapi', 'starlette', 'uvicorn', 'httpx', 'httpx2', 'pydantic', "
        "'socket', 'ssl', 'asyncio', 'urllib3'}), 'app.db' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == ["False"]
