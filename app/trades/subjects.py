"""What is put up (标的): a patent, a package of patents (成果包), or a demand (技术需求); read whole, and whether it is sound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, or_, select

from app.catalog.demands import get_demand, get_demand_for
from app.catalog.lot_models import PackageItem
from app.catalog.packages import get_package, get_package_for
from app.catalog.queries import get_patent, get_patent_for, lock_patents
from app.clock import market_date
from app.trades import rules
from app.trades.errors import (
    PatentAlreadyListed,
    PatentAlreadySold,
    PatentNotOwned,
    PatentWithoutApplicant,
)
from app.trades.errors_licences import LicenceOfSinglePatent, PatentLicenceOffered
from app.trades.errors_method import CeilingExceeded, DemandAlreadyListed, SubjectUnclear
from app.trades.licence_rules import LICENCES, check_grant, check_licence_ahead, offered_grant
from app.trades.models import Listing
from app.trades.states import ListingStatus

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.catalog.lot_models import Demand
    from app.catalog.packages import PackageView
    from app.catalog.queries import PatentView
    from app.db import AnySession, Session
    from app.trades.rules import Offer

_OVER = (ListingStatus.UNSOLD, ListingStatus.TERMINATED)


@dataclass(frozen=True)
class Subject:
    """What a listing is about; ``patents`` has the one patent, or all of a package, or none for a demand."""

    patents: tuple[PatentView, ...]
    package: PackageView | None = None
    demand: Demand | None = None

    @property
    def title(self) -> str:
        """What it is called where nothing else is said."""
        if self.demand is not None:
            return self.demand.title
        return self.package.title if self.package is not None else self.patents[0].title

    @property
    def own_words(self) -> str:
        """Titles of patents, in which any word may stand."""
        return " ".join(patent.title for patent in self.patents) or self.title

    @property
    def name(self) -> str:
        """How the audit record names it."""
        return "、".join(patent.application_no for patent in self.patents) or self.title

    def columns(self) -> dict[str, UUID | None]:
        """The listing's columns that refer to it."""
        return {
            "patent_id": self.patents[0].id if self.patents else None,
            "package_id": self.package.id if self.package is not None else None,
            "demand_id": self.demand.id if self.demand is not None else None,
        }


async def find_subject(
    session: AnySession,
    caller: Caller,
    patent_id: UUID | None,
    package_id: UUID | None,
    demand_id: UUID | None,
) -> Subject:
    """Reads the one thing of the caller's organisation that is to be put up.

    Raises SubjectUnclear unless exactly one is named, PatentMissing, PackageMissing, DemandMissing, PatentNotOwned.
    """
    if sum(named is not None for named in (patent_id, package_id, demand_id)) != 1:
        raise SubjectUnclear
    if demand_id is not None:
        return Subject((), demand=await get_demand_for(session, caller, demand_id))
    if package_id is not None:
        package = await get_package_for(session, caller, package_id)
        subject = Subject(tuple(item.patent for item in package.items), package)
    elif patent_id is not None:
        subject = Subject((await get_patent_for(session, caller, patent_id),))
    require_owner(subject, caller.organisation_id)
    return subject


async def read_subject(session: AnySession, listing: Listing) -> Subject:
    """Reads what a listing is about, for whoever may see the listing."""
    if listing.demand_id is not None:
        return Subject((), demand=await get_demand(session, listing.demand_id))
    if listing.package_id is not None:
        package = await get_package(session, listing.package_id)
        return Subject(tuple(item.patent for item in package.items), package)
    if listing.patent_id is None:
        raise LookupError(listing.id)
    return Subject((await get_patent(session, listing.patent_id),))


def require_owner(subject: Subject, organisation_id: UUID) -> None:
    """Raises PatentNotOwned for the first patent that another organisation holds."""
    for patent in subject.patents:
        if patent.owner_organisation_id != organisation_id:
            raise PatentNotOwned(patent.application_no)


def require_applicants(subject: Subject) -> None:
    """Raises PatentWithoutApplicant: a contract could not name whose patent it is (民法典 article 845)."""
    for patent in subject.patents:
        if patent.applicant is None:
            raise PatentWithoutApplicant(patent.application_no)


def require_in_term(patent: PatentView, offer: Offer, today: date) -> None:
    """Raises PatentExpired or PatentExpiresBeforeTheClose by the term in force for the patent's filing date."""
    last = offer.hard_end_at or offer.closes_at
    rules.check_in_term(
        application_no=patent.application_no,
        expires_on=patent.expires_on,
        today=today,
        closes_on=market_date(last),
        closes_at=last,
    )


def require_fit(subject: Subject, offer: Offer, today: date) -> None:
    """Raises what is wrong with an offer for this very thing: a patent's term, a demand's ceiling (最高限价)."""
    for patent in subject.patents:
        require_in_term(patent, offer, today)
    if offer.rights in LICENCES:
        require_licensable(subject, offer)
    if subject.demand is None:
        return
    ceiling = subject.demand.ceiling_fen
    highest = max(offer.start_price_fen, int(offer.options.get("ceiling_price_fen") or 0))
    if highest > ceiling:
        raise CeilingExceeded(highest, ceiling)


def require_licensable(subject: Subject, offer: Offer) -> None:
    """Raises LicenceOfSinglePatent, LicenceBeyondPatent or LicenceEndsBeforeSale (民法典 article 865)."""
    if subject.package is not None:
        raise LicenceOfSinglePatent
    patent, offered = subject.patents[0], offered_grant(offer)
    check_grant(offered, application_no=patent.application_no, expires_on=patent.expires_on)
    check_licence_ahead(offered, market_date(offer.hard_end_at or offer.closes_at))


async def require_unlisted(
    session: Session, subject: Subject, seller_id: UUID, *, is_demo: bool, rights: str = rules.ASSIGNMENT
) -> None:
    """Raises PatentAlreadyListed, PatentAlreadySold or DemandAlreadyListed; a package's patents count each.

    Several licences of a patent may be on offer at once, but not beside its sale: PatentLicenceOffered. Whether they
    are in each other's way is judged by the licences' own rule.

    Takes the patents' row locks by id: two drafts that share a patent, alone or in packages, come one after the other.
    """
    if subject.demand is not None:
        query = select(Listing).where(
            Listing.demand_id == subject.demand.id, Listing.status.not_in((*_OVER, ListingStatus.SOLD))
        )
        if (await session.execute(query)).first() is not None:
            raise DemandAlreadyListed
        return
    await lock_patents(session, [patent.id for patent in subject.patents])
    for patent in subject.patents:
        query = select(Listing).where(_is_about(patent.id), Listing.status.not_in(_OVER))
        for other in (await session.execute(query)).scalars():
            is_licence = other.rights in LICENCES
            if other.status != ListingStatus.SOLD and not (is_licence and rights in LICENCES):
                if is_licence:
                    raise PatentLicenceOffered(patent.application_no, other.listing_no)
                raise PatentAlreadyListed(patent.application_no)
            if (
                other.status == ListingStatus.SOLD
                and other.seller_id == seller_id
                and not (is_demo or is_licence)
            ):
                raise PatentAlreadySold(patent.application_no, other.listing_no)


def _is_about(patent_id: UUID) -> ColumnElement[bool]:
    packages = select(PackageItem.package_id).where(PackageItem.patent_id == patent_id)
    return or_(Listing.patent_id == patent_id, Listing.package_id.in_(packages))
