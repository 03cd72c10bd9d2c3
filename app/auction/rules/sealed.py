"""Sealed bids opened together (密封报价): first price, and second price (Vickrey, 第二价格密封); forward and reverse.

One envelope a bidder until the deadline, replaceable unless ``one_shot``; nobody but its bidder learns that it exists.
Source: 招标投标法实施条例 articles 35 (replacing and withdrawing) and 41 (opening early or telling amounts is collusion),
拍卖法 article 50 (below the reserve no bid has effect); price before time (价格优先、时间优先) as exchanges announce it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from app.auction.errors_sealed import NotTied
from app.auction.rules.envelopes import (
    Envelopes,
    Opened,
    OpeningRecord,
    better_or_equal,
    beyond,
    by_rank,
    can_go,
    check_amount,
    check_no_open_terms,
    is_forward,
    open_together,
    own_envelope,
    pack_envelopes,
    put_in,
    rank,
    take_out,
    unpack_envelopes,
    void_opening,
)
from app.auction.rules.game import ENDED, Format, Game, Kind, Offer, Opening, Request, State, Step, closed
from app.auction.rules.options import choice, demand, flag, known_only, whole
from app.auction.rules.sealed_words import sealed_words
from app.chain import Event

if TYPE_CHECKING:
    from app.auction.rules.terms import AuctionTerms
    from app.errors import Lang

SEALED = "sealed"
EXTRA = "extra"
_MOST_EXTRA_SECONDS = 7 * 86_400


class SealedOptions(NamedTuple):
    """The parameters of a sealed sale."""

    one_shot: bool = False
    tie_rule: str = "earliest"
    extra_seconds: int = 0
    multiples_only: bool = False


class ExtraRound(NamedTuple):
    """Public state of an extra round: who is tied at which amount, and the first opening's record."""

    tied: tuple[str, ...]
    amount_fen: int
    opened: tuple[Opened, ...]
    rejected: tuple[Mapping[str, Any], ...]


