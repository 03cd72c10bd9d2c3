"""Deposits paid by card, through the stand-in over HTTP: admission, losers, winners, holds that end, lost answers."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.accounts.permissions import Role
from app.clock import market_now
from app.payments.errors import CardPaymentOpen, DepositMissing, DepositStateForbids
from app.payments.queries import get_deposit
from app.payments.rules import Account, AccountKind
from app.trades.admission import confirm_receipt
from app.trades.card_admission import pay_by_card
from app.trades.errors import TooLate
from tests.make_accounts import make_caller
from tests.make_payments import make_line
from tests.make_trades import make_buyer
from tests.stripe.paying import (
    balance,
    bid,
    card_of,
    card_of_deposit,
    close,
    deposit_of,
    hasten,
    hear_all,
    intent_of,
    offer,
    open_errands,
    pay,
    run_due,
)
from tests.stripe.serving import lose

if TYPE_CHECKING:
    from app.db import Database, Session
    from app.payments.stripe_gateway import StripeGateway
    from tests.conftest import SetNow
    from tests.stripe.speaking import Speaking

ANOTHER = """
INSERT INTO card_payment (id, deposit_id, amount_fen, stage, asked_by)
SELECT gen_random_uuid(), deposit_id, {}, '{}', asked_by FROM card_payment
"""
CLEARING = Account(AccountKind.STRIPE_CLEARING)


async def test_a_hold_that_lasts_past_the_close_admits_and_is_not_captured(
    db: Database, stripe: Speaking, gateway: StripeGateway
) -> None:
    offered = await db.write(offer)
    (buying,) = offered.buyers
    payment_id = await pay(db, buying)
    assert (await card_of(db, payment_id)).stage == "asked"
    assert not stripe.exchanges
    await run_due(db, gateway)
    payment, deposit = await card_of(db, payment_id), await deposit_of(db, buying.deposit_id)
    assert (payment.stage, payment.is_deposit, deposit.status) == ("held", True, "held")
    assert deposit.held_until == payment.hold_ends_at
    assert payment.hold_ends_at is not None
    async with db.reading() as session:
        intent = await intent_of(session, buying)
    assert (intent.status, intent.bidder_code is not None) == ("admitted", True)
    assert await balance(db, CLEARING) == deposit.amount_fen
    early = payment.hold_ends_at - timedelta(hours=24)
    assert await open_errands(db) == [("capture", early), ("look", payment.hold_ends_at)]


async def test_a_sale_that_ends_after_the_hold_is_captured_at_once_and_its_loser_refunded(
    db: Database, stripe: Speaking, gateway: StripeGateway
) -> None:
    now = await db.read(market_now)
    offered = await db.write(offer, closes_at=now + timedelta(days=20))
    (buying,) = offered.buyers
    payment_id = await pay(db, buying)
    await run_due(db, gateway)
    deposit = await deposit_of(db, buying.deposit_id)
    assert (await card_of(db, payment_id)).stage == "captured"
    assert (deposit.status, deposit.held_until) == ("held", None)
    await close(db, offered, None)
    await run_due(db, gateway)
    assert (await card_of(db, payment_id)).stage == "refunded"
    assert (await deposit_of(db, buying.deposit_id)).status == "released"
    assert [refund["amount"] for refund in stripe.state.refunds.values()] == [deposit.amount_fen]
    assert await balance(db, CLEARING) == 0
    assert await balance(db, Account(AccountKind.REFUND_DUE, deposit.party_id)) == 0


@pytest.mark.parametrize("margin", [-1, 1])
async def test_the_margin_after_the_planned_close_decides_to_the_second(
    db: Database, stripe: Speaking, gateway: StripeGateway, now_is: SetNow, margin: int
) -> None:
    now = (await db.read(market_now)).replace(microsecond=0)
    await now_is(db, now)
    stripe.state.now = now.timestamp
    offered = await db.write(offer, closes_at=now + timedelta(days=5, seconds=margin))
    payment_id = await pay(db, offered.buyers[0])
    await run_due(db, gateway)
    assert (await card_of(db, payment_id)).stage == ("held" if margin < 0 else "captured")


async def test_the_winner_s_hold_is_captured_and_the_losers_are_given_up(
    db: Database, stripe: Speaking, gateway: StripeGateway
) -> None:
    offered = await db.write(offer, 3)
    payments = [await pay(db, buying) for buying in offered.buyers[:2]]
    await run_due(db, gateway)
    late = await pay(db, offered.buyers[2])
    await close(db, offered, offered.buyers[0])
    await run_due(db, gateway)
    stages = [(await card_of(db, payment_id)).stage for payment_id in [*payments, late]]
    assert stages == ["captured", "cancelled", "cancelled"]
    statuses = [(await deposit_of(db, buying.deposit_id)).status for buying in offered.buyers]
    assert statuses == ["captured", "released", "cancelled"]
    assert await balance(db, CLEARING) == (await deposit_of(db, offered.buyers[0].deposit_id)).amount_fen
    received = [intent["amount_received"] for intent in stripe.state.intents.values()]
    assert sorted(received) == [0, 0, 1_000_000]


@pytest.mark.parametrize(
    ("card", "stage", "reason"),
    [
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "declined", "insufficient_funds"),
        ("pm_card_nobody_has", "declined", "resource_missing"),
        ("pm_card_authenticationRequired", "cancelled", None),
    ],
)
async def test_a_card_that_does_not_pay_leaves_the_deposit_due_for_another(
    db: Database, gateway: StripeGateway, card: str, stage: str, reason: str | None
) -> None:
    offered = await db.write(offer)
    (buying,) = offered.buyers
    payment_id = await pay(db, buying, card)
    with pytest.raises(CardPaymentOpen):
        await pay(db, buying)
    await run_due(db, gateway)
    payment = await card_of(db, payment_id)
    assert (payment.stage, payment.reason) == (stage, reason)
    assert (await deposit_of(db, buying.deposit_id)).status == "due"
    await pay(db, buying)
    await run_due(db, gateway)
    assert (await deposit_of(db, buying.deposit_id)).status == "held"


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("act", ["pay", "capture", "cancel", "refund"])
async def test_a_lost_answer_is_asked_after_and_nothing_is_done_twice(
    db: Database, stripe: Speaking, gateway: StripeGateway, when: str, act: str
) -> None:
    days = 20 if act == "refund" else 1
    now = await db.read(market_now)
    offered = await db.write(offer, closes_at=now + timedelta(days=days, hours=2))
    (buying,) = offered.buyers
    if act != "pay":
        await pay(db, buying)
        await run_due(db, gateway)
    setattr(stripe, when, lose)
    if act == "pay":
        await pay(db, buying)
    else:
        await close(db, offered, buying if act == "capture" else None)
    await run_due(db, gateway)
    setattr(stripe, when, None)
    await hasten(db)
    before = len(stripe.exchanges)
    await run_due(db, gateway)
    assert stripe.exchanges[before].method == "GET"
    assert len(stripe.state.intents) == 1
    (intent,) = stripe.state.intents.values()
    ends = {"pay": "requires_capture", "capture": "succeeded", "cancel": "canceled", "refund": "succeeded"}
    assert intent["status"] == ends[act]
    assert len(stripe.state.refunds) == (act == "refund")
    statuses = {"pay": "held", "capture": "captured", "cancel": "released", "refund": "released"}
    assert (await deposit_of(db, buying.deposit_id)).status == statuses[act]
    # What was done behind the lost answer is not asked for a second time.
    posts = [exchange for exchange in stripe.exchanges[before:] if exchange.method == "POST"]
    assert len(posts) == (when == "before")


async def test_a_lapsed_hold_ends_admission_before_the_next_bid_and_voids_no_accepted_one(
    db: Database, stripe: Speaking, gateway: StripeGateway, now_is: SetNow
) -> None:
    now = (await db.read(market_now)).replace(microsecond=0)
    await now_is(db, now)
    stripe.state.now = now.timestamp
    offered = await db.write(offer, 2, closes_at=now + timedelta(days=4))
    for buying in offered.buyers:
        await pay(db, buying)
    await run_due(db, gateway)
    first, second = offered.buyers
    await now_is(db, now + timedelta(hours=2))
    assert await bid(db, offered, first, 10_000_000) is None
    # The holds end early, at the gateway alone: nobody here has heard of it yet.
    ends_at = (await deposit_of(db, first.deposit_id)).held_until
    assert ends_at is not None
    payment = (await card_of_deposit(db, first)).intent_id
    assert payment is not None
    stripe.state.cancel(payment, {"cancellation_reason": "abandoned"})
    await hear_all(db, stripe, gateway)
    assert (await deposit_of(db, first.deposit_id)).status == "lapsed"
    assert await bid(db, offered, first, 10_200_000) == "DepositNotHeld"
    await close(db, offered, first)
    await run_due(db, gateway)
    async with db.reading() as session:
        assert (await intent_of(session, first)).status == "won"
    assert (await deposit_of(db, first.deposit_id)).status == "lapsed"
    assert (await deposit_of(db, second.deposit_id)).status == "released"
    assert await balance(db, CLEARING) == 0


async def test_a_hold_counts_until_its_end_even_if_no_worker_writes_that_down(
    db: Database, stripe: Speaking, gateway: StripeGateway, now_is: SetNow
) -> None:
    now = (await db.read(market_now)).replace(microsecond=0)
    await now_is(db, now)
    stripe.state.now = now.timestamp
    offered = await db.write(offer, closes_at=now + timedelta(days=4))
    (buying,) = offered.buyers
    await pay(db, buying)
    await run_due(db, gateway)
    ends_at = (await deposit_of(db, buying.deposit_id)).held_until
    assert ends_at is not None

    async def prolong(session: Session) -> None:
        await session.execute(text("UPDATE auction SET ends_at = ends_at + interval '9 days'"))

    await db.write(prolong)
    await now_is(db, ends_at - timedelta(microseconds=1))
    assert await bid(db, offered, buying, 10_000_000) is None
    await now_is(db, ends_at)
    assert await bid(db, offered, buying, 10_200_000) == "DepositNotHeld"


async def test_a_hold_near_its_end_is_captured_and_goes_on_counting(
    db: Database, stripe: Speaking, gateway: StripeGateway, now_is: SetNow
) -> None:
    now = (await db.read(market_now)).replace(microsecond=0)
    await now_is(db, now)
    stripe.state.now = now.timestamp
    offered = await db.write(offer, closes_at=now + timedelta(days=4))
    (buying,) = offered.buyers
    payment_id = await pay(db, buying)
    await run_due(db, gateway)
    near = now + timedelta(days=6, seconds=1)
    await now_is(db, near)
    stripe.state.now = near.timestamp
    await run_due(db, gateway)
    assert (await card_of(db, payment_id)).stage == "captured"
    deposit = await deposit_of(db, buying.deposit_id)
    assert (deposit.status, deposit.held_until) == ("held", None)


async def test_what_comes_too_late_or_after_the_bank_s_is_given_back(
    db: Database, gateway: StripeGateway, now_is: SetNow
) -> None:
    offered = await db.write(offer, 2)
    late, twice = offered.buyers
    doubled = await pay(db, twice)

    async def by_bank(session: Session) -> None:
        line = await make_line(session, await get_deposit(session, twice.deposit_id))
        await confirm_receipt(session, await make_caller(session, Role.FINANCE), twice.deposit_id, line)

    await db.write(by_bank)
    await run_due(db, gateway)
    assert (await card_of(db, doubled)).stage == "cancelled"
    assert (await deposit_of(db, twice.deposit_id)).status == "held"
    missed = await pay(db, late)
    await now_is(db, offered.listing.closes_at + timedelta(seconds=1))
    await run_due(db, gateway)
    assert (await card_of(db, missed)).stage == "cancelled"
    assert (await deposit_of(db, late.deposit_id)).status == "due"
    with pytest.raises(TooLate):
        await pay(db, late)
    assert await balance(db, CLEARING) == 0


async def test_a_refund_that_comes_back_is_owed_to_the_bank_account(
    db: Database, stripe: Speaking, gateway: StripeGateway
) -> None:
    now = await db.read(market_now)
    offered = await db.write(offer, closes_at=now + timedelta(days=20))
    (buying,) = offered.buyers
    payment_id = await pay(db, buying)
    await run_due(db, gateway)
    await close(db, offered, None)
    await run_due(db, gateway)
    stripe.state.fail_refund(next(iter(stripe.state.refunds)))
    await hear_all(db, stripe, gateway)
    assert (await card_of(db, payment_id)).stage == "refund_failed"
    deposit = await deposit_of(db, buying.deposit_id)
    assert await balance(db, Account(AccountKind.REFUND_DUE, deposit.party_id)) == -deposit.amount_fen
    assert await balance(db, CLEARING) == deposit.amount_fen


async def test_another_amount_at_the_gateway_is_entered_nowhere(
    db: Database, stripe: Speaking, gateway: StripeGateway
) -> None:
    offered = await db.write(offer)
    (buying,) = offered.buyers
    stripe.after = lose
    payment_id = await pay(db, buying)
    await run_due(db, gateway)
    stripe.after = None
    (intent,) = stripe.state.intents.values()
    intent["amount"] = 1
    await hasten(db)
    await run_due(db, gateway)
    assert (await card_of(db, payment_id)).stage == "asked"
    assert (await deposit_of(db, buying.deposit_id)).status == "due"
    async with db.reading() as session:
        wrong = await session.execute(text("SELECT last_error FROM task WHERE name = 'card_payment'"))
        assert "CardPaymentDiffers" in wrong.scalar_one()


async def test_nobody_pays_for_another_or_for_what_is_not_due(db: Database, gateway: StripeGateway) -> None:
    offered = await db.write(offer)
    (buying,) = offered.buyers
    stranger = await db.write(make_buyer)
    with pytest.raises(DepositMissing):
        await db.write(pay_by_card, stranger, buying.deposit_id, "pm_card_visa")
    await pay(db, buying)
    await run_due(db, gateway)
    with pytest.raises(DepositStateForbids):
        await pay(db, buying)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE card_payment SET stage = 'asked'",
        "UPDATE card_payment SET stage = 'waiting'",
        "UPDATE card_payment SET amount_fen = 1",
        "UPDATE card_payment SET is_deposit = false",
        "UPDATE card_payment SET intent_id = 'pi_other'",
        "UPDATE card_payment SET hold_ends_at = NULL",
        "DELETE FROM card_payment",
        ANOTHER.format("amount_fen", "asked"),
        ANOTHER.format("1", "declined"),
        "UPDATE deposit SET status = 'lapsed', settled_at = market_now()",
        "UPDATE deposit SET held_at = NULL",
    ],
)
async def test_the_database_refuses_what_the_operations_would(
    db: Database, gateway: StripeGateway, change: str
) -> None:
    offered = await db.write(offer)
    await pay(db, offered.buyers[0])
    await run_due(db, gateway)
    with pytest.raises(DBAPIError):
        async with db.transaction() as session:
            await session.execute(text(change))
