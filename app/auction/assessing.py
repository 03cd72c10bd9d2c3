"""Assessing offers (评审): a panel for a scored tender, its points by bidder code, and the locking before prices open.

For the host's desk. The panel itself is kept by the catalogue; what fits the announced criteria is the rules' to say.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select

from app.accounts.permissions import Permission
from app.auction.errors import AuctionOver
from app.auction.models import Admission, Auction
from app.auction.queries import find_auction_of_listing
from app.auction.recording import Work, write_works
from app.auction.rules.engine import read_published
from app.auction.rules.game import ENDED
from app.auction.rules.scored_tender import SCORES_LOCKED, TenderOptions
from app.auction.rules.scoring import exact, read_points
from app.auction.sale import driver, lock_sale
from app.audit import audit
from app.catalog.errors_lots import AssessmentUnclear
from app.catalog.panels import (
    Expert,
    Found,
    PanelView,
    get_panel,
    keep_assessment,
    list_panels,
    lock_open_panel,
    mark_locked,
    name_experts,
)
from app.chain import canonical
from app.errors import Conflict, Missing

if TYPE_CHECKING:
    from app.accounts.caller import Caller
    from app.auction.protocol.heads import Signer
    from app.db import AnySession, Session


@dataclass(eq=False)
class NoTender(Missing):
    """This listing is not sold by a scored tender."""

    zh = "这个项目没有已发布的综合评议场次，不需要评审组。先以综合评议方式发布项目。"
    en = "There is no published scored tender for this listing, so it has no panel. Publish it as one first."


@dataclass(eq=False)
class BidderUnknown(Missing):
    """Nobody was admitted to this tender under this code."""

    zh = "本场没有竞买号 {bidder}。请按已取得竞买资格的竞买号填写。"
    en = "There is no bidder {bidder} in this tender. Take the code of an admitted bidder."
    bidder: str


@dataclass(eq=False)
class ScoresIncomplete(Conflict):
    """Not every admitted bidder has been assessed."""

    zh = "还没有评完：{missing}。每个已取得竞买资格的竞买号都要评分，或写明否决理由，才能锁定。"
    en = "These bidders have not been assessed: {missing}. Score each admitted bidder, or say why it is rejected, then lock."
    missing: list[str]


@dataclass(frozen=True)
class TenderPanel:
    """A panel with what its sale asks of it: the criteria and, until the locking, the codes to be assessed."""

    panel: PanelView
    auction_id: UUID
    criteria: list[dict[str, str]]
    bidders: list[str]


async def _find_tender(session: AnySession, listing_id: UUID) -> tuple[Auction, TenderOptions]:
    auction = await find_auction_of_listing(session, listing_id)
    options = None if auction is None else read_published(canonical(auction.terms)).options
    if auction is None or not isinstance(options, TenderOptions):
        raise NoTender
    return auction, options


async def _list_codes(session: AnySession, auction_id: UUID) -> list[str]:
    query = select(Admission.code).where(Admission.auction_id == auction_id).order_by(Admission.code)
    return list((await session.execute(query)).scalars())


async def convene_panel(
    session: Session, caller: Caller, listing_id: UUID, experts: Sequence[Expert]
) -> UUID:
    """Names the experts who assess the offers for a listing; answers the panel's id.

    Needs AUCTION_HOST. The names are secret until the result (招标投标法 article 37), also in the audit record. Raises
    NoTender, AuctionOver, ExpertsOff, PanelExists.
    """
    caller.require(Permission.AUCTION_HOST)
    auction, options = await _find_tender(session, listing_id)
    if auction.phase in ENDED:
        raise AuctionOver(auction.ends_at, auction.last_official_at)
    panel_id = await name_experts(session, caller.person_id, listing_id, options.experts, experts)
    await audit(
        session,
        caller,
        "panel.convened",
        subject_kind="panel",
        subject_id=panel_id,
        detail={"listing_no": auction.listing_no, "experts": len(experts)},
    )
    return panel_id


async def assess_bidder(
    session: Session,
    caller: Caller,
    panel_id: UUID,
    bidder: str,
    points: Mapping[str, Sequence[Any]] | None,
    rejection: str | None,
) -> None:
    """Enters what the panel found about one admitted bidder, in place of what it had found before.

    Either points by criterion, one exact number of each expert in their order, or why the offer is rejected
    (招标投标法实施条例 articles 49 and 51). Needs AUCTION_HOST; takes the panel's lock. Raises PanelMissing, PanelLocked,
    BidderUnknown, AssessmentUnclear, ScoresWrong. The audit record does not tell the scores.
    """
    caller.require(Permission.AUCTION_HOST)
    panel = await lock_open_panel(session, panel_id)
    auction, options = await _find_tender(session, panel.listing_id)
    if bidder not in await _list_codes(session, auction.id):
        raise BidderUnknown(bidder)
    if (points is None) == (rejection is None):
        raise AssessmentUnclear
    read = None
    if points is not None:
        scored = read_points(options.criteria, options.experts, bidder, points)
        read = {code: [exact(value) for value in values] for code, values in scored.items()}
    await keep_assessment(session, caller.person_id, panel_id, bidder, Found(read, rejection))
    await audit(
        session,
        caller,
        "panel.assessed",
        subject_kind="panel",
        subject_id=panel_id,
        detail={"listing_no": auction.listing_no, "bidder": bidder, "is_rejected": read is None},
    )


async def lock_scores(session: Session, caller: Caller, panel_id: UUID, signer: Signer | None = None) -> UUID:
    """Locks a panel's scores and publishes the commitment to them; prices open only after this. Answers the panel's id.

    Needs AUCTION_HOST; takes the sale's lock, then the panel's. Every admitted bidder has to be assessed: who of them
    has sealed an offer nobody knows yet. Raises PanelMissing, NoTender, PanelLocked, ScoresIncomplete, and what the rules
    refuse (AuctionNotOpen, AuctionSuspended, AuctionOver).
    """
    caller.require(Permission.AUCTION_HOST)
    before = await get_panel(session, panel_id)
    auction, _ = await _find_tender(session, before.listing_id)
    sale = await lock_sale(session, auction.id)
    await lock_open_panel(session, panel_id)
    if sale is None:
        raise NoTender
    panel = await get_panel(session, panel_id)
    missing = sorted(set(await _list_codes(session, auction.id)) - set(panel.found))
    if missing:
        raise ScoresIncomplete(missing)
    fold = sale.fold()
    fold.advance()
    fold.act(SCORES_LOCKED, _members(panel))
    await write_works(await driver(session), [Work(sale, fold)], signer)
    commitment: str = fold.state.detail.commitment
    await mark_locked(session, caller.person_id, panel_id, commitment, fold.now)
    await audit(
        session,
        caller,
        "panel.locked",
        subject_kind="panel",
        subject_id=panel_id,
        detail={"listing_no": auction.listing_no, "commitment": commitment},
    )
    return panel_id


def _members(panel: PanelView) -> dict[str, Any]:
    """The act as the rules read it, under a fresh key that the opening of prices tells."""
    return {
        "experts": [expert.name for expert in panel.experts],
        "scores": {code: found.points for code, found in panel.found.items() if found.points is not None},
        "rejected": {
            code: found.rejection for code, found in panel.found.items() if found.rejection is not None
        },
        "key": secrets.token_hex(32),
    }


async def get_tender_panel(session: AnySession, caller: Caller, panel_id: UUID) -> TenderPanel:
    """Reads a panel with its scores, for the host's desk alone. Raises NotPermitted, PanelMissing."""
    caller.require(Permission.AUCTION_HOST)
    return await _with_tender(session, await get_panel(session, panel_id))


async def list_tender_panels(
    session: AnySession,
    caller: Caller,
    *,
    listing_id: UUID | None = None,
    after: UUID | None = None,
    limit: int = 20,
) -> list[TenderPanel]:
    """Lists panels, the newest first, for the host's desk alone. Raises NotPermitted."""
    caller.require(Permission.AUCTION_HOST)
    panels = await list_panels(session, listing_id=listing_id, after=after, limit=limit)
    return [await _with_tender(session, panel) for panel in panels]


async def _with_tender(session: AnySession, panel: PanelView) -> TenderPanel:
    auction, options = await _find_tender(session, panel.listing_id)
    criteria = [
        {"code": item.code, "zh": item.zh, "en": item.en, "weight": exact(item.weight)}
        for item in options.criteria
    ]
    return TenderPanel(panel, auction.id, criteria, await _list_codes(session, auction.id))
