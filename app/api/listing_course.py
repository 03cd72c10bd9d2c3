"""What becomes of a listing after its publication: suspended, resumed, changed, terminated, listed anew; and the boards."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Request

from app.api.course_wire import (
    BoardOut,
    BoardsOut,
    ConfirmationIn,
    CourseOut,
    PetitionDecisionIn,
    PetitionIn,
    PetitionOut,
    PetitionsOut,
    ReasonedIn,
    ResumptionIn,
    TerminationIn,
)
from app.api.deps import CallerDep, DbDep, OptionalCallerDep
from app.api.idempotency import IdempotencyKeyDep, once
from app.api.intent_wire import IntentOut, intent_out
from app.api.intents import IntentId
from app.api.listing_wire import ListingOut, listing_out
from app.api.listings import ListingId
from app.api.problems import problems
from app.api.routing import Router
from app.trades.boards import list_boards
from app.trades.confirming import confirm_intent
from app.trades.halting import resume_listing, suspend_listing
from app.trades.intent_cases import get_written_case
from app.trades.lifecycle_queries import Course, get_course, read_petitions
from app.trades.petitions import ask_desk, decide_petition
from app.trades.queries import get_listing_view, get_written_listing
from app.trades.relisting import relist
from app.trades.terminating import terminate_listing

router = Router(tags=["listings"])

PetitionId = Annotated[UUID, Path(description="转让方的申请 / the petition's id")]


def course_out(course: Course) -> CourseOut:
    """Puts a listing's course into the shape that its readers share."""
    return CourseOut.model_validate(course)


@router.get("/boards", operation_id="list_boards", responses=problems(422))
async def boards(db: DbDep) -> BoardsOut:
    """板块及其准入规则 / The market's boards and what each admits."""
    return BoardsOut(items=[BoardOut.model_validate(board) for board in await db.read(list_boards)])


@router.get(
    "/listings/{listing_id}/bulletins",
    operation_id="list_bulletins",
    responses=problems(401, 403, 404, 422),
)
async def bulletins(listing_id: ListingId, db: DbDep, caller: OptionalCallerDep) -> CourseOut:
    """项目动态公告：中止、恢复、变更、延牌、终结 / What was announced about a listing after its publication."""
    return course_out(await db.read(get_course, caller, listing_id))


@router.post(
    "/listings/{listing_id}/suspensions",
    status_code=201,
    operation_id="suspend_listing",
    responses=problems(401, 403, 404, 409, 422),
)
async def suspend(
    listing_id: ListingId,
    body: ReasonedIn,
    request: Request,
    db: DbDep,
    caller: CallerDep,
    key: IdempotencyKeyDep = None,
) -> ListingOut:
    """中止挂牌，理由随即公布（挂牌岗）/ Suspends a listing; a sale that has not opened is called off."""
    signer = request.app.state.signer
    await db.write(
        once,
        caller,
        key,
        "suspend_listing",
        body,
        lambda session: suspend_listing(session, caller, listing_id, body.said, signer),
        subject=listing_id,
    )
    return listing_out(await db.read(get_listing_view, caller, listing_id))


@router.post(
    "/listings/{listing_id}/resumptions",
    status_code=201,
    operation_id="resume_listing",
    responses=problems(401, 403, 404, 409, 422),
)
async def resume(
    listing_id: ListingId,
    body: ResumptionIn,
    db: DbDep,
    caller: CallerDep,
    key: IdempotencyKeyDep = None,
) -> ListingOut:
    """恢复挂牌，公告期相应顺延（挂牌岗）/ Resumes a suspended listing with a notice as long as announced."""
    await db.write(
        once,
        caller,
        key,
        "resume_listing",
        body,
        lambda session: resume_listing(session, caller, listing_id, body.said, deadline_at=body.deadline_at),
        subject=listing_id,
    )
    return listing_out(await db.read(get_listing_view, caller, listing_id))


