"""Public notice (公示) of a negotiated sale: the seller's part, and what a contract is judged by.

A state research institute or university that negotiates a price makes no contract before its notice is completed, none
below the noticed price and none with another transferee. Source: 促进科技成果转化法 article 18.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from app.accounts.credit_code import read_credit_code
from app.accounts.permissions import Permission
from app.accounts.queries import find_organisation_by_credit_code, list_organisations
from app.audit import audit
from app.calendar_days import Period, Unit
from app.clock import market_date, market_now
from app.holidays import read_calendar
from app.ids import uuid7
from app.tasks import promise
from app.trades import notice_rules
from app.trades.errors import ListingMissing
from app.trades.errors_notices import (
    BelowNoticedPrice,
    NotForNotice,
    NoticeExists,
    NoticeMissing,
    NoticeNeeded,
    NotTheNoticedTransferee,
    NotTheNoticesSeller,
    RelationUnexplained,
    SecrecyNotDeclared,
    TransfereeIsSeller,
    TransfereeUnknown,
)
from app.trades.kept_rules import get_kept_rule
from app.trades.method import NEGOTIATED
from app.trades.notice_models import PublicNotice
from app.trades.notice_rules import LIVE, STATUS_WORDS, Clock, NoticeAct, NoticeStatus
from app.trades.numbers import NOTICE_SERIES, take_number
from app.trades.queries import lock_listing
from app.trades.regimes import needs_notice
from app.trades.states import PUBLIC_STATUSES, ListingStatus
from app.trades.timeline import tell

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.accounts.models import Organisation
    from app.db import AnySession, Session
    from app.trades.models import Listing

COMPLETE_TASK = "complete_notice"
_NOT_COLUMNS = {"period", "transferee_uscc"}
_NONE_YET = ("还没有公示", "there is none")
_FRESH = {"populate_existing": True}


@dataclass(frozen=True)
class NoticeContent:
    """What a notice says; what its jurisdiction does not ask for may be left out.

    The transferee is named by its id or by its credit code.
    """

    achievement_name: str
    price_fen: int
    transferee_id: UUID | None = None
    transferee_uscc: str | None = None
    transfer_mode: str = "assign"
    abstract: str = ""
    payment_terms: str = ""
    pricing_basis: str = ""
    is_related: bool = False
    relation: str = ""
    involved: list[str] = field(default_factory=list)
    posted_at_unit: str = ""
    objection_channel: str = ""
    objection_procedure: str = ""
    is_cleared: bool = False
    on_market: bool = True
    period: Period | None = None


def clock_of(notice: PublicNotice) -> Clock:
    """The notice's clock as the rules read it from the row."""
    period = Period(notice.period_count, Unit(notice.period_unit))
    return Clock(period, notice.elapsed, notice.counted_from, notice.ends_at)


def set_clock(notice: PublicNotice, clock: Clock) -> None:
    """Writes the clock into the row."""
    notice.elapsed, notice.counted_from, notice.ends_at = clock.elapsed, clock.counted_from, clock.ends_at


async def lock_notice(session: Session, notice_id: UUID) -> tuple[Listing, PublicNotice]:
    """Takes the row locks of the sale and of its notice, in this order; returns fresh values. Raises NoticeMissing."""
    query = select(PublicNotice.listing_id).where(PublicNotice.id == notice_id)
    listing_id = (await session.execute(query)).scalar_one_or_none()
    if listing_id is None:
        raise NoticeMissing
    listing = await lock_listing(session, listing_id)
    locked = select(PublicNotice).where(PublicNotice.id == notice_id).with_for_update()
    return listing, (await session.execute(locked, execution_options=_FRESH)).scalar_one()


async def find_live_notice(session: AnySession, listing_id: UUID) -> PublicNotice | None:
    """Finds the notice that counts for a sale; under the listing's lock nobody changes it."""
    query = select(PublicNotice).where(
        PublicNotice.listing_id == listing_id, PublicNotice.status.in_([status.value for status in LIVE])
    )
    return (await session.execute(query, execution_options=_FRESH)).scalar_one_or_none()


async def require_notice_completed(
    session: Session, listing: Listing, price_fen: int, buyer_id: UUID
) -> None:
    """Raises unless a contract at this price with this buyer may be made; needs the listing's lock.

    A seller whose regime asks for no notice needs none. Raises NoticeNeeded, NotTheNoticedTransferee,
    BelowNoticedPrice. Source: 促进科技成果转化法 article 18, 国发〔2016〕16号.
    """
    if not await needs_notice(session, listing, NEGOTIATED):
        return
    notice = await find_live_notice(session, listing.id)
    if notice is None or notice.status != NoticeStatus.COMPLETED:
        raise NoticeNeeded(*(STATUS_WORDS[NoticeStatus(notice.status)] if notice else _NONE_YET))
    if buyer_id != notice.transferee_id:
        raise NotTheNoticedTransferee(notice.transferee_name)
    if price_fen < notice.price_fen:
        raise BelowNoticedPrice(price_fen, notice.price_fen)


