"""Mandates to brokers (经纪委托): offered and signed by a party, signed by the broker."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Path
from pydantic import Field

from app.api.deps import CallerDep, DbDep, PageDep, PageOf, Wire
from app.api.idempotency import IdempotencyKeyDep, once
from app.api.problems import problems
from app.api.routing import Router
from app.brokers.mandates import (
    NewMandate,
    get_written_mandate,
    list_mandates,
    offer_mandate,
    sign_mandate,
)

router = Router(prefix="/mandates", tags=["mandates"])


class MandateIn(Wire):
    """A mandate for one listing, at a rate in basis points of the money received, from one day until before another."""

    broker_id: UUID = Field(examples=["0198f2a4-7c11-7d0e-8a53-5f1f0a7be001"])
    listing_id: UUID = Field(examples=["0198f2a4-7c11-7d0e-8a53-5f1f0a7be002"])
    rate_bp: int = Field(ge=1, le=3000, examples=[300])
    valid_from: date = Field(examples=["2026-11-01"])
    valid_to: date = Field(examples=["2027-11-01"])


class MandateOut(Wire):
    """A mandate; it is in force once the broker has signed too."""

    id: UUID
    party_id: UUID
    broker_id: UUID
    listing_id: UUID
    rate_bp: int = Field(examples=[300])
    valid_from: date
    valid_to: date
    party_signed_at: datetime
    broker_signed_at: datetime | None


@router.get("", operation_id="list_mandates", responses=problems(401, 403, 422))
async def list_(db: DbDep, caller: CallerDep, page: PageDep) -> PageOf[MandateOut]:
    """Lists the mandates that one's organisation gave or was given, the newest first."""
    rows = await db.read(list_mandates, caller, before_id=page.after_id, limit=page.fetch)
    shown, next_cursor = page.cut(rows, lambda row: row.id)
    items = [MandateOut.model_validate(row) for row in shown]
    return PageOf[MandateOut](items=items, next_cursor=next_cursor)


@router.post("", status_code=201, operation_id="offer_mandate", responses=problems(401, 403, 404, 409, 422))
async def offer(body: MandateIn, db: DbDep, caller: CallerDep, key: IdempotencyKeyDep = None) -> MandateOut:
    """Signs a mandate for one's organisation and offers it to the broker."""
    new = NewMandate(body.broker_id, body.listing_id, body.rate_bp, body.valid_from, body.valid_to)
    made = await db.write(
        once, caller, key, "offer_mandate", body, lambda session: offer_mandate(session, caller, new)
    )
    return MandateOut.model_validate(await db.read(get_written_mandate, made))


@router.post(
    "/{mandate_id}/signatures",
    status_code=201,
    operation_id="sign_mandate",
    responses=problems(401, 403, 404, 409, 422),
)
async def sign(
    mandate_id: Annotated[UUID, Path(description="委托 / the mandate's id")],
    db: DbDep,
    caller: CallerDep,
    key: IdempotencyKeyDep = None,
) -> MandateOut:
    """Signs a mandate for the broker."""
    made = await db.write(
        once,
        caller,
        key,
        "sign_mandate",
        None,
        lambda session: sign_mandate(session, caller, mandate_id),
        subject=mandate_id,
    )
    return MandateOut.model_validate(await db.read(get_written_mandate, made))
