"""Public notices (公示): the market's notice board, objections, the seller's drafts and the desk's decisions."""

from typing import Annotated
from uuid import UUID

import orjson
from fastapi import Path, Query, Response

from app.accounts.errors import SignInRequired
from app.api.asking import asks
from app.api.deps import CallerDep, DbDep, OptionalCallerDep, PageDep, PageOf, SettingsDep
from app.api.idempotency import IdempotencyKeyDep, once
from app.api.notice_wire import (
    DraftIn,
    NoticeCertificateOut,
    NoticeIn,
    NoticeOut,
    NoticeStatusName,
    ObjectionDecisionIn,
    ObjectionIn,
    TimelineEventOut,
    TimelineOut,
    notice_out,
)
from app.api.papers import PDF, print_paper
from app.api.problems import problems
from app.api.routing import Router
from app.lists import Asked
from app.settlement.notice_sheet import notice_sheet
from app.settlement.sheets import render_sheet
from app.trades.list_shapes import NOTICES
from app.trades.notice_queries import get_certificate, get_notice, get_written_notice, list_notices
from app.trades.notices import change_notice, draft_notice, publish_notice, withdraw_notice
from app.trades.objections import NewObjection, ObjectionDecision, decide_objection, file_objection
from app.trades.queries import get_listing_view
from app.trades.timeline import read_timeline

router = Router(tags=["notices"])

NoticeId = Annotated[UUID, Path(description="公示 / the notice's id")]
ObjectionId = Annotated[UUID, Path(description="异议 / the objection's id")]
ListingId = Annotated[UUID, Path(description="挂牌项目 / the listing's id")]


@router.get("/notices", operation_id="list_notices", responses=problems(401, 403, 422))
async def index(
    db: DbDep,
    caller: OptionalCallerDep,
    page: PageDep,
    asked: Annotated[Asked, asks(NOTICES)],
    status: Annotated[NoticeStatusName | None, Query()] = None,
    listing_id: Annotated[UUID | None, Query(description="某挂牌项目的 / of one listing")] = None,
    mine: Annotated[bool, Query(description="只看本单位的 / only my organisation's")] = False,  # noqa: FBT002 - a query parameter
) -> PageOf[NoticeOut]:
    """公示栏，最新在前 / The notice board, the newest first; drafts are their seller's own."""
    if mine and caller is None:
        raise SignInRequired
    rows = await db.read(
        list_notices,
        caller,
        status=status,
        listing_id=listing_id,
        is_mine=mine,
        asked=asked.at(page.after, page.fetch),
    )
    shown, cursor = page.cut(rows, lambda view: NOTICES.key(view, asked))
    return PageOf[NoticeOut](items=[notice_out(view) for view in shown], next_cursor=cursor)


@router.post(
    "/notices", status_code=201, operation_id="draft_notice", responses=problems(401, 403, 404, 409, 422)
)
async def draft(body: DraftIn, db: DbDep, caller: CallerDep, key: IdempotencyKeyDep = None) -> NoticeOut:
    """起草公示（出让经办）/ Drafts the notice of an own sale."""
    content = NoticeIn(**body.model_dump(exclude={"listing_id"})).content()
    made = await db.write(
        once,
        caller,
        key,
        "draft_notice",
        body,
        lambda session: draft_notice(session, caller, body.listing_id, content),
    )
    return notice_out(await db.read(get_written_notice, caller, made))


@router.get("/notices/{notice_id}", operation_id="get_notice", responses=problems(404, 422))
async def read(notice_id: NoticeId, db: DbDep, caller: OptionalCallerDep) -> NoticeOut:
    """一份公示 / Reads a notice: one on the market's board is open to everybody."""
    return notice_out(await db.read(get_notice, caller, notice_id))


@router.put("/notices/{notice_id}", operation_id="change_notice", responses=problems(401, 403, 404, 409, 422))
async def change(notice_id: NoticeId, body: NoticeIn, db: DbDep, caller: CallerDep) -> NoticeOut:
    """修改草稿；已发布的作废，另起新版重新公示 / Changes a draft; a published one becomes void and begins anew."""
    made = await db.write(change_notice, caller, notice_id, body.content())
    return notice_out(await db.read(get_written_notice, caller, made))


