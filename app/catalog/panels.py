"""Panels (评审组): their named experts and what they found about each bidder, until it is locked.

Who may do this, and what fits the announced criteria, is judged where the sale is known, in ``auction/assessing``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, func, select, update
from sqlalchemy.dialects.postgresql import insert

from app.catalog.errors_lots import ExpertsOff, PanelExists, PanelLocked, PanelMissing
from app.catalog.lot_models import Panel, PanelAssessment, PanelExpert
from app.ids import uuid7

if TYPE_CHECKING:
    from app.db import AnySession, Session


class Expert(NamedTuple):
    """One expert by name, with his employer where it is given."""

    name: str
    employer: str | None = None


class Found(NamedTuple):
    """What a panel found about one bidder: points by criterion as exact text, or why the offer is rejected."""

    points: Mapping[str, Sequence[str]] | None
    rejection: str | None


@dataclass(frozen=True)
class PanelView:
    """A panel with its experts in their order, and what it has found so far by bidder code."""

    id: UUID
    listing_id: UUID
    created_at: datetime
    locked_at: datetime | None
    commitment: str | None
    experts: list[Expert]
    found: dict[str, Found]


async def name_experts(
    session: Session, person_id: UUID, listing_id: UUID, panel_size: int, experts: Sequence[Expert]
) -> UUID:
    """Makes the panel of a listing with its experts, who do not change; answers its id.

    Raises ExpertsOff for another number or a name that comes twice, PanelExists.
    """
    if len({expert.name for expert in experts}) != len(experts) or len(experts) != panel_size:
        raise ExpertsOff(panel_size)
    claim = insert(Panel).values(id=uuid7(), listing_id=listing_id, created_by=person_id)
    made = await session.execute(
        claim.on_conflict_do_nothing(index_elements=["listing_id"]).returning(Panel.id)
    )
    panel_id: UUID | None = made.scalar_one_or_none()
    if panel_id is None:
        raise PanelExists
    session.add_all(
        PanelExpert(panel_id=panel_id, place=place, name=expert.name, employer=expert.employer)
        for place, expert in enumerate(experts, 1)
    )
    await session.flush()
    return panel_id


def _locking(panel_id: UUID) -> Select[Panel]:
    """The panel's row with its lock; a race test takes the lock away here."""
    return select(Panel).where(Panel.id == panel_id).with_for_update()


async def lock_open_panel(session: Session, panel_id: UUID) -> Panel:
    """Takes the panel's lock and reads it afresh. Raises PanelMissing, or PanelLocked once its scores are."""
    found = await session.execute(_locking(panel_id).execution_options(populate_existing=True))
    panel = found.scalar_one_or_none()
    if panel is None:
        raise PanelMissing
    if panel.locked_at is not None:
        raise PanelLocked
    return panel


async def keep_assessment(
    session: Session, person_id: UUID, panel_id: UUID, bidder_code: str, found: Found
) -> None:
    """Keeps what the panel found about a bidder, in place of what it had found before; needs the panel's lock."""
    values: dict[str, Any] = {
        "points": None if found.points is None else {code: list(row) for code, row in found.points.items()},
        "rejection": found.rejection,
        "entered_by": person_id,
    }
    statement = insert(PanelAssessment).values(panel_id=panel_id, bidder_code=bidder_code, **values)
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["panel_id", "bidder_code"], set_={**values, "entered_at": func.market_now()}
        )
    )


async def mark_locked(
    session: Session, person_id: UUID, panel_id: UUID, commitment: str, at: datetime
) -> None:
    """Marks a panel's scores as locked, with the commitment that was published; needs the panel's lock."""
    values = {"locked_by": person_id, "locked_at": at, "commitment": commitment}
    await session.execute(update(Panel).where(Panel.id == panel_id).values(**values))


async def get_panel(session: AnySession, panel_id: UUID) -> PanelView:
    """Reads a panel, whoever asks. Raises PanelMissing."""
    panels = await _views(session, select(Panel).where(Panel.id == panel_id))
    if not panels:
        raise PanelMissing
    return panels[0]


async def list_panels(
    session: AnySession,
    *,
    listing_id: UUID | None = None,
    after: UUID | None = None,
    limit: int = 20,
) -> list[PanelView]:
    """Lists panels, the newest first, whoever asks."""
    query = select(Panel)
    if listing_id is not None:
        query = query.where(Panel.listing_id == listing_id)
    if after is not None:
        query = query.where(Panel.id < after)
    return await _views(session, query.order_by(Panel.id.desc()).limit(limit))


async def _views(session: AnySession, query: Select[Panel]) -> list[PanelView]:
    """Panels with their experts and findings, read for all of them at once."""
    panels = list((await session.execute(query)).scalars())
    ids = [panel.id for panel in panels]
    experts = select(PanelExpert).where(PanelExpert.panel_id.in_(ids)).order_by(PanelExpert.place)
    named = list((await session.execute(experts)).scalars())
    findings = select(PanelAssessment).where(PanelAssessment.panel_id.in_(ids))
    kept = list((await session.execute(findings.order_by(PanelAssessment.bidder_code))).scalars())
    return [
        PanelView(
            panel.id,
            panel.listing_id,
            panel.created_at,
            panel.locked_at,
            panel.commitment,
            [Expert(row.name, row.employer) for row in named if row.panel_id == panel.id],
            {row.bidder_code: Found(row.points, row.rejection) for row in kept if row.panel_id == panel.id},
        )
        for panel in panels
    ]
