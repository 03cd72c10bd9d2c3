"""A deposit of the world that is not to be given back: declared, neither answered nor decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.settlement.forfeiting import Claimed, declare_forfeiture
from app.trades.forfeit_rules import ForfeitGround
from tests.make_trades import make_intent, make_listing
from tests.permissions.asking import ALL

if TYPE_CHECKING:
    from app.db import Session
    from tests.permissions.world import World


async def keep_deposits(session: Session, world: World) -> None:
    """B is admitted to a sale of S's, on papers that a reviewer found out to be false."""
    listing = await make_listing(session, status="listed", seller=world.people["S/seller"])
    intent = await make_intent(session, listing, status="admitted", buyer=world.people[f"B/{ALL}"])
    said = Claimed(ForfeitGround.FALSE_DOCUMENTS, "资信证明系伪造，银行回函否认。", "银行回函第三号扫描件。")
    claim = await declare_forfeiture(session, world.people["E/reviewer"], intent.id, said)
    world.ids["forfeiture"] = str(claim)
