"""Defaults: golden tests 13 and 18, the announced grounds, the order of the deposit, the defaulter kept away."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError

from app.accounts.permissions import Role
from app.clock import market_now
from app.payments.queries import get_balance
from app.payments.rules import Account, AccountKind
from app.settlement.defaulting import Declared, decide_default, declare_default
from app.settlement.errors import SettlementExists
from app.settlement.opening import open_settlement
from app.settlement.queries import find_settlement_of, get_escrow
from app.settlement.rules import PlanKind
from app.trades.award import award_auction
from app.trades.default_rules import BLAMELESS, Ground, check_ground, split_deposit
from app.trades.defaults import list_defaults
from app.trades.errors_default import (
    DecidedByAnother,
    DefaultDecided,
    DefaultDeclared,
    DefaulterExcluded,
    GroundNotAnnounced,
    MayStillSign,
    NothingOverdue,
    PriceWasReleased,
)
from app.trades.models import Deal, Intent, Listing
from app.trades.queries import lock_listing
from tests.make_accounts import make_caller
from tests.make_settlements import make_settled_contract, pay_price, record_rights
from tests.make_trades import (
    close_sale,
    make_buyer,
    make_deal,
    make_intent,
    make_listing,
    make_seller,
    rules_of,
)
from tests.payments.test_deposits import ledger_is_sound
from tests.settlement.test_settling import release_all

if TYPE_CHECKING:
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import Session
    from tests.conftest import SetNow

DEPOSIT = 1_000_000
BOTH_FEES = 256_000 + 128_000
amounts = st.integers(min_value=0, max_value=2**53 - 1)


@given(st.sampled_from(Ground), amounts, amounts, amounts)
def test_golden_13_the_split_sums_to_the_deposit(ground: Ground, deposit: int, fees: int, loss: int) -> None:
    """The order is fees of both sides, the seller's loss, the rest (拍卖法 39)."""
    made = split_deposit(ground, deposit, fees_fen=fees, loss_fen=loss)
    assert made.fees_fen + made.seller_fen + made.rest_fen + made.returned_fen == deposit
    assert min(made.fees_fen, made.seller_fen, made.rest_fen, made.returned_fen, made.shortfall_fen) >= 0
    if ground in BLAMELESS:
        assert made.returned_fen == deposit
        return
    assert made.returned_fen == 0
    assert made.seller_fen == 0 or made.fees_fen == fees
    assert made.rest_fen == 0 or made.seller_fen == loss
    assert made.shortfall_fen == max(fees + loss - deposit, 0)


def test_only_announced_grounds_count() -> None:
    check_ground(Ground.NOT_PAY, ["not_pay"])
    check_ground(Ground.FORCE_MAJEURE, [])
    with pytest.raises(GroundNotAnnounced):
        check_ground(Ground.LEAK_SECRET, ["not_pay"])


async def desks(session: Session) -> tuple[Caller, Caller]:
    return await make_caller(session, Role.HOST), await make_caller(session, Role.REVIEWER)


async def default(
    session: Session, deal_id: UUID, ground: Ground = Ground.REFUSE_CONFIRMATION, loss: int = 0
) -> UUID:
    host, reviewer = await desks(session)
    said = Declared(ground, "买受人书面表示不再签署。", loss)
    made = await declare_default(session, host, deal_id, said)
    return await decide_default(session, reviewer, made, confirms=True)


async def balance(session: Session, kind: AccountKind, party_id: UUID | None = None) -> int:
    return -await get_balance(session, Account(kind, party_id))


async def test_golden_13_losers_are_refunded_once_and_the_forfeit_is_the_deposit(session: Session) -> None:
    listing = await make_listing(session, status="listed")
    winner = await make_intent(session, listing, status="admitted")
    loser = await make_intent(session, listing, status="admitted")
    await close_sale(session, listing, winner, 12_800_000)
    for _ in range(2):  # the task comes twice
        await award_auction(session, {"auction_id": str(listing.auction_id)})
    assert await balance(session, AccountKind.REFUND_DUE, loser.buyer_id) == DEPOSIT
    deal = (await session.execute(Deal.__table__.select())).one()
    host, reviewer = await desks(session)
    said = Declared(Ground.REFUSE_CONFIRMATION, "买受人书面表示不再签署。", 500_000)
    made = await declare_default(session, host, deal.id, said)
    await decide_default(session, reviewer, made, confirms=True)
    with pytest.raises(DefaultDecided):
        await decide_default(session, reviewer, made, confirms=True)
    assert await get_escrow(session, deal.id) == 0
    assert await balance(session, AccountKind.FORFEITED, winner.buyer_id) == 0
    fees = await balance(session, AccountKind.FEE_INCOME)
    to_seller = await balance(session, AccountKind.SELLER_DUE, deal.seller_id)
    assert (fees, to_seller) == (BOTH_FEES, DEPOSIT - BOTH_FEES)
    assert fees + to_seller == DEPOSIT
    await ledger_is_sound(session)


