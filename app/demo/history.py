"""What sales of the demonstration were promised: their first bids, and for one the way to its certificate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select

from app.accounts.finding import caller_of
from app.accounts.queries import list_admins
from app.auction.bidding import BidRequest, place_bids
from app.auction.queries import get_result
from app.clock import market_now
from app.contracts.drafting import draft_contract
from app.contracts.office import Office
from app.contracts.registration import Application, Decision, apply_registration, decide_registration
from app.contracts.signing import sign_contract
from app.demo.cast import find_cast
from app.demo.steps import FINISH_SALE, PLACE_BID
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


@handles(PLACE_BID)
async def place_demo_bid(session: Session, payload: dict[str, Any]) -> None:
    """Places one promised bid by the operation that places everybody's; a refused one stays refused."""
    request = BidRequest(
        bid_id=UUID(payload["bid_id"]),
        party_id=UUID(payload["party_id"]),
        person_id=UUID(payload["person_id"]),
        amount_fen=payload["amount_fen"],
        received_at=await market_now(session),
    )
    await place_bids(session, UUID(payload["auction_id"]), [request])


@handles(FINISH_SALE)
async def finish_demo_sale(session: Session, payload: dict[str, Any]) -> None:
    """Draws up the contract of a sold sale; ``is_registered`` also has both sign it and the registrar register it.

    Otherwise only the seller signs, so that a visitor finds a contract to sign. Raises DealNotYet before the award.
    """
    auction_id = UUID(payload["auction_id"])
    if (await get_result(session, auction_id)).outcome == "unsold":
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
