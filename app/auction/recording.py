"""Recording: what the rules made of sales goes to the database in as few statements as there are tables.

Events, judged requests and signed heads of a large batch go by COPY, those of a small one with everything else in one
statement: a single bid pays for one round trip, a hot sale for few.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from app.auction.protocol.heads import SignedHead, Tree
from app.auction.rules.engine import Stream, pack_state
from app.ids import uuid7

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    import asyncpg

    from app.auction.protocol.heads import Signer
    from app.auction.rules.engine import Fold
    from app.auction.sale import Sale

# Below this many rows the one statement is cheaper than COPY's round trips.
COPY_FROM = 24
EVENT_COLUMNS = ("stream_id", "number", "kind", "at", "body", "hash")
BID_COLUMNS = (
    "auction_id",
    "party_id",
    "bid_id",
    "person_id",
    "kind",
    "amount_fen",
    "if_number",
    "step",
    "commitment",
    "refusal",
    "stream_id",
    "number",
    "turn",
    "ends_at",
    "received_at",
)
HEAD_COLUMNS = ("stream_id", "first", "last", "hash", "root", "at", "key_id", "signature", "judged")
_BID_TYPES = (
    "uuid uuid uuid uuid text bigint bigint bigint text text uuid bigint bigint timestamptz timestamptz"
)
_EVENT_TYPES = "uuid bigint text timestamptz text bytea"
_HEAD_TYPES = "uuid bigint bigint bytea bytea timestamptz text bytea bigint"
_STREAM_TYPES = "uuid bigint bytea"
_SALE_COLUMNS = (
    ("id", "uuid"),
    ("phase", "text"),
    ("stage", "text"),
    ("ends_at", "timestamptz"),
    ("hard_end_at", "timestamptz"),
    ("price_fen", "bigint"),
    ("leader_id", "uuid"),
    ("leader_code", "text"),
    ("sequence", "bigint"),
    ("judged", "bigint"),
    ("extensions", "bigint"),
    ("reserve_met", "bool"),
    ("moved_number", "bigint"),
    ("moved_at", "timestamptz"),
    ("detail", "text"),
    ("due_at", "timestamptz"),
    ("last_official_at", "timestamptz"),
    ("closed_at", "timestamptz"),
)


def _columns(types: str, first: int) -> str:
    """The parameters of one table's columns, each an array."""
    return ", ".join(f"${first + place}::{kind}[]" for place, kind in enumerate(types.split()))


def _statement() -> str:
    """The one statement for five tables, its parameters in their order: column by column, table by table."""
    bids = 1 + len(EVENT_COLUMNS)
    signed = bids + len(BID_COLUMNS)
    streams = signed + len(HEAD_COLUMNS)
    sales = streams + len(_STREAM_TYPES.split())
    sale_types = " ".join(kind for _, kind in _SALE_COLUMNS)
    names = ", ".join(name for name, _ in _SALE_COLUMNS)
    changes = ", ".join(f"{name} = moved.{name}" for name, _ in _SALE_COLUMNS[1:])
    return f"""
WITH written_events AS (
  INSERT INTO event ({", ".join(EVENT_COLUMNS)}) SELECT * FROM unnest({_columns(_EVENT_TYPES, 1)})
), written_bids AS (
  INSERT INTO bid ({", ".join(BID_COLUMNS)}) SELECT * FROM unnest({_columns(_BID_TYPES, bids)})
), written_heads AS (
  INSERT INTO signed_head ({", ".join(HEAD_COLUMNS)})
  SELECT * FROM unnest({_columns(_HEAD_TYPES, signed)})
), moved_streams AS (
  UPDATE event_stream SET head_number = head.number, head_hash = head.hash
    FROM unnest({_columns(_STREAM_TYPES, streams)}) AS head (id, number, hash) WHERE event_stream.id = head.id
)
UPDATE auction SET {changes}
  FROM unnest({_columns(sale_types, sales)}) AS moved ({names}) WHERE auction.id = moved.id
"""  # noqa: S608 - put together from the names above


AWARD_TASK = "award_auction"
PROMISE_AWARDS = """
INSERT INTO task (id, name, key, payload, run_at, attempts)
SELECT id, $2, key, payload::jsonb, market_now(), 0 FROM unnest($1::uuid[], $3::text[], $4::text[]) AS due (id, key, payload)
    ON CONFLICT (name, key) WHERE done_at IS NULL DO NOTHING
"""
WRITE = _statement()
WRITE_HIDDEN = """
INSERT INTO auction_secret (auction_id, hidden) SELECT * FROM unnest($1::uuid[], $2::text[])
    ON CONFLICT (auction_id) DO UPDATE SET hidden = excluded.hidden
"""


