"""Open licences to the end: the declared figure is the plan, and the licensee is registered when the fee has come."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from app.accounts.models import Organisation
from app.accounts.permissions import Role
from app.clock import market_date, market_now
from app.contracts.drafting import draft_contract
from app.contracts.signing import sign_contract
from app.settlement.announcing import find_announced
from app.settlement.errors_plans import LicenceTooShort, PlanWasAgreed, PlanWasAnnounced
from app.settlement.open_fees import declare_with_fee, royalty_terms
from app.settlement.opening import open_settlement
from app.settlement.plan_models import RoyaltyPlan
from app.settlement.queries import get_settlement, list_terms
from app.settlement.registering import register_licensee
from app.settlement.rules import PlanKind, Term
from app.trades.licence_sales import find_open_licence, take_licence, terms_sha256
from app.trades.licences import list_licences
from app.trades.negotiating import Instalment
from tests.make_accounts import make_caller
from tests.make_contracts import OFFICE
from tests.make_licences import (
    DECLARATION,
    WITH_ROYALTY,
    agree,
    deal_in,
    make_negotiable_licence,
    make_open,
    make_ordinary,
)
from tests.make_settlements import pay_price
from tests.make_trades import make_buyer, make_seller
from tests.payments.test_deposits import ledger_is_sound

if TYPE_CHECKING:
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import Session
    from app.trades.models import Listing

RULE: dict[str, Any] = {"base": "sales", "period_months": 12, "report_days": 60, "pay_days": 30}


def test_a_royalty_has_the_whole_periods_of_its_licence() -> None:
    assert royalty_terms(200, date(2026, 1, 1), date(2035, 12, 31), RULE).periods == 10
    assert royalty_terms(200, date(2026, 3, 15), date(2028, 3, 13), RULE).periods == 1
    assert royalty_terms(200, date(2026, 3, 15), date(2028, 3, 14), RULE).periods == 2
    with pytest.raises(LicenceTooShort):
        royalty_terms(200, date(2026, 1, 1), date(2026, 11, 30), RULE)


async def taken(session: Session, listing: Listing, buyer: Caller) -> UUID:
    terms = terms_sha256(listing, await find_open_licence(session, listing.id))
    deal_id = await take_licence(session, buyer, listing.id, terms)
    contract = await draft_contract(session, buyer, deal_id, OFFICE)
    await sign_contract(session, buyer, contract.id, contract.document_sha256)
    return deal_id


async def test_the_declared_royalty_is_the_plan_of_whoever_takes_it(session: Session) -> None:
    seller, buyer = await make_seller(session), await make_buyer(session)
    listing = await make_open(session, seller=seller, said=WITH_ROYALTY)
    announced = await find_announced(session, listing.id)
    assert announced is not None
    assert "按产品销售额的 2.00% 提成" in announced.words_zh
    deal_id = await taken(session, listing, buyer)
    with pytest.raises(PlanWasAnnounced):
        await open_settlement(session, buyer, deal_id, PlanKind.ONE_OFF)
    made = await open_settlement(session, buyer, deal_id, PlanKind.ENTRY_FEE)
    plan = await session.get_one(RoyaltyPlan, made)
    assert (plan.rate_bp, plan.period_months, plan.periods) == (200, 12, 10)
    # The entry fee is due first: who has signed is not registered before it has come.
    payload = {"deal_id": str(deal_id)}
    await register_licensee(session, payload)
    await pay_price(session, deal_id, listing.start_price_fen - 1)
    await register_licensee(session, payload)
    assert list(await list_licences(session, seller)) == []
    await pay_price(session, deal_id, 1)
    for _ in range(2):
        await register_licensee(session, payload)
    (entry,) = await list_licences(session, seller)
    assert (entry.kind, entry.deal_id, entry.recorded_by) == ("ordinary", deal_id, seller.person_id)
    await ledger_is_sound(session)


async def test_declared_anew_without_a_royalty_the_plan_is_gone(session: Session) -> None:
    seller = await make_seller(session)
    listing = await make_ordinary(session, seller=seller, status="draft")
    await declare_with_fee(session, seller, listing.id, WITH_ROYALTY)
    await declare_with_fee(session, seller, listing.id, DECLARATION)
    assert await find_announced(session, listing.id) is None


async def test_what_was_agreed_in_a_room_is_the_plan_and_holds_at_once(session: Session) -> None:
    seller = await make_seller(session)
    listing = await make_negotiable_licence(session, seller=seller)
    plan = [Instalment(3_333, 10), Instalment(6_667, 400)]
    deal = await deal_in(
        session, seller, await agree(session, seller, listing, instalments=plan, price_fen=9_000_001)
    )
    buyer = await make_caller_of(session, deal.buyer_id)
    contract = await draft_contract(session, seller, deal.id, OFFICE)
    for side in (seller, buyer):
        await sign_contract(session, side, contract.id, contract.document_sha256)
    today = market_date(await market_now(session))
    for kind, terms in ((PlanKind.ONE_OFF, ()), (PlanKind.INSTALMENTS, (Term(9_000_001, today),))):
        with pytest.raises(PlanWasAgreed):
            await open_settlement(session, seller, deal.id, kind, terms)
    made = await open_settlement(session, seller, deal.id, PlanKind.INSTALMENTS)
    view = await get_settlement(session, seller, made)
    assert (view.settlement.status, view.settlement.kind) == ("contracted", "instalments")
    parts = await list_terms(session, made)
    assert sum(part.amount_fen for part in parts) == 9_000_001
    assert [(part.due_on - today).days for part in parts] == [10, 400]
    await ledger_is_sound(session)


async def make_caller_of(session: Session, organisation_id: UUID) -> Caller:
    """Somebody of an organisation with all that a side of a deal may do."""
    organisation = await session.get_one(Organisation, organisation_id)
    return await make_caller(session, Role.BIDDER, Role.SIGNATORY, organisation=organisation)
