"""A record that was kept holds; one in which anything was altered does not, and what was altered is named."""

from __future__ import annotations

import subprocess
import sys
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.auction.protocol.findings import FINDINGS, NOTES
from app.auction.protocol.heads import Signer, Tree
from app.auction.protocol.trust import TrustedKey
from app.auction.protocol.verifying import Report, verify
from app.chain import canonical, chain_hash
from tests.database import ROOT
from tests.protocol.make_record import KEYS, SALES, SIGNER, START, YUAN, PlayedSale, ask, at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Bundle = dict[str, Any]
_CACHE: dict[str, tuple[PlayedSale, bytes]] = {}


def played(name: str) -> tuple[PlayedSale, Bundle]:
    """A sale and its bundle, fresh from JSON."""
    if name not in _CACHE:
        sale = SALES[name]()
        _CACHE[name] = sale, orjson.dumps(sale.bundle())
    sale, text = _CACHE[name]
    return sale, orjson.loads(text)


def codes(report: Report) -> set[str]:
    return {item.code for item in report.findings}


def stream_of(bundle: Bundle, audience: str) -> Bundle:
    return next(stream for stream in bundle["streams"] if stream["audience"] == audience)


def request_of(bundle: Bundle, turn: int) -> Bundle:
    return next(act for act in bundle["acts"] if act.get("turn") == turn)


def rechain(bundle: Bundle) -> None:
    """Gives every event the number and hash of its place, as somebody would who covers up what he altered."""
    for stream in bundle["streams"]:
        before = bytes(32)
        for number, event in enumerate(stream["events"], 1):
            event["number"] = number
            body = canonical(event["body"])
            before = chain_hash(before, stream["id"], number, event["kind"], event["at"], body)
            event["hash"] = before.hex()


def resign(bundle: Bundle, signer: Signer = SIGNER) -> None:
    """Signs every stream anew in one head, as the exchange itself could, or somebody with another key."""
    bundle["heads"] = []
    for stream in bundle["streams"]:
        hashes = [bytes.fromhex(event["hash"]) for event in stream["events"]]
        if hashes:
            moment = START.fromisoformat(stream["events"][-1]["at"])
            head = signer.sign(stream["id"], 1, Tree(hashes), hashes[-1], moment)
            bundle["heads"].append(head.wire())


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


def alter_body(bundle: Bundle) -> None:
    stream_of(bundle, "public")["events"][2]["body"]["amount_fen"] += 100


def alter_body_and_rechain(bundle: Bundle) -> None:
    alter_body(bundle)
    rechain(bundle)


def swap_events(bundle: Bundle) -> None:
    events = stream_of(bundle, "public")["events"]
    events[2], events[3] = events[3], events[2]


def drop_event(bundle: Bundle) -> None:
    del stream_of(bundle, "public")["events"][3]


def insert_event(bundle: Bundle) -> None:
    events = stream_of(bundle, "host")["events"]
    events.insert(1, deepcopy(events[0]))


def insert_event_and_rechain(bundle: Bundle) -> None:
    insert_event(bundle)
    rechain(bundle)
    resign(bundle)


def swap_requests(bundle: Bundle) -> None:
    acts = bundle["acts"]
    first, second = acts.index(request_of(bundle, 1)), acts.index(request_of(bundle, 3))
    acts[first], acts[second] = acts[second], acts[first]


def swap_requests_and_renumber(bundle: Bundle) -> None:
    swap_requests(bundle)
    requests = (act for act in bundle["acts"] if act["act"] == "request")
    for turn, act in enumerate(requests, 1):
        act["turn"] = turn


def drop_request(bundle: Bundle) -> None:
    bundle["acts"].remove(request_of(bundle, 3))


def drop_request_and_renumber(bundle: Bundle) -> None:
    drop_request(bundle)
    requests = (act for act in bundle["acts"] if act["act"] == "request")
    for turn, act in enumerate(requests, 1):
        act["turn"] = turn


def change_amount(bundle: Bundle) -> None:
    request_of(bundle, 3)["amount_fen"] += 10 * YUAN


def change_time(bundle: Bundle) -> None:
    request_of(bundle, 5)["at"] = "2026-12-01T02:00:00.000000Z"


def change_time_back(bundle: Bundle) -> None:
    request_of(bundle, 5)["at"] = "2026-12-01T00:00:00.000000Z"


def change_result(bundle: Bundle) -> None:
    bundle["result"]["winner"] = "K07"


def change_reserve(bundle: Bundle) -> None:
    bundle["reserve"]["reserve_fen"] += 1


