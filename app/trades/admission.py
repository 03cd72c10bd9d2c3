"""Admission of a buyer by his deposit: the money's arrival, the bidder code and the intent in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from app.accounts.permissions import Permission
from app.auction.admission import admit_bidder
from app.auction.sale import Sale, lock_sale
from app.audit import audit
from app.clock import market_now
from app.payments.deposits import BankLine, lock_deposit, record_receipt
from app.payments.errors import DepositMissing
from app.payments.rules import DepositStatus, check_deposit_step
from app.trades.errors import ListingNotOpenToBuyers, TooLate
from app.trades.errors_lifecycle import NotConfirmed, SaleReplaced
from app.trades.intents import require_notice_running
from app.trades.models import Listing
from app.trades.queries import find_intent_by_deposit, get_intent, lock_listing
from app.trades.states import LISTING_WORDS, IntentStatus, ListingStatus, check_intent_step
from app.trades.suspicions import require_no_suspicion

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import Session
    from app.trades.models import Intent


async def confirm_receipt(
    session: Session, caller: Caller, deposit_id: UUID, line: BankLine, *, cleared_id: UUID | None = None
) -> UUID:
    """Confirms that a deposit arrived and admits its buyer under a bidder code; returns the intent's id.

    At a listed price the buyer has then done all and waits for the end of the notice, without a code; ``cleared_id`` is
    the match of the statement's line that a second person confirmed. Locks the auction, the listing, the deposit, the
    line, then ledger accounts. Raises NotPermitted, DepositMissing, DepositStateForbids, TooLate, NoticeOver,
    ReceiptDiffersFromDeposit, PayerIsNotTheBuyer, BankReferenceUsed, SuspicionHolds.
    Source: 法释〔2016〕18号 articles 17 and 18 (deposit before bidding, code instead of name).
    """
    caller.require(Permission.DEPOSIT_CONFIRM)

    async def receive() -> None:
        await record_receipt(session, deposit_id, line, person_id=caller.person_id, cleared_id=cleared_id)

    detail = {"amount_fen": line.amount_fen, "bank_reference": line.bank_reference}
    return await admit_paid(session, caller, deposit_id, receive, detail)


async def admit_paid(
    session: Session,
    caller: Caller | None,
    deposit_id: UUID,
    receive: Callable[[], Awaitable[None]],
    detail: dict[str, Any],
) -> UUID:
    """Admits the buyer whose deposit ``receive`` makes held, by bank or card; returns the intent's id.

    ``caller`` is None for what the market does by itself. Locks and raises as ``confirm_receipt`` says.
    """
    found = await find_intent_by_deposit(session, deposit_id)
    if found is None:
        raise DepositMissing
    listing, sale = await lock_trade(session, found.listing_id)
    intent = await get_intent(session, found.id)
    deposit = await lock_deposit(session, deposit_id)
    # Who confirms twice shall read that, not that it is late by now; a cancelled deposit is one that came too late.
    if deposit.status != DepositStatus.CANCELLED:
        check_deposit_step(DepositStatus(deposit.status), DepositStatus.HELD)
    require_taking_part(listing, intent)
    await require_no_suspicion(session, intent.id)
    # Read after all locks: a confirmation that waited is judged by when it was let in.
    now = await market_now(session)
    if sale is None:
        require_notice_running(listing, now)
        check_intent_step(intent.status, IntentStatus.PAID)
        await receive()
        intent.status = IntentStatus.PAID
    else:
        now = max(now, sale.official_at)
        if sale.has_ended:
            raise TooLate(sale.state.ends_at, now)
        check_intent_step(intent.status, IntentStatus.ADMITTED)
        await receive()
        await admit(session, intent, sale.id, now)
    # The code stays out of the record: until the close nobody may read who is behind it.
    await audit(
        session,
        caller,
        "deposit.received",
        subject_kind="deposit",
        subject_id=deposit_id,
        detail={"listing_no": listing.listing_no, **detail},
    )
    return intent.id


async def admit(session: Session, intent: Intent, auction_id: UUID, now: datetime) -> None:
    """Admits an intent's buyer, whose deposit is held, to the sale under a bidder code. Takes the sale's lock."""
    check_intent_step(intent.status, IntentStatus.ADMITTED)
    intent.bidder_code = await admit_bidder(
        session, auction_id, intent.buyer_id, intent.deposit_id, has_priority=intent.has_priority
    )
    intent.status = IntentStatus.ADMITTED
    intent.admitted_at = now


async def lock_trade(session: Session, listing_id: UUID) -> tuple[Listing, Sale | None]:
    """Locks the auction, then the listing: the order in which everybody takes the two; no sale while a notice runs.

    Raises ListingMissing, and SaleReplaced where the listing's sale gave its place to another one just then.
    """
    query = select(Listing.auction_id).where(Listing.id == listing_id)
    auction_id = (await session.execute(query)).scalar_one_or_none()
    sale = None if auction_id is None else await lock_sale(session, auction_id)
    listing = await lock_listing(session, listing_id)
    # Where a sale was scheduled meanwhile for a listing that had none, its notice is over: the caller looks at that.
    if auction_id is not None and listing.auction_id != auction_id:
        raise SaleReplaced
    return listing, sale


def require_taking_part(listing: Listing, intent: Intent) -> None:
    """Raises ListingNotOpenToBuyers unless the listing is listed, and NotConfirmed for an intent of an earlier announcement."""
    if listing.status == ListingStatus.SUSPENDED:
        raise ListingNotOpenToBuyers(listing.status, *LISTING_WORDS[ListingStatus.SUSPENDED])
    if intent.announcement < listing.announcement:
        raise NotConfirmed(listing.announcement)
