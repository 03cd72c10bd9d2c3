"""What every format shares: the state of a sale, requests, the standing of who asks, and the shape of a format.

A format is a pure set of rules (state, request, now -> state, events) in one file of this package, a subclass of
``Format`` registered in ``formats``. Nothing here knows a database, a clock or a loop.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

from app.auction.errors import DepositNotHeld, ExchangeMayNotBid, NotAdmitted, SellerMayNotBid
from app.chain import Event

if TYPE_CHECKING:
    from app.auction.rules.terms import AuctionTerms
    from app.errors import Lang

Phase = Literal["scheduled", "open", "suspended", "sold", "unsold", "void"]
ENDED = frozenset({"sold", "unsold", "void"})
PRIORITY_STAGE = "priority"
"""The stage after the result in which the holder of a right of first refusal is asked (事后行权)."""


class Standing(StrEnum):
    """What a party is to this sale (竞买资格), read from the tables under the lock."""

    ADMITTED = "admitted"
    SELLER = "seller"
    EXCHANGE = "exchange"
    STRANGER = "stranger"
    DEPOSIT_DUE = "deposit_due"


class Kind(StrEnum):
    """What a bidder may ask for (竞买请求)."""

    BID = "bid"  # 出价: exactly this amount becomes the price
    MAXIMUM = "maximum"  # 自动出价上限, secret
    MATCH = "match"  # 行使优先购买权: the price as it stands, and the lead
    WAIVE = "waive"  # 放弃优先购买权
    ENTER = "enter"  # 确认进入限时报价
    SEAL = "seal"  # 密封报价, secret
    WITHDRAW = "withdraw"  # 撤回密封报价
    TAKE = "take"  # 减价中应价: names the step and the price it saw
    ACCEPT = "accept"  # 接受本轮价
    RAISE = "raise"  # 在本轮价上加价
    TURN = "turn"  # 轮到时的报价, secret until the turn ends


WATCH_WITHOUT_EXTENSION = timedelta(minutes=5)
"""The last part of a stage in which an interruption counts where nothing extends it, such as a sealed one."""

SECRET_KINDS = frozenset({Kind.MAXIMUM, Kind.SEAL, Kind.TURN})
"""Kinds whose amount nobody else may learn: they come with a commitment and the bidder's own key."""
UNSEEN_KINDS = SECRET_KINDS | {Kind.WITHDRAW}
"""Kinds that nobody else may know of: they move nothing that everybody sees, not even an opening that is due."""


class Request(NamedTuple):
    """One request of a bidder, by code and in its standing; ``amount_fen`` is None where a format must not see it.

    ``bid_id`` is the request's own id as text. ``if_number`` is the last public event its sender saw; ``step`` is the
    step of a falling price or the round that it saw.
    """

    kind: str
    bidder: str
    standing: Standing
    received_at: datetime
    amount_fen: int | None = None
    bid_id: str = ""
    if_number: int | None = None
    step: int | None = None
    commitment: str | None = None
    has_priority: bool = False


class Opening(NamedTuple):
    """A sealed amount that was opened: whose, which request's, how much, and the key of its commitment in hex."""

    bidder: str
    bid_id: str
    amount_fen: int
    key: str


class State(NamedTuple):
    """How a sale stands; amounts in fen. A tuple, because a hot sale makes one for each bid.

    ``ends_at`` is the end of the present stage: the one instant that countdowns show and requests are judged by.
    ``sequence`` counts the accepted acts that everybody saw, ``moved`` is the number of the public event by which price
    or leader last changed, ``moved_at`` its official time (or the opening's). ``detail`` is the format's own public
    state, ``hidden`` its secret one; both None where a format needs none.
    """

    phase: Phase
    ends_at: datetime
    price_fen: int | None = None
    leader: str | None = None
    sequence: int = 0
    extensions: int = 0
    reserve_met: bool | None = None
    stage: str = ""
    hard_end_at: datetime | None = None
    moved: int = 0
    moved_at: datetime | None = None
    detail: Any = None
    hidden: Any = None

    def moved_by(self, number: int, at: datetime) -> State:
        """The state with the event by which price or leader changed; ``_replace`` costs twice as much a bid."""
        return State(*self[:9], number, at, *self[11:])


RESULT_MEMBERS = frozenset({"outcome", "reason", "price_fen", "winner", "ends_at", "reserve_opening"})
"""What every result says; see ``closed``."""