async def draft_notice(session: Session, caller: Caller, listing_id: UUID, content: NoticeContent) -> UUID:
    """Drafts the notice of a published sale of the caller's own; returns its id. Locks the listing.

    Raises NotPermitted, ListingMissing, NotTheNoticesSeller, NotForNotice, NoticeExists, TransfereeIsSeller,
    TransfereeUnknown, CreditCodeWrong, RelationUnexplained.
    """
    caller.require(Permission.NOTICE_WRITE)
    listing = await lock_listing(session, listing_id)
    if listing.seller_id != caller.organisation_id:
        raise NotTheNoticesSeller if listing.status in PUBLIC_STATUSES else ListingMissing
    if listing.status != ListingStatus.LISTED or listing.method != NEGOTIATED:
        raise NotForNotice
    live = await find_live_notice(session, listing.id)
    if live is not None:
        raise NoticeExists(live.notice_no)
    return await _insert(session, caller, listing, content)


async def _insert(session: Session, caller: Caller, listing: Listing, content: NoticeContent) -> UUID:
    columns = await _columns(session, listing, content)
    last = select(func.max(PublicNotice.version)).where(PublicNotice.listing_id == listing.id)
    version = ((await session.execute(last)).scalar_one() or 0) + 1
    notice = PublicNotice(
        id=uuid7(),
        notice_no=await take_number(session, NOTICE_SERIES),
        version=version,
        listing_id=listing.id,
        seller_id=listing.seller_id,
        created_by=caller.person_id,
        **columns,
    )
    session.add(notice)
    await session.flush()
    await _audit(session, caller, "drafted", notice)
    return notice.id


async def _columns(session: Session, listing: Listing, content: NoticeContent) -> dict[str, Any]:
    transferee = await _find_transferee(session, content)
    if transferee is None:
        raise TransfereeUnknown
    if transferee.id == listing.seller_id:
        raise TransfereeIsSeller
    if content.is_related and not content.relation.strip():
        raise RelationUnexplained
    period = content.period or await _least(session, listing)
    columns = {name: value for name, value in vars(content).items() if name not in _NOT_COLUMNS}
    return {
        **{name: value.strip() if isinstance(value, str) else value for name, value in columns.items()},
        "transferee_id": transferee.id,
        "transferee_name": transferee.name,
        "period_count": period.count,
        "period_unit": period.unit.value,
    }


async def _find_transferee(session: AnySession, content: NoticeContent) -> Organisation | None:
    if content.transferee_id is not None:
        return (await list_organisations(session, [content.transferee_id])).get(content.transferee_id)
    code = read_credit_code(content.transferee_uscc or "").code
    return await find_organisation_by_credit_code(session, code)


async def _least(session: AnySession, listing: Listing) -> Period:
    """The least period of the sale's jurisdiction, as the sale keeps it."""
    today = market_date(await market_now(session))
    return Period.from_json(await get_kept_rule(session, listing, "notice.period", on=today))


async def _lock_own(session: Session, caller: Caller, notice_id: UUID) -> tuple[Listing, PublicNotice]:
    caller.require(Permission.NOTICE_WRITE)
    listing, notice = await lock_notice(session, notice_id)
    if notice.seller_id != caller.organisation_id:
        raise NotTheNoticesSeller if notice.published_at is not None else NoticeMissing
    return listing, notice


async def change_notice(session: Session, caller: Caller, notice_id: UUID, content: NoticeContent) -> UUID:
    """Changes a draft in place; a published notice becomes void, and a new version begins as a draft. Returns its id.

    Locks the listing and the notice. Raises NotPermitted, NoticeMissing, NotTheNoticesSeller, NoticeStateForbids,
    NotForNotice, TransfereeIsSeller, TransfereeUnknown, CreditCodeWrong, RelationUnexplained.
    """
    listing, notice = await _lock_own(session, caller, notice_id)
    if listing.status != ListingStatus.LISTED:
        raise NotForNotice
    if notice.status == NoticeStatus.DRAFT:
        for name, value in (await _columns(session, listing, content)).items():
            setattr(notice, name, value)
        await session.flush()
        await _audit(session, caller, "changed", notice)
        return notice.id
    notice.status = notice_rules.next_status(notice.status, NoticeAct.REVISE)
    set_clock(notice, replace(clock_of(notice), counted_from=None, ends_at=None))
    await session.flush()
    await _audit(session, caller, "voided", notice)
    await tell(session, listing, "notice_voided", notice_no=notice.notice_no)
    return await _insert(session, caller, listing, content)