@router.post(
    "/notices/{notice_id}/publication",
    status_code=201,
    operation_id="publish_notice",
    responses=problems(401, 403, 404, 409, 422),
)
async def publish(
    notice_id: NoticeId, db: DbDep, caller: CallerDep, key: IdempotencyKeyDep = None
) -> NoticeOut:
    """发布公示，公示期自次日起算 / Publishes a notice; the day itself is not counted."""
    await db.write(
        once,
        caller,
        key,
        "publish_notice",
        None,
        lambda session: publish_notice(session, caller, notice_id),
        subject=notice_id,
    )
    return notice_out(await db.read(get_written_notice, caller, notice_id))


@router.post(
    "/notices/{notice_id}/withdrawal",
    status_code=201,
    operation_id="withdraw_notice",
    responses=problems(401, 403, 404, 409, 422),
)
async def withdraw(
    notice_id: NoticeId, db: DbDep, caller: CallerDep, key: IdempotencyKeyDep = None
) -> NoticeOut:
    """撤回公示 / Withdraws a notice that is not completed."""
    await db.write(
        once,
        caller,
        key,
        "withdraw_notice",
        None,
        lambda session: withdraw_notice(session, caller, notice_id),
        subject=notice_id,
    )
    return notice_out(await db.read(get_written_notice, caller, notice_id))


@router.post(
    "/notices/{notice_id}/objections",
    status_code=201,
    operation_id="file_objection",
    responses=problems(401, 403, 404, 409, 422),
)
async def object_to(
    notice_id: NoticeId, body: ObjectionIn, db: DbDep, caller: CallerDep, key: IdempotencyKeyDep = None
) -> NoticeOut:
    """实名提出异议，公示随即中止（须本人登录）/ Objects in one's own name; the notice stands still at once."""
    new = NewObjection(**dict(body))
    await db.write(
        once,
        caller,
        key,
        "file_objection",
        body,
        lambda session: file_objection(session, caller, notice_id, new),
        subject=notice_id,
    )
    return notice_out(await db.read(get_notice, caller, notice_id))


@router.post(
    "/objections/{objection_id}/decision",
    status_code=201,
    operation_id="decide_objection",
    responses=problems(401, 403, 404, 409, 422),
)
async def decide(
    objection_id: ObjectionId,
    body: ObjectionDecisionIn,
    db: DbDep,
    caller: CallerDep,
    key: IdempotencyKeyDep = None,
) -> NoticeOut:
    """记录异议处理决定（审核岗）/ Records the decision about an objection."""
    made = ObjectionDecision(**dict(body))
    notice_id = await db.write(
        once,
        caller,
        key,
        "decide_objection",
        body,
        lambda session: decide_objection(session, caller, objection_id, made),
        subject=objection_id,
    )
    return notice_out(await db.read(get_notice, caller, notice_id))


@router.get(
    "/notices/{notice_id}/certificate", operation_id="get_notice_certificate", responses=problems(404, 422)
)
async def certificate(notice_id: NoticeId, db: DbDep, caller: OptionalCallerDep) -> NoticeCertificateOut:
    """公示完成证明及其指纹 / The certificate of a completed notice, with its fingerprint."""
    notice = await db.read(get_certificate, caller, notice_id)
    return NoticeCertificateOut(document=notice.certificate or {}, sha256=notice.certificate_sha256 or "")


@router.get(
    "/notices/{notice_id}/certificate.pdf",
    operation_id="download_notice_certificate",
    response_class=Response,
    responses={**PDF, **problems(404, 422)},
)
async def certificate_paper(
    notice_id: NoticeId, db: DbDep, caller: OptionalCallerDep, settings: SettingsDep
) -> Response:
    """下载公示证明（PDF）/ Downloads the certificate of a completed notice, with a QR code that leads to the notice."""
    notice = await db.read(get_certificate, caller, notice_id)
    sheet = notice_sheet(
        notice.certificate or {},
        notice.certificate_sha256 or "",
        issuer_zh=settings.exchange_name_zh,
        verify_url=f"{settings.public_url.rstrip('/')}/notices/{notice_id}",
    )
    return await print_paper(render_sheet, sheet, name=notice.notice_no)


@router.get(
    "/listings/{listing_id}/timeline", operation_id="list_listing_events", responses=problems(403, 404, 422)
)
async def timeline(listing_id: ListingId, db: DbDep, caller: OptionalCallerDep) -> TimelineOut:
    """挂牌项目的办理经过 / What happened to a listing, for whoever sees it."""
    await db.read(get_listing_view, caller, listing_id)
    found = await db.read(read_timeline, listing_id)
    return TimelineOut(
        items=[
            TimelineEventOut(number=one.number, kind=one.kind, at=one.at, body=orjson.loads(one.body))
            for one in found
        ]
    )
