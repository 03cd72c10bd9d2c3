"""Makers of scored tenders, panels and packages for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from app.accounts.permissions import Role
from app.auction.assessing import assess_bidder, convene_panel
from app.auction.queries import get_auction
from app.catalog.panels import Expert
from tests.make_accounts import make_caller
from tests.make_auction import MadeSale
from tests.make_sealed import make_sealed_sale

if TYPE_CHECKING:
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import Session

EXPERTS = [Expert(name, "晨星大学") for name in ("王一", "王二", "王三", "王四", "王五")]
OPTIONS = {
    "price_weight": 40,
    "criteria": [
        {"code": "solution", "zh": "技术方案", "en": "technical solution", "weight": 45},
        {"code": "team", "zh": "实施团队", "en": "team", "weight": 15},
    ],
    "experts": 5,
}


class MadeTender(NamedTuple):
    """An open tender with its admitted bidders, and its listing's id."""

    sale: MadeSale
    listing_id: UUID


async def make_tender(session: Session, /, **over: Any) -> MadeTender:
    """A scored tender with three admitted bidders that opened a second ago; needs a master key."""
    values = {"format": "scored_tender", "options": OPTIONS, "min_bidders": 3, "bidders": 3, **over}
    sale = await make_sealed_sale(session, **values)
    return MadeTender(sale, (await get_auction(session, sale.id)).listing_id)


async def make_host(session: Session) -> Caller:
    """Somebody at the host's desk."""
    return await make_caller(session, Role.HOST)


def points(solution: str, team: str = "10") -> dict[str, list[str]]:
    """The same points of all five experts."""
    return {"solution": [solution] * 5, "team": [team] * 5}


async def make_panel(session: Session, host: Caller, tender: MadeTender, *solutions: str) -> UUID:
    """A panel that has scored the bidders, in the order of their codes, with these points for the solution."""
    panel_id = await convene_panel(session, host, tender.listing_id, EXPERTS)
    for code, solution in zip(tender.sale.codes, solutions, strict=False):
        await assess_bidder(session, host, panel_id, code, points(solution), None)
    return panel_id
