"""Money to come and money to pay, deal by deal: what the settlement and the ledger's escrow say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, and_, func, select

from app.accounts.models import Organisation
from app.payments.payable_models import Payable
from app.settlement.models import EscrowRelease, Settlement
from app.trades.models import Deal, Listing
from app.trades.states import ListingStatus

if TYPE_CHECKING:
    from datetime import date
    from uuid import UUID

    from app.db import AnySession

_LONGEST = 50


@dataclass(frozen=True)
class MoneyToCome:
    """A deal whose price is not all with the seller yet (待收款项).

    ``next_fen`` and ``next_due_on`` are the next payment that is due; ``requested_fen`` is the release that waits for its
    second person. ``price_fen`` is what is owed so far: with royalties more may come.
    """

    deal_id: UUID
    deal_no: str
    listing_no: str
    title: str
    buyer_name: str
    price_fen: int
    received_fen: int
    released_fen: int
    requested_fen: int
    next_fen: int | None
    next_due_on: date | None

    @property
    def escrow_fen(self) -> int:
        """What the market holds for the seller."""
        return self.received_fen - self.released_fen


def _unfinished(seller_id: UUID) -> Select[Any]:
    requested = (
        select(func.coalesce(func.sum(EscrowRelease.amount_fen), 0))
        .where(EscrowRelease.settlement_id == Settlement.id, EscrowRelease.status == "requested")
        .scalar_subquery()
    )
    following = (
        select(Payable.amount_fen, Payable.due_on)
        .where(Payable.deal_id == Deal.id, Payable.status == "due")
        .order_by(Payable.due_on, Payable.id)
        .limit(1)
        .lateral()
    )
    return (
        select(
            Deal,
            Settlement.due_fen,
            Listing.listing_no,
            Listing.title,
            Organisation.name,
            Settlement.received_fen,
            Settlement.released_fen,
            requested,
            following.c.amount_fen,
            following.c.due_on,
        )
        .join(Listing, and_(Listing.id == Deal.listing_id, Listing.status != ListingStatus.TERMINATED))
        .join(Organisation, Organisation.id == Deal.buyer_id)
        .outerjoin(Settlement, Settlement.deal_id == Deal.id)
        .outerjoin(following, Deal.id.is_not(None))
        .where(
            Deal.seller_id == seller_id,
            (func.coalesce(Settlement.released_fen, 0) < func.coalesce(Settlement.due_fen, Deal.price_fen))
            | Settlement.is_open,
        )
        .order_by(Deal.id.desc())
        .limit(_LONGEST)
    )


async def list_money_to_come(session: AnySession, seller_id: UUID) -> list[MoneyToCome]:
    """Lists the seller's deals whose price he has not got as a whole, the newest first."""
    return [
        MoneyToCome(
            deal_id=deal.id,
            deal_no=deal.deal_no,
            listing_no=listing_no,
            title=title,
            buyer_name=buyer,
            price_fen=deal.price_fen if due is None else due,
            received_fen=received or 0,
            released_fen=released or 0,
            requested_fen=int(asked or 0),
            next_fen=next_fen,
            next_due_on=next_due_on,
        )
        for deal, due, listing_no, title, buyer, received, released, asked, next_fen, next_due_on in (
            await session.execute(_unfinished(seller_id))
        ).all()
    ]