Step = tuple[State, list[Event]]
"""The next state and its events. Of a request the first event is its own, the one its receipt names."""


class Offer(NamedTuple):
    """What one bidder may do now: the kinds of request, the lowest (reverse: highest) amount, amounts for one press.

    ``own`` is what only this bidder may know, such as its maximum or that its envelope is in.
    """

    kinds: tuple[str, ...] = ()
    limit_fen: int | None = None
    amounts_fen: tuple[int, ...] = ()
    own: Mapping[str, Any] = {}


class Game(NamedTuple):
    """One published sale as its rules see it: terms, the format's options, the secret reserve, who holds priority."""

    terms: AuctionTerms
    options: Any
    trigger: timedelta
    extension: timedelta
    reserve_fen: int | None = None
    reserve_key: bytes | None = None
    holders: frozenset[str] = frozenset()


class Format:
    """The rules of one format; a subclass overrides what is its own. All methods are pure.

    ``needs_seal``: amounts are sealed under the sale's public key and ``settle`` is given their openings.
    """

    name: ClassVar[str]
    kinds: ClassVar[frozenset[str]]
    needs_seal: ClassVar[bool] = False
    acts: ClassVar[frozenset[str]] = frozenset()
    """The host's acts that this format knows beyond suspending and voiding."""
    newcomers_until: ClassVar[str | None] = None
    """The stage after which whoever is admitted could not take part any more; None where everybody can to the end."""
    hides_bidders: ClassVar[bool] = False
    """Whether nobody learns before the end how many are admitted."""

    def has_secrets(self, options: Any) -> bool:  # noqa: ANN401, ARG002 - see read_options
        """Whether ``State.hidden`` is kept and events may go to bidders' own streams."""
        return self.needs_seal

    def read_options(self, raw: Mapping[str, Any]) -> Any:  # noqa: ANN401 - each format's own type
        """Reads the format's own parameters, with their defaults; raises TermsInvalid."""
        return dict(raw)

    def check(self, terms: AuctionTerms, options: Any) -> None:  # noqa: ANN401 - see read_options
        """Refuses terms that this format cannot be played by; raises TermsInvalid."""

    def start(self, terms: AuctionTerms, options: Any) -> State:  # noqa: ANN401, ARG002 - see read_options
        """The state at publication; ``ends_at`` is the end that is announced."""
        return State("scheduled", terms.closes_at, hard_end_at=terms.hard_end_at)

    def open(self, game: Game, state: State) -> State:
        """The state at the opening; lateness of whoever opens it changes nothing."""
        return state._replace(
            phase="open",
            reserve_met=False if game.terms.has_reserve else None,
            moved_at=game.terms.opens_at,
        )

    def check_sealed(
        self,
        terms: AuctionTerms,
        options: Any,  # noqa: ANN401 - see read_options
        amount_fen: int,
        price_fen: int | None = None,
    ) -> None:
        """Refuses an amount that could never count, before it is sealed and forgotten.

        ``price_fen`` is the public price as it stands, where there is one: a sealed stage after an open one has to
        better it. Whoever does not know it leaves it out; the opening looks again.
        """
        raise NotImplementedError

    def judge(self, game: Game, state: State, request: Request, now: datetime) -> Step:
        """Accepts a request while the sale is open and its stage runs, or raises the refusal that says why."""
        raise NotImplementedError

    def advance(self, game: Game, state: State, now: datetime) -> Step:  # noqa: ARG002 - most formats have no such
        """Carries out what time alone brings before the end: steps, rounds, turns. Each at its own due instant."""
        return state, []

    def settle(self, game: Game, state: State, now: datetime, openings: Sequence[Opening]) -> Step:
        """Carries out what only the worker may once ``ends_at`` has passed: opens envelopes, goes on, or closes."""
        raise NotImplementedError

    def wants_openings(self, game: Game, state: State) -> bool:  # noqa: ARG002 - most formats open at the end
        """Whether ``settle`` is to be given the sealed amounts once ``ends_at`` has passed; nothing is opened otherwise."""
        return self.needs_seal

    def act(self, game: Game, state: State, name: str, members: Mapping[str, Any], now: datetime) -> Step:
        """Carries out one of ``acts`` while the sale is open, or raises the refusal that says why not."""
        raise NotImplementedError

    def goes_on(self, game: Game, state: State) -> bool:  # noqa: ARG002 - most formats end with their one stage
        """Whether another stage follows when the worker settles this one; until then requests are told to wait."""
        return False

    def due_at(self, game: Game, state: State) -> datetime | None:
        """When time alone will next change something, or None when the sale is over."""
        if state.phase == "scheduled":
            return game.terms.opens_at
        return state.ends_at if state.phase == "open" else None

    def watched_since(self, game: Game, state: State) -> datetime:
        """From when the taking of bids must not have been interrupted, or the sale is suspended at this stage's end.

        The last extension window. A format with turns, cycles or ticks tells where the present one began.
        """
        return state.ends_at - (max(game.trigger, game.extension) or WATCH_WITHOUT_EXTENSION)

    def resume(self, game: Game, state: State, at: datetime, hard_end_at: datetime | None) -> State:
        """The open state after an interruption: what remained after the last accepted act, at least one full window.

        ends_at = at + (old ends_at - time of the last accepted act, or of the opening), never past the hard end.
        Source: 法释〔2016〕18号 article 28 with the exchange's own rule on the clock.
        """
        since = state.moved_at or game.terms.opens_at
        remaining = max(state.ends_at - since, game.extension)
        ends_at = at + remaining
        if hard_end_at is not None:
            ends_at = min(ends_at, hard_end_at)
        return state._replace(phase="open", ends_at=ends_at, hard_end_at=hard_end_at, moved_at=at)

    def offer(self, game: Game, state: State, bidder: str | None, now: datetime) -> Offer:
        """What a bidder with this code may do now; None is a guest, who learns the public amounts only."""
        raise NotImplementedError

    def pack(self, state: State) -> tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]:
        """The format's own public and secret state as JSON."""
        return state.detail, state.hidden

    def unpack(self, detail: Mapping[str, Any] | None, hidden: Mapping[str, Any] | None) -> tuple[Any, Any]:
        """Reads back what ``pack`` wrote."""
        return detail, hidden

    def words(self, terms: AuctionTerms, options: Any, lang: Lang) -> list[str]:  # noqa: ANN401 - see read_options
        """The format's own trading rules in sentences, made from the parameters that the engine uses."""
        raise NotImplementedError


