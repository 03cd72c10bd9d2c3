"""Webhooks of the card gateway (支付通道回调): stored once, answered, then handled by the worker in any order."""

import json
from typing import Annotated

from fastapi import Header, Request
from pydantic import Field

from app.api.card_gateway import gateway_of
from app.api.deps import DbDep, SettingsDep, Wire
from app.api.problems import problems
from app.api.routing import Router
from app.payments.card_payments import store_event

router = Router(prefix="/payment-hooks", tags=["payment-hooks"])


class EventTakenOut(Wire):
    """The event is stored; ``is_new`` is false for one that came before, which changes nothing."""

    id: str = Field(examples=["evt_1"])
    is_new: bool


@router.post("/stripe", operation_id="take_stripe_event", responses=problems(409, 413, 422))
async def take_stripe_event(
    request: Request,
    db: DbDep,
    settings: SettingsDep,
    signature: Annotated[
        str | None,
        Header(
            alias="Stripe-Signature",
            max_length=2000,
            description="Stripe 的签名 / the signature over the raw body, at most five minutes old",
        ),
    ] = None,
) -> EventTakenOut:
    """Takes an event whose signature fits the raw body, stores it once and answers; what follows is a task's."""
    gateway = gateway_of(request, settings)
    body = await request.body()
    event = gateway.read_event(body, signature)
    return EventTakenOut(id=event.id, is_new=await db.write(store_event, event, json.loads(body)))
