"""Paying a deposit by card (卡支付): asked for by the buyer, with what became of it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Path
from pydantic import Field

from app.api.deps import CallerDep, DbDep, PageDep, PageOf, SettingsDep, Wire
from app.api.idempotency import MoneyKeyDep, once
from app.api.problems import problems
from app.api.routing import Router
from app.payments.card_payments import get_card_payment
from app.payments.gateway import GatewayNotConfigured, Stage
from app.trades.card_admission import pay_by_card, read_card_payments

router = Router(prefix="/deposits", tags=["deposits"])

DepositId = Annotated[UUID, Path(description="保证金 / the deposit's id")]


class CardIn(Wire):
    """The payer's card, as the token that the gateway gave the payer's browser for it; no card number ever comes here."""

    card: str = Field(pattern=r"^pm_[A-Za-z0-9_]{1,200}$", examples=["pm_card_visa"])


class CardPaymentOut(Wire):
    """One attempt to pay by card; a hold that is not captured lapses at ``hold_ends_at``."""

    id: UUID
    deposit_id: UUID
    stage: Stage
    amount_fen: int = Field(examples=[1000000])
    is_deposit: bool
    hold_ends_at: datetime | None
    reason: str | None = Field(examples=["insufficient_funds"])
    created_at: datetime


@router.post(
    "/{deposit_id}/card-payments",
    status_code=201,
    operation_id="pay_deposit_by_card",
    responses=problems(401, 403, 404, 409, 422),
)
async def pay(
    deposit_id: DepositId,
    body: CardIn,
    db: DbDep,
    caller: CallerDep,
    settings: SettingsDep,
    key: MoneyKeyDep,
) -> CardPaymentOut:
    """Asks for the deposit from a card; the answer comes before the gateway's, so read it again until its stage changes."""
    if not settings.takes_cards:
        raise GatewayNotConfigured
    payment_id = await db.write(
        once,
        caller,
        key,
        "pay_deposit_by_card",
        body,
        lambda session: pay_by_card(session, caller, deposit_id, body.card),
        subject=deposit_id,
    )
    return CardPaymentOut.model_validate(await db.read(get_card_payment, payment_id))


@router.get(
    "/{deposit_id}/card-payments",
    operation_id="list_card_payments",
    responses=problems(401, 403, 404, 422),
)
async def list_(deposit_id: DepositId, db: DbDep, caller: CallerDep, page: PageDep) -> PageOf[CardPaymentOut]:
    """Lists a deposit's payments by card, the newest first, for its party or finance."""
    rows = await db.read(read_card_payments, caller, deposit_id, before_id=page.after_id, limit=page.fetch)
    shown, next_cursor = page.cut(rows, lambda row: row.id)
    items = [CardPaymentOut.model_validate(row) for row in shown]
    return PageOf[CardPaymentOut](items=items, next_cursor=next_cursor)