def check_standing(terms: AuctionTerms, standing: Standing) -> None:
    """Refuses whoever may not bid here; raises the refusal that says why.

    Source: 拍卖法 articles 22 and 30 (exchange staff, seller), 法释〔2016〕18号 article 17 (deposit first).
    """
    if standing is Standing.ADMITTED:
        return
    if standing is Standing.SELLER:
        raise SellerMayNotBid
    if standing is Standing.EXCHANGE:
        raise ExchangeMayNotBid
    if standing is Standing.DEPOSIT_DUE:
        raise DepositNotHeld(terms.deposit_fen)
    raise NotAdmitted


def extended_end(game: Game, state: State, now: datetime) -> tuple[datetime, int]:
    """Where the end lies after price or leader changed now, and how often it has moved.

    ends_at = min(hard_end, max(ends_at, now + extension)), only inside the trigger window. Source: 法释〔2016〕18号
    article 20.
    """
    ends_at = state.ends_at
    if ends_at - now > game.trigger:
        return ends_at, state.extensions
    moved = now + game.extension
    if state.hard_end_at is not None and moved > state.hard_end_at:
        moved = state.hard_end_at
    return (moved, state.extensions + 1) if moved > ends_at else (ends_at, state.extensions)


def closed(
    game: Game,
    state: State,
    *,
    winner: str | None,
    price_fen: int | None,
    reason: str | None = None,
    **members: Any,  # noqa: ANN401 - what a format adds to its result
) -> Step:
    """The state and event of an end: sold to a winner at a price, or unsold for a reason; opens the reserve.

    ``members`` are the format's own additions to the result, such as opened envelopes or a ranking; as JSON, with
    instants as text, because they are kept while a holder of priority is asked.
    """
    is_sold = winner is not None
    phase: Phase = "sold" if is_sold else "unsold"
    after = state._replace(
        phase=phase,
        price_fen=price_fen if is_sold else state.price_fen,
        leader=winner if is_sold else state.leader,
    )
    opening = (
        {"reserve_fen": game.reserve_fen, "key": game.reserve_key.hex()}
        if game.reserve_key is not None
        else None
    )
    body = {
        "outcome": phase,
        "reason": None if is_sold else reason,
        "price_fen": price_fen if is_sold else None,
        "winner": winner,
        "ends_at": state.ends_at,
        "reserve_opening": opening,
        **members,
    }
    return after, [Event("auction_closed", body)]
