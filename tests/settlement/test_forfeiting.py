"""A deposit that is kept though its party did not win: announced, heard, by two people, in order, or back at once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError

from app.accounts.models import Organisation
from app.accounts.permissions import Role
from app.audit import AuditRecord
from app.clock import market_now
from app.payments.checking import find_faults
from app.payments.errors import DepositStateForbids
from app.payments.errors_withholding import DepositGoes, DepositWithheld
from app.payments.models import Deposit
from app.payments.order_models import PaymentOrder
from app.payments.orders import approve_orders, export_orders
from app.payments.queries import get_balance
from app.payments.rules import Account, AccountKind
from app.settlement.forfeiting import Claimed, answer_forfeiture, decide_forfeiture, declare_forfeiture
from app.telling.tell import tell_of_act
from app.trades.award import award_auction
from app.trades.default_rules import in_order
from app.trades.errors_default import GroundNotAnnounced
from app.trades.errors_forfeit import (
    DecidedByDeclarer,
    ForfeitureAnswered,
    ForfeitureDecided,
    ForfeitureMissing,
    HearingOver,
    HearingRuns,
    LossBeyondAll,
    NoDepositPaid,
    WinnerDefaults,
)
from app.trades.forfeit_models import DepositForfeiture
from app.trades.forfeit_rules import ForfeitGround
from app.trades.forfeits import get_forfeiture, list_forfeitures
from app.trades.models import Intent, Listing
from app.trades.refunds import refund_deposits
from app.trades.withdrawing import withdraw_intent
from tests.make_accounts import make_caller
from tests.make_trades import close_sale, make_intent, make_listing
from tests.payments.test_deposits import ledger_is_sound

if TYPE_CHECKING:
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import Session
    from tests.conftest import SetNow

DEPOSIT = 1_000_000
SAID = Claimed(
    ForfeitGround.FALSE_DOCUMENTS, "资信证明系伪造，银行回函否认。", "银行回函〔2026〕第3号扫描件。"
)
amounts = st.integers(min_value=0, max_value=2**53 - 1)


@given(amounts, amounts, amounts)
def test_the_parts_are_the_deposit_to_the_fen_in_order(deposit: int, fees: int, loss: int) -> None:
    made = in_order(deposit, fees_fen=fees, loss_fen=loss)
    assert made.fees_fen + made.seller_fen + made.rest_fen == deposit
    assert made.returned_fen == 0
    assert made.seller_fen == 0 or made.fees_fen == fees
    assert made.rest_fen == 0 or made.seller_fen == loss


async def balance(session: Session, kind: AccountKind, party_id: UUID | None = None) -> int:
    return -await get_balance(session, Account(kind, party_id))


async def caller_of(session: Session, intent: Intent) -> Caller:
    buyer = await session.get_one(Organisation, intent.buyer_id)
    return await make_caller(session, Role.BIDDER, organisation=buyer)


async def declared(session: Session, intent: Intent, said: Claimed = SAID) -> UUID:
    return await declare_forfeiture(session, await make_caller(session, Role.REVIEWER), intent.id, said)


async def decide(session: Session, claim_id: UUID, *, confirms: bool) -> UUID:
    host = await make_caller(session, Role.FINANCE)
    return await decide_forfeiture(session, host, claim_id, confirms=confirms, reason="核对了全部材料。")


async def answer(session: Session, intent: Intent, claim_id: UUID) -> UUID:
    return await answer_forfeiture(
        session, await caller_of(session, intent), claim_id, "材料由代办机构提供。"
    )


async def two_who_bid(session: Session) -> tuple[Listing, Intent, Intent]:
    listing = await make_listing(session, status="listed")
    winner = await make_intent(session, listing, status="admitted")
    return listing, winner, await make_intent(session, listing, status="admitted")


async def sold(session: Session, listing: Listing, winner: Intent) -> None:
    await close_sale(session, listing, winner, 12_800_000)
    await award_auction(session, {"auction_id": str(listing.auction_id)})


async def deposit_of(session: Session, intent: Intent) -> Deposit:
    assert intent.deposit_id is not None
    return await session.get_one(Deposit, intent.deposit_id, populate_existing=True)


async def test_a_deposit_is_kept_after_the_party_was_heard_and_applied_in_order(session: Session) -> None:
    listing, winner, loser = await two_who_bid(session)
    claim = await declared(session, loser, Claimed(SAID.ground, SAID.reason, SAID.evidence, 100_000, 300_000))
    await sold(session, listing, winner)
    # The sale is over, and of the others nobody waits: this one is held back.
    assert (await deposit_of(session, loser)).status == "held"
    assert await balance(session, AccountKind.REFUND_DUE, loser.buyer_id) == 0
    with pytest.raises(HearingRuns):
        await decide(session, claim, confirms=True)
    await answer(session, loser, claim)
    with pytest.raises(ForfeitureAnswered):
        await answer(session, loser, claim)
    await decide(session, claim, confirms=True)
    with pytest.raises(ForfeitureDecided):
        await decide(session, claim, confirms=False)
    with pytest.raises(ForfeitureDecided):
        await answer(session, loser, claim)
    assert (await deposit_of(session, loser)).status == "forfeited"
    assert await balance(session, AccountKind.FEE_INCOME) == 100_000
    assert await balance(session, AccountKind.SELLER_DUE, listing.seller_id) == DEPOSIT - 100_000
    assert await balance(session, AccountKind.FORFEITED, loser.buyer_id) == 0
    row = await get_forfeiture(session, claim)
    assert (row.fees_fen, row.seller_fen, row.rest_fen) == (100_000, 300_000, 600_000)
    await ledger_is_sound(session)
    assert await find_faults(session) == []


async def test_a_claim_that_is_refused_lets_the_deposit_go_back_at_once(session: Session) -> None:
    listing, winner, loser = await two_who_bid(session)
    claim = await declared(session, loser)
    await sold(session, listing, winner)
    await decide(session, claim, confirms=False)
    assert (await deposit_of(session, loser)).status == "released"
    await refund_deposits(session, {"listing_id": str(listing.id)})
    orders = await session.execute(
        PaymentOrder.__table__.select().where(PaymentOrder.party_id == loser.buyer_id)
    )
    assert [order.amount_fen for order in orders] == [DEPOSIT]
    # What was refused may be declared again on other evidence, while the money is here.
    assert await declared(session, loser) != claim
    assert await find_faults(session) == []


async def test_refused_while_the_sale_runs_it_stays_held_as_it_was(session: Session) -> None:
    listing, winner, loser = await two_who_bid(session)
    await decide(session, await declared(session, loser), confirms=False)
    deposit = await deposit_of(session, loser)
    assert (deposit.status, deposit.withheld_at) == ("held", None)
    await sold(session, listing, winner)
    assert (await deposit_of(session, loser)).status == "released"


async def test_what_is_found_out_after_the_sale_stops_a_refund_that_is_ordered(session: Session) -> None:
    listing, winner, loser = await two_who_bid(session)
    await sold(session, listing, winner)
    await refund_deposits(session, {"listing_id": str(listing.id)})
    claim = await declared(session, loser)
    order = (
        await session.execute(PaymentOrder.__table__.select().where(PaymentOrder.party_id == loser.buyer_id))
    ).one()
    assert (order.status, order.failure) == ("cancelled", SAID.reason)
    await refund_deposits(session, {"listing_id": str(listing.id)})
    assert len((await session.execute(PaymentOrder.__table__.select())).all()) == 1
    assert await balance(session, AccountKind.REFUND_DUE, loser.buyer_id) == DEPOSIT
    await answer(session, loser, claim)
    await decide(session, claim, confirms=True)
    assert (await deposit_of(session, loser)).status == "forfeited"
    assert await balance(session, AccountKind.REFUND_DUE, loser.buyer_id) == 0
    assert await balance(session, AccountKind.SELLER_DUE, listing.seller_id) == DEPOSIT
    await ledger_is_sound(session)
    assert await find_faults(session) == []


async def test_a_refund_that_is_at_the_bank_is_not_stopped(session: Session) -> None:
    listing, winner, loser = await two_who_bid(session)
    await sold(session, listing, winner)
    await refund_deposits(session, {"listing_id": str(listing.id)})
    found = await session.execute(
        PaymentOrder.__table__.select().where(PaymentOrder.party_id == loser.buyer_id)
    )
    order_id = found.one().id
    for _ in range(2):
        finance = await make_caller(session, Role.FINANCE)
        await approve_orders(session, finance, [order_id], payee_account="6222000000000001")
    await export_orders(session, await make_caller(session, Role.FINANCE), [order_id])
    with pytest.raises(DepositGoes):
        await declared(session, loser)


async def test_silence_is_heard_when_the_period_is_over(session: Session, now_is: SetNow) -> None:
    listing, winner, loser = await two_who_bid(session)
    await sold(session, listing, winner)
    claim = await declared(session, loser)
    row = await get_forfeiture(session, claim)
    assert row.answer_until - await market_now(session) > timedelta(days=5)
    await now_is(session, row.answer_until - timedelta(seconds=1))
    with pytest.raises(HearingRuns):
        await decide(session, claim, confirms=True)
    await now_is(session, row.answer_until)
    with pytest.raises(HearingOver):
        await answer(session, loser, claim)
    await decide(session, claim, confirms=True)


async def test_only_announced_grounds_and_proven_losses_count(session: Session) -> None:
    _, _, loser = await two_who_bid(session)
    with pytest.raises(GroundNotAnnounced):
        await declared(session, loser, Claimed(ForfeitGround.NO_BID, SAID.reason, SAID.evidence))
    with pytest.raises(LossBeyondAll):
        await declared(session, loser, Claimed(SAID.ground, SAID.reason, SAID.evidence, 10**12))
    await declared(session, loser)
    with pytest.raises(DepositWithheld):
        await declared(session, loser)


async def test_nobody_decides_what_he_declared(session: Session) -> None:
    _, _, loser = await two_who_bid(session)
    two_posts = await make_caller(session, Role.REVIEWER, Role.FINANCE)
    claim = await declare_forfeiture(session, two_posts, loser.id, SAID)
    with pytest.raises(DecidedByDeclarer):
        await decide_forfeiture(session, two_posts, claim, confirms=False, reason="自己来决定。")


async def test_a_sale_that_ends_unsold_keeps_back_what_is_claimed_and_nothing_else(session: Session) -> None:
    listing, other, loser = await two_who_bid(session)
    claim = await declared(session, loser)
    await close_sale(session, listing, None, None)
    await award_auction(session, {"auction_id": str(listing.auction_id)})
    await session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    await session.execute(text("SET CONSTRAINTS ALL DEFERRED"))
    assert [(await deposit_of(session, each)).status for each in (loser, other)] == ["held", "released"]
    await decide(session, claim, confirms=False)
    assert (await deposit_of(session, loser)).status == "released"
    await session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))


async def test_the_winner_s_deposit_goes_the_way_of_a_default(session: Session) -> None:
    listing, winner, _ = await two_who_bid(session)
    early = await declared(session, winner)
    await sold(session, listing, winner)
    assert (await deposit_of(session, winner)).status == "captured"
    await answer(session, winner, early)
    with pytest.raises(WinnerDefaults):
        await decide(session, early, confirms=True)
    await decide(session, early, confirms=False)
    assert (await deposit_of(session, winner)).status == "captured"
    with pytest.raises(WinnerDefaults):
        await declared(session, winner)
    assert await find_faults(session) == []


async def test_whoever_withdraws_in_time_waits_for_the_decision(session: Session) -> None:
    listing = await make_listing(session, status="listed")
    paid = await make_intent(session, listing, status="admitted")
    claim = await declared(session, paid)
    await withdraw_intent(session, await caller_of(session, paid), paid.id)
    assert (await deposit_of(session, paid)).status == "held"
    await decide(session, claim, confirms=False)
    assert (await deposit_of(session, paid)).status == "released"


async def test_nothing_paid_is_nothing_to_keep(session: Session) -> None:
    listing = await make_listing(session, status="listed")
    with pytest.raises(NoDepositPaid):
        await declared(session, await make_intent(session, listing, status="submitted"))
    with pytest.raises(DepositStateForbids):
        await declared(session, await make_intent(session, listing, status="qualified"))


async def test_the_party_and_the_desk_read_it_and_nobody_else(session: Session) -> None:
    _, winner, loser = await two_who_bid(session)
    claim = await declared(session, loser)
    assert [
        each.forfeiture.id for each in await list_forfeitures(session, await caller_of(session, loser))
    ] == [claim]
    assert await list_forfeitures(session, await caller_of(session, winner)) == []
    assert await list_forfeitures(session, await make_caller(session, Role.SUPERVISOR), intent_id=loser.id)
    with pytest.raises(ForfeitureMissing):
        await answer(session, winner, claim)


async def test_all_are_told(session: Session) -> None:
    _, _, loser = await two_who_bid(session)
    await caller_of(session, loser)
    await make_caller(session, Role.FINANCE)
    claim = await declared(session, loser)
    await answer(session, loser, claim)
    await decide(session, claim, confirms=True)
    acts = await session.execute(AuditRecord.__table__.select().where(AuditRecord.subject_id == str(claim)))
    for act in acts.all():
        await tell_of_act(session, {"act_id": str(act.id)})
    kinds = await session.execute(text("SELECT DISTINCT kind FROM notification"))
    told = set(kinds.scalars())
    assert told >= {"forfeiture_declared", "forfeiture_waits", "forfeiture_answered", "forfeiture_confirmed"}


async def test_the_database_holds_it_too(session: Session) -> None:
    _, _, loser = await two_who_bid(session)
    claim = await declared(session, loser)
    own = DepositForfeiture.id == claim
    for change, said in (
        (update(DepositForfeiture).where(own).values(loss_fen=1), "facts would change"),
        (
            update(DepositForfeiture)
            .where(own)
            .values(
                status="confirmed",
                decision="没有听取陈述。",
                decided_by=(await make_caller(session, Role.FINANCE)).person_id,
                decided_at=await market_now(session),
            ),
            "has not been heard",
        ),
        (update(Deposit).where(Deposit.id == loser.deposit_id).values(status="released"), "held back"),
    ):
        with pytest.raises(DBAPIError, match=said):
            async with session.begin_nested():
                await session.execute(change)
