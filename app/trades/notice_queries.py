"""Reading public notices and their objections; who may see which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, or_, select, true

from app.accounts.models import Organisation
from app.accounts.permissions import Permission
from app.lists import NEWEST, Asked
from app.trades.errors_notices import CertificateMissing, NoticeMissing
from app.trades.list_shapes import NOTICES
from app.trades.models import Listing
from app.trades.notice_models import NoticeObjection, PublicNotice

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import AnySession


@dataclass(frozen=True)
class NoticeView:
    """A notice with its sale, its seller and its objections; names of objectors only for those who may know them."""

    notice: PublicNotice
    listing: Listing
    seller: Organisation
    objections: Sequence[NoticeObjection]
    is_inside: bool
    own_person_id: UUID | None

    def sees(self, objection: NoticeObjection) -> bool:
        """Whether the reader may know who objected and why: the seller, the desks and the objector himself."""
        return self.is_inside or objection.objector_id == self.own_person_id


def _sees_all(caller: Caller | None) -> bool:
    return caller is not None and (caller.may(Permission.NOTICE_DECIDE) or caller.may(Permission.AUDIT_READ))


def _visible(caller: Caller | None, *, by_link: bool) -> ColumnElement[bool]:
    """Published ones on the market's board are everybody's; one at the unit alone is for signed-in people who have its link."""
    if _sees_all(caller):
        return true()
    published = PublicNotice.published_at.is_not(None)
    if caller is None:
        return published & PublicNotice.on_market
    shown: ColumnElement[bool] = published if by_link else published & PublicNotice.on_market
    if caller.may(Permission.NOTICE_WRITE):
        shown = or_(shown, PublicNotice.seller_id == caller.organisation_id)
    return or_(shown, published & (PublicNotice.transferee_id == caller.organisation_id))


async def list_notices(
    session: AnySession,
    caller: Caller | None,
    *,
    status: str | None = None,
    listing_id: UUID | None = None,
    is_mine: bool = False,
    asked: Asked = NEWEST,
) -> list[NoticeView]:
    """Lists the notices that the caller may see, the newest first or as asked. Raises SortCursorWrong."""
    wanted = _visible(caller, by_link=False)
    if is_mine and caller is not None:
        caller.require(Permission.NOTICE_WRITE)
        wanted = PublicNotice.seller_id == caller.organisation_id
    if status is not None:
        wanted = wanted & (PublicNotice.status == status)
    if listing_id is not None:
        wanted = wanted & (PublicNotice.listing_id == listing_id)
    return await _read(session, caller, wanted, asked)


async def get_notice(session: AnySession, caller: Caller | None, notice_id: UUID) -> NoticeView:
    """Reads a notice for its page. Raises NoticeMissing."""
    found = await _read(session, caller, (PublicNotice.id == notice_id) & _visible(caller, by_link=True))
    if not found:
        raise NoticeMissing
    return found[0]


async def get_written_notice(session: AnySession, caller: Caller, notice_id: UUID) -> NoticeView:
    """Reads what the caller has just written."""
    return (await _read(session, caller, PublicNotice.id == notice_id))[0]


async def get_certificate(session: AnySession, caller: Caller | None, notice_id: UUID) -> PublicNotice:
    """Reads a completed notice for its certificate. Raises NoticeMissing, CertificateMissing."""
    notice = (await get_notice(session, caller, notice_id)).notice
    if notice.certificate is None:
        raise CertificateMissing
    return notice


async def _read(
    session: AnySession, caller: Caller | None, wanted: ColumnElement[bool], asked: Asked = NEWEST
) -> list[NoticeView]:
    query = (
        select(PublicNotice, Listing, Organisation)
        .join(Listing, Listing.id == PublicNotice.listing_id)
        .join(Organisation, Organisation.id == PublicNotice.seller_id)
        .where(wanted)
    )
    rows = (await session.execute(NOTICES.ask(query, asked))).all()
    ids = [notice.id for notice, _, _ in rows]
    filed = select(NoticeObjection).where(NoticeObjection.notice_id.in_(ids))
    objections: dict[UUID, list[NoticeObjection]] = {}
    for one in (await session.execute(filed.order_by(NoticeObjection.number))).scalars():
        objections.setdefault(one.notice_id, []).append(one)
    sees_all = _sees_all(caller)
    return [
        NoticeView(
            notice,
            listing,
            seller,
            objections.get(notice.id, []),
            sees_all
            or (
                caller is not None
                and caller.organisation_id == notice.seller_id
                and caller.may(Permission.NOTICE_WRITE)
            ),
            caller.person_id if caller is not None else None,
        )
        for notice, listing, seller in rows
    ]
