"""What is secret moves nothing that others see: two sales under one clock, the one with secret acts and the other without."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from app.accounts.models import Organisation
from app.auction.bidding import BidRequest
from app.auction.rules.game import Kind
from app.auction.rules.terms import commit_reserve
from app.auction.sealing import SealedOpener
from app.clock import market_now
from app.ids import uuid7
from app.money import yuan
from tests.auction.test_every_format import TENDER
from tests.auction.test_open_sales import asks
from tests.make_auction import START_FEN, STEP_FEN, make_sale
from tests.make_sealed import make_master, sealed_request
from tests.secrets.listening import Room, open_room

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from datetime import datetime

    from httpx2 import AsyncClient

    from app.db import Database, Session
    from tests.conftest import SetNow
    from tests.make_auction import MadeSale

AUTOMATIC = {"options": {"automatic": True}}
NO_EXTENSION = {"trigger_seconds": 0, "extension_seconds": 0}
TIE = {"options": {"tie_rule": "extra_round", "extra_seconds": 300}}
SEALED: dict[str, dict[str, Any]] = {
    "sealed_first_price": {**NO_EXTENSION, "min_bidders": 2},
    "vickrey": {**NO_EXTENSION, **TIE},
    "prozorro_rounds": {**NO_EXTENSION, "min_bidders": 2},
    "scored_tender": {**NO_EXTENSION, "min_bidders": 2, "options": TENDER},
}
SECRET_FEN = START_FEN + 3_219_876_50
RESERVE_FEN = START_FEN + 7 * STEP_FEN


class Pair:
    """Two sales with the same terms under one clock: ``quiet``, and ``loud`` where secret acts are done besides."""

    def __init__(self, db: Database, now_is: SetNow, quiet: Room, loud: Room, received_at: datetime) -> None:
        self.db, self.now_is, self.quiet, self.loud = db, now_is, quiet, loud
        self.received_at = received_at

    @property
    def both(self) -> tuple[Room, Room]:
        """The two."""
        return self.quiet, self.loud

    async def at(self, moment: datetime) -> None:
        """Sets the one clock of both."""
        await self.now_is(self.db, moment)

    async def work(self) -> None:
        """The worker looks at both."""
        for room in self.both:
            await room.work()

    async def same(self) -> None:
        """Others learn the same of both."""
        assert await self.loud.learn() == await self.quiet.learn()

    def stamped(self, request: BidRequest) -> BidRequest:
        """A request as if it had been received when the sales were made."""
        return request._replace(received_at=self.received_at)

    async def openly(self, place: int, kind: str, amount_fen: int | None, **over: Any) -> None:
        """A bidder does the same in both, for everybody to see; it is accepted."""
        for room in self.both:
            wanted = asks(room.sale.bidders[place], kind, amount_fen)._replace(**over)
            assert await room.submit(self.stamped(wanted)) == [None]

    async def seal(self, room: Room, place: int, amount_fen: int) -> list[str | None]:
        """A bidder seals an amount in one of the two."""
        party = room.sale.bidders[place]
        wanted = await self.db.write(sealed_request, room.sale.id, party, amount_fen)
        return await room.submit(self.stamped(wanted))

    async def loudly(self, place: int, kind: str, amount_fen: int | None = None) -> list[str | None]:
        """A bidder asks for something that nobody else may know of, in the loud one alone."""
        return await self.loud.submit(self.stamped(asks(self.loud.sale.bidders[place], kind, amount_fen)))


@asynccontextmanager
async def rooms_for(db: Database, client: AsyncClient, now_is: SetNow, **over: Any) -> AsyncIterator[Pair]:
    """Two open sales of these terms with three bidders each; the last of them watches."""
    async with db.transaction() as session:
        now = await market_now(session)
    await now_is(db, now)
    opener = SealedOpener(await db.write(make_master))
    rooms = [await _make_room(db, client, opener, over) for _ in range(2)]
    try:
        yield Pair(db, now_is, rooms[0], rooms[1], now)
    finally:
        for room in rooms:
            await room.hub.close()


async def _make_room(db: Database, client: AsyncClient, opener: SealedOpener, over: dict[str, Any]) -> Room:
    """``opens_in`` and ``lasts``, in seconds, take the place of instants, which the terms would have."""

    async def make(session: Session) -> tuple[MadeSale, Organisation]:
        now, terms = await market_now(session), dict(over)
        opens_at = now + timedelta(seconds=terms.pop("opens_in", -1))
        closes_at = opens_at + timedelta(seconds=terms.pop("lasts", 3600))
        made = await make_sale(session, bidders=3, opens_at=opens_at, closes_at=closes_at, **terms)
        return made, await session.get_one(Organisation, made.bidders[-1])

    made, other = await db.write(make)
    return await open_room(db, client, opener, made, other)


@pytest.fixture
def pair(db: Database, client: AsyncClient, now_is: SetNow) -> Callable[..., Any]:
    """Opens two sales of the same terms."""
    return lambda **over: rooms_for(db, client, now_is, **over)


async def test_maxima_that_change_neither_price_nor_leader_are_heard_by_nobody(
    pair: Callable[..., Any],
) -> None:
    async with pair(**AUTOMATIC, reserve_fen=None, min_bidders=2) as two:
        await two.openly(2, Kind.BID, START_FEN)
        await two.openly(0, Kind.BID, START_FEN + STEP_FEN)
        await two.same()
        for amount in (SECRET_FEN, SECRET_FEN + 1, SECRET_FEN + 10 * STEP_FEN):
            assert await two.loudly(0, Kind.MAXIMUM, amount) == [None]
        assert await two.loudly(0, Kind.MAXIMUM, SECRET_FEN) == ["maximum-not-higher"]
        assert await two.loudly(1, Kind.MAXIMUM, START_FEN) == ["bid-too-low"]
        assert await two.loudly(1, Kind.WITHDRAW) == ["kind-not-offered"]
        await two.same()


async def test_a_bid_beside_secret_acts_moves_the_same_as_alone(pair: Callable[..., Any]) -> None:
    async with pair(**AUTOMATIC) as two:
        await two.openly(0, Kind.BID, START_FEN)
        bid = asks(two.loud.sale.bidders[2], Kind.BID, START_FEN + STEP_FEN)
        low = asks(two.loud.sale.bidders[1], Kind.MAXIMUM, START_FEN)
        told = await two.loud.submit(two.stamped(low), two.stamped(bid), two.stamped(low))
        assert told == ["bid-too-low", None, "bid-too-low"]
        alone = asks(two.quiet.sale.bidders[2], Kind.BID, START_FEN + STEP_FEN)
        assert await two.quiet.submit(two.stamped(alone)) == [None]
        await two.same()


@pytest.mark.parametrize(
    "terms",
    [
        {"min_bidders": 3},
        {"format": "free_limited", "options": {"automatic": True, "entry": "free_bidders"}},
    ],
)
async def test_who_only_made_the_leaders_maximum_answer_is_named_nowhere(
    pair: Callable[..., Any], terms: dict[str, Any]
) -> None:
    async with pair(**{**AUTOMATIC, **terms}) as two:
        await two.openly(0, Kind.BID, START_FEN)
        assert await two.loudly(0, Kind.MAXIMUM, SECRET_FEN) == [None]
        assert await two.loudly(1, Kind.MAXIMUM, START_FEN + 2 * STEP_FEN) == [None]
        await two.loud.quiet()
        told = json.dumps(await two.loud.read())
        assert two.loud.sale.codes[0] in told
        assert f'"{two.loud.sale.codes[1]}"' not in told


@pytest.mark.parametrize("name", SEALED)
async def test_envelopes_are_heard_by_nobody_but_their_bidders(pair: Callable[..., Any], name: str) -> None:
    async with pair(format=name, **SEALED[name]) as two:
        loud: Room = two.loud
        await two.same()
        for amount in (START_FEN, SECRET_FEN, START_FEN):
            assert await two.seal(loud, 0, amount) == [None]
        assert await two.seal(loud, 1, SECRET_FEN) == [None]
        assert await two.loudly(1, Kind.WITHDRAW) == [None]
        assert await two.loudly(1, Kind.WITHDRAW) == ["no-envelope"]
        await two.same()
        # Past the deadline, before a worker has looked: late envelopes are as silent.
        await two.at(loud.sale.ends_at)
        assert await two.seal(loud, 1, START_FEN) in ([["auction-over"], ["stage-ended"]])
        await two.same()


async def test_an_envelope_opens_nothing_when_the_worker_is_late(pair: Callable[..., Any]) -> None:
    async with pair(format="sealed_first_price", **NO_EXTENSION, opens_in=60) as two:
        await two.at(two.loud.sale.ends_at - timedelta(minutes=30))
        assert await two.seal(two.loud, 0, SECRET_FEN) == ["auction-not-open"]
        await two.same()


async def test_the_sealed_stage_after_a_price_clock_is_silent(pair: Callable[..., Any]) -> None:
    clock = {"tick_seconds": 600, "floor_price_fen": START_FEN - 5 * STEP_FEN}
    options = {**clock, "sealed_seconds": 600, "best_seconds": 60}
    async with pair(format="dutch_sealed_best", **NO_EXTENSION, options=options) as two:
        await two.openly(2, Kind.TAKE, START_FEN, step=0)
        await two.same()
        assert await two.seal(two.loud, 0, SECRET_FEN) == [None]
        assert await two.seal(two.loud, 1, START_FEN + STEP_FEN) == [None]
        assert await two.loudly(0, Kind.WITHDRAW) == [None]
        await two.same()


async def test_the_bid_of_a_turn_is_silent_until_the_turn_ends(pair: Callable[..., Any]) -> None:
    async with pair(format="prozorro_rounds", **NO_EXTENSION, min_bidders=2) as two:
        for room in two.both:
            for place in range(2):
                assert await two.seal(room, place, START_FEN + place * STEP_FEN) == [None]
        await two.at(two.loud.sale.ends_at)
        await two.work()
        turn_at = two.loud.sale.ends_at + timedelta(seconds=300)
        await two.at(turn_at)
        await two.work()
        for amount in (START_FEN + 4 * STEP_FEN, SECRET_FEN):
            assert await two.loudly(0, Kind.TURN, amount) == [None]
        assert await two.loudly(1, Kind.TURN, SECRET_FEN) == ["not-your-turn"]
        assert await two.loudly(0, Kind.WITHDRAW) == [None]
        assert await two.loudly(0, Kind.TURN, SECRET_FEN) == [None]
        await two.same()


def digests(amount: int, salts: list[str]) -> Iterator[str]:
    """What somebody would try who has all published data and a list of the amounts that are likely."""
    plain = [str(amount), yuan(amount), f"{amount}\n", json.dumps({"amount_fen": amount}), f'"{amount}"']
    texts = [*plain, *(f"{salt}\n{amount}" for salt in salts), *(f"{amount}{salt}" for salt in salts)]
    for text in texts:
        for name in ("sha256", "sha512", "blake2b", "sha1", "md5"):
            yield hashlib.new(name, text.encode()).hexdigest()
    keys = [bytes(32), b"", *(salt.encode() for salt in salts)]
    keys += [bytes.fromhex(salt) for salt in salts if re.fullmatch(r"([0-9a-f]{2})+", salt)]
    for key in keys:
        for text in texts:
            yield hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def found_by_trying(told: str, amounts: list[int], salts: list[str]) -> set[int]:
    """The amounts of which some digest is published, whole or in its first 16 digits."""
    published = set(re.findall(r"[0-9a-f]{16,128}", told))
    published |= {text[:16] for text in published}
    return {
        amount
        for amount in amounts
        if any(digest in published or digest[:16] in published for digest in digests(amount, salts))
    }


async def test_all_likely_amounts_tried_against_all_published_digests_find_none(
    pair: Callable[..., Any],
) -> None:
    async with pair(format="vickrey", **NO_EXTENSION, **TIE, reserve_fen=RESERVE_FEN) as two:
        amounts = [START_FEN + steps * STEP_FEN for steps in range(25)] + [SECRET_FEN]
        ids = [uuid7() for _ in range(2)]
        for place, amount in enumerate((SECRET_FEN, START_FEN + 4 * STEP_FEN)):
            party = two.loud.sale.bidders[place]
            wanted = await two.db.write(sealed_request, two.loud.sale.id, party, amount, ids[place])
            assert await two.loud.submit(wanted) == [None]
        await two.loud.quiet()
        read = await two.loud.read()
        told = json.dumps(read, ensure_ascii=False)
        first = read["guest /{}/events"]["events"][0]["body"]
        salts = [str(two.loud.sale.id), first["sealing_key"], *map(str, ids), *two.loud.sale.codes]
        assert found_by_trying(told, amounts, salts) == set()
        for amount in (SECRET_FEN, RESERVE_FEN):
            assert str(amount) not in told
            assert yuan(amount) not in told
        # The attack would have found a plain digest, and finds the reserve once its key is opened.
        planted = told + hashlib.sha256(str(SECRET_FEN).encode()).hexdigest()
        assert found_by_trying(planted, amounts, salts) == {SECRET_FEN}
        await two.at(two.loud.sale.ends_at)
        await two.loud.work()
        opening = (await two.loud.read())["guest /{}/events"]["events"][-1]["body"]["reserve_opening"]
        assert found_by_trying(told, amounts, [opening["key"]]) == {RESERVE_FEN}
        assert commit_reserve(RESERVE_FEN, bytes.fromhex(opening["key"])) == first["reserve_commitment"]


async def test_no_digest_of_a_maximum_reaches_anybody_else(pair: Callable[..., Any]) -> None:
    async with pair(**AUTOMATIC) as two:
        await two.openly(0, Kind.BID, START_FEN)
        wanted = two.stamped(asks(two.loud.sale.bidders[0], Kind.MAXIMUM, SECRET_FEN))
        assert await two.loud.submit(wanted) == [None]
        await two.loud.quiet()
        told = json.dumps(await two.loud.read())
        assert wanted.commitment is not None
        for secret in (wanted.commitment, str(wanted.bid_id), str(SECRET_FEN), yuan(SECRET_FEN)):
            assert secret not in told
        assert found_by_trying(told, [SECRET_FEN], [str(wanted.bid_id), str(two.loud.sale.id)]) == set()
