"""The gate of the rights in a listing's way (权利负担关口): read under the patents' lock, asked at every step towards a deal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, or_, select

from app.catalog.lot_models import PackageItem
from app.catalog.models import Patent
from app.catalog.queries import lock_patents
from app.trades.models import Listing
from app.trades.rights_models import PatentRight, RightConsent
from app.trades.rights_rules import RIGHT_WORDS, InTheWay, check_consents, needs_consent, scope_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from sqlalchemy import ColumnElement

    from app.db import AnySession, Session
    from app.trades.rights_rules import ConsentState


@dataclass(frozen=True)
class RightView:
    """A right in a patent of a listing, whether what is offered needs its holder's consent, and all that were laid."""

    right: PatentRight
    application_no: str
    needs_consent: bool
    consents: tuple[RightConsent, ...]

    @property
    def consent(self) -> ConsentState:
        """How far the consent to what is offered now has come; the last one counts."""
        if not self.consents:
            return "none"
        state: ConsentState = "waiting"
        if self.consents[-1].status == "verified":
            state = "verified"
        elif self.consents[-1].status == "refused":
            state = "refused"
        return state

    @property
    def words(self) -> tuple[str, str]:
        """The right in a few words of both languages."""
        zh, en = RIGHT_WORDS[self.right.kind]
        since_zh = f"，{self.right.since_on} 起" if self.right.since_on else ""
        since_en = f" since {self.right.since_on}" if self.right.since_on else ""
        return f"{zh}{self.right.holder_name}{since_zh}", f"{en} {self.right.holder_name}{since_en}"


def patents_of(listing: Listing) -> ColumnElement[bool]:
    """Which patents a listing is about: its one, or all of its package."""
    packaged = select(PackageItem.patent_id).where(PackageItem.package_id == listing.package_id)
    return or_(Patent.id == listing.patent_id, Patent.id.in_(packaged))


async def list_rights(
    session: AnySession, listing: Listing, *, with_ended: bool = False
) -> Sequence[RightView]:
    """Reads the rights in the way of a listing with the consents to what it offers now, the oldest first."""
    scope = scope_of(listing.rights, is_open=listing.is_open_licence)
    query = (
        select(PatentRight, Patent.application_no)
        .join(Patent, Patent.id == PatentRight.patent_id)
        .where(patents_of(listing))
        .order_by(PatentRight.id)
        .execution_options(populate_existing=True)
    )
    if not with_ended:
        query = query.where(PatentRight.ended_at.is_(None))
    rows = (await session.execute(query)).all()
    found = (
        select(RightConsent)
        .where(RightConsent.listing_id == listing.id, RightConsent.scope == scope)
        .order_by(RightConsent.id)
        .execution_options(populate_existing=True)
    )
    consents = (await session.execute(found)).scalars().all()
    return [
        RightView(
            right,
            number,
            needs_consent(right.kind, scope),
            tuple(one for one in consents if one.right_id == right.id),
        )
        for right, number in rows
    ]


def in_the_way(views: Sequence[RightView]) -> list[InTheWay]:
    """The rights as the rule reads them."""
    return [
        InTheWay(view.right.kind, view.right.holder_name, view.application_no, view.consent) for view in views
    ]


async def lock_patents_of(session: Session, listing: Listing) -> None:
    """Locks the patents of a listing, after its own lock: no right in them is declared until the end."""
    if listing.patent_id is None:
        return
    query = select(Patent.id).where(patents_of(listing))
    await lock_patents(session, (await session.execute(query)).scalars().all())


async def require_consents(session: Session, listing: Listing, *, verified: bool = True) -> None:
    """Lets a listing on only with the consents that it needs; the caller holds its lock. Locks its patents.

    Raises ConsentsMissing, and with ``verified`` ConsentNotVerified; the database refuses what comes past this.
    """
    if listing.patent_id is None:
        return
    await lock_patents_of(session, listing)
    scope = scope_of(listing.rights, is_open=listing.is_open_licence)
    check_consents(in_the_way(await list_rights(session, listing)), scope, verified=verified)


async def find_listing_of(session: AnySession, patent_id: UUID, statuses: Sequence[str]) -> str | None:
    """Finds the number of a listing of a patent, alone or in a package, that has one of these statuses."""
    packages = select(PackageItem.package_id).where(PackageItem.patent_id == patent_id)
    of_it = or_(Listing.patent_id == patent_id, Listing.package_id.in_(packages))
    query = select(Listing.listing_no).where(and_(of_it, Listing.status.in_(statuses))).limit(1)
    return (await session.execute(query)).scalar_one_or_none()
