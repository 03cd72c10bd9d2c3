"""Pure rules of patent licences (专利许可): within the patent's life, and none in the way of another.

Source: 民法典 article 865 (a licence contract holds only while the patent is in force), 技术合同解释 article 25 (独占、排他、普通).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from app.trades.errors_licences import (
    EarlierLicenceInTheWay,
    LicenceBeyondPatent,
    LicenceOverlaps,
    LicencePeriodWrong,
    TerritoryUnknown,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

Kind = Literal["exclusive", "sole", "ordinary"]
KIND_WORDS = {
    "exclusive": ("独占许可", "exclusive"),
    "sole": ("排他许可", "sole"),
    "ordinary": ("普通许可", "ordinary"),
}
# The world, a country, or a province of China by its administrative code: WW, CN, CN-33.
TERRITORY = re.compile(r"(WW|[A-Z]{2}|CN-[0-9]{2})\Z")
WORLD = "WW"


@dataclass(frozen=True)
class Grant:
    """A licence's kind, where, for which field of use (empty: all) and when; ``ends_on`` is its last day."""

    kind: Kind
    territory: str
    field: str
    starts_on: date
    ends_on: date


def check_grant(grant: Grant, *, application_no: str, expires_on: date) -> None:
    """Raises TerritoryUnknown, LicencePeriodWrong, or LicenceBeyondPatent: on ``expires_on`` the patent is gone."""
    if not TERRITORY.match(grant.territory):
        raise TerritoryUnknown(grant.territory)
    if grant.ends_on < grant.starts_on:
        raise LicencePeriodWrong(grant.starts_on, grant.ends_on)
    if grant.ends_on >= expires_on:
        raise LicenceBeyondPatent(application_no, grant.ends_on, expires_on)


def overlaps(one: Grant, other: Grant) -> bool:
    """Whether two licences of one patent meet in territory, field of use and time."""
    in_time = one.starts_on <= other.ends_on and other.starts_on <= one.ends_on
    in_field = one.field == other.field or not one.field or not other.field
    return in_time and in_field and _meet(one.territory, other.territory)


def _meet(one: str, other: str) -> bool:
    return WORLD in {one, other} or one == other or one.startswith(f"{other}-") or other.startswith(f"{one}-")


def check_overlap(new: Grant, earlier: Iterable[Grant], *, accepts_earlier: bool = False) -> None:
    """Refuses a licence in the way of an earlier one of the same patent, or that an earlier one is in the way of.

    Beside an exclusive or a sole licence nobody else is licensed: LicenceOverlaps. A new exclusive or sole one where
    an ordinary one runs needs its taker to accept that (``accepts_earlier``): EarlierLicenceInTheWay.
    """
    for other in earlier:
        if not overlaps(new, other):
            continue
        if other.kind != "ordinary":
            raise LicenceOverlaps(*KIND_WORDS[other.kind], other.territory, other.starts_on, other.ends_on)
        if new.kind != "ordinary" and not accepts_earlier:
            raise EarlierLicenceInTheWay(
                *KIND_WORDS[new.kind], other.territory, other.starts_on, other.ends_on
            )
