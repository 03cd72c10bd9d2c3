"""The three desks people see first: the seller's, the buyer's and the exchange's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from app.accounts.models import Organisation
from app.accounts.permissions import Permission
from app.auction.models import Auction
from app.desks.gathering import list_waiting, list_waiting_for, select_for
from app.desks.money import MoneyToCome, list_money_to_come
from app.desks.stages import Side, Waiting
from app.desks.words import WATCHED
from app.payments.models import Deposit
from app.trades.models import Intent, Listing
from app.trades.room_models import NegotiationOffer, NegotiationRoom
from app.trades.states import IntentStatus, ListingStatus

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import AnySession

_LONGEST = 50


@dataclass(frozen=True)
class SellerDesk:
    """What a seller sees first (出让工作台)."""

    sales: dict[str, int]
    waiting: list[Waiting]
    money: list[MoneyToCome]


@dataclass(frozen=True)
class OpenRoom:
    """A negotiation that goes on, with its open offer if there is one."""

    id: UUID
    listing_no: str
    title: str
    seller_name: str
    offer_side: str | None
    offer_fen: int | None
    valid_until: datetime | None


@dataclass(frozen=True)
class LiveSale:
    """A bidding that the buyer is admitted to and that is not over."""

    auction_id: UUID
    listing_no: str
    title: str
    status: str
    bidder_code: str
    price_fen: int | None
    is_leading: bool
    opens_at: datetime | None
    ends_at: datetime


@dataclass(frozen=True)
class BuyerDesk:
    """What a buyer sees first (受让工作台)."""

    intents: dict[str, int]
    held_fen: int
    waiting: list[Waiting]
    sales: list[LiveSale]
    rooms: list[OpenRoom]


@dataclass(frozen=True)
class ExchangeDesk:
    """What a desk of the exchange sees first: what waits for its holder, and the deals whose deadlines run."""

    waiting: list[Waiting]
    deals: list[Waiting]


async def read_seller_desk(session: AnySession, caller: Caller) -> SellerDesk:
    """Reads the desk of the caller's organisation as seller. Raises NotPermitted."""
    caller.require(Permission.LISTING_READ_OWN)
    query = select(Listing.status, func.count()).where(Listing.seller_id == caller.organisation_id)
    counted = (await session.execute(query.group_by(Listing.status))).all()
    return SellerDesk(
        sales=dict(counted),
        waiting=await list_waiting_for(session, caller, Side.SELLER),
        money=await list_money_to_come(session, caller.organisation_id),
    )


async def read_buyer_desk(session: AnySession, caller: Caller) -> BuyerDesk:
    """Reads the desk of the caller's organisation as buyer. Raises NotPermitted."""
    caller.require(Permission.PAYABLE_READ_OWN)
    own = caller.organisation_id
    query = select(Intent.status, func.count()).where(Intent.buyer_id == own).group_by(Intent.status)
    held = select(func.coalesce(func.sum(Deposit.amount_fen), 0))
    held = held.where(Deposit.party_id == own, Deposit.status == "held")
    counted = (await session.execute(query)).all()
    return BuyerDesk(
        intents=dict(counted),
        held_fen=int((await session.execute(held)).scalar_one()),
        waiting=await list_waiting_for(session, caller, Side.BUYER),
        sales=await _list_live_sales(session, own),
        rooms=await _list_open_rooms(session, own),
    )


async def read_exchange_desk(session: AnySession, caller: Caller) -> ExchangeDesk:
    """Reads what waits for the caller's desk, and all deals whose deadlines run. Raises NotPermitted."""
    caller.require(Permission.DESK_READ)
    found = await list_waiting(session)
    return ExchangeDesk(
        waiting=select_for(caller, found, Side.EXCHANGE),
        deals=[each for each in found if _is_watched(each)],
    )


def _is_watched(item: Waiting) -> bool:
    # Who draws up the contract is open to both sides: one line tells it.
    is_repeated = item.kind == "contract_to_draft" and item.side is Side.BUYER
    return item.kind in WATCHED and bool(item.members["deal_id"]) and not is_repeated


async def _list_live_sales(session: AnySession, buyer_id: UUID) -> list[LiveSale]:
    query = (
        select(Intent.bidder_code, Listing, Auction)
        .join(Listing, Listing.id == Intent.listing_id)
        .join(Auction, Auction.id == Listing.auction_id)
        .where(
            Intent.buyer_id == buyer_id,
            Intent.status == IntentStatus.ADMITTED,
            Auction.closed_at.is_(None),
        )
        .order_by(Auction.ends_at)
        .limit(_LONGEST)
    )
    return [
        LiveSale(
            auction_id=auction.id,
            listing_no=listing.listing_no,
            title=listing.title,
            status=auction.phase,
            bidder_code=code or "",
            price_fen=auction.price_fen,
            is_leading=auction.leader_id == buyer_id,
            opens_at=listing.opens_at,
            ends_at=auction.ends_at,
        )
        for code, listing, auction in await session.execute(query)
    ]


async def _list_open_rooms(session: AnySession, buyer_id: UUID) -> list[OpenRoom]:
    query = (
        select(NegotiationRoom.id, Listing, Organisation.name, NegotiationOffer)
        .join(Listing, Listing.id == NegotiationRoom.listing_id)
        .join(Organisation, Organisation.id == NegotiationRoom.seller_id)
        .outerjoin(
            NegotiationOffer,
            (NegotiationOffer.room_id == NegotiationRoom.id) & (NegotiationOffer.status == "open"),
        )
        .where(
            NegotiationRoom.buyer_id == buyer_id,
            NegotiationRoom.status == "open",
            Listing.status == ListingStatus.LISTED,
        )
        .order_by(NegotiationRoom.id.desc())
        .limit(_LONGEST)
    )
    rows: Sequence[tuple[UUID, Listing, str, NegotiationOffer | None]] = (await session.execute(query)).all()
    return [
        OpenRoom(
            id=room_id,
            listing_no=listing.listing_no,
            title=listing.title,
            seller_name=seller,
            offer_side=None if offer is None else offer.side,
            offer_fen=None if offer is None else offer.price_fen,
            valid_until=None if offer is None else offer.valid_until,
        )
        for room_id, listing, seller, offer in rows
    ]
