"""Deposits that are not given back (不予退还保证金): declared by a reviewer, answered by the party, decided by finance."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path, Query
from pydantic import Field

from app.api.deals import DealListingOut
from app.api.deps import CallerDep, DbDep, PageDep, PageOf, Wire
from app.api.idempotency import IdempotencyKeyDep, MoneyKeyDep, once
from app.api.intents import IntentId
from app.api.problems import problems
from app.api.routing import Router
from app.money import MAX_FEN
from app.settlement.forfeiting import Claimed, answer_forfeiture, decide_forfeiture, declare_forfeiture
from app.trades.forfeit_rules import GROUND_WORDS, ForfeitGround
from app.trades.forfeits import ForfeitureView, get_written_forfeiture, list_forfeitures
from app.trades.rules import LONGEST_REASON

router = Router(tags=["deposits"])
ForfeitureId = Annotated[UUID, Path(description="不予退还认定 / the claim's id")]
ForfeitGrounds = Literal[
    "withdrawn_late", "false_documents", "collusion", "leak_secret", "disturbed", "no_bid"
]


class ForfeitureIn(Wire):
    """An announced ground with the reason and what proves it, and the losses that are proven."""

    ground: ForfeitGrounds = Field(examples=["false_documents"])
    reason: str = Field(max_length=LONGEST_REASON, examples=["资信证明系伪造，银行回函否认。"])
    evidence: str = Field(max_length=LONGEST_REASON, examples=["银行回函〔2026〕第3号扫描件。"])
    fees_fen: int = Field(default=0, ge=0, le=MAX_FEN, examples=[0])
    loss_fen: int = Field(default=0, ge=0, le=MAX_FEN, examples=[500_000])


class ForfeitureAnswerIn(Wire):
    """What the party has to say (陈述申辩)."""

    words: str = Field(max_length=LONGEST_REASON, examples=["材料由代办机构提供，我方并不知情。"])


class ForfeitureDecisionIn(Wire):
    """Whether the other desk confirms, and why."""

    confirms: bool = Field(examples=[True])
    reason: str = Field(max_length=LONGEST_REASON, examples=["核对了全部材料，申辩不成立。"])


class ForfeitureOut(Wire):
    """A claim on a deposit, and where the deposit goes: the exchange's fees, the seller's loss, the rest."""

    id: UUID
    intent_id: UUID
    deposit_id: UUID
    listing: DealListingOut
    party_name: str = Field(examples=["北辰材料有限公司"])
    ground: ForfeitGrounds
    ground_zh: str = Field(examples=["提供虚假材料"])
    ground_en: str = Field(examples=["false documents"])
    reason: str
    evidence: str
    deposit_fen: int = Field(examples=[1_000_000])
    loss_fen: int = Field(examples=[500_000])
    fees_fen: int = Field(examples=[0])
    seller_fen: int = Field(examples=[500_000])
    rest_fen: int = Field(examples=[500_000])
    status: Literal["declared", "confirmed", "refused"]
    declared_at: datetime
    answer_until: datetime
    answer: str | None
    answered_at: datetime | None
    decision: str | None
    decided_at: datetime | None


def _out(view: ForfeitureView) -> ForfeitureOut:
    row = view.forfeiture
    columns = {name for name in ForfeitureOut.model_fields if name in row.__table__.columns}
    zh, en = GROUND_WORDS[ForfeitGround(row.ground)]
    return ForfeitureOut(
        **{name: getattr(row, name) for name in columns},
        listing=DealListingOut.model_validate(view.listing),
        party_name=view.party.name,
        ground_zh=zh,
        ground_en=en,
    )


@router.get("/forfeitures", operation_id="list_forfeitures", responses=problems(401, 403, 422))
async def list_(
    db: DbDep,
    caller: CallerDep,
    page: PageDep,
    intent_id: Annotated[UUID | None, Query(description="受让意向 / of one intent alone")] = None,
) -> PageOf[ForfeitureOut]:
    """Lists the claims on one's own deposits, or all for the desks that know who buys, the newest first."""
    rows = await db.read(
        list_forfeitures, caller, intent_id=intent_id, before_id=page.after_id, limit=page.fetch
    )
    shown, next_cursor = page.cut(rows, lambda view: view.forfeiture.id)
    return PageOf[ForfeitureOut](items=[_out(view) for view in shown], next_cursor=next_cursor)


@router.post(
    "/intents/{intent_id}/forfeitures",
    status_code=201,
    operation_id="declare_forfeiture",
    responses=problems(401, 403, 404, 409, 422),
)
async def declare(
    intent_id: IntentId, body: ForfeitureIn, db: DbDep, caller: CallerDep, key: MoneyKeyDep
) -> ForfeitureOut:
    """Declares that a deposit is kept; it is held back, and its party may answer before another desk decides."""
    said = Claimed(ForfeitGround(body.ground), body.reason, body.evidence, body.fees_fen, body.loss_fen)
    made = await db.write(
        once,
        caller,
        key,
        "declare_forfeiture",
        body,
        lambda session: declare_forfeiture(session, caller, intent_id, said),
        subject=intent_id,
    )
    return _out(await db.read(get_written_forfeiture, made))


@router.post(
    "/forfeitures/{forfeiture_id}/answers",
    status_code=201,
    operation_id="answer_forfeiture",
    responses=problems(401, 403, 404, 409, 422),
)
async def answer(
    forfeiture_id: ForfeitureId,
    body: ForfeitureAnswerIn,
    db: DbDep,
    caller: CallerDep,
    key: IdempotencyKeyDep = None,
) -> ForfeitureOut:
    """Answers a claim on one's own deposit, once and in time."""
    made = await db.write(
        once,
        caller,
        key,
        "answer_forfeiture",
        body,
        lambda session: answer_forfeiture(session, caller, forfeiture_id, body.words),
        subject=forfeiture_id,
    )
    return _out(await db.read(get_written_forfeiture, made))


@router.post(
    "/forfeitures/{forfeiture_id}/decisions",
    status_code=201,
    operation_id="decide_forfeiture",
    responses=problems(401, 403, 404, 409, 422),
)
async def decide(
    forfeiture_id: ForfeitureId, body: ForfeitureDecisionIn, db: DbDep, caller: CallerDep, key: MoneyKeyDep
) -> ForfeitureOut:
    """Confirms a claim as the other desk, which applies the deposit, or refuses it, which lets the deposit go."""
    made = await db.write(
        once,
        caller,
        key,
        "decide_forfeiture",
        body,
        lambda session: decide_forfeiture(
            session, caller, forfeiture_id, confirms=body.confirms, reason=body.reason
        ),
        subject=forfeiture_id,
    )
    return _out(await db.read(get_written_forfeiture, made))
