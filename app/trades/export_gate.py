"""The export gate (技术出口关口): the desk finds a patent's class, and a foreign party comes in only where it is cleared."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from app.accounts.permissions import Permission
from app.accounts.queries import list_organisations
from app.audit import audit
from app.catalog.models import Patent
from app.catalog.queries import get_patent, lock_patents
from app.ids import uuid7
from app.trades.export_rules import Classed, ExportClass, check_export, check_finding
from app.trades.rights_gate import lock_patents_of, patents_of
from app.trades.rights_models import ExportFinding

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import AnySession, Session
    from app.trades.models import Listing


async def find_export_class(
    session: Session,
    caller: Caller,
    patent_id: UUID,
    export_class: ExportClass,
    *,
    evidence: str,
    catalogue_code: str = "",
    licence_no: str = "",
) -> UUID:
    """Records to which export class a patent belongs, with the evidence; returns the finding's id. Locks the patent.

    The newest finding holds, also for negotiations that run. Raises NotPermitted, PatentMissing, ExportFindingWrong.
    """
    caller.require(Permission.LISTING_REVIEW)
    words, code, number = evidence.strip(), catalogue_code.strip(), licence_no.strip()
    check_finding(export_class, code, words, number)
    patent = await get_patent(session, patent_id)
    await lock_patents(session, [patent.id])
    finding = ExportFinding(
        id=uuid7(),
        patent_id=patent.id,
        export_class=export_class,
        catalogue_code=code,
        evidence=words,
        licence_no=number,
        found_by=caller.person_id,
    )
    session.add(finding)
    await session.flush()
    detail = {"application_no": patent.application_no, "class": export_class, "licence_no": number}
    await audit(session, caller, "export.found", subject_kind="patent", subject_id=patent.id, detail=detail)
    return finding.id


async def list_findings(
    session: AnySession, listing: Listing
) -> Sequence[tuple[Patent, ExportFinding | None]]:
    """Reads the finding that holds for each patent of a listing; None where nothing was found yet."""
    query = (
        select(Patent, ExportFinding)
        .outerjoin(ExportFinding, ExportFinding.patent_id == Patent.id)
        .where(patents_of(listing))
        .order_by(Patent.id, ExportFinding.id.desc())
        .ext(distinct_on(Patent.id))
        .execution_options(populate_existing=True)
    )
    return [(patent, finding) for patent, finding in await session.execute(query)]


async def require_export_cleared(
    session: Session, listing: Listing, organisation_ids: Sequence[UUID]
) -> None:
    """Raises ExportNotCleared for a foreign one of these parties; a demand buys, and exports nothing.

    For a foreign party the patents' locks are taken, after the listing's: no class is found meanwhile.
    """
    parties = await list_organisations(session, organisation_ids)
    foreign = [party for party in parties.values() if party.is_foreign]
    if not foreign or listing.patent_id is None:
        return
    await lock_patents_of(session, listing)
    patents = [
        classed(patent.application_no, finding) for patent, finding in await list_findings(session, listing)
    ]
    for party in foreign:
        check_export(party.name, patents, is_foreign=True)


def classed(application_no: str, finding: ExportFinding | None) -> Classed:
    """A patent as the rule reads it."""
    if finding is None:
        return Classed(application_no, "unknown")
    return Classed(application_no, cast("ExportClass", finding.export_class), finding.licence_no)
