"""Public notices on the real database: golden tests 1 and 2, objections, changes, completion and its certificate."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from app.accounts.errors import NotPermitted, SessionNeeded
from app.accounts.permissions import Role
from app.audit import AuditRecord
from app.calendar_days import Period, Unit
from app.clock import market_now
from app.ids import uuid7
from app.rulebook.calendar_years import SpecialDay, get_year, keep_year
from app.tasks import TaskRow, keep_due_task
from app.trades import notice_completion
from app.trades.confirmation import fingerprint
from app.trades.errors import ListingMissing
from app.trades.errors_notices import (
    BelowNoticedPrice,
    CertificateMissing,
    DeciderInvolved,
    DeskDoesNotObject,
    NotForNotice,
    NoticeExists,
    NoticeIncomplete,
    NoticeMissing,
    NoticeNeeded,
    NoticeStateForbids,
    NoticeTooShort,
    NotTheNoticedTransferee,
    NotTheNoticesSeller,
    NotUnrelated,
    ObjectionDecided,
    ObjectionMissing,
    ObjectionTooLate,
    RelationUnexplained,
    SecrecyNotDeclared,
    TransfereeIsSeller,
    TransfereeUnknown,
)
from app.trades.notice_queries import get_certificate
from app.trades.notices import (
    change_notice,
    draft_notice,
    publish_notice,
    require_notice_completed,
    withdraw_notice,
)
from app.trades.objections import ObjectionDecision, decide_objection, file_objection
from app.trades.timeline import read_timeline
from app.worker import HANDLING_MODULES
from tests.make_accounts import make_caller, make_organisation
from tests.make_notices import (
    OBJECTION,
    PRICE_FEN,
    REJECTED,
    UPHELD,
    Noticed,
    get_row,
    make_noticed,
    run_to,
)
from tests.make_trades import make_listing, make_negotiated

if TYPE_CHECKING:
    from app.db import Session
    from tests.conftest import SetNow

START = datetime(2026, 3, 2, 2, tzinfo=UTC)  # a Monday, 10:00 in Shanghai


def midnight(day: date) -> datetime:
    """The beginning of a day in Shanghai."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=8)


async def contract(session: Session, made: Noticed, price_fen: int = PRICE_FEN, buyer: Any = None) -> None:
    """What stands before every negotiated contract."""
    await require_notice_completed(session, made.listing, price_fen, buyer or made.buyer_id)


async def test_golden_1_a_notice_of_2_march_is_completed_at_the_first_instant_of_18_march(
    session: Session, now_is: SetNow
) -> None:
    await now_is(session, START)
    made = await make_noticed(session)
    notice = await get_row(session, made.notice_id)
    assert notice.ends_at == midnight(date(2026, 3, 18))
    notice = await run_to(session, now_is, made.notice_id, notice.ends_at - timedelta(microseconds=1))
    assert notice.status == "running"
    notice = await run_to(session, now_is, made.notice_id, midnight(date(2026, 3, 18)))
    assert (notice.status, notice.completed_at) == ("completed", midnight(date(2026, 3, 18)))


async def test_golden_1_an_objection_on_day_10_leaves_5_days(session: Session, now_is: SetNow) -> None:
    await now_is(session, START)
    made = await make_noticed(session)
    await now_is(session, datetime(2026, 3, 12, 7, tzinfo=UTC))  # day 10
    objection = await file_objection(session, await make_caller(session), made.notice_id, OBJECTION)
    notice = await get_row(session, made.notice_id)
    assert (notice.status, notice.elapsed, notice.ends_at) == ("suspended", 10, None)
    notice = await run_to(session, now_is, made.notice_id, midnight(date(2026, 3, 18)))
    assert notice.status == "suspended"
    await now_is(session, datetime(2026, 3, 20, 7, tzinfo=UTC))
    reviewer = await make_caller(session, Role.REVIEWER)
    await decide_objection(session, reviewer, objection, REJECTED)
    notice = await get_row(session, made.notice_id)
    assert (notice.status, notice.ends_at) == ("running", midnight(date(2026, 3, 26)))
    notice = await run_to(session, now_is, made.notice_id, midnight(date(2026, 3, 26)))
    assert notice.status == "completed"


