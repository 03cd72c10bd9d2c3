"""Settlement against the real database: plan, escrow, recordal, releases by two, fees and commission, nothing lost."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError

from app.accounts.errors import NotPermitted
from app.accounts.permissions import Role
from app.brokers.mandates import NewMandate, offer_mandate, sign_mandate
from app.clock import market_date, market_now
from app.payments.queries import get_balance
from app.payments.rules import Account, AccountKind
from app.settlement import errors
from app.settlement.models import EscrowRelease, Settlement
from app.settlement.opening import answer_plan, open_settlement
from app.settlement.queries import get_settlement, list_settlements
from app.settlement.releasing import (
    Recordal,
    complete_settlement,
    decide_release,
    note_payment,
    request_release,
    review_recordal,
    submit_recordal,
)
from app.settlement.rules import PlanKind, Term
from app.trades.errors import DealMissing
from app.trades.queries import get_deal
from tests.make_accounts import make_caller
from tests.make_settlements import Settling, make_settled_contract, pay_price, record_rights
from tests.payments.test_deposits import ledger_is_sound

if TYPE_CHECKING:
    from uuid import UUID

    from app.db import Session

PRICE, DEPOSIT = 12_800_000, 1_000_000
SELLER_FEE = 256_000  # 2 %


async def read(session: Session, made: Settling) -> Settlement:
    return await session.get_one(Settlement, made.settlement_id, populate_existing=True)


async def release_all(session: Session, made: Settling, *amounts: int) -> None:
    for amount in amounts:
        await request_release(session, made.first, made.settlement_id, amount)
        waiting = (await get_settlement(session, made.agreed.seller, made.settlement_id)).releases[-1]
        await decide_release(session, made.second, waiting.release.id, approves=True)


async def last_release(session: Session, made: Settling) -> UUID:
    view = await get_settlement(session, made.agreed.seller, made.settlement_id)
    return view.releases[-1].release.id


async def balance(session: Session, kind: AccountKind, party_id: UUID | None = None) -> int:
    return -await get_balance(session, Account(kind, party_id))


async def test_one_payment_goes_the_whole_way_and_nothing_is_lost(session: Session) -> None:
    made = await make_settled_contract(session)
    row = await read(session, made)
    assert (row.status, row.received_fen, row.deposit_fen) == ("contracted", DEPOSIT, DEPOSIT)
    await pay_price(session, made.deal_id, 800_000)
    assert (await read(session, made)).status == "escrow_partial"
    await pay_price(session, made.deal_id, 11_000_000)
    assert (await read(session, made)).status == "escrow_full"
    await note_payment(session, made.deal_id)  # a second time, as tasks are
    await record_rights(session, made)
    assert (await read(session, made)).status == "rights_recorded"
    await release_all(session, made, PRICE)
    assert (await read(session, made)).status == "released"
    await complete_settlement(session, made.first, made.settlement_id)
    seller = await balance(session, AccountKind.SELLER_DUE, made.agreed.seller.organisation_id)
    fee = await balance(session, AccountKind.FEE_INCOME)
    assert (seller, fee) == (PRICE - SELLER_FEE, SELLER_FEE)
    assert -await get_balance(session, Account(AccountKind.PRICE_ESCROW, deal_id=made.deal_id)) == 0
    await ledger_is_sound(session)


async def test_price_is_seller_and_fee_and_commission_over_several_releases(session: Session) -> None:
    made = await make_settled_contract(session, is_open=False)
    listing_id = (await get_deal(session, made.deal_id)).listing_id
    broker = await make_caller(session, Role.SIGNATORY)
    today = market_date(await market_now(session))
    mandate = await offer_mandate(
        session,
        made.agreed.seller,
        NewMandate(broker.organisation_id, listing_id, 333, today, today + timedelta(days=365)),
    )
    await sign_mandate(session, broker, mandate)
    made.settlement_id = await open_settlement(session, made.agreed.seller, made.deal_id, PlanKind.ONE_OFF)
    await record_rights(session, made)
    await release_all(session, made, 333_333, 7)
    await pay_price(session, made.deal_id, PRICE - DEPOSIT)
    await release_all(session, made, 6_000_001, PRICE - 333_333 - 7 - 6_000_001)
    seller = await balance(session, AccountKind.SELLER_DUE, made.agreed.seller.organisation_id)
    fee = await balance(session, AccountKind.FEE_INCOME)
    commission = await balance(session, AccountKind.COMMISSION_DUE, broker.organisation_id)
    assert (fee, commission) == (SELLER_FEE, PRICE * 333 // 10_000)
    assert seller + fee + commission == PRICE
    await ledger_is_sound(session)


async def test_nothing_is_released_before_the_document_was_reviewed(session: Session) -> None:
    made = await make_settled_contract(session)
    await pay_price(session, made.deal_id, PRICE - DEPOSIT)
    with pytest.raises(errors.NotRecordedYet):
        await request_release(session, made.first, made.settlement_id, PRICE)
    registrar = await make_caller(session, Role.REGISTRAR)
    with pytest.raises(errors.RecordalMissing):
        await review_recordal(session, registrar, made.settlement_id)
    paper = Recordal("SX1", market_date(await market_now(session)), "a" * 64)
    with pytest.raises(errors.SettlementMissing):
        await submit_recordal(session, await make_caller(session, Role.SELLER), made.settlement_id, paper)
    await submit_recordal(session, made.agreed.seller, made.settlement_id, paper)
    with pytest.raises(errors.NotRecordedYet):
        await request_release(session, made.first, made.settlement_id, PRICE)
    await review_recordal(session, registrar, made.settlement_id)
    await request_release(session, made.first, made.settlement_id, PRICE)


async def test_two_different_people_release_and_once(session: Session) -> None:
    made = await make_settled_contract(session)
    await record_rights(session, made)
    await request_release(session, made.first, made.settlement_id, 500_000)
    release = await last_release(session, made)
    with pytest.raises(errors.SecondPersonMustApprove):
        await decide_release(session, made.first, release, approves=True)
    with pytest.raises(errors.ReleaseWaits):
        await request_release(session, made.second, made.settlement_id, 1)
    with pytest.raises(NotPermitted):
        await decide_release(session, made.agreed.seller, release, approves=True)
    await decide_release(session, made.second, release, approves=True)
    with pytest.raises(errors.ReleaseDecided):
        await decide_release(session, made.second, release, approves=True)
    with pytest.raises(errors.ReleaseAboveEscrow):
        await request_release(session, made.first, made.settlement_id, DEPOSIT - 500_000 + 1)
    await request_release(session, made.first, made.settlement_id, DEPOSIT - 500_000)
    await decide_release(session, made.first, await last_release(session, made), approves=False)
    assert (await read(session, made)).released_fen == 500_000
    await ledger_is_sound(session)


async def test_instalments_hold_only_with_the_other_side_s_consent(session: Session) -> None:
    made = await make_settled_contract(session, is_open=False)
    today = market_date(await market_now(session))
    terms = [Term(4_000_000, today + timedelta(days=5)), Term(7_800_000, today + timedelta(days=200))]
    seller, buyer = made.agreed.seller, made.agreed.buyer

    async def propose() -> UUID:
        return await open_settlement(session, buyer, made.deal_id, PlanKind.INSTALMENTS, terms)

    made.settlement_id = await propose()
    with pytest.raises(errors.SettlementExists):
        await open_settlement(session, seller, made.deal_id, PlanKind.ONE_OFF)
    with pytest.raises(errors.OwnProposal):
        await answer_plan(session, buyer, made.settlement_id, accepts=True)
    await answer_plan(session, seller, made.settlement_id, accepts=False)
    made.settlement_id = await propose()
    await answer_plan(session, seller, made.settlement_id, accepts=True)
    view = await get_settlement(session, buyer, made.settlement_id)
    assert [term.amount_fen for term in view.terms] == [4_000_000, 7_800_000]
    assert view.settlement.status == "contracted"
    with pytest.raises(errors.SettlementStateForbids):
        await answer_plan(session, seller, made.settlement_id, accepts=False)
    await ledger_is_sound(session)


async def test_who_has_no_part_finds_nothing_and_an_unsigned_contract_is_not_settled(
    session: Session,
) -> None:
    made = await make_settled_contract(session)
    stranger = await make_caller(session, Role.SELLER, Role.BIDDER)
    with pytest.raises(DealMissing):
        await open_settlement(session, stranger, made.deal_id, PlanKind.ONE_OFF)
    with pytest.raises(errors.SettlementMissing):
        await get_settlement(session, stranger, made.settlement_id)
    assert await list_settlements(session, stranger) == []
    assert len(await list_settlements(session, made.first, status="contracted")) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"released_fen": 1},
        {"status": "released"},
        {"status": "proposed"},
        {"status": "completed"},
        {"price_fen": PRICE + 1},
        {"fee_fen": 0},
        {"received_fen": PRICE + 1},
        {"status": "rights_recorded"},
    ],
)
async def test_the_database_itself_refuses_what_the_money_does_not_show(
    session: Session, change: dict[str, Any]
) -> None:
    made = await make_settled_contract(session)

    async def write() -> None:
        await session.execute(update(Settlement).where(Settlement.id == made.settlement_id).values(**change))
        await ledger_is_sound(session)

    with pytest.raises(DBAPIError):
        await write()


async def test_the_database_wants_two_people_and_the_transfer_for_a_release(session: Session) -> None:
    made = await make_settled_contract(session)
    await record_rights(session, made)
    await request_release(session, made.first, made.settlement_id, 500_000)
    now = await market_now(session)
    for who in (made.first, made.second):

        async def approve(person_id: UUID = who.person_id) -> None:
            async with session.begin_nested():
                query = update(EscrowRelease).values(status="approved", decided_by=person_id, decided_at=now)
                await session.execute(query)
                await ledger_is_sound(session)

        with pytest.raises(DBAPIError, match="two_people" if who is made.first else "in the ledger"):
            await approve()
    for statement in ("DELETE FROM escrow_release", "UPDATE settlement_term SET amount_fen = 1"):
        with pytest.raises(DBAPIError):
            async with session.begin_nested():
                await session.execute(text(statement))
