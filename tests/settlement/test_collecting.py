"""A settlement asks for its price by payables, hears of their payment, and orders what a release owes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.accounts.permissions import Role
from app.clock import market_date, market_now
from app.payments.match_rules import TargetKind
from app.payments.order_models import PaymentOrder
from app.payments.payable_models import Payable
from app.payments.payables import PAID_TASK
from app.settlement.collecting import note_paid_term
from app.settlement.defaulting import Declared, decide_default, declare_default
from app.settlement.models import Settlement
from app.settlement.opening import answer_plan, open_settlement
from app.settlement.rules import PlanKind, Term
from app.tasks import TaskRow
from app.trades.default_rules import Ground
from app.trades.line_matching import match_line
from tests.make_accounts import make_caller
from tests.make_settlements import make_settled_contract, record_rights
from tests.make_statements import make_bank_line
from tests.payments.test_deposits import ledger_is_sound
from tests.settlement.test_settling import DEPOSIT, PRICE, SELLER_FEE, release_all

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.db import Session
    from tests.conftest import SetNow
    from tests.make_settlements import Settling

BUYER_FEE = 128_000  # 1 %


async def payables_of(session: Session, made: Settling) -> Sequence[Payable]:
    """What the buyer was asked for, the price's terms by their day, the fee last."""
    query = select(Payable).where(Payable.party_id == made.agreed.buyer.organisation_id)
    return (await session.scalars(query.order_by(Payable.purpose.desc(), Payable.due_on))).all()


async def pay(session: Session, payable: Payable) -> None:
    """The money comes as a line of the statement, is matched, and whoever asked hears of it, twice."""
    line = await make_bank_line(session, payable)
    await match_line(
        session, await make_caller(session, Role.FINANCE), line.id, TargetKind.PAYABLE, payable.id
    )
    told = await session.scalars(select(TaskRow).where(TaskRow.name == PAID_TASK))
    for task in told.all():
        await note_paid_term(session, task.payload)
        await note_paid_term(session, task.payload)


async def status_of(session: Session, made: Settling) -> str:
    row = await session.get_one(Settlement, made.settlement_id, populate_existing=True)
    return row.status


async def test_the_rest_of_the_price_and_the_fee_are_asked_for_and_their_payment_is_noted(
    session: Session,
) -> None:
    made = await make_settled_contract(session)
    price, fee = await payables_of(session, made)
    assert (price.purpose, price.amount_fen, price.deal_id) == ("price", PRICE - DEPOSIT, made.deal_id)
    assert (fee.purpose, fee.amount_fen) == ("fee", BUYER_FEE)
    assert price.reference != fee.reference
    await pay(session, fee)
    assert await status_of(session, made) == "contracted"
    await pay(session, price)
    assert await status_of(session, made) == "escrow_full"
    await ledger_is_sound(session)


async def test_instalments_are_asked_for_once_both_sides_agree(session: Session) -> None:
    made = await make_settled_contract(session, is_open=False)
    today = market_date(await market_now(session))
    rest = PRICE - DEPOSIT
    terms = (Term(rest // 2, today + timedelta(days=2)), Term(rest - rest // 2, today + timedelta(days=60)))
    made.settlement_id = await open_settlement(
        session, made.agreed.buyer, made.deal_id, PlanKind.INSTALMENTS, terms
    )
    assert await payables_of(session, made) == []
    await answer_plan(session, made.agreed.seller, made.settlement_id, accepts=True)
    first, second, fee = await payables_of(session, made)
    assert [first.amount_fen, second.amount_fen] == [term.amount_fen for term in terms]
    assert [first.due_on, second.due_on] == [term.due_on for term in terms]
    assert fee.due_on == first.due_on
    await pay(session, first)
    assert await status_of(session, made) == "escrow_partial"


async def test_a_release_orders_what_it_owes_the_seller(session: Session) -> None:
    made = await make_settled_contract(session)
    price, _ = await payables_of(session, made)
    await pay(session, price)
    await record_rights(session, made)
    await release_all(session, made, PRICE)
    order = (await session.scalars(select(PaymentOrder))).one()
    assert (order.party_id, order.purpose) == (made.agreed.seller.organisation_id, "payout")
    assert (order.amount_fen, order.status) == (PRICE - SELLER_FEE, "pending")
    await ledger_is_sound(session)


async def test_a_default_takes_back_what_is_still_due(session: Session, now_is: SetNow) -> None:
    made = await make_settled_contract(session)
    price, fee = await payables_of(session, made)
    await now_is(session, await market_now(session) + timedelta(days=30))
    host = await make_caller(session, Role.HOST)
    said = Declared(Ground.NOT_PAY, "付款期限届满仍未付款。", 0)
    default_id = await declare_default(session, host, made.deal_id, said)
    await decide_default(session, await make_caller(session, Role.REVIEWER), default_id, confirms=True)
    for payable in (price, fee):
        await session.refresh(payable)
    assert [price.status, fee.status] == ["cancelled", "cancelled"]
    await ledger_is_sound(session)


async def test_what_else_is_paid_moves_no_settlement(session: Session) -> None:
    await note_paid_term(session, {"subject_kind": "settlement", "subject_id": "not looked at"})
    with pytest.raises(ValueError, match="badly formed"):
        await note_paid_term(session, {"subject_kind": "settlement_term", "subject_id": "no id"})
