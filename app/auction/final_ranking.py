"""How the bidders of an ended sale stood at its end: each with his own last valid bid, the best first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import cast, func, select
from sqlalchemy.dialects.postgresql import JSONB

from app.auction.models import Admission
from app.auction.queries import get_auction
from app.events import EventRow

if TYPE_CHECKING:
    from uuid import UUID

    from app.auction.models import Auction
    from app.db import AnySession

# Where the amounts are opened at the end, the start price is judged then too: what is below it was no valid bid.
_JUDGED_AT_THE_END = frozenset({"sealed_first_price", "vickrey"})


@dataclass(frozen=True)
class FinalBid:
    """A bidder's last valid bid in an ended sale."""

    code: str
    party_id: UUID
    amount_fen: int


async def list_final_bids(session: AnySession, auction_id: UUID) -> list[FinalBid]:
    """Lists the last valid bid of every bidder of a sale that has ended, the best first; of a tender by its ranking.

    Read from the judged events of the public stream, so it is what anybody who replays the record finds. Nothing for a
    sale that has not ended. Raises AuctionMissing.
    """
    auction = await get_auction(session, auction_id)
    if auction.closed_at is None:
        return []
    body = await _closing_body(session, auction_id)
    if "ranking" in body:
        amounts = [(item["bidder"], int(item["amount_fen"])) for item in body["ranking"]]
    else:
        amounts = await _best_accepted(session, auction)
    if auction.format in _JUDGED_AT_THE_END:
        start = int(auction.terms["start_price_fen"])
        is_reverse = auction.direction == "reverse"
        amounts = [(code, fen) for code, fen in amounts if (fen <= start if is_reverse else fen >= start)]
    query = select(Admission.code, Admission.party_id).where(Admission.auction_id == auction_id)
    parties = {row.code: row.party_id for row in await session.execute(query)}
    return [FinalBid(code, parties[code], fen) for code, fen in amounts if code in parties]


async def _closing_body(session: AnySession, auction_id: UUID) -> dict[str, Any]:
    query = select(EventRow.body).where(EventRow.stream_id == auction_id, EventRow.kind == "auction_closed")
    found = (await session.execute(query)).scalar_one_or_none()
    return {} if found is None else dict(orjson.loads(found))


async def _best_accepted(session: AnySession, auction: Auction) -> list[tuple[str, int]]:
    """The best accepted amount of each code; of two equal ones the earlier comes first (价格优先、时间优先)."""
    body = cast(EventRow.body, JSONB)
    code, amount = body["bidder"].as_string(), body["amount_fen"].as_integer()
    is_reverse = auction.direction == "reverse"
    best = func.min(amount) if is_reverse else func.max(amount)
    query = (
        select(code, best)
        .where(EventRow.stream_id == auction.id, EventRow.kind == "bid_accepted", amount.is_not(None))
        .group_by(code)
        .order_by(best if is_reverse else best.desc(), func.min(EventRow.number))
    )
    return [(str(row[0]), int(row[1])) for row in await session.execute(query)]
