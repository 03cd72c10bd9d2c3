"""Automatic bidding (自动出价): secret maxima that answer others' bids, as far as needed and never further.

Source: eBay's mechanism, in the points where engines disagree as the market's trading rules decide them: the first
maximum leads at the start price; of two equal maxima the earlier one leads at that amount; a price that a maximum
capped below a full step may be off the grid and rises to the full step when its leader raises the maximum; a reserve
is reached at once by a maximum that reaches it. In a falling sale everything is mirrored.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from app.auction.errors_open import MaximumNotHigher, MaximumNotLower
from app.auction.rules.course import limit_fen, next_amount, sign_of

if TYPE_CHECKING:
    from app.auction.rules.game import Game, Request, State
    from app.auction.rules.terms import AuctionTerms


AUTOMATIC = "automatic"
MATCHED = "matched"


class Maximum(NamedTuple):
    """One bidder's last maximum. ``order`` counts accepted maxima: the earlier one wins a tie.

    ``needed_fen`` is the least far amount that would have given the same course so far, in everything that others saw:
    by ``opened_as`` nobody learns after the close what the winner would have paid. A maximum that was beaten by another
    is needed whole.
    """

    bidder: str
    amount_fen: int
    bid_id: str
    commitment: str | None
    order: int
    needed_fen: int


def opened_as(winners: Maximum, refused_fen: Iterable[int], terms: AuctionTerms) -> int:
    """What the winner's last maximum is opened as after the close: the least amount that gives the same course.

    ``refused_fen`` are the maxima of the same bidder that were refused afterwards for not passing this one: a state
    keeps no trace of what was refused, but a replay has to refuse them again.
    """
    sign = sign_of(terms)
    return sign * max([sign * winners.needed_fen, *(sign * amount for amount in refused_fen)])


class Maxima(NamedTuple):
    """The secret state of automatic bidding: the last maximum of each bidder, by code.

    ``second_fen`` is the amount that the leader's maximum beat, from which a capped price catches up; None where the
    price is the leader's own exact bid, its match or the start price.
    """

    held: Mapping[str, Maximum] = {}
    second_fen: int | None = None
    order: int = 0

    def pack(self) -> dict[str, Any]:
        """The maxima as JSON."""
        rows = [list(one) for one in sorted(self.held.values(), key=lambda one: one.order)]
        return {"maxima": rows, "second_fen": self.second_fen, "order": self.order}

    @classmethod
    def unpack(cls, stored: Mapping[str, Any]) -> Maxima:
        """Reads back what ``pack`` wrote."""
        maxima = [Maximum(*row) for row in stored["maxima"]]
        return cls({one.bidder: one for one in maxima}, stored["second_fen"], stored["order"])

    def needing(self, bidder: str, amount_fen: int, sign: int) -> Maxima:
        """The same after this bidder's maximum was needed up to an amount."""
        one = self.held[bidder]
        if sign * amount_fen <= sign * one.needed_fen:
            return self
        return self._replace(held={**self.held, bidder: one._replace(needed_fen=amount_fen)})


class Move(NamedTuple):
    """One change of price or leader that everybody sees, and whether it was an answer or a match."""

    bidder: str
    price_fen: int
    mark: str | None = None


Answered = tuple[list[Move], Maxima]
"""What everybody sees, in order, and the maxima afterwards."""


def _live(game: Game, state: State, *, may_answer: bool) -> int | None:
    """How far the leader's maximum still reaches beyond the price, or None: the one maximum that can answer.

    All others' are used up: whoever does not lead was beaten at or before the current price.
    """
    if state.leader is None or state.price_fen is None or not may_answer:
        return None
    one = state.hidden.held.get(state.leader)
    sign = sign_of(game.terms)
    if one is None or sign * one.amount_fen <= sign * state.price_fen:
        return None
    return int(one.amount_fen)


def _answer(game: Game, rival_fen: int, maximum_fen: int) -> int:
    """The least price that beats a rival's amount by a step, capped by the maximum."""
    sign = sign_of(game.terms)
    return sign * min(sign * maximum_fen, sign * next_amount(game.terms, game.options, rival_fen))


