"""Makers of settlements by other plans than one payment: announced with the listing, or for a negotiated price."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from app.accounts.permissions import Role
from app.clock import market_now
from app.contracts.drafting import draft_contract
from app.contracts.signing import sign_contract
from app.settlement.announcing import announce_plan
from app.settlement.opening import open_settlement
from app.settlement.plan_rules import RoyaltyBase, RoyaltyTerms
from app.settlement.rules import PlanKind
from app.trades.award import award_auction
from app.trades.dealing import conclude
from app.trades.dealing import make_deal as write_deal
from app.trades.listings import submit_listing
from app.trades.models import Deal
from app.trades.publication import publish_listing
from app.trades.reviewing import review_listing
from tests.make_accounts import make_caller
from tests.make_contracts import OFFICE, Agreed
from tests.make_settlements import Settling
from tests.make_trades import close_sale, make_buyer, make_intent, make_listing, make_negotiated, make_seller

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.accounts.caller import Caller
    from app.db import Session
    from app.settlement.plan_rules import Part

PRICE_FEN = 12_800_000
ROYALTY = RoyaltyTerms(
    RoyaltyBase.SALES, rate_bp=300, period_months=6, periods=3, lead_months=0, report_days=30, pay_days=10
)


async def make_announced(
    session: Session,
    /,
    kind: PlanKind,
    *,
    parts: Sequence[Part] = (),
    royalty: RoyaltyTerms | None = None,
    **over: Any,
) -> Settling:
    """A deal by auction whose listing announced a plan, with its contract in force; ``over`` goes to the offer."""
    seller, buyer = await make_seller(session), await make_buyer(session)
    listing = await make_listing(session, seller=seller, **over)
    await announce_plan(session, seller, listing.id, kind, parts, royalty)
    await submit_listing(session, seller, listing.id)
    reviewer = await make_caller(session, Role.REVIEWER)
    await review_listing(session, reviewer, listing.id, "accept")
    await publish_listing(session, reviewer, listing.id)
    await session.refresh(listing)
    intent = await make_intent(session, listing, status="admitted", buyer=buyer)
    await close_sale(session, listing, intent, PRICE_FEN)
    await award_auction(session, {"auction_id": str(listing.auction_id)})
    deal = (await session.scalars(select(Deal).where(Deal.listing_id == listing.id))).one()
    return await _contracted(session, seller, buyer, deal)


async def make_agreed_price(
    session: Session,
    /,
    price_fen: int = PRICE_FEN,
    *,
    seller: Caller | None = None,
    buyer: Caller | None = None,
    **over: Any,
) -> Settling:
    """A deal at a negotiated price, without a deposit, with its contract in force; ``over`` goes to the offer."""
    seller, buyer = seller or await make_seller(session), buyer or await make_buyer(session)
    listing = await make_negotiated(session, seller=seller, **over)
    closed_at = await market_now(session)
    made = await conclude(session, listing, buyer.organisation_id, price_fen, closed_at=closed_at)
    return await _contracted(session, seller, buyer, await write_deal(session, made))


async def _contracted(session: Session, seller: Caller, buyer: Caller, deal: Deal) -> Settling:
    contract = await draft_contract(session, seller, deal.id, OFFICE)
    for side in (seller, buyer):
        await sign_contract(session, side, contract.id, contract.document_sha256)
    finance = [await make_caller(session, Role.FINANCE) for _ in range(2)]
    return Settling(Agreed(contract, seller, buyer), deal.id, finance[0], finance[1])


async def make_royalties(
    session: Session,
    /,
    kind: PlanKind = PlanKind.ENTRY_FEE,
    royalty: RoyaltyTerms = ROYALTY,
    **over: Any,
) -> Settling:
    """A settlement with royalties that began as its listing announced."""
    made = await make_announced(session, kind, royalty=royalty, **over)
    made.settlement_id = await open_settlement(session, made.agreed.buyer, made.deal_id, kind)
    return made