class Sealed(Format):
    """What the two sealed formats share; a subclass says at which price the best bidder buys."""

    kinds = frozenset({Kind.SEAL, Kind.WITHDRAW})
    needs_seal = True
    is_second_price: ClassVar[bool]

    def read_options(self, raw: Mapping[str, Any]) -> SealedOptions:
        """``one_shot``, ``tie_rule`` (earliest or extra_round), ``extra_seconds``, ``multiples_only``."""
        known_only(raw, *SealedOptions._fields)
        tie_rule = choice(raw, "tie_rule", ("earliest", "extra_round"))
        least = 1 if tie_rule == "extra_round" else 0
        return SealedOptions(
            flag(raw, "one_shot"),
            tie_rule,
            whole(raw, "extra_seconds", least, _MOST_EXTRA_SECONDS, default=0),
            flag(raw, "multiples_only"),
        )

    def check(self, terms: AuctionTerms, options: SealedOptions) -> None:
        """A deadline that nothing moves, and no right of first refusal in the field, where there is no price to match."""
        demand(
            options.tie_rule == "extra_round" or options.extra_seconds == 0,
            "没有加密封一轮（tie_rule 不是 extra_round），不要填 extra_seconds。",
            "without an extra round (tie_rule is not extra_round) leave extra_seconds out.",
        )
        check_no_open_terms(terms)

    def start(self, terms: AuctionTerms, options: SealedOptions) -> State:  # noqa: ARG002 - of the shape
        """No envelope yet; the deadline is the announced end."""
        return State("scheduled", terms.closes_at, stage=SEALED, hidden=())

    def check_sealed(
        self,
        terms: AuctionTerms,
        options: SealedOptions,
        amount_fen: int,
        price_fen: int | None = None,
    ) -> None:
        """Refuses an amount beyond the start price or ceiling, or in an extra round one that does not break the tie."""
        limit = terms.start_price_fen if price_fen is None else beyond(terms, price_fen)
        check_amount(terms, amount_fen, limit, multiples_only=options.multiples_only)

    def judge(self, game: Game, state: State, request: Request, now: datetime) -> Step:
        """Takes an envelope in or gives it back; in an extra round only from those who are tied."""
        extra = state.detail
        if extra is not None and request.bidder not in extra.tied:
            raise NotTied(extra.amount_fen, list(extra.tied))
        one_shot = game.options.one_shot
        if request.kind == Kind.SEAL:
            return put_in(state, request, now, one_shot=one_shot)
        return take_out(state, request, one_shot=one_shot)

    def wants_openings(self, game: Game, state: State) -> bool:
        """Too few envelopes stay sealed for ever."""
        return bool(state.hidden) and not self._is_too_few(game, state)

    def goes_on(self, game: Game, state: State) -> bool:
        """Perhaps, where ties are broken by a round: whether there is one is not known before the opening."""
        return state.stage == SEALED and game.options.tie_rule == "extra_round"

    def settle(self, game: Game, state: State, now: datetime, openings: Sequence[Opening]) -> Step:
        """Opens all envelopes that count, then an extra round among the tied, or the result."""
        envelopes: Envelopes = state.hidden or ()
        if state.stage == SEALED and self._is_too_few(game, state):
            # Their commitments are told, so that anybody can see that they were too few; their amounts never are.
            return closed(
                game,
                state,
                winner=None,
                price_fen=None,
                reason="too_few_bidders" if envelopes else "no_bid",
                unopened=[item.wire() for item in envelopes],
                openings=[],
                rejected=[],
                ranking=[],
            )
        terms, options = game.terms, game.options
        check = partial(self.check_sealed, terms, options, price_fen=state.price_fen)
        record = open_together(envelopes, openings, check)
        if record.failed:
            return void_opening(state, _with_first(state.detail, record))
        opened = Event("envelopes_opened", {"stage": state.stage, **record.members()})
        state = state._replace(sequence=state.sequence + len(record.opened), hidden=())
        tied = self._tied(game, state, record.opened)
        if tied:
            after, events = _begin_extra_round(game, state, now, record, tied)
        else:
            after, events = self._close(game, state, _with_first(state.detail, record))
        return after, [opened, *events]

    def _is_too_few(self, game: Game, state: State) -> bool:
        return state.stage == SEALED and len(state.hidden or ()) < game.terms.min_bidders

    def _tied(self, game: Game, state: State, opened: Sequence[Opened]) -> list[Opened]:
        """Those between whom an extra round decides; none if another rule does, or nobody could better the amount."""
        if state.stage != SEALED or game.options.tie_rule != "extra_round":
            return []
        ranked = by_rank(game.terms, _valid(game, opened))
        best = [item for item in ranked if item.amount_fen == ranked[0].amount_fen]
        return best if len(best) > 1 and can_go(beyond(game.terms, best[0].amount_fen)) else []

    def _close(self, game: Game, state: State, record: OpeningRecord) -> Step:
        """The best bidder buys at its own amount, or at the second best, but never below the reserve or start."""
        ranked = by_rank(game.terms, _last_words(record.opened))
        valid = _valid(game, ranked)
        second = valid[1].amount_fen if len(valid) > 1 else None
        members: dict[str, Any] = {**record.members(), "ranking": rank(ranked)}
        if self.is_second_price:
            members["second_fen"] = second
        if not valid:
            reason = "reserve_not_met" if ranked else "no_bid"
            return closed(game, state, winner=None, price_fen=None, reason=reason, **members)
        price = valid[0].amount_fen
        if self.is_second_price:
            price = second if second is not None else _floor_fen(game)
        state = state._replace(reserve_met=True if game.terms.has_reserve else None)
        return closed(game, state, winner=valid[0].bidder, price_fen=price, **members)

    def watched_since(self, game: Game, state: State) -> datetime:
        """The last window before the deadline, or the whole of an extra round."""
        if state.stage == EXTRA:
            return state.ends_at - timedelta(seconds=game.options.extra_seconds)
        return super().watched_since(game, state)

    def resume(self, game: Game, state: State, at: datetime, hard_end_at: datetime | None) -> State:
        """The whole stage once more: when the last envelope came is secret, so the time counts from the opening."""
        if state.stage not in (SEALED, EXTRA):
            return super().resume(game, state, at, hard_end_at)
        terms = game.terms
        length = terms.closes_at - terms.opens_at
        if state.stage == EXTRA:
            length = timedelta(seconds=game.options.extra_seconds)
        ends_at = at + max(length, game.extension)
        if hard_end_at is not None:
            ends_at = min(ends_at, hard_end_at)
        return state._replace(phase="open", ends_at=ends_at, hard_end_at=hard_end_at)

    def offer(self, game: Game, state: State, bidder: str | None, now: datetime) -> Offer:
        """The limit for everybody; whether an envelope is in, for its bidder alone."""
        if state.stage not in (SEALED, EXTRA) or state.phase in ENDED:
            return Offer()
        terms = game.terms
        limit = terms.start_price_fen if state.price_fen is None else beyond(terms, state.price_fen)
        own = own_envelope(state, bidder)
        is_in = state.detail is None or bidder in state.detail.tied
        if state.phase != "open" or now >= state.ends_at or not is_in:
            return Offer((), limit, (), own)
        kinds: tuple[str, ...] = (Kind.SEAL,)
        if own.get("envelope"):
            kinds = () if game.options.one_shot else (Kind.SEAL, Kind.WITHDRAW)
        return Offer(kinds, limit, (), own)

    def pack(self, state: State) -> tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]:
        """An extra round's public state, and the envelopes."""
        detail: Any = state.detail
        if isinstance(detail, ExtraRound):
            detail = {
                "tied": list(detail.tied),
                "amount_fen": detail.amount_fen,
                "openings": [item.wire() for item in detail.opened],
                "rejected": list(detail.rejected),
            }
        return detail, pack_envelopes(state.hidden)

    def unpack(self, detail: Mapping[str, Any] | None, hidden: Mapping[str, Any] | None) -> tuple[Any, Any]:
        """Reads back what ``pack`` wrote; the engine's own stage keeps its own detail."""
        read: Any = detail
        if detail is not None and "tied" in detail:
            read = ExtraRound(
                tuple(detail["tied"]),
                detail["amount_fen"],
                tuple(Opened.read(item) for item in detail["openings"]),
                tuple(detail["rejected"]),
            )
        return read, unpack_envelopes(hidden)

    def words(self, terms: AuctionTerms, options: SealedOptions, lang: Lang) -> list[str]:
        """The sentences of sealed bidding."""
        return sealed_words(terms, options, lang, is_second_price=self.is_second_price)


