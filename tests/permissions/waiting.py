"""What waits for a hand in the world of the permission tests: changes of rules, and public notices."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, update

from app.rulebook.changing import NewRule, propose_rule
from app.trades.notice_completion import complete_notice
from app.trades.notice_models import PublicNotice
from app.trades.objections import file_objection
from tests.make_notices import OBJECTION, make_noticed
from tests.make_trades import make_negotiated
from tests.permissions.asks import ALL
from tests.permissions.course import run_courses
from tests.permissions.kept import keep_deposits

if TYPE_CHECKING:
    from app.db import Session
    from tests.permissions.world import World


async def keep_waiting(session: Session, world: World) -> None:
    """Makes what waits."""
    await _propose_rules(session, world)
    await _give_notice(session, world)
    await run_courses(session, world)
    await keep_deposits(session, world)


async def _give_notice(session: Session, world: World) -> None:
    """Notices of S: a draft, one that runs, one that an objection stopped, and one that was completed."""
    seller = world.people["S/seller"]
    buyer_id = world.organisations["B"].id
    made = {}
    for name in ("notice_draft", "notice", "stopped", "notice_done"):
        listing = await make_negotiated(session, seller=seller, closes_at=world.closes_at)
        status = "draft" if name == "notice_draft" else "running"
        made[name] = await make_noticed(
            session, seller=seller, buyer_id=buyer_id, listing=listing, status=status
        )
        world.ids[name] = str(made[name].notice_id)
    bare = await make_negotiated(session, seller=seller, closes_at=world.closes_at)
    world.ids["negotiated"] = str(bare.id)
    world.ids["noticed"] = str(made["notice"].listing.id)
    objector = world.people[f"X/{ALL}"]
    world.ids["objection"] = str(
        await file_objection(session, objector, made["stopped"].notice_id, OBJECTION)
    )
    # Fifteen days are not waited for: the end is put where the clock stands, as only a test can.
    done = made["notice_done"].notice_id
    await session.execute(
        update(PublicNotice)
        .where(PublicNotice.id == done)
        .values(counted_from=PublicNotice.counted_from - timedelta(days=40), ends_at=func.market_now())
    )
    session.expire_all()
    await complete_notice(session, {"notice_id": str(done)})


async def _propose_rules(session: Session, world: World) -> None:
    """Two changes of rules that wait for another person; the reviewer made the one that is asked for."""
    for desk in ("host", "reviewer"):
        new = NewRule("notice.period", {"count": 30, "unit": "day"}, date(2032, 1, 1), "示例条例第三十条")
        proposal = await propose_rule(session, world.people[f"E/{desk}"], new)
    world.ids["rule_proposal"] = str(proposal)
