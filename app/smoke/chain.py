"""Checking a sale's published events without the market: numbers without a gap, hashes, and the reserve's opening."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.auction.rules.terms import commit_reserve
from app.chain import EMPTY_HASH, canonical, chain_hash
from app.smoke.steps import expect, expect_equal

if TYPE_CHECKING:
    from collections.abc import Sequence


def check_chain(auction_id: str, events: Sequence[dict[str, Any]]) -> str:
    """Computes every hash anew from the first event on; gives the head's."""
    before = EMPTY_HASH
    for number, event in enumerate(events, 1):
        expect_equal(event["number"], number, "event number")
        body = canonical(event["body"])
        before = chain_hash(before, auction_id, number, event["kind"], event["at"], body)
        expect_equal(event["hash"], before.hex(), f"hash of event {number}")
    return before.hex()


def check_reserve(events: Sequence[dict[str, Any]], reserve_fen: int) -> None:
    """Compares the reserve opened at the close with the commitment published before the first bid."""
    commitment = events[0]["body"]["reserve_commitment"]
    opening = events[-1]["body"]["reserve_opening"]
    expect(opening is not None, "an opened reserve in the closing event", events[-1])
    expect_equal(opening["reserve_fen"], reserve_fen, "reserve")
    opened = commit_reserve(opening["reserve_fen"], bytes.fromhex(opening["key"]))
    expect_equal(opened, commitment, "commitment")
