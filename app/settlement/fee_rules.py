"""Pure rules of fees (交易服务费) and of what a release gives to whom, to the fen.

Source: 拍卖法 article 56: without an agreement not more than five per cent from each side, the rate falling as the price
rises. The tiers themselves are the exchange's own announced table, a dated rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.settlement.errors import NothingLeftForSeller, ReleaseAboveEscrow

if TYPE_CHECKING:
    from collections.abc import Mapping

WHOLE_BP = 10_000


@dataclass(frozen=True)
class Tier:
    """The rate on the part of a price up to ``up_to_fen``, or on all above the last one."""

    up_to_fen: int | None
    bp: int


@dataclass(frozen=True)
class FeeTable:
    """An announced table of fees (收费标准) of one side, with its least fee and its greatest, and the law's cap."""

    tiers: tuple[Tier, ...]
    least_fen: int
    greatest_fen: int
    cap_bp: int

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> FeeTable:
        """Reads a dated rule's value."""
        tiers = tuple(Tier(tier["up_to_fen"], int(tier["bp"])) for tier in value["tiers"])
        return cls(tiers, int(value["least_fen"]), int(value["greatest_fen"]), int(value["cap_bp"]))


def fee_of(table: FeeTable, price_fen: int) -> int:
    """The fee on a price: tier by tier, between the least and the greatest, never above the law's cap."""
    fee, below = 0, 0
    for tier in table.tiers:
        top = price_fen if tier.up_to_fen is None else min(price_fen, tier.up_to_fen)
        fee += max(top - below, 0) * tier.bp
        below = max(below, top)
    fen = min(max(fee // WHOLE_BP, table.least_fen), table.greatest_fen)
    # In favour of whoever pays: a cap is “not more than”.
    return min(fen, price_fen * table.cap_bp // WHOLE_BP)


@dataclass(frozen=True)
class Released:
    """What has left the escrow so far, or leaves it now: to the seller, as fee, as commission."""

    seller_fen: int = 0
    fee_fen: int = 0
    commission_fen: int = 0

    @property
    def total_fen(self) -> int:
        """All of it."""
        return self.seller_fen + self.fee_fen + self.commission_fen


def split_release(
    amount_fen: int,
    *,
    price_fen: int,
    escrow_fen: int,
    before: Released,
    fee_total_fen: int,
    commission_bp: int,
    fee_so_far_fen: int | None = None,
) -> Released:
    """Splits a release so that after the last one exactly the fee and the commission on the price have been taken.

    Fee and commission follow the money received (佣金按到账计提): each release takes what is due on all released so far
    less what was taken before. Where the whole is open (royalties), ``price_fen`` is all that is owed so far and
    ``fee_so_far_fen`` the fee on all that will then have been released. Raises ReleaseAboveEscrow, NothingLeftForSeller.
    """
    if not 0 < amount_fen <= escrow_fen or before.total_fen + amount_fen > price_fen:
        raise ReleaseAboveEscrow(amount_fen, escrow_fen)
    so_far = before.total_fen + amount_fen
    fee_due = fee_total_fen * so_far // price_fen if fee_so_far_fen is None else fee_so_far_fen
    fee = fee_due - before.fee_fen
    commission = so_far * commission_bp // WHOLE_BP - before.commission_fen
    seller = amount_fen - fee - commission
    if seller < 0:
        raise NothingLeftForSeller(amount_fen, fee, commission)
    return Released(seller, fee, commission)
