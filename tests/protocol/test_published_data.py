"""What is published before the opening gives no secret away, even to whoever tries every amount that there could be."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import TYPE_CHECKING

import orjson
import pytest

from app.auction.rules.terms import commit_amount, commit_reserve
from app.chain import HOST, PUBLIC, canonical, chain_hash, instant
from tests.protocol.make_record import RESERVE_KEY, YUAN, PlayedSale, ask, at, key_of, make_terms

if TYPE_CHECKING:
    from collections.abc import Iterator

# A maximum that reaches the reserve would show it as the price: here none does.
RESERVE_FEN, MAXIMUM_FEN, SEALED_FEN = 6789 * YUAN, 4321 * YUAN, 3456 * YUAN
# Every amount in whole yuan that anybody would think of, and the secrets themselves.
POSSIBLE = range(900 * YUAN, 7000 * YUAN + 1, YUAN)
_DIGEST = re.compile(r"[0-9a-f]{64}")


def automatic() -> PlayedSale:
    sale = PlayedSale(make_terms(has_reserve=True, options={"automatic": True}), reserve_fen=RESERVE_FEN)
    sale.admit("K07", "C64")
    sale.work(at(0))
    sale.batch(at(5), ask("C64", 1000 * YUAN))
    sale.batch(at(6), ask("K07", MAXIMUM_FEN, "maximum"))
    sale.batch(at(7), ask("C64", 1100 * YUAN), ask("K07", 900 * YUAN, "maximum"))
    return sale


def sealed() -> PlayedSale:
    sale = PlayedSale(make_terms(format="sealed_first_price", trigger_seconds=0, extension_seconds=0))
    sale.admit("K07", "C64")
    sale.work(at(0))
    sale.batch(at(6), ask("K07", SEALED_FEN, "seal"))
    return sale


SALES = {"automatic": automatic, "sealed": sealed}


def known(sale: PlayedSale, *audiences: str) -> str:
    """All that these audiences have seen, and all signed heads."""
    events = [event.wire() for audience in audiences for event in sale.events[audience]]
    return orjson.dumps({"events": events, "heads": [head.wire() for head, _ in sale.heads]}).decode()


def guesses(sale: PlayedSale, amount_fen: int) -> Iterator[str]:
    """Digests of an amount that somebody could make from what everybody knows."""
    bid_ids = [request["bid_id"] for request in sale.requests]
    texts = [str(amount_fen), *(f"{bid_id}\n{amount_fen}" for bid_id in bid_ids)]
    keys = [b"", bytes(32), sale.id.encode(), *(bid_id.encode() for bid_id in bid_ids)]
    for text in texts:
        yield hashlib.sha256(text.encode()).hexdigest()
        for key in keys:
            yield hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


@pytest.mark.parametrize("name", SALES)
def test_no_digest_that_was_published_is_one_of_any_possible_amount(name: str) -> None:
    sale = SALES[name]()
    # Even who has broken into everybody's streams finds nothing: the commitments' keys are elsewhere.
    published = set(_DIGEST.findall(known(sale, *sale.events)))
    assert len(published) > 5
    for amount_fen in POSSIBLE:
        assert published.isdisjoint(guesses(sale, amount_fen))


@pytest.mark.parametrize("name", SALES)
def test_no_event_s_hash_is_that_of_its_body_with_an_amount_put_in(name: str) -> None:
    sale = SALES[name]()
    for audience, events in sale.events.items():
        before = bytes(32)
        for event in events:
            body = orjson.loads(event.body)
            for amount_fen in (RESERVE_FEN, MAXIMUM_FEN, SEALED_FEN):
                for member in ("amount_fen", "maximum_fen", "reserve_fen"):
                    if body.get(member) == amount_fen:
                        continue
                    guessed = canonical({**body, member: amount_fen})
                    stream = sale.streams[audience].id
                    moment = instant(event.at)
                    assert event.hash != chain_hash(before, stream, event.number, event.kind, moment, guessed)
            before = event.hash


def test_the_attack_would_see_an_amount_whose_key_is_known() -> None:
    sale = automatic()
    published = set(_DIGEST.findall(known(sale, *sale.events)))
    bid_id = next(request["bid_id"] for request in sale.requests if request["kind"] == "maximum")
    assert commit_amount(bid_id, MAXIMUM_FEN, key_of(bid_id)) in published
    assert commit_reserve(RESERVE_FEN, RESERVE_KEY) in published


@pytest.mark.parametrize(("name", "secret"), [("automatic", MAXIMUM_FEN), ("sealed", SEALED_FEN)])
def test_what_others_see_holds_no_amount_and_not_even_that_there_is_one(name: str, secret: int) -> None:
    sale = SALES[name]()
    seen = known(sale, PUBLIC, HOST, "C64")
    assert str(secret) not in seen
    assert str(RESERVE_FEN) not in seen
    for request in sale.requests:
        if request["kind"] in ("maximum", "seal") and request["refusal"] is None:
            assert request["commitment"] not in seen
            assert request["bid_id"] not in seen


def test_a_secret_act_leaves_what_others_see_as_it_was() -> None:
    with_act, without = (
        sealed(),
        PlayedSale(make_terms(format="sealed_first_price", trigger_seconds=0, extension_seconds=0)),
    )
    without.admit("K07", "C64")
    without.work(at(0))
    for audience in (PUBLIC, HOST, "C64"):
        assert with_act.events[audience] == without.events[audience]
    others = {with_act.streams[audience].id for audience in (PUBLIC, HOST, "C64")}
    assert [head for head, _ in with_act.heads if head.stream in others] == [
        head for head, _ in without.heads if head.stream in others
    ]
