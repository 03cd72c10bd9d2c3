"""What a default leaves to pay above the deposit is asked for, paid once, and applied in the announced order."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.accounts.permissions import Role
from app.clock import market_now
from app.payments.order_models import PaymentOrder
from app.payments.payable_models import Payable
from app.payments.queries import get_balance
from app.payments.rules import Account, AccountKind
from app.settlement.defaulting import Declared, decide_default, declare_default
from app.trades.default_rules import Ground
from tests.make_accounts import make_caller
from tests.make_settlements import make_settled_contract
from tests.payments.test_deposits import ledger_is_sound
from tests.settlement.test_collecting import pay

if TYPE_CHECKING:
    from app.db import Session
    from tests.conftest import SetNow

DEPOSIT, BOTH_FEES = 1_000_000, 256_000 + 128_000


async def test_a_shortfall_is_payable_to_the_defaulter_and_reaches_the_seller(
    session: Session, now_is: SetNow
) -> None:
    made = await make_settled_contract(session)
    seller_id, buyer_id = made.agreed.seller.organisation_id, made.agreed.buyer.organisation_id
    await now_is(session, await market_now(session) + timedelta(days=30))
    said = Declared(Ground.NOT_PAY, "付款期限届满仍未付款。", 2_000_000)
    host, reviewer = await make_caller(session, Role.HOST), await make_caller(session, Role.REVIEWER)
    default_id = await declare_default(session, host, made.deal_id, said)
    asked = select(Payable).where(Payable.party_id == buyer_id, Payable.purpose == "shortfall")
    assert (await session.scalars(asked)).all() == []
    await decide_default(session, reviewer, default_id, confirms=True)
    payable = (await session.scalars(asked)).one()
    assert (payable.amount_fen, payable.status) == (BOTH_FEES + 2_000_000 - DEPOSIT, "due")
    await pay(session, payable)
    assert -await get_balance(session, Account(AccountKind.SELLER_DUE, seller_id)) == 2_000_000
    assert -await get_balance(session, Account(AccountKind.FEE_INCOME)) == BOTH_FEES
    assert await get_balance(session, Account(AccountKind.FORFEITED, buyer_id)) == 0
    orders = select(PaymentOrder.subject_kind, PaymentOrder.amount_fen).where(
        PaymentOrder.party_id == seller_id
    )
    assert {tuple(row) for row in await session.execute(orders)} == {
        ("default", DEPOSIT - BOTH_FEES),
        ("default_shortfall", 2_000_000 - (DEPOSIT - BOTH_FEES)),
    }
    await ledger_is_sound(session)


async def test_a_deposit_that_covers_all_leaves_nothing_to_pay(session: Session, now_is: SetNow) -> None:
    made = await make_settled_contract(session)
    await now_is(session, await market_now(session) + timedelta(days=30))
    said = Declared(Ground.NOT_PAY, "付款期限届满仍未付款。", DEPOSIT - BOTH_FEES)
    default_id = await declare_default(session, await make_caller(session, Role.HOST), made.deal_id, said)
    await decide_default(session, await make_caller(session, Role.REVIEWER), default_id, confirms=True)
    asked = select(Payable).where(Payable.purpose == "shortfall")
    assert (await session.scalars(asked)).all() == []
    await ledger_is_sound(session)
