"""From the intent to the deal on the real database: who may buy, who is admitted, what follows a close."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.accounts.errors import NotPermitted
from app.accounts.permissions import Role
from app.accounts.queries import get_organisation
from app.auction.models import Admission
from app.auction.queries import get_auction
from app.audit import AuditRecord
from app.ids import uuid7
from app.payments.errors import (
    BankReferenceUsed,
    DepositMissing,
    DepositStateForbids,
    PayerIsNotTheBuyer,
    ReceiptDiffersFromDeposit,
)
from app.payments.models import Deposit
from app.payments.queries import get_balance, get_deposit
from app.payments.rules import Account, AccountKind
from app.trades.admission import confirm_receipt
from app.trades.award import AuctionNotClosed, award_auction
from app.trades.confirmation import fingerprint
from app.trades.errors import (
    DealMissing,
    ExchangeMayNotBuy,
    IntentExists,
    IntentMissing,
    IntentStateForbids,
    ListingMissing,
    ListingNotOpenToBuyers,
    RulesNotAccepted,
    SellerMayNotBuy,
    TextOutOfRange,
    TooLate,
)
from app.trades.intents import declare_intent, qualify_intent
from app.trades.models import Deal, Intent
from app.trades.queries import (
    get_deal_view,
    get_intent_view,
    list_deals,
    list_intents,
    shown_reserve,
)
from tests.make_accounts import make_caller
from tests.make_payments import make_line
from tests.make_trades import (
    bidding_terms,
    close_sale,
    make_buyer,
    make_deal,
    make_intent,
    make_listing,
    make_seller,
    rules_of,
)

if TYPE_CHECKING:
    from app.db import Session
    from tests.conftest import SetNow


async def test_an_intent_accepts_exactly_the_rules_of_the_sale(session: Session) -> None:
    listing = await make_listing(session, status="listed")
    buyer = await make_buyer(session)
    with pytest.raises(RulesNotAccepted) as refusal:
        await declare_intent(session, buyer, listing.id, "0" * 64)
    assert refusal.value.rules_sha256 == rules_of(listing)
    intent = await session.get_one(
        Intent, await declare_intent(session, buyer, listing.id, rules_of(listing))
    )
    assert (intent.status, intent.rules_sha256) == ("submitted", rules_of(listing))


async def test_who_may_not_declare_an_intent(session: Session) -> None:
    seller = await make_seller(session)
    listing = await make_listing(session, status="listed", seller=seller)
    own = await get_organisation(session, seller.organisation_id)
    rules = rules_of(listing)
    with pytest.raises(SellerMayNotBuy):
        await declare_intent(
            session, await make_caller(session, Role.BIDDER, organisation=own), listing.id, rules
        )
    with pytest.raises(ExchangeMayNotBuy):
        await declare_intent(session, await make_caller(session, Role.REVIEWER), listing.id, rules)
    with pytest.raises(NotPermitted):
        await declare_intent(session, await make_caller(session, Role.SIGNATORY), listing.id, rules)
    with pytest.raises(ListingMissing):
        await declare_intent(session, await make_buyer(session), (await make_listing(session)).id, rules)
    with pytest.raises(ListingMissing):
        await declare_intent(session, await make_buyer(session), uuid7(), rules)


async def test_an_organisation_declares_once(session: Session) -> None:
    listing = await make_listing(session, status="listed")
    buyer = await make_buyer(session)
    intent = await make_intent(session, listing, buyer=buyer)
    with pytest.raises(IntentExists) as refusal:
        await declare_intent(session, buyer, listing.id, rules_of(listing))
    assert refusal.value.intent_id == intent.id


async def test_qualification_makes_the_deposit_due_with_its_reference(session: Session) -> None:
    listing = await make_listing(session, status="listed")
    intent = await make_intent(session, listing, status="qualified")
    assert intent.deposit_id is not None
    deposit = await get_deposit(session, intent.deposit_id)
    assert (deposit.status, deposit.amount_fen) == ("due", listing.deposit_fen)
    assert deposit.reference.startswith("BZ")
    with pytest.raises(IntentStateForbids):
        await qualify_intent(session, await make_caller(session, Role.REVIEWER), intent.id, "qualify")


async def test_a_rejection_has_a_reason(session: Session) -> None:
    intent = await make_intent(session, await make_listing(session, status="listed"))
    reviewer = await make_caller(session, Role.REVIEWER)
    with pytest.raises(TextOutOfRange):
        await qualify_intent(session, reviewer, intent.id, "reject", "不")
    await qualify_intent(session, reviewer, intent.id, "reject", "不符合受让条件。")
    assert (intent.status, intent.reason, intent.deposit_id) == ("rejected", "不符合受让条件。", None)
    with pytest.raises(IntentMissing):
        await qualify_intent(session, reviewer, uuid7(), "qualify")
    with pytest.raises(NotPermitted):
        await qualify_intent(session, await make_buyer(session), intent.id, "qualify")


async def test_the_money_admits_the_buyer_under_a_code(session: Session) -> None:
    listing = await make_listing(session, status="listed")
    intent = await make_intent(session, listing, status="admitted")
    assert intent.status == "admitted"
    assert intent.bidder_code is not None
    admission = (await session.execute(select(Admission))).scalar_one()
    assert (admission.party_id, admission.code, admission.deposit_id) == (
        intent.buyer_id,
        intent.bidder_code,
        intent.deposit_id,
    )
    assert admission.deposit_id is not None
    assert (await get_deposit(session, admission.deposit_id)).status == "held"
    records = (await session.execute(select(AuditRecord.detail))).scalars()
    assert not any(intent.bidder_code in str(detail) for detail in records)


async def test_a_confirmation_that_does_not_fit_changes_nothing(session: Session) -> None:
    listing = await make_listing(session, status="listed")
    intent = await make_intent(session, listing, status="qualified")
    assert intent.deposit_id is not None
    deposit = await get_deposit(session, intent.deposit_id)
    finance = await make_caller(session, Role.FINANCE)
    used = await make_intent(session, listing, status="qualified")
    assert used.deposit_id is not None
    paid = await make_line(session, await get_deposit(session, used.deposit_id))
    await confirm_receipt(session, finance, used.deposit_id, paid)
    wrong: list[tuple[dict[str, Any], Any]] = [
        ({"amount_fen": deposit.amount_fen + 1}, ReceiptDiffersFromDeposit),
        ({"payer_name": "张三"}, PayerIsNotTheBuyer),
        ({"bank_reference": paid.bank_reference}, BankReferenceUsed),
    ]
    for over, refusal in wrong:
        with pytest.raises(refusal):
            await confirm_receipt(session, finance, deposit.id, await make_line(session, deposit, **over))
    line = await make_line(session, deposit)
    for desk in (Role.REVIEWER, Role.HOST, Role.SUPERVISOR):
        with pytest.raises(NotPermitted):
            await confirm_receipt(session, await make_caller(session, desk), deposit.id, line)
    with pytest.raises(DepositMissing):
        await confirm_receipt(session, finance, uuid7(), line)
    await session.refresh(intent)
    assert (intent.status, intent.bidder_code) == ("qualified", None)
    await confirm_receipt(session, finance, deposit.id, line)
    with pytest.raises(DepositStateForbids):
        await confirm_receipt(session, finance, deposit.id, await make_line(session, deposit))


async def test_nobody_comes_in_at_or_after_the_end(session: Session, now_is: SetNow) -> None:
    listing = await make_listing(session, status="listed")
    submitted = await make_intent(session, listing)
    qualified = await make_intent(session, listing, status="qualified")
    assert qualified.deposit_id is not None
    line = await make_line(session, await get_deposit(session, qualified.deposit_id))
    finance, reviewer = await make_caller(session, Role.FINANCE), await make_caller(session, Role.REVIEWER)
    await now_is(session, listing.closes_at)
    late = (
        confirm_receipt(session, finance, qualified.deposit_id, line),
        qualify_intent(session, reviewer, submitted.id, "qualify"),
        declare_intent(session, await make_buyer(session), listing.id, rules_of(listing)),
    )
    for act in late:
        with pytest.raises(TooLate) as refusal:
            await act
        assert refusal.value.ended_at == listing.closes_at
    await now_is(session, listing.closes_at - timedelta(microseconds=1))
    await confirm_receipt(session, finance, qualified.deposit_id, line)
    assert qualified.bidder_code is not None


async def test_a_sold_listing_takes_no_intents(session: Session) -> None:
    listing = await make_listing(session, status="listed")
    await close_sale(session, listing, None, None)
    await award_auction(session, {"auction_id": str(listing.auction_id)})
    with pytest.raises(ListingNotOpenToBuyers):
        await declare_intent(session, await make_buyer(session), listing.id, rules_of(listing))


async def test_money_that_comes_after_the_award_is_too_late(session: Session) -> None:
    listing = await make_listing(session, status="listed")
    intent = await make_intent(session, listing, status="qualified")
    deposit_id = intent.deposit_id
    assert deposit_id is not None
    line = await make_line(session, await get_deposit(session, deposit_id))
    await close_sale(session, listing, None, None)
    await award_auction(session, {"auction_id": str(listing.auction_id)})
    finance = await make_caller(session, Role.FINANCE)
    with pytest.raises(TooLate) as refusal:
        await confirm_receipt(session, finance, deposit_id, line)
    assert "退回" in refusal.value.detail("zh")
    assert await get_balance(session, Account(AccountKind.BANK)) == 0


async def test_a_sale_becomes_a_deal_with_its_confirmation(session: Session) -> None:
    seller = await make_seller(session)
    listing = await make_listing(session, status="listed", seller=seller, reserve_price_fen=12_000_000)
    won = await make_intent(session, listing, status="admitted")
    lost = await make_intent(session, listing, status="admitted")
    unpaid = await make_intent(session, listing, status="qualified")
    waiting = await make_intent(session, listing)
    await close_sale(session, listing, won, 12_800_000)
    await award_auction(session, {"auction_id": str(listing.auction_id)})
    for item in (won, lost, unpaid, waiting, listing):
        await session.refresh(item)
    assert [won.status, lost.status, unpaid.status, waiting.status] == ["won", "lost", "lost", "lost"]
    assert listing.status == "sold"
    deal = (await session.execute(select(Deal))).scalar_one()
    assert deal.deal_no.startswith("CJ")
    assert (deal.price_fen, deal.buyer_id, deal.seller_id) == (12_800_000, won.buyer_id, listing.seller_id)
    assert deal.confirmation["price_capital"] == "人民币壹拾贰万捌仟元整"
    assert deal.confirmation["remaining_fen"] == 12_800_000 - bidding_terms(listing).deposit_fen
    assert "12000000" not in str(deal.confirmation)
    assert deal.confirmation_sha256 == fingerprint(deal.confirmation)
    statuses = [
        (await get_deposit(session, intent.deposit_id)).status
        for intent in (won, lost, unpaid)
        if intent.deposit_id is not None
    ]
    assert statuses == ["captured", "released", "cancelled"]
    escrow = Account(AccountKind.PRICE_ESCROW, deal_id=deal.id)
    assert await get_balance(session, escrow) == -bidding_terms(listing).deposit_fen
    await session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    reviewer = await make_caller(session, Role.REVIEWER)
    assert shown_reserve(reviewer, listing) == shown_reserve(seller, listing) == 12_000_000
    assert shown_reserve(await make_buyer(session), listing) is None


async def test_an_award_carried_out_twice_is_carried_out_once(session: Session) -> None:
    deal = await make_deal(session)
    await award_auction(session, {"auction_id": str(deal.auction_id)})
    assert (await session.execute(select(func.count()).select_from(Deal))).scalar_one() == 1


async def test_an_unsold_sale_releases_everybody(session: Session) -> None:
    listing = await make_listing(session, status="listed")
    intent = await make_intent(session, listing, status="admitted")
    await close_sale(session, listing, None, None)
    await award_auction(session, {"auction_id": str(listing.auction_id)})
    await session.refresh(listing)
    await session.refresh(intent)
    assert (listing.status, intent.status) == ("unsold", "lost")
    deposit = await get_deposit(session, intent.deposit_id or uuid7())
    await session.refresh(deposit)
    assert deposit.status == "released"
    assert (await session.execute(select(Deal))).first() is None


async def test_nothing_is_awarded_before_the_close(session: Session) -> None:
    listing = await make_listing(session, status="listed")
    assert (await get_auction(session, listing.auction_id or uuid7())).closed_at is None
    with pytest.raises(AuctionNotClosed):
        await award_auction(session, {"auction_id": str(listing.auction_id)})


async def test_who_sees_intents_and_deals(session: Session) -> None:
    seller, buyer = await make_seller(session), await make_buyer(session)
    deal = await make_deal(session, seller=seller, buyer=buyer)
    intent = (await session.execute(select(Intent))).scalar_one()
    reviewer, stranger = await make_caller(session, Role.REVIEWER), await make_buyer(session)
    assert (await get_intent_view(session, buyer, intent.id)).intent is intent
    assert [view.intent.id for view in await list_intents(session, reviewer)] == [intent.id]
    assert await list_intents(session, stranger) == []
    with pytest.raises(IntentMissing):
        await get_intent_view(session, stranger, intent.id)
    with pytest.raises(NotPermitted):
        await list_intents(session, await make_caller(session, Role.FINANCE))
    for caller in (seller, buyer, reviewer, await make_caller(session, Role.REGISTRAR)):
        assert (await get_deal_view(session, caller, deal.id)).deal is deal
    assert await list_deals(session, reviewer, is_mine=True) == []
    assert await list_deals(session, stranger) == []
    with pytest.raises(DealMissing):
        await get_deal_view(session, stranger, deal.id)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE deal SET price_fen = price_fen + 1",
        "DELETE FROM deal",
        "UPDATE intent SET status = 'lost'",
        "UPDATE intent SET buyer_id = seller_id",
        "DELETE FROM intent",
        "UPDATE listing SET status = 'listed'",
    ],
)
async def test_the_database_keeps_a_deal_as_it_was(session: Session, statement: str) -> None:
    await make_deal(session)
    with pytest.raises(DBAPIError):
        await session.execute(text(statement))


async def test_the_database_refuses_an_intent_with_another_buyers_deposit(session: Session) -> None:
    listing = await make_listing(session, status="listed")
    first = await make_intent(session, listing, status="qualified")
    second = await make_intent(session, listing)
    foreign = await session.get_one(Deposit, first.deposit_id)
    first_id = foreign.id
    with pytest.raises(IntegrityError):
        await session.execute(
            text("UPDATE intent SET status = 'qualified', deposit_id = :deposit WHERE id = :intent"),
            {"deposit": first_id, "intent": second.id},
        )
