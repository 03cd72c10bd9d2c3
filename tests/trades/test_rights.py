"""Rights in the way: what is declared, whose consent is needed, and that nothing is accepted, published or sold without."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError

from app.accounts.errors import NotPermitted
from app.accounts.permissions import Role
from app.catalog.errors import PatentMissing
from app.catalog.package_rules import Share
from app.catalog.packages import make_package
from app.contracts.drafting import draft_contract
from app.trades.bulletins import Said
from app.trades.consents import decide_consent, lay_consent, see_consent
from app.trades.errors import ChecksFailed, ListingMissing
from app.trades.errors_intents import IntentDocumentUnfit
from app.trades.errors_rights import (
    ConsentDecided,
    ConsentLaid,
    ConsentNotNeeded,
    ConsentNotVerified,
    ConsentOutOfTime,
    ConsentsMissing,
    HolderUnclear,
    ListingOver,
    PatentIsOut,
    RightConsentMissing,
    RightDeclared,
    RightMissing,
    RightsNotDeclared,
    RightUnderReview,
)
from app.trades.halting import resume_listing, suspend_listing
from app.trades.listings import change_listing, create_listing, submit_listing
from app.trades.models import Deal
from app.trades.publication import publish_listing
from app.trades.reviewing import review_listing
from app.trades.right_queries import get_listed_rights
from app.trades.rights import declare_right, end_right
from app.trades.rights_rules import InTheWay, check_consents, missing_consents, needs_consent
from tests.make_accounts import make_caller
from tests.make_contracts import OFFICE
from tests.make_licences import make_ordinary
from tests.make_rights import CO_OWNER, PLEDGE, SIGNED_ON, consent_to, make_consent, make_right
from tests.make_trades import make_deal, make_listing, make_offer, make_patent_of, make_seller

if TYPE_CHECKING:
    from app.accounts.caller import Caller
    from app.db import Session
    from app.trades.models import Listing

SAID = Said("登记簿上新出现质押，待核实。", "A pledge appeared in the register.")


@pytest.mark.parametrize(
    ("kind", "scope", "is_needed"),
    [
        ("co_owner", "assignment", True),
        ("co_owner", "exclusive", True),
        ("co_owner", "sole", True),
        ("co_owner", "ordinary", False),
        ("co_owner", "open", True),
        ("pledge", "assignment", True),
        ("pledge", "ordinary", True),
        ("pledge", "open", True),
    ],
)
def test_whose_consent_is_needed_follows_the_patent_law_and_the_civil_code(
    kind: str, scope: str, *, is_needed: bool
) -> None:
    assert needs_consent(kind, scope) is is_needed


def test_a_waiting_consent_is_enough_to_submit_and_not_to_publish() -> None:
    waiting = [InTheWay("pledge", "虚构银行", "CN1", "waiting")]
    check_consents(waiting, "assignment", verified=False)
    with pytest.raises(ConsentNotVerified, match="虚构银行"):
        check_consents(waiting, "assignment", verified=True)
    refused = [InTheWay("pledge", "虚构银行", "CN1", "refused")]
    with pytest.raises(ConsentsMissing, match="虚构银行"):
        check_consents(refused, "assignment", verified=False)
    assert missing_consents(refused, "assignment", verified=False) == refused


async def _draft(session: Session, **over: Any) -> tuple[Caller, Listing]:
    seller = await make_seller(session)
    return seller, await make_listing(session, seller=seller, **over)


async def test_an_undeclared_listing_is_not_submitted(session: Session) -> None:
    seller, listing = await _draft(session, rights_declared=False)
    with pytest.raises(RightsNotDeclared):
        await submit_listing(session, seller, listing.id)


async def test_the_whole_way_of_a_co_owner_and_a_pledge_to_the_contract(session: Session) -> None:
    seller, listing = await _draft(session)
    reviewer = await make_caller(session, Role.REVIEWER)
    owner_id = await make_right(session, seller, listing)
    pledge_id = await make_right(session, seller, listing, PLEDGE)
    with pytest.raises(ConsentsMissing) as refusal:
        await submit_listing(session, seller, listing.id)
    assert refusal.value.holders == ["虚构合作研究院", "虚构银行"]
    await make_consent(session, seller, listing, owner_id, status="verified")
    bad = await make_consent(session, seller, listing, pledge_id)
    await submit_listing(session, seller, listing.id)
    with pytest.raises(ChecksFailed) as failed:
        await review_listing(session, reviewer, listing.id, "accept")
    assert failed.value.failed == ["encumbrances"]
    await decide_consent(session, reviewer, bad, "refuse", "印章与登记的质权人不一致。")
    good = await make_consent(session, seller, listing, pledge_id)
    await decide_consent(session, reviewer, good, "verify")
    await review_listing(session, reviewer, listing.id, "accept")
    await publish_listing(session, reviewer, listing.id)
    seen = await get_listed_rights(session, None, listing.id)
    assert seen.is_clear
    assert [(one.right.holder_name, one.consent) for one in seen.rights] == [
        ("虚构合作研究院", "verified"),
        ("虚构银行", "verified"),
    ]
    assert not seen.shows_papers
    assert (await get_listed_rights(session, seller, listing.id)).shows_papers
    assert (await get_listed_rights(session, reviewer, listing.id)).shows_papers


async def test_what_was_declared_and_consented_stands_in_the_contract(session: Session) -> None:
    seller = await make_seller(session)
    patent = await make_patent_of(session, seller.organisation_id)
    deal = await make_deal(session, seller=seller, patent_id=patent.id)
    # After the deal the register's rights no longer stop it, but they are told in the contract.
    await declare_right(session, seller, patent.id, replace(PLEDGE, since_on=date(2026, 1, 1)))
    body = (await draft_contract(session, seller, deal.id, OFFICE)).body
    assert "虚构银行" in str(body)


async def test_a_right_that_is_declared_after_the_submission_stops_the_acceptance(session: Session) -> None:
    seller = await make_seller(session)
    listing = await make_listing(session, seller=seller, status="in_review")
    reviewer = await make_caller(session, Role.REVIEWER)
    right_id = await make_right(session, seller, listing, PLEDGE)
    with pytest.raises(ChecksFailed):
        await review_listing(session, reviewer, listing.id, "accept")
    await make_consent(session, seller, listing, right_id, status="verified")
    await review_listing(session, reviewer, listing.id, "accept")
    second = await make_right(session, seller, listing)
    with pytest.raises(ConsentsMissing):
        await publish_listing(session, reviewer, listing.id)
    await make_consent(session, seller, listing, second, status="verified")
    await publish_listing(session, reviewer, listing.id)


async def test_a_right_is_not_declared_while_its_patent_is_out_but_while_it_is_suspended(
    session: Session,
) -> None:
    seller = await make_seller(session)
    listing = await make_listing(session, seller=seller, status="listed")
    reviewer = await make_caller(session, Role.REVIEWER)
    with pytest.raises(PatentIsOut) as refusal:
        await make_right(session, seller, listing, PLEDGE)
    assert refusal.value.listing_no == listing.listing_no
    await suspend_listing(session, reviewer, listing.id, SAID)
    right_id = await make_right(session, seller, listing, PLEDGE)
    with pytest.raises(ConsentsMissing):
        await resume_listing(session, reviewer, listing.id, SAID)
    await make_consent(session, seller, listing, right_id, status="verified")
    await resume_listing(session, reviewer, listing.id, SAID)


async def test_an_ordinary_licence_by_one_co_owner_needs_no_consent_of_the_others(session: Session) -> None:
    seller = await make_seller(session)
    listing = await make_ordinary(session, seller=seller, status="draft")
    right_id = await make_right(session, seller, listing)
    with pytest.raises(ConsentNotNeeded):
        await make_consent(session, seller, listing, right_id)
    await submit_listing(session, seller, listing.id)
    reviewer = await make_caller(session, Role.REVIEWER)
    await review_listing(session, reviewer, listing.id, "accept")
    await publish_listing(session, reviewer, listing.id)


async def test_a_consent_to_a_licence_is_none_to_an_assignment(session: Session) -> None:
    seller = await make_seller(session)
    listing = await make_ordinary(session, seller=seller, status="draft")
    right_id = await make_right(session, seller, listing, PLEDGE)
    await make_consent(session, seller, listing, right_id, status="verified")
    nothing = dict.fromkeys(("territory", "field_of_use", "licence_from", "licence_to", "sublicence"))
    offer = await make_offer(session, None)
    terms = {name: getattr(offer, name) for name in ("step_fen", "deposit_fen", "opens_at", "closes_at")}
    whole = {"rights": "assignment", "method": "auction", "priority_declared": True, **terms, **nothing}
    await change_listing(session, seller, listing.id, whole)
    with pytest.raises(ConsentsMissing):
        await submit_listing(session, seller, listing.id)


async def test_the_rights_of_every_patent_of_a_package_count(session: Session) -> None:
    seller = await make_seller(session)
    first, second = [(await make_patent_of(session, seller.organisation_id)).id for _ in range(2)]
    package_id = await make_package(session, seller, "成果包", [Share(first, 5000), Share(second, 5000)])
    listing_id = await create_listing(session, seller, await make_offer(session, None, package_id=package_id))
    await declare_right(session, seller, second, PLEDGE)
    with pytest.raises(ConsentsMissing, match="虚构银行"):
        await submit_listing(session, seller, listing_id)


@pytest.mark.parametrize(
    "wrong",
    [
        replace(CO_OWNER, holder_name=" "),
        replace(PLEDGE, since_on=None),
        replace(PLEDGE, since_on=date(2099, 1, 1)),
        replace(PLEDGE, register_no="Y" * 101),
    ],
)
async def test_an_unclear_holder_is_refused(session: Session, wrong: Any) -> None:
    seller, listing = await _draft(session)
    with pytest.raises(HolderUnclear):
        await make_right(session, seller, listing, wrong)


async def test_nobody_declares_himself_a_right_twice_or_in_anothers_patent(session: Session) -> None:
    seller, listing = await _draft(session)
    own = replace(CO_OWNER, holder_name=seller.organisation_name)
    with pytest.raises(HolderUnclear):
        await make_right(session, seller, listing, own)
    await make_right(session, seller, listing)
    with pytest.raises(RightDeclared):
        await make_right(session, seller, listing)
    with pytest.raises(PatentMissing):
        await make_right(session, await make_seller(session), listing, PLEDGE)


async def test_a_right_is_struck_out_with_a_reason_before_the_review_alone(session: Session) -> None:
    seller, listing = await _draft(session)
    right_id = await make_right(session, seller, listing)
    with pytest.raises(RightMissing):
        await end_right(session, await make_seller(session), right_id, "与我无关，误录。")
    await end_right(session, seller, right_id, "共有人已转让其份额，见登记簿副本。")
    with pytest.raises(RightMissing):
        await end_right(session, seller, right_id, "共有人已转让其份额，见登记簿副本。")
    pledge_id = await make_right(session, seller, listing, PLEDGE)
    await make_consent(session, seller, listing, pledge_id)
    await submit_listing(session, seller, listing.id)
    with pytest.raises(RightUnderReview):
        await end_right(session, seller, pledge_id, "质押已注销，见通知书。")
    assert [
        one.right.holder_name for one in (await get_listed_rights(session, seller, listing.id)).rights
    ] == ["虚构银行"]


async def test_what_is_wrong_with_a_consent_is_said(session: Session) -> None:
    seller, listing = await _draft(session)
    right_id = await make_right(session, seller, listing)
    with pytest.raises(ConsentOutOfTime):
        await lay_consent(session, seller, listing.id, consent_to(right_id, given_on=date(2099, 1, 1)))
    with pytest.raises(IntentDocumentUnfit):
        await lay_consent(session, seller, listing.id, consent_to(right_id, content=b"MZ a program"))
    with pytest.raises(HolderUnclear):
        await lay_consent(session, seller, listing.id, consent_to(right_id, given_by=" "))
    other_seller, other = await _draft(session)
    with pytest.raises(RightMissing):
        await lay_consent(session, other_seller, other.id, consent_to(right_id))
    with pytest.raises(ListingMissing):
        await lay_consent(session, other_seller, listing.id, consent_to(right_id))
    consent_id = await make_consent(session, seller, listing, right_id)
    with pytest.raises(ConsentLaid):
        await make_consent(session, seller, listing, right_id)
    with pytest.raises(RightConsentMissing):
        await see_consent(session, other_seller, consent_id)
    with pytest.raises(NotPermitted):
        await decide_consent(session, seller, consent_id, "verify")
    reviewer = await make_caller(session, Role.REVIEWER)
    await decide_consent(session, reviewer, consent_id, "verify")
    with pytest.raises(ConsentDecided):
        await decide_consent(session, reviewer, consent_id, "refuse", "印章不清，请重新出具。")
    assert (await see_consent(session, reviewer, consent_id)).given_on == SIGNED_ON


async def test_no_consent_is_laid_once_it_is_out(session: Session) -> None:
    seller = await make_seller(session)
    listing = await make_listing(session, seller=seller)
    right_id = await make_right(session, seller, listing)
    await make_consent(session, seller, listing, right_id, status="verified")
    reviewer = await make_caller(session, Role.REVIEWER)
    await submit_listing(session, seller, listing.id)
    await review_listing(session, reviewer, listing.id, "accept")
    await publish_listing(session, reviewer, listing.id)
    with pytest.raises(ListingOver):
        await make_consent(session, seller, listing, right_id)


_STEPS = {
    "UPDATE listing SET status = 'listed', published_at = market_now() WHERE id = :id": "accepted",
    "UPDATE listing SET rights_declared = false WHERE id = :id": "accepted",
    "UPDATE listing SET secrecy_result = 'internal' WHERE id = :id": "in_review",
    "UPDATE listing SET secrecy_result = 'classified' WHERE id = :id": "draft",
}


@pytest.mark.parametrize("statement", list(_STEPS))
async def test_the_database_itself_holds_the_gate(session: Session, statement: str) -> None:
    seller = await make_seller(session)
    listing = await make_listing(session, seller=seller, status=_STEPS[statement])
    await make_right(session, seller, listing, PLEDGE)
    with pytest.raises(DBAPIError, match=r"consent|declar|secrecy"):
        await session.execute(text(statement), {"id": listing.id})


async def test_the_database_refuses_a_deal_without_the_consents(session: Session) -> None:
    seller = await make_seller(session)
    patent = await make_patent_of(session, seller.organisation_id)
    deal = await make_deal(session, seller=seller, patent_id=patent.id)
    await declare_right(session, seller, patent.id, PLEDGE)
    columns = {column.name: getattr(deal, column.name) for column in Deal.__table__.columns}
    again = {**columns, "id": seller.person_id, "deal_no": "CJ2026-9999"}
    with pytest.raises(DBAPIError, match="consent is missing"):
        await session.execute(insert(Deal).values(**again))


async def test_a_declared_right_and_a_decided_consent_never_change(session: Session) -> None:
    seller, listing = await _draft(session)
    right_id = await make_right(session, seller, listing)
    await make_consent(session, seller, listing, right_id, status="verified")
    for statement in (
        "UPDATE patent_right SET holder_name = '别人'",
        "DELETE FROM patent_right",
        "UPDATE right_consent SET status = 'waiting', decided_by = NULL, decided_at = NULL",
        "DELETE FROM right_consent",
    ):
        with pytest.raises(DBAPIError):
            async with session.begin_nested():
                await session.execute(text(statement))
    assert (await session.execute(select(1))).scalar_one() == 1
