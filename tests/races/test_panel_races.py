"""A score entered while the panel is being locked: what was locked is what is kept. The twin runs without the lock."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from sqlalchemy import select

from app.auction import assessing
from app.auction.assessing import assess_bidder, lock_scores
from app.auction.models import AuctionSecret
from app.catalog import panels
from app.catalog.errors_lots import PanelLocked
from app.catalog.lot_models import Panel
from app.catalog.panels import get_panel
from tests.make_sealed import make_master
from tests.make_tenders import MadeTender, make_host, make_panel, make_tender, points
from tests.races.meeting import Meeting

if TYPE_CHECKING:
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import AnySession, Database, Session


async def _prepare(session: Session) -> tuple[Caller, MadeTender, UUID]:
    await make_master(session)
    host, tender = await make_host(session), await make_tender(session)
    return host, tender, await make_panel(session, host, tender, "40", "30", "20")


async def _locked_points(session: AnySession, auction_id: UUID) -> dict[str, Any]:
    query = select(AuctionSecret.hidden).where(AuctionSecret.auction_id == auction_id)
    scores: dict[str, Any] = orjson.loads((await session.execute(query)).scalar_one() or "")["assessment"][
        "scores"
    ]
    return scores


async def a_score_against_the_locking(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The score is in what was locked, or it is refused; never beside it."""
    host, tender, panel_id = await db.write(_prepare)
    code = tender.sale.codes[0]
    meeting = Meeting()
    monkeypatch.setattr(assessing, "keep_assessment", meeting.before(assessing.keep_assessment))
    monkeypatch.setattr(assessing, "write_works", meeting.before(assessing.write_works))
    entered, locked = await asyncio.gather(
        db.write(assess_bidder, host, panel_id, code, points("1"), None),
        db.write(lock_scores, host, panel_id),
        return_exceptions=True,
    )
    assert locked == panel_id
    assert entered is None or isinstance(entered, PanelLocked)
    kept = (await db.read(get_panel, panel_id)).found
    assert {bidder: found.points for bidder, found in kept.items()} == await db.read(
        _locked_points, tender.sale.id
    )


async def test_under_the_lock_what_was_locked_is_what_is_kept(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await a_score_against_the_locking(db, monkeypatch)


async def test_without_the_lock_the_same_race_goes_wrong(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(panels, "_locking", lambda panel_id: select(Panel).where(Panel.id == panel_id))
    with pytest.raises(AssertionError):
        await a_score_against_the_locking(db, monkeypatch)