@pytest.mark.parametrize("over", ["price_fen", "transferee_id", "transfer_mode"])
async def test_golden_1_an_edit_restarts_the_whole_period(
    session: Session, now_is: SetNow, over: str
) -> None:
    await now_is(session, START)
    made = await make_noticed(session)
    await now_is(session, START + timedelta(days=12))
    other = (await make_caller(session)).organisation_id
    value = {"price_fen": PRICE_FEN - 1, "transferee_id": other, "transfer_mode": "license"}[over]
    revised = await change_notice(session, made.seller, made.notice_id, made.content(**{over: value}))
    old, new = await get_row(session, made.notice_id), await get_row(session, revised)
    assert (old.status, new.status, new.version, new.elapsed) == ("void", "draft", 2, 0)
    await publish_notice(session, made.seller, revised)
    assert (await get_row(session, revised)).ends_at == midnight(date(2026, 3, 31))  # 29 March is a Sunday
    old = await run_to(session, now_is, made.notice_id, midnight(date(2026, 3, 18)))
    assert old.status == "void"


async def test_golden_2_a_state_institute_needs_its_notice_and_a_private_seller_none(
    session: Session, now_is: SetNow
) -> None:
    await now_is(session, START)
    made = await make_noticed(session, status="none")
    with pytest.raises(NoticeNeeded, match="转化法 18"):
        await contract(session, made)
    private = await make_noticed(session, status="none", regime="private_entity")
    await contract(session, private)
    made.notice_id = await draft_notice(session, made.seller, made.listing.id, made.content())
    with pytest.raises(NoticeNeeded, match="a draft"):
        await contract(session, made)
    await publish_notice(session, made.seller, made.notice_id)
    with pytest.raises(NoticeNeeded, match="running"):
        await contract(session, made)
    await run_to(session, now_is, made.notice_id, midnight(date(2026, 3, 18)))
    await contract(session, made)
    await contract(session, made, PRICE_FEN + 1)
    with pytest.raises(BelowNoticedPrice, match=r"128,000\.00"):
        await contract(session, made, PRICE_FEN - 1)
    with pytest.raises(NotTheNoticedTransferee):
        await contract(session, made, buyer=uuid7())


