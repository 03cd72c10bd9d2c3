"""The register of restricted parties (受限主体名录): kept by two people of the desks."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path
from pydantic import Field

from app.api.deps import CallerDep, DbDep, PageDep, PageOf, Wire
from app.api.idempotency import IdempotencyKeyDep, once
from app.api.problems import problems
from app.api.routing import Router
from app.db import Session
from app.trades.restrictions import (
    NewRestriction,
    RestrictionView,
    decide_restriction,
    find_party,
    get_written_restriction,
    list_restrictions,
    propose_lifting,
    propose_restriction,
)
from app.trades.rules import LONGEST_REASON

router = Router(prefix="/restrictions", tags=["restrictions"])
RestrictionId = Annotated[UUID, Path(description="受限记录 / the restriction's id")]
RestrictionGround = Literal["dishonest", "market_ban", "court_order", "other"]


class RestrictionIn(Wire):
    """Whom it binds, why, by which document, and on which days; without ``ends_on`` until it is lifted."""

    party: str = Field(
        min_length=18,
        max_length=36,
        examples=["91330100000000019T"],
        description="统一社会信用代码；没有代码的主体用其编号 / its credit code, or the id of who has none",
    )
    ground: RestrictionGround = Field(examples=["dishonest"])
    source: str = Field(max_length=LONGEST_REASON, examples=["失信被执行人名单，示例法院决定书第一号"])
    begins_on: date = Field(examples=["2026-06-01"])
    ends_on: date | None = Field(default=None, examples=["2027-05-31"])


class RestrictionDecisionIn(Wire):
    """Whether the other person confirms what was proposed."""

    confirms: bool = Field(examples=[True])


class LiftingIn(Wire):
    """Why a restriction is lifted."""

    reason: str = Field(max_length=LONGEST_REASON, examples=["履行完毕，已移出名单。"])


class RestrictionOut(Wire):
    """A restriction; it binds while it is ``effective`` or waits for its lifting."""

    id: UUID
    organisation_id: UUID
    organisation_name: str
    ground: RestrictionGround
    source: str
    begins_on: date
    ends_on: date | None
    status: Literal["proposed", "effective", "refused", "lifting", "lifted"]
    proposed_at: datetime
    proposed_by: UUID
    lift_reason: str | None
    lift_proposed_by: UUID | None
    lifted_at: datetime | None


def _out(view: RestrictionView) -> RestrictionOut:
    row = view.restriction
    columns = {name for name in RestrictionOut.model_fields if name in row.__table__.columns}
    return RestrictionOut(**{name: getattr(row, name) for name in columns}, organisation_name=view.party.name)


@router.get("", operation_id="list_restrictions", responses=problems(401, 403, 422))
async def list_(db: DbDep, caller: CallerDep, page: PageDep) -> PageOf[RestrictionOut]:
    """Lists the register for those who keep it, the newest first."""
    rows = await db.read(list_restrictions, caller, before_id=page.after_id, limit=page.fetch)
    shown, next_cursor = page.cut(rows, lambda view: view.restriction.id)
    return PageOf[RestrictionOut](items=[_out(view) for view in shown], next_cursor=next_cursor)


@router.post("", status_code=201, operation_id="propose_restriction", responses=problems(401, 403, 404, 422))
async def propose(
    body: RestrictionIn, db: DbDep, caller: CallerDep, key: IdempotencyKeyDep = None
) -> RestrictionOut:
    """Proposes a restriction; it binds nobody before another person confirms."""

    async def make(session: Session) -> UUID:
        party = await find_party(session, caller, body.party)
        new = NewRestriction(party.id, body.ground, body.source, body.begins_on, body.ends_on)
        return await propose_restriction(session, caller, new)

    made = await db.write(once, caller, key, "propose_restriction", body, make)
    return _out(await db.read(get_written_restriction, made))


@router.post(
    "/{restriction_id}/decisions",
    status_code=201,
    operation_id="decide_restriction",
    responses=problems(401, 403, 404, 409, 422),
)
async def decide(
    restriction_id: RestrictionId,
    body: RestrictionDecisionIn,
    db: DbDep,
    caller: CallerDep,
    key: IdempotencyKeyDep = None,
) -> RestrictionOut:
    """Confirms or refuses as another person what was proposed: the restriction, or its lifting."""
    done = await db.write(
        once,
        caller,
        key,
        "decide_restriction",
        body,
        lambda session: decide_restriction(session, caller, restriction_id, confirms=body.confirms),
        subject=restriction_id,
    )
    return _out(await db.read(get_written_restriction, done))


@router.post(
    "/{restriction_id}/liftings",
    status_code=201,
    operation_id="propose_lifting",
    responses=problems(401, 403, 404, 409, 422),
)
async def lift(
    restriction_id: RestrictionId,
    body: LiftingIn,
    db: DbDep,
    caller: CallerDep,
    key: IdempotencyKeyDep = None,
) -> RestrictionOut:
    """Proposes to lift a restriction that is in effect."""
    done = await db.write(
        once,
        caller,
        key,
        "propose_lifting",
        body,
        lambda session: propose_lifting(session, caller, restriction_id, body.reason),
        subject=restriction_id,
    )
    return _out(await db.read(get_written_restriction, done))
