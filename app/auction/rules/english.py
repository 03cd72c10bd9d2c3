"""English auction with soft close (增价竞价, 延时结束): the pure rule of one bid and of the close.

Source: 法释〔2016〕18号 (网络司法拍卖规定) article 20: the first bid is at least the start price, each further one adds
at least the step, a bid in the last minutes moves the end to its own time plus the extension, the highest last bid
wins; multiples of the step as exchanges announce them. The official time is the market's clock read under the lock.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from app.auction.errors import BidOffStep, BidTooLarge, BidTooLow
from app.auction.rules.game import (
    Format,
    Game,
    Kind,
    Offer,
    Opening,
    Request,
    State,
    Step,
    closed,
    extended_end,
)
from app.chain import Event
from app.money import MAX_FEN

if TYPE_CHECKING:
    from app.auction.rules.terms import AuctionTerms
    from app.errors import Lang


def minimum_fen(terms: AuctionTerms, state: State) -> int:
    """The lowest amount accepted now: the start price, later the current price plus the step."""
    return terms.start_price_fen if state.price_fen is None else state.price_fen + terms.step_fen


def check_amount(terms: AuctionTerms, state: State, amount_fen: int) -> None:
    """Refuses an amount that is too low, too large or off the step; multiples count from the start or the price."""
    minimum = minimum_fen(terms, state)
    if amount_fen < minimum:
        raise BidTooLow(amount_fen, minimum)
    if amount_fen > MAX_FEN:
        raise BidTooLarge(MAX_FEN)
    over = (amount_fen - minimum) % terms.step_fen
    if over:
        raise BidOffStep(amount_fen, terms.step_fen, amount_fen - over, amount_fen - over + terms.step_fen)


class English(Format):
    """Open rising bids with an end that a late bid moves."""

    name = "english"
    kinds = frozenset({Kind.BID})

    def judge(self, game: Game, state: State, request: Request, now: datetime) -> Step:
        """Accepts a bid at exactly its amount."""
        amount_fen = request.amount_fen or 0
        check_amount(game.terms, state, amount_fen)
        ends_at, extensions = extended_end(game, state, now)
        reserve_met = None if game.reserve_fen is None else amount_fen >= game.reserve_fen
        after = State(
            "open",
            ends_at,
            amount_fen,
            request.bidder,
            state.sequence + 1,
            extensions,
            reserve_met,
            state.stage,
            state.hard_end_at,
            state.moved,
            state.moved_at,
        )
        body = {
            "bidder": request.bidder,
            "amount_fen": amount_fen,
            "sequence": after.sequence,
            "ends_at": ends_at,
            "extensions": extensions,
            "received_at": request.received_at,
            "reserve_met": reserve_met,
        }
        return after, [Event("bid_accepted", body)]

    def settle(self, game: Game, state: State, now: datetime, openings: Sequence[Opening]) -> Step:  # noqa: ARG002 - of the shape
        """Closes: sold to the leader, or unsold without a bid or below the reserve (拍卖法 article 50)."""
        if state.price_fen is None:
            return closed(game, state, winner=None, price_fen=None, reason="no_bid")
        if game.reserve_fen is not None and state.price_fen < game.reserve_fen:
            return closed(game, state, winner=None, price_fen=None, reason="reserve_not_met")
        return closed(game, state, winner=state.leader, price_fen=state.price_fen)

    def offer(self, game: Game, state: State, bidder: str | None, now: datetime) -> Offer:  # noqa: ARG002 - of the shape
        """The next amounts for one press."""
        lowest, step = minimum_fen(game.terms, state), game.terms.step_fen
        return Offer((Kind.BID,), lowest, tuple(lowest + step * n for n in range(3)))

    def words(self, terms: AuctionTerms, options: Any, lang: Lang) -> list[str]:  # noqa: ANN401 - of the shape
        """The sentences of this format."""
        raise NotImplementedError
