"""Open licences: what keeps a patent from being declared open, the announcement, taking one, and the withdrawal."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.exc import DBAPIError

from app.accounts.errors import NotPermitted
from app.accounts.permissions import Role
from app.clock import market_now
from app.contracts.drafting import draft_contract
from app.contracts.queries import list_signatures
from app.contracts.signing import sign_contract
from app.ids import uuid7
from app.trades.errors import ListingMissing, ListingNotOpenToBuyers, ListingStateForbids, NotTheSeller
from app.trades.errors_licences import LicenceTermsChanged
from app.trades.errors_open_licences import (
    AnnouncementRecorded,
    AnnouncementWrong,
    FeeStandardWrong,
    OpenLicenceFixed,
    OpenLicenceMissing,
    OpenLicenceNeedsOrdinary,
    OpenLicenceNotAnnounced,
    OpenLicenceRefused,
    OpenLicenceRuns,
)
from app.trades.licence_models import Licence
from app.trades.licence_rules import Grant
from app.trades.licence_sales import take_licence, terms_sha256
from app.trades.licences import NewLicence, list_licences, record_licence
from app.trades.listings import change_listing, submit_listing
from app.trades.models import Deal
from app.trades.open_licence_rules import check_declaration
from app.trades.open_licences import (
    declare_open_licence,
    read_open_licence,
    record_announcement,
    withdraw_open_licence,
)
from app.trades.publication import publish_listing
from app.trades.reviewing import review_listing
from tests.make_accounts import make_caller
from tests.make_contracts import OFFICE
from tests.make_licences import DECLARATION, make_negotiable_licence, make_open, make_ordinary
from tests.make_trades import make_buyer, make_patent_of, make_seller

if TYPE_CHECKING:
    from app.db import Session

TODAY = date(2026, 6, 1)
EXCLUSIVE = Grant("exclusive", "US", "", date(2026, 1, 1), date(2030, 12, 31))


@pytest.mark.parametrize(
    ("over", "patent_type", "standing", "ground"),
    [
        ({}, "invention", [EXCLUSIVE], "licensed"),
        ({"is_suspended": True}, "invention", [], "suspended"),
        ({"annuity_paid_until": date(2026, 5, 31)}, "invention", [], "annuity"),
        ({"is_pledged": True}, "invention", [], "pledged"),
        ({}, "utility_model", [], "evaluation"),
        ({}, "design", [], "evaluation"),
    ],
)
def test_the_law_names_what_is_not_opened(
    over: dict[str, Any], patent_type: str, standing: list[Grant], ground: str
) -> None:
    said = replace(DECLARATION, **over)
    with pytest.raises(OpenLicenceRefused) as refused:
        check_declaration(said, patent_type=patent_type, today=TODAY, standing=standing)
    assert refused.value.ground == ground


def test_what_the_law_asks_for_is_enough() -> None:
    ended = replace(EXCLUSIVE, ends_on=date(2026, 5, 31))
    ordinary = replace(EXCLUSIVE, kind="ordinary")
    check_declaration(DECLARATION, patent_type="invention", today=TODAY, standing=[ended, ordinary])
    said = replace(DECLARATION, is_pledged=True, pledgee_consent="质权人同意书", evaluation_ref="PJ2026")
    check_declaration(said, patent_type="design", today=TODAY, standing=[])
    for wrong in (
        {"fee_standard": "少"},
        {"fee_method": "entry_fee_and_royalty"},
        {"royalty_bp": 300},
        {"fee_method": "entry_fee_and_royalty", "royalty_bp": 10_001},
    ):
        with pytest.raises(FeeStandardWrong):
            check_declaration(
                replace(DECLARATION, **wrong), patent_type="invention", today=TODAY, standing=[]
            )


async def test_an_open_licence_opens_after_its_announcement(session: Session) -> None:
    seller = await make_seller(session)
    listing = await make_ordinary(session, seller=seller, status="draft")
    reviewer = await make_caller(session, Role.REVIEWER)
    with pytest.raises(OpenLicenceMissing):
        await read_open_licence(session, seller, listing.id)
    await declare_open_licence(session, seller, listing.id, DECLARATION)
    with pytest.raises(OpenLicenceNeedsOrdinary):
        await change_listing(session, seller, listing.id, {"method": "negotiated"})
    today = (await market_now(session)).date()
    with pytest.raises(ListingStateForbids):
        await record_announcement(session, reviewer, listing.id, "KF1", today)
    await submit_listing(session, seller, listing.id)
    with pytest.raises(OpenLicenceFixed):
        await declare_open_licence(session, seller, listing.id, DECLARATION)
    await review_listing(session, reviewer, listing.id, "accept")
    with pytest.raises(OpenLicenceNotAnnounced):
        await publish_listing(session, reviewer, listing.id)
    with pytest.raises(AnnouncementWrong):
        await record_announcement(session, reviewer, listing.id, "KF1", today + timedelta(days=3))
    await record_announcement(session, reviewer, listing.id, "KF20260001", today)
    with pytest.raises(AnnouncementRecorded):
        await record_announcement(session, reviewer, listing.id, "KF20260002", today)
    await publish_listing(session, reviewer, listing.id)
    declared, terms = await read_open_licence(session, None, listing.id)
    assert declared.announcement_no == "KF20260001"
    assert terms != terms_sha256(listing)


async def test_who_may_not_declare_announce_or_withdraw(session: Session) -> None:
    seller = await make_seller(session)
    draft = await make_ordinary(session, seller=seller, status="draft")
    negotiated = await make_negotiable_licence(session, seller=seller, status="draft")
    bidder = await make_caller(session, Role.SELLER)
    with pytest.raises(NotPermitted):
        await declare_open_licence(session, bidder, draft.id, DECLARATION)
    with pytest.raises(ListingMissing):
        await declare_open_licence(session, await make_seller(session), draft.id, DECLARATION)
    with pytest.raises(OpenLicenceNeedsOrdinary):
        await declare_open_licence(session, seller, negotiated.id, DECLARATION)
    with pytest.raises(NotPermitted):
        await record_announcement(session, seller, draft.id, "KF1", TODAY)
    opened = await make_open(session)
    with pytest.raises(NotTheSeller):
        await withdraw_open_licence(session, seller, opened.id)


async def test_whoever_accepts_and_signs_is_licensed_by_the_declaration(session: Session) -> None:
    seller, buyer = await make_seller(session), await make_buyer(session)
    listing = await make_open(session, seller=seller)
    with pytest.raises(LicenceTermsChanged):
        await take_licence(session, buyer, listing.id, terms_sha256(listing))
    declared, terms = await read_open_licence(session, buyer, listing.id)
    deal_id = await take_licence(session, buyer, listing.id, terms)
    contract = await draft_contract(session, buyer, deal_id, OFFICE)
    (given,) = (await list_signatures(session, [contract.id]))[contract.id]
    assert (given.side, given.person_id) == ("seller", declared.declared_by)
    assert str(declared.announcement_no) in str(contract.body)
    await sign_contract(session, buyer, contract.id, contract.document_sha256)
    assert contract.status == "in_force"
    # 专利法 51: the licence is there for notice and payment, so signing alone registers nobody.
    assert list(await list_licences(session, seller)) == []


async def test_a_withdrawal_leaves_the_licences_given(session: Session) -> None:
    seller, buyer = await make_seller(session), await make_buyer(session)
    patent = await make_patent_of(session, seller.organisation_id)
    listing = await make_open(session, seller=seller, patent_id=patent.id)
    with pytest.raises(OpenLicenceRuns):
        await make_negotiable_licence(session, seller=seller, patent_id=patent.id, status="in_review")
    new = NewLicence(patent.id, "独占的公司", EXCLUSIVE)
    with pytest.raises(OpenLicenceRuns):
        await record_licence(session, seller, new)
    _, terms = await read_open_licence(session, buyer, listing.id)
    deal_id = await take_licence(session, buyer, listing.id, terms)
    await withdraw_open_licence(session, seller, listing.id)
    await session.refresh(listing)
    assert listing.status == "sold"
    with pytest.raises(ListingNotOpenToBuyers):
        await withdraw_open_licence(session, seller, listing.id)
    assert (await session.get_one(Deal, deal_id)).rights == "ordinary"
    await record_licence(session, seller, new)


async def test_the_database_gives_no_exclusive_licence_of_an_open_patent(session: Session) -> None:
    seller = await make_seller(session)
    patent = await make_patent_of(session, seller.organisation_id)
    listing = await make_open(session, seller=seller, patent_id=patent.id)
    row = Licence(
        id=uuid7(),
        patent_id=patent.id,
        licensor_id=seller.organisation_id,
        licensee_name="独占的公司",
        **vars(EXCLUSIVE),
        expires_on=date(2040, 3, 2),
        recorded_by=seller.person_id,
    )
    async with session.begin_nested() as nested:
        session.add(row)
        with pytest.raises(DBAPIError, match="open licence"):
            await session.flush()
        await nested.rollback()
    declared, _ = await read_open_licence(session, None, listing.id)
    declared.fee_standard = "另一种使用费标准"
    with pytest.raises(DBAPIError, match="stands"):
        await session.flush()
