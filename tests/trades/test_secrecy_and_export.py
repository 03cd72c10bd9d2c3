"""The secrecy review before anything is put up, and the export gate before anybody foreign (golden test 15)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from app.accounts.classifying import classify_organisation, declare_foreign
from app.accounts.errors import NotPermitted
from app.accounts.permissions import Role
from app.accounts.queries import get_organisation
from app.trades.errors_rights import (
    ExportFindingWrong,
    ExportNotCleared,
    NotForPublication,
    SecrecyIncomplete,
    SecrecyReviewAhead,
    SecrecyReviewMissing,
    SecretNotHere,
)
from app.trades.export_gate import find_export_class
from app.trades.export_rules import Classed, check_export, check_finding
from app.trades.intents import declare_intent, qualify_intent
from app.trades.licence_sales import take_licence, terms_sha256
from app.trades.listings import create_listing, submit_listing
from app.trades.negotiating import undertaking_sha256
from app.trades.queries import get_listing_view
from app.trades.room_documents import give_undertaking, lay_document, see_document
from app.trades.rooms import open_room
from tests.make_accounts import make_caller
from tests.make_licences import make_ordinary
from tests.make_rights import make_foreign_buyer
from tests.make_trades import (
    make_buyer,
    make_intent,
    make_listing,
    make_negotiated,
    make_offer,
    make_patent_of,
    make_seller,
    rules_of,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from app.db import Session
    from app.trades.models import Listing

_NOTHING: dict[str, Any] = {"secrecy_reviewer": None, "secrecy_on": None, "secrecy_result": None}


async def test_without_a_secrecy_review_nothing_is_submitted(session: Session) -> None:
    seller = await make_seller(session)
    listing = await make_listing(session, seller=seller, **_NOTHING)
    with pytest.raises(SecrecyReviewMissing):
        await submit_listing(session, seller, listing.id)


@pytest.mark.parametrize(
    ("over", "refusal"),
    [
        ({"secrecy_result": "classified"}, SecretNotHere),
        ({"secrecy_reviewer": " "}, SecrecyIncomplete),
        ({"secrecy_on": None}, SecrecyIncomplete),
        ({"secrecy_result": "whatever"}, SecrecyIncomplete),
    ],
)
async def test_what_is_classified_or_half_declared_is_not_even_drafted(
    session: Session, over: dict[str, Any], refusal: type[Exception]
) -> None:
    seller = await make_seller(session)
    patent = await make_patent_of(session, seller.organisation_id)
    with pytest.raises(refusal):
        await create_listing(session, seller, await make_offer(session, patent.id, **over))


@pytest.mark.parametrize(
    ("over", "refusal"),
    [
        ({"secrecy_result": "internal"}, NotForPublication),
        ({"secrecy_on": date(2099, 1, 1)}, SecrecyReviewAhead),
    ],
)
async def test_what_is_internal_or_still_to_be_reviewed_is_not_submitted(
    session: Session, over: dict[str, Any], refusal: type[Exception]
) -> None:
    seller = await make_seller(session)
    listing = await make_listing(session, seller=seller, **over)
    with pytest.raises(refusal):
        await submit_listing(session, seller, listing.id)


async def test_who_reviewed_is_for_the_seller_and_the_desk_alone(session: Session) -> None:
    seller = await make_seller(session)
    listing = await make_listing(session, seller=seller, status="listed")
    reviewer = await make_caller(session, Role.REVIEWER)
    shown = [
        (await get_listing_view(session, caller, listing.id)).secrecy_reviewer
        for caller in (None, await make_buyer(session), seller, reviewer)
    ]
    assert [name is not None for name in shown] == [False, False, True, True]


@pytest.mark.parametrize(
    ("patent", "is_cleared"),
    [
        (Classed("CN1", "unknown"), False),
        (Classed("CN1", "free"), True),
        (Classed("CN1", "restricted"), False),
        (Classed("CN1", "restricted", "意向书〔2026〕1号"), True),
        (Classed("CN1", "prohibited"), False),
    ],
)
def test_a_foreign_party_comes_in_only_where_it_is_cleared(patent: Classed, *, is_cleared: bool) -> None:
    check_export("境内单位", [patent], is_foreign=False)
    if is_cleared:
        check_export("境外单位", [patent], is_foreign=True)
    else:
        with pytest.raises(ExportNotCleared, match="Technology Import and Export"):
            check_export("境外单位", [patent], is_foreign=True)


def test_of_a_package_the_gravest_class_is_told() -> None:
    patents = [Classed("CN1", "free"), Classed("CN2", "unknown"), Classed("CN3", "prohibited")]
    with pytest.raises(ExportNotCleared) as refusal:
        check_export("境外单位", patents, is_foreign=True)
    assert (refusal.value.application_no, refusal.value.export_class) == ("CN3", "prohibited")


@pytest.mark.parametrize(
    "wrong",
    [
        ("free", "", "短", ""),
        ("restricted", "", "列入目录限制部分。", ""),
        ("free", "", "对照目录，未列入。", "许可证 1 号"),
        ("prohibited", "0" * 41, "列入目录禁止部分。", ""),
    ],
)
def test_a_finding_needs_its_evidence(wrong: tuple[str, str, str, str]) -> None:
    with pytest.raises(ExportFindingWrong):
        check_finding(*wrong)


async def _find(session: Session, listing: Listing, export_class: Any, **over: str) -> None:
    reviewer = await make_caller(session, Role.REVIEWER)
    assert listing.patent_id is not None
    words = {"evidence": "对照目录逐项核对，附核对表。", **over}
    await find_export_class(session, reviewer, listing.patent_id, export_class, **words)


async def test_golden_15_a_foreign_viewer_of_an_unknown_class_sees_the_public_page_alone(
    session: Session,
) -> None:
    sale, room, licence = (
        await make_listing(session, status="listed"),
        await make_negotiated(session),
        await make_ordinary(session),
    )
    foreign = await make_foreign_buyer(session)
    assert (await get_listing_view(session, foreign, sale.id)).listing.id == sale.id
    acts: tuple[Callable[[], Awaitable[UUID]], ...] = (
        lambda: declare_intent(session, foreign, sale.id, rules_of(sale)),
        lambda: open_room(session, foreign, room.id),
        lambda: take_licence(session, foreign, licence.id, terms_sha256(licence)),
    )
    for act in acts:
        with pytest.raises(ExportNotCleared):
            await act()
    for listing in (sale, room, licence):
        await _find(session, listing, "restricted", catalogue_code="050302X")
    for act in acts:
        with pytest.raises(ExportNotCleared):
            await act()
    for listing in (sale, room, licence):
        await _find(session, listing, "restricted", catalogue_code="050302X", licence_no="意向书〔2026〕1号")
    for act in acts:
        assert isinstance(await act(), UUID)


async def test_a_class_that_is_found_later_stops_a_room_and_a_qualification(session: Session) -> None:
    room_listing, sale = await make_negotiated(session), await make_listing(session, status="listed")
    foreign, reviewer = await make_foreign_buyer(session), await make_caller(session, Role.REVIEWER)
    for listing in (room_listing, sale):
        await _find(session, listing, "free")
    room_id = await open_room(session, foreign, room_listing.id)
    sha256 = undertaking_sha256()
    await give_undertaking(session, foreign, room_id, sha256)
    document_id = await lay_document(session, foreign, room_id, "问题.txt", b"invented")
    intent = await make_intent(session, sale, buyer=foreign)
    for listing in (room_listing, sale):
        await _find(session, listing, "prohibited", catalogue_code="050302J")
    with pytest.raises(ExportNotCleared):
        await lay_document(session, foreign, room_id, "问题.txt", b"invented")
    with pytest.raises(ExportNotCleared):
        await see_document(session, foreign, document_id)
    with pytest.raises(ExportNotCleared):
        await qualify_intent(session, reviewer, intent.id, "qualify")
    await qualify_intent(session, reviewer, intent.id, "reject", "出口类别为禁止出口。")


async def test_an_organisation_declares_itself_foreign_and_the_desk_alone_takes_it_back(
    session: Session,
) -> None:
    admin = await make_caller(session, Role.ADMIN)
    with pytest.raises(NotPermitted):
        await declare_foreign(session, replace(admin, roles=frozenset({"bidder"})))
    for _ in range(2):
        assert await declare_foreign(session, admin) == admin.organisation_id
    organisation = await get_organisation(session, admin.organisation_id)
    assert organisation.is_foreign
    reviewer = await make_caller(session, Role.REVIEWER)
    fit = (organisation.regime, organisation.jurisdiction, "核对了登记材料，为境内单位。")
    await classify_organisation(session, reviewer, organisation.id, *fit)
    assert organisation.is_foreign
    await classify_organisation(session, reviewer, organisation.id, *fit, is_foreign=False)
    assert not organisation.is_foreign
