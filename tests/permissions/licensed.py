"""Licences in the world of the permission tests: one that is open to whoever takes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.trades.licence_sales import terms_sha256
from tests.make_licences import make_ordinary

if TYPE_CHECKING:
    from app.db import Session
    from tests.permissions.world import World


async def offer_licences(session: Session, world: World) -> None:
    """Makes what S licenses."""
    ordinary = await make_ordinary(session, seller=world.people["S/seller"], closes_at=world.closes_at)
    world.ids |= {"ordinary": str(ordinary.id), "licence_terms": terms_sha256(ordinary)}
