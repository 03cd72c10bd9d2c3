"""Envelopes as the rules see them (密封报价): put in, taken out, opened together; amounts only after the opening.

Before the deadline a rule knows of an envelope its bidder, its commitment and when it was accepted, never the amount.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from app.auction.errors import BidOffStep, BidTooLarge, BidTooLow
from app.auction.errors_open import BidNotPositive, BidTooHigh
from app.auction.errors_sealed import CommitmentMissing, EnvelopeFinal, NoEnvelope, OpeningsMissing
from app.auction.rules.game import Opening, Request, State, Step
from app.auction.rules.options import demand
from app.auction.rules.terms import commit_amount
from app.chain import Event, instant
from app.errors import MarketError
from app.money import MAX_FEN

if TYPE_CHECKING:
    from app.auction.rules.terms import AuctionTerms

_DIGEST_LETTERS = 64


class Envelope(NamedTuple):
    """One envelope that counts: whose, which request's, its commitment and the official time of its acceptance."""

    bidder: str
    bid_id: str
    commitment: str
    at: datetime

    def wire(self) -> dict[str, Any]:
        """The envelope in state and records: no amount."""
        return {
            "bidder": self.bidder,
            "bid_id": self.bid_id,
            "commitment": self.commitment,
            "at": instant(self.at),
        }


class Opened(NamedTuple):
    """An envelope that was opened and agrees with its commitment."""

    bidder: str
    bid_id: str
    amount_fen: int
    key: str
    at: datetime

    def wire(self) -> dict[str, Any]:
        """The opening as records carry it: with the key, so that anybody can check the commitment."""
        return {
            "bidder": self.bidder,
            "bid_id": self.bid_id,
            "amount_fen": self.amount_fen,
            "key": self.key,
            "at": instant(self.at),
        }

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Opened:
        """Reads back what ``wire`` wrote."""
        return cls(
            stored["bidder"],
            stored["bid_id"],
            stored["amount_fen"],
            stored["key"],
            datetime.fromisoformat(stored["at"]),
        )


class OpeningRecord(NamedTuple):
    """What an opening brought (开启记录), each list in the order in which the envelopes were accepted.

    ``rejected`` agree with their commitment but could never count, each with its refusal's code; ``failed`` contradict
    their commitment.
    """

    opened: tuple[Opened, ...]
    rejected: tuple[Mapping[str, Any], ...]
    failed: tuple[Mapping[str, Any], ...]

    def members(self) -> dict[str, Any]:
        """The record as events carry it."""
        return {"openings": [item.wire() for item in self.opened], "rejected": list(self.rejected)}


Envelopes = tuple[Envelope, ...]


def pack_envelopes(envelopes: Envelopes | None) -> dict[str, Any] | None:
    """Envelopes as secret state in JSON."""
    return None if envelopes is None else {"envelopes": [item.wire() for item in envelopes]}


def unpack_envelopes(stored: Mapping[str, Any] | None) -> Envelopes | None:
    """Reads back what ``pack_envelopes`` wrote."""
    if stored is None:
        return None
    return tuple(
        Envelope(item["bidder"], item["bid_id"], item["commitment"], datetime.fromisoformat(item["at"]))
        for item in stored["envelopes"]
    )


def find_envelope(envelopes: Envelopes, bidder: str) -> Envelope | None:
    """The envelope of a bidder that counts now."""
    return next((item for item in envelopes if item.bidder == bidder), None)


def own_envelope(state: State, bidder: str | None) -> dict[str, Any]:
    """What only this bidder may know of a sealed stage: its envelope without the amount, which nobody here holds."""
    mine = None if bidder is None else find_envelope(state.hidden or (), bidder)
    return {} if bidder is None else {"envelope": mine.wire() if mine else None}


def put_in(state: State, request: Request, now: datetime, *, one_shot: bool = False) -> Step:
    """Takes an envelope in; it takes the place of the bidder's earlier one and stands last in time.

    Only its bidder learns of it: nothing that everybody sees moves. Source: 招标投标法实施条例 article 35 (until the
    deadline an offer may be replaced or withdrawn).
    """
    commitment = request.commitment or ""
    if not request.bid_id or len(commitment) != _DIGEST_LETTERS:
        raise CommitmentMissing
    envelopes: Envelopes = state.hidden or ()
    earlier = find_envelope(envelopes, request.bidder)
    if earlier is not None and one_shot:
        raise EnvelopeFinal(earlier.bid_id, earlier.at)
    kept = tuple(item for item in envelopes if item is not earlier)
    mine = Envelope(request.bidder, request.bid_id, commitment, now)
    body = {
        "bidder": request.bidder,
        "bid_id": request.bid_id,
        "commitment": commitment,
        "stage": state.stage,
        "replaces": earlier.bid_id if earlier else None,
        "received_at": request.received_at,
    }
    return state._replace(hidden=(*kept, mine)), [Event("envelope_received", body, request.bidder)]


def take_out(state: State, request: Request, *, one_shot: bool = False) -> Step:
    """Gives an envelope back unopened; only its bidder learns of it. Source: 招标投标法实施条例 article 35."""
    envelopes: Envelopes = state.hidden or ()
    mine = find_envelope(envelopes, request.bidder)
    if mine is None:
        raise NoEnvelope
    if one_shot:
        raise EnvelopeFinal(mine.bid_id, mine.at)
    body = {
        "bidder": request.bidder,
        "bid_id": request.bid_id,
        "withdraws": mine.bid_id,
        "stage": state.stage,
        "received_at": request.received_at,
    }
    kept = tuple(item for item in envelopes if item is not mine)
    return state._replace(hidden=kept), [Event("envelope_withdrawn", body, request.bidder)]


