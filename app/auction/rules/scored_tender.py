"""Scored tender (综合评议, 招标): sealed offers, a panel's points locked before prices open, the best total wins.

Source: 招标投标法 articles 28 (fewer than three offers: tender again), 36 (opened together) and 37 (a panel of an odd
number of at least five, its names secret until the result); 招标投标法实施条例 articles 35 (replacing and withdrawing
until the deadline), 41 (opening early or telling amounts is collusion), 49, 50 (a hidden base price is only a reference,
so there is no reserve here), 51 and 53. Forward and reverse; in a reverse tender the start price is the ceiling.

Prices stay sealed until the panel's scores are locked. If they are not at the deadline, the sale goes to the stage
``scoring``: nothing is due, the worker opens nothing, and the host's act ``scores_locked`` makes it due at once. A record
of a sale whose scores were never opened tells that act by its commitment and who was assessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from app.auction.errors_rounds import NotAssessed, ScoresLocked
from app.auction.rules.envelopes import (
    Envelopes,
    check_amount,
    check_no_open_terms,
    find_envelope,
    open_together,
    pack_envelopes,
    put_in,
    take_out,
    unpack_envelopes,
    void_opening,
)
from app.auction.rules.game import ENDED, Format, Game, Kind, Offer, Opening, Request, State, Step, closed
from app.auction.rules.options import demand, known_only, whole
from app.auction.rules.scoring import (
    FULL_MARKS,
    MOST_CANDIDATES,
    Assessment,
    Criterion,
    Ranked,
    evaluate,
    exact,
    read_assessment,
    read_exact,
)
from app.auction.rules.sealed import SEALED
from app.auction.rules.tender_words import tender_words
from app.chain import HOST, Event, instant

if TYPE_CHECKING:
    from app.auction.rules.envelopes import OpeningRecord
    from app.auction.rules.terms import AuctionTerms
    from app.errors import Lang

SCORING = "scoring"
SCORES_LOCKED = "scores_locked"
_CODE = re.compile(r"[a-z][a-z0-9_]{0,29}")
_LONGEST_NAME = 40
_MOST_CRITERIA = 20
_LEAST_BIDDERS = 2
_LEAST_EXPERTS = 5
_MOST_EXPERTS = 21
_NEVER = datetime.max.replace(tzinfo=UTC)


class TenderOptions(NamedTuple):
    """The parameters: the weight of the price, the other criteria, and how many experts the panel has."""

    price_weight: Fraction
    criteria: tuple[Criterion, ...]
    experts: int


class TenderDetail(NamedTuple):
    """What everybody knows before prices open: that scores are locked, since when, and the commitment to them."""

    commitment: str
    locked_at: datetime


class TenderSecret(NamedTuple):
    """What nobody may know before prices open: the envelopes, the panel's assessment, and whom it is about."""

    envelopes: Envelopes = ()
    assessment: Assessment | None = None
    assessed: tuple[str, ...] = ()


