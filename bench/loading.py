"""Loading sales in bulk for benchmarks: base rows by COPY, everything judged by the real rules and written by the real write.

A loaded sale cannot be told from one that was bid on: its chain, receipts and state are what the desk would have left.
"""

from __future__ import annotations

import dataclasses
import json
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from app.accounts.models import Organisation
from app.auction.recording import Work, write_works
from app.auction.rules.engine import Stream
from app.auction.rules.game import Request, Standing
from app.auction.rules.terms import AuctionTerms, commit_reserve
from app.auction.rules.words import write_rules
from app.auction.sale import READ_ADMITTED, Sale, lock_sales
from app.chain import EMPTY_HASH, Event
from app.ids import uuid7

if TYPE_CHECKING:
    import asyncpg

    from app.auction.protocol.heads import Signer
    from app.auction.rules.engine import Fold
    from app.db import Database, Session

SALES_AT_ONCE = 200
BIDS_AT_ONCE = 50_000
RESERVE_FEN = 10**9


@dataclass(frozen=True)
class Loaded:
    """Sales that were loaded, with the parties that are admitted to each of them."""

    ids: list[UUID]
    seller_id: UUID
    parties: list[UUID]


async def make_parties(session: Session, bidders: int) -> tuple[UUID, list[UUID]]:
    """A seller and bidders, all recognisably invented."""
    seller = Organisation(name="演示转让方（虚构）", kind="institute", is_fictional=True)
    parties = [
        Organisation(name=f"演示买方{n}（虚构）", kind="company", is_fictional=True) for n in range(bidders)
    ]
    session.add_all([seller, *parties])
    await session.flush()
    return seller.id, [party.id for party in parties]


async def load_sales(
    database: Database, signer: Signer, terms: AuctionTerms, *, count: int, bidders: int, bids: int
) -> Loaded:
    """Makes open sales with admitted bidders and accepted bids; every second one has a reserve that no bid reaches."""
    seller_id, parties = await database.write(make_parties, bidders)
    ids = [uuid7() for _ in range(count)]
    async with database.driving() as raw:
        for start in range(0, count, SALES_AT_ONCE):
            await _copy_base(raw, terms, seller_id, parties, ids[start : start + SALES_AT_ONCE], start)
    for start in range(0, count, SALES_AT_ONCE):
        group = ids[start : start + SALES_AT_ONCE]
        for first in range(1, bids + 1, BIDS_AT_ONCE):
            turns = range(first, min(first + BIDS_AT_ONCE, bids + 1))
            async with database.driving() as raw:
                await _bid_on(raw, signer, group, parties, turns)
    return Loaded(ids, seller_id, parties)


async def _copy_base(
    raw: asyncpg.Connection[Any],
    terms: AuctionTerms,
    seller_id: UUID,
    parties: list[UUID],
    ids: list[UUID],
    first: int,
) -> None:
    """The rows that scheduling and admission would have written, without their events."""
    kinds = [dataclasses.replace(terms, has_reserve=has_reserve) for has_reserve in (False, True)]
    published = [(json.dumps(kind.as_json()), json.dumps(write_rules(kind))) for kind in kinds]
    now = datetime.now(UTC)
    streams, sales, admissions, reserves = [], [], [], []
    for place, auction_id in enumerate(ids, first):
        host_id, has_reserve = uuid7(), place % 2 == 1
        own = [(uuid7(), party, f"A{n:02d}") for n, party in enumerate(parties, 1)]
        streams += [(auction_id, "public"), (host_id, "host"), *((stream, code) for stream, _, code in own)]
        kept, rules = published[has_reserve]
        sales.append(
            (
                *(
                    auction_id,
                    host_id,
                    uuid7(),
                    f"B2026-{place:06d}",
                    seller_id,
                    "演示标的",
                    True,
                    terms.format,
                ),
                *(terms.direction, kept, rules, terms.opens_at, terms.closes_at, terms.opens_at, now),
            )
        )
        admissions += [(auction_id, party, code, stream) for stream, party, code in own]
        if has_reserve:
            reserves.append((auction_id, RESERVE_FEN, secrets.token_bytes(32)))
    await raw.copy_records_to_table(
        "event_stream",
        records=[(stream, f"bench:{name}", 1, 0, EMPTY_HASH) for stream, name in streams],
        columns=("id", "name", "epoch", "head_number", "head_hash"),
    )
    names = "id host_stream_id listing_id listing_no seller_id title is_demonstration format direction terms rules "
    names += "opens_at ends_at due_at last_official_at"
    await raw.copy_records_to_table("auction", records=sales, columns=names.split())
    await raw.copy_records_to_table(
        "admission", records=admissions, columns=("auction_id", "party_id", "code", "stream_id")
    )
    await raw.copy_records_to_table(
        "auction_secret", records=reserves, columns=("auction_id", "reserve_fen", "key")
    )


async def _bid_on(
    raw: asyncpg.Connection[Any], signer: Signer, ids: list[UUID], parties: list[UUID], turns: range
) -> None:
    """Publishes, opens and bids on a group of sales in one transaction, by the rules and the real write."""
    works = []
    own: dict[UUID, dict[str, Stream]] = {}
    if turns.start == 1:
        for row in await raw.fetch(READ_ADMITTED, ids):
            own.setdefault(row["auction_id"], {})[row["code"]] = Stream(str(row["stream_id"]))
    for sale in await lock_sales(raw, ids):
        fold = sale.fold()
        if turns.start == 1:
            sale.streams.update(own[sale.id])
            fold.tell(_scheduled(sale))
            for code in own[sale.id]:
                fold.tell(Event("bidder_admitted", {"bidder": code, "has_priority": False}, code))
            fold.advance()
        codes = [f"A{n:02d}" for n in range(1, len(parties) + 1)]
        sale.parties.update(zip(codes, parties, strict=True))
        rows = [_bid(sale, fold, codes[turn % len(codes)], turn) for turn in turns]
        works.append(Work(sale, fold, rows))
    await write_works(raw, works, signer)


def _scheduled(sale: Sale) -> Event:
    """The first event of a sale's stream, as scheduling writes it."""
    has_reserve = sale.reserve_fen is not None and sale.reserve_key is not None
    body = {
        "listing_no": f"B{str(sale.id)[-6:]}",
        "terms": sale.published.terms.as_json(),
        "rules_sha256": write_rules(sale.published.terms)["sha256"],
        "reserve_commitment": commit_reserve(sale.reserve_fen or 0, sale.reserve_key or b"")
        if has_reserve
        else None,
        "sealing_key": None,
    }
    return Event("auction_scheduled", body)


def _bid(sale: Sale, fold: Fold, code: str, turn: int) -> tuple[Any, ...]:
    """Places the next higher bid; returns its row in the order of the table's columns."""
    terms = sale.published.terms
    amount_fen = terms.start_price_fen + (turn - 1) * terms.step_fen
    judged = fold.judge(Request("bid", code, Standing.ADMITTED, fold.now, amount_fen))
    if judged.refusal is not None:
        raise AssertionError(judged.refusal)
    party_id = sale.parties[code]
    return (
        *(sale.id, party_id, uuid7(), party_id, "bid", amount_fen, None, None, None, None),
        *(sale.id, judged.event.number, turn, judged.ends_at, fold.now),
    )
