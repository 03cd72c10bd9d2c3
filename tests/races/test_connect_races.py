"""Races of paying sellers at the card gateway, and for each lock a twin that takes it away and goes wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from app.payments import connect_accounts, connect_transfers, order_repeats, orders
from app.payments.checking import find_faults
from app.payments.connect_accounts import (
    AccountMovedOn,
    keep_account,
    open_payout_account,
    refuse_account,
)
from app.payments.connect_gateway import AccountSeen, TransferSeen
from app.payments.connect_models import ConnectedAccount
from app.payments.connect_transfers import choose_way, enter_transfer
from app.payments.errors import PaymentOrdered
from app.payments.errors_connect import PayoutAccountOpened, WayIsSettled
from app.payments.order_models import PaymentOrder
from app.payments.order_repeats import repeat_order
from app.payments.order_rules import Way
from app.payments.orders import approve_orders, cancel_order
from tests.races import meeting
from tests.races.meeting import Meeting
from tests.stripe.selling import FEN, Selling, make_selling, order_of
from tests.trades.test_trades_races import Race, both, meet_before, name_of, refusals

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from app.db import Database, Session

    Patch = pytest.MonkeyPatch

ACCOUNT = "acct_1"


async def unlocked_orders(session: Session, order_ids: Sequence[UUID]) -> list[PaymentOrder]:
    query = select(PaymentOrder).where(PaymentOrder.id.in_(order_ids))
    return list(await session.scalars(query, execution_options={"populate_existing": True}))


async def unlocked_account(session: Session, organisation_id: UUID) -> ConnectedAccount:
    return await session.get_one(ConnectedAccount, organisation_id, populate_existing=True)


def without_order_lock(patch: Patch) -> None:
    for module in (connect_transfers, order_repeats, orders):
        patch.setattr(module, "lock_orders", unlocked_orders)


def without_account_lock(patch: Patch) -> None:
    patch.setattr(connect_accounts, "lock_payout_account", unlocked_account)


def ready(made: Selling) -> AccountSeen:
    """The account as the gateway has it once everything is in order."""
    return AccountSeen(
        ACCOUNT,
        made.seller.organisation_id,
        "active",
        is_submitted=True,
        has_payouts=True,
        disabled_reason=None,
    )


async def selling(db: Database) -> Selling:
    """A seller who may be paid by transfer."""
    made = await db.write(make_selling)
    await db.write(open_payout_account, made.seller)
    await db.write(keep_account, made.seller.organisation_id, ready(made), None)
    return made


async def an_answer_and_an_event(db: Database, patch: Patch) -> None:
    """The gateway's answer and its event say at once that a transfer was made: the order is executed once."""
    made = await selling(db)
    await db.write(choose_way, made.first, made.order_id, Way.CONNECT)
    for who in (made.first, made.second):
        await db.write(approve_orders, who, [made.order_id])
    meet_before(patch, connect_transfers, "_settle")
    seen = TransferSeen("tr_1", made.order_id, ACCOUNT, FEN)
    answers = await both(*(db.write(enter_transfer, made.order_id, seen) for _ in range(2)))
    assert refusals(answers) == []
    assert (await order_of(db, made.order_id)).status == "executed"
    assert await db.read(find_faults) == []


async def a_way_against_an_approval(db: Database, patch: Patch) -> None:
    """One chooses the transfer while another approves the bank's payment: the way that was approved stays."""
    made = await selling(db)
    place = Meeting()
    patch.setattr(orders, "market_now", place.before(orders.market_now))
    patch.setattr(connect_transfers, "require_account", place.before(connect_transfers.require_account))
    bank = {"payee_account": "6222000000000009"}
    first = db.write(approve_orders, made.first, [made.order_id], **bank)

    async def choose() -> None:
        await place.first_arrived.wait()
        await db.write(choose_way, made.second, made.order_id, Way.CONNECT)

    answers = await both(first, choose())
    assert refusals(answers) == [WayIsSettled]
    order = await order_of(db, made.order_id)
    assert (order.way, order.payee_account) == ("bank", bank["payee_account"])


async def two_orders_anew(db: Database, patch: Patch) -> None:
    """Two people order one cancelled payment again: there is one new order, and the other is told so."""
    made = await selling(db)
    await db.write(cancel_order, made.first, made.order_id, reason="账号待核实。")
    meet_before(patch, order_repeats, "order_payments")
    answers = await both(*(db.write(repeat_order, who, made.order_id) for who in (made.first, made.second)))
    assert refusals(answers) == [PaymentOrdered]


async def two_looks_at_an_account(db: Database, patch: Patch) -> None:
    """Two looks that were taken after the same one are written at once: the later is looked at again."""
    made = await selling(db)
    async with db.reading() as session:
        known = (await unlocked_account(session, made.seller.organisation_id)).seen_at  # type: ignore[arg-type]
    meet_before(patch, connect_accounts, "market_now")
    answers = await both(
        *(db.write(keep_account, made.seller.organisation_id, ready(made), known) for _ in range(2))
    )
    assert refusals(answers) == [AccountMovedOn]


async def two_ask_for_an_account_anew(db: Database, patch: Patch) -> None:
    """After a refusal two people ask for the account again: one asks, the other is told."""
    made = await db.write(make_selling)
    await db.write(open_payout_account, made.seller)
    await db.write(refuse_account, made.seller.organisation_id, "country_unsupported")
    meet_before(patch, connect_accounts, "promise")
    answers = await both(*(db.write(open_payout_account, made.seller) for _ in range(2)))
    assert refusals(answers) == [PayoutAccountOpened]


RACES: list[Any] = [
    Race(an_answer_and_an_event, without_order_lock),
    Race(a_way_against_an_approval, without_order_lock),
    Race(two_orders_anew, without_order_lock),
    Race(two_looks_at_an_account, without_account_lock),
    Race(two_ask_for_an_account_anew, without_account_lock),
]


@pytest.mark.parametrize("race", RACES, ids=name_of)
async def test_under_the_lock_the_race_has_one_outcome(race: Race, db: Database, monkeypatch: Patch) -> None:
    await race.run(db, monkeypatch)


@pytest.mark.parametrize("race", RACES, ids=name_of)
async def test_without_the_lock_the_same_race_goes_wrong(
    race: Race, db: Database, monkeypatch: Patch
) -> None:
    race.without(monkeypatch)
    monkeypatch.setattr(meeting, "_PATIENCE_SECONDS", 10)
    with pytest.raises((AssertionError, DBAPIError)):
        await race.run(db, monkeypatch)
