"""The bid of a turn (轮到时的报价): taken, changed, cancelled, offered; nobody but its bidder sees it before the turn ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.auction.errors import BidTooLarge
from app.auction.errors_rounds import (
    NoFurtherStep,
    NothingToCancel,
    NotYourTurn,
    TurnPassed,
    TurnTooHigh,
    TurnTooLow,
)
from app.auction.errors_sealed import CommitmentMissing
from app.auction.rules.course import sign_of
from app.auction.rules.envelopes import beyond, can_go, is_forward
from app.auction.rules.game import Kind, Offer
from app.auction.rules.turns import Pending, begins_at
from app.chain import Event, instant
from app.money import MAX_FEN

if TYPE_CHECKING:
    from app.auction.rules.game import Game, Request, State, Step
    from app.auction.rules.terms import AuctionTerms
    from app.auction.rules.turns import Turns

_PRESSES = 3


def not_your_turn(state: State, turns: Turns) -> NotYourTurn:
    """The refusal that says whose turn it is and until when."""
    whose = turns.whose
    if whose is None:
        return NotYourTurn(turns.number, "开始前的暂停", "a pause before it begins,", state.ends_at)
    return NotYourTurn(turns.number, f"，轮到 {whose}", f"it is the turn of {whose}", state.ends_at)


def take_turn(game: Game, state: State, request: Request) -> Step:
    """Keeps the bid of the turn; only its bidder learns of it before the turn ends."""
    turns: Turns = state.detail
    amount_fen, commitment = request.amount_fen or 0, request.commitment
    if request.step is not None and request.step != turns.number:
        raise TurnPassed(request.step, turns.number)
    if not request.bid_id or not commitment:
        raise CommitmentMissing
    own = turns.place_of(request.bidder)
    if own is not None:
        _check_turn(game.terms, own.amount_fen, amount_fen)
    earlier: Pending | None = state.hidden.pending
    body = {
        "bidder": request.bidder,
        "bid_id": request.bid_id,
        "commitment": commitment,
        "round": turns.number,
        "turn": turns.turn,
        "replaces": earlier.bid_id if earlier else None,
        "received_at": request.received_at,
    }
    pending = Pending(request.bidder, request.bid_id, amount_fen, commitment)
    after = state._replace(hidden=state.hidden._replace(pending=pending))
    return after, [Event("turn_received", body, request.bidder)]


def _check_turn(terms: AuctionTerms, own_fen: int, amount_fen: int) -> None:
    """Refuses an amount that does not better the bidder's own one by the step."""
    limit = beyond(terms, own_fen)
    if not can_go(limit):
        raise NoFurtherStep(own_fen)
    if amount_fen > MAX_FEN:
        raise BidTooLarge(MAX_FEN)
    if not is_forward(terms) and amount_fen > limit:
        raise TurnTooHigh(amount_fen, limit)
    least = limit if is_forward(terms) else 1
    if amount_fen < least:
        raise TurnTooLow(amount_fen, least)


def cancel_turn(state: State, request: Request) -> Step:
    """Takes back the bid of the turn that is under way."""
    pending: Pending | None = state.hidden.pending
    if pending is None:
        raise NothingToCancel
    body = {
        "bidder": request.bidder,
        "bid_id": request.bid_id,
        "withdraws": pending.bid_id,
        "round": state.detail.number,
        "turn": state.detail.turn,
        "received_at": request.received_at,
    }
    after = state._replace(hidden=state.hidden._replace(pending=None))
    return after, [Event("turn_cancelled", body, request.bidder)]


def offer_turn(game: Game, state: State, bidder: str) -> Offer:
    """What a bidder may do in the rounds, and what only it may know of its turn."""
    turns: Turns = state.detail
    place = turns.place_of(bidder)
    if place is None:
        return Offer()
    next_at = begins_at(game.options, turns, state.ends_at, bidder)
    own: dict[str, Any] = {
        "amount_fen": place.amount_fen,
        "turn_begins_at": None if next_at is None else instant(next_at),
    }
    limit = beyond(game.terms, place.amount_fen)
    if turns.whose != bidder or not can_go(limit):
        return Offer((), limit if can_go(limit) else None, (), own)
    pending: Pending | None = state.hidden.pending
    own["pending_fen"] = pending.amount_fen if pending else None
    step = sign_of(game.terms) * game.terms.step_fen
    amounts = tuple(amount for n in range(_PRESSES) if can_go(amount := limit + step * n))
    return Offer((Kind.TURN, Kind.WITHDRAW) if pending else (Kind.TURN,), limit, amounts, own)
