"""Declaring who else has a right in a patent of one's own (权利负担申报), and ending what was declared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.accounts.credit_code import read_credit_code
from app.accounts.permissions import Permission
from app.audit import audit
from app.catalog.queries import get_patent_for, lock_patents
from app.clock import market_date, market_now
from app.ids import uuid7
from app.trades.errors import PatentNotOwned
from app.trades.errors_rights import PatentIsOut, RightDeclared, RightMissing, RightUnderReview
from app.trades.rights_gate import find_listing_of
from app.trades.rights_models import PatentRight
from app.trades.rights_rules import check_right
from app.trades.rules import check_reason
from app.trades.states import ListingStatus

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import AnySession, Session
    from app.trades.rights_rules import RightKind

_UNDER_REVIEW = (
    ListingStatus.IN_REVIEW,
    ListingStatus.ACCEPTED,
    ListingStatus.LISTED,
    ListingStatus.SUSPENDED,
)


@dataclass(frozen=True)
class NewRight:
    """What the owner declares: whose right, of which kind, since when, and under which number it is registered."""

    kind: RightKind
    holder_name: str
    holder_uscc: str | None = None
    since_on: date | None = None
    register_no: str = ""


async def declare_right(session: Session, caller: Caller, patent_id: UUID, new: NewRight) -> UUID:
    """Declares a co-owner or a pledge in a patent of the caller's own; returns its id. Locks the patent.

    While a listing of the patent is out it is refused: that is suspended first. Raises NotPermitted, PatentMissing,
    PatentNotOwned, HolderUnclear, CreditCodeWrong, PatentIsOut, RightDeclared. Source: 专利法 14, 民法典 444.
    """
    caller.require(Permission.LISTING_WRITE)
    patent = await get_patent_for(session, caller, patent_id)
    if patent.owner_organisation_id != caller.organisation_id:
        raise PatentNotOwned(patent.application_no)
    await lock_patents(session, [patent.id])
    today = market_date(await market_now(session))
    holder, number = new.holder_name.strip(), new.register_no.strip()
    check_right(new.kind, holder, caller.organisation_name, new.since_on, number, today)
    uscc = read_credit_code(new.holder_uscc).code if new.holder_uscc else None
    listing_no = await find_listing_of(session, patent.id, [ListingStatus.LISTED])
    if listing_no is not None:
        raise PatentIsOut(patent.application_no, listing_no)
    same = select(PatentRight.id).where(
        PatentRight.patent_id == patent.id,
        PatentRight.kind == new.kind,
        PatentRight.holder_name == holder,
        PatentRight.ended_at.is_(None),
    )
    if (await session.execute(same)).first() is not None:
        raise RightDeclared(holder)
    right = PatentRight(
        id=uuid7(),
        patent_id=patent.id,
        kind=new.kind,
        holder_name=holder,
        holder_uscc=uscc,
        since_on=new.since_on,
        register_no=number,
        declared_for=caller.organisation_id,
        declared_by=caller.person_id,
    )
    session.add(right)
    await session.flush()
    detail = {"application_no": patent.application_no, "kind": new.kind, "holder": holder}
    await audit(
        session, caller, "right.declared", subject_kind="patent_right", subject_id=right.id, detail=detail
    )
    return right.id


async def end_right(session: Session, caller: Caller, right_id: UUID, reason: str) -> UUID:
    """Ends a right that was declared, with a reason: released, transferred or declared by mistake; returns its id.

    Only while no listing of the patent is in review or beyond; what was ended stays before the reviewer. Locks the
    patent. Raises NotPermitted, RightMissing, RightUnderReview, TextOutOfRange.
    """
    caller.require(Permission.LISTING_WRITE)
    found = await _find_own(session, caller, right_id)
    await lock_patents(session, [found.patent_id])
    right = await _find_own(session, caller, right_id)
    words = check_reason(reason)
    listing_no = await find_listing_of(session, right.patent_id, _UNDER_REVIEW)
    if listing_no is not None:
        raise RightUnderReview(listing_no)
    right.ended_at = await market_now(session)
    right.ended_by, right.end_reason = caller.person_id, words
    await session.flush()
    detail = {"kind": right.kind, "holder": right.holder_name, "reason": words}
    await audit(
        session, caller, "right.ended", subject_kind="patent_right", subject_id=right.id, detail=detail
    )
    return right.id


async def _find_own(session: AnySession, caller: Caller, right_id: UUID) -> PatentRight:
    query = select(PatentRight).where(PatentRight.id == right_id, PatentRight.ended_at.is_(None))
    found = await session.execute(query, execution_options={"populate_existing": True})
    right = found.scalar_one_or_none()
    if right is None or right.declared_for != caller.organisation_id:
        raise RightMissing
    return right


async def get_right(session: AnySession, right_id: UUID) -> PatentRight:
    """Reads the right that the caller has just written."""
    return (await session.execute(select(PatentRight).where(PatentRight.id == right_id))).scalar_one()
