"""A tender from the panel to the award, in the database: scores first, then prices, by the worker."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.accounts.errors import NotPermitted
from app.accounts.permissions import Role
from app.auction.admission import admit_bidder
from app.auction.assessing import (
    BidderUnknown,
    NoTender,
    ScoresIncomplete,
    assess_bidder,
    convene_panel,
    get_tender_panel,
    list_tender_panels,
    lock_scores,
)
from app.auction.closing import advance_auction, list_due
from app.auction.errors import AuctionOver
from app.auction.errors_rounds import NotAssessed, ScoresWrong
from app.auction.queries import get_auction
from app.auction.sealing import SealedOpener
from app.audit import AuditRecord
from app.catalog.errors_lots import AssessmentUnclear, ExpertsOff, PanelExists, PanelLocked, PanelMissing
from app.catalog.panels import Expert
from app.events import list_events
from app.ids import uuid7
from tests.make_accounts import headers_of, make_caller, make_organisation
from tests.make_auction import START_FEN, make_sale
from tests.make_sealed import make_master, post_sealed
from tests.make_tenders import EXPERTS, MadeTender, make_host, make_panel, make_tender, points

if TYPE_CHECKING:
    from uuid import UUID

    from httpx2 import AsyncClient

    from app.accounts.caller import Caller
    from app.auction.master_keys import MasterRing
    from app.db import Database, Session
    from tests.conftest import SetNow


@pytest.fixture
async def master(session: Session) -> MasterRing:
    """The worker's master key, registered."""
    return await make_master(session)


@pytest.fixture
async def host(session: Session) -> Caller:
    """Somebody at the host's desk."""
    return await make_host(session)


@pytest.fixture
async def tender(session: Session, master: MasterRing) -> MadeTender:  # noqa: ARG001 - it has to be there first
    """An open tender with three admitted bidders."""
    return await make_tender(session)


async def offer(session: Session, tender: MadeTender, *amounts_fen: int) -> None:
    """Seals these prices, in the order of the codes."""
    for party, amount_fen in zip(tender.sale.bidders, amounts_fen, strict=False):
        outcome = await post_sealed(session, tender.sale.id, party, amount_fen)
        assert getattr(outcome, "refusal", outcome) is None


async def bodies(session: Session, tender: MadeTender, kind: str) -> list[dict[str, Any]]:
    """The bodies of the public events of one kind."""
    events = await list_events(session, tender.sale.id)
    return [orjson.loads(event.body) for event in events if event.kind == kind]


async def test_prices_open_at_the_deadline_when_the_scores_are_locked(
    session: Session, master: MasterRing, host: Caller, tender: MadeTender, now_is: SetNow
) -> None:
    await offer(session, tender, START_FEN, 2 * START_FEN, START_FEN)
    panel_id = await make_panel(session, host, tender, "40", "10", "30")
    assert await lock_scores(session, host, panel_id) == panel_id
    (locked,) = await bodies(session, tender, "scores_locked")
    await now_is(session, tender.sale.ends_at)
    assert await advance_auction(session, tender.sale.id, None, SealedOpener(master)) == "sold"
    (end,) = await bodies(session, tender, "auction_closed")
    # 40 + 10 + 20, then 10 + 10 + 40 and 30 + 10 + 20: of equal totals the higher price score is better.
    first, second, third = tender.sale.codes
    ranking = [(item["bidder"], item["total"]) for item in end["ranking"]]
    assert ranking == [(first, "70"), (second, "60"), (third, "60")]
    assert (end["winner"], end["price_fen"]) == (first, START_FEN)
    (opened,) = await bodies(session, tender, "scores_opened")
    assert (opened["commitment"], opened["experts"][0]) == (locked["commitment"], "王一")


async def test_without_scores_nothing_is_opened_and_the_locking_makes_it_due(
    session: Session, master: MasterRing, host: Caller, tender: MadeTender, now_is: SetNow
) -> None:
    await offer(session, tender, START_FEN, 2 * START_FEN, START_FEN)
    panel_id = await make_panel(session, host, tender, "40", "10", "30")
    await now_is(session, tender.sale.ends_at)
    assert await advance_auction(session, tender.sale.id, None, SealedOpener(master)) == "open"
    auction = await get_auction(session, tender.sale.id)
    await session.refresh(auction)
    assert (auction.stage, auction.due_at) == ("scoring", None)
    unwrapped = select(AuditRecord).where(AuditRecord.action == "sealing-key.unwrapped")
    assert (await session.execute(unwrapped)).first() is None
    assert tender.sale.id not in await list_due(session)
    await now_is(session, tender.sale.ends_at + timedelta(days=1))
    await lock_scores(session, host, panel_id)
    assert tender.sale.id in await list_due(session)
    assert await advance_auction(session, tender.sale.id, None, SealedOpener(master)) == "sold"
    with pytest.raises(PanelLocked):
        await lock_scores(session, host, panel_id)


async def test_every_admitted_bidder_is_assessed_before_the_locking(
    session: Session, host: Caller, tender: MadeTender
) -> None:
    panel_id = await make_panel(session, host, tender, "40", "30")
    with pytest.raises(ScoresIncomplete) as caught:
        await lock_scores(session, host, panel_id)
    assert caught.value.missing == [tender.sale.codes[2]]
    await assess_bidder(session, host, panel_id, tender.sale.codes[2], None, "未按要求提交技术方案。")
    await lock_scores(session, host, panel_id)
    late = (await make_organisation(session)).id
    await admit_bidder(session, tender.sale.id, late, None)
    outcome = await post_sealed(session, tender.sale.id, late, START_FEN)
    assert isinstance(getattr(outcome, "refusal", None), NotAssessed)


