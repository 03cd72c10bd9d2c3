"""What sales of the demonstration were promised: for those that ended soon the way to a contract and a certificate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select

from app.accounts.finding import caller_of
from app.accounts.queries import list_admins
from app.auction.queries import get_result
from app.contracts.drafting import draft_contract
from app.contracts.office import Office
from app.contracts.registration import Application, Decision, apply_registration, decide_registration
from app.contracts.signing import sign_contract
from app.demo.cast import find_cast
from app.demo.steps import FINISH_SALE
from app.errors import Conflict
from app.tasks import handles
from app.trades.models import Deal

if TYPE_CHECKING:
    from app.db import Session


@dataclass(eq=False)
class DealNotYet(Conflict):
    """The sale has no deal yet."""

    zh = "这场竞价还没有确认成交，稍后再办。"
    en = "The sale has no deal yet; this comes again."
    auction_id: UUID


@handles(FINISH_SALE)
async def finish_demo_sale(session: Session, payload: dict[str, Any]) -> None:
    """Draws up the contract of a sold sale; ``is_registered`` also has both sign it and the registrar register it.

    Otherwise only the seller signs, so that a visitor finds a contract to sign. Raises DealNotYet before the award.
    """
    auction_id = UUID(payload["auction_id"])
    if (await get_result(session, auction_id)).outcome in {"unsold", "void"}:
        return
    deal = (await session.execute(select(Deal).where(Deal.auction_id == auction_id))).scalar_one_or_none()
    if deal is None:
        raise DealNotYet(auction_id)
    cast, office = await find_cast(session), Office(**payload["office"])
    contract = await draft_contract(session, cast.seller, deal.id, office)
    if contract.in_force_at is not None:
        return
    await sign_contract(session, cast.seller, contract.id, contract.document_sha256)
    if not payload["is_registered"]:
        return
    (buyer_id,) = await list_admins(session, deal.buyer_id)
    await sign_contract(session, await caller_of(session, buyer_id), contract.id, contract.document_sha256)
    application = Application("transfer", "patent", deal.price_fen, deal.price_fen, "先进制造")
    registration = await apply_registration(session, cast.seller, contract.id, application)
    await decide_registration(session, cast.registrar, registration.id, Decision("approve"), office)