async def test_a_completed_notice_that_is_changed_counts_no_more(session: Session, now_is: SetNow) -> None:
    await now_is(session, START)
    made = await make_noticed(session)
    await run_to(session, now_is, made.notice_id, midnight(date(2026, 3, 18)))
    await change_notice(session, made.seller, made.notice_id, made.content(price_fen=PRICE_FEN // 2))
    for price in (PRICE_FEN, PRICE_FEN // 2):
        with pytest.raises(NoticeNeeded):
            await contract(session, made, price)


async def test_an_upheld_objection_ends_the_notice(session: Session) -> None:
    made = await make_noticed(session)
    objector = await make_caller(session)
    objection = await file_objection(session, objector, made.notice_id, OBJECTION)
    reviewer = await make_caller(session, Role.REVIEWER)
    await decide_objection(session, reviewer, objection, UPHELD)
    assert (await get_row(session, made.notice_id)).status == "terminated"
    with pytest.raises(NoticeNeeded):
        await contract(session, made)
    with pytest.raises(NoticeStateForbids):
        await file_objection(session, objector, made.notice_id, OBJECTION)
    await draft_notice(session, made.seller, made.listing.id, made.content())


async def test_the_clock_waits_for_the_last_of_several_objections(session: Session) -> None:
    made = await make_noticed(session)
    filed = [
        await file_objection(session, await make_caller(session), made.notice_id, OBJECTION) for _ in range(2)
    ]
    reviewer = await make_caller(session, Role.REVIEWER)
    await decide_objection(session, reviewer, filed[0], REJECTED)
    assert (await get_row(session, made.notice_id)).status == "suspended"
    await decide_objection(session, reviewer, filed[1], REJECTED)
    notice = await get_row(session, made.notice_id)
    assert (notice.status, notice.elapsed) == ("running", 0)
    with pytest.raises(ObjectionDecided):
        await decide_objection(session, reviewer, filed[1], UPHELD)
    with pytest.raises(ObjectionMissing):
        await decide_objection(session, reviewer, uuid7(), UPHELD)


async def test_nobody_who_is_involved_decides(session: Session) -> None:
    made = await make_noticed(session, involved=["发明人甲", "审核员乙"])
    objection = await file_objection(session, await make_caller(session), made.notice_id, OBJECTION)
    related = await make_caller(session, Role.REVIEWER, name="审核员乙")
    with pytest.raises(DeciderInvolved, match="审核员乙"):
        await decide_objection(session, related, objection, REJECTED)
    reviewer = await make_caller(session, Role.REVIEWER)
    undeclared = ObjectionDecision(**{**vars(REJECTED), "is_unrelated": False})
    with pytest.raises(NotUnrelated):
        await decide_objection(session, reviewer, objection, undeclared)
    with pytest.raises(NotPermitted):
        await decide_objection(session, made.seller, objection, REJECTED)


async def test_objections_are_made_in_person_and_in_time(session: Session, now_is: SetNow) -> None:
    await now_is(session, START)
    made = await make_noticed(session)
    objector = await make_caller(session)
    token = type(objector)(**{**vars(objector), "scopes": frozenset({"read"})})
    with pytest.raises(SessionNeeded):
        await file_objection(session, token, made.notice_id, OBJECTION)
    with pytest.raises(DeskDoesNotObject):
        await file_objection(session, await make_caller(session, Role.HOST), made.notice_id, OBJECTION)
    with pytest.raises(NoticeMissing):
        await file_objection(session, objector, uuid7(), OBJECTION)
    await now_is(session, midnight(date(2026, 3, 18)))
    with pytest.raises(ObjectionTooLate):
        await file_objection(session, objector, made.notice_id, OBJECTION)


@pytest.mark.parametrize(
    ("jurisdiction", "missing", "words"),
    [
        ("CN", "posted_at_unit", "where in the unit"),
        ("CN", "objection_procedure", "procedure"),
        ("330000", "abstract", "abstract"),
        ("330000", "relation", "related"),
        ("370000", "objection_channel", "channel"),
    ],
)
async def test_each_jurisdiction_says_what_a_notice_must_say(
    session: Session, jurisdiction: str, missing: str, words: str
) -> None:
    made = await make_noticed(
        session, jurisdiction=jurisdiction, status="draft", **dict[str, Any]({missing: " "})
    )
    with pytest.raises(NoticeIncomplete, match=words):
        await publish_notice(session, made.seller, made.notice_id)


async def test_elsewhere_an_abstract_may_be_left_out_and_the_market_too(session: Session) -> None:
    plain = await make_noticed(session, abstract="", relation="", on_market=False)
    zhejiang = await make_noticed(session, jurisdiction="330000", on_market=False)
    shandong = await make_noticed(session, jurisdiction="370000")
    rows = [await get_row(session, made.notice_id) for made in (plain, zhejiang, shandong)]
    assert [row.on_market for row in rows] == [False, True, True]
    assert [row.publishes_result for row in rows] == [False, False, True]


@pytest.mark.parametrize(
    "period", [Period(14, Unit.DAY), Period(15, Unit.WORKING_DAY), Period(15, Unit.SECOND)]
)
async def test_a_notice_is_not_shorter_than_its_jurisdiction_says(session: Session, period: Period) -> None:
    made = await make_noticed(session, status="draft", period=period)
    with pytest.raises(NoticeTooShort):
        await publish_notice(session, made.seller, made.notice_id)


async def test_on_the_demonstrations_board_a_notice_takes_seconds(session: Session, now_is: SetNow) -> None:
    now = await market_now(session)
    await now_is(session, now)
    made = await make_noticed(session, status="none")
    listing = await make_negotiated(
        session, seller=made.seller, board="demo", closes_at=now + timedelta(seconds=60)
    )
    made = await make_noticed(session, seller=made.seller, listing=listing)
    notice = await get_row(session, made.notice_id)
    assert notice.ends_at == now + timedelta(seconds=10)
    notice = await run_to(session, now_is, made.notice_id, now + timedelta(seconds=10))
    assert notice.status == "completed"


async def test_what_is_refused_around_a_draft(session: Session) -> None:
    made = await make_noticed(session, status="draft", is_cleared=False)
    with pytest.raises(SecrecyNotDeclared):
        await publish_notice(session, made.seller, made.notice_id)
    with pytest.raises(NoticeExists):
        await draft_notice(session, made.seller, made.listing.id, made.content())
    with pytest.raises(TransfereeIsSeller):
        await change_notice(
            session, made.seller, made.notice_id, made.content(transferee_id=made.seller.organisation_id)
        )
    with pytest.raises(RelationUnexplained):
        await change_notice(session, made.seller, made.notice_id, made.content(is_related=True, relation=" "))
    with pytest.raises(TransfereeUnknown):
        await change_notice(session, made.seller, made.notice_id, made.content(transferee_id=uuid7()))
    other = await make_organisation(session)
    named = made.content(transferee_id=None, transferee_uscc=other.uscc)
    await change_notice(session, made.seller, made.notice_id, named)
    assert (await get_row(session, made.notice_id)).transferee_id == other.id
    stranger = await make_caller(session, Role.SELLER)
    with pytest.raises(NoticeMissing):
        await publish_notice(session, stranger, made.notice_id)
    with pytest.raises(NotTheNoticesSeller):
        await draft_notice(session, stranger, made.listing.id, made.content())
    draft = await make_negotiated(session, status="draft", seller=made.seller)
    for listing in (draft, await make_listing(session, status="listed", seller=made.seller)):
        with pytest.raises(NotForNotice):
            await draft_notice(session, made.seller, listing.id, made.content())
    with pytest.raises(ListingMissing):
        await draft_notice(session, stranger, draft.id, made.content())


async def test_a_withdrawn_notice_makes_room_for_another(session: Session) -> None:
    made = await make_noticed(session)
    await withdraw_notice(session, made.seller, made.notice_id)
    assert (await get_row(session, made.notice_id)).status == "withdrawn"
    with pytest.raises(NoticeStateForbids):
        await withdraw_notice(session, made.seller, made.notice_id)
    await draft_notice(session, made.seller, made.listing.id, made.content())


async def test_the_certificate_holds_what_happened_and_no_objectors_name(
    session: Session, now_is: SetNow
) -> None:
    await now_is(session, START)
    made = await make_noticed(session)
    objector = await make_caller(session)
    with pytest.raises(CertificateMissing):
        await get_certificate(session, None, made.notice_id)
    objection = await file_objection(session, objector, made.notice_id, OBJECTION)
    reviewer = await make_caller(session, Role.REVIEWER)
    await decide_objection(session, reviewer, objection, REJECTED)
    await run_to(session, now_is, made.notice_id, midnight(date(2026, 3, 18)))
    notice = await get_certificate(session, None, made.notice_id)
    document = notice.certificate
    assert document is not None
    assert fingerprint(document) == notice.certificate_sha256
    assert (document["price_fen"], document["price_capital"]) == (PRICE_FEN, "人民币壹拾贰万捌仟元整")
    assert [item["decision"] for item in document["objections"]] == ["reject"]
    assert any("国发〔2016〕16号" in rule["source"] for rule in document["rules"])
    assert objector.name not in str(document)
    kinds = [event.kind for event in await read_timeline(session, made.listing.id)]
    assert kinds[-4:] == ["notice_published", "objection_filed", "objection_rejected", "notice_completed"]
    acts = select(AuditRecord.action).where(AuditRecord.subject_kind == "public_notice")
    told = list((await session.execute(acts.order_by(AuditRecord.id))).scalars())
    assert told == [
        "notice.drafted",
        "notice.published",
        "objection.filed",
        "objection.reject",
        "notice.completed",
    ]


async def test_a_holiday_that_is_proclaimed_meanwhile_moves_the_end_on(
    session: Session, now_is: SetNow
) -> None:
    await now_is(session, START)
    made = await make_noticed(session)
    year = await get_year(session, 2026)
    extra = SpecialDay(date(2026, 3, 17), "虚构的节日", is_working=False)
    host = await make_caller(session, Role.HOST)
    await keep_year(session, host, 2026, "虚构的节假日安排调整通知", [*year.days, extra])
    notice = await run_to(session, now_is, made.notice_id, midnight(date(2026, 3, 18)))
    assert notice.status == "running"
    promised = select(TaskRow.run_at).where(TaskRow.name == "complete_notice").order_by(TaskRow.run_at)
    assert list((await session.execute(promised)).scalars()) == [
        midnight(date(2026, 3, 18)),
        midnight(date(2026, 3, 19)),
    ]
    notice = await run_to(session, now_is, made.notice_id, midnight(date(2026, 3, 19)))
    assert notice.status == "completed"


async def test_the_worker_keeps_the_promise_by_itself(session: Session, now_is: SetNow) -> None:
    assert notice_completion in HANDLING_MODULES
    await now_is(session, START)
    made = await make_noticed(session)
    while await keep_due_task(session):
        pass
    await now_is(session, midnight(date(2026, 3, 18)))
    while await keep_due_task(session):
        pass
    assert (await get_row(session, made.notice_id)).status == "completed"
