"""Sales of the world whose winner defaulted: in one the next bidder may be asked, in the other he has been."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from app.auction.bidding import place_bids
from app.clock import market_now
from app.settlement.defaulting import Declared, decide_default, declare_default
from app.trades.default_rules import Ground
from app.trades.successors import ask_successor
from tests.make_auction import request
from tests.make_trades import make_intent, make_listing
from tests.permissions.asking import ALL
from tests.permissions.settled import deal_of

if TYPE_CHECKING:
    from app.db import Database, Session
    from tests.permissions.world import World

START_FEN, STEP_FEN = 10_000_000, 100_000
_NAMES = ("askable", "asked")


async def list_successions(session: Session, world: World) -> None:
    """Two sales in which M and B are admitted."""
    now = await market_now(session)
    times = {"opens_at": now + timedelta(hours=1), "closes_at": now + timedelta(hours=25)}
    for name in _NAMES:
        listing = await make_listing(session, status="listed", seller=world.people["S/seller"], **times)
        world.listings[name] = listing
        for letter in ("B", "M"):
            await make_intent(session, listing, status="admitted", buyer=world.people[f"{letter}/{ALL}"])


async def bid_for_successions(db: Database, world: World) -> None:
    """B bids, and M bids more."""
    for name in _NAMES:
        auction_id = world.listings[name].auction_id
        assert auction_id is not None
        for place, letter in enumerate(("B", "M")):
            bid = request(world.organisations[letter].id, START_FEN + place * STEP_FEN)
            (answer,) = await db.write(place_bids, auction_id, [bid])
            assert getattr(answer, "refusal", answer) is None


async def default_successions(session: Session, world: World) -> None:
    """M does not sign; of one of the two sales B is asked."""
    said = Declared(Ground.REFUSE_CONFIRMATION, "买受人书面表示不再签署。", 0)
    for name in _NAMES:
        deal_id = await deal_of(session, world.listings[name])
        made = await declare_default(session, world.people["E/host"], deal_id, said)
        await decide_default(session, world.people["E/reviewer"], made, confirms=True)
        world.ids[f"{name}_deal"] = str(deal_id)
    expires_at = await market_now(session) + timedelta(days=10)
    seller, deal_id = world.people["S/seller"], UUID(world.ids["asked_deal"])
    world.ids["successor_offer"] = str(await ask_successor(session, seller, deal_id, expires_at))
