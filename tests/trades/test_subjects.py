"""What is put up besides a single patent: packages sold as one lot, and demands put out by reverse bidding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from app.accounts.errors import NotPermitted
from app.accounts.permissions import Role
from app.auction.models import Admission, Auction
from app.catalog.demands import post_demand
from app.catalog.errors_lots import DemandMissing, PackageMissing
from app.catalog.package_rules import Share
from app.catalog.packages import make_package
from app.contracts.drafting import draft_contract
from app.contracts.office import office_of
from app.lists import Asked
from app.payments.errors import DepositStateForbids
from app.payments.models import LedgerEntry
from app.payments.queries import get_deposit
from app.settings import Settings
from app.trades.award import award_auction
from app.trades.checks import review_checks
from app.trades.confirmation import fingerprint
from app.trades.demand_awards import get_award, list_awards, release_security
from app.trades.errors import DealMissing, PatentAlreadyListed, RightsUnknown, TextOutOfRange
from app.trades.errors_method import (
    CeilingExceeded,
    DemandAlreadyListed,
    PriorityNotAnswered,
    PriorityNotOffered,
    PriorityUnclaimed,
    PriorityUndecided,
    SubjectHasNoPatent,
    SubjectUnclear,
)
from app.trades.intents import declare_intent, qualify_intent
from app.trades.listings import create_listing, submit_listing
from app.trades.models import Deal, DemandAward, Intent, Listing
from app.trades.queries import ListingFilter, get_deal_view, get_listing_view, list_listings
from tests.make_accounts import make_caller
from tests.make_trades import (
    close_sale,
    make_buyer,
    make_intent,
    make_listing,
    make_offer,
    make_patent_of,
    make_seller,
    rules_of,
)

if TYPE_CHECKING:
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import Session

CEILING_FEN = 10_000_000
SECURITY_FEN = 1_000_000


async def _package(session: Session, seller: Caller, count: int = 3) -> tuple[UUID, list[UUID]]:
    shares = {2: (6000, 4000), 3: (5000, 3333, 1667)}[count]
    ids = [(await make_patent_of(session, seller.organisation_id)).id for _ in shares]
    table = [Share(patent_id, share) for patent_id, share in zip(ids, shares, strict=True)]
    return await make_package(session, seller, "冷链温控成果包", table), ids


async def _demand(session: Session, owner: Caller) -> UUID:
    return await post_demand(
        session,
        owner,
        title="高寒地区光伏组件防积雪涂层",
        description="零下三十摄氏度时积雪滑落率不低于九成。",
        ceiling_fen=CEILING_FEN,
    )


async def _listed_demand(session: Session, owner: Caller, **over: Any) -> Listing:
    over = {"demand_id": await _demand(session, owner), "patent_id": None, **over}
    return await make_listing(session, status="listed", seller=owner, **over)


async def test_exactly_one_thing_is_put_up(session: Session) -> None:
    seller = await make_seller(session)
    patent = await make_patent_of(session, seller.organisation_id)
    package_id, _ = await _package(session, seller)
    offer = await make_offer(session, patent.id, package_id=package_id)
    for wrong in (offer, await make_offer(session, None)):
        with pytest.raises(SubjectUnclear):
            await create_listing(session, seller, wrong)
    stranger = await make_seller(session)
    demand_id = await _demand(session, seller)
    missing: list[tuple[dict[str, Any], type[Exception]]] = [
        ({"package_id": package_id}, PackageMissing),
        ({"demand_id": demand_id}, DemandMissing),
    ]
    for over, refusal in missing:
        with pytest.raises(refusal):
            await create_listing(session, stranger, await make_offer(session, None, **over))


async def test_a_package_is_checked_and_sold_as_one_lot_with_its_allocation_to_the_last_fen(
    session: Session,
) -> None:
    seller, buyer = await make_seller(session), await make_buyer(session)
    package_id, ids = await _package(session, seller)
    listing = await make_listing(
        session, status="listed", seller=seller, patent_id=None, package_id=package_id
    )
    assert (listing.patent_id, listing.package_id, listing.direction) == (ids[0], package_id, "forward")
    reviewer = await make_caller(session, Role.REVIEWER)
    keys = [check.key for check in await review_checks(session, reviewer, listing.id)]
    assert len(keys) == len(set(keys))
    assert {"term", "term_2", "term_3", "title_3"} <= set(keys)
    intent = await make_intent(session, listing, status="admitted", buyer=buyer)
    await close_sale(session, listing, intent, 10_000_001)
    await award_auction(session, {"auction_id": str(listing.auction_id)})
    deal = (await session.execute(select(Deal))).scalar_one()
    items = deal.confirmation["package"]["items"]
    assert [item["share_bp"] for item in items] == [5000, 3333, 1667]
    assert sum(item["amount_fen"] for item in items) == 10_000_001
    view = await get_deal_view(session, seller, deal.id)
    assert view.package is not None
    with pytest.raises(SubjectHasNoPatent, match=listing.listing_no):
        await draft_contract(session, seller, deal.id, office_of(Settings()))


async def test_a_patent_is_for_sale_once_alone_or_in_packages(session: Session) -> None:
    seller = await make_seller(session)
    package_id, ids = await _package(session, seller)
    await make_listing(session, seller=seller, patent_id=None, package_id=package_id)
    with pytest.raises(PatentAlreadyListed):
        await make_listing(session, seller=seller, patent_id=ids[2])
    other = await make_package(session, seller, "另一个包", [Share(ids[1], 5000), Share(ids[2], 5000)])
    with pytest.raises(PatentAlreadyListed):
        await make_listing(session, seller=seller, patent_id=None, package_id=other)


async def test_a_demand_is_put_out_by_reverse_bidding_below_its_ceiling(session: Session) -> None:
    owner = await make_seller(session)
    listing = await _listed_demand(session, owner)
    assert (listing.direction, listing.rights, listing.patent_id) == ("reverse", "development", None)
    auction = await session.get_one(Auction, listing.auction_id)
    assert auction.direction == auction.terms["direction"] == "reverse"
    view = await get_listing_view(session, None, listing.id)
    assert view.patent is None
    assert view.demand is not None
    found = await list_listings(session, None, ListingFilter(), Asked(words="积雪涂层"))
    assert [one.listing.id for one in found] == [listing.id]
    reviewer = await make_caller(session, Role.REVIEWER)
    keys = {check.key for check in await review_checks(session, reviewer, listing.id)}
    assert "demand" in keys
    assert not keys & {"term", "priority"}
    with pytest.raises(DemandAlreadyListed):
        await make_listing(session, seller=owner, patent_id=None, demand_id=listing.demand_id)


async def test_a_demand_is_not_put_out_above_its_ceiling(session: Session) -> None:
    owner = await make_seller(session)
    demand_id = await _demand(session, owner)
    dear = await make_offer(session, None, demand_id=demand_id, start_price_fen=CEILING_FEN + 100_000)
    with pytest.raises(CeilingExceeded):
        await create_listing(session, owner, dear)
    patent = await make_patent_of(session, owner.organisation_id)
    with pytest.raises(RightsUnknown):
        await create_listing(session, owner, await make_offer(session, patent.id, rights="development"))


async def _awarded(session: Session, owner: Caller, provider: Caller) -> DemandAward:
    listing = await _listed_demand(session, owner)
    won = await make_intent(session, listing, status="admitted", buyer=provider)
    await make_intent(session, listing, status="admitted")
    await close_sale(session, listing, won, 8_000_000)
    await award_auction(session, {"auction_id": str(listing.auction_id)})
    await award_auction(session, {"auction_id": str(listing.auction_id)})
    return (await session.execute(select(DemandAward))).scalar_one()


async def test_whoever_put_a_demand_out_pays_and_the_winners_deposit_stays_as_security(
    session: Session,
) -> None:
    owner, provider = await make_seller(session), await make_buyer(session)
    award = await _awarded(session, owner, provider)
    assert (award.owner_id, award.provider_id) == (owner.organisation_id, provider.organisation_id)
    assert award.award_no.startswith("ZX")
    document = award.confirmation
    assert (document["payer"]["id"], document["provider"]["id"]) == (
        str(award.owner_id),
        str(award.provider_id),
    )
    assert document["deposit_is"] == "performance_security"
    assert "remaining_fen" not in document
    assert award.confirmation_sha256 == fingerprint(document)
    assert (await session.execute(select(func.count()).select_from(Deal))).scalar_one() == 0
    statuses = (await session.execute(select(Intent.status).order_by(Intent.id))).scalars().all()
    assert statuses == ["won", "lost"]
    assert (await get_deposit(session, award.deposit_id)).status == "held"
    (listing,) = (await session.execute(select(Listing))).scalars()
    assert listing.status == "sold"


async def test_the_security_is_released_by_finance_once_with_a_reason(session: Session) -> None:
    owner, provider = await make_seller(session), await make_buyer(session)
    award = await _awarded(session, owner, provider)
    finance = await make_caller(session, Role.FINANCE)
    for caller in (owner, provider, await make_caller(session, Role.HOST)):
        with pytest.raises(NotPermitted):
            await release_security(session, caller, award.id, "双方已签订合同。")
    with pytest.raises(TextOutOfRange):
        await release_security(session, finance, award.id, "好")
    await release_security(session, finance, award.id, "双方已签订合同。")
    deposit = await get_deposit(session, award.deposit_id)
    await session.refresh(deposit)
    assert deposit.status == "released"
    with pytest.raises(DepositStateForbids):
        await release_security(session, finance, award.id, "双方已签订合同。")
    await session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    assert (await session.execute(select(func.sum(LedgerEntry.amount_fen)))).scalar_one() == 0


async def test_an_award_is_for_its_two_sides_and_the_desks_and_never_changes(session: Session) -> None:
    owner, provider = await make_seller(session), await make_buyer(session)
    award = await _awarded(session, owner, provider)
    for caller in (owner, provider, await make_caller(session, Role.REGISTRAR)):
        assert (await get_award(session, caller, award.id)).award is award
        assert len(await list_awards(session, caller)) == 1
    stranger = await make_buyer(session)
    assert await list_awards(session, stranger) == []
    with pytest.raises(DealMissing):
        await get_award(session, stranger, award.id)
    with pytest.raises(DBAPIError, match="append-only"):
        await session.execute(text("UPDATE demand_award SET price_fen = price_fen + 1"))


async def test_a_void_sale_terminates_its_listing_and_releases_everybody(session: Session) -> None:
    listing = await make_listing(session, status="listed")
    intent = await make_intent(session, listing, status="admitted")
    await close_sale(session, listing, None, None, "void")
    await award_auction(session, {"auction_id": str(listing.auction_id)})
    await session.refresh(listing)
    await session.refresh(intent)
    assert (listing.status, intent.status) == ("terminated", "lost")
    assert intent.deposit_id is not None
    deposit = await get_deposit(session, intent.deposit_id)
    await session.refresh(deposit)
    assert deposit.status == "released"
    again = await make_listing(
        session,
        patent_id=listing.patent_id,
        seller=await make_caller(
            session, Role.SELLER, organisation=(await get_listing_view(session, None, listing.id)).seller
        ),
    )
    assert again.status == "draft"


async def test_the_statutory_priority_is_answered_before_a_listing_is_submitted(session: Session) -> None:
    seller = await make_seller(session)
    listing = await make_listing(session, seller=seller, priority_declared=False)
    with pytest.raises(PriorityNotAnswered, match="847"):
        await submit_listing(session, seller, listing.id)


async def test_a_claimed_priority_is_decided_by_the_desk_and_admitted_with_the_bidder(
    session: Session,
) -> None:
    held: dict[str, Any] = {"priority": "in_field", "priority_holders": ["发明人甲"]}
    listing = await make_listing(session, status="listed", **held)
    reviewer = await make_caller(session, Role.REVIEWER)
    buyer = await make_buyer(session)
    claimed = await declare_intent(session, buyer, listing.id, rules_of(listing), claims_priority=True)
    with pytest.raises(PriorityUndecided, match="发明人甲"):
        await qualify_intent(session, reviewer, claimed, "qualify")
    plain = await make_intent(session, listing)
    with pytest.raises(PriorityUnclaimed):
        await qualify_intent(session, reviewer, plain.id, "qualify", has_priority=True)
    holder = await make_intent(session, listing, status="admitted", has_priority=True)
    other = await make_intent(session, listing, status="admitted")
    query = select(Admission.party_id, Admission.has_priority)
    admitted = {row.party_id: row.has_priority for row in await session.execute(query)}
    assert admitted == {holder.buyer_id: True, other.buyer_id: False}


async def test_a_priority_that_nobody_announced_cannot_be_claimed(session: Session) -> None:
    listing = await make_listing(session, status="listed")
    with pytest.raises(PriorityNotOffered):
        await declare_intent(
            session, await make_buyer(session), listing.id, rules_of(listing), claims_priority=True
        )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE listing SET format = 'vickrey'",
        "UPDATE listing SET options = '{\"automatic\": true}'",
        "UPDATE listing SET min_bidders = 2",
        "UPDATE listing SET priority_declared = false",
        "UPDATE intent SET claims_priority = true",
        "UPDATE intent SET has_priority = true, claims_priority = true",
    ],
)
async def test_the_database_keeps_how_a_listing_is_sold(session: Session, statement: str) -> None:
    listing = await make_listing(session, status="listed")
    await make_intent(session, listing, status="admitted")
    with pytest.raises(DBAPIError):
        await session.execute(text(statement))