class ScoredTender(Format):
    """Sealed offers ranked by points and price; prices open only after the points are locked."""

    name = "scored_tender"
    kinds = frozenset({Kind.SEAL, Kind.WITHDRAW})
    needs_seal = True
    acts = frozenset({SCORES_LOCKED})
    newcomers_until = SEALED
    hides_bidders = True  # 招标投标法 article 22: 不得透露潜在投标人的名称、数量

    def read_options(self, raw: Mapping[str, Any]) -> TenderOptions:
        """Reads ``price_weight``, ``criteria`` (each ``code``, ``zh``, ``en``, ``weight``) and ``experts``."""
        known_only(raw, *TenderOptions._fields)
        price_weight = _read_weight(raw.get("price_weight"), "price_weight")
        given = raw.get("criteria")
        demand(
            isinstance(given, Sequence) and not isinstance(given, str) and 0 < len(given) <= _MOST_CRITERIA,
            f"criteria 应列出 1 至 {_MOST_CRITERIA} 项评审因素。",
            f"criteria lists 1 to {_MOST_CRITERIA} criteria.",
        )
        criteria = tuple(_read_criterion(row) for row in given or ())
        demand(
            len({item.code for item in criteria}) == len(criteria),
            "评审因素的 code 不能重复。",
            "each criterion has a code of its own.",
        )
        total = price_weight + sum((item.weight for item in criteria), Fraction(0))
        demand(
            total == FULL_MARKS,
            f"价格权重与各评审因素权重之和应当正好是 100，现在是 {exact(total)}。",
            f"the weights of the price and the criteria must sum to exactly 100; they sum to {exact(total)}.",
        )
        experts = whole(raw, "experts", _LEAST_EXPERTS, _MOST_EXPERTS, _LEAST_EXPERTS)
        demand(
            experts % 2 == 1,
            "评审专家人数应为单数（招标投标法第三十七条）。",
            "the number of experts must be odd (Tendering Law article 37).",
        )
        return TenderOptions(price_weight, criteria, experts)

    def check(self, terms: AuctionTerms, options: TenderOptions) -> None:  # noqa: ARG002 - of the shape
        """A deadline that nothing moves, no hidden reserve, and offers to compare."""
        check_no_open_terms(terms)
        demand(
            not terms.has_reserve,
            "综合评议不设保留价：起始价（最高限价）就是界限，标底只能作为评标的参考（招标投标法实施条例第五十条）。",
            "a scored tender has no hidden reserve: the start price or ceiling is the limit, and a hidden base price may "
            "only be a reference (Regulations on Tendering, article 50).",
        )
        demand(
            terms.min_bidders >= _LEAST_BIDDERS,
            f"综合评议至少要有 {_LEAST_BIDDERS} 份报价才能比较；按招标办理的应填 3（招标投标法第二十八条）。",
            f"at least {_LEAST_BIDDERS} offers are needed to compare; where the law on tenders applies, 3 (article 28).",
        )

    def start(self, terms: AuctionTerms, options: TenderOptions) -> State:  # noqa: ARG002 - of the shape
        """No envelope and no assessment yet; the deadline is the announced end."""
        return State("scheduled", terms.closes_at, stage=SEALED, hidden=TenderSecret())

    def check_sealed(
        self,
        terms: AuctionTerms,
        options: TenderOptions,  # noqa: ARG002 - of the shape
        amount_fen: int,
        price_fen: int | None = None,  # noqa: ARG002 - of the shape
    ) -> None:
        """A price is any from the start price up, or from the ceiling down (招标投标法实施条例 article 51)."""
        check_amount(terms, amount_fen, terms.start_price_fen, multiples_only=False)

    def judge(self, game: Game, state: State, request: Request, now: datetime) -> Step:  # noqa: ARG002 - of the shape
        """Takes an offer in or gives it back; after the locking only from those who were assessed."""
        secret: TenderSecret = state.hidden
        bare = state._replace(hidden=secret.envelopes)
        if request.kind == Kind.SEAL:
            if state.detail is not None and request.bidder not in secret.assessed:
                raise NotAssessed
            after, events = put_in(bare, request, now)
        else:
            after, events = take_out(bare, request)
        return after._replace(hidden=secret._replace(envelopes=after.hidden)), events

    def act(self, game: Game, state: State, name: str, members: Mapping[str, Any], now: datetime) -> Step:  # noqa: ARG002 - there is one act
        """Locks the panel's scores: from now on nothing in them can change, and everybody holds the commitment.

        The scores themselves stay secret until prices open (招标投标法实施条例 article 49: only the announced criteria).
        With nothing but a commitment and who was assessed, as in a record, prices never open.
        """
        secret: TenderSecret = state.hidden
        if state.detail is not None:
            raise ScoresLocked
        options: TenderOptions = game.options
        if "commitment" in members and "key" not in members:
            assessment, commitment = None, str(members["commitment"])
            assessed = tuple(members.get("assessed", ()))
        else:
            assessment = read_assessment(options.criteria, options.experts, members)
            commitment = assessment.commitment()
            assessed = tuple(sorted((*assessment.points, *assessment.rejected)))
        after = state._replace(
            detail=TenderDetail(commitment, now),
            hidden=TenderSecret(secret.envelopes, assessment, assessed),
        )
        # How many are assessed is the host's to know: nobody else may learn how many bidders there are (招标投标法 22).
        return after, [
            Event(SCORES_LOCKED, {"commitment": commitment, "panel": options.experts}),
            Event("bidders_assessed", {"commitment": commitment, "assessed": list(assessed)}, HOST),
        ]

    def settle(self, game: Game, state: State, now: datetime, openings: Sequence[Opening]) -> Step:  # noqa: ARG002 - of the shape
        """Opens the prices once scores are locked, and ranks; until then the sale waits with everything sealed."""
        secret: TenderSecret = state.hidden
        if self._is_too_few(game, state):
            # As in every sealed sale: their commitments are told, their amounts never are.
            return closed(
                game,
                state,
                winner=None,
                price_fen=None,
                reason="too_few_bidders" if secret.envelopes else "no_bid",
                unopened=[item.wire() for item in secret.envelopes],
            )
        if secret.assessment is None:
            if state.stage == SCORING:
                return state, []
            body = {"stage": SCORING, "began_at": state.ends_at, "ends_at": state.ends_at}
            return state._replace(stage=SCORING), [Event("stage_began", body)]
        record = open_together(
            secret.envelopes, openings, partial(self.check_sealed, game.terms, game.options)
        )
        if record.failed:
            return void_opening(state, record)
        return self._rank(game, state, secret.assessment, record)

    def _rank(self, game: Game, state: State, assessment: Assessment, record: OpeningRecord) -> Step:
        """The opening of prices and scores, then the candidates in order (招标投标法实施条例 article 53)."""
        state = state._replace(
            sequence=state.sequence + len(record.opened), hidden=state.hidden._replace(envelopes=())
        )
        scores = {**assessment.wire(), "key": assessment.key, "commitment": assessment.commitment()}
        told = [
            Event("envelopes_opened", {"stage": SEALED, **record.members()}),
            Event("scores_opened", scores),
        ]
        ranked = evaluate(game.terms, game.options.price_weight, assessment, record.opened)
        members = {
            "ranking": [item.wire(place) for place, item in enumerate(ranked, 1)],
            "candidates": [item.offer.bidder for item in ranked[:MOST_CANDIDATES]],
            "excluded": _excluded(assessment, record),
        }
        best: Ranked | None = ranked[0] if ranked else None
        after, events = closed(
            game,
            state,
            winner=best.offer.bidder if best else None,
            price_fen=best.offer.amount_fen if best else None,
            reason=None if best else "all_rejected",
            **members,
        )
        return after, [*told, *events]

    def _is_too_few(self, game: Game, state: State) -> bool:
        return len(state.hidden.envelopes) < game.terms.min_bidders

    def wants_openings(self, game: Game, state: State) -> bool:
        """Nothing is opened before the scores are locked, nor when too few offers came."""
        return state.hidden.assessment is not None and not self._is_too_few(game, state)

    def due_at(self, game: Game, state: State) -> datetime | None:
        """While scores are awaited nothing is due; once they are locked, the end that has passed."""
        if state.stage == SCORING and state.hidden.assessment is None:
            return None
        return super().due_at(game, state)

    def watched_since(self, game: Game, state: State) -> datetime:
        """Nobody can bid while scores are awaited, so no interruption counts then."""
        return _NEVER if state.stage == SCORING else super().watched_since(game, state)

    def resume(self, game: Game, state: State, at: datetime, hard_end_at: datetime | None) -> State:  # noqa: ARG002 - no hard end here
        """The whole time for offers once more; while scores are awaited the deadline has passed and stays so."""
        after = state._replace(phase="open")
        if state.stage == SCORING:
            return after
        return after._replace(ends_at=at + max(game.terms.closes_at - game.terms.opens_at, game.extension))

    def offer(self, game: Game, state: State, bidder: str | None, now: datetime) -> Offer:
        """The limit for everybody; whether an offer is in, for its bidder alone."""
        if state.phase in ENDED or state.stage not in (SEALED, SCORING):
            return Offer()
        mine = None if bidder is None else find_envelope(state.hidden.envelopes, bidder)
        own = {} if bidder is None else {"envelope": mine.wire() if mine else None}
        kinds: tuple[str, ...] = ()
        if bidder is not None and state.phase == "open" and now < state.ends_at:
            kinds = (Kind.SEAL, Kind.WITHDRAW) if mine else (Kind.SEAL,)
        return Offer(kinds, game.terms.start_price_fen, (), own)

    def pack(self, state: State) -> tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]:
        """The commitment to the scores, and what is secret, as JSON."""
        detail: TenderDetail | None = state.detail
        secret: TenderSecret = state.hidden
        packed = (
            None
            if detail is None
            else {"scores_commitment": detail.commitment, "locked_at": instant(detail.locked_at)}
        )
        locked = secret.assessment
        assessment = None if locked is None else {**locked.wire(), "key": locked.key}
        return packed, {
            **(pack_envelopes(secret.envelopes) or {}),
            "assessment": assessment,
            "assessed": list(secret.assessed),
        }

    def unpack(self, detail: Mapping[str, Any] | None, hidden: Mapping[str, Any] | None) -> tuple[Any, Any]:
        """Reads back what ``pack`` wrote."""
        read = None
        if detail is not None:
            read = TenderDetail(detail["scores_commitment"], datetime.fromisoformat(detail["locked_at"]))
        if hidden is None:
            return read, TenderSecret()
        stored = hidden["assessment"]
        return read, TenderSecret(
            unpack_envelopes(hidden) or (),
            None if stored is None else _stored_assessment(stored),
            tuple(hidden["assessed"]),
        )

    def words(self, terms: AuctionTerms, options: TenderOptions, lang: Lang) -> list[str]:
        """The sentences of a scored tender."""
        return tender_words(terms, options, lang)