def change_reserve_key(bundle: Bundle) -> None:
    bundle["reserve"]["key"] = "00" * 32


def hold_reserve_back(bundle: Bundle) -> None:
    bundle["reserve"] = None


def change_rules(bundle: Bundle) -> None:
    bundle["parameters"]["rules"]["zh"][0] += "。"


def change_parameters(bundle: Bundle) -> None:
    bundle["parameters"]["terms"]["step_fen"] = 1


def change_priority(bundle: Bundle) -> None:
    bundle["bidders"][0]["has_priority"] = True


def change_standing(bundle: Bundle) -> None:
    request_of(bundle, 1)["standing"] = "seller"


def drop_last_heads(bundle: Bundle) -> None:
    bundle["heads"] = bundle["heads"][:-3]


def sign_by_another_key(bundle: Bundle) -> None:
    resign(bundle, Signer(Ed25519PrivateKey.generate()))


def forge_signature(bundle: Bundle) -> None:
    bundle["heads"][0]["signature"] = "00" * 64


def end_early(bundle: Bundle) -> None:
    del bundle["acts"][-3:]


TAMPERINGS: dict[Callable[[Bundle], None], str] = {
    alter_body: "event-altered",
    alter_body_and_rechain: "head-contradicted",
    swap_events: "event-misplaced",
    drop_event: "event-misplaced",
    insert_event: "event-misplaced",
    insert_event_and_rechain: "request-contradicted",
    swap_requests: "requests-misplaced",
    swap_requests_and_renumber: "request-contradicted",
    drop_request: "requests-misplaced",
    drop_request_and_renumber: "request-contradicted",
    change_amount: "request-contradicted",
    change_time: "request-contradicted",
    change_time_back: "act-out-of-time",
    change_result: "result-contradicted",
    change_reserve: "reserve-contradicted",
    change_reserve_key: "reserve-contradicted",
    hold_reserve_back: "reserve-unopened",
    change_rules: "rules-altered",
    change_parameters: "parameters-differ",
    change_priority: "bidders-differ",
    change_standing: "standing-contradicted",
    drop_last_heads: "unsigned",
    sign_by_another_key: "head-unknown-key",
    forge_signature: "head-forged",
    end_early: "event-unexplained",
}


@pytest.mark.parametrize("tamper", TAMPERINGS, ids=lambda tamper: tamper.__name__)
def test_what_was_altered_is_named(tamper: Callable[[Bundle], None]) -> None:
    _, bundle = played("open")
    tamper(bundle)
    report = verify(bundle, KEYS)
    assert TAMPERINGS[tamper] in codes(report)
    for item in report.findings:
        assert "{" not in item.text("zh") + item.text("en").replace('{"', "").replace("{'", "")


def test_a_request_that_claims_another_s_event_is_called_misplaced() -> None:
    _, bundle = played("open")
    # Two refused requests exchange their claims.
    first, second = request_of(bundle, 2), request_of(bundle, 4)
    first["number"], second["number"] = second["number"], first["number"]
    assert codes(verify(bundle, KEYS)) == {"request-misplaced"}


def change_maximum(bundle: Bundle) -> None:
    request_of(bundle, 2)["amount_fen"] -= 1


def change_key(bundle: Bundle) -> None:
    request_of(bundle, 2)["key"] = "00" * 32


def withhold_a_loser(bundle: Bundle) -> None:
    request_of(bundle, 2).update(replaced=True, key=None)


def open_nothing(bundle: Bundle) -> None:
    request_of(bundle, 2).update(amount_fen=None, key=None)


@pytest.mark.parametrize(
    ("tamper", "code"),
    [
        (change_maximum, "amount-contradicted"),
        (change_key, "amount-contradicted"),
        (withhold_a_loser, "amount-withheld"),
        (open_nothing, "amount-unopened"),
    ],
)
def test_an_opened_maximum_is_the_one_that_was_committed_to(
    tamper: Callable[[Bundle], None], code: str
) -> None:
    _, bundle = played("automatic")
    tamper(bundle)
    assert code in codes(verify(bundle, KEYS))


def test_a_sealed_amount_is_the_one_that_was_committed_to() -> None:
    _, bundle = played("sealed")
    opened = next(act for act in bundle["acts"] if act.get("openings"))
    opened["openings"][0]["amount_fen"] += 10 * YUAN
    assert {"amount-contradicted", "act-contradicted"} <= codes(verify(bundle, KEYS))


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
    change_result(bundle)
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
