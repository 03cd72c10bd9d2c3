"""Witnesses against a record: receipts that bidders kept, and heads that anybody saw while the sale ran."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from app.auction.protocol.findings import Finding, Unreadable, finding
from app.auction.protocol.heads import SignedHead, Tree, verify_path
from app.auction.protocol.reading import read_list, read_number, read_object, read_text
from app.auction.protocol.record import Json, RecordStream, SaleRecord
from app.auction.protocol.trust import TrustedKeys, find_forgery, read_head
from app.auction.rules.terms import commit_amount
from app.chain import HOST, PUBLIC, instant

_RECEIPT = "receipt"


def covers(head: SignedHead, stream: RecordStream) -> bool:
    """Whether a signed head covers these very events of a stream that reaches at least as far."""
    hashes = stream.hashes[head.first - 1 : head.last]
    if len(hashes) != head.last - head.first + 1 or hashes[-1] != head.hash:
        return False
    return Tree(hashes).root == head.root and stream.events[head.last - 1]["at"] == instant(head.at)


def check_seen_head(record: SaleRecord, given: object, keys: TrustedKeys) -> Iterator[Finding]:
    """A head that somebody saw in a snapshot, a frame or a receipt: the record has what it covers."""
    try:
        seen = read_object(given, "head")
        head = read_head(seen.get("head") or seen.get("signed_head") or seen)
    except Unreadable as unreadable:
        yield unreadable.finding
        return
    stream = record.stream_by_id(head.stream)
    if stream is None:
        yield finding("head-elsewhere", stream=head.stream)
        return
    forgery = find_forgery(head, keys, stream.audience)
    if forgery is not None:
        yield forgery
    elif head.last > len(stream.events):
        yield finding("head-lacking", stream=stream.audience, last=head.last, found=len(stream.events))
    elif not covers(head, stream):
        yield finding("head-contradicted", stream=stream.audience, last=head.last)


def check_receipt(record: SaleRecord, given: object, keys: TrustedKeys) -> Iterator[Finding]:
    """A receipt that a bidder kept: it is the exchange's, and the record has the event and the request it proves."""
    try:
        receipt = read_object(given, _RECEIPT)
        bid_id, number = read_text(receipt, "bid_id"), read_number(receipt, "number")
        claimed = bytes.fromhex(read_text(receipt, "hash"))
        head = read_head(receipt["head"]) if receipt.get("head") is not None else None
        path = [str(item) for item in read_list(receipt.get("path", []), "path")]
    except Unreadable as unreadable:
        yield unreadable.finding
        return
    except ValueError:
        yield Unreadable(_RECEIPT, "receipt").finding
        return
    stream = record.stream_by_id(head.stream) if head else _named_stream(record, receipt)
    if stream is None or receipt.get("auction_id") not in (None, record.auction_id):
        yield finding("receipt-elsewhere", bid_id=bid_id)
        return
    if head is not None:
        size, index = head.last - head.first + 1, number - head.first
        is_proved = verify_path(claimed, path, head.root, index=index, size=size)
        if not is_proved or find_forgery(head, keys, stream.audience) is not None:
            yield finding("receipt-forged", bid_id=bid_id)
            return
    contradictions = list(_compare(record, stream, receipt, bid_id, number, claimed))
    if contradictions and head is None:
        yield finding("receipt-unsigned", bid_id=bid_id)
    yield from contradictions


def _named_stream(record: SaleRecord, receipt: Json) -> RecordStream | None:
    """The stream of a receipt without a head, by the receipt's word for it; an own one by its request."""
    named = receipt.get("stream")
    if named in (PUBLIC, HOST):
        return record.streams[str(named)]
    act = next(_acts_of(record, str(receipt.get("bid_id"))), None)
    return None if act is None else record.streams.get(str(act.get("stream")))


def _acts_of(record: SaleRecord, bid_id: str) -> Iterator[Json]:
    return (act for act in record.acts if act.get("act") == "request" and act.get("bid_id") == bid_id)


def _compare(
    record: SaleRecord, stream: RecordStream, receipt: Json, bid_id: str, number: int, claimed: bytes
) -> Iterator[Finding]:
    place: dict[str, Any] = {"bid_id": bid_id, "stream": stream.audience, "number": number}
    if not 0 < number <= len(stream.events):
        yield finding("receipt-lacking", **place)
        return
    if stream.hashes[number - 1] != claimed:
        yield finding("receipt-contradicted", **place)
        return
    act = next(
        (
            act
            for act in _acts_of(record, bid_id)
            if (act.get("stream"), act.get("number")) == (stream.audience, number)
        ),
        None,
    )
    if act is None:
        yield finding("receipt-lacking", **place)
        return
    for name in ("kind", "amount_fen"):
        value = receipt.get(name)
        if value is not None and act.get("commitment") is None and value != act.get(name):
            yield finding("receipt-request-differs", bid_id=bid_id, name=name)
    secret = receipt.get("secret")
    if isinstance(secret, dict) and not _opens(record, act, secret):
        yield finding("receipt-secret-differs", bid_id=bid_id)


def _opens(record: SaleRecord, act: Json, secret: Json) -> bool:
    """Whether the amount and key that a bidder kept give the commitment, and reach as far as what stands for them."""
    amount, key, shown = secret.get("amount_fen"), secret.get("key"), act.get("amount_fen")
    try:
        opened = commit_amount(str(act.get("bid_id")), int(str(amount)), bytes.fromhex(str(key)))
    except ValueError:
        return False
    if opened != act.get("commitment") or not isinstance(amount, int):
        return False
    if act.get("replaced") is not True or not isinstance(shown, int):
        return True
    terms = record.parameters.get("terms")
    falls = isinstance(terms, dict) and terms.get("direction") == "reverse"
    return amount <= shown if falls else amount >= shown
