"""Placing bids: one lock, one reading of the clock, one write for a whole batch of one sale."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from app.auction.errors import AuctionMissing, BidIdReused
from app.auction.interruptions import DEFAULT_LONGEST
from app.auction.recording import Work, write_works
from app.auction.refusals import read_refusal, store_refusal
from app.auction.rules.game import SECRET_KINDS, UNSEEN_KINDS, Kind, Request, Standing
from app.auction.sale import Sale, driver, lock_sales
from app.auction.suspending import suspend_interrupted
from app.chain import HOST, PUBLIC
from app.errors import MarketError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import asyncpg

    from app.auction.protocol.heads import Signer
    from app.auction.recording import Batch
    from app.auction.rules.engine import Judged
    from app.db import Session

FIND_USED_IDS = """
SELECT bid.party_id, bid.bid_id, bid.kind, bid.amount_fen, bid.step, bid.commitment, bid.refusal, bid.stream_id,
       bid.number, bid.ends_at, bid.received_at, event.at AS official_at, event.hash, secret.amount_fen AS secret_fen
  FROM bid
  JOIN event ON event.stream_id = bid.stream_id AND event.number = bid.number
  LEFT JOIN bid_secret AS secret USING (auction_id, party_id, bid_id)
 WHERE bid.auction_id = $1 AND bid.party_id = ANY($2) AND bid.bid_id = ANY($3)
"""

# Admission and deposit are read here, under the sale's lock, and never from a session's memory.
FIND_STANDINGS = """
SELECT organisation.id, organisation.kind, admission.code, admission.has_priority, deposit.status,
       deposit.held_until
  FROM organisation
  LEFT JOIN admission ON admission.party_id = organisation.id AND admission.auction_id = $1
  LEFT JOIN deposit ON deposit.id = admission.deposit_id
 WHERE organisation.id = ANY($2)
"""

WRITE_SECRETS = """
INSERT INTO bid_secret (auction_id, party_id, bid_id, amount_fen, key)
SELECT $1, * FROM unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::bytea[])
"""

WRITE_ENVELOPES = """
INSERT INTO envelope (auction_id, party_id, bid_id, ciphertext)
SELECT $1, * FROM unnest($2::uuid[], $3::uuid[], $4::bytea[])
"""


class BidRequest(NamedTuple):
    """One request as the edge lets it pass: for whom, by which person, which id, what, when received.

    ``amount_fen`` of a sealed one is None: the edge has put it into ``envelope``, under the sale's key, and forgotten
    it. Secret kinds carry the ``commitment`` to their amount, a maximum and a turn also the bidder's ``key``.
    """

    bid_id: UUID
    party_id: UUID
    person_id: UUID
    amount_fen: int | None
    received_at: datetime
    kind: str = "bid"
    if_number: int | None = None
    step: int | None = None
    commitment: str | None = None
    key: bytes | None = None
    envelope: bytes | None = None


class Answer(NamedTuple):
    """What a request's sender is told: its event's number and hash and the official time, or the refusal.

    ``audience`` says which stream the event is on: public, own or host. ``batch`` is what was signed together with
    it; None for an answer that is given again, whose head is read from the table.
    """

    bid_id: UUID
    kind: str
    amount_fen: int | None
    step: int | None
    commitment: str | None
    stream_id: str
    audience: str
    number: int
    hash: bytes
    received_at: datetime
    official_at: datetime
    ends_at: datetime
    refusal: MarketError | None
    batch: Batch | None = None

    def repeats(self, request: BidRequest) -> bool:
        """Whether a request with the same id asks for the very same."""
        return (self.kind, self.step, self.commitment) == (
            request.kind,
            request.step,
            request.commitment,
        ) and (self.amount_fen == request.amount_fen or self.kind in SECRET_KINDS)


_STRANGER = (Standing.STRANGER, "", False)
_SHARED = frozenset({PUBLIC, HOST})
Outcome = Answer | BidIdReused | AuctionMissing
_Known = dict[tuple[UUID, UUID], Answer]


async def place_bids(
    session: Session, auction_id: UUID, requests: Sequence[BidRequest], signer: Signer | None = None
) -> list[Outcome]:
    """Judges requests in a session's own transaction; see ``judge_requests``."""
    return await judge_requests(await driver(session), auction_id, requests, signer)


