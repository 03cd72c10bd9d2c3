"""Which way a price goes, and how far at least: amounts and steps of open bidding, rising or falling (反向)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from app.auction.errors import BidOffStep, BidTooLarge, BidTooLow
from app.auction.errors_open import BidNotPositive, BidTooHigh, NoLowerPrice
from app.auction.rules.ladder import Ladder, read_ladder
from app.auction.rules.options import demand, flag
from app.money import MAX_FEN

if TYPE_CHECKING:
    from app.auction.rules.game import Game, State
    from app.auction.rules.terms import AuctionTerms


class OpenOptions(NamedTuple):
    """The parameters of open bidding; ``cycle`` and what follows belong to the free and limited periods only.

    ``automatic``: a secret maximum may be set, which answers others' bids. ``multiples_only``: the distance from the
    start price (first bid) or the current price is a whole number of steps. ``ladder``: steps by price.
    ``must_enter``: only who bid in the free period and confirmed within ``entry`` takes part in the limited one.
    """

    automatic: bool = False
    multiples_only: bool = True
    ladder: Ladder | None = None
    cycle: timedelta = timedelta()
    must_enter: bool = False
    entry: timedelta = timedelta()


OPEN_OPTIONS = ("automatic", "multiples_only", "ladder")


def read_open_options(raw: Mapping[str, Any]) -> OpenOptions:
    """Reads what every open format has; multiples are the default where no maximum can be capped off them."""
    automatic = flag(raw, "automatic")
    ladder = raw.get("ladder")
    return OpenOptions(
        automatic,
        flag({"multiples_only": not automatic, **raw}, "multiples_only"),
        None if ladder is None else read_ladder(ladder),
    )


def check_course(terms: AuctionTerms, options: OpenOptions) -> None:
    """Refuses steps that contradict each other or the start price; raises TermsInvalid."""
    demand(
        options.ladder is None or options.ladder.step_at(terms.start_price_fen) == terms.step_fen,
        "设有阶梯的，加价幅度要等于起始价所在一行的幅度。",
        "with a ladder the step must be that of the row in which the start price lies.",
    )
    demand(
        terms.direction != "reverse" or terms.step_fen < terms.start_price_fen,
        "反向竞价的降价幅度要小于最高限价。",
        "the step of a falling price must be below the ceiling.",
    )


def sign_of(terms: AuctionTerms) -> int:
    """1 where the price rises, -1 where it falls: amounts times this are larger the better they are."""
    return -1 if terms.direction == "reverse" else 1


def step_at(terms: AuctionTerms, options: OpenOptions, price_fen: int) -> int:
    """The step that counts at this price."""
    return terms.step_fen if options.ladder is None else options.ladder.step_at(price_fen)


def next_amount(terms: AuctionTerms, options: OpenOptions, price_fen: int) -> int:
    """One step on from a price."""
    return price_fen + sign_of(terms) * step_at(terms, options, price_fen)


def limit_fen(game: Game, state: State) -> int:
    """The lowest amount accepted now (reverse: the highest): the start price, later one step on from the price.

    Source: 法释〔2016〕18号 article 20; reverse: domain rule of the same engine with all comparisons mirrored.
    """
    price = state.price_fen
    return game.terms.start_price_fen if price is None else next_amount(game.terms, game.options, price)


def check_amount(game: Game, state: State, amount_fen: int, *, is_exact: bool = True) -> None:
    """Refuses an amount that does not go far enough, cannot be recorded, or is off the step where steps are exact.

    Multiples count from the start price for the first bid and from the current price afterwards. A maximum
    (``is_exact`` false) may lie anywhere from the limit on.
    """
    terms, options, price = game.terms, game.options, state.price_fen
    step = terms.step_fen
    if options.ladder is not None:
        step = options.ladder.step_at(terms.start_price_fen if price is None else price)
    if terms.direction == "reverse":
        limit = terms.start_price_fen if price is None else price - step
        over = limit - amount_fen
        if over < 0 or limit < 1 or amount_fen < 1:
            raise _refuse_high(state, amount_fen, limit, step)
    else:
        limit = terms.start_price_fen if price is None else price + step
        over = amount_fen - limit
        if over < 0:
            raise BidTooLow(amount_fen, limit)
        if amount_fen > MAX_FEN:
            raise BidTooLarge(MAX_FEN)
    if is_exact and options.multiples_only and over % step:
        raise _refuse_off_step(amount_fen, step, over % step * sign_of(terms))


def _refuse_high(state: State, amount_fen: int, limit: int, step: int) -> Exception:
    if state.price_fen is not None and limit < 1:
        return NoLowerPrice(state.price_fen, step)
    return BidNotPositive(amount_fen) if amount_fen < 1 else BidTooHigh(amount_fen, limit)


def _refuse_off_step(amount_fen: int, step: int, off: int) -> BidOffStep:
    nearer = amount_fen - off
    further = nearer + (step if off > 0 else -step)
    return BidOffStep(amount_fen, step, min(nearer, further), max(nearer, further))
