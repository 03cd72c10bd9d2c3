"""Bundles of played sales, and what somebody does to them who wants another result."""

from __future__ import annotations

from typing import Any

import orjson

from app.auction.protocol.heads import Signer, Tree
from app.auction.protocol.verifying import Report
from app.chain import canonical, chain_hash
from tests.protocol.make_record import SALES, SIGNER, START, PlayedSale

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
    """The codes of what was found."""
    return {item.code for item in report.findings}


def stream_of(bundle: Bundle, audience: str) -> Bundle:
    """One stream."""
    return next(stream for stream in bundle["streams"] if stream["audience"] == audience)


def request_of(bundle: Bundle, turn: int) -> Bundle:
    """One request."""
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
