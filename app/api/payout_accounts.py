"""A seller's account at the card gateway (收款账户), and finance's choice of a payout's way."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path, Request
from pydantic import Field

from app.api.card_gateway import gateway_of
from app.api.deps import CallerDep, DbDep, SettingsDep, Wire
from app.api.idempotency import IdempotencyKeyDep, MoneyKeyDep, once
from app.api.payment_orders import PaymentOrderOut, order_out
from app.api.problems import problems
from app.api.routing import Router
from app.db import Session
from app.payments.connect_accounts import (
    facts_of,
    get_account_to_link,
    open_payout_account,
    promise_own_look,
    read_payout_account,
)
from app.payments.connect_queries import get_connect_view
from app.payments.connect_rules import PayoutState, state_of
from app.payments.connect_transfers import choose_way
from app.payments.gateway import GatewayNotConfigured
from app.payments.order_queries import get_order_view
from app.payments.order_repeats import repeat_order
from app.payments.order_rules import Way

router = Router(tags=["payout accounts"])

OrderId = Annotated[UUID, Path(description="付款单 / the order's id")]


class PayoutAccountOut(Wire):
    """The own organisation's account; ``is_offered`` is false where the market has no card gateway."""

    is_offered: bool
    state: PayoutState
    disabled_reason: str | None = Field(examples=["requirements.past_due"])
    refusal: str | None = Field(examples=["country_unsupported"])
    seen_at: datetime | None = Field(description="最近一次向通道查询 / when the gateway was last asked")


class OnboardingLinkOut(Wire):
    """A link to the gateway's own form: for one use, until it expires."""

    url: str = Field(examples=["https://connect.stripe.com/setup/e/acct_1/abc"])
    expires_at: datetime


class PayoutLookOut(Wire):
    """The gateway is asked for the account; read it again."""

    state: PayoutState


class WayIn(Wire):
    """How the order is to be paid."""

    way: Way = Field(examples=["connect"])


class ConnectTransferOut(Wire):
    """An order's transfer: asked for, made or refused; and what came back of it."""

    stage: Literal["asked", "made", "refused"]
    gateway_id: str | None = Field(examples=["tr_1Pgc7BB7WZ01zgkWVJfE40RX"])
    reason: str | None = Field(examples=["balance_insufficient"])
    reversed_fen: int


class OrderConnectOut(Wire):
    """Whether a payout may go by transfer, and what became of its transfer."""

    is_offered: bool
    payout_state: PayoutState
    clearing_fen: int = Field(description="卡收款在途 / what the gateway owes the exchange")
    transfer: ConnectTransferOut | None


@router.get("/payout-account", operation_id="get_payout_account", responses=problems(401, 403))
async def read(db: DbDep, caller: CallerDep, settings: SettingsDep) -> PayoutAccountOut:
    """Reads the own organisation's account at the card gateway."""
    row = await db.read(read_payout_account, caller)
    return PayoutAccountOut(
        is_offered=settings.takes_cards,
        state=state_of(facts_of(row)),
        disabled_reason=row.disabled_reason if row else None,
        refusal=row.refusal if row else None,
        seen_at=row.seen_at if row else None,
    )


@router.post(
    "/payout-account",
    status_code=201,
    operation_id="open_payout_account",
    responses=problems(401, 403, 409, 422),
)
async def open_(
    db: DbDep, caller: CallerDep, settings: SettingsDep, key: IdempotencyKeyDep = None
) -> PayoutAccountOut:
    """Asks for an account; the answer comes before the gateway's, so read it again until its state changes."""
    if not settings.takes_cards:
        raise GatewayNotConfigured
    await db.write(
        once, caller, key, "open_payout_account", None, lambda session: open_payout_account(session, caller)
    )
    return await read(db, caller, settings)


@router.put("/payout-account/looks", operation_id="look_at_payout_account", responses=problems(401, 403, 404))
async def look(db: DbDep, caller: CallerDep) -> PayoutLookOut:
    """Has the gateway asked how the account stands, as after its form was filled in."""
    return PayoutLookOut(state=await db.write(promise_own_look, caller))


@router.post(
    "/payout-account/links",
    status_code=201,
    operation_id="make_onboarding_link",
    responses=problems(401, 403, 404, 409, 503),
)
async def link(request: Request, db: DbDep, caller: CallerDep, settings: SettingsDep) -> OnboardingLinkOut:
    """Makes a link to the gateway's own form, where the seller tells it about itself; each link is a new one."""
    account_id = await db.read(get_account_to_link, caller)
    gateway = gateway_of(request, settings)
    made = await gateway.connect.link(account_id, f"{settings.public_url.rstrip('/')}/organisation")
    return OnboardingLinkOut(url=made.url, expires_at=made.expires_at)


@router.get(
    "/payment-orders/{order_id}/connect",
    operation_id="get_payment_order_connect",
    responses=problems(401, 403, 404, 422),
)
async def read_connect(
    order_id: OrderId, db: DbDep, caller: CallerDep, settings: SettingsDep
) -> OrderConnectOut:
    """Reads whether an order may go by transfer to the seller's account, and what became of that."""
    view = await db.read(get_connect_view, caller, order_id)
    transfer = None if view.transfer is None else ConnectTransferOut.model_validate(view.transfer)
    return OrderConnectOut(
        is_offered=settings.takes_cards,
        payout_state=view.payout_state,
        clearing_fen=view.clearing_fen,
        transfer=transfer,
    )


@router.post(
    "/payment-orders/{order_id}/ways",
    status_code=201,
    operation_id="choose_payment_order_way",
    responses=problems(401, 403, 404, 409, 422),
)
async def choose(
    order_id: OrderId, body: WayIn, db: DbDep, caller: CallerDep, settings: SettingsDep, key: MoneyKeyDep
) -> PaymentOrderOut:
    """Chooses how a payout goes: by bank, or by transfer to the seller's account; before anybody approved it."""
    if body.way is Way.CONNECT and not settings.takes_cards:
        raise GatewayNotConfigured

    async def carry_out(session: Session) -> UUID:
        return await choose_way(session, caller, order_id, body.way)

    await db.write(once, caller, key, "choose_payment_order_way", body, carry_out, subject=order_id)
    return order_out(await db.read(get_order_view, caller, order_id), caller)


@router.post(
    "/payment-orders/{order_id}/repetitions",
    status_code=201,
    operation_id="repeat_payment_order",
    responses=problems(401, 403, 404, 409, 422),
)
async def repeat(order_id: OrderId, db: DbDep, caller: CallerDep, key: MoneyKeyDep) -> PaymentOrderOut:
    """Orders a payout or a commission again whose order failed or was cancelled; two people approve the new one."""
    made = await db.write(
        once,
        caller,
        key,
        "repeat_payment_order",
        None,
        lambda session: repeat_order(session, caller, order_id),
        subject=order_id,
    )
    return order_out(await db.read(get_order_view, caller, made), caller)