async def judge_requests(
    raw: asyncpg.Connection[Any],
    auction_id: UUID,
    requests: Sequence[BidRequest],
    signer: Signer | None,
    longest: timedelta = DEFAULT_LONGEST,
) -> list[Outcome]:
    """Judges requests in their order and writes them with their events; one answer a request, in the same order.

    Needs a transaction on the driver's connection. Locks the sale's row and its streams, then reads the market's
    clock: a request that waited is judged by when it was let in. A repeated id gets the first answer; with another
    payload it gets BidIdReused and nothing is written. Where something is due and nobody could bid for ``longest`` at a
    time that counts, the sale is suspended first.
    """
    sale = await _lock(raw, auction_id, requests, signer, longest)
    if sale is None:
        return [AuctionMissing(auction_id)] * len(requests)
    parties = list({request.party_id for request in requests})
    known = await _find_used(raw, sale, parties, requests)
    if not known and len({request.bid_id for request in requests}) == len(requests):
        # All ids are new, as almost always: then the answers are in the requests' own order.
        return list(await _judge_fresh(raw, sale, parties, requests, signer))
    fresh: dict[tuple[UUID, UUID], BidRequest] = {}
    for request in requests:
        key = (request.party_id, request.bid_id)
        if key not in known:
            fresh.setdefault(key, request)
    if fresh:
        answers = await _judge_fresh(raw, sale, parties, list(fresh.values()), signer)
        known.update(zip(fresh, answers, strict=True))
    return [_answer(request, known) for request in requests]


async def _lock(
    raw: asyncpg.Connection[Any],
    auction_id: UUID,
    requests: Sequence[BidRequest],
    signer: Signer | None,
    longest: timedelta,
) -> Sale | None:
    """Takes the sale's lock; requests that waited through an interruption carry nothing on that nobody could answer."""
    sales = await lock_sales(raw, [auction_id])
    if not sales:
        return None
    due_at = sales[0].fold().due_at()
    if due_at is None or due_at > sales[0].official_at or _are_unseen(requests):
        return sales[0]
    if await suspend_interrupted(raw, [auction_id], signer, longest):
        sales = await lock_sales(raw, [auction_id])
    return sales[0]


def _are_unseen(requests: Sequence[BidRequest]) -> bool:
    return all(request.kind in UNSEEN_KINDS for request in requests)


async def _judge_fresh(
    raw: asyncpg.Connection[Any],
    sale: Sale,
    parties: list[UUID],
    requests: Sequence[BidRequest],
    signer: Signer | None,
) -> list[Answer]:
    """Judges requests whose ids are new, and writes what came of it; the answers are in their order."""
    standings = await _find_standings(raw, sale, parties)
    fold = sale.fold()
    if not _are_unseen(requests):
        # What nobody may know of moves nothing that everybody sees, not even the opening that is due: the worker does.
        fold.advance()
    judge = fold.judge
    judged = []
    for bid_id, party_id, _, amount_fen, received_at, kind, if_number, step, commitment, _, _ in requests:
        standing, code, has_priority = standings.get(party_id, _STRANGER)
        # No event of a plain bid tells its id, so the hot sale does not write it as text.
        told_id = "" if kind == Kind.BID else str(bid_id)
        judged.append(
            judge(
                Request(
                    kind,
                    code,
                    standing,
                    received_at,
                    amount_fen,
                    told_id,
                    if_number,
                    step,
                    commitment,
                    has_priority,
                )
            )
        )
    sale.parties.update((code, party) for party, (_, code, _) in standings.items() if code)
    streams = sale.streams
    rows = [
        _row(sale, streams[result.audience].id, turn, request, result)
        for turn, (request, result) in enumerate(zip(requests, judged, strict=True), sale.judged + 1)
    ]
    batches = await write_works(raw, [Work(sale, fold, rows)], signer)
    await _write_secrets(raw, sale, requests, judged)
    return [
        _fresh(streams[result.audience].id, request, result, batches)
        for request, result in zip(requests, judged, strict=True)
    ]


