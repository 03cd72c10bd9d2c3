"""Intents with all that belongs to them: who may not buy, what is declared, partners, documents, suspicion, withdrawal."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError

from app.accounts.models import Organisation
from app.accounts.permissions import Role
from app.brokers.mandates import NewMandate, offer_mandate, sign_mandate
from app.clock import market_now
from app.payments.queries import get_deposit
from app.trades.admission import confirm_receipt
from app.trades.award import award_auction
from app.trades.consortium import answer_consortium
from app.trades.declaring_rules import Declaration, Partner, Relation, check_declaration
from app.trades.errors import IntentExists, IntentMissing
from app.trades.errors_intents import (
    ConsentGiven,
    ConsentMissing,
    DocumentsClosed,
    IntentDocumentMissing,
    IntentDocumentUnfit,
    MemberTwice,
    PartnersMissing,
    PartnersUnfit,
    PartnerUnknown,
    PartyRestricted,
    RelatedToExchange,
    RelationUnsaid,
    RestrictionByAnother,
    SellersAgentMayNotBuy,
    SuspicionDecided,
    SuspicionHolds,
    WithdrawalTooLate,
)
from app.trades.intent_documents import (
    MOST_BYTES,
    lay_intent_document,
    list_intent_documents,
    see_intent_document,
)
from app.trades.intent_models import IntentDocumentView, IntentMember
from app.trades.intents import declare_intent, qualify_intent
from app.trades.models import Deal, Intent
from app.trades.queries import get_intent, get_intent_view, list_intents
from app.trades.restrictions import (
    NewRestriction,
    decide_restriction,
    propose_lifting,
    propose_restriction,
)
from app.trades.suspicions import decide_suspicion, list_suspicions_of, raise_suspicion
from app.trades.withdrawing import withdraw_intent
from tests.make_accounts import make_caller, make_credit_code
from tests.make_payments import make_line
from tests.make_trades import close_sale, make_buyer, make_intent, make_listing, make_seller, rules_of
from tests.payments.test_deposits import ledger_is_sound

if TYPE_CHECKING:
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import Session
    from app.trades.models import Listing
    from tests.conftest import SetNow

PDF = b"%PDF-1.7 invented"


async def uscc_of(session: Session, caller: Caller) -> str:
    found = await session.get_one(Organisation, caller.organisation_id)
    assert found.uscc is not None
    return found.uscc


async def declare(session: Session, listing: Listing, buyer: Caller, **said: Any) -> UUID:
    return await declare_intent(session, buyer, listing.id, rules_of(listing), said=Declaration(**said))


async def together(session: Session, listing: Listing, lead: Caller, *partners: Caller) -> UUID:
    shares = 10_000 // (len(partners) + 1)
    named = tuple([Partner(await uscc_of(session, partner), shares) for partner in partners])
    own = 10_000 - shares * len(partners)
    return await declare(session, listing, lead, lead_share_bp=own, partners=named)


async def test_the_sellers_broker_may_not_buy_what_it_sells(session: Session) -> None:
    """拍卖法 30."""
    seller, broker = await make_seller(session), await make_buyer(session)
    listing = await make_listing(session, status="listed", seller=seller)
    today = (await market_now(session)).date()
    new = NewMandate(broker.organisation_id, listing.id, 300, today, today + timedelta(days=400))
    await sign_mandate(session, broker, await offer_mandate(session, seller, new))
    with pytest.raises(SellersAgentMayNotBuy):
        await declare(session, listing, broker)
    with pytest.raises(SellersAgentMayNotBuy):
        await together(session, listing, await make_buyer(session), broker)


async def test_a_restricted_party_may_not_buy_until_two_people_lifted_it(session: Session) -> None:
    one, other = await make_caller(session, Role.REVIEWER), await make_caller(session, Role.SUPERVISOR)
    listing, buyer = await make_listing(session, status="listed"), await make_buyer(session)
    today = (await market_now(session)).date()
    new = NewRestriction(
        buyer.organisation_id, "dishonest", "示例法院失信决定书第一号", today - timedelta(days=2), None
    )
    restriction_id = await propose_restriction(session, one, new)
    with pytest.raises(RestrictionByAnother):
        await decide_restriction(session, one, restriction_id, confirms=True)
    await decide_restriction(session, other, restriction_id, confirms=True)
    with pytest.raises(PartyRestricted):
        await declare(session, listing, buyer)
    with pytest.raises(PartyRestricted):
        await together(session, listing, await make_buyer(session), buyer)
    await propose_lifting(session, other, restriction_id, "履行完毕，已移出名单。")
    with pytest.raises(PartyRestricted):
        await declare(session, listing, buyer)
    await decide_restriction(session, one, restriction_id, confirms=True)
    await declare(session, listing, buyer)


def test_what_is_declared_is_said_in_words_and_makes_the_whole() -> None:
    related = Relation(is_related=True, words="法定代表人为发明人之配偶")
    check_declaration(Declaration(relations={"inventor": related}))
    for unfit, error in (
        (Declaration(relations={"seller": Relation(is_related=True)}), RelationUnsaid),
        (Declaration(relations={"exchange": related}), RelatedToExchange),
        (Declaration(lead_share_bp=9_999), PartnersUnfit),
        (Declaration(lead_share_bp=5_000, partners=(Partner("A", 5_001),)), PartnersUnfit),
        (Declaration(lead_share_bp=0, partners=(Partner("A", 10_000),)), PartnersUnfit),
        (
            Declaration(lead_share_bp=5_000, partners=(Partner("A", 2_500), Partner("A", 2_500))),
            PartnersUnfit,
        ),
    ):
        with pytest.raises(error):
            check_declaration(unfit)


async def test_a_consortium_is_qualified_only_by_every_partners_own_consent(session: Session) -> None:
    """招标投标法 31."""
    listing, lead, partner = (
        await make_listing(session, status="listed"),
        await make_buyer(session),
        await make_buyer(session),
    )
    intent_id = await together(session, listing, lead, partner)
    reviewer = await make_caller(session, Role.REVIEWER)
    with pytest.raises(PartnersMissing):
        await qualify_intent(session, reviewer, intent_id, "qualify")
    for stranger in (lead, await make_buyer(session)):
        with pytest.raises(ConsentMissing):
            await answer_consortium(session, stranger, intent_id, consents=True)
    assert (await get_intent_view(session, partner, intent_id)).intent.id == intent_id
    assert len(await list_intents(session, partner)) == 1
    await answer_consortium(session, partner, intent_id, consents=True)
    with pytest.raises(ConsentGiven):
        await answer_consortium(session, partner, intent_id, consents=False)
    await qualify_intent(session, reviewer, intent_id, "qualify")
    await session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))


async def test_nobody_takes_part_in_a_listing_twice(session: Session) -> None:
    listing = await make_listing(session, status="listed")
    lead, partner, third = [await make_buyer(session) for _ in range(3)]
    intent_id = await together(session, listing, lead, partner)
    with pytest.raises(MemberTwice):
        await declare(session, listing, partner)
    with pytest.raises(MemberTwice):
        await together(session, listing, third, partner)
    with pytest.raises(PartnerUnknown):
        await declare(
            session, listing, third, lead_share_bp=5_000, partners=(Partner(make_credit_code(), 5_000),)
        )
    values = {
        "intent_id": intent_id,
        "listing_id": listing.id,
        "organisation_id": partner.organisation_id,
        "share_bp": 1,
    }
    alone = await declare(session, listing, third)

    async def write() -> None:
        async with session.begin_nested():
            await session.execute(insert(IntentMember).values({**values, "intent_id": alone}))

    with pytest.raises(DBAPIError, match="uq_intent_member_listing"):
        await write()
    await withdraw_intent(session, lead, intent_id)
    await declare(session, listing, partner)


async def test_confirmation_and_deal_name_all_of_a_consortium(session: Session) -> None:
    listing = await make_listing(session, status="listed")
    lead, partner = await make_buyer(session), await make_buyer(session)
    intent_id = await together(session, listing, lead, partner)
    await answer_consortium(session, partner, intent_id, consents=True)
    await qualify_intent(session, await make_caller(session, Role.REVIEWER), intent_id, "qualify")
    intent = await get_intent(session, intent_id)
    assert intent.deposit_id is not None
    line = await make_line(session, await get_deposit(session, intent.deposit_id))
    await confirm_receipt(session, await make_caller(session, Role.FINANCE), intent.deposit_id, line)
    await close_sale(session, listing, await get_intent(session, intent_id), 12_800_000)
    await award_auction(session, {"auction_id": str(listing.auction_id)})
    deal = (await session.execute(select(Deal))).scalar_one()
    named = [(one["name"], one["share_bp"], one["is_lead"]) for one in deal.confirmation["consortium"]]
    assert named == [(lead.organisation_name, 5_000, True), (partner.organisation_name, 5_000, False)]


async def test_documents_are_read_by_the_buyers_side_and_the_desk_and_every_view_is_kept(
    session: Session,
) -> None:
    seller, buyer, rival = await make_seller(session), await make_buyer(session), await make_buyer(session)
    listing = await make_listing(session, status="listed", seller=seller)
    intent_id = await declare(session, listing, buyer)
    await declare(session, listing, rival)
    document_id = await lay_intent_document(session, buyer, intent_id, "funds", "存款证明.pdf", PDF)
    for unfit in (b"", b"MZ not a document", b"%PDF-" + b"x" * MOST_BYTES):
        with pytest.raises(IntentDocumentUnfit):
            await lay_intent_document(session, buyer, intent_id, "other", "文件.pdf", unfit)
    reviewer = await make_caller(session, Role.REVIEWER)
    assert (await see_intent_document(session, reviewer, document_id)).content == PDF
    for stranger in (rival, seller, await make_caller(session, Role.HOST)):
        with pytest.raises((IntentDocumentMissing, IntentMissing)):
            await see_intent_document(session, stranger, document_id)
        with pytest.raises(IntentMissing):
            await list_intent_documents(session, stranger, intent_id)
    (laid,) = await list_intent_documents(session, buyer, intent_id)
    assert laid.views == 1
    seen = (await session.execute(select(IntentDocumentView))).scalar_one()
    assert seen.person_id == reviewer.person_id
    await qualify_intent(session, reviewer, intent_id, "qualify")
    with pytest.raises(DocumentsClosed):
        await lay_intent_document(session, buyer, intent_id, "other", "补件.pdf", PDF)


async def test_the_same_owner_behind_two_intents_holds_both_until_the_desk_has_decided(
    session: Session,
) -> None:
    listing = await make_listing(session, status="listed")
    first = await declare(
        session, listing, await make_buyer(session), beneficial_owners=("甲 某某", "乙某某")
    )
    second = await declare(session, listing, await make_buyer(session), beneficial_owners=("甲某某",))
    reviewer = await make_caller(session, Role.REVIEWER)
    for held in (first, second):
        with pytest.raises(SuspicionHolds):
            await qualify_intent(session, reviewer, held, "qualify")
    (suspicion,) = await list_suspicions_of(session, first)
    assert suspicion.ground == "same_owner"
    await decide_suspicion(session, reviewer, suspicion.id, clears=True, reason="同名不同人，已核对证件。")
    with pytest.raises(SuspicionDecided):
        await decide_suspicion(
            session, reviewer, suspicion.id, clears=False, reason="同名不同人，已核对证件。"
        )
    for free in (first, second):
        await qualify_intent(session, reviewer, free, "qualify")


async def test_what_is_upheld_keeps_both_out_and_the_database_holds_it_too(session: Session) -> None:
    """招标投标法实施条例 40(六)."""
    listing = await make_listing(session, status="listed")
    one = await make_intent(session, listing, status="qualified")
    other = await make_intent(session, listing, status="qualified")
    await raise_suspicion(session, one, other, "same_account", "尾号 0001")
    await raise_suspicion(session, other, one, "same_account", "尾号 0001")
    (suspicion,) = await list_suspicions_of(session, other.id)
    reviewer, finance = await make_caller(session, Role.REVIEWER), await make_caller(session, Role.FINANCE)
    await decide_suspicion(session, reviewer, suspicion.id, clears=False, reason="同一账户缴纳，认定串通。")
    assert one.deposit_id is not None
    line = await make_line(session, await get_deposit(session, one.deposit_id))
    with pytest.raises(SuspicionHolds):
        await confirm_receipt(session, finance, one.deposit_id, line)
    with pytest.raises(DBAPIError, match="suspected"):
        await session.execute(
            text("UPDATE intent SET status = 'admitted', bidder_code = 'E05' WHERE id = :id"), {"id": one.id}
        )


async def test_an_intent_is_withdrawn_in_time_and_its_deposit_goes_back(
    session: Session, now_is: SetNow
) -> None:
    """招标投标法实施条例 35."""
    listing = await make_listing(session, status="listed")
    buyers = [await make_buyer(session) for _ in range(4)]
    states = ("submitted", "qualified", "admitted", "qualified")
    made = [
        await make_intent(session, listing, status=status, buyer=buyer)
        for buyer, status in zip(buyers, states, strict=True)
    ]
    with pytest.raises(IntentMissing):
        await withdraw_intent(session, buyers[1], made[0].id)
    for buyer, intent in list(zip(buyers, made, strict=True))[:3]:
        await withdraw_intent(session, buyer, intent.id)
    wanted = ("cancelled", "released")
    for intent, status in zip(made[1:3], wanted, strict=True):
        assert intent.deposit_id is not None
        deposit = await get_deposit(session, intent.deposit_id)
        await session.refresh(deposit)
        assert deposit.status == status
    await make_intent(session, listing, buyer=buyers[0])
    with pytest.raises(IntentExists):
        await make_intent(session, listing, buyer=buyers[2])
    await ledger_is_sound(session)
    assert listing.opens_at is not None
    await now_is(session, listing.opens_at)
    with pytest.raises(WithdrawalTooLate):
        await withdraw_intent(session, buyers[3], made[3].id)


async def test_what_was_declared_never_changes(session: Session) -> None:
    intent = await make_intent(session, await make_listing(session, status="listed"))
    for change in (
        "UPDATE intent SET relations = '{\"seller\": {}}'",
        "UPDATE intent_member SET share_bp = 1",
        "DELETE FROM intent_member",
    ):

        async def write(statement: str = change) -> None:
            async with session.begin_nested():
                await session.execute(text(statement))

        with pytest.raises(DBAPIError):
            await write()
    assert (await session.get_one(Intent, intent.id)).relations == {}
