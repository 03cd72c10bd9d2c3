"""Recording a licence that a patent's owner has granted (许可登记), and reading the register."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, select, true

from app.accounts.permissions import Permission
from app.audit import audit
from app.catalog.queries import get_patent_for, lock_patents
from app.ids import uuid7
from app.trades.errors import PatentNotOwned
from app.trades.errors_licences import SelfLicence
from app.trades.licence_models import Licence
from app.trades.licence_register import list_grants
from app.trades.licence_rules import Grant, check_grant, check_overlap
from app.trades.open_licence_gate import require_not_open

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import AnySession, Session


@dataclass(frozen=True)
class NewLicence:
    """What the licensor records: the grant, to whom, and whether that one accepts what runs already."""

    patent_id: UUID
    licensee_name: str
    grant: Grant
    accepts_earlier: bool = False


async def record_licence(session: Session, caller: Caller, new: NewLicence) -> UUID:
    """Records a licence on a patent of the caller's own; returns its id. Locks the patent.

    Raises NotPermitted, PatentMissing, PatentNotOwned, SelfLicence, TerritoryUnknown, LicencePeriodWrong,
    LicenceBeyondPatent, LicenceOverlaps, EarlierLicenceInTheWay.
    """
    caller.require(Permission.LISTING_WRITE)
    patent = await get_patent_for(session, caller, new.patent_id)
    if patent.owner_organisation_id != caller.organisation_id:
        raise PatentNotOwned(patent.application_no)
    if new.licensee_name.strip() == caller.organisation_name:
        raise SelfLicence
    check_grant(new.grant, application_no=patent.application_no, expires_on=patent.expires_on)
    await lock_patents(session, [patent.id])
    await require_not_open(session, patent.id, patent.application_no, new.grant.kind)
    earlier = await list_grants(session, patent.id)
    check_overlap(new.grant, earlier, accepts_earlier=new.accepts_earlier)
    licence = Licence(
        id=uuid7(),
        patent_id=patent.id,
        licensor_id=caller.organisation_id,
        licensee_name=new.licensee_name.strip(),
        **vars(new.grant),
        expires_on=patent.expires_on,
        accepts_earlier=new.accepts_earlier,
        recorded_by=caller.person_id,
    )
    session.add(licence)
    await session.flush()
    await audit(
        session,
        caller,
        "licence.recorded",
        subject_kind="licence",
        subject_id=licence.id,
        detail={"application_no": patent.application_no, "kind": licence.kind},
    )
    return licence.id


async def list_licences(
    session: AnySession,
    caller: Caller,
    *,
    patent_id: UUID | None = None,
    before_id: UUID | None = None,
    limit: int = 50,
) -> Sequence[Licence]:
    """Lists the licences that the caller's organisation granted, or all for a reviewer, the newest first."""
    wanted: ColumnElement[bool] = true()
    if not caller.may(Permission.LISTING_REVIEW):
        caller.require(Permission.LISTING_READ_OWN)
        wanted = Licence.licensor_id == caller.organisation_id
    if patent_id is not None:
        wanted = wanted & (Licence.patent_id == patent_id)
    if before_id is not None:
        wanted = wanted & (Licence.id < before_id)
    query = select(Licence).where(wanted).order_by(Licence.id.desc()).limit(limit)
    return (await session.execute(query)).scalars().all()


async def get_licence(session: AnySession, licence_id: UUID) -> Licence:
    """Reads the licence that the caller has just recorded."""
    return (await session.execute(select(Licence).where(Licence.id == licence_id))).scalar_one()