def _row(sale: Sale, stream_id: str, turn: int, request: BidRequest, result: Judged) -> tuple[Any, ...]:
    """A judged request in the order of its table's columns."""
    bid_id, party_id, person_id, amount_fen, received_at, kind, if_number, step, commitment, _, _ = request
    _, event, ends_at, refusal = result
    # By its kind: a refusal of the database's own would tell the amount of a row that it does not take.
    is_secret = kind in SECRET_KINDS
    return (
        sale.id,
        party_id,
        bid_id,
        person_id,
        kind,
        None if is_secret else amount_fen,
        if_number,
        step,
        commitment,
        None if refusal is None else store_refusal(refusal, is_secret=is_secret),
        stream_id,
        event.number,
        turn,
        ends_at,
        received_at,
    )


async def _write_secrets(
    raw: asyncpg.Connection[Any], sale: Sale, requests: Sequence[BidRequest], judged: Sequence[Judged]
) -> None:
    """Keeps secret amounts apart from the requests, and envelopes as they came: sealed."""
    secrets = [
        (request.party_id, request.bid_id, request.amount_fen, request.key)
        for request in requests
        if request.key is not None and request.amount_fen is not None and request.kind in SECRET_KINDS
    ]
    if secrets:
        await raw.execute(WRITE_SECRETS, sale.id, *zip(*secrets, strict=True))
    envelopes = [
        (request.party_id, request.bid_id, request.envelope)
        for request, result in zip(requests, judged, strict=True)
        if request.envelope is not None and result.refusal is None
    ]
    if envelopes:
        await raw.execute(WRITE_ENVELOPES, sale.id, *zip(*envelopes, strict=True))


def _fresh(stream_id: str, request: BidRequest, result: Judged, batches: dict[str, Batch]) -> Answer:
    audience, event, ends_at, refusal = result
    return Answer(
        request.bid_id,
        request.kind,
        request.amount_fen,
        request.step,
        request.commitment,
        stream_id,
        audience if audience in _SHARED else "own",
        event.number,
        event.hash,
        request.received_at,
        event.at,
        ends_at,
        refusal,
        batches[stream_id],
    )


def _answer(request: BidRequest, known: _Known) -> Outcome:
    answer = known[request.party_id, request.bid_id]
    return answer if answer.repeats(request) else BidIdReused(request.bid_id)


async def _find_used(
    raw: asyncpg.Connection[Any], sale: Sale, parties: list[UUID], requests: Sequence[BidRequest]
) -> _Known:
    rows = await raw.fetch(FIND_USED_IDS, sale.id, parties, [request.bid_id for request in requests])
    return {
        (row["party_id"], row["bid_id"]): stored_answer(row, sale.id, sale.host_stream_id) for row in rows
    }


async def _find_standings(
    raw: asyncpg.Connection[Any], sale: Sale, parties: list[UUID]
) -> dict[UUID, tuple[Standing, str, bool]]:
    rows = await raw.fetch(FIND_STANDINGS, sale.id, parties)
    return {row["id"]: (_standing(sale, row), row["code"] or "", bool(row["has_priority"])) for row in rows}


def _standing(sale: Sale, row: asyncpg.Record) -> Standing:
    if row["kind"] == "exchange":
        return Standing.EXCHANGE
    if row["id"] == sale.seller_id:
        return Standing.SELLER
    if row["code"] is None:
        return Standing.STRANGER
    # What is only set aside on a card counts until the hold ends, whether or not anybody has written that down yet.
    is_held = row["status"] == "held" and (row["held_until"] is None or sale.official_at < row["held_until"])
    is_paid = is_held or sale.published.terms.deposit_fen == 0
    return Standing.ADMITTED if is_paid else Standing.DEPOSIT_DUE


def stored_answer(row: Any, auction_id: UUID, host_stream_id: UUID) -> Answer:  # noqa: ANN401 - a driver's record
    """Reads an answer back from a judged request's row with its event."""
    stream_id = row["stream_id"]
    audience = {auction_id: PUBLIC, host_stream_id: HOST}.get(stream_id, "own")
    amount_fen = row["amount_fen"] if row["secret_fen"] is None else row["secret_fen"]
    refusal = None if row["refusal"] is None else read_refusal(row["refusal"], amount_fen)
    return Answer(
        row["bid_id"],
        row["kind"],
        amount_fen,
        row["step"],
        row["commitment"],
        str(stream_id),
        audience,
        row["number"],
        row["hash"],
        row["received_at"],
        row["official_at"],
        row["ends_at"],
        refusal,
    )
