"""Openings (公开的承诺): what was secret until the end and is told in a record, against what was committed to."""

from __future__ import annotations

from collections.abc import Iterator

from app.auction.protocol.findings import Finding, finding
from app.auction.protocol.record import Json, SaleRecord
from app.auction.rules.game import Kind
from app.auction.rules.terms import commit_amount, commit_reserve
from app.chain import PUBLIC

_WITHOUT_AMOUNT = frozenset({Kind.SEAL, Kind.WITHDRAW, Kind.WAIVE, Kind.ENTER})
_KEPT_SECRETS = frozenset({Kind.MAXIMUM, Kind.TURN})


def check_openings(record: SaleRecord, leader: str | None) -> Iterator[Finding]:
    """Every reserve, maximum, turn and sealed amount that is told is the one committed to; none is held back.

    Only maxima of who led at the end (the winner of a sale) may stand replaced. What was sealed and never opened has its commitment
    alone.
    """
    yield from _check_reserve(record)
    opened = _sealed_openings(record)
    is_void = _has_failed_openings(record)
    requests = (act for act in record.acts if act.get("act") == "request")
    for turn, act in enumerate(requests, 1):
        kind, bidder = act.get("kind"), act.get("bidder")
        if kind in _KEPT_SECRETS:
            yield from _check_kept(act, turn, leader)
        elif kind == Kind.SEAL and act.get("refusal") is None:
            opening = opened.get((str(bidder), str(act.get("bid_id"))))
            if opening is None:
                yield finding("sealed-unopened", turn=turn, bidder=bidder)
            elif not is_void and not _agrees(act, opening):
                yield finding("amount-contradicted", turn=turn, bidder=bidder)
        if kind not in _KEPT_SECRETS and not _is_plain(act):
            yield finding("amount-contradicted", turn=turn, bidder=bidder)


def _is_plain(act: Json) -> bool:
    """Whether a request that hides nothing has nothing to open, and no amount where its kind has none."""
    has_amount = act.get("amount_fen") is not None and act.get("kind") in _WITHOUT_AMOUNT
    return not has_amount and act.get("key") is None and act.get("replaced") is None


def _check_reserve(record: SaleRecord) -> Iterator[Finding]:
    commitment, reserve = record.parameters.get("reserve_commitment"), record.whole.get("reserve")
    if commitment is None:
        if reserve is not None:
            yield finding("reserve-contradicted")
        return
    if not isinstance(reserve, dict):
        yield finding("reserve-unopened")
        return
    amount, key = reserve.get("reserve_fen"), _key_of(reserve)
    if not isinstance(amount, int) or key is None or commit_reserve(amount, key) != commitment:
        yield finding("reserve-contradicted")


def _check_kept(act: Json, turn: int, leader: str | None) -> Iterator[Finding]:
    place = {"turn": turn, "bidder": act.get("bidder")}
    amount = act.get("amount_fen")
    if not isinstance(amount, int):
        yield finding("amount-unopened", **place)
    elif act.get("replaced") is True:
        if act.get("kind") != Kind.MAXIMUM or act.get("bidder") != leader or act.get("key") is not None:
            yield finding("amount-withheld", **place)
        else:
            yield finding("amount-replaced", **place, amount_fen=amount)
    elif not _agrees(act, act):
        yield finding("amount-contradicted", **place)


def _agrees(act: Json, opening: Json) -> bool:
    amount, key = opening.get("amount_fen"), _key_of(opening)
    if not isinstance(amount, int) or key is None:
        return False
    return commit_amount(str(act.get("bid_id")), amount, key) == act.get("commitment")


def _key_of(opening: Json) -> bytes | None:
    try:
        return bytes.fromhex(str(opening.get("key")))
    except ValueError:
        return None


def _sealed_openings(record: SaleRecord) -> dict[tuple[str, str], Json]:
    found: dict[tuple[str, str], Json] = {}
    for act in record.acts:
        given = act.get("openings")
        for opening in given if isinstance(given, list) else ():
            if isinstance(opening, dict):
                found[str(opening.get("bidder")), str(opening.get("bid_id"))] = opening
    return found


def _has_failed_openings(record: SaleRecord) -> bool:
    """Whether the sale is void because an envelope contradicted its commitment, which the record then tells."""
    events = record.streams[PUBLIC].events
    return bool(events) and events[-1]["body"].get("reason") == "opening_failed"