async def test_golden_18_the_next_sale_excludes_who_defaulted(session: Session) -> None:
    """法释〔2016〕18号 article 24."""
    seller, buyer = await make_seller(session), await make_buyer(session)
    deal = await make_deal(session, seller=seller, buyer=buyer)
    await default(session, deal.id)
    ended = await lock_listing(session, deal.listing_id)
    assert ended.status == "terminated"
    await ledger_is_sound(session)
    again = await make_listing(session, status="listed", seller=seller, patent_id=ended.patent_id)
    with pytest.raises(DefaulterExcluded):
        await make_intent(session, again, buyer=buyer)
    await make_intent(session, again)
    # Another subject is open to him: the exclusion is from this one alone.
    await make_intent(session, await make_listing(session, status="listed"), buyer=buyer)
    values = {
        "listing_id": again.id,
        "seller_id": again.seller_id,
        "buyer_id": buyer.organisation_id,
        "rules_sha256": rules_of(again),
        "accepted_by": buyer.person_id,
    }
    with pytest.raises(DBAPIError, match="defaulted on this subject"):
        await session.execute(insert(Intent).values(**values))


@pytest.mark.parametrize("ground", sorted(BLAMELESS))
async def test_force_majeure_and_the_seller_s_fault_give_the_deposit_back(
    session: Session, ground: Ground
) -> None:
    """民法典 590."""
    seller, buyer = await make_seller(session), await make_buyer(session)
    deal = await make_deal(session, seller=seller, buyer=buyer)
    await default(session, deal.id, ground, loss=1_000)
    assert await balance(session, AccountKind.REFUND_DUE, buyer.organisation_id) == DEPOSIT
    ended = await session.get_one(Listing, deal.listing_id, populate_existing=True)
    again = await make_listing(session, status="listed", seller=seller, patent_id=ended.patent_id)
    await make_intent(session, again, buyer=buyer)
    await ledger_is_sound(session)


async def test_what_was_paid_beyond_the_deposit_goes_back_to_the_buyer(
    session: Session, now_is: SetNow
) -> None:
    made = await make_settled_contract(session)
    await pay_price(session, made.deal_id, 800_000)
    with pytest.raises(NothingOverdue):
        await default(session, made.deal_id, Ground.NOT_PAY)
    await now_is(session, await market_now(session) + timedelta(days=40))
    await default(session, made.deal_id, Ground.NOT_PAY)
    assert await balance(session, AccountKind.REFUND_DUE, made.agreed.buyer.organisation_id) == 800_000
    settlement = await find_settlement_of(session, made.deal_id)
    assert settlement is not None
    assert settlement.status == "defaulted"
    assert await get_escrow(session, made.deal_id) == 0
    await ledger_is_sound(session)


async def test_a_contract_may_be_signed_until_its_last_working_day(session: Session, now_is: SetNow) -> None:
    deal = await make_deal(session)
    with pytest.raises(MayStillSign):
        await default(session, deal.id, Ground.NOT_SIGN_CONTRACT)
    await now_is(session, await market_now(session) + timedelta(days=20))
    await default(session, deal.id, Ground.NOT_SIGN_CONTRACT)


async def test_two_desks_default_a_deal_and_not_after_a_release(session: Session) -> None:
    made = await make_settled_contract(session)
    host, reviewer = await desks(session)
    both = await make_caller(session, Role.HOST, Role.REVIEWER)
    said = Declared(Ground.BREACH_AFTER_AWARD, "买受人成交后毁约。", 0)
    first = await declare_default(session, both, made.deal_id, said)
    with pytest.raises(DefaultDeclared):
        await declare_default(session, host, made.deal_id, said)
    with pytest.raises(DecidedByAnother):
        await decide_default(session, both, first, confirms=True)
    await decide_default(session, both, first, confirms=False)
    await record_rights(session, made)
    second = await declare_default(session, host, made.deal_id, said)
    await release_all(session, made, 500_000)
    with pytest.raises(PriceWasReleased):
        await decide_default(session, reviewer, second, confirms=True)
    assert len(await list_defaults(session, made.agreed.seller)) == 2
    assert await list_defaults(session, await make_seller(session)) == []


async def test_the_database_itself_keeps_the_parts_and_the_two_people(session: Session) -> None:
    deal = await make_deal(session)
    host, _ = await desks(session)
    said = Declared(Ground.REFUSE_CONFIRMATION, "买受人书面表示不再签署。", 0)
    await declare_default(session, host, deal.id, said)
    for change in (
        "UPDATE deal_default SET fees_fen = fees_fen + 1",
        "UPDATE deal_default SET status = 'confirmed', decided_by = declared_by, decided_at = now()",
        "DELETE FROM deal_default",
        f"UPDATE listing SET status = 'terminated' WHERE id = '{deal.listing_id}'",
    ):

        async def write(statement: str = change) -> None:
            async with session.begin_nested():
                await session.execute(text(statement))
                await ledger_is_sound(session)

        with pytest.raises(DBAPIError):
            await write()


async def test_a_defaulted_deal_s_settlement_is_not_begun(session: Session) -> None:
    made = await make_settled_contract(session)
    await default(session, made.deal_id, Ground.BREACH_AFTER_AWARD)
    with pytest.raises(SettlementExists):
        await open_settlement(session, made.agreed.seller, made.deal_id, PlanKind.ONE_OFF)
