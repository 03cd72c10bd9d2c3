"""Time lines of cases (办理经过): what was done to a listing, a notice, an intent, a deal or a settlement."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path
from pydantic import Field

from app.api.deps import CallerDep, DbDep, LangDep, OptionalCallerDep, Wire
from app.api.problems import problems
from app.api.routing import Router
from app.desks.acts import ACTS, SIDES
from app.desks.timeline import (
    CaseAct,
    read_deal_history,
    read_intent_history,
    read_listing_history,
    read_notice_history,
    read_settlement_history,
)
from app.errors import Lang

router = Router(tags=["histories"])


class CaseActOut(Wire):
    """One act of a case in words, by which side; ``reason`` is for the case's own people and the desks."""

    id: UUID
    at: datetime
    action: str = Field(examples=["contract.signed"])
    text: str = Field(examples=["签署合同"])
    side: Literal["seller", "buyer", "exchange", "market", "other"]
    side_text: str = Field(examples=["转让方"])
    reason: str | None


class HistoryOut(Wire):
    """What was done to a case, the oldest first."""

    items: list[CaseActOut]


def _out(acts: list[CaseAct], lang: Lang) -> HistoryOut:
    index = 0 if lang == "zh" else 1
    return HistoryOut(
        items=[
            CaseActOut(
                id=each.id,
                at=each.at,
                action=each.action,
                text=ACTS[each.action][index],
                side=each.side,
                side_text=SIDES[each.side][index],
                reason=each.reason,
            )
            for each in acts
        ]
    )


@router.get(
    "/listings/{listing_id}/history",
    operation_id="get_listing_history",
    responses=problems(401, 403, 404, 422),
)
async def of_listing(
    listing_id: Annotated[UUID, Path(description="挂牌项目 / the listing's id")],
    db: DbDep,
    caller: OptionalCallerDep,
    lang: LangDep,
) -> HistoryOut:
    """挂牌项目和它的公示的办理经过 / What was done to a listing and its notices, for whoever sees it."""
    return _out(await db.read(read_listing_history, caller, listing_id), lang)


@router.get(
    "/notices/{notice_id}/history", operation_id="get_notice_history", responses=problems(401, 404, 422)
)
async def of_notice(
    notice_id: Annotated[UUID, Path(description="公示 / the notice's id")],
    db: DbDep,
    caller: OptionalCallerDep,
    lang: LangDep,
) -> HistoryOut:
    """公示的办理经过 / What was done to a notice, for whoever sees it."""
    return _out(await db.read(read_notice_history, caller, notice_id), lang)


@router.get(
    "/intents/{intent_id}/history",
    operation_id="get_intent_history",
    responses=problems(401, 403, 404, 422),
)
async def of_intent(
    intent_id: Annotated[UUID, Path(description="受让意向 / the intent's id")],
    db: DbDep,
    caller: CallerDep,
    lang: LangDep,
) -> HistoryOut:
    """受让意向与保证金的办理经过 / What was done to an intent and its deposit, for its buyer and the desks."""
    return _out(await db.read(read_intent_history, caller, intent_id), lang)


@router.get(
    "/deals/{deal_id}/history", operation_id="get_deal_history", responses=problems(401, 403, 404, 422)
)
async def of_deal(
    deal_id: Annotated[UUID, Path(description="成交 / the deal's id")],
    db: DbDep,
    caller: CallerDep,
    lang: LangDep,
) -> HistoryOut:
    """成交以后的办理经过 / What was done since a deal: contract, registration, settlement, defaults."""
    return _out(await db.read(read_deal_history, caller, deal_id), lang)


@router.get(
    "/settlements/{settlement_id}/history",
    operation_id="get_settlement_history",
    responses=problems(401, 403, 404, 422),
)
async def of_settlement(
    settlement_id: Annotated[UUID, Path(description="结算 / the settlement's id")],
    db: DbDep,
    caller: CallerDep,
    lang: LangDep,
) -> HistoryOut:
    """结算的办理经过 / What was done in a settlement."""
    return _out(await db.read(read_settlement_history, caller, settlement_id), lang)
