"""What is paid by other plans in the world of the permission tests: a royalty that is reported, milestones."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import text

from app.accounts.permissions import Role
from app.settlement.announcing import announce_plan
from app.settlement.milestones import state_milestone
from app.settlement.opening import answer_plan, open_settlement
from app.settlement.royalties import answer_report, propose_correction, report_royalty
from app.settlement.rules import PlanKind, Term
from app.trades.listings import submit_listing
from app.trades.publication import publish_listing
from app.trades.reviewing import review_listing
from tests.make_accounts import make_caller
from tests.make_plans import PRICE_FEN, ROYALTY, make_agreed_price
from tests.make_trades import make_listing
from tests.permissions.asking import ALL

if TYPE_CHECKING:
    from app.db import Session
    from tests.permissions.world import World

# Years are not waited for, and stages are for licences: only a test can put both where they are wanted.
FORGE = """
ALTER TABLE royalty_plan DISABLE TRIGGER USER;
UPDATE royalty_plan SET starts_on = starts_on - 1461, periods = 5;
ALTER TABLE royalty_plan ENABLE TRIGGER USER;
ALTER TABLE settlement_term DISABLE TRIGGER USER;
UPDATE settlement_term SET condition = '中试样机验收通过' WHERE settlement_id = '{settlement}';
ALTER TABLE settlement_term ENABLE TRIGGER USER;
"""


async def plan_payments(session: Session, world: World) -> None:
    """A settlement with royalties between S and B, its reports at each of their steps, and a listing with a plan."""
    seller, buyer = world.people[f"S/{ALL}"], world.people[f"B/{ALL}"]
    made = await make_agreed_price(session, seller=seller, buyer=buyer)
    terms = [Term(PRICE_FEN - 100, world.today), Term(100, world.today + timedelta(days=90))]
    planned = await open_settlement(session, seller, made.deal_id, PlanKind.ENTRY_FEE, terms, ROYALTY)
    await answer_plan(session, buyer, planned, accepts=True)
    await session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    for statement in FORGE.format(settlement=planned).strip().split(";\n"):
        await session.execute(text(statement.strip(";")))
    session.expire_all()

    async def report(period: int, objection: str | None) -> UUID:
        report_id = await report_royalty(session, buyer, planned, period, 1_000_000)
        if objection is not None:
            await answer_report(session, seller, report_id, accepts=False, objection=objection)
        return report_id

    reports = [await report(1, None), await report(2, "要求查阅账目。"), await report(3, "要求查阅账目。")]
    corrected = await propose_correction(session, buyer, reports[2], 2_000_000, "查账后核对的数额。")
    stated = await state_milestone(session, buyer, planned, 1, "中试样机验收通过，附报告。")
    listing = await make_listing(session, seller=world.people["S/seller"], closes_at=world.closes_at)
    await announce_plan(session, seller, listing.id, PlanKind.ROYALTY, (), ROYALTY)
    await submit_listing(session, seller, listing.id)
    reviewer = await make_caller(session, Role.REVIEWER)
    await review_listing(session, reviewer, listing.id, "accept")
    await publish_listing(session, reviewer, listing.id)
    world.ids |= {
        "planned": str(planned),
        "royalty_report": str(reports[0]),
        "report_objected": str(reports[1]),
        "report_correction": str(corrected),
        "milestone": str(stated),
        "planned_listing": str(listing.id),
    }