def _to_reserve(game: Game, price_fen: int, maximum_fen: int) -> int:
    """The price after a maximum has lifted it to the reserve that it reaches (保留价)."""
    reserve, sign = game.reserve_fen, sign_of(game.terms)
    if reserve is None or sign * maximum_fen < sign * reserve:
        return price_fen
    return sign * max(sign * price_fen, sign * reserve)


def answer_amount(game: Game, state: State, own: Move, *, may_answer: bool) -> Answered:
    """An exact bid or a match becomes the price; the former leader's maximum answers if it reaches further.

    A bid of exactly the maximum is answered at the same price, because the maximum was there earlier; a match of
    exactly the maximum is not, because a right of first refusal goes before an equal price.
    """
    maxima: Maxima = state.hidden
    live = None if own.bidder == state.leader else _live(game, state, may_answer=may_answer)
    sign = sign_of(game.terms)
    reached = live is not None and (
        sign * live > sign * own.price_fen or (live == own.price_fen and own.mark != MATCHED)
    )
    if live is None or state.leader is None or not reached:
        return [own], maxima._replace(second_fen=None)
    price = _answer(game, own.price_fen, live)
    answered = Move(state.leader, price, AUTOMATIC)
    return [own, answered], maxima.needing(state.leader, price, sign)._replace(second_fen=own.price_fen)


def set_maximum(game: Game, state: State, request: Request, amount_fen: int, *, may_answer: bool) -> Answered:
    """Takes a maximum over; no moves where neither price nor leader changes. Raises MaximumNotHigher.

    The amount was checked against the limit before.
    """
    maxima: Maxima = state.hidden
    sign, bidder, price = sign_of(game.terms), request.bidder, state.price_fen
    old = maxima.held.get(bidder)
    if old is not None and sign * amount_fen <= sign * old.amount_fen:
        raise (MaximumNotHigher if sign > 0 else MaximumNotLower)(amount_fen)
    least = limit_fen(game, state)
    if old is not None:
        least = sign * max(sign * least, sign * old.amount_fen + 1)
    own = Maximum(bidder, amount_fen, request.bid_id, request.commitment, maxima.order + 1, least)
    after = maxima._replace(held={**maxima.held, bidder: own}, order=own.order)
    if price is None:
        led = _to_reserve(game, game.terms.start_price_fen, amount_fen)
    elif bidder == state.leader:
        led = price
        if maxima.second_fen is not None:
            led = sign * max(sign * price, sign * _answer(game, maxima.second_fen, amount_fen))
        led = _to_reserve(game, led, amount_fen)
        if led == price:
            return [], after
    else:
        return _challenge(game, state, after, own, may_answer=may_answer)
    return [Move(bidder, led, AUTOMATIC)], after.needing(bidder, led, sign)


def _challenge(game: Game, state: State, maxima: Maxima, own: Maximum, *, may_answer: bool) -> Answered:
    """A maximum of somebody who does not lead: it takes the lead, or the leader's answers it."""
    sign, leader, price = sign_of(game.terms), state.leader, state.price_fen
    live = _live(game, state, may_answer=may_answer)
    if leader is None or price is None:
        message = "a challenge needs a leader and a price"
        raise AssertionError(message)
    if live is not None and sign * own.amount_fen <= sign * live:
        led = _answer(game, own.amount_fen, live)
        after = maxima.needing(leader, led, sign).needing(own.bidder, own.amount_fen, sign)
        return [Move(leader, led, AUTOMATIC)], after._replace(second_fen=own.amount_fen)
    beaten = price if live is None else live
    led = _to_reserve(game, _answer(game, beaten, own.amount_fen), own.amount_fen)
    after = maxima if live is None else maxima.needing(leader, live, sign)
    return [Move(own.bidder, led, AUTOMATIC)], after.needing(own.bidder, led, sign)._replace(
        second_fen=beaten
    )
