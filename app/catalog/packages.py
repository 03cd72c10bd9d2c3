"""Packages (成果包): putting own patents together with their allocation, and who reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from app.accounts.permissions import Permission
from app.audit import audit
from app.catalog.errors_lots import ItemExpired, ItemNotYours, PackageMissing
from app.catalog.lot_models import Package, PackageItem
from app.catalog.package_rules import Share, check_allocation
from app.catalog.queries import list_patents_by_id
from app.clock import market_date, market_now

if TYPE_CHECKING:
    from datetime import datetime

    from app.accounts.caller import Caller
    from app.catalog.queries import PatentView
    from app.db import AnySession, Session


@dataclass(frozen=True)
class ItemView:
    """One item of a package with its patent."""

    patent: PatentView
    share_bp: int


@dataclass(frozen=True)
class PackageView:
    """A package with its items in their order."""

    id: UUID
    title: str
    owner_organisation_id: UUID
    created_at: datetime
    items: list[ItemView]

    def shares(self) -> list[Share]:
        """The allocation as its rules read it."""
        return [Share(item.patent.id, item.share_bp) for item in self.items]


async def make_package(session: Session, caller: Caller, title: str, shares: Sequence[Share]) -> UUID:
    """Puts patents of the caller's organisation together, with an allocation that never changes; answers the id.

    Needs LISTING_WRITE. Raises what ``check_allocation`` raises, ItemNotYours (also for a patent that is not there), and
    ItemExpired.
    """
    caller.require(Permission.LISTING_WRITE)
    check_allocation(shares)
    ids = [share.asset for share in shares if isinstance(share.asset, UUID)]
    patents = await list_patents_by_id(session, ids)
    today = market_date(await market_now(session))
    for patent_id in ids:
        patent = patents.get(patent_id)
        if patent is None or patent.owner_organisation_id != caller.organisation_id:
            raise ItemNotYours(patent_id)
        if patent.expires_on <= today:
            raise ItemExpired(patent.application_no)
    package = Package(owner_organisation_id=caller.organisation_id, title=title, created_by=caller.person_id)
    session.add(package)
    await session.flush()
    session.add_all(
        PackageItem(package_id=package.id, place=place, patent_id=patent_id, share_bp=share.share_bp)
        for place, (patent_id, share) in enumerate(zip(ids, shares, strict=True), 1)
    )
    await audit(
        session,
        caller,
        "package.made",
        subject_kind="package",
        subject_id=package.id,
        detail={
            "title": title,
            "items": [
                {"application_no": patents[patent_id].application_no, "share_bp": share.share_bp}
                for patent_id, share in zip(ids, shares, strict=True)
            ],
        },
    )
    return package.id


async def get_package_for(session: AnySession, caller: Caller, package_id: UUID) -> PackageView:
    """Reads a package of the caller's organisation, or any as the exchange. Raises PackageMissing."""
    found = (await session.execute(select(Package).where(Package.id == package_id))).scalar_one_or_none()
    if found is None or not (caller.is_exchange or found.owner_organisation_id == caller.organisation_id):
        raise PackageMissing
    (view,) = await _views(session, [found])
    return view


async def get_package(session: AnySession, package_id: UUID) -> PackageView:
    """Reads a package, whoever asks: for a listing that is about it."""
    found = (await session.execute(select(Package).where(Package.id == package_id))).scalar_one()
    (view,) = await _views(session, [found])
    return view


async def map_packages(session: AnySession, package_ids: Sequence[UUID]) -> dict[UUID, PackageView]:
    """Reads packages by their ids, whoever asks: for listings that are about them."""
    if not package_ids:
        return {}
    rows = (await session.execute(select(Package).where(Package.id.in_(package_ids)))).scalars()
    return {view.id: view for view in await _views(session, list(rows))}


async def list_packages(
    session: AnySession, caller: Caller, *, after: UUID | None = None, limit: int = 20
) -> list[PackageView]:
    """Lists the packages that the caller may see, the newest first."""
    query = select(Package)
    if not caller.is_exchange:
        query = query.where(Package.owner_organisation_id == caller.organisation_id)
    if after is not None:
        query = query.where(Package.id < after)
    rows = (await session.execute(query.order_by(Package.id.desc()).limit(limit))).scalars()
    return await _views(session, list(rows))


async def _views(session: AnySession, packages: Sequence[Package]) -> list[PackageView]:
    """The packages with their items, read for all of them at once."""
    query = (
        select(PackageItem)
        .where(PackageItem.package_id.in_([package.id for package in packages]))
        .order_by(PackageItem.package_id, PackageItem.place)
    )
    items = list((await session.execute(query)).scalars())
    patents = await list_patents_by_id(session, [item.patent_id for item in items])
    return [
        PackageView(
            package.id,
            package.title,
            package.owner_organisation_id,
            package.created_at,
            [
                ItemView(patents[item.patent_id], item.share_bp)
                for item in items
                if item.package_id == package.id
            ],
        )
        for package in packages
    ]
