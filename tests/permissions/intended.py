"""What belongs to intents of the world: a consortium, a document, a suspicion, and the register of restricted parties."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from app.accounts.permissions import Role
from app.trades.declaring_rules import Declaration, Partner
from app.trades.intent_documents import lay_intent_document
from app.trades.intents import declare_intent
from app.trades.queries import get_intent
from app.trades.restrictions import NewRestriction, decide_restriction, propose_restriction
from app.trades.suspicions import list_suspicions_of, raise_suspicion
from tests.make_accounts import caller_for, make_organisation, make_person
from tests.make_trades import make_intent, rules_of
from tests.permissions.asking import ALL

if TYPE_CHECKING:
    from app.db import Session
    from app.trades.models import Listing
    from tests.permissions.world import World


async def complete_intents(session: Session, world: World) -> None:
    """M wants to buy together with B, and is suspected with Z; B has laid a document with an intent of its own."""
    listing: Listing = world.listings["joined"]
    partner = world.organisations["B"]
    assert partner.uscc is not None
    said = Declaration(lead_share_bp=6_000, partners=(Partner(partner.uscc, 4_000),))
    lead = world.people[f"M/{ALL}"]
    joined = await declare_intent(session, lead, listing.id, rules_of(listing), said=said)
    other = await make_intent(session, listing, buyer=world.people[f"Z/{ALL}"])
    await raise_suspicion(session, await get_intent(session, joined), other, "same_account", "尾号 0001")
    (suspicion,) = await list_suspicions_of(session, joined)
    submitted = UUID(world.ids["intent_submitted"])
    buyer = world.people[f"B/{ALL}"]
    document = await lay_intent_document(session, buyer, submitted, "funds", "存款证明.pdf", b"%PDF-1.7")
    world.ids |= {
        "joined": str(joined),
        "suspicion": str(suspicion.id),
        "intent_document": str(document),
    }
    await _restrict(session, world)


async def _restrict(session: Session, world: World) -> None:
    people = [
        await make_person(session, world.organisations["E"], [role])
        for role in (Role.REVIEWER, Role.SUPERVISOR)
    ]
    one, other = [await caller_for(session, person) for person in people]
    party = await make_organisation(session, name="受限示例有限公司")
    world.ids["restricted"] = str(party.id)
    for name in ("restriction", "restriction_effective"):
        new = NewRestriction(party.id, "dishonest", "示例法院失信决定书第一号", world.today, None)
        made = await propose_restriction(session, one, new)
        world.ids[name] = str(made)
        if name == "restriction_effective":
            await decide_restriction(session, other, made, confirms=True)
