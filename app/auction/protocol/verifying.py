"""Verifying a sale's record (核验): replays it by the rules alone and names everything that does not hold.

Pure: whoever runs this needs the bundle, the exchange's public keys from elsewhere, and perhaps his own receipts; no
database, no network, nothing of the exchange's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from app.auction.protocol.findings import NOTES, Finding, Unreadable, finding
from app.auction.protocol.opened import check_openings
from app.auction.protocol.record import Json, SaleRecord, read_record
from app.auction.protocol.replayed import replay_record
from app.auction.protocol.trust import TrustedKeys, find_forgery
from app.auction.protocol.witnesses import check_receipt, check_seen_head, covers
from app.auction.rules.game import ENDED
from app.chain import HOST, PUBLIC, canonical, chain_hash

if TYPE_CHECKING:
    from app.auction.protocol.record import RecordStream
    from app.auction.rules.game import State

_ENOUGH = 50


class Report(NamedTuple):
    """What a verifier found: nothing in ``findings`` means that the record holds; ``notes`` say what it cannot prove."""

    findings: list[Finding]
    notes: list[Finding]
    result: Json | None
    counts: Json

    @property
    def holds(self) -> bool:
        """Whether the record is whole, follows its rules to its result, and contradicts no witness."""
        return not self.findings

    def wire(self) -> dict[str, Any]:
        """The report as JSON."""
        return {
            "holds": self.holds,
            "findings": [item.wire() for item in self.findings],
            "notes": [item.wire() for item in self.notes],
            "result": self.result,
            "counts": self.counts,
        }


def verify(
    bundle: object, keys: TrustedKeys, receipts: Sequence[object] = (), heads: Sequence[object] = ()
) -> Report:
    """Checks a bundle against the exchange's public keys, own receipts and heads that somebody saw; raises nothing."""
    try:
        record = read_record(bundle)
    except Unreadable as unreadable:
        return Report([unreadable.finding], [], None, {})
    findings = [*_check_chains(record), *_check_parameters(record), *_check_bidders(record)]
    notes: list[Finding] = []
    replayed = replay_record(record)
    leader = replayed.state.leader if replayed.state else None
    for found in (*_check_heads(record, keys), *check_openings(record, leader)):
        (notes if found.code in NOTES else findings).append(found)
    findings += replayed.findings
    if replayed.state is not None and not replayed.findings:
        findings += _check_result(record, replayed.state)
    for receipt in receipts:
        findings += check_receipt(record, receipt, keys)
    for head in heads:
        findings += check_seen_head(record, head, keys)
    return Report(findings[:_ENOUGH], notes, record.result, _counts(record, len(receipts), len(heads)))


def _counts(record: SaleRecord, receipts: int, heads: int) -> dict[str, int]:
    return {
        "events": sum(len(stream.events) for stream in record.streams.values()),
        "requests": sum(act.get("act") == "request" for act in record.acts),
        "signed_heads": len(record.heads),
        "receipts": receipts,
        "seen_heads": heads,
    }


def _check_chains(record: SaleRecord) -> Iterator[Finding]:
    """Every event stands in its place and gives its hash from its content and the hash before it."""
    for stream in record.streams.values():
        before = bytes(32)
        for place, (event, claimed) in enumerate(zip(stream.events, stream.hashes, strict=True), 1):
            number = event["number"]
            if number != place:
                yield finding("event-misplaced", stream=stream.audience, number=place, found=number)
                break
            body = _canonical(event["body"])
            if body is None or claimed != chain_hash(
                before, stream.id, number, event["kind"], event["at"], body
            ):
                yield finding("event-altered", stream=stream.audience, number=number)
            before = claimed


def _canonical(body: Json) -> str | None:
    """The canonical form, or None of what no event can hold, such as a number beyond all bounds."""
    try:
        return canonical(body)
    except TypeError:
        return None


