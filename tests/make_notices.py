"""Makers of public notices and objections, each brought to its state by the real operations."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from app.accounts.permissions import Role
from app.clock import market_now
from app.trades.models import Listing
from app.trades.notice_completion import complete_notice
from app.trades.notice_models import PublicNotice
from app.trades.notices import NoticeContent, draft_notice, publish_notice
from app.trades.objections import NewObjection, ObjectionDecision
from tests.make_accounts import make_caller, make_organisation
from tests.make_trades import make_negotiated

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import Session
    from tests.conftest import SetNow

PRICE_FEN = 12_800_000
OBJECTION = NewObjection("unit_member", "公示的完成人名单有遗漏，请予核查。", "项目任务书第 3 页。")
REJECTED = ObjectionDecision(
    "reject", "经核查，完成人名单无遗漏，异议不成立。", "成果转化领导小组", is_unrelated=True
)
UPHELD = ObjectionDecision(
    "uphold", "经核查，完成人名单确有遗漏，异议成立。", "校长办公会", is_unrelated=True
)


class Noticed:
    """A sale with its seller, the buyer that was agreed with, and the notice of it."""

    def __init__(self, listing: Listing, seller: Caller, buyer_id: UUID) -> None:
        """Without a notice yet."""
        self.listing, self.seller, self.buyer_id = listing, seller, buyer_id
        self.notice_id: UUID

    def content(self, **over: Any) -> NoticeContent:
        """What the notice says: everything that any jurisdiction asks for."""
        fields: dict[str, Any] = {
            "achievement_name": "一种虚构的温控装置",
            "price_fen": PRICE_FEN,
            "transferee_id": self.buyer_id,
            "abstract": "适用于冷链运输的温控装置。",
            "relation": "受让方与完成人无关联。",
            "involved": ["发明人甲"],
            "posted_at_unit": "本单位官网公示栏",
            "objection_channel": "成果转化办公室",
            "objection_procedure": "实名书面提出，领导小组 10 个工作日内书面答复。",
            "is_cleared": True,
        }
        return NoticeContent(**{**fields, **over})


async def make_noticed(
    session: Session,
    /,
    *,
    regime: str = "state_research",
    jurisdiction: str = "CN",
    status: str = "running",
    seller: Caller | None = None,
    buyer_id: UUID | None = None,
    listing: Listing | None = None,
    **over: Any,
) -> Noticed:
    """A negotiated sale of a seller under a regime, with a notice that is none, draft or running."""
    if seller is None:
        organisation = await make_organisation(session, kind="university")
        organisation.regime, organisation.jurisdiction = regime, jurisdiction
        await session.flush()
        seller = await make_caller(session, Role.SELLER, Role.SIGNATORY, organisation=organisation)
    if listing is None:
        ends_at = await market_now(session) + timedelta(days=90)
        listing = await make_negotiated(session, seller=seller, closes_at=ends_at)
    made = Noticed(listing, seller, buyer_id or (await make_organisation(session)).id)
    if status != "none":
        made.notice_id = await draft_notice(session, seller, listing.id, made.content(**over))
    if status == "running":
        await publish_notice(session, seller, made.notice_id)
    return made


async def get_row(session: Session, notice_id: UUID) -> PublicNotice:
    """The notice's row, read afresh."""
    return await session.get_one(PublicNotice, notice_id, populate_existing=True)


async def run_to(session: Session, now_is: SetNow, notice_id: UUID, now: datetime) -> PublicNotice:
    """Moves the market's clock and lets the worker keep its promise."""
    await now_is(session, now)
    await complete_notice(session, {"notice_id": str(notice_id)})
    return await get_row(session, notice_id)
