"""Licences that are sold: what an offer of one says, who may have it, what stands in its way, and who comes first."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, insert, select
from sqlalchemy.exc import DBAPIError

from app.accounts.errors import NotPermitted
from app.accounts.permissions import Role
from app.catalog.package_rules import Share
from app.catalog.packages import make_package
from app.clock import market_now
from app.errors import MarketError
from app.trades import licence_register, licences
from app.trades.agreement import confirm_agreement
from app.trades.checks import compute_checks
from app.trades.errors import (
    ChecksFailed,
    ExchangeMayNotBuy,
    ListingMissing,
    ListingNotOpenToBuyers,
    PatentAlreadyListed,
    SellerMayNotBuy,
)
from app.trades.errors_licences import (
    EarlierLicenceInTheWay,
    FieldOfUseTooLong,
    LicenceAlreadyTaken,
    LicenceBeyondOffer,
    LicenceBeyondPatent,
    LicenceEndsBeforeSale,
    LicenceOfSinglePatent,
    LicenceOverlaps,
    LicencePeriodWrong,
    LicenceSaleOver,
    LicenceTermsChanged,
    LicenceTermsMissing,
    LicenceTermsNotWanted,
    NotSoldToMany,
    PatentLicenceOffered,
    TerritoryUnknown,
)
from app.trades.errors_ways import OrdinaryLicenceNotBidFor
from app.trades.licence_models import DealLicence
from app.trades.licence_rules import (
    Grant,
    add_months,
    check_licence_terms,
    check_negotiated,
    sold_grant,
)
from app.trades.licence_sales import take_licence, terms_sha256
from app.trades.licences import NewLicence, record_licence
from app.trades.listings import create_listing, offer_of, submit_listing
from app.trades.models import Deal, Listing
from app.trades.notice_end import end_notice
from app.trades.publication import publish_listing
from app.trades.queries import get_deal_view
from app.trades.reviewing import review_listing
from tests.make_accounts import make_caller
from tests.make_licences import LICENCE, agree, deal_in, make_negotiable_licence, make_ordinary, take
from tests.make_trades import (
    make_buyer,
    make_deal,
    make_listing,
    make_offer,
    make_patent_of,
    make_seller,
)
from tests.races import meeting
from tests.races.meeting import Meeting
from tests.trades.test_trades_races import both, refusals

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import AnySession, Database, Session
    from tests.conftest import SetNow

WHOLE = Grant("ordinary", "CN", "", date(2026, 1, 1), date(2035, 12, 31))


@pytest.mark.parametrize(
    ("over", "error"),
    [
        ({"territory": None}, LicenceTermsMissing),
        ({"sublicence": None}, LicenceTermsMissing),
        ({"territory": "China"}, TerritoryUnknown),
        ({"field_of_use": "领" * 101}, FieldOfUseTooLong),
        ({"licence_to": date(2025, 12, 31)}, LicencePeriodWrong),
        ({"licence_to": date(2040, 3, 2)}, LicenceBeyondPatent),
        ({"rights": "assignment"}, LicenceTermsNotWanted),
    ],
)
async def test_an_offer_of_a_licence_says_for_what(
    session: Session, over: dict[str, Any], error: type[MarketError]
) -> None:
    with pytest.raises(error):
        await make_negotiable_licence(session, status="draft", **over)


async def test_a_licence_outlives_its_listing_and_is_not_bid_for_when_ordinary(session: Session) -> None:
    today = (await market_now(session)).date()
    with pytest.raises(LicenceEndsBeforeSale):
        await make_ordinary(session, licence_from=today, licence_to=today)
    with pytest.raises(OrdinaryLicenceNotBidFor):
        await make_listing(session, rights="ordinary", **LICENCE)
    offer = offer_of(await make_listing(session))
    check_licence_terms(offer)


async def test_a_package_is_sold_and_not_licensed(session: Session) -> None:
    seller = await make_seller(session)
    patents = [await make_patent_of(session, seller.organisation_id) for _ in range(2)]
    package_id = await make_package(
        session, seller, "两件装置", [Share(patent.id, 5000) for patent in patents]
    )
    offer = await make_offer(session, None, package_id=package_id, rights="sole", **LICENCE)
    with pytest.raises(LicenceOfSinglePatent):
        await create_listing(session, seller, offer)


async def test_an_exclusive_licence_is_bid_for_and_takes_its_room_with_the_deal(session: Session) -> None:
    deal = await make_deal(session, rights="exclusive", **LICENCE)
    assert deal.rights == "exclusive"
    taken = await session.get_one(DealLicence, deal.id)
    today = (await market_now(session)).date()
    assert (taken.kind, taken.territory, taken.ends_on) == ("exclusive", "CN", date(2035, 12, 31))
    assert abs(taken.starts_on - max(date(2026, 1, 1), today)) <= timedelta(days=1)
    licence = deal.confirmation["licence"]
    assert (licence["kind_zh"], licence["territory"], licence["sublicence"]) == ("独占许可", "CN", False)


async def test_what_is_taken_is_judged_at_submission_review_and_publication(session: Session) -> None:
    seller = await make_seller(session)
    patent = await make_patent_of(session, seller.organisation_id)
    reviewer = await make_caller(session, Role.REVIEWER)
    over: dict[str, Any] = {"seller": seller, "patent_id": patent.id}
    draft = await make_ordinary(session, status="draft", **over)
    waiting = await make_ordinary(session, status="in_review", **over)
    accepted = await make_ordinary(session, status="accepted", **over)
    grant = Grant("exclusive", "CN-33", "", date(2027, 1, 1), date(2028, 12, 31))
    await record_licence(session, seller, NewLicence(patent.id, "先被许可的公司", grant))
    with pytest.raises(LicenceOverlaps):
        await submit_listing(session, seller, draft.id)
    found = {check.key: check for check in await compute_checks(session, waiting)}
    assert found["licence"].outcome == "fail"
    with pytest.raises(ChecksFailed):
        await review_listing(session, reviewer, waiting.id, "accept")
    with pytest.raises(LicenceOverlaps):
        await publish_listing(session, reviewer, accepted.id)
    sale = await make_listing(session)
    assert {check.key: check.outcome for check in await compute_checks(session, sale)}["licences"] == "pass"


async def test_licences_of_a_patent_stand_beside_each_other_but_not_beside_its_sale(session: Session) -> None:
    seller = await make_seller(session)
    patent = await make_patent_of(session, seller.organisation_id)
    over: dict[str, Any] = {"seller": seller, "patent_id": patent.id}
    await make_ordinary(session, **over)
    await make_negotiable_licence(session, **over)
    with pytest.raises(PatentLicenceOffered):
        await make_listing(session, **over)
    other = await make_patent_of(session, seller.organisation_id)
    await make_listing(session, seller=seller, patent_id=other.id)
    with pytest.raises(PatentAlreadyListed):
        await make_ordinary(session, seller=seller, patent_id=other.id)


async def test_what_is_bid_for_leaves_no_room(session: Session) -> None:
    seller = await make_seller(session)
    patent = await make_patent_of(session, seller.organisation_id)
    over: dict[str, Any] = {"seller": seller, "patent_id": patent.id}
    open_to_all = await make_ordinary(session, **over)
    await make_listing(session, status="listed", rights="sole", **LICENCE, **over)
    with pytest.raises(LicenceOverlaps):
        await take(session, open_to_all)
    grant = Grant("ordinary", "CN", "", date(2027, 1, 1), date(2028, 12, 31))
    with pytest.raises(LicenceOverlaps):
        await record_licence(session, seller, NewLicence(patent.id, "另一家公司", grant))


async def test_an_ordinary_licence_at_its_price_is_sold_to_many(session: Session) -> None:
    listing = await make_ordinary(session)
    first, second = await make_buyer(session), await make_buyer(session)
    one, two = await take(session, listing, first), await take(session, listing, second)
    assert one.price_fen == two.price_fen == listing.start_price_fen
    assert (one.deposit_id, one.auction_id, one.method) == (None, None, "listed")
    assert listing.status == "listed"
    view = await get_deal_view(session, first, one.id)
    assert view.deal.confirmation["licence"]["kind"] == "ordinary"
    with pytest.raises(LicenceAlreadyTaken):
        await take(session, listing, first)


async def test_who_may_not_take_a_licence_is_told_why(session: Session, now_is: SetNow) -> None:
    seller = await make_seller(session)
    listing = await make_ordinary(session, seller=seller)
    draft = await make_ordinary(session, status="draft")
    negotiated = await make_negotiable_licence(session)
    terms = terms_sha256(listing)
    buyer = await make_buyer(session)
    for caller, wanted, accepted, error in (
        (await make_caller(session, Role.REVIEWER), listing, terms, ExchangeMayNotBuy),
        (await make_caller(session, Role.SIGNATORY), listing, terms, NotPermitted),
        (buyer, draft, terms, ListingMissing),
        (buyer, negotiated, terms, NotSoldToMany),
        (buyer, listing, "0" * 64, LicenceTermsChanged),
    ):
        with pytest.raises(error):
            await take_licence(session, caller, wanted.id, accepted)
    own = await make_caller(session, Role.SELLER, Role.BIDDER)
    theirs = await make_ordinary(session, seller=own)
    with pytest.raises(SellerMayNotBuy):
        await take(session, theirs, own)
    await now_is(session, listing.closes_at)
    with pytest.raises(LicenceSaleOver):
        await take(session, listing)


async def test_a_sale_to_many_ends_as_sold_when_anybody_has_it(session: Session, now_is: SetNow) -> None:
    taken, untaken = await make_ordinary(session), await make_ordinary(session)
    await take(session, taken)
    await now_is(session, taken.closes_at + timedelta(minutes=1))
    for listing in (taken, untaken):
        await end_notice(session, {"listing_id": str(listing.id)})
        await session.refresh(listing)
    assert (taken.status, untaken.status) == ("sold", "unsold")
    with pytest.raises(ListingNotOpenToBuyers):
        await take(session, taken)


async def test_a_negotiated_licence_lies_within_the_offer(session: Session) -> None:
    seller = await make_seller(session)
    listing = await make_negotiable_licence(session, seller=seller)
    with pytest.raises(LicenceBeyondOffer):
        await agree(session, seller, listing, territory="WW")
    listing = await make_negotiable_licence(session, seller=seller)
    room_id = await agree(session, seller, listing, territory="CN-33", term_months=24)
    deal = await deal_in(session, seller, room_id)
    taken = await session.get_one(DealLicence, deal.id)
    assert taken.territory == "CN-33"
    assert taken.ends_on == add_months(taken.starts_on, 24) - timedelta(days=1)


def test_a_sold_licence_begins_with_its_deal_and_ends_with_its_offer() -> None:
    assert sold_grant(WHOLE, date(2025, 6, 1)) == WHOLE
    later = sold_grant(WHOLE, date(2026, 6, 1), territory="CN-37", term_months=12)
    assert (later.territory, later.starts_on, later.ends_on) == (
        "CN-37",
        date(2026, 6, 1),
        date(2027, 5, 31),
    )
    assert sold_grant(WHOLE, date(2035, 6, 1), term_months=24).ends_on == WHOLE.ends_on
    assert add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert add_months(date(2026, 11, 30), 1) == date(2026, 12, 30)
    check_negotiated(WHOLE, None, None)
    with pytest.raises(TerritoryUnknown):
        check_negotiated(WHOLE, "浙江", 12)
    with pytest.raises(LicenceBeyondOffer):
        check_negotiated(WHOLE, "CN", 121)


async def test_earlier_ordinary_licences_stand_and_a_deal_is_made_where_they_were_accepted(
    session: Session,
) -> None:
    seller = await make_seller(session)
    patent = await make_patent_of(session, seller.organisation_id)
    over: dict[str, Any] = {"seller": seller, "patent_id": patent.id}
    plain = await make_negotiable_licence(session, **over)
    accepting = await make_negotiable_licence(session, accepts_earlier=True, **over)
    rooms = [await agree(session, seller, listing) for listing in (plain, accepting)]
    await take(session, await make_ordinary(session, **over))
    with pytest.raises(EarlierLicenceInTheWay):
        await deal_in(session, seller, rooms[0])
    deal = await deal_in(session, seller, rooms[1])
    assert deal.confirmation["licence"]["accepts_earlier"] is True


async def test_the_database_holds_the_room_of_a_deal(session: Session) -> None:
    deal = await make_deal(session, rights="exclusive", **LICENCE)
    taken = await session.get_one(DealLicence, deal.id)
    listing = await session.get_one(Listing, deal.listing_id)
    values = {column.name: getattr(taken, column.name) for column in DealLicence.__table__.columns}
    seller = await make_seller(session)
    other = await make_deal(session, seller=seller)
    async with session.begin_nested() as nested:
        with pytest.raises(DBAPIError, match="in the way"):
            await session.execute(
                insert(DealLicence).values(**{**values, "deal_id": other.id, "kind": "ordinary"})
            )
        await nested.rollback()
    listing.territory = "WW"
    with pytest.raises(DBAPIError, match="frozen"):
        await session.flush()


async def test_no_deal_of_a_licence_is_without_its_room(db: Database) -> None:
    async def write(session: Session) -> None:
        deal = await make_deal(session, rights="sole", **LICENCE)
        await session.execute(delete(DealLicence).where(DealLicence.deal_id == deal.id))

    with pytest.raises(DBAPIError, match="append-only"):
        await db.write(write)


async def _prepare(session: Session) -> tuple[Caller, UUID, Listing, UUID]:
    """One patent of which an ordinary licence is on offer and an exclusive one was agreed upon."""
    seller = await make_seller(session)
    patent = await make_patent_of(session, seller.organisation_id)
    over: dict[str, Any] = {"seller": seller, "patent_id": patent.id}
    exclusive = await make_negotiable_licence(session, **over)
    room_id = await agree(session, seller, exclusive)
    return seller, patent.id, await make_ordinary(session, **over), room_id


async def test_of_an_exclusive_and_an_ordinary_licence_concluded_at_once_one_is_a_deal(db: Database) -> None:
    seller, patent_id, ordinary, room_id = await db.write(_prepare)
    buyer = await db.write(make_buyer)
    answers = await both(
        db.write(confirm_agreement, seller, room_id),
        db.write(take_licence, buyer, ordinary.id, terms_sha256(ordinary)),
    )
    assert len(refusals(answers)) == 1
    assert refusals(answers)[0] in (LicenceOverlaps, EarlierLicenceInTheWay)
    async with db.reading() as session:
        query = select(DealLicence.kind).where(DealLicence.patent_id == patent_id)
        assert len((await session.execute(query)).scalars().all()) == 1


async def _a_licence_and_a_deal_at_once(db: Database, patch: pytest.MonkeyPatch) -> None:
    """Of an exclusive licence that its owner records and a deal of an ordinary one, one comes to be."""
    seller, patent_id, ordinary, _ = await db.write(_prepare)
    buyer = await db.write(make_buyer)
    place, read = Meeting(), licence_register.list_grants

    async def stopped(session: AnySession, patent: UUID, **which: Any) -> list[Grant]:
        found = await read(session, patent, **which)
        await place.arrive()
        return found

    patch.setattr(licence_register, "list_grants", stopped)
    patch.setattr(licences, "list_grants", stopped)
    new = NewLicence(
        patent_id, "独占的公司", Grant("exclusive", "CN", "", date(2026, 1, 1), date(2028, 12, 31))
    )
    answers = await both(
        db.write(record_licence, seller, new),
        db.write(take_licence, buyer, ordinary.id, terms_sha256(ordinary)),
    )
    assert len(refusals(answers)) == 1
    assert refusals(answers)[0] in (LicenceOverlaps, EarlierLicenceInTheWay)


async def _unlocked(session: Session, patent_ids: Sequence[UUID]) -> None:
    del session, patent_ids


async def test_under_the_patent_s_lock_one_of_a_licence_and_a_deal_comes_to_be(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _a_licence_and_a_deal_at_once(db, monkeypatch)


async def test_without_the_patent_s_lock_only_the_database_refuses_the_deal(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (licence_register, licences):
        monkeypatch.setattr(module, "lock_patents", _unlocked)
    monkeypatch.setattr(meeting, "_PATIENCE_SECONDS", 10)
    with pytest.raises((AssertionError, DBAPIError)) as broken:
        await _a_licence_and_a_deal_at_once(db, monkeypatch)
    assert not isinstance(broken.value, MarketError)


async def test_another_press_of_one_buyer_is_still_one_deal(db: Database) -> None:
    async def offer(session: Session) -> Listing:
        return await make_ordinary(session)

    listing = await db.write(offer)
    buyer = await db.write(make_buyer)
    answers = await asyncio.gather(
        *(db.write(take_licence, buyer, listing.id, terms_sha256(listing)) for _ in range(4)),
        return_exceptions=True,
    )
    assert [type(answer) for answer in answers if isinstance(answer, MarketError)] == [
        LicenceAlreadyTaken
    ] * 3
    async with db.reading() as session:
        query = select(Deal.id).where(Deal.listing_id == listing.id)
        assert len((await session.execute(query)).scalars().all()) == 1
