"""What a simulated bidder does when it may do something: pure, from what its own view of a sale offers."""

from __future__ import annotations

import random
from typing import Any

_IN_TURNS = "prozorro_rounds"
_RISES = (0, 0, 0, 1, 1, 2)
# Of each bidder's own worth, as shares of the start price: where an open fight ends, and where a falling price is taken.
_RAISES, _AUTOMATIC = 0.2, 0.5
_OPEN, _CLOCK = (1.05, 1.5), (0.6, 0.88)


def worth_fen(auction_id: str, login: str, start_price_fen: int, step_fen: int, *, is_clock: bool) -> int:
    """What a sale is worth to a bidder: its own for each sale, whole steps from the start price, the same after a restart."""
    low, high = _CLOCK if is_clock else _OPEN
    share = low + (high - low) * random.Random(f"{auction_id} {login}").random()  # noqa: S311 - no secret
    return start_price_fen + round(start_price_fen * (share - 1) / step_fen) * step_fen


def choose_act(seen: dict[str, Any], worth: int, chance: random.Random) -> dict[str, Any] | None:
    """The request of a bidder who sees a sale so, without its id and key; None when it waits or gives up.

    ``worth``: the highest amount it goes to; on a price clock the price at which it takes.
    """
    kinds, limit, detail = seen["offer"]["kinds"], seen["offer"]["limit_fen"], seen["detail"] or {}
    if "enter" in kinds:
        return {"kind": "enter"}
    if limit is None:
        return None
    if "take" in kinds:
        # A price clock falls towards a bidder; everything else moves away from it.
        return {"kind": "take", "amount_fen": limit, "step": detail["step"]} if limit <= worth else None
    if limit > worth:
        return None
    return _climb(seen, worth, chance)


def _climb(seen: dict[str, Any], worth: int, chance: random.Random) -> dict[str, Any] | None:
    """A request at or above the limit, which the bidder can afford."""
    kinds = set(seen["offer"]["kinds"])
    if kinds & {"seal", "turn"}:
        return _in_secret(seen, kinds, worth, chance)
    if "accept" in kinds:
        return _in_a_round(seen, kinds, worth, chance)
    # Who leads waits, but for the one answer of whoever has stopped a price clock.
    if (seen["me"]["leading"] and seen["stage"] != "best") or "bid" not in kinds:
        return None
    if "maximum" in kinds and seen["me"]["own"].get("maximum_fen") is None and chance.random() < _AUTOMATIC:
        return {"kind": "maximum", "amount_fen": worth}
    return {"kind": "bid", "amount_fen": _rise(seen, worth, chance)}


def _in_secret(
    seen: dict[str, Any], kinds: set[str], worth: int, chance: random.Random
) -> dict[str, Any] | None:
    """One envelope with what it is worth; in a turn a step or more beyond the own amount, once."""
    own, limit, step = seen["me"]["own"], seen["offer"]["limit_fen"], seen["step_fen"]
    if "seal" in kinds:
        # Where turns follow, the first amount leaves room for them.
        amount_fen = limit + (worth - limit) // (2 * step) * step if seen["format"] == _IN_TURNS else worth
        return None if own.get("envelope") else {"kind": "seal", "amount_fen": amount_fen}
    if own.get("pending_fen"):
        return None
    return {"kind": "turn", "amount_fen": _rise(seen, worth, chance), "step": seen["detail"]["round"]}


def _in_a_round(seen: dict[str, Any], kinds: set[str], worth: int, chance: random.Random) -> dict[str, Any]:
    """Accepts the round's price, now and then goes a step above it."""
    limit, above = seen["offer"]["limit_fen"], seen["offer"]["limit_fen"] + seen["step_fen"]
    raises = "raise" in kinds and above <= worth and chance.random() < _RAISES
    amount_fen = above if raises else limit
    kind = "raise" if raises else "accept"
    return {"kind": kind, "amount_fen": amount_fen, "step": seen["detail"]["round"]}


def _rise(seen: dict[str, Any], worth: int, chance: random.Random) -> int:
    """The limit or some steps above it, as far as the bidder goes."""
    limit: int = seen["offer"]["limit_fen"]
    amount = limit + chance.choice(_RISES) * int(seen["step_fen"])
    return amount if amount <= worth else limit
