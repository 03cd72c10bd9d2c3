"""One sale twice: through the operations and tables, and by the pure rules in memory, which nothing is written to.

After each step the two must stand alike, event for event: whatever the tables lose or refuse shows at once.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from app.auction.admission import admit_bidder
from app.auction.bidding import Answer, BidRequest, place_bids
from app.auction.closing import advance_auction
from app.auction.decisions import carry_out_decision
from app.auction.envelopes import Place
from app.auction.models import Auction, AuctionSecret
from app.auction.posting import seal_amount
from app.auction.protocol.bundling import make_bundle
from app.auction.protocol.export import read_sale_rows
from app.auction.protocol.heads import Signer
from app.auction.protocol.record import read_record
from app.auction.protocol.replayed import replay_record
from app.auction.recording import Work, write_works
from app.auction.rules.engine import Fold, Stream, make_game, needs_bidders, publish
from app.auction.rules.game import ENDED, SECRET_KINDS, UNSEEN_KINDS, Kind, Opening, Request, Standing
from app.auction.rules.terms import AuctionTerms, commit_amount
from app.auction.sale import driver, lock_sale
from app.auction.scheduling import schedule_auction
from app.auction.sealing import SealedOpener
from app.auction.suspending import suspend_auction
from app.chain import HOST, PUBLIC
from app.clock import market_now
from app.errors import MarketError
from app.events import list_events
from app.ids import uuid7
from tests.make_accounts import make_organisation
from tests.make_sealed import make_master
from tests.trouble.test_decisions import WHY, decide, make_desks

if TYPE_CHECKING:
    from app.db import Session
    from tests.conftest import SetNow

START_FEN = 100_000_00
STEP_FEN = 10_000_00
OPENS_IN = timedelta(minutes=5)
SIGNER = Signer(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
NO_AMOUNT = frozenset({Kind.WAIVE, Kind.ENTER, Kind.WITHDRAW})


@dataclass(frozen=True)
class Ask:
    """What a bidder (by its place) asks for."""

    place: int
    kind: str = Kind.BID
    amount_fen: int | None = None
    step: int | None = None
    if_number: int | None = None


@dataclass
class TwinSale:
    """See the module; ``state`` is what the pure rules reached, ``seconds`` the clock after the opening."""

    session: Session
    set_now: SetNow
    opener: SealedOpener
    id: UUID
    parties: list[UUID]
    codes: list[str]
    fold: Fold
    opens_at: datetime
    openings: list[Opening] = field(default_factory=list)
    stages: set[str] = field(default_factory=set)
    judged: int = 0

    @property
    def state(self) -> Any:
        """What the pure rules reached."""
        return self.fold.state

    @property
    def now(self) -> datetime:
        """The official time."""
        return self.fold.now

    async def at(self, moment: datetime) -> None:
        """Moves the market's clock; the official time never runs back."""
        await self.set_now(self.session, moment)
        fold = self.fold
        self.fold = Fold(fold.rules, fold.game, fold.state, fold.streams, max(fold.now, moment))

    async def _tick(self) -> None:
        """As in the market, no two transactions have the same instant."""
        await self.at(self.now + timedelta(microseconds=1))

    async def ask(self, *asks: Ask) -> list[str | None]:
        """Has one batch judged by both; returns the codes of the refusals, None for what was accepted."""
        requests: list[BidRequest] = []
        told: list[str | None] = []
        for ask in asks:
            request = await self._request(ask)
            if isinstance(request, MarketError):
                told.append(request.code)
            else:
                requests.append(request)
        if not requests:
            return told
        await self._tick()
        answers = await place_bids(self.session, self.id, requests, SIGNER)
        if not all(request.kind in UNSEEN_KINDS for request in requests):
            self.fold.advance()
        for request, answer in zip(requests, answers, strict=True):
            judged = self.fold.judge(self._pure(request))
            assert isinstance(answer, Answer)
            assert (answer.number, answer.hash, answer.ends_at) == (
                judged.event.number,
                judged.event.hash,
                judged.ends_at,
            )
            told.append(None if judged.refusal is None else judged.refusal.code)
            assert told[-1] == (None if answer.refusal is None else answer.refusal.code)
        self.judged += len(requests)
        await self.check()
        await self._ask_again(requests, answers)
        return told

    async def _ask_again(self, requests: list[BidRequest], answers: list[Any]) -> None:
        """A repeat is told the very same, and nothing comes of it."""
        again = await place_bids(self.session, self.id, requests, SIGNER)
        for first, second in zip(answers, again, strict=True):
            assert isinstance(second, Answer)
            assert second._replace(refusal=None) == first._replace(refusal=None, batch=None)
            if first.refusal is not None and second.refusal is not None:
                assert type(second.refusal) is type(first.refusal)
                for lang in ("zh", "en"):
                    assert second.refusal.detail(lang) == first.refusal.detail(lang)
                assert second.refusal.members() == first.refusal.members()
            else:
                assert first.refusal is second.refusal

    async def _request(self, ask: Ask) -> BidRequest | MarketError:
        """A request as the edge makes it of what arrived, or what the edge has against it."""
        bid_id, party, amount, kind = uuid7(), self.parties[ask.place], ask.amount_fen, ask.kind
        secret: dict[str, Any] = {}
        if kind in SECRET_KINDS and amount is not None:
            key = secrets.token_bytes(32)
            secret = {"commitment": commit_amount(str(bid_id), amount, key), "key": key}
            if kind == Kind.SEAL:
                try:
                    envelope = await seal_amount(self.session, Place(self.id, party, bid_id), amount, key)
                except MarketError as refusal:
                    return refusal
                secret |= {"envelope": envelope, "key": None}
                self.openings.append(Opening(self.codes[ask.place], str(bid_id), amount, key.hex()))
                amount = None
        return BidRequest(bid_id, party, party, amount, self.now, kind, ask.if_number, ask.step, **secret)

    def _pure(self, request: BidRequest) -> Request:
        code = self.codes[self.parties.index(request.party_id)]
        return Request(
            request.kind,
            code,
            Standing.ADMITTED,
            request.received_at,
            request.amount_fen,
            "" if request.kind == Kind.BID else str(request.bid_id),
            request.if_number,
            request.step,
            request.commitment,
            code in self.fold.game.holders,
        )

    async def work(self) -> None:
        """The worker looks at the sale."""
        await self._tick()
        await advance_auction(self.session, self.id, SIGNER, self.opener)
        fold = self.fold
        fold.advance()
        fold.settle(self.openings)
        await self.check()

    async def suspend(self) -> None:
        """The host suspends the sale, if it runs."""
        await self._tick()
        fold = self.fold
        streams = {audience: Stream(stream.id) for audience, stream in fold.streams.items()}
        ahead = Fold(fold.rules, fold.game, fold.state, streams, fold.now)
        ahead.advance()
        if ahead.state.phase != "open" or fold.now >= ahead.state.ends_at:
            return
        fold.advance()
        host, _ = await make_desks(self.session)
        await suspend_auction(self.session, host, self.id, **WHY, signer=SIGNER)
        fold.suspend(WHY["reason_zh"], WHY["reason_en"], cause="host")
        await self.check()

    async def decide(self, act: str, hard_end_at: datetime | None = None) -> None:
        """Two posts resume or void the sale."""
        await self._tick()
        decision = await decide(self.session, [self.id], act, hard_end_at=hard_end_at)
        await self.session.flush()
        assert await carry_out_decision(await driver(self.session), decision, self.id, SIGNER)
        if act == "void":
            self.fold.void(WHY["reason_zh"], WHY["reason_en"])
        else:
            self.fold.resume(hard_end_at)
        await self.check()

    async def act(self, name: str, members: dict[str, Any]) -> None:
        """The host's act that the format knows."""
        await self._tick()
        sale = await lock_sale(self.session, self.id)
        assert sale is not None
        live = sale.fold()
        for fold in (live, self.fold):
            fold.advance()
            fold.act(name, members)
        await write_works(await driver(self.session), [Work(sale, live)], SIGNER)
        await self.check()

    async def check(self) -> None:
        """The tables say what the rules say: state, events with their hashes, what is due."""
        self.stages.add(self.state.stage)
        for stream in self.fold.streams.values():
            told = await list_events(self.session, UUID(stream.id), stream.number - len(stream.fresh), 1000)
            assert told == stream.fresh
            stream.fresh.clear()
        sale = await lock_sale(self.session, self.id)
        assert sale is not None
        assert sale.state == self.state
        assert sale.judged == self.judged
        query = select(Auction).where(Auction.id == self.id).execution_options(populate_existing=True)
        row = (await self.session.execute(query)).scalar_one()
        assert row.due_at == self.fold.due_at()
        assert (row.closed_at is not None) == self.fold.has_ended
        assert sale.holders == self.fold.game.holders

    async def finish(self) -> None:
        """The sale has ended: nothing moves it any more, and its record brings about the very same events."""
        assert self.state.phase in ENDED
        before = self.state
        refusals = await self.ask(*(Ask(0, kind, START_FEN) for kind in Kind if kind not in NO_AMOUNT))
        assert set(refusals) <= {"auction-over", "bid-too-low", "bid-too-high", "kind-not-offered"}
        await self.work()
        assert self.state == before
        record = read_record(make_bundle(await read_sale_rows(self.session, self.id)))
        findings = [found.text("en") for found in replay_record(record).findings]
        assert not findings, findings


