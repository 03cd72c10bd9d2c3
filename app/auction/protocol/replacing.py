"""Replacing what the leader would have paid (领先者上限的替代): each of its maxima by the lowest value with the same record.

Nobody is to learn from a record how far its winner would have gone. The value found is proved by replaying: with it the
rules bring the very same events. Its commitment stays beside it; a supervisor can have the value itself opened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from app.auction.protocol.replayed import open_replay, replay_record
from app.auction.rules.game import Kind
from app.chain import PUBLIC
from app.money import MAX_FEN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from app.auction.protocol.findings import Finding
    from app.auction.protocol.record import SaleRecord

_MOST_PASSES = 4
# What a record may cost in replayed acts before the search is content with a low value instead of the lowest.
_MOST_ACTS = 2_000_000


def replace_maxima(record: SaleRecord) -> list[Finding]:
    """Replaces the leader's maxima from the price on, in the record's own acts; returns why it does not hold, if so.

    Of a record that its own acts do not bring about nothing can be told to be the lowest: all its maxima are withheld.
    """
    maxima = [cast("dict[str, Any]", act) for act in record.acts if act.get("kind") == Kind.MAXIMUM]
    replayed = replay_record(record)
    state = replayed.state
    if state is None or replayed.findings:
        for act in maxima:
            act.update(key=None, amount_fen=None)
        return replayed.findings
    sign = -1 if record.parameters["terms"].get("direction") == "reverse" else 1
    price = 0 if state.price_fen is None else sign * state.price_fen
    own = [act for act in maxima if act["bidder"] == state.leader and sign * act["amount_fen"] >= price]
    if own:
        _lower_all(_Search(record, sign, own), own, price)
    return []


def _lower_all(search: _Search, own: list[dict[str, Any]], price: int) -> None:
    """Puts the lowest values into all of them together."""
    if len(own) > 1:
        search.try_together(price)
    for _ in range(_MOST_PASSES):
        # From the last to the first: an earlier one may be bounded by a later one, which is then lowered again.
        lowered = [search.lower(act) for act in reversed(own)]
        if not any(lowered):
            break
    for act in own:
        act.update(key=None, replaced=True)


class _Search:
    """The search for lowest values, counted in acts that were replayed for it. Amounts are turned so that more is further."""

    def __init__(self, record: SaleRecord, sign: int, own: list[dict[str, Any]]) -> None:
        self._record = record
        self._sign = sign
        self._own = own
        self._left = _MOST_ACTS
        self._floor = 0 if sign > 0 else -MAX_FEN - 1
        self._marks = {sign * amount for amount in _marks(record, own)}

    def try_together(self, price: int) -> None:
        """Tries all at the price, each a fen beyond the one before: mostly right, and cheap."""
        before = [act["amount_fen"] for act in self._own]
        for place, act in enumerate(self._own):
            act["amount_fen"] = self._sign * min(price + place, self._sign * act["amount_fen"])
        if not self._holds():
            for act, amount in zip(self._own, before, strict=True):
                act["amount_fen"] = amount

    def lower(self, act: dict[str, Any]) -> bool:
        """Puts the lowest value with the same record into one act; True if it is lower than before."""
        before: int = self._sign * act["amount_fen"]
        others = {self._sign * other["amount_fen"] for other in self._own}
        marks = self._marks | others | {amount + 1 for amount in others}
        lowest = _find_lowest(before, self._floor, marks, lambda value: self._holds_with(act, value))
        act["amount_fen"] = self._sign * lowest
        return lowest < before

    def _holds_with(self, act: dict[str, Any], value: int) -> bool:
        kept: int = act["amount_fen"]
        act["amount_fen"] = self._sign * value
        holds = self._holds()
        act["amount_fen"] = kept
        return holds

    def _holds(self) -> bool:
        if self._left <= 0:
            return False
        self._left -= len(self._record.acts)
        return not replay_record(self._record).findings


def _marks(record: SaleRecord, own: list[dict[str, Any]]) -> set[int]:
    """Amounts at which a course can turn: prices that were shown, others' amounts, limits when a maximum was set."""
    found = {act["amount_fen"] for act in record.acts if isinstance(act.get("amount_fen"), int)}
    for event in record.streams[PUBLIC].events:
        found |= {event["body"][name] for name in ("amount_fen", "price_fen") if event["body"].get(name)}
    replay = open_replay(record)
    for act in record.acts:
        if any(act is one for one in own):
            offer = replay.published.format.offer(replay.game, replay.state, None, replay.now)
            found.add(offer.limit_fen or 1)
        replay.carry_out(act)
    return {1, *found}


def _find_lowest(good: int, bad: int, marks: Iterable[int], holds: Callable[[int], bool]) -> int:
    """The lowest value that holds: ``good`` does, ``bad`` and all below do not. The marks are looked at first."""
    # One fen less tells at once whether there is anything to look for.
    if good - 1 <= bad or not holds(good - 1):
        return good
    good -= 1
    inside = sorted(mark for mark in set(marks) if bad < mark < good)
    while inside:
        middle = len(inside) // 2
        if holds(inside[middle]):
            good, inside = inside[middle], inside[:middle]
        else:
            bad, inside = inside[middle], inside[middle + 1 :]
    if good - 1 <= bad or not holds(good - 1):
        return good
    good -= 1
    while good - bad > 1:
        middle = (good + bad) // 2
        if holds(middle):
            good = middle
        else:
            bad = middle
    return good
