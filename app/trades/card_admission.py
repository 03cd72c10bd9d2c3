"""Deposits paid by card: asked for by the buyer, and what the gateway has of them drawn into deposit and admission."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from app.accounts.permissions import Permission
from app.audit import audit
from app.clock import market_date
from app.dated_rules import get_rule
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
from app.trades.admission import admit_paid, lock_trade
from app.trades.deposit_book import get_deposit_view
from app.trades.errors import TooLate
from app.trades.queries import find_intent_by_deposit, get_intent
from app.trades.states import IntentStatus

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.auction.sale import Sale
    from app.db import AnySession, Session
    from app.payments.card_models import CardPayment
    from app.payments.models import Deposit
    from app.trades.models import Intent, Listing

_GONE = {Stage.CANCELLED, Stage.REFUNDED}


@dataclass(frozen=True)
class Trade:
    """A card payment with all that it is for, under their locks."""

    listing: Listing
    sale: Sale
    intent: Intent
    deposit: Deposit
    payment: CardPayment

    @property
    def is_wanted(self) -> bool:
        """Whether the deposit may still be paid and its buyer admitted."""
        is_open = self.deposit.status == DepositStatus.DUE and self.intent.status == IntentStatus.QUALIFIED
        return is_open and not self.sale.has_ended

    @property
    def planned_close(self) -> datetime:
        """The latest close that is announced: the hard end where the sale has one."""
        state = self.sale.state
        return max(state.ends_at, state.hard_end_at or state.ends_at)


async def pay_by_card(session: Session, caller: Caller, deposit_id: UUID, card: str) -> UUID:
    """Asks for a card payment of the caller's own due deposit; the worker asks the gateway after the commit.

    Locks the auction, the listing, the deposit. Raises NotPermitted, DepositMissing, DepositStateForbids, TooLate,
    CardPaymentOpen.
    """
    caller.require(Permission.INTENT_WRITE)
    found = await find_intent_by_deposit(session, deposit_id)
    if found is None or found.buyer_id != caller.organisation_id:
        raise DepositMissing
    _, sale = await lock_trade(session, found.listing_id)
    deposit = await lock_deposit(session, deposit_id)
    check_deposit_step(DepositStatus(deposit.status), DepositStatus.HELD)
    if sale.has_ended:
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
    payment = trade.payment
    if not trade.is_wanted:
        await promise_act(session, payment.id, Act.GIVE_BACK)
        return
    ends_at = payment.hold_ends_at if payment.stage == Stage.HELD else None
    if ends_at is not None:
        on = market_date(trade.sale.official_at)
        margin = await get_rule(session, "card.hold_margin_seconds", board=trade.listing.board, on=on)
        if not may_wait(ends_at, trade.planned_close, timedelta(seconds=margin)):
            await promise_act(session, payment.id, Act.CAPTURE)
            return
        early = await get_rule(session, "card.capture_early_seconds", board=trade.listing.board, on=on)
        # Near its end a hold is captured; if that fails it lapses, which is asked for at its end.
        await promise_act(session, payment.id, Act.CAPTURE, run_at=ends_at - timedelta(seconds=early))
        await promise_act(session, payment.id, Act.LOOK, run_at=ends_at)

    async def receive() -> None:
        await hold_by_card(session, trade.deposit, payment)

    detail = {"amount_fen": payment.amount_fen, "card_payment_id": str(payment.id)}
    await admit_paid(session, None, trade.deposit.id, receive, detail)
