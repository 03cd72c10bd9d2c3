"""Plays sales by the rules as the live market does, transaction by transaction, and makes their records."""

from __future__ import annotations

import hashlib
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.auction.protocol.bundling import SaleRows, StreamRows, make_bundle
from app.auction.protocol.heads import SignedHead, Signer, Tree
from app.auction.protocol.trust import TrustedKey, TrustedKeys
from app.auction.rules.engine import Fold, Judged, Stream, make_game, needs_bidders, publish
from app.auction.rules.game import PRIORITY_STAGE, UNSEEN_KINDS, Opening, Request, Standing
from app.auction.rules.terms import AuctionTerms, commit_amount, commit_reserve
from app.auction.rules.words import write_rules
from app.chain import HOST, PUBLIC, Event, Recorded, canonical, instant

if TYPE_CHECKING:
    from collections.abc import Sequence

START = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
SIGNER = Signer(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
KEYS: TrustedKeys = {SIGNER.key_id: TrustedKey(SIGNER.public_key, START - timedelta(days=1), None)}
RESERVE_KEY = bytes(range(100, 132))
YUAN = 100


def at(seconds: float) -> datetime:
    """An instant after the opening."""
    return START + timedelta(seconds=seconds)


def make_terms(**over: Any) -> AuctionTerms:
    """Terms of an hour's sale from CNY 1,000.00 by steps of CNY 10.00."""
    values: dict[str, Any] = {
        "start_price_fen": 1000 * YUAN,
        "step_fen": 10 * YUAN,
        "deposit_fen": 0,
        "opens_at": START,
        "closes_at": at(3600),
        "hard_end_at": None,
        "trigger_seconds": 300,
        "extension_seconds": 300,
        "has_reserve": False,
    }
    return AuctionTerms(**{**values, **over})


def make_id(number: int) -> str:
    """An id as text."""
    return str(UUID(int=(7 << 76) + (2 << 62) + number))


class PlayedSale:
    """A sale that is played; ``judged`` are the results of all requests in their order."""

    def __init__(
        self,
        terms: AuctionTerms,
        reserve_fen: int | None = None,
        rules: dict[str, Any] | None = None,
    ) -> None:
        self.published = publish(terms)
        self.reserve_fen = reserve_fen
        self.reserve_key = RESERVE_KEY if reserve_fen is not None else None
        self.game = make_game(self.published, reserve_fen, self.reserve_key)
        self.state = self.published.format.start(terms, self.published.options)
        self.id = make_id(1)
        self.events: dict[str, list[Recorded]] = {PUBLIC: [], HOST: []}
        self.streams = {PUBLIC: Stream(self.id), HOST: Stream(make_id(2))}
        self.seen: dict[str, Stream] = dict(self.streams)
        self.bidders: dict[str, bool] = {}
        self.requests: list[dict[str, Any]] = []
        self.heads: list[tuple[SignedHead, int]] = []
        self.judged: list[Judged] = []
        self.sealed: dict[str, Opening] = {}
        self.batches: dict[tuple[str, int], tuple[SignedHead, Tree]] = {}
        self.rules = rules or write_rules(terms)
        body = {
            "listing_no": "T2026-0101",
            "terms": terms.as_json(),
            "rules_sha256": self.rules["sha256"],
            "reserve_commitment": None if reserve_fen is None else commit_reserve(reserve_fen, RESERVE_KEY),
            "sealing_key": None,
        }
        self._add(PUBLIC, Event("auction_scheduled", body), terms.opens_at - timedelta(days=1))

    def _add(self, audience: str, event: Event, now: datetime) -> None:
        self.streams[audience].add(event, now, instant(now))
        self._keep()

    def _keep(self) -> None:
        for audience, stream in self.streams.items():
            self.events[audience] += stream.fresh
            stream.fresh.clear()
            stream.before = stream.number

    def admit(self, *codes: str, has_priority: bool = False) -> None:
        """Admits bidders an hour before the opening."""
        for code in codes:
            self.bidders[code] = has_priority
            self.events[code] = []
            self.streams[code] = Stream(make_id(100 + len(self.bidders)))
            body = {"bidder": code, "has_priority": has_priority}
            self._add(code, Event("bidder_admitted", body, code), START - timedelta(hours=1))
            if needs_bidders(self.published):
                self.seen[code] = self.streams[code]
                if has_priority:
                    self.game = self.game._replace(holders=self.game.holders | {code})

    def fold(self, now: datetime) -> Fold:
        """The sale at an instant."""
        return Fold(self.published.format, self.game, self.state, self.seen, now)

    def runs(self, now: datetime) -> bool:
        """Whether the sale is open at an instant, once time has carried it on; nothing is written."""
        copies = {audience: Stream(one.id, one.number, one.hash) for audience, one in self.seen.items()}
        fold = Fold(self.published.format, self.game, self.state, copies, now)
        fold.advance()
        return fold.state.phase == "open" and now < fold.state.ends_at

    def _write(self, fold: Fold) -> None:
        self.state = fold.state
        for stream in self.streams.values():
            if stream.fresh:
                tree = Tree([recorded.hash for recorded in stream.fresh])
                head = SIGNER.sign(stream.id, stream.before + 1, tree, stream.hash, fold.now)
                self.heads.append((head, len(self.requests)))
                for recorded in stream.fresh:
                    self.batches[stream.id, recorded.number] = head, tree
        self._keep()

    def batch(self, now: datetime, *requests: Request) -> list[Judged]:
        """Judges requests in one transaction."""
        fold = self.fold(now)
        if not all(request.kind in UNSEEN_KINDS for request in requests):
            fold.advance()
        done: list[Judged] = []
        for request in requests:
            judged = fold.judge(request)
            done.append(judged)
            self.requests.append(self._row(request, judged, now))
        self.judged += done
        self._write(fold)
        return done

    def _row(self, request: Request, judged: Judged, now: datetime) -> dict[str, Any]:
        kept = request.commitment is not None and request.amount_fen is not None
        return {
            "act": "request",
            "turn": len(self.requests) + 1,
            "at": instant(now),
            "kind": str(request.kind),
            "bidder": request.bidder or None,
            "standing": str(request.standing),
            "has_priority": request.has_priority,
            "bid_id": request.bid_id,
            "amount_fen": request.amount_fen,
            "key": key_of(request.bid_id).hex() if kept else None,
            "if_number": request.if_number,
            "step": request.step,
            "commitment": request.commitment,
            "received_at": instant(request.received_at),
            "refusal": judged.refusal.code if judged.refusal else None,
            "stream": judged.audience,
            "number": judged.event.number,
        }

    def work(self, now: datetime, openings: Sequence[Opening] = ()) -> None:
        """The worker carries the sale on; without ``openings`` it opens what counts of what was sealed."""
        fold = self.fold(now)
        fold.advance()
        rules, game, state = fold.rules, fold.game, fold.state
        due = state.phase == "open" and now >= state.ends_at and state.stage != PRIORITY_STAGE
        if not openings and due and rules.needs_seal and rules.wants_openings(game, state):
            openings = self._sealed_now()
        fold.settle(openings)
        self._write(fold)

    def _sealed_now(self) -> list[Opening]:
        """What was neither replaced nor withdrawn: the last word of each bidder."""
        last = {
            act["bidder"]: act
            for act in self.requests
            if act["kind"] in ("seal", "withdraw") and act["refusal"] is None
        }
        return [self.sealed[act["bid_id"]] for act in last.values() if act["kind"] == "seal"]

    def due_at(self) -> datetime | None:
        """When the worker is needed next."""
        return self.fold(START).due_at()

    def suspend(self, now: datetime, cause: str = "host") -> None:
        """Suspends the sale, by the host or for an interruption."""
        fold = self.fold(now)
        if cause == "host":
            fold.advance()
        else:
            fold.open_if_due()
        fold.suspend("系统故障", "a fault", cause=cause)
        self._write(fold)

    def resume(self, now: datetime, hard_end_at: datetime | None = None) -> None:
        """Resumes the sale."""
        fold = self.fold(now)
        fold.resume(hard_end_at)
        self._write(fold)

    def void(self, now: datetime) -> None:
        """Voids the sale."""
        fold = self.fold(now)
        fold.void("数据错误", "an error in the data")
        self._write(fold)

    def rows(self) -> SaleRows:
        """The sale as its rows tell it."""
        return SaleRows(
            self.id,
            "一种测试用的方法",
            self.rules,
            self.reserve_fen,
            self.reserve_key,
            self.bidders,
            [
                StreamRows(audience, stream.id, 1, [event.wire() for event in self.events[audience]])
                for audience, stream in self.streams.items()
            ],
            deepcopy(self.requests),
            self.heads,
            is_demonstration=True,
        )

    def bundle(self) -> dict[str, Any]:
        """The sale's bundle, as JSON gives it back."""
        return make_bundle(self.rows())

    def receipt(self, turn: int) -> dict[str, Any]:
        """The receipt of a request as the API gives it."""
        act, judged = self.requests[turn - 1], self.judged[turn - 1]
        head, tree = self.batches[self.streams[judged.audience].id, judged.event.number]
        is_secret = act["commitment"] is not None
        return {
            "bid_id": act["bid_id"],
            "ok": True,
            "kind": act["kind"],
            "amount_fen": None if is_secret else act["amount_fen"],
            "stream": judged.audience if judged.audience in (PUBLIC, HOST) else "own",
            "number": judged.event.number,
            "hash": judged.event.hash.hex(),
            "epoch": 1,
            "received_at": act["received_at"],
            "official_at": act["at"],
            "ends_at": instant(judged.ends_at),
            "head": head.wire(),
            "path": tree.paths()[judged.event.number - head.first],
        }


_COUNT = iter(range(1000, 10**9))


def key_of(bid_id: str) -> bytes:
    """The key that the tests' bidder makes for a request."""
    return (bid_id.encode() * 2)[:32]


def ask(code: str, amount_fen: int | None = None, kind: str = "bid", **over: Any) -> Request:
    """A request of an admitted bidder; secret kinds get their commitment, a sealed one loses its amount."""
    bid_id = over.pop("bid_id", None) or make_id(next(_COUNT))
    commitment = None
    if kind in ("maximum", "turn", "seal") and amount_fen is not None:
        commitment = commit_amount(bid_id, amount_fen, key_of(bid_id))
    values: dict[str, Any] = {
        "kind": kind,
        "bidder": code,
        "standing": Standing.ADMITTED if code else Standing.STRANGER,
        "received_at": START + timedelta(microseconds=int(bid_id[-6:], 16)),
        "amount_fen": None if kind == "seal" else amount_fen,
        "bid_id": bid_id,
        "commitment": commitment,
    }
    return Request(**{**values, **over})


def opening_of(request: Request, amount_fen: int) -> Opening:
    """The opening of a sealed request."""
    return Opening(request.bidder, request.bid_id, amount_fen, key_of(request.bid_id).hex())


def open_sale() -> PlayedSale:
    """An English sale with a reserve: accepted, refused and stray bids, an extension, sold."""
    sale = PlayedSale(make_terms(has_reserve=True), reserve_fen=1020 * YUAN)
    sale.admit("K07", "C64")
    sale.work(at(0.004))
    sale.batch(at(10), ask("K07", 1000 * YUAN), ask("C64", 1005 * YUAN), ask("C64", 1010 * YUAN))
    sale.batch(at(20), ask("", 5000 * YUAN))
    sale.batch(at(3500), ask("K07", 1030 * YUAN, if_number=4))
    sale.batch(at(3799), ask("C64", 1040 * YUAN))
    sale.work(at(4100))
    sale.batch(at(4101), ask("K07", 2000 * YUAN))
    return sale


def automatic_sale() -> PlayedSale:
    """An English sale with automatic maxima: the winner's were raised twice, far beyond the price."""
    sale = PlayedSale(make_terms(options={"automatic": True}))
    sale.admit("K07", "C64", "D10")
    sale.work(at(0.004))
    sale.batch(at(5), ask("K07", 2000 * YUAN, "maximum"))
    sale.batch(at(6), ask("C64", 1200 * YUAN, "maximum"), ask("D10", 1100 * YUAN))
    sale.batch(at(7), ask("K07", 9000 * YUAN, "maximum"))
    sale.batch(at(8), ask("C64", 1505 * YUAN))
    sale.batch(at(9), ask("K07", 7000 * YUAN, "maximum"), ask("D10", 1 * YUAN, "maximum"))
    sale.work(at(3601))
    return sale


def sealed_sale() -> PlayedSale:
    """A sealed sale: one envelope replaced, one withdrawn, two opened."""
    sale = PlayedSale(make_terms(format="sealed_first_price", trigger_seconds=0, extension_seconds=0))
    sale.admit("K07", "C64", "D10")
    sale.work(at(0.004))
    first, second = ask("K07", 1100 * YUAN, "seal"), ask("C64", 1300 * YUAN, "seal")
    third, again = ask("D10", 1900 * YUAN, "seal"), ask("K07", 1400 * YUAN, "seal")
    sale.batch(at(5), first, second, third)
    sale.batch(at(6), again, ask("D10", kind="withdraw"))
    sale.work(at(3600.5), [opening_of(second, 1300 * YUAN), opening_of(again, 1400 * YUAN)])
    return sale


def example_sale() -> PlayedSale:
    """The sale that docs/protocol.md shows: short, with a refused bid, an extension and a reserve that was reached."""
    terms = make_terms(has_reserve=True)
    words: dict[str, Any] = {"en": ["The rules in words."], "zh": ["规则文字。"]}
    made = hashlib.sha256(canonical({**words, "terms": terms.as_json()}).encode()).hexdigest()
    sale = PlayedSale(terms, 1010 * YUAN, {**words, "sha256": made})
    sale.admit("C64", "K07")
    first, low = ask("K07", 1000 * YUAN, bid_id=make_id(201)), ask("C64", 1005 * YUAN, bid_id=make_id(202))
    sale.batch(at(7), first, low)
    sale.batch(at(3540), ask("C64", 1010 * YUAN, bid_id=make_id(203)))
    sale.work(at(3840.25))
    return sale


def suspended_sale() -> PlayedSale:
    """An English sale that was suspended twice, resumed once, and voided; a bid came while it stood still."""
    sale = PlayedSale(make_terms(has_reserve=True), reserve_fen=5000 * YUAN)
    sale.admit("K07")
    sale.suspend(at(1), "interruption")
    sale.resume(at(100))
    sale.batch(at(101), ask("K07", 1000 * YUAN))
    sale.suspend(at(102))
    sale.batch(at(103), ask("K07", 1010 * YUAN))
    sale.void(at(200))
    return sale


SALES = {
    "open": open_sale,
    "automatic": automatic_sale,
    "sealed": sealed_sale,
    "suspended": suspended_sale,
}
