"""Placing bids: one lock, one reading of the clock, one write for a whole batch of one sale."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

import orjson

from app.auction.errors import REFUSALS, AuctionMissing, BidIdReused
from app.auction.rules.english import Bid, Standing, State, judge_bid, open_if_due
from app.auction.sale import Sale, driver, lock_sale
from app.errors import MarketError
from app.chain import Event, Recorded, canonical, number_events

if TYPE_CHECKING:
    from collections.abc import Sequence

    import asyncpg

    from app.db import Session

FIND_USED_IDS = """
SELECT party_id, bid_id, amount_fen, is_accepted, refusal, number, ends_at, received_at, official_at, hash
  FROM bid WHERE auction_id = $1 AND party_id = ANY($2) AND bid_id = ANY($3)
"""

# Admission and deposit are read here, under the sale's lock, and never from a session's memory.
FIND_STANDINGS = """
SELECT organisation.id, organisation.kind, admission.code, deposit.status
  FROM organisation
  LEFT JOIN admission ON admission.party_id = organisation.id AND admission.auction_id = $1
  LEFT JOIN deposit ON deposit.id = admission.deposit_id
 WHERE organisation.id = ANY($2)
"""

# One statement for all four tables: a batch costs one round trip, whatever its size. The events come in order, those of
# the public stream first; each bid's number and hash are its event's, which stands as many places further as the batch
# has events that are no bids ($10).
WRITE_BATCH = """
WITH events AS MATERIALIZED (
  SELECT place, kind, body, hash, CASE WHEN place <= $5 THEN $1::uuid ELSE $3::uuid END AS stream_id,
         CASE WHEN place <= $5 THEN $2::bigint + place ELSE $4::bigint + place - $5 END AS number
    FROM unnest($7::text[], $8::text[], $9::bytea[]) WITH ORDINALITY AS event (kind, body, hash, place)
), written_events AS (
  INSERT INTO event (stream_id, number, kind, at, body, hash)
  SELECT stream_id, number, kind, $6, body, hash FROM events
), written_bids AS (
  INSERT INTO bid (auction_id, party_id, person_id, bid_id, amount_fen, is_accepted, refusal, number, ends_at,
                   received_at, official_at, hash)
  SELECT $1, party_id, person_id, bid_id, amount_fen, refusal IS NULL, refusal, number, ends_at, received_at, $6, hash
    FROM unnest($11::uuid[], $12::uuid[], $13::uuid[], $14::bigint[], $15::text[], $16::timestamptz[],
                $17::timestamptz[]) WITH ORDINALITY
      AS judged (party_id, person_id, bid_id, amount_fen, refusal, ends_at, received_at, turn)
    JOIN events ON events.place = judged.turn + $10
), moved_heads AS (
  UPDATE event_stream SET head_number = head.number, head_hash = head.hash
    FROM (VALUES ($1::uuid, $18::bigint, $19::bytea), ($3::uuid, $20::bigint, $21::bytea)) AS head (id, number, hash)
   WHERE event_stream.id = head.id
)
UPDATE auction SET phase = $22, ends_at = $23, price_fen = $24, leader_id = $25, leader_code = $26,
       sequence = $27, extensions = $28, reserve_met = $29, last_official_at = $6
 WHERE id = $1
"""


class BidRequest(NamedTuple):
    """One bid as the edge lets it pass: for whom, by which person, which id, how much in fen, when received."""

    bid_id: UUID
    party_id: UUID
    person_id: UUID
    amount_fen: int
    received_at: datetime


class Answer(NamedTuple):
    """What a bid's sender is told: its event's number and hash and the official time, or the refusal."""

    bid_id: UUID
    amount_fen: int
    number: int
    hash: bytes
    received_at: datetime
    official_at: datetime
    ends_at: datetime
    refusal: MarketError | None


class _Judged(NamedTuple):
    """One judged request with its event, before numbers are known."""

    request: BidRequest
    event: Event
    refusal: MarketError | None
    ends_at: datetime


async def place_bids(
    session: Session, auction_id: UUID, requests: Sequence[BidRequest]
) -> list[Answer | BidIdReused | AuctionMissing]:
    """Judges bids in their order and writes them with their events; one answer a request, in the same order.

    Locks the sale's row and its streams, then reads the market's clock: a bid that waited is judged by when it was
    let in. A repeated id gets the first answer; with another amount it gets BidIdReused and nothing is written.
    """
    sale = await lock_sale(session, auction_id)
    if sale is None:
        return [AuctionMissing(auction_id)] * len(requests)
    now = sale.official_at
    raw = await driver(session)
    parties = list({request.party_id for request in requests})
    known = await _find_used(raw, auction_id, parties, requests)
    standings = await _find_standings(raw, sale, parties)
    state, opening = open_if_due(sale.terms, sale.state, now)
    judged: dict[tuple[UUID, UUID], _Judged] = {}
    leader_id = sale.leader_id
    for request in requests:
        key = (request.party_id, request.bid_id)
        if key in known or key in judged:
            continue
        standing, code = standings.get(request.party_id, (Standing.STRANGER, ""))
        state, result = _judge(sale, state, request, standing, code, now)
        judged[key] = result
        if result.refusal is None:
            leader_id = request.party_id
    if judged or opening:
        after = dataclasses.replace(sale, state=state, leader_id=leader_id)
        known.update(await _write(raw, after, now, opening, judged))
    return [_answer(request, known) for request in requests]


def _judge(
    sale: Sale, state: State, request: BidRequest, standing: Standing, code: str, now: datetime
) -> tuple[State, _Judged]:
    """Asks the rule about one request; a refusal leaves the state and becomes an event of the host's stream."""
    bid = Bid(code, request.amount_fen, standing, request.received_at)
    try:
        after, (event,) = judge_bid(sale.terms, state, bid, now, sale.reserve_fen)
    except MarketError as refusal:
        body = {
            "party": str(request.party_id),
            "person": str(request.person_id),
            "bidder": code or None,
            "amount_fen": request.amount_fen,
            "received_at": request.received_at,
            "refusal": refusal.code,
        }
        return state, _Judged(request, Event("bid_refused", body), refusal, state.ends_at)
    return after, _Judged(request, event, None, after.ends_at)


