"""Terminating a listing (终结): everybody is answered, deposits go back by themselves, rooms close."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from app.accounts.permissions import Permission
from app.payments.deposits import settle_deposits
from app.trades.bulletins import News, publish_bulletin, times_of
from app.trades.errors_lifecycle import NothingToWithdraw
from app.trades.notices import end_public_notice
from app.trades.petition_rows import lapse_petition
from app.trades.queries import list_intents_of
from app.trades.rescheduling import call_sale_off, lock_for_desk, require_not_decided
from app.trades.room_queries import find_agreed_room
from app.trades.rooms import close_rooms
from app.trades.states import (
    OPEN_INTENTS,
    IntentStatus,
    ListingAct,
    ListingStatus,
    check_intent_step,
    next_listing_status,
)

if TYPE_CHECKING:
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.auction.protocol.heads import Signer
    from app.db import Session
    from app.trades.bulletins import Said

Ground = Literal["obstacle", "withdrawal"]  # 障碍不能消除, 转让方撤回


async def terminate_listing(
    session: Session,
    caller: Caller,
    listing_id: UUID,
    said: Said,
    *,
    ground: Ground,
    signer: Signer | None = None,
) -> UUID:
    """Terminates a listed or suspended listing with a published reason; returns its id.

    Before bidding has opened: a running sale ends by its own void. All deposits are released, open intents answered,
    rooms closed, a public notice that is not completed ended; licences that were sold stay. Locks the auction, the
    listing, the rooms, the deposits, then ledger accounts. Raises NotPermitted, OwnListing, ListingMissing, ListingStateForbids, SaleHasOpened, SaleIsOver,
    DeadlineOver, NothingToWithdraw, TextOutOfRange. Source: the exchange's own rule after 国资发产权〔2009〕120号 24.
    """
    caller.require(Permission.LISTING_REVIEW)
    listing, sale, now = await lock_for_desk(session, caller, listing_id)
    status = next_listing_status(listing.status, ListingAct.TERMINATE)
    if listing.status == ListingStatus.SOLD:
        # A deal ends by the default that was confirmed, not by the desk.
        next_listing_status(listing.status, ListingAct.SUSPEND)
    said = said.checked()
    before, voided = times_of(listing), None
    if listing.status == ListingStatus.LISTED:
        require_not_decided(listing, sale, now)
    if ground == "withdrawal" and await find_agreed_room(session, listing.id) is not None:
        raise NothingToWithdraw
    if listing.status == ListingStatus.LISTED:
        voided = await call_sale_off(session, listing, sale, said, signer)
    await close_rooms(session, listing, listing.id, now)
    await settle_deposits(session, listing_id=listing.id)
    for intent in await list_intents_of(session, listing.id):
        if intent.status in OPEN_INTENTS:
            check_intent_step(intent.status, IntentStatus.LOST)
            intent.status = IntentStatus.LOST
    listing.status = status
    await end_public_notice(session, caller, listing, said.reason_zh)
    await lapse_petition(session, listing.id, now, except_id=said.petition_id)
    news = News("terminated", said, now, before, ground=ground, voided_auction_id=voided)
    await publish_bulletin(session, caller, listing, news)
    return listing.id
