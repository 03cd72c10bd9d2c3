"""What a seller's regime asks of his sales, and the rules that a sale keeps from its publication on."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from app.accounts.classifying import classify_organisation, province_of
from app.accounts.errors import NotPermitted, ReasonTooShort, RegimeUnfit
from app.accounts.models import REGIMES, Organisation
from app.accounts.permissions import Role
from app.accounts.registering import register_organisation
from app.clock import market_date, market_now
from app.dated_rules import get_rule
from app.trades.kept_rules import get_kept_rule
from app.trades.models import KeptRule
from app.trades.regimes import MethodNotAllowed, needs_notice, require_method_allowed
from tests.make_accounts import make_caller, make_credit_code, make_organisation
from tests.make_trades import make_listing
from tests.rulebook.test_changing import make_rule

if TYPE_CHECKING:
    from app.db import Session
    from app.trades.models import Listing
    from tests.conftest import SetNow


async def make_regime_listing(
    session: Session, regime: str, jurisdiction: str = "CN", status: str = "listed"
) -> Listing:
    """A listing of a seller under this regime."""
    organisation = await make_organisation(session)
    organisation.regime, organisation.jurisdiction = regime, jurisdiction
    await session.flush()
    seller = await make_caller(session, Role.SELLER, Role.SIGNATORY, organisation=organisation)
    return await make_listing(session, status=status, seller=seller)


@pytest.mark.parametrize("regime", REGIMES)
async def test_which_regime_may_negotiate_and_who_needs_a_notice(session: Session, regime: str) -> None:
    listing = await make_regime_listing(session, regime)
    today = market_date(await market_now(session))
    for method in ("listed", "auction"):
        await require_method_allowed(session, listing, method, on=today)
        assert not await needs_notice(session, listing, method)
    assert await needs_notice(session, listing, "negotiated") is (regime == "state_research")
    if regime in {"soe", "public_institution_other"}:
        with pytest.raises(MethodNotAllowed, match="listed price, network bidding"):
            await require_method_allowed(session, listing, "negotiated", on=today)
    else:
        await require_method_allowed(session, listing, "negotiated", on=today)


async def test_a_sale_keeps_the_rules_and_the_law_of_its_publication(
    session: Session, now_is: SetNow
) -> None:
    now = await market_now(session)
    today = market_date(now)
    listing = await make_regime_listing(session, "state_research", "330000")
    kept = set((await session.execute(select(KeptRule.key))).scalars())
    assert {"notice.period", "listing.deposit_max_bp", "contract.periods"} <= kept
    assert not any(key.startswith("patent.") for key in kept)
    tomorrow = today + timedelta(days=1)
    await make_rule(session, valid_from=tomorrow)
    await now_is(session, now + timedelta(days=3))
    later = today + timedelta(days=3)
    assert (await get_rule(session, "notice.period", on=later))["count"] == 20
    assert (await get_kept_rule(session, listing, "notice.period", on=later))["count"] == 15
    assert "abstract" in await get_kept_rule(session, listing, "notice.fields", on=later)
    await session.execute(
        update(Organisation).where(Organisation.id == listing.seller_id).values(regime="private_entity")
    )
    assert await needs_notice(session, listing, "negotiated")
    unpublished = await make_regime_listing(session, "state_research", status="draft")
    assert (await get_kept_rule(session, unpublished, "notice.period", on=later))["count"] == 20


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE kept_rule SET key = 'x'",
        "DELETE FROM kept_rule",
        "UPDATE listing SET seller_regime = 'private_entity'",
        "UPDATE listing SET seller_jurisdiction = NULL",
    ],
)
async def test_the_database_keeps_what_a_sale_was_published_under(session: Session, statement: str) -> None:
    await make_regime_listing(session, "state_research")
    with pytest.raises(DBAPIError):
        await session.execute(text(statement))


async def test_a_party_declares_its_regime_or_gets_its_kinds(session: Session) -> None:
    facts: dict[str, Any] = {"password_hash": "x", "person_name": "虚构人员"}
    university = await register_organisation(
        session,
        name="虚构大学",
        uscc=make_credit_code(),
        kind="university",
        login="u-1",
        region_code="330108",
        **facts,
    )
    assert (university.organisation.regime, university.organisation.jurisdiction) == (
        "state_research",
        "330000",
    )
    private = await register_organisation(
        session,
        name="虚构民办大学",
        uscc=make_credit_code(),
        kind="university",
        login="u-2",
        regime="private_entity",
        jurisdiction="370000",
        **facts,
    )
    assert (private.organisation.regime, private.organisation.jurisdiction) == ("private_entity", "370000")
    with pytest.raises(RegimeUnfit):
        await register_organisation(
            session,
            name="x",
            uscc=make_credit_code(),
            kind="company",
            login="u-3",
            regime="natural_person",
            **facts,
        )
    assert province_of(None) == "CN"


async def test_the_desk_corrects_a_regime_with_a_reason(session: Session) -> None:
    organisation = await make_organisation(session, kind="university")
    reviewer = await make_caller(session, Role.REVIEWER)
    with pytest.raises(ReasonTooShort):
        await classify_organisation(session, reviewer, organisation.id, "state_research", "CN", "改")
    with pytest.raises(RegimeUnfit):
        await classify_organisation(
            session, reviewer, organisation.id, "natural_person", "CN", "经核对证书。"
        )
    await classify_organisation(
        session, reviewer, organisation.id, "state_research", "310000", "经核对证书。"
    )
    assert (organisation.regime, organisation.jurisdiction) == ("state_research", "310000")
    own = await make_caller(session, Role.ADMIN, organisation=organisation)
    with pytest.raises(NotPermitted):
        await classify_organisation(session, own, organisation.id, "private_entity", "CN", "经核对证书。")