async def _write(
    raw: asyncpg.Connection[Any],
    sale: Sale,
    now: datetime,
    opening: list[Event],
    judged: dict[tuple[UUID, UUID], _Judged],
) -> dict[tuple[UUID, UUID], Answer]:
    """Numbers, chains and writes a batch: accepted bids on the public stream, refused ones on the host's."""
    accepted = [item for item in judged.values() if item.refusal is None]
    refused = [item for item in judged.values() if item.refusal is not None]
    public = number_events(
        sale.id, sale.public_number, sale.public_hash, now, [*opening, *(item.event for item in accepted)]
    )
    host = number_events(
        sale.host_stream_id, sale.host_number, sale.host_hash, now, [item.event for item in refused]
    )
    bids = [*accepted, *refused]
    answers = list(map(_fresh, bids, [*public[len(opening) :], *host]))
    await _send(raw, sale, public, host, bids, now)
    return {
        (item.request.party_id, item.request.bid_id): answer
        for item, answer in zip(bids, answers, strict=True)
    }


async def _send(
    raw: asyncpg.Connection[Any],
    sale: Sale,
    public: list[Recorded],
    host: list[Recorded],
    bids: list[_Judged],
    now: datetime,
) -> None:
    """Sends a batch to the database in one statement, column by column."""
    state = sale.state
    _, kinds, _, bodies, hashes = zip(*public, *host, strict=True)
    # A batch that only opens the sale judges nothing: its columns of bids are empty.
    requests = zip(*(item.request for item in bids), strict=True) if bids else [()] * len(BidRequest._fields)
    bid_ids, parties, people, amounts, received = requests
    await raw.execute(
        WRITE_BATCH,
        sale.id,
        sale.public_number,
        sale.host_stream_id,
        sale.host_number,
        len(public),
        now,
        kinds,
        bodies,
        hashes,
        len(public) + len(host) - len(bids),
        parties,
        people,
        bid_ids,
        amounts,
        [_stored_refusal(item.refusal) for item in bids],
        [item.ends_at for item in bids],
        received,
        *_head(public, sale.public_number, sale.public_hash),
        *_head(host, sale.host_number, sale.host_hash),
        state.phase,
        state.ends_at,
        state.price_fen,
        sale.leader_id,
        state.leader,
        state.sequence,
        state.extensions,
        state.reserve_met,
    )


def _head(recorded: list[Recorded], number: int, digest: bytes) -> tuple[int, bytes]:
    """A stream's head after a batch: the last event's, or what it was."""
    return (recorded[-1].number, recorded[-1].hash) if recorded else (number, digest)


def _fresh(item: _Judged, event: Recorded) -> Answer:
    bid_id, _, _, amount_fen, received_at = item.request
    return Answer(
        bid_id, amount_fen, event.number, event.hash, received_at, event.at, item.ends_at, item.refusal
    )


def _answer(
    request: BidRequest, known: dict[tuple[UUID, UUID], Answer]
) -> Answer | BidIdReused | AuctionMissing:
    answer = known[request.party_id, request.bid_id]
    return answer if answer.amount_fen == request.amount_fen else BidIdReused(request.bid_id)


async def _find_used(
    raw: asyncpg.Connection[Any], auction_id: UUID, parties: list[UUID], requests: Sequence[BidRequest]
) -> dict[tuple[UUID, UUID], Answer]:
    rows = await raw.fetch(FIND_USED_IDS, auction_id, parties, [request.bid_id for request in requests])
    return {(row["party_id"], row["bid_id"]): stored_answer(row) for row in rows}


async def _find_standings(
    raw: asyncpg.Connection[Any], sale: Sale, parties: list[UUID]
) -> dict[UUID, tuple[Standing, str]]:
    rows = await raw.fetch(FIND_STANDINGS, sale.id, parties)
    return {row["id"]: (_standing(sale, row), row["code"] or "") for row in rows}


def _standing(sale: Sale, row: asyncpg.Record) -> Standing:
    if row["kind"] == "exchange":
        return Standing.EXCHANGE
    if row["id"] == sale.seller_id:
        return Standing.SELLER
    if row["code"] is None:
        return Standing.STRANGER
    is_paid = row["status"] == "held" or sale.terms.deposit_fen == 0
    return Standing.ADMITTED if is_paid else Standing.DEPOSIT_DUE


def _stored_refusal(refusal: MarketError | None) -> str | None:
    """A refusal as it is kept, so that a repeated id can be given the very same one."""
    if refusal is None:
        return None
    return canonical({"kind": type(refusal).__name__, "members": refusal.members()})


def stored_answer(row: Any) -> Answer:  # noqa: ANN401 - a driver's record or an ORM row
    """Reads an answer back from a bid's row."""
    refusal = None
    if row["refusal"] is not None:
        stored = orjson.loads(row["refusal"])
        refusal = REFUSALS[stored["kind"]](**stored["members"])
    return Answer(
        row["bid_id"],
        row["amount_fen"],
        row["number"],
        row["hash"],
        row["received_at"],
        row["official_at"],
        row["ends_at"],
        refusal,
    )