@router.post(
    "/listings/{listing_id}/terminations",
    status_code=201,
    operation_id="terminate_listing",
    responses=problems(401, 403, 404, 409, 422),
)
async def terminate(
    listing_id: ListingId,
    body: TerminationIn,
    request: Request,
    db: DbDep,
    caller: CallerDep,
    key: IdempotencyKeyDep = None,
) -> ListingOut:
    """终结挂牌，保证金随即释放（挂牌岗）/ Terminates a listing; deposits are released, intents answered, rooms closed."""
    signer = request.app.state.signer
    await db.write(
        once,
        caller,
        key,
        "terminate_listing",
        body,
        lambda session: terminate_listing(
            session, caller, listing_id, body.said, ground=body.ground, signer=signer
        ),
        subject=listing_id,
    )
    return listing_out(await db.read(get_listing_view, caller, listing_id))


@router.get(
    "/listings/{listing_id}/petitions",
    operation_id="list_petitions",
    responses=problems(401, 403, 404, 422),
)
async def petitions(listing_id: ListingId, db: DbDep, caller: CallerDep) -> PetitionsOut:
    """转让方的申请及办理结果 / A seller's petitions, for its own people and the desk."""
    rows = await db.read(read_petitions, caller, listing_id)
    return PetitionsOut(items=[PetitionOut.model_validate(row) for row in rows])


@router.post(
    "/listings/{listing_id}/petitions",
    status_code=201,
    operation_id="ask_desk",
    responses=problems(401, 403, 404, 409, 422),
)
async def ask(
    listing_id: ListingId, body: PetitionIn, db: DbDep, caller: CallerDep, key: IdempotencyKeyDep = None
) -> PetitionOut:
    """转让方书面申请中止、撤回或变更 / Asks the desk to suspend, to terminate or to change one's own listing."""
    changes = {} if body.changes is None else body.changes.wanted()
    petition_id = await db.write(
        once,
        caller,
        key,
        "ask_desk",
        body,
        lambda session: ask_desk(session, caller, listing_id, body.kind, body.said, changes),
        subject=listing_id,
    )
    rows = await db.read(read_petitions, caller, listing_id, is_written=True)
    return next(PetitionOut.model_validate(row) for row in rows if row.id == petition_id)


@router.post(
    "/listings/{listing_id}/petitions/{petition_id}/decision",
    status_code=201,
    operation_id="decide_petition",
    responses=problems(401, 403, 404, 409, 422),
)
async def decide(
    listing_id: ListingId,
    petition_id: PetitionId,
    body: PetitionDecisionIn,
    request: Request,
    db: DbDep,
    caller: CallerDep,
    key: IdempotencyKeyDep = None,
) -> PetitionOut:
    """批准（随即办理）或不予批准（挂牌岗）/ Approves a petition, which carries it out, or refuses it with a reason."""
    signer = request.app.state.signer
    await db.write(
        once,
        caller,
        key,
        "decide_petition",
        body,
        lambda session: decide_petition(
            session,
            caller,
            listing_id,
            petition_id,
            approves=body.decision == "approve",
            reason=body.reason,
            signer=signer,
        ),
        subject=petition_id,
    )
    rows = await db.read(read_petitions, caller, listing_id)
    return next(PetitionOut.model_validate(row) for row in rows if row.id == petition_id)


@router.post(
    "/listings/{listing_id}/relistings",
    status_code=201,
    operation_id="relist_listing",
    responses=problems(401, 403, 404, 409, 422),
)
async def list_anew(
    listing_id: ListingId, db: DbDep, caller: CallerDep, key: IdempotencyKeyDep = None
) -> ListingOut:
    """未成交或终结的，复制为新的草稿 / Drafts a new listing of what found no buyer."""
    made = await db.write(
        once,
        caller,
        key,
        "relist_listing",
        None,
        lambda session: relist(session, caller, listing_id),
        subject=listing_id,
    )
    return listing_out(await db.read(get_written_listing, caller, made))


@router.post(
    "/intents/{intent_id}/confirmations",
    status_code=201,
    operation_id="confirm_intent",
    responses=problems(401, 403, 404, 409, 422),
)
async def confirm(
    intent_id: IntentId,
    body: ConfirmationIn,
    db: DbDep,
    caller: CallerDep,
    key: IdempotencyKeyDep = None,
) -> IntentOut:
    """变更后重新确认受让意向 / Confirms an intent for the listing as it was announced anew."""
    await db.write(
        once,
        caller,
        key,
        "confirm_intent",
        body,
        lambda session: confirm_intent(session, caller, intent_id, body.accept_rules_sha256),
        subject=intent_id,
    )
    return intent_out(await db.read(get_written_case, intent_id), caller)
