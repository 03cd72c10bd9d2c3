"""Rights in the way in the world of the permission tests: a draft with a co-owner, and a pledgee who has consented."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.make_rights import PLEDGE, make_consent, make_right
from tests.make_trades import make_listing

if TYPE_CHECKING:
    from app.db import Session
    from tests.permissions.world import World


async def encumber(session: Session, world: World) -> None:
    """Makes what stands in the way of a draft of S."""
    seller = world.people["S/seller"]
    listing = await make_listing(session, seller=seller, opens_at=world.opens_at, closes_at=world.closes_at)
    pledge_id = await make_right(session, seller, listing, PLEDGE)
    world.ids |= {
        "encumbered": str(listing.id),
        "encumbered_patent": str(listing.patent_id),
        "co_owner": str(await make_right(session, seller, listing)),
        "consent": str(await make_consent(session, seller, listing, pledge_id)),
    }
