"""What was altered in a record is named: bytes, order, times, amounts, results, keys."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.auction.protocol.heads import Signer
from app.auction.protocol.verifying import verify
from tests.protocol.bundles import Bundle, codes, played, rechain, request_of, resign, stream_of
from tests.protocol.make_record import KEYS, YUAN

if TYPE_CHECKING:
    from collections.abc import Callable


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
