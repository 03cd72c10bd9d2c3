"""Demands for technology (技术需求): posting one, and who reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app.accounts.permissions import Permission
from app.audit import audit
from app.catalog.errors_lots import DemandMissing
from app.catalog.lot_models import Demand

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import AnySession, Session


async def post_demand(
    session: Session, caller: Caller, *, title: str, description: str, ceiling_fen: int
) -> UUID:
    """Posts a demand of the caller's organisation with the highest price it would pay; answers its id.

    Needs LISTING_WRITE: a demand is what a reverse sale offers. Source of the ceiling (最高限价): 招标投标法实施条例
    article 27, under which there is no least price.
    """
    caller.require(Permission.LISTING_WRITE)
    demand = Demand(
        owner_organisation_id=caller.organisation_id,
        title=title,
        description=description,
        ceiling_fen=ceiling_fen,
        created_by=caller.person_id,
    )
    session.add(demand)
    await session.flush()
    await audit(
        session,
        caller,
        "demand.posted",
        subject_kind="demand",
        subject_id=demand.id,
        detail={"title": title, "ceiling_fen": ceiling_fen},
    )
    return demand.id


async def get_demand_for(session: AnySession, caller: Caller, demand_id: UUID) -> Demand:
    """Reads a demand of the caller's organisation, or any as the exchange. Raises DemandMissing."""
    found = (await session.execute(select(Demand).where(Demand.id == demand_id))).scalar_one_or_none()
    if found is None or not (caller.is_exchange or found.owner_organisation_id == caller.organisation_id):
        raise DemandMissing
    return found


async def get_demand(session: AnySession, demand_id: UUID) -> Demand:
    """Reads a demand, whoever asks: for a listing that is about it."""
    return (await session.execute(select(Demand).where(Demand.id == demand_id))).scalar_one()


async def map_demands(session: AnySession, demand_ids: Sequence[UUID]) -> dict[UUID, Demand]:
    """Reads demands by their ids, whoever asks: for listings that are about them."""
    if not demand_ids:
        return {}
    rows = (await session.execute(select(Demand).where(Demand.id.in_(demand_ids)))).scalars()
    return {row.id: row for row in rows}


async def list_demands(
    session: AnySession, caller: Caller, *, after: UUID | None = None, limit: int = 20
) -> list[Demand]:
    """Lists the demands that the caller may see, the newest first."""
    query = select(Demand)
    if not caller.is_exchange:
        query = query.where(Demand.owner_organisation_id == caller.organisation_id)
    if after is not None:
        query = query.where(Demand.id < after)
    return list((await session.execute(query.order_by(Demand.id.desc()).limit(limit))).scalars())
