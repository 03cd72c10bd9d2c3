"""Sales under their locks: the rows with their streams' heads and secrets, the official time, ready for the rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson
from sqlalchemy import text

from app.auction.rules.engine import (
    Fold,
    Published,
    Stream,
    make_game,
    needs_bidders,
    read_published,
    unpack_state,
)
from app.auction.rules.game import ENDED, PRIORITY_STAGE, State
from app.chain import HOST, PUBLIC

if TYPE_CHECKING:
    from collections.abc import Sequence

    import asyncpg

    from app.db import Session

# The sales' rows come first, in one order, so that everybody who wants one waits in one place; a race test takes the
# lock away here.
LOCK_SALES = "SELECT id FROM auction WHERE id = ANY($1) ORDER BY id FOR UPDATE"
LOCK_FREE_SALES = "SELECT id FROM auction WHERE id = ANY($1) ORDER BY id FOR UPDATE SKIP LOCKED"

# A statement of its own after the lock: under READ COMMITTED it sees what the holder before us committed, and its
# clock is read when we hold the lock. In the locking statement both could be stale by the whole wait.
READ_SALES = """
SELECT greatest(market_now(), auction.last_official_at) AS official_at, auction.id, auction.host_stream_id,
       auction.listing_id, auction.seller_id, auction.terms::text AS terms, auction.phase, auction.ends_at,
       auction.price_fen, auction.leader_id, auction.leader_code, auction.sequence, auction.extensions,
       auction.reserve_met, auction.stage, auction.hard_end_at, auction.moved_number, auction.moved_at,
       auction.detail, auction.judged,
       public.head_number AS public_number, public.head_hash AS public_hash,
       host.head_number AS host_number, host.head_hash AS host_hash,
       secret.reserve_fen, secret.key AS reserve_key, secret.hidden
  FROM auction
  JOIN event_stream AS public ON public.id = auction.id
  JOIN event_stream AS host ON host.id = auction.host_stream_id
  LEFT JOIN auction_secret AS secret ON secret.auction_id = auction.id
 WHERE auction.id = ANY($1)
"""

READ_ADMITTED = """
SELECT admission.auction_id, admission.code, admission.party_id, admission.has_priority, admission.stream_id,
       stream.head_number, stream.head_hash
  FROM admission JOIN event_stream AS stream ON stream.id = admission.stream_id
 WHERE admission.auction_id = ANY($1)
 ORDER BY admission.auction_id, admission.code
"""


_BEGIN = text("SELECT 1")


@dataclass(slots=True)
class Sale:
    """A sale as it stands under its lock, with its secrets; it never leaves the operation.

    ``official_at`` is the market's clock after the lock, never earlier than the sale's last official time: whoever
    waited is judged by when he was let in. ``parties`` names who is behind a code, as far as it was read.
    """

    id: UUID
    official_at: datetime
    host_stream_id: UUID
    listing_id: UUID
    seller_id: UUID
    published: Published
    state: State
    stored_hidden: str | None
    judged: int
    reserve_fen: int | None
    reserve_key: bytes | None
    streams: dict[str, Stream]
    parties: dict[str, UUID] = field(default_factory=dict)
    holders: frozenset[str] = frozenset()

    @property
    def has_ended(self) -> bool:
        """Whether nothing can be bid any more: it is closed, only asks about its result, or its last stage's end has passed."""
        state, terms = self.state, self.published.terms
        if state.phase in ENDED or state.stage == PRIORITY_STAGE:
            return True
        if state.phase == "suspended":
            return False
        rules, game = self.published.format, make_game(self.published)
        if state.phase == "scheduled":
            if self.official_at < terms.opens_at:
                return False
            state = rules.open(game, state)
        state, _ = rules.advance(game, state, self.official_at)
        return self.official_at >= state.ends_at and not rules.goes_on(game, state)

    @property
    def takes_newcomers(self) -> bool:
        """Whether somebody who is admitted now can still take part."""
        state, until = self.state, self.published.format.newcomers_until
        if self.has_ended:
            return False
        runs = state.phase == "suspended" or self.official_at < state.ends_at
        return until is None or (state.stage == until and runs)

    def fold(self) -> Fold:
        """The sale ready to be carried on by its rules."""
        game = make_game(self.published, self.reserve_fen, self.reserve_key, self.holders)
        return Fold(self.published.format, game, self.state, self.streams, self.official_at)


async def lock_sales(
    raw: asyncpg.Connection[Any], auction_ids: Sequence[UUID], *, only_free: bool = False
) -> list[Sale]:
    """Takes the sales' locks in one order, then reads them afresh with the official time.

    With ``only_free`` sales that another transaction holds are left out.
    """
    locked = [
        row["id"] for row in await raw.fetch(LOCK_FREE_SALES if only_free else LOCK_SALES, list(auction_ids))
    ]
    sales = [_sale(row) for row in await raw.fetch(READ_SALES, locked)]
    wanted = {sale.id: sale for sale in sales if needs_bidders(sale.published)}
    if wanted:
        for row in await raw.fetch(READ_ADMITTED, list(wanted)):
            sale, code = wanted[row["auction_id"]], row["code"]
            sale.parties[code] = row["party_id"]
            sale.streams[code] = Stream(str(row["stream_id"]), row["head_number"], row["head_hash"])
            if row["has_priority"]:
                sale.holders |= {code}
    return sales


async def lock_sale(session: Session, auction_id: UUID) -> Sale | None:
    """Takes one sale's lock in a session's transaction; None when there is no such sale."""
    sales = await lock_sales(await driver(session), [auction_id])
    return sales[0] if sales else None


def _sale(row: asyncpg.Record) -> Sale:
    published = read_published(row["terms"])
    detail, hidden = unpack_state(published.format, row["stage"], _read(row["detail"]), _read(row["hidden"]))
    state = State(
        row["phase"],
        row["ends_at"],
        row["price_fen"],
        row["leader_code"],
        row["sequence"],
        row["extensions"],
        row["reserve_met"],
        row["stage"],
        row["hard_end_at"],
        row["moved_number"],
        row["moved_at"],
        detail,
        hidden,
    )
    sale = Sale(
        id=row["id"],
        official_at=row["official_at"],
        host_stream_id=row["host_stream_id"],
        listing_id=row["listing_id"],
        seller_id=row["seller_id"],
        published=published,
        state=state,
        stored_hidden=row["hidden"],
        judged=row["judged"],
        reserve_fen=row["reserve_fen"],
        reserve_key=row["reserve_key"],
        streams={
            PUBLIC: Stream(str(row["id"]), row["public_number"], row["public_hash"]),
            HOST: Stream(str(row["host_stream_id"]), row["host_number"], row["host_hash"]),
        },
    )
    if row["leader_code"] is not None:
        sale.parties[row["leader_code"]] = row["leader_id"]
    return sale


def _read(stored: str | None) -> Any:  # noqa: ANN401 - JSON
    return None if stored is None else orjson.loads(stored)


async def driver(session: Session) -> asyncpg.Connection[Any]:
    """The driver's own connection, for the statements that must cost little.

    A statement on the driver alone would not begin the session's transaction, so this does.
    """
    fairy = await (await session.connection()).get_raw_connection()
    connection: asyncpg.Connection[Any] = fairy.driver_connection
    if not connection.is_in_transaction():
        # The session begins its transaction with its first own statement; without one each of ours would be its own.
        await session.execute(_BEGIN)
    return connection