def agrees(envelope: Envelope, opening: Opening) -> bool:
    """Whether an opening is what its bidder committed to."""
    try:
        key = bytes.fromhex(opening.key)
    except ValueError:
        return False
    made = commit_amount(opening.bid_id, opening.amount_fen, key)
    return made == envelope.commitment


def open_together(
    envelopes: Envelopes, openings: Sequence[Opening], check: Callable[[int], None]
) -> OpeningRecord:
    """Opens the envelopes that count, all at once; ``check`` refuses an amount that could never count.

    Openings of other envelopes (replaced, withdrawn) are not looked at and not published. Raises OpeningsMissing, and
    nothing is opened, when one that counts was not handed in: whoever cannot open it has to say so and void the sale.
    """
    # By bidder too: ids are made by the bidders' programs, and two of them may be the same.
    given = {(item.bidder, item.bid_id): item for item in openings}
    missing = [item.bid_id for item in envelopes if (item.bidder, item.bid_id) not in given]
    if missing:
        raise OpeningsMissing(missing)
    opened: list[Opened] = []
    rejected: list[Mapping[str, Any]] = []
    failed: list[Mapping[str, Any]] = []
    for envelope in envelopes:
        opening = given[envelope.bidder, envelope.bid_id]
        values = {"amount_fen": opening.amount_fen, "key": opening.key}
        if not agrees(envelope, opening):
            failed.append({**envelope.wire(), **values})
            continue
        try:
            check(opening.amount_fen)
        except MarketError as refusal:
            rejected.append({**envelope.wire(), **values, "refusal": refusal.code})
            continue
        opened.append(Opened(envelope.bidder, envelope.bid_id, opening.amount_fen, opening.key, envelope.at))
    return OpeningRecord(tuple(opened), tuple(rejected), tuple(failed))


def void_opening(state: State, record: OpeningRecord) -> Step:
    """The end without a result when an envelope that counts did not open to what was committed to.

    The edge checks each amount against its commitment before it seals it, so a bidder cannot bring this about: bytes
    were lost or altered in the exchange's keeping. Leaving that bidder out would let whoever altered them choose the
    winner, so nobody wins, and what was opened is published. Source: 法释〔2016〕18号 article 31 (a fault or an attack
    that distorts the result).
    """
    codes = [item["bidder"] for item in record.failed]
    body = {
        "outcome": "void",
        "reason": "opening_failed",
        "reason_zh": f"竞买号 {'、'.join(codes)} 的密封报价与其承诺值不符，本场作废，不成交。",
        "reason_en": (
            f"The envelope of {', '.join(codes)} did not open to what was committed to; the sale is void, nobody wins."
        ),
        "price_fen": None,
        "winner": None,
        "ends_at": state.ends_at,
        "reserve_opening": None,
        **record.members(),
        "failed": list(record.failed),
    }
    return state._replace(phase="void"), [Event("auction_closed", body)]


def is_forward(terms: AuctionTerms) -> bool:
    """Whether more is better: a sale; in a reverse one (反向竞价) less is."""
    return terms.direction == "forward"


def beyond(terms: AuctionTerms, amount_fen: int) -> int:
    """The nearest amount that is better by the step."""
    return amount_fen + (terms.step_fen if is_forward(terms) else -terms.step_fen)


def can_go(amount_fen: int) -> bool:
    """Whether an amount is one that can be bid at all: above zero, and held by the market."""
    return 0 < amount_fen <= MAX_FEN


def by_rank(terms: AuctionTerms, opened: Sequence[Opened]) -> list[Opened]:
    """The best amount first, of equal ones the earlier (价格优先、时间优先); ``opened`` is in order of acceptance."""
    return sorted(opened, key=lambda item: -item.amount_fen if is_forward(terms) else item.amount_fen)


def better_or_equal(terms: AuctionTerms, amount_fen: int, floor_fen: int) -> bool:
    """Whether an amount reaches a floor, or in a reverse sale keeps below a ceiling."""
    return amount_fen >= floor_fen if is_forward(terms) else amount_fen <= floor_fen


def rank(ranked: Sequence[Opened]) -> list[dict[str, Any]]:
    """A ranking as results carry it."""
    return [
        {"place": place, "bidder": item.bidder, "bid_id": item.bid_id, "amount_fen": item.amount_fen}
        for place, item in enumerate(ranked, 1)
    ]


def check_amount(terms: AuctionTerms, amount_fen: int, limit_fen: int, *, multiples_only: bool) -> None:
    """Refuses an amount on the wrong side of the limit, too large, or off the step counted from the limit."""
    if amount_fen > MAX_FEN:
        raise BidTooLarge(MAX_FEN)
    if amount_fen <= 0:
        raise BidNotPositive(amount_fen)
    if is_forward(terms) and amount_fen < limit_fen:
        raise BidTooLow(amount_fen, limit_fen)
    if not is_forward(terms) and amount_fen > limit_fen:
        raise BidTooHigh(amount_fen, limit_fen)
    over = (amount_fen - limit_fen) % terms.step_fen
    if multiples_only and over:
        raise BidOffStep(amount_fen, terms.step_fen, amount_fen - over, amount_fen - over + terms.step_fen)


def check_no_open_terms(terms: AuctionTerms) -> None:
    """Refuses what belongs to open bidding: an end that moves, a price to match in the field."""
    demand(
        terms.hard_end_at is None,
        "本方式不延时，不要填最迟结束时间。",
        "nothing extends the end in this format; leave the hard end out.",
    )
    demand(
        terms.priority != "in_field",
        "场内行使优先购买权只用于公开报价；本方式请选事后行权或不设。",
        "a right of first refusal in the field needs open bids; choose afterwards or none.",
    )
