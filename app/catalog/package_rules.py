"""Packages (成果包): several results as one indivisible lot, with the allocation of its price; pure.

Source: the domain's package rule, on which the policies on bundles of advanced and applicable results rest: at least two
assets of one lead seller, one price, one winner, and an allocation table by appraisal that sums to 100 % and is fixed
before publication; it splits the proceeds for tax and for the inventors' rewards.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import NamedTuple

from app.catalog.errors_lots import AllocationOff, ItemTwice, PackageTooLarge, PackageTooSmall, ShareOff
from app.money import Money

WHOLE_BP = 10_000
LEAST_ITEMS = 2
MOST_ITEMS = 50


class Share(NamedTuple):
    """One asset's share of the price, in hundredths of a percent (万分之一)."""

    asset: Hashable
    share_bp: int


def check_allocation(shares: Sequence[Share]) -> None:
    """Refuses an allocation that is not of several assets, each once, with shares of exactly 100 %.

    Raises PackageTooSmall, PackageTooLarge, ItemTwice, ShareOff, AllocationOff.
    """
    if len(shares) < LEAST_ITEMS:
        raise PackageTooSmall(LEAST_ITEMS)
    if len(shares) > MOST_ITEMS:
        raise PackageTooLarge(MOST_ITEMS)
    if len({share.asset for share in shares}) < len(shares):
        raise ItemTwice
    if any(not 0 < share.share_bp < WHOLE_BP for share in shares):
        raise ShareOff
    total = sum(share.share_bp for share in shares)
    if total != WHOLE_BP:
        raise AllocationOff(percent_of(total), percent_of(WHOLE_BP - total))


def split_price(price_fen: int, shares: Sequence[Share]) -> list[int]:
    """What each asset gets of a price, in the items' order, to the last fen: the largest remainder first.

    Of equal remainders the earlier item gets the fen, so that the same table always splits the same way.
    """
    check_allocation(shares)
    return [part.minor for part in Money(price_fen).split([share.share_bp for share in shares])]


def percent_of(share_bp: int) -> str:
    """A share as people write it: 3333 is 33.33."""
    sign = "-" if share_bp < 0 else ""
    whole, rest = divmod(abs(share_bp), 100)
    return f"{sign}{whole}.{rest:02d}".removesuffix("0").removesuffix(".0")
