"""Reading all that stands in a listing's way: for everybody who sees the listing, with the papers for seller and desk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.accounts.permissions import Permission
from app.trades.consents import sees_consents
from app.trades.export_gate import classed, list_findings
from app.trades.licence_register import list_grants
from app.trades.queries import get_listing_view, get_written_listing
from app.trades.rights_gate import list_rights
from app.trades.subjects import read_subject

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import AnySession
    from app.trades.export_rules import Classed
    from app.trades.models import Listing
    from app.trades.rights_gate import RightView
    from app.trades.rights_models import ExportFinding


@dataclass(frozen=True)
class EarlierLicence:
    """A licence that runs already, of one patent."""

    application_no: str
    kind: str
    territory: str
    field: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True)
class FoundClass:
    """A patent with its class, and the finding behind it where there is one."""

    patent_id: UUID
    classed: Classed
    finding: ExportFinding | None


@dataclass(frozen=True)
class ListedRights:
    """What stands in a listing's way; ``shows_papers`` for the seller's own people and the desk."""

    rights: Sequence[RightView]
    licences: Sequence[EarlierLicence]
    export: Sequence[FoundClass]
    shows_papers: bool

    @property
    def is_clear(self) -> bool:
        """Whether every consent that is needed is verified."""
        return all(view.consent == "verified" for view in self.rights if view.needs_consent)


async def get_listed_rights(session: AnySession, caller: Caller | None, listing_id: UUID) -> ListedRights:
    """Reads what stands in the way of a listing that the caller may see. Raises ListingMissing, NotPermitted."""
    listing = (await get_listing_view(session, caller, listing_id)).listing
    return await _read(session, listing, shows_papers=_may_see_papers(caller, listing))


async def get_written_rights(session: AnySession, listing_id: UUID, caller: Caller) -> ListedRights:
    """Reads what stands in a listing's way after the caller has written to it, whatever else his token may read."""
    listing = (await get_written_listing(session, caller, listing_id)).listing
    return await _read(session, listing, shows_papers=True)


def _may_see_papers(caller: Caller | None, listing: Listing) -> bool:
    if caller is None:
        return False
    is_own = caller.organisation_id == listing.seller_id and caller.may(Permission.LISTING_READ_OWN)
    return is_own or sees_consents(caller)


async def _read(session: AnySession, listing: Listing, *, shows_papers: bool) -> ListedRights:
    subject = await read_subject(session, listing)
    licences = [
        EarlierLicence(patent.application_no, **vars(grant))
        for patent in subject.patents
        for grant in await list_grants(session, patent.id, except_listing_id=listing.id)
    ]
    export = [
        FoundClass(patent.id, classed(patent.application_no, finding), finding)
        for patent, finding in (await list_findings(session, listing) if subject.patents else [])
    ]
    rights = await list_rights(session, listing) if subject.patents else []
    return ListedRights(rights, licences, export, shows_papers)
