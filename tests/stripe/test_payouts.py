"""Sellers paid by transfer, through the stand-in over HTTP: accounts, the way chosen, refusals, reversals, lost answers."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.ids import uuid7
from app.payments.card_models import GatewayEventRow
from app.payments.card_payments import store_event
from app.payments.checking import find_faults
from app.payments.connect_models import ConnectReversal, ConnectTransfer
from app.payments.connect_transfers import choose_way
from app.payments.errors import OrderStateForbids, PaymentOrdered
from app.payments.errors_connect import (
    ClearingTooLow,
    OrderNotByConnect,
    OrderNotRepeatable,
    PayoutAccountNotReady,
    WayIsSettled,
)
from app.payments.gateway import GatewayUnreachable
from app.payments.ledger import Posting, Subject, post_transfers
from app.payments.order_models import PaymentOrder
from app.payments.order_repeats import repeat_order
from app.payments.order_rules import Way
from app.payments.orders import approve_orders, cancel_order, export_orders, order_payment, settle_orders
from app.payments.rules import Account, AccountKind, Entry, Transfer, TransferKind
from tests.stripe.paying import balance, hasten
from tests.stripe.selling import (
    CLEARING,
    FEN,
    acts,
    approve,
    hear,
    make_selling,
    order_of,
    run,
    sell,
    transfer_of,
)
from tests.stripe.serving import lose

if TYPE_CHECKING:
    from app.db import Database, Session
    from app.payments.stripe_gateway import StripeGateway
    from tests.stripe.speaking import Speaking


async def test_a_payout_by_transfer_is_reserved_made_and_posted_once(
    db: Database, stripe: Speaking, gateway: StripeGateway
) -> None:
    made = await sell(db, stripe, gateway)
    await db.write(choose_way, made.first, made.order_id, Way.CONNECT)
    await db.write(choose_way, made.first, made.order_id, Way.CONNECT)
    order = await order_of(db, made.order_id)
    assert (order.way, order.payee_account, order.status) == ("connect", made.account_id, "pending")
    await db.write(approve_orders, made.first, [made.order_id])
    await db.write(approve_orders, made.second, [made.order_id])
    assert (await transfer_of(db, made.order_id)).stage == "asked"
    assert not stripe.state.transfers
    assert await balance(db, made.due) == -FEN
    await run(db, gateway.connect)
    (transfer,) = stripe.state.transfers.values()
    assert (transfer["amount"], transfer["destination"]) == (FEN, made.account_id)
    assert transfer["transfer_group"] == str(order.deal_id)
    asked = next(each for each in stripe.exchanges if each.path == "/v1/transfers")
    async with db.reading() as session:
        key = text("SELECT id::text FROM task WHERE payload ->> 'order_id' = :id")
        assert asked.key == (await session.execute(key, {"id": str(made.order_id)})).scalar_one()
    for _ in range(2):
        assert (await order_of(db, made.order_id)).status == "executed"
        assert [await balance(db, each) for each in (made.due, CLEARING)] == [0, 0]
        stripe.state.relabel(transfer["id"], "told again")
        await hear(db, stripe, gateway)
    assert await db.read(find_faults) == []


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_lost_answer_is_asked_after_and_nobody_is_paid_twice(
    db: Database, stripe: Speaking, gateway: StripeGateway, when: str
) -> None:
    made = await sell(db, stripe, gateway)
    await approve(db, made)
    setattr(stripe, when, lose)
    await run(db, gateway.connect)
    setattr(stripe, when, None)
    stripe.kept.clear()
    before = len(stripe.exchanges)
    await hasten(db)
    await run(db, gateway.connect)
    assert stripe.exchanges[before].method == "GET"
    assert len(stripe.state.transfers) == 1
    assert (await order_of(db, made.order_id)).status == "executed"


async def test_word_of_a_transfer_whose_answer_was_lost_executes_the_order(
    db: Database, stripe: Speaking, gateway: StripeGateway
) -> None:
    made = await sell(db, stripe, gateway)
    await approve(db, made)
    stripe.after = lose
    await run(db, gateway.connect)
    stripe.after = None
    await hear(db, stripe, gateway, "transfer.created")
    assert (await order_of(db, made.order_id)).status == "executed"
    await hasten(db)
    await run(db, gateway.connect)
    assert len(stripe.state.transfers) == 1
    assert await balance(db, made.due) == 0


@pytest.mark.parametrize("reason", ["balance_insufficient", "insufficient_capabilities_for_transfer"])
async def test_a_refused_transfer_leaves_nothing_half_done_and_the_bank_pays_instead(
    db: Database, stripe: Speaking, gateway: StripeGateway, reason: str
) -> None:
    made = await sell(db, stripe, gateway, 0 if reason == "balance_insufficient" else FEN)
    await approve(db, made)
    if reason != "balance_insufficient":
        stripe.state.restrict(made.account_id)
    await run(db, gateway.connect)
    order = await order_of(db, made.order_id)
    assert order.status == "failed"
    assert str(order.failure).startswith(reason)
    row = await transfer_of(db, made.order_id)
    assert (row.stage, row.reason, row.gateway_id) == ("refused", reason, None)
    assert [await balance(db, each) for each in (made.due, CLEARING)] == [-FEN, FEN]
    assert await acts(db, "order.transfer") == ["order.transfer-refused"]
    again = await db.write(repeat_order, made.first, made.order_id)
    assert (await order_of(db, again)).way == "bank"
    with pytest.raises(PaymentOrdered):
        await db.write(repeat_order, made.second, made.order_id)
    await db.write(approve_orders, made.first, [again], payee_account="6222000000000009")
    await db.write(approve_orders, made.second, [again])
    await db.write(export_orders, made.first, [again])
    await db.write(settle_orders, made.first, [again])
    assert await balance(db, made.due) == 0
    with pytest.raises(PaymentOrdered):
        await db.write(repeat_order, made.second, made.order_id)
    assert await db.read(find_faults) == []


async def test_what_was_taken_back_is_owed_again_once_and_ordered_by_bank(
    db: Database, stripe: Speaking, gateway: StripeGateway
) -> None:
    made = await sell(db, stripe, gateway)
    await approve(db, made)
    await run(db, gateway.connect)
    (transfer,) = stripe.state.transfers.values()
    stripe.state.reverse(transfer["id"], {"amount": "200000"})
    await hear(db, stripe, gateway)
    assert [await balance(db, each) for each in (made.due, CLEARING)] == [-200_000, 200_000]
    stripe.state.reverse(transfer["id"], {})
    for _ in range(2):
        await hear(db, stripe, gateway)
        assert [await balance(db, each) for each in (made.due, CLEARING)] == [-FEN, FEN]
    assert (await transfer_of(db, made.order_id)).reversed_fen == FEN
    async with db.reading() as session:
        reversals = (await session.scalars(select(ConnectReversal))).all()
        subjects = [each.id for each in reversals]
        query = select(PaymentOrder).where(PaymentOrder.subject_id.in_(subjects)).order_by(PaymentOrder.id)
        orders = (await session.scalars(query)).all()
    assert [(each.amount_fen, each.status, each.way) for each in orders] == [
        (200_000, "pending", "bank"),
        (500_000, "pending", "bank"),
    ]
    assert await db.read(find_faults) == []


@pytest.mark.parametrize("seed", range(4))
async def test_events_doubled_reordered_and_late_and_crashes_end_in_the_same_state(
    db: Database, stripe: Speaking, gateway: StripeGateway, seed: int
) -> None:
    chance = random.Random(seed)

    class Flaky:
        """Our gateway whose process may die before a step or after it."""

        def __getattr__(self, name: str) -> Any:
            async def may_fail(*args: Any) -> Any:
                if chance.random() < 0.2:
                    raise GatewayUnreachable
                answer = await getattr(gateway.connect, name)(*args)
                if chance.random() < 0.25:
                    raise GatewayUnreachable
                return answer

            return may_fail

    flaky: Any = Flaky()

    async def settle(share: float) -> None:
        events = [each for each in stripe.state.events.values() if chance.random() < share]
        for event in chance.sample(events * 2, len(events) * 2):
            if event["type"].startswith(("account.", "transfer.")):
                await db.write(store_event, gateway.read_event(*stripe.webhook(event)), event)
        for _ in range(12):
            await run(db, flaky)
            await hasten(db)
        await run(db, gateway.connect)

    made = await sell(db, stripe, gateway)
    await approve(db, made)
    await settle(0.6)
    assert len(stripe.state.transfers) == 1
    (transfer,) = stripe.state.transfers.values()
    stripe.state.reverse(transfer["id"], {"amount": "1"})
    await settle(0.5)
    stripe.state.reverse(transfer["id"], {"amount": "2"})
    await settle(1)
    assert len(stripe.state.transfers) == 1
    assert (await order_of(db, made.order_id)).status == "executed"
    assert [await balance(db, each) for each in (made.due, CLEARING)] == [-3, 3]
    async with db.reading() as session:
        unhandled = select(GatewayEventRow).where(GatewayEventRow.handled_at.is_(None))
        assert (await session.scalars(unhandled)).all() == []
    assert await db.read(find_faults) == []


async def test_a_way_that_cannot_be_is_refused_and_changes_nothing(
    db: Database, stripe: Speaking, gateway: StripeGateway
) -> None:
    poor = await db.write(make_selling)
    with pytest.raises(PayoutAccountNotReady):
        await db.write(choose_way, poor.first, poor.order_id, Way.CONNECT)
    made = await sell(db, stripe, gateway)

    async def refund(session: Session) -> Any:
        account = Account(AccountKind.REFUND_DUE, made.seller.organisation_id)
        entries = (Entry(Account(AccountKind.BANK), 100), Entry(account, -100))
        owed = Posting(Subject("test", uuid7()), Transfer(TransferKind.OVERPAYMENT, entries))
        await post_transfers(session, [owed], person_id=None)
        return await order_payment(session, account.party_id, "refund", "line", uuid7(), 100, "退款")

    other = await db.write(refund)
    with pytest.raises(OrderNotByConnect):
        await db.write(choose_way, made.first, other.id, Way.CONNECT)
    with pytest.raises(OrderNotRepeatable):
        await db.write(repeat_order, made.first, other.id)

    async def spend(session: Session) -> None:
        entries = (Entry(Account(AccountKind.BANK), 2 * FEN), Entry(CLEARING, -2 * FEN))
        settled = Posting(Subject("test", uuid7()), Transfer(TransferKind.CARD_SETTLED, entries))
        await post_transfers(session, [settled], person_id=None)

    await db.write(spend)
    with pytest.raises(ClearingTooLow):
        await db.write(choose_way, made.first, made.order_id, Way.CONNECT)
    assert (await order_of(db, made.order_id)).way == "bank"


async def test_the_way_that_two_approve_stays_and_a_transfer_on_its_way_is_nobody_s_to_end(
    db: Database, stripe: Speaking, gateway: StripeGateway
) -> None:
    made = await sell(db, stripe, gateway)
    await db.write(choose_way, made.first, made.order_id, Way.CONNECT)
    await db.write(choose_way, made.first, made.order_id, Way.BANK)
    assert (await order_of(db, made.order_id)).payee_account is None
    await db.write(choose_way, made.first, made.order_id, Way.CONNECT)
    await db.write(approve_orders, made.first, [made.order_id])
    with pytest.raises(WayIsSettled):
        await db.write(choose_way, made.second, made.order_id, Way.BANK)
    await db.write(approve_orders, made.second, [made.order_id])
    with pytest.raises(OrderStateForbids):
        await db.write(cancel_order, made.first, made.order_id, reason="不付了。")
    with pytest.raises(OrderStateForbids):
        await db.write(export_orders, made.first, [made.order_id])
    for failure in (None, "银行退回"):
        with pytest.raises(OrderStateForbids):
            await db.write(settle_orders, made.first, [made.order_id], failure=failure)


async def test_an_account_that_was_stopped_before_the_second_approval_is_not_paid_to(
    db: Database, stripe: Speaking, gateway: StripeGateway
) -> None:
    made = await sell(db, stripe, gateway)
    await db.write(choose_way, made.first, made.order_id, Way.CONNECT)
    await db.write(approve_orders, made.first, [made.order_id])
    stripe.state.restrict(made.account_id)
    await hear(db, stripe, gateway)
    with pytest.raises(PayoutAccountNotReady):
        await db.write(approve_orders, made.second, [made.order_id])
    assert (await order_of(db, made.order_id)).status == "pending"
    await db.write(cancel_order, made.second, made.order_id, reason="账户受限，改由银行付款。")
    assert (await order_of(db, await db.write(repeat_order, made.first, made.order_id))).way == "bank"


async def test_another_amount_at_the_gateway_is_entered_nowhere(
    db: Database, stripe: Speaking, gateway: StripeGateway
) -> None:
    made = await sell(db, stripe, gateway)
    await approve(db, made)
    stripe.after = lose
    await run(db, gateway.connect)
    stripe.after = None
    (transfer,) = stripe.state.transfers.values()
    transfer["amount"] = 1
    await hasten(db)
    await run(db, gateway.connect)
    assert (await order_of(db, made.order_id)).status == "approved"
    async with db.reading() as session:
        wrong = text("SELECT last_error FROM task WHERE name = 'connect' AND done_at IS NULL")
        assert "TransferDiffers" in (await session.execute(wrong)).scalar_one()


async def test_a_stranger_s_transfer_and_account_change_nothing(
    db: Database, stripe: Speaking, gateway: StripeGateway
) -> None:
    stripe.state.create_intent(
        {"amount": "900", "currency": "cny", "confirm": "true", "payment_method": "pm_card_visa"}
    )
    stripe.state.move({"amount": "900", "currency": "cny", "destination": "acct_standin1"})
    stripe.state.restrict("acct_standin1")
    await hear(db, stripe, gateway)
    async with db.reading() as session:
        assert (await session.scalars(select(ConnectTransfer))).all() == []
        rows = (await session.scalars(select(GatewayEventRow))).all()
    assert [row.handled_at is not None for row in rows] == [True, True]


REFUSED = (
    "UPDATE payment_order SET way = 'bank'",
    "UPDATE payment_order SET payee_account = 'acct_other'",
    "UPDATE payment_order SET deal_id = NULL",
    "UPDATE payment_order SET status = 'exported'",
    "UPDATE payment_order SET status = 'cancelled', settled_at = market_now()",
    "UPDATE payment_order SET status = 'executed', settled_at = market_now()",
    "UPDATE connect_transfer SET amount_fen = 1",
    "UPDATE connect_transfer SET stage = 'made'",
    "UPDATE connect_transfer SET stage = 'made', gateway_id = 'tr_1', reversed_fen = 1",
    "UPDATE connect_transfer SET stage = 'refused'",
    "UPDATE connect_transfer SET account_id = 'acct_other'",
    "DELETE FROM connect_transfer",
    "UPDATE connected_account SET account_id = 'acct_other'",
    "DELETE FROM connected_account",
    """INSERT INTO connect_reversal (id, gateway_id, order_id, amount_fen)
       SELECT gen_random_uuid(), 'trr_1', order_id, 1 FROM connect_transfer""",
)


async def test_the_database_refuses_what_the_operations_would(
    db: Database, stripe: Speaking, gateway: StripeGateway
) -> None:
    made = await sell(db, stripe, gateway)
    await approve(db, made)
    for change in REFUSED:
        with pytest.raises(DBAPIError):
            async with db.transaction() as session:
                await session.execute(text(change))
