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

if TYPE_CHECKING:
    import asyncpg

    from app.db import Session

# The sale's row comes first, so that everybody who wants it waits in one place; a race test takes the lock away here.
LOCK_SALE = "SELECT id FROM auction WHERE id = :id FOR UPDATE"

# A statement of its own after the lock: under READ COMMITTED it sees what the holder before us committed, and its
# clock is read when we hold the lock. In the locking statement both could be stale by the whole wait.
READ_SALE = """
SELECT greatest(market_now(), auction.last_official_at) AS official_at, auction.id, auction.host_stream_id, auction.listing_id, auction.seller_id, auction.terms::text AS terms,
       auction.phase, auction.ends_at, auction.price_fen, auction.leader_id, auction.leader_code, auction.sequence,
       auction.extensions, auction.reserve_met,
       public.head_number AS public_number, public.head_hash AS public_hash,
       host.head_number AS host_number, host.head_hash AS host_hash,
       secret.reserve_fen, secret.key AS reserve_key
  FROM auction
  JOIN event_stream AS public ON public.id = auction.id
  JOIN event_stream AS host ON host.id = auction.host_stream_id
  LEFT JOIN auction_secret AS secret ON secret.auction_id = auction.id
 WHERE auction.id = $1
"""


@dataclass(frozen=True, slots=True)
class Sale:
    """A sale as it stands under its lock, with its secret; it never leaves the operation.

    ``official_at`` is the market's clock after the lock, never earlier than the sale's last official time: whoever
    waited is judged by when he was let in.
    """

    id: UUID
    official_at: datetime
    host_stream_id: UUID
    listing_id: UUID
    seller_id: UUID
    terms: AuctionTerms
    state: State
    leader_id: UUID | None
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
    """Takes the sale's lock, then reads it afresh with the official time; None when there is no such sale."""
    await session.execute(text(LOCK_SALE), {"id": auction_id})
    row = await (await driver(session)).fetchrow(READ_SALE, auction_id)
    return None if row is None else _sale(row)


def _sale(row: asyncpg.Record) -> Sale:
    state = State(
        row["phase"],
        row["ends_at"],
        row["price_fen"],
        row["leader_code"],
        row["sequence"],
        row["extensions"],
        row["reserve_met"],
    )
    return Sale(
        id=row["id"],
        official_at=row["official_at"],
        host_stream_id=row["host_stream_id"],
        listing_id=row["listing_id"],
        seller_id=row["seller_id"],
        terms=read_terms(row["terms"]),
        state=state,
        leader_id=row["leader_id"],
        public_number=row["public_number"],
        public_hash=row["public_hash"],
        host_number=row["host_number"],
        host_hash=row["host_hash"],
        reserve_fen=row["reserve_fen"],
        reserve_key=row["reserve_key"],
    )


async def driver(session: Session) -> asyncpg.Connection[Any]:
    """The driver's own connection, for the statements that must cost little.

    The session's transaction has to be under way: a statement on the driver alone would not begin it.
    """
    fairy = await (await session.connection()).get_raw_connection()
    connection: asyncpg.Connection[Any] = fairy.driver_connection
    return connection
