"""Licences in the world of the permission tests: one that is open to whoever takes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.trades.licence_sales import terms_sha256
from app.trades.listings import submit_listing
from app.trades.open_licences import declare_open_licence
from app.trades.reviewing import review_listing
from tests.make_licences import DECLARATION, make_open, make_ordinary
from tests.permissions.asking import ALL

if TYPE_CHECKING:
    from app.db import Session
    from tests.permissions.world import World


async def offer_licences(session: Session, world: World) -> None:
    """Makes what S licenses."""
    ordinary = await make_ordinary(session, seller=world.people["S/seller"], closes_at=world.closes_at)
    owner = world.people[f"S/{ALL}"]
    opened = await make_open(session, seller=owner, closes_at=world.closes_at)
    declared = [
        await make_ordinary(session, seller=owner, status="draft", closes_at=world.closes_at)
        for _ in range(2)
    ]
    await declare_open_licence(session, owner, declared[1].id, DECLARATION)
    await submit_listing(session, owner, declared[1].id)
    await review_listing(session, world.people["E/reviewer"], declared[1].id, "accept")
    world.ids |= {
        "opened": str(opened.id),
        "to_declare": str(declared[0].id),
        "to_announce": str(declared[1].id),
    }
    world.ids |= {"ordinary": str(ordinary.id), "licence_terms": terms_sha256(ordinary)}
