"""One sale under its lock: the row with its streams' heads and its reserve, and the official time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson
from sqlalchemy import text

from app.auction.rules.english import State
from app.auction.rules.terms import AuctionTerms
from app.clock import market_now

if TYPE_CHECKING:
    from app.db import Session

# The sale's row comes first, so that everybody who wants it waits in one place; a race test takes the lock away here.
LOCK_SALE = "SELECT id FROM auction WHERE id = :id FOR UPDATE"

# A statement of its own after the lock: under READ COMMITTED it sees what the holder before us committed.
READ_SALE = """
SELECT auction.id, auction.host_stream_id, auction.listing_id, auction.seller_id, auction.terms::text AS terms,
       auction.phase, auction.ends_at, auction.price_fen, auction.leader_id, auction.leader_code, auction.sequence,
       auction.extensions, auction.reserve_met, auction.last_official_at,
       public.head_number AS public_number, public.head_hash AS public_hash,
       host.head_number AS host_number, host.head_hash AS host_hash,
       secret.reserve_fen, secret.key AS reserve_key
  FROM auction
  JOIN event_stream AS public ON public.id = auction.id
  JOIN event_stream AS host ON host.id = auction.host_stream_id
  LEFT JOIN auction_secret AS secret ON secret.auction_id = auction.id
 WHERE auction.id = :id
"""


@dataclass(frozen=True, slots=True)
class Sale:
    """A sale as it stands under its lock, with its secret; it never leaves the operation."""

    id: UUID
    host_stream_id: UUID
    listing_id: UUID
    seller_id: UUID
    terms: AuctionTerms
    state: State
    leader_id: UUID | None
    last_official_at: datetime
    public_number: int
    public_hash: bytes
    host_number: int
    host_hash: bytes
    reserve_fen: int | None
    reserve_key: bytes | None


@lru_cache(maxsize=4096)
def read_terms(stored: str) -> AuctionTerms:
    """Reads stored terms; they are frozen at publication, so the same text is always the same terms."""
    return AuctionTerms.from_json(orjson.loads(stored))


async def lock_sale(session: Session, auction_id: UUID) -> Sale | None:
    """Takes the sale's lock and reads it afresh; None when there is no such sale."""
    await session.execute(text(LOCK_SALE), {"id": auction_id})
    row = (await session.execute(text(READ_SALE), {"id": auction_id})).first()
    return None if row is None else _sale(row)


def _sale(row: Any) -> Sale:  # noqa: ANN401 - a row of READ_SALE
    return Sale(
        id=row.id,
        host_stream_id=row.host_stream_id,
        listing_id=row.listing_id,
        seller_id=row.seller_id,
        terms=read_terms(row.terms),
        state=State(
            row.phase,
            row.ends_at,
            row.price_fen,
            row.leader_code,
            row.sequence,
            row.extensions,
            row.reserve_met,
        ),
        leader_id=row.leader_id,
        last_official_at=row.last_official_at,
        public_number=row.public_number,
        public_hash=bytes(row.public_hash),
        host_number=row.host_number,
        host_hash=bytes(row.host_hash),
        reserve_fen=row.reserve_fen,
        reserve_key=None if row.reserve_key is None else bytes(row.reserve_key),
    )


async def read_official_time(session: Session, sale: Sale) -> datetime:
    """The market's clock, read after the lock and never earlier than the sale's last official time."""
    return max(await market_now(session), sale.last_official_at)