async def test_a_score_can_be_corrected_until_it_is_locked_and_no_longer(
    session: Session, host: Caller, tender: MadeTender
) -> None:
    panel_id = await make_panel(session, host, tender, "40", "30", "20")
    code = tender.sale.codes[0]
    await assess_bidder(session, host, panel_id, code, points("25/2"), None)
    found = (await get_tender_panel(session, host, panel_id)).panel.found
    assert found[code].points == points("25/2")
    await lock_scores(session, host, panel_id)
    with pytest.raises(PanelLocked):
        await assess_bidder(session, host, panel_id, code, points("45"), None)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE panel_assessment SET rejection = 'x', points = NULL",
        "DELETE FROM panel_assessment",
        "UPDATE panel SET locked_at = NULL, commitment = NULL, locked_by = NULL",
        "INSERT INTO panel_expert SELECT id, 99, 'x' FROM panel",
    ],
)
async def test_the_database_keeps_what_was_locked(
    change: str, session: Session, host: Caller, tender: MadeTender
) -> None:
    panel_id = await make_panel(session, host, tender, "40", "30", "20")
    await lock_scores(session, host, panel_id)
    with pytest.raises(DBAPIError):
        await session.execute(text(change))


async def test_scores_that_do_not_fit_are_refused(session: Session, host: Caller, tender: MadeTender) -> None:
    panel_id = await make_panel(session, host, tender)
    code = tender.sale.codes[0]
    with pytest.raises(ScoresWrong):
        await assess_bidder(session, host, panel_id, code, points("46"), None)
    with pytest.raises(AssessmentUnclear):
        await assess_bidder(session, host, panel_id, code, None, None)
    with pytest.raises(AssessmentUnclear):
        await assess_bidder(session, host, panel_id, code, points("1"), "理由")
    with pytest.raises(BidderUnknown):
        await assess_bidder(session, host, panel_id, "?", points("1"), None)
    with pytest.raises(PanelMissing):
        await assess_bidder(session, host, uuid7(), code, points("1"), None)


async def test_a_panel_is_the_announced_one_and_there_is_one(
    session: Session, host: Caller, tender: MadeTender
) -> None:
    for wrong in (EXPERTS[:4], [*EXPERTS[:4], Expert("王一")]):
        with pytest.raises(ExpertsOff):
            await convene_panel(session, host, tender.listing_id, wrong)
    await convene_panel(session, host, tender.listing_id, EXPERTS)
    with pytest.raises(PanelExists):
        await convene_panel(session, host, tender.listing_id, EXPERTS)
    english = await get_auction(session, (await make_sale(session)).id)
    for listing_id in (english.listing_id, uuid7()):
        with pytest.raises(NoTender):
            await convene_panel(session, host, listing_id, EXPERTS)


async def test_a_sale_that_is_over_has_no_panel_any_more(
    session: Session, master: MasterRing, host: Caller, tender: MadeTender, now_is: SetNow
) -> None:
    await now_is(session, tender.sale.ends_at)
    assert await advance_auction(session, tender.sale.id, None, SealedOpener(master)) == "unsold"
    auction = await get_auction(session, tender.sale.id)
    await session.refresh(auction)
    with pytest.raises(AuctionOver):
        await convene_panel(session, host, tender.listing_id, EXPERTS)


async def test_only_the_host_reads_a_panel_and_the_audit_record_names_no_expert_and_no_score(
    session: Session, host: Caller, tender: MadeTender
) -> None:
    panel_id = await make_panel(session, host, tender, "41.25")
    (listed,) = await list_tender_panels(session, host, listing_id=tender.listing_id)
    assert (listed.panel.id, listed.bidders) == (panel_id, sorted(tender.sale.codes))
    for role in (Role.REVIEWER, Role.SUPERVISOR, Role.SELLER, Role.BIDDER):
        with pytest.raises(NotPermitted):
            await get_tender_panel(session, await make_caller(session, role), panel_id)
    query = select(AuditRecord.detail).where(AuditRecord.subject_id == str(panel_id))
    told = str([dict(detail) for detail in (await session.execute(query)).scalars()])
    assert tender.sale.codes[0] in told
    assert "王一" not in told
    assert "41.25" not in told
    assert "165/4" not in told


async def _panel(session: Session) -> tuple[Caller, MadeTender, UUID]:
    await make_master(session)
    host, tender = await make_host(session), await make_tender(session)
    return host, tender, await make_panel(session, host, tender, "40", "30")


async def test_the_host_finishes_and_locks_a_panel_by_api(client: AsyncClient, db: Database) -> None:
    host, tender, panel_id = await db.write(_panel)
    headers = await headers_of(db, host)
    path = f"/api/v1/panels/{panel_id}"
    early = await client.post(f"{path}/lock", headers=headers)
    assert (early.status_code, early.json()["missing"]) == (409, [tender.sale.codes[2]])
    body = {"points": points("20.5")}
    entered = await client.put(f"{path}/assessments/{tender.sale.codes[2]}", json=body, headers=headers)
    assert entered.status_code == 200, entered.text
    assert entered.json()["criteria"][0]["weight"] == "45"
    locked = await client.post(f"{path}/lock", headers=headers)
    assert locked.status_code == 201, locked.text
    assert locked.json()["commitment"]
    room = (await client.get(f"/api/v1/auctions/{tender.sale.id}")).json()
    assert room["detail"]["scores_commitment"] == locked.json()["commitment"]
    events = (await client.get(f"/api/v1/auctions/{tender.sale.id}/events")).json()
    assert "王一" not in str(events)