class Batch(NamedTuple):
    """What one batch put on one stream: the tree over its events and, if signed, the head."""

    first: int
    tree: Tree
    head: SignedHead | None


class Work(NamedTuple):
    """One sale that was carried on: as it was read, and as the rules left it; ``bids`` are rows of judged requests."""

    sale: Sale
    fold: Fold
    bids: Sequence[tuple[Any, ...]] = ()


async def write_works(
    raw: asyncpg.Connection[Any], works: Sequence[Work], signer: Signer | None
) -> dict[str, Batch]:
    """Writes everything that the rules made of these sales; returns each touched stream's batch by its id.

    Needs the sales' locks. ``signer`` is None only where no receipts are given out.
    """
    touched = [(work, stream) for work in works for stream in work.fold.streams.values() if stream.fresh]
    batches = {stream.id: _sign(stream, work.sale, signer) for work, stream in touched}
    events = [
        (stream.id, number, kind, at, body, digest)
        for _, stream in touched
        for number, kind, at, body, digest in stream.fresh
    ]
    bids = list(chain.from_iterable(work.bids for work in works))
    if len(events) >= COPY_FROM:
        await raw.copy_records_to_table("event", records=events, columns=EVENT_COLUMNS)
        events = []
    if len(bids) >= COPY_FROM:
        await raw.copy_records_to_table("bid", records=bids, columns=BID_COLUMNS)
        bids = []
    heads = [
        (*head, work.sale.judged + len(work.bids))
        for work, stream in touched
        if (head := batches[stream.id].head) is not None
    ]
    if len(heads) >= COPY_FROM:
        await raw.copy_records_to_table("signed_head", records=heads, columns=HEAD_COLUMNS)
        heads = []
    streams = [(stream.id, stream.number, stream.hash) for _, stream in touched]
    await raw.execute(
        WRITE,
        *_across(events, len(EVENT_COLUMNS)),
        *_across(bids, len(BID_COLUMNS)),
        *_across(heads, len(HEAD_COLUMNS)),
        *_across(streams, len(_STREAM_TYPES.split())),
        *_across([_sale_row(work) for work in works], len(_SALE_COLUMNS)),
    )
    await _write_hidden(raw, works)
    await _promise_awards(raw, [work.sale.id for work in works if work.fold.has_ended])
    return batches


def _across(rows: Sequence[tuple[Any, ...]], width: int) -> Iterable[Sequence[Any]]:
    """Rows turned into columns; none of them is as many empty columns."""
    return zip(*rows, strict=True) if rows else ((),) * width


def _sign(stream: Stream, sale: Sale, signer: Signer | None) -> Batch:
    first = stream.before + 1
    tree = Tree([recorded.hash for recorded in stream.fresh])
    head = None if signer is None else signer.sign(stream.id, first, tree, stream.hash, sale.official_at)
    return Batch(first, tree, head)


def _sale_row(work: Work) -> tuple[Any, ...]:
    sale, fold = work.sale, work.fold
    state = fold.state
    detail, _ = pack_state(fold.rules, state)
    return (
        sale.id,
        state.phase,
        state.stage,
        state.ends_at,
        state.hard_end_at,
        state.price_fen,
        None if state.leader is None else sale.parties[state.leader],
        state.leader,
        state.sequence,
        sale.judged + len(work.bids),
        state.extensions,
        state.reserve_met,
        state.moved,
        state.moved_at,
        None if detail is None else orjson.dumps(detail).decode(),
        fold.due_at(),
        sale.official_at,
        sale.official_at if fold.has_ended else None,
    )


async def _write_hidden(raw: asyncpg.Connection[Any], works: Sequence[Work]) -> None:
    """Keeps the formats' secret state where it changed."""
    changed: list[tuple[UUID, str]] = []
    for work in works:
        if work.fold.state.hidden is None:
            continue
        _, hidden = pack_state(work.fold.rules, work.fold.state)
        stored = orjson.dumps(hidden).decode()
        if stored != work.sale.stored_hidden:
            changed.append((work.sale.id, stored))
    if changed:
        await raw.execute(WRITE_HIDDEN, *zip(*changed, strict=True))


async def _promise_awards(raw: asyncpg.Connection[Any], ended: list[UUID]) -> None:
    """Promises what follows each end in a higher package, in the end's own transaction."""
    if not ended:
        return
    ids = [str(auction_id) for auction_id in ended]
    payloads = [orjson.dumps({"auction_id": auction_id}).decode() for auction_id in ids]
    await raw.execute(PROMISE_AWARDS, [uuid7() for _ in ids], AWARD_TASK, ids, payloads)