async def make_twin(
    session: Session, now_is: SetNow, *, bidders: int = 4, reserve_fen: int | None = None, **over: Any
) -> TwinSale:
    """A sale that opens in five minutes, with admitted bidders; the last holds priority where there is any."""
    ring = await make_master(session)
    opens_at = await market_now(session) + OPENS_IN
    await now_is(session, opens_at - OPENS_IN)
    lasts = over.pop("lasts", 3600)
    values: dict[str, Any] = {
        "start_price_fen": START_FEN,
        "step_fen": STEP_FEN,
        "deposit_fen": 0,
        "hard_end_at": None,
        "trigger_seconds": 300,
        "extension_seconds": 300,
        **over,
        "opens_at": opens_at,
        "closes_at": opens_at + timedelta(seconds=lasts),
        "has_reserve": reserve_fen is not None,
    }
    if values["hard_end_at"] is not None:
        values["hard_end_at"] = opens_at + timedelta(seconds=values["hard_end_at"])
    terms = AuctionTerms(**values)
    sale = await schedule_auction(
        session,
        listing_id=uuid7(),
        listing_no=f"T2026-{uuid7().hex[-6:]}",
        seller_id=(await make_organisation(session)).id,
        title="一种测试用的方法",
        terms=terms,
        reserve_fen=reserve_fen,
        is_demonstration=True,
    )
    parties, codes = [(await make_organisation(session)).id for _ in range(bidders)], []
    for place, party in enumerate(parties):
        has_priority = terms.priority != "none" and place == bidders - 1
        codes.append(await admit_bidder(session, sale.id, party, None, has_priority=has_priority))
    live = await lock_sale(session, sale.id)
    assert live is not None
    published = publish(terms)
    secret = await session.get(AuctionSecret, sale.id)
    holders = frozenset(codes[-1:]) if terms.priority != "none" else frozenset()
    game = make_game(published, reserve_fen, secret.key if secret else None, holders)
    streams = {audience: Stream(one.id, one.number, one.hash) for audience, one in live.streams.items()}
    assert set(streams) == {PUBLIC, HOST, *(codes if needs_bidders(published) else ())}
    start = published.format.start(terms, published.options)
    fold = Fold(published.format, game, start, streams, live.official_at)
    twin = TwinSale(session, now_is, SealedOpener(ring), sale.id, parties, codes, fold, opens_at)
    await twin.check()
    return twin
