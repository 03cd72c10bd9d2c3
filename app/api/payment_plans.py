"""Plans of payment that are announced with listings (公告的付款方式)."""

from typing import Annotated
from uuid import UUID

from fastapi import Path

from app.api.deps import CallerDep, DbDep, OptionalCallerDep
from app.api.plan_wire import AnnouncedPlanIn, AnnouncedPlanOut
from app.api.problems import problems
from app.api.routing import Router
from app.settlement.announcing import announce_plan, get_announced
from app.settlement.rules import PLAN_WORDS, PlanKind
from app.trades.announced_models import AnnouncedPlan

router = Router(tags=["listings"])
ListingId = Annotated[UUID, Path(description="挂牌项目 / the listing's id")]


class PlanWrittenOut(AnnouncedPlanIn):
    """What was written."""

    listing_id: UUID


def _out(listing_id: UUID, row: AnnouncedPlan | None, allowed: list[str]) -> AnnouncedPlanOut:
    zh, en = PLAN_WORDS[PlanKind.ONE_OFF]
    plain = {
        "kind": row.kind if row else "one_off",
        "parts": row.plan["parts"] if row else [],
        "royalty": row.plan["royalty"] if row else None,
        "words_zh": row.words_zh if row else zh,
        "words_en": row.words_en if row else en,
    }
    return AnnouncedPlanOut.model_validate({"listing_id": listing_id, "allowed": allowed, **plain})


@router.put(
    "/listings/{listing_id}/payment-plan",
    operation_id="announce_plan",
    responses=problems(401, 403, 404, 409, 422),
)
async def write(listing_id: ListingId, body: AnnouncedPlanIn, db: DbDep, caller: CallerDep) -> PlanWrittenOut:
    """Writes how an own draft's price will be paid; it becomes part of the offer with its submission."""
    royalty = body.royalty.terms() if body.royalty else None
    parts = [each.part() for each in body.parts]
    await db.write(announce_plan, caller, listing_id, PlanKind(body.kind), parts, royalty)
    return PlanWrittenOut(listing_id=listing_id, **body.model_dump())


@router.get(
    "/listings/{listing_id}/payment-plan", operation_id="get_payment_plan", responses=problems(403, 404, 422)
)
async def read(listing_id: ListingId, db: DbDep, caller: OptionalCallerDep) -> AnnouncedPlanOut:
    """Reads the plan announced with a listing, one payment where none was: anybody once it is published."""
    return _out(listing_id, *await db.read(get_announced, caller, listing_id))