async def publish_notice(session: Session, caller: Caller, notice_id: UUID) -> UUID:
    """Publishes a draft: its clock runs from now on, and the worker completes it on time. Returns its id.

    Locks the listing and the notice. Raises NotPermitted, NoticeMissing, NotTheNoticesSeller, NoticeStateForbids,
    NotForNotice, SecrecyNotDeclared, NoticeIncomplete, NoticeTooShort.
    """
    listing, notice = await _lock_own(session, caller, notice_id)
    status = notice_rules.next_status(notice.status, NoticeAct.PUBLISH)
    if listing.status != ListingStatus.LISTED:
        raise NotForNotice
    if not notice.is_cleared:
        raise SecrecyNotDeclared
    # Read after the locks: the notice runs from when it was let in.
    now = await market_now(session)
    today = market_date(now)
    content = {column.key: getattr(notice, column.key) for column in PublicNotice.__table__.columns}
    notice_rules.check_content(content, await get_kept_rule(session, listing, "notice.fields", on=today))
    clock = clock_of(notice)
    notice_rules.check_period(clock.period, await _least(session, listing))
    required = bool(await get_kept_rule(session, listing, "notice.on_market", on=today))
    publishes = bool(await get_kept_rule(session, listing, "notice.publish_result", on=today))
    calendar = await read_calendar(session)
    # All at once and after all reading: the database looks at every state that the row passes through.
    notice.on_market, notice.publishes_result = notice.on_market or required, publishes
    notice.status, notice.published_at = status, now
    await run_clock(session, notice, clock.start(now, calendar))
    await _audit(session, caller, "published", notice)
    await tell(session, listing, "notice_published", notice_no=notice.notice_no, price_fen=notice.price_fen)
    return notice.id


async def run_clock(session: Session, notice: PublicNotice, clock: Clock) -> None:
    """Writes a clock that runs, and promises the completion."""
    set_clock(notice, clock)
    await session.flush()
    await promise_completion(session, notice)


async def promise_completion(session: Session, notice: PublicNotice, due_at: datetime | None = None) -> None:
    """Promises the completion; every run of the clock is a promise of its own."""
    due = due_at or notice.ends_at
    if due is not None:
        key = f"{notice.id} {due.isoformat()}"
        await promise(session, COMPLETE_TASK, {"notice_id": str(notice.id)}, run_at=due, key=key)


async def withdraw_notice(session: Session, caller: Caller, notice_id: UUID) -> UUID:
    """Withdraws a notice that is not completed; returns its id. Locks the listing and the notice.

    Raises NotPermitted, NoticeMissing, NotTheNoticesSeller, NoticeStateForbids.
    """
    listing, notice = await _lock_own(session, caller, notice_id)
    notice.status = notice_rules.next_status(notice.status, NoticeAct.WITHDRAW)
    set_clock(notice, replace(clock_of(notice), counted_from=None, ends_at=None))
    await session.flush()
    await _audit(session, caller, "withdrawn", notice)
    if notice.published_at is not None:
        await tell(session, listing, "notice_withdrawn", notice_no=notice.notice_no)
    return notice.id


async def end_public_notice(session: Session, caller: Caller, listing: Listing, reason: str) -> None:
    """Ends the notice of a sale that is terminated, with the reason that was published; one that is completed stays.

    Needs the listing's lock, under which nobody changes the notice.
    """
    notice = await find_live_notice(session, listing.id)
    if notice is None or notice.status == NoticeStatus.COMPLETED:
        return
    notice.status = notice_rules.next_status(notice.status, NoticeAct.WITHDRAW)
    notice.end_reason = reason
    set_clock(notice, replace(clock_of(notice), counted_from=None, ends_at=None))
    await session.flush()
    await _audit(session, caller, "ended", notice)
    if notice.published_at is not None:
        await tell(session, listing, "notice_withdrawn", notice_no=notice.notice_no)


async def _audit(session: Session, caller: Caller, verb: str, notice: PublicNotice) -> None:
    await audit(
        session,
        caller,
        f"notice.{verb}",
        subject_kind="public_notice",
        subject_id=notice.id,
        detail={
            "notice_no": notice.notice_no,
            "version": notice.version,
            "price_fen": notice.price_fen,
            "transferee": notice.transferee_name,
            "transfer_mode": notice.transfer_mode,
        },
    )