class FirstPrice(Sealed):
    """The best bidder buys at its own amount (一次报价)."""

    name = "sealed_first_price"
    is_second_price = False


class Vickrey(Sealed):
    """The best bidder buys at the second best amount (第二价格密封)."""

    name = "vickrey"
    is_second_price = True


def _floor_fen(game: Game) -> int:
    """The least (reverse: most) that a result can be: the reserve, or else the start price or ceiling."""
    start, reserve = game.terms.start_price_fen, game.reserve_fen
    if reserve is None:
        return start
    return max(start, reserve) if is_forward(game.terms) else min(start, reserve)


def _valid(game: Game, opened: Sequence[Opened]) -> list[Opened]:
    """Those that reach the reserve; only they have effect (拍卖法 article 50)."""
    floor = _floor_fen(game)
    return [item for item in opened if better_or_equal(game.terms, item.amount_fen, floor)]


def _last_words(opened: Sequence[Opened]) -> list[Opened]:
    """Each bidder's last opened amount, in order of acceptance: an extra round's takes the place of the first."""
    return [
        item
        for place, item in enumerate(opened)
        if all(item.bidder != more.bidder for more in opened[place + 1 :])
    ]


def _with_first(extra: ExtraRound | None, record: OpeningRecord) -> OpeningRecord:
    """The record of both openings of a sale, the first one's before the extra round's."""
    if extra is None:
        return record
    return OpeningRecord((*extra.opened, *record.opened), (*extra.rejected, *record.rejected), record.failed)


def _begin_extra_round(
    game: Game, state: State, now: datetime, record: OpeningRecord, tied: list[Opened]
) -> Step:
    """One more sealed round among the tied, of its full length from when it really opens; its limit is public."""
    amount = tied[0].amount_fen
    ends_at = now + timedelta(seconds=game.options.extra_seconds)
    codes = tuple(item.bidder for item in tied)
    after = state._replace(
        stage=EXTRA,
        ends_at=ends_at,
        price_fen=amount,
        leader=tied[0].bidder,
        reserve_met=True if game.terms.has_reserve else None,
        detail=ExtraRound(codes, amount, record.opened, record.rejected),
    )
    body = {
        "stage": EXTRA,
        "ends_at": ends_at,
        "tied": list(codes),
        "price_fen": amount,
        "leader": tied[0].bidder,
        "limit_fen": beyond(game.terms, amount),
    }
    return after, [Event("stage_opened", body)]
