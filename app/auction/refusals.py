"""Refusals as they are kept, so that a repeated id is given its very first answer again."""

from __future__ import annotations

import orjson

from app.auction.errors import find_refusal
from app.chain import canonical
from app.errors import MarketError

_AMOUNT = "amount_fen"


def store_refusal(refusal: MarketError, *, is_secret: bool) -> str:
    """Writes a refusal as text; the amount of a secret request is left out and kept with the secrets."""
    members = refusal.members()
    if is_secret and _AMOUNT in members:
        members = {**members, _AMOUNT: None}
    return canonical({"kind": type(refusal).__name__, "members": members})


def read_refusal(stored: str, amount_fen: int | None) -> MarketError:
    """Reads a refusal back; the amount that was left out is its sender's."""
    read = orjson.loads(stored)
    members = read["members"]
    if _AMOUNT in members and members[_AMOUNT] is None:
        members[_AMOUNT] = amount_fen or 0
    return find_refusal(read["kind"])(**members)
