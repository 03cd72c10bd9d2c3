"""Pure rules of patent licences (专利许可): within the patent's life, and none in the way of another.

Source: 民法典 article 865 (a licence contract holds only while the patent is in force), 技术合同解释 article 25 (独占、排他、普通).
A listing offers one licence by its kind, territory, field of use and term; a deal turns that into the buyer's own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal, cast

from app.trades.errors_licences import (
    EarlierLicenceInTheWay,
    FieldOfUseTooLong,
    LicenceBeyondOffer,
    LicenceBeyondPatent,
    LicenceEndsBeforeSale,
    LicenceOverlaps,
    LicencePeriodWrong,
    LicenceTermsMissing,
    LicenceTermsNotWanted,
    TerritoryUnknown,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.trades.models import Listing
    from app.trades.rules import Offer

LICENCES = ("exclusive", "sole", "ordinary")
LICENCE_FIELDS = ("territory", "field_of_use", "licence_from", "licence_to", "sublicence")
LONGEST_FIELD = 100
Kind = Literal["exclusive", "sole", "ordinary"]
KIND_WORDS = {
    "exclusive": ("独占许可", "exclusive"),
    "sole": ("排他许可", "sole"),
    "ordinary": ("普通许可", "ordinary"),
}
# The world, a country, or a province of China by its administrative code: WW, CN, CN-33.
TERRITORY = re.compile(r"(WW|[A-Z]{2}|CN-[0-9]{2})\Z")
WORLD = "WW"
_MONTHS = 12


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


def check_licence_terms(offer: Offer) -> None:
    """Raises unless a licence's terms are all there, and none of an assignment or a demand.

    LicenceTermsMissing, LicenceTermsNotWanted, TerritoryUnknown, FieldOfUseTooLong, LicencePeriodWrong.
    An empty field of use is every field.
    """
    there = [name for name in LICENCE_FIELDS if getattr(offer, name) is not None]
    if offer.rights not in LICENCES:
        if there or offer.accepts_earlier:
            extra = [*there, *(["accepts_earlier"] if offer.accepts_earlier else [])]
            raise LicenceTermsNotWanted(extra, "、".join(extra))
        return
    if missing := [name for name in LICENCE_FIELDS if name not in there]:
        raise LicenceTermsMissing(*KIND_WORDS[offer.rights], missing, "、".join(missing))
    grant = offered_grant(offer)
    if not TERRITORY.match(grant.territory):
        raise TerritoryUnknown(grant.territory)
    if len(grant.field) > LONGEST_FIELD:
        raise FieldOfUseTooLong(LONGEST_FIELD, len(grant.field))
    if grant.ends_on < grant.starts_on:
        raise LicencePeriodWrong(grant.starts_on, grant.ends_on)


def check_licence_ahead(offered: Grant, last_on: date) -> None:
    """Raises LicenceEndsBeforeSale unless the licence still runs when its listing ends."""
    if offered.ends_on <= last_on:
        raise LicenceEndsBeforeSale(offered.ends_on, last_on)


def offered_grant(offer: Offer) -> Grant:
    """The licence that a complete offer of one is about."""
    if offer.territory is None or offer.licence_from is None or offer.licence_to is None:
        raise LicenceTermsMissing(*KIND_WORDS[offer.rights], list(LICENCE_FIELDS), "、".join(LICENCE_FIELDS))
    kind = cast("Kind", offer.rights)
    return Grant(kind, offer.territory, offer.field_of_use or "", offer.licence_from, offer.licence_to)


def grant_of(listing: Listing) -> Grant:
    """The licence that a listing offers; the database holds that its terms are there."""
    if listing.territory is None or listing.licence_from is None or listing.licence_to is None:
        raise LookupError(listing.id)
    kind = cast("Kind", listing.rights)
    return Grant(
        kind, listing.territory, listing.field_of_use or "", listing.licence_from, listing.licence_to
    )


def sold_grant(
    offered: Grant, today: date, *, territory: str | None = None, term_months: int | None = None
) -> Grant:
    """The licence that a deal of today gives: as offered, from today on if that is later, or narrower as negotiated.

    Raises LicenceBeyondOffer where what was negotiated lies outside of what was offered.
    """
    where = territory if territory is not None else offered.territory
    if not within(where, offered.territory):
        raise LicenceBeyondOffer(where, offered.territory, offered.ends_on)
    starts_on = max(offered.starts_on, today)
    ends_on = offered.ends_on
    if term_months is not None:
        ends_on = min(ends_on, add_months(starts_on, term_months) - timedelta(days=1))
    return Grant(offered.kind, where, offered.field, starts_on, ends_on)


def check_negotiated(offered: Grant, territory: str | None, term_months: int | None) -> None:
    """Raises TerritoryUnknown or LicenceBeyondOffer unless a negotiated licence lies within the offered one."""
    if territory is None or term_months is None:
        return
    if not TERRITORY.match(territory):
        raise TerritoryUnknown(territory)
    longest = add_months(offered.starts_on, term_months) - timedelta(days=1)
    if not within(territory, offered.territory) or longest > offered.ends_on:
        raise LicenceBeyondOffer(territory, offered.territory, offered.ends_on)


def within(inner: str, outer: str) -> bool:
    """Whether a territory lies in another: everything in the world, a province in its country."""
    return outer in (WORLD, inner) or inner.startswith(f"{outer}-")


def add_months(day: date, months: int) -> date:
    """The same day some months on, or that month's last day."""
    place = day.year * _MONTHS + day.month - 1 + months
    year, month = divmod(place, _MONTHS)
    after = date(year + (month + 1) // _MONTHS, (month + 1) % _MONTHS + 1, 1)
    last = (after - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))
