"""Registering the licensee of an open licence (开放许可的被许可人登记): when the fee that is due first has come, not before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import exists, select

from app.accounts.queries import get_organisation
from app.settlement.queries import find_settlement_of
from app.tasks import handles, promise
from app.trades.licence_models import Licence
from app.trades.licence_register import enter_licence
from app.trades.licence_sales import find_open_licence
from app.trades.queries import get_deal

if TYPE_CHECKING:
    from app.db import Session
    from app.settlement.models import Settlement

REGISTER_TASK = "register_open_licensee"


async def promise_registering(session: Session, row: Settlement) -> None:
    """Promises to register the licensee of a settlement whose whole price, or entry fee, has come; the caller has its lock."""
    if row.received_fen >= row.price_fen:
        payload = {"deal_id": str(row.deal_id)}
        await promise(session, REGISTER_TASK, payload, key=str(row.deal_id))


@handles(REGISTER_TASK)
async def register_licensee(session: Session, payload: dict[str, Any]) -> None:
    """Enters the licence of an open licence's deal whose contract is signed and whose fee has come; a second run does nothing.

    Locks the patent. Nothing for other deals: theirs were entered by signing. The owner's declaration grants it, so
    whoever declared is who it is recorded by. Source: 专利法 article 51 (书面通知并支付许可使用费后，即获得实施许可).
    """
    deal = await get_deal(session, UUID(payload["deal_id"]))
    declared = await find_open_licence(session, deal.listing_id)
    row = await find_settlement_of(session, deal.id)
    if declared is None or row is None or row.received_fen < row.price_fen:
        return
    if (await session.execute(select(exists().where(Licence.deal_id == deal.id)))).scalar_one():
        return
    licensee = await get_organisation(session, deal.buyer_id)
    await enter_licence(session, None, deal, licensee.name, recorded_by=declared.declared_by)
