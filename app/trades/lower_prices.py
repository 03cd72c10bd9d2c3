"""Lower prices of what is listed anew (降价再挂牌): how far a seller of a regime may go without a new approval."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.accounts.queries import get_organisation
from app.clock import market_date
from app.dated_rules import get_rule
from app.trades.errors_lifecycle import ApprovalNeeded
from app.trades.rules import percent_of

if TYPE_CHECKING:
    from datetime import datetime

    from app.db import AnySession
    from app.trades.models import Listing

_BASIS_POINTS = 10_000


async def require_price_approved(session: AnySession, listing: Listing, now: datetime) -> None:
    """Raises ApprovalNeeded for a price so far below the first one that the seller's regime asks for a new approval.

    Source: 企业国有资产交易监督管理办法 (32号令): below 90 % of the first listing price the approving body approves anew.
    """
    if listing.first_price_fen is None or listing.direction == "reverse" or listing.approval_ref.strip():
        return
    regime = (await get_organisation(session, listing.seller_id)).regime
    key = f"relist.lowest_bp.{regime}"
    share = int(await get_rule(session, key, board=listing.board, on=market_date(now)))
    lowest = -(-listing.first_price_fen * share // _BASIS_POINTS)
    if listing.start_price_fen < lowest:
        raise ApprovalNeeded(lowest, percent_of(share))
