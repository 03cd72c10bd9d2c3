"""What follows the deals of the world: settlements and distributions at each of their steps."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from app.accounts.permissions import Role
from app.brokers.mandates import NewMandate, offer_mandate
from app.settlement.defaulting import Declared, declare_default
from app.settlement.distributing import Step, take_step
from app.settlement.opening import open_settlement
from app.settlement.queries import find_waiting_release
from app.settlement.releasing import (
    Recordal,
    decide_release,
    request_release,
    review_recordal,
    submit_recordal,
)
from app.settlement.rules import PlanKind, Term
from app.trades.default_rules import Ground
from app.trades.models import Deal, Listing
from tests.make_accounts import make_caller
from tests.make_settlements import make_draft, pay_price
from tests.permissions.asking import ALL

if TYPE_CHECKING:
    from app.db import Session
    from tests.permissions.world import World

SETTLED = ("proposed", "recorded", "waiting", "released")


async def deal_of(session: Session, listing: Listing) -> UUID:
    """The id of a listing's deal."""
    found = await session.execute(Deal.__table__.select().where(Deal.listing_id == listing.id))
    deal_id: UUID = found.one().id
    return deal_id


async def distribute(session: Session, world: World) -> None:
    """Distributions of the seller's: one that waits for its decision, and one that waits for the payment."""
    steps: tuple[Step, ...] = ("decide", "approve")
    for name, count in (("deal", 0), ("in_force", 0), ("registered", 2)):
        deal_id = await deal_of(session, world.listings[name])
        made = await make_draft(session, world.people["S/seller"], deal_id, share_count=1)
        for step in steps[:count]:
            who = world.people["S/signatory" if step == "decide" else f"S/{ALL}"]
            await take_step(session, who, made.distribution_id, step)
        if name == "deal":
            world.ids["contributor"] = str(made.contributor_ids[0])
        else:
            key = "distribution" if name == "in_force" else "distribution_approved"
            world.ids[key] = str(made.distribution_id)


async def settle_prices(session: Session, world: World) -> None:
    """Settlements at each step: planned, proposed, recorded, with a release that waits, released as a whole."""
    seller, buyer = world.people[f"S/{ALL}"], world.people[f"B/{ALL}"]
    finance, registrar = await make_caller(session, Role.FINANCE), world.people["E/registrar"]
    names = ("in_force", "applied", "registered", *SETTLED)
    deals = {name: await deal_of(session, world.listings[name]) for name in names}
    terms = [Term(world.price_fen - 1_000_000, world.today)]
    made = {"proposed": await open_settlement(session, buyer, deals["proposed"], PlanKind.INSTALMENTS, terms)}
    for name in ("in_force", "recorded", "waiting", "released"):
        made[name] = await open_settlement(session, seller, deals[name], PlanKind.ONE_OFF)
        await submit_recordal(session, seller, made[name], Recordal("SX1", world.today, "a" * 64))
    for name in SETTLED[1:]:
        await review_recordal(session, registrar, made[name])
    await pay_price(session, deals["released"], world.price_fen - 1_000_000)
    for name, amount in (("waiting", 1_000), ("released", world.price_fen)):
        await request_release(session, finance, made[name], amount)
        waiting = await find_waiting_release(session, made[name])
        assert waiting is not None
        world.ids["release"] = world.ids.get("release") or str(waiting.id)
    last = await find_waiting_release(session, made["released"])
    assert last is not None
    await decide_release(session, world.people["E/finance"], last.id, approves=True)
    said = Declared(Ground.REFUSE_CONFIRMATION, "买受人书面表示不再签署。", 0)
    world.ids["default"] = str(
        await declare_default(session, world.people["E/host"], deals["proposed"], said)
    )
    await declare_default(session, world.people["E/host"], UUID(world.ids["deal"]), said)
    mandate = NewMandate(
        world.organisations["M"].id, world.listings["deal"].id, 300, world.today, date(2030, 1, 1)
    )
    other = replace(mandate, listing_id=world.listings["signing"].id)
    await offer_mandate(session, seller, other)
    world.ids |= {
        "settled_deal": str(deals["in_force"]),
        "unsettled_deal": str(deals["applied"]),
        "settlement": str(made["in_force"]),
        "settlement_proposed": str(made["proposed"]),
        "settlement_recorded": str(made["recorded"]),
        "settlement_released": str(made["released"]),
        "settlement_paper": "settlement-sheet",
        "mandate": str(await offer_mandate(session, seller, mandate)),
    }
