"""Listings of S after their publication: suspended, terminated, with a petition that waits, and announced anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.trades.halting import suspend_listing
from app.trades.petitions import ask_desk, decide_petition
from app.trades.terminating import terminate_listing
from tests.make_lifecycle import SAID, fresh
from tests.make_trades import make_intent, make_listed_price, make_negotiated
from tests.permissions.asks import ALL

if TYPE_CHECKING:
    from app.db import Session
    from tests.permissions.world import World


async def run_courses(session: Session, world: World) -> None:
    """Brings four listings to where each of the acts may be tried."""
    seller, desk = world.people["S/seller"], world.people["E/reviewer"]
    made = {
        name: await make_negotiated(session, seller=seller, closes_at=world.closes_at)
        for name in ("halted", "over", "petitioned")
    }
    made["changed"] = await make_listed_price(session, seller=seller)
    world.ids |= {name: str(listing.id) for name, listing in made.items()}
    await suspend_listing(session, desk, made["halted"].id, SAID)
    await terminate_listing(session, desk, made["over"].id, SAID, ground="obstacle")
    world.ids["petition"] = str(await ask_desk(session, seller, made["petitioned"].id, "suspend", SAID))
    buyer = world.people[f"B/{ALL}"]
    intent = await make_intent(session, made["changed"], status="qualified", buyer=buyer)
    wish = {"description": "补充披露：样机已在两地试用一年。"}
    asked = await ask_desk(session, seller, made["changed"].id, "change", SAID, wish)
    await decide_petition(session, desk, made["changed"].id, asked, approves=True)
    world.ids["intent_unconfirmed"] = str(intent.id)
    world.listings["changed"] = await fresh(session, made["changed"])
