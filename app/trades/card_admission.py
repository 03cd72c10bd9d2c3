"""Deposits paid by card: asked for by the buyer, and what the gateway has of them drawn into deposit and admission."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog

from app.accounts.permissions import Permission
from app.audit import audit
from app.clock import market_date, market_now
from app.dated_rules import get_rule
from app.errors import MarketError
from app.payments.card_payments import (
    ask_card_payment,
    get_card_payment,
    list_card_payments,
    lock_card_payment,
    promise_act,
)
from app.payments.card_rules import Act, later, may_wait
from app.payments.deposits import hold_by_card, lapse_deposit, lock_deposit, owe_failed_refund
from app.payments.errors import CardPaymentDiffers, DepositMissing
from app.payments.gateway import Seen, Stage
from app.payments.rules import DepositStatus, check_deposit_step
from app.tasks import handles, promise
from app.trades.admission import admit_paid, lock_trade, require_taking_part
from app.trades.deposit_book import get_deposit_view
from app.trades.errors import TooLate
from app.trades.intents import require_notice_running
from app.trades.queries import find_intent_by_deposit, get_intent

if TYPE_CHECKING:
    from datetime import datetime

    from app.accounts.caller import Caller
    from app.auction.sale import Sale
    from app.db import AnySession, Session
    from app.payments.card_models import CardPayment
    from app.payments.models import Deposit
    from app.trades.models import Intent, Listing

# Told before the capture at the hold's end: a card may refuse it, and the bidder can still pay by bank.
HOLD_ENDS = "card_hold_ends"
_log = structlog.get_logger()
_GONE = {Stage.CANCELLED, Stage.REFUNDED}


@dataclass(frozen=True)
class Trade:
    """A card payment with all that it is for, under their locks."""

    listing: Listing
    sale: Sale | None
    intent: Intent
    deposit: Deposit
    payment: CardPayment


async def pay_by_card(session: Session, caller: Caller, deposit_id: UUID, card: str) -> UUID:
    """Asks for a card payment of the caller's own due deposit; the worker asks the gateway after the commit.

    Locks the auction, the listing, the deposit. Raises NotPermitted, DepositMissing, DepositStateForbids, TooLate,
    NoticeOver, CardPaymentOpen.
    """
    caller.require(Permission.INTENT_WRITE)
    found = await find_intent_by_deposit(session, deposit_id)
    if found is None or found.buyer_id != caller.organisation_id:
        raise DepositMissing
    listing, sale = await lock_trade(session, found.listing_id)
    deposit = await lock_deposit(session, deposit_id)
    check_deposit_step(DepositStatus(deposit.status), DepositStatus.HELD)
    require_taking_part(listing, found)
    if sale is None:
        require_notice_running(listing, await market_now(session))
    elif sale.has_ended:
        raise TooLate(sale.state.ends_at, sale.official_at)
    payment = await ask_card_payment(session, deposit, card, person_id=caller.person_id)
    await audit(
        session,
        caller,
        "card.asked",
        subject_kind="deposit",
        subject_id=deposit.id,
        detail={"amount_fen": deposit.amount_fen, "card_payment_id": str(payment.id)},
    )
    return payment.id


async def read_card_payments(
    session: AnySession, caller: Caller, deposit_id: UUID, *, before_id: UUID | None, limit: int
) -> list[CardPayment]:
    """Lists a deposit's card payments for its party or finance. Raises DepositMissing, NotPermitted."""
    await get_deposit_view(session, caller, deposit_id)
    return await list_card_payments(session, deposit_id, before_id=before_id, limit=limit)


async def apply_seen(session: Session, payment_id: UUID, seen: Seen) -> None:
    """Draws the consequences of what the gateway has of a payment; heard twice, late or out of order it changes nothing more.

    Locks the auction, the listing, the deposit, the payment, then ledger accounts: a bid is judged before a hold's
    lapse or after it. Raises CardPaymentDiffers.
    """
    known = await get_card_payment(session, payment_id)
    intent = await find_intent_by_deposit(session, known.deposit_id)
    if intent is None:
        raise DepositMissing
    listing, sale = await lock_trade(session, intent.listing_id)
    deposit = await lock_deposit(session, known.deposit_id)
    payment = await lock_card_payment(session, payment_id)
    if seen.amount_fen != payment.amount_fen:
        raise CardPaymentDiffers(payment.amount_fen, seen.amount_fen)
    stage = later(Stage(payment.stage), seen.stage)
    if stage == payment.stage:
        return
    payment.stage, payment.intent_id, payment.reason = stage, seen.intent_id, seen.reason
    payment.hold_ends_at = seen.hold_ends_at or payment.hold_ends_at
    await session.flush()
    await audit(
        session,
        None,
        f"card.{stage}",
        subject_kind="deposit",
        subject_id=deposit.id,
        detail={"listing_no": listing.listing_no, "card_payment_id": str(payment.id), "reason": seen.reason},
    )
    intent = await get_intent(session, intent.id)
    await _draw(session, Trade(listing, sale, intent, deposit, payment))


