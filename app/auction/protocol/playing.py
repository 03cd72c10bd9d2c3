"""Playing a file (按文件重放): parameters, then one request or act of the host a line; time carries the sale on between them.

Whoever only wants to know what the rules say needs no bundle: ids, keys and standings may be left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import orjson

from app.auction.errors import TermsInvalid
from app.auction.protocol.findings import Unreadable
from app.auction.protocol.reading import (
    read_instant,
    read_list,
    read_object,
    read_text,
    read_text_or_none,
    read_whole,
)
from app.auction.protocol.replayed import CRAFTED
from app.auction.protocol.replaying import Outcome, Replay, read_terms
from app.auction.rules.game import ENDED, Kind, Standing
from app.auction.rules.terms import commit_amount
from app.chain import instant
from app.errors import MarketError

Json = dict[str, Any]
_LINE = "line"
_AT = "at"
_KEY = "key"
_BIDDERS = "bidders"
_NO_KEY = "00" * 32
# Terms in which a file may leave out what plays no part in the rules.
_DEFAULTS = {"deposit_fen": 0, "hard_end_at": None, "trigger_seconds": 0, "extension_seconds": 0}
# A sale that time alone carries on for ever is not played to its end.
_MOST_TURNS = 100_000


def play(lines: Iterable[str]) -> Iterator[Json]:
    """Plays a file and tells what each line brought, what time brought between them, and the result.

    A line that cannot be read is told, and nothing after it is played.
    """
    game: _Game | None = None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            read = read_object(_parse(line), _LINE)
            if game is None:
                game = _Game(read)
            else:
                yield from game.take(number, read)
        except Unreadable as unreadable:
            yield {"line": number, "unreadable": _words(unreadable)}
            return
        except CRAFTED as error:
            reason = f"{type(error).__name__}: {error}"
            yield {"line": number, "unreadable": {"zh": reason, "en": reason}}
            return
        except TermsInvalid as refusal:
            yield {"line": number, "unreadable": {"zh": refusal.detail("zh"), "en": refusal.detail("en")}}
            return
    if game is not None:
        yield from game.end()


def _parse(line: str) -> object:
    try:
        return orjson.loads(line)
    except ValueError:
        raise Unreadable(_LINE, "json") from None


def _words(unreadable: Unreadable) -> Json:
    return {lang: unreadable.finding.text(lang) for lang in ("zh", "en")}


class _Game:
    """A sale that is played from a file, and the sealed amounts that its lines told."""

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        reserve = read_whole(parameters, "reserve_fen")
        terms = read_object(parameters.get("terms"), "terms")
        published = read_terms({**_DEFAULTS, "has_reserve": reserve is not None, **terms}, check=True)
        self._replay = Replay(
            published, reserve_fen=reserve, reserve_key=None if reserve is None else bytes.fromhex(_NO_KEY)
        )
        self._bidders: dict[str, bool] | None = None
        self._sealed: dict[str, Json] = {}
        self._last: datetime | None = None
        if parameters.get(_BIDDERS) is not None:
            self._bidders = {}
            for item in read_list(parameters[_BIDDERS], _BIDDERS):
                bidder = read_object(item, _BIDDERS)
                self._admit(read_text(bidder, "code"), has_priority=bidder.get("has_priority") is True)

    def _admit(self, code: str, *, has_priority: bool) -> None:
        if self._bidders is not None:
            self._bidders[code] = has_priority
        self._replay.admit(code, has_priority=has_priority)

    def take(self, number: int, line: Mapping[str, Any]) -> Iterator[Json]:
        """What time brought before a line, and what the line brought."""
        at = read_instant(line, "at")
        if self._last is not None and at < self._last:
            raise Unreadable(_AT, "later")
        self._last = at
        yield from self._until(at)
        self._replay.carry_out({"act": "advance", "at": line["at"]})
        told: Json = {"line": number, "at": instant(at)}
        try:
            yield {**told, **self._line(number, line)}
        except Unreadable:
            raise
        except MarketError as refusal:
            yield {**told, "ok": False, "refusal": _refusal(refusal), "events": []}

    def _line(self, number: int, line: Mapping[str, Any]) -> Json:
        act = line.get("act", "request")
        if act != "request":
            return {"ok": True, "act": act, "events": _events(self._replay.carry_out(line))}
        outcome = self._replay.carry_out(self._request(number, line))
        refusal = outcome.judged.refusal if outcome.judged else None
        answer: Json = {"ok": refusal is None, "bidder": line.get("bidder"), "events": _events(outcome)}
        return answer if refusal is None else {**answer, "refusal": _refusal(refusal)}

    def _request(self, number: int, line: Mapping[str, Any]) -> Json:
        """A line's request with what it may leave out; a sealed amount is judged and kept apart, as at the edge."""
        kind, code = read_text({"kind": Kind.BID, **line}, "kind"), read_text_or_none(line, "bidder")
        amount = read_whole(line, "amount_fen")
        bid_id = read_text_or_none(line, "bid_id") or f"line-{number}"
        key = read_text_or_none(line, "key") or _NO_KEY
        commitment = None
        if kind in (Kind.MAXIMUM, Kind.TURN, Kind.SEAL) and amount is not None:
            commitment = commit_amount(bid_id, amount, _read_key(key))
        if kind == Kind.SEAL and amount is not None:
            published = self._replay.published
            published.format.check_sealed(published.terms, published.options, amount)
            self._sealed[bid_id] = {"bidder": code, "bid_id": bid_id, "amount_fen": amount, "key": key}
            amount = None
        has_priority = self._standing(code)
        return {
            "standing": Standing.STRANGER if has_priority is None else Standing.ADMITTED,
            "received_at": line["at"],
            **line,
            "act": "request",
            "kind": kind,
            "amount_fen": amount,
            "bid_id": bid_id,
            "commitment": commitment,
            "has_priority": has_priority is True,
        }

    def _standing(self, code: str | None) -> bool | None:
        """Whether a bidder has priority; None for one who is not admitted. Without a list everybody with a code is."""
        if code is None:
            return None
        if self._bidders is None:
            self._replay.admit(code, has_priority=False)
            return False
        return self._bidders.get(code)

    def _until(self, at: datetime | None) -> Iterator[Json]:
        """Carries the sale on as a worker would that is never late, up to an instant or to the end."""
        for _ in range(_MOST_TURNS):
            due = self._replay.due_at()
            if due is None or (at is not None and due > at):
                return
            before = self._replay.state
            moment = max(due, self._replay.now)
            openings = list(self._sealed.values()) if self._replay.wants_openings else []
            outcome = self._replay.carry_out({"act": "carry_on", "at": instant(moment), "openings": openings})
            if outcome.events:
                yield {"at": instant(moment), "act": "carry_on", "events": _events(outcome)}
            elif self._replay.state == before and self._replay.due_at() == due:
                return

    def end(self) -> Iterator[Json]:
        """What time brings after the last line, and the result; a suspended sale waits for its host and has none."""
        yield from self._until(None)
        state = self._replay.state
        is_sold = state.phase == "sold"
        yield {
            "result": {
                "phase": state.phase,
                "has_ended": state.phase in ENDED,
                "winner": state.leader if is_sold else None,
                "price_fen": state.price_fen if is_sold else None,
                "leader": state.leader,
                "shown_fen": state.price_fen,
                "ends_at": instant(state.ends_at),
                "extensions": state.extensions,
            }
        }


def _read_key(key: str) -> bytes:
    try:
        return bytes.fromhex(key)
    except ValueError:
        raise Unreadable(_KEY, "hex") from None


def _events(outcome: Outcome) -> list[Json]:
    return [
        {"stream": audience, "number": event.number, "kind": event.kind, "body": orjson.loads(event.body)}
        for audience, event in outcome.events
    ]


def _refusal(refusal: MarketError) -> Json:
    return {
        "code": refusal.code,
        "zh": refusal.detail("zh"),
        "en": refusal.detail("en"),
        **refusal.members(),
    }