def _check_parameters(record: SaleRecord) -> Iterator[Finding]:
    """The parameters are those of the first public event, and the rules in words give the published fingerprint."""
    events = record.streams[PUBLIC].events
    if not events or events[0]["kind"] != "auction_scheduled":
        yield finding("event-missing", stream=PUBLIC, number=1, kind="auction_scheduled")
        return
    published, given = events[0]["body"], record.parameters
    for name in ("listing_no", "terms", "reserve_commitment", "sealing_key"):
        if given.get(name) != published.get(name):
            yield finding("parameters-differ", name=name)
    if record.streams[PUBLIC].id != record.auction_id:
        yield finding("parameters-differ", name="auction_id")
    rules = given.get("rules")
    if not isinstance(rules, dict):
        yield finding("rules-altered")
        return
    words = {"en": rules.get("en"), "terms": published.get("terms"), "zh": rules.get("zh")}
    made = hashlib.sha256((_canonical(words) or "").encode()).hexdigest()
    if not made == rules.get("sha256") == published.get("rules_sha256"):
        yield finding("rules-altered")


def _check_bidders(record: SaleRecord) -> Iterator[Finding]:
    """The list of bidders is that of their admissions, each the first event of the bidder's own stream."""
    admitted: dict[str, bool] = {}
    for audience, stream in record.streams.items():
        if audience in (PUBLIC, HOST):
            continue
        body = stream.events[0]["body"] if stream.events else {}
        if (
            not stream.events
            or stream.events[0]["kind"] != "bidder_admitted"
            or body.get("bidder") != audience
        ):
            yield finding("bidders-differ", bidder=audience)
        admitted[audience] = body.get("has_priority") is True
    for code in sorted({*admitted, *record.bidders}):
        if admitted.get(code) != record.bidders.get(code):
            yield finding("bidders-differ", bidder=code)
    for turn, act in enumerate(_requests(record), 1):
        bidder, standing = act.get("bidder"), act.get("standing")
        if not _stands(admitted, bidder, standing, has_priority=act.get("has_priority") is True):
            yield finding("standing-contradicted", turn=turn, bidder=bidder, standing=standing)


def _stands(admitted: Mapping[str, bool], bidder: object, standing: object, *, has_priority: bool) -> bool:
    """Whether a request's standing is one that its bidder can have; who has no code was never admitted."""
    if bidder is None:
        return standing in ("seller", "exchange", "stranger") and not has_priority
    return standing in ("admitted", "deposit_due") and admitted.get(str(bidder)) is has_priority


def _requests(record: SaleRecord) -> Iterator[Json]:
    return (act for act in record.acts if act.get("act") == "request")


def _check_heads(record: SaleRecord, keys: TrustedKeys) -> Iterator[Finding]:
    """Every head is the exchange's and covers the record's events; every stream is signed up to its last event."""
    signed = dict.fromkeys(record.streams, 0)
    for head in record.heads:
        stream = record.stream_by_id(head.stream)
        if stream is None:
            yield finding("head-elsewhere", stream=head.stream)
            continue
        forgery = find_forgery(head, keys, stream.audience)
        if forgery is not None:
            yield forgery
        elif head.last > len(stream.events):
            yield finding("head-lacking", stream=stream.audience, last=head.last, found=len(stream.events))
        elif not covers(head, stream):
            yield finding("head-contradicted", stream=stream.audience, last=head.last)
        else:
            signed[stream.audience] = max(signed[stream.audience], head.last)
    for stream in record.streams.values():
        yield from _check_signed(stream, signed[stream.audience])


def _check_signed(stream: RecordStream, last: int) -> Iterator[Finding]:
    tail = stream.events[last:]
    if not tail:
        return
    if all(event["kind"] == "bidder_admitted" for event in tail):
        yield finding("admission-unsigned", stream=stream.audience)
    else:
        yield finding("unsigned", stream=stream.audience, number=last + 1)


def _check_result(record: SaleRecord, state: State) -> Iterator[Finding]:
    """The result that the bundle tells is the one that the rules reach, and the one that the closing event tells."""
    told = record.streams[PUBLIC].events[-1]
    expected = {**told["body"], "at": told["at"]}
    if state.phase not in ENDED:
        yield finding("unfinished")
        return
    reached: dict[str, object] = {"outcome": state.phase}
    if state.phase == "sold":
        reached |= {"price_fen": state.price_fen, "winner": state.leader}
    differs = any(record.result.get(name) != value for name, value in reached.items())
    if differs or dict(record.result) != expected:
        yield finding("result-contradicted", expected=_shown(expected), found=_shown(record.result))


def _shown(result: Json) -> str:
    return f"{result.get('outcome')} {result.get('winner')} {result.get('price_fen')}"