async def _draw(session: Session, trade: Trade) -> None:
    """What a payment's new stage means for its deposit."""
    deposit, payment = trade.deposit, trade.payment
    stage = Stage(payment.stage)
    if stage is Stage.WAITING:
        # A step of the payer in a browser is not offered here, so the payment cannot go on.
        await promise_act(session, payment.id, Act.GIVE_BACK)
    elif stage in {Stage.HELD, Stage.CAPTURED} and not payment.is_deposit:
        await _take_or_give_back(session, trade)
    elif stage is Stage.CAPTURED and deposit.status == DepositStatus.HELD:
        deposit.held_until = None
    elif stage in _GONE and payment.is_deposit and deposit.status == DepositStatus.HELD:
        await lapse_deposit(session, deposit, payment)
    elif stage is Stage.REFUND_FAILED and payment.is_deposit:
        await owe_failed_refund(session, deposit, payment)
    await session.flush()


async def _take_or_give_back(session: Session, trade: Trade) -> None:
    """A payment that has come holds the deposit if that is still wanted; a hold that is too short is captured first."""
    payment, payment_id = trade.payment, trade.payment.id
    ends_at = payment.hold_ends_at if payment.stage == Stage.HELD else None
    if trade.deposit.status != DepositStatus.DUE:
        await promise_act(session, payment_id, Act.GIVE_BACK)
    elif ends_at is not None and not await _may_wait(session, trade, ends_at):
        await promise_act(session, payment_id, Act.CAPTURE)
    elif not await _admit(session, trade):
        await promise_act(session, payment_id, Act.GIVE_BACK)
    elif ends_at is not None:
        early = await _rule(session, trade, "card.capture_early_seconds")
        # Near its end a hold is captured; if that fails it lapses, which is asked for at its end.
        await promise_act(session, payment_id, Act.CAPTURE, run_at=ends_at - early)
        await promise_act(session, payment_id, Act.LOOK, run_at=ends_at)
        ahead = await _rule(session, trade, "card.hold_told_seconds")
        payload = {"payment_id": str(payment_id)}
        await promise(session, HOLD_ENDS, payload, run_at=ends_at - ahead, key=str(payment_id))


@handles(HOLD_ENDS)
async def tell_hold_ends(session: Session, payload: dict[str, Any]) -> None:
    """Records, and so tells the bidder, that his card's hold ends soon and will be captured, where it still holds."""
    payment = await get_card_payment(session, UUID(payload["payment_id"]))
    if payment.stage != Stage.HELD or payment.hold_ends_at is None:
        return
    detail = {"ends_at": payment.hold_ends_at.isoformat()}
    await audit(
        session, None, "card.hold-ends", subject_kind="deposit", subject_id=payment.deposit_id, detail=detail
    )


async def _may_wait(session: Session, trade: Trade, ends_at: datetime) -> bool:
    """Whether a hold will do: by the latest close that is announced, which is the hard end where the sale has one.

    At a listed price there is no bid before which a lapse could be judged, so money that is taken is asked for.
    """
    if trade.sale is None:
        return False
    state = trade.sale.state
    planned_close = max(state.ends_at, state.hard_end_at or state.ends_at)
    return may_wait(ends_at, planned_close, await _rule(session, trade, "card.hold_margin_seconds"))


async def _rule(session: Session, trade: Trade, key: str) -> timedelta:
    on = market_date(await market_now(session))
    return timedelta(seconds=await get_rule(session, key, board=trade.listing.board, on=on))


async def _admit(session: Session, trade: Trade) -> bool:
    """Admits as a bank receipt does; False where the buyer can be admitted no more, so that his money goes back."""
    payment, deposit = trade.payment, trade.deposit
    detail = {"amount_fen": payment.amount_fen, "card_payment_id": str(payment.id)}

    async def receive() -> None:
        await hold_by_card(session, deposit, payment)

    try:
        async with session.begin_nested():
            await admit_paid(session, None, deposit.id, receive, detail)
    except MarketError as refusal:
        _log.info("card_not_admitted", card_payment_id=detail["card_payment_id"], refusal=refusal.code)
        return False
    return True