def _read_weight(value: object, name: str) -> Fraction:
    weight = read_exact(value)
    demand(
        weight is not None and 0 < weight <= FULL_MARKS,
        f"{name} 应为大于 0、不超过 100 的数，写成整数、小数文本（如 12.5）或分数文本（如 100/3），不用浮点数。",
        f"{name} must be above 0 and at most 100: whole, or text such as 12.5 or 100/3; no float.",
    )
    return weight or FULL_MARKS


def _read_criterion(row: object) -> Criterion:
    fits = isinstance(row, Mapping) and set(row) == set(Criterion._fields)
    values: Mapping[str, Any] = row if isinstance(row, Mapping) else {}
    texts = [values.get(name) for name in ("code", "zh", "en")]
    fits = fits and all(isinstance(text, str) and 0 < len(text) <= _LONGEST_NAME for text in texts)
    demand(
        fits and _CODE.fullmatch(str(values.get("code"))) is not None,
        f"每项评审因素写明 code（小写字母、数字和下划线）、中文名 zh、英文名 en（各 {_LONGEST_NAME} 字以内）和权重 weight。",
        f"each criterion has a code (lower-case letters, digits, underscores), its names zh and en of at most "
        f"{_LONGEST_NAME} characters, and a weight.",
    )
    code, zh, en = (str(text) for text in texts)
    return Criterion(code, zh, en, _read_weight(values.get("weight"), code))


def _stored_assessment(stored: Mapping[str, Any]) -> Assessment:
    points = {
        bidder: {code: tuple(Fraction(value) for value in values) for code, values in rows.items()}
        for bidder, rows in stored["scores"].items()
    }
    return Assessment(tuple(stored["experts"]), points, dict(stored["rejected"]), stored["key"])


def _excluded(assessment: Assessment, record: OpeningRecord) -> list[dict[str, str]]:
    """The offers that were opened and not ranked, each with why (招标投标法实施条例 article 51)."""
    return [
        {
            "bidder": offer.bidder,
            "reason": assessment.rejected.get(offer.bidder, "not_assessed"),
        }
        for offer in record.opened
        if offer.bidder not in assessment.points
    ]
