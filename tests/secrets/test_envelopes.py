"""Envelopes open at their place with their key, and nowhere else."""

from __future__ import annotations

from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.auction.envelopes import (
    Place,
    Unreadable,
    key_id,
    make_private_key,
    make_sale_keys,
    public_half,
    seal,
    unseal,
    unwrap,
)
from app.money import MAX_FEN

AMOUNTS = st.integers(1, MAX_FEN)
MASTER = make_private_key()
PRIVATE = make_private_key()
PLACE = Place(uuid4(), uuid4(), uuid4())
KEY = bytes(range(32))


@given(AMOUNTS, st.binary(min_size=32, max_size=32))
@settings(max_examples=100, deadline=None)
def test_an_envelope_gives_back_its_amount_and_key(amount_fen: int, key: bytes) -> None:
    envelope = seal(public_half(PRIVATE), PLACE, amount_fen, key)
    assert unseal(PRIVATE, PLACE, envelope) == (amount_fen, key)


@given(AMOUNTS)
@settings(max_examples=50, deadline=None)
def test_envelopes_are_of_one_length_and_never_alike(amount_fen: int) -> None:
    first, second = (seal(public_half(PRIVATE), PLACE, amount_fen, KEY) for _ in range(2))
    assert len(first) == len(second) == len(seal(public_half(PRIVATE), PLACE, 1, KEY)) == 88
    assert first != second
    assert amount_fen.to_bytes(8, "big") not in first


@pytest.mark.parametrize("part", ["auction_id", "party_id", "bid_id"])
def test_an_envelope_moved_elsewhere_does_not_open(part: str) -> None:
    envelope = seal(public_half(PRIVATE), PLACE, 5, KEY)
    with pytest.raises(Unreadable):
        unseal(PRIVATE, PLACE._replace(**{part: uuid4()}), envelope)


@given(st.integers(0, 87), st.integers(1, 255))
@settings(max_examples=100, deadline=None)
def test_an_altered_envelope_does_not_open(place: int, change: int) -> None:
    envelope = bytearray(seal(public_half(PRIVATE), PLACE, 5, KEY))
    envelope[place] ^= change
    with pytest.raises(Unreadable):
        unseal(PRIVATE, PLACE, bytes(envelope))


@pytest.mark.parametrize("text", [b"", b"\0" * 88, b"short", bytes(200)])
def test_what_is_no_envelope_does_not_open(text: bytes) -> None:
    with pytest.raises(Unreadable):
        unseal(PRIVATE, PLACE, text)


def test_a_commitment_s_key_has_32_bytes() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        seal(public_half(PRIVATE), PLACE, 5, b"short")


def test_whoever_has_the_master_key_alone_unwraps_a_sale_s_key() -> None:
    auction_id = uuid4()
    keys = make_sale_keys(auction_id, public_half(MASTER))
    assert keys.master_key_id == key_id(public_half(MASTER))
    private = unwrap(MASTER, auction_id, keys)
    assert public_half(private) == keys.public_key
    for master, sale in ((make_private_key(), auction_id), (MASTER, uuid4())):
        with pytest.raises(Unreadable):
            unwrap(master, sale, keys)


def test_a_public_key_that_was_exchanged_is_noticed() -> None:
    auction_id = uuid4()
    keys = make_sale_keys(auction_id, public_half(MASTER))
    other = make_sale_keys(auction_id, public_half(MASTER))
    with pytest.raises(Unreadable):
        unwrap(MASTER, auction_id, keys._replace(public_key=other.public_key))
