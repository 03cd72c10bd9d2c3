"""Races of what nobody may see, of priority and of workers; each twin runs without the lock and goes wrong.

The sale is made before the lock is taken away, so that nothing but the race itself can fail a twin.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from asyncpg import IntegrityConstraintViolationError
from sqlalchemy.exc import IntegrityError

from app.auction import admission, bidding, closing, sale, suspending
from app.auction.admission import admit_bidder
from app.auction.bidding import Answer, place_bids
from app.auction.closing import advance_auction, advance_auctions
from app.auction.queries import get_auction, get_sale_view
from app.auction.rules.game import Kind
from app.auction.sealing import SealedOpener
from app.auction.suspending import suspend_auction
from app.clock import market_now
from app.events import list_events
from tests.auction.test_open_sales import asks
from tests.make_accounts import make_organisation
from tests.make_auction import START_FEN, STEP_FEN, MadeSale, make_sale, request
from tests.make_sealed import make_master, make_sealed_sale, sealed_request
from tests.races.meeting import Meeting
from tests.races.test_auction_races import WITHOUT_LOCK, count_promises
from tests.trouble.test_decisions import WHY, make_desks

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime
    from uuid import UUID

    from app.auction.bidding import BidRequest
    from app.db import Database, Session
    from tests.conftest import SetNow

SECOND = timedelta(seconds=1)
ROUNDS = {"options": {"pause_seconds": [30, 30, 30], "slot_seconds": 60}, "min_bidders": 2}


@dataclass
class Ring:
    """Where a race takes place: the database, its clock, and a sale that was made before."""

    db: Database
    patch: pytest.MonkeyPatch
    now_is: SetNow
    sale: MadeSale
    opener: SealedOpener

    async def work(self) -> str | None:
        """A worker carries the sale on."""
        phase: str | None = await self.db.write(advance_auction, self.sale.id, None, self.opener)
        return phase

    async def place(self, *requests: BidRequest) -> list[Any]:
        """A batch of requests is judged."""
        return list(await self.db.write(place_bids, self.sale.id, list(requests)))

    async def meet_while_judging(self) -> Meeting:
        """Requests stop inside their critical part until somebody else is there too."""
        meeting = Meeting()
        self.patch.setattr(bidding, "_find_standings", meeting.before(bidding._find_standings))
        return meeting

    async def kinds(self) -> list[str]:
        """The kinds of the public events."""
        return [event.kind for event in await self.db.read(list_events, self.sale.id)]

    async def last_body(self) -> dict[str, Any]:
        """What the last public event says."""
        body: dict[str, Any] = orjson.loads((await self.db.read(list_events, self.sale.id))[-1].body)
        return body


async def while_it_is_judged(
    ring: Ring, wanted: BidRequest, moment: datetime, what: Callable[[], Any]
) -> Answer:
    """Something else happens at a later moment while a request is being judged; the request's answer."""
    meeting = await ring.meet_while_judging()
    judged = asyncio.create_task(ring.place(wanted))
    await meeting.first_arrived.wait()
    await ring.now_is(ring.db, moment)

    async def other() -> None:
        await what()
        await meeting.arrive()

    (answer,), _ = await asyncio.gather(judged, other())
    assert isinstance(answer, Answer)
    return answer


async def sealed(session: Session, **over: Any) -> MadeSale:
    """A sealed sale that is open."""
    return await make_sealed_sale(session, **over)


async def scheduled(session: Session) -> MadeSale:
    """A sealed sale that opens in a minute."""
    return await sealed(session, opens_at=await market_now(session) + 60 * SECOND)


async def rounds(session: Session) -> MadeSale:
    """A sale by turns whose two initial amounts are in."""
    made = await sealed(session, format="prozorro_rounds", **ROUNDS)
    for party in made.bidders:
        await place_bids(session, made.id, [await sealed_request(session, made.id, party, START_FEN)])
    return made


async def automatic(session: Session) -> MadeSale:
    """An open sale with maxima."""
    return await make_sale(session, options={"automatic": True})


async def in_the_field(session: Session) -> MadeSale:
    """An open sale whose third bidder holds priority, with a bid of the first."""
    made = await make_sale(session, priority="in_field")
    holder = (await make_organisation(session)).id
    await admit_bidder(session, made.id, holder, None, has_priority=True)
    await place_bids(session, made.id, [request(made.bidders[0], START_FEN)])
    return MadeSale(made.id, made.seller_id, (*made.bidders, holder), made.codes, made.ends_at)


async def asked_afterwards(session: Session) -> MadeSale:
    """A sale with a bid, after whose end holders of priority are asked."""
    made = await make_sale(session, priority="post", priority_seconds=600)
    await place_bids(session, made.id, [request(made.bidders[0], START_FEN)])
    return made


async def a_seal_against_the_deadline(ring: Ring) -> None:
    """An envelope that is being judged when the deadline passes is opened with the others."""
    made = ring.sale
    await ring.now_is(ring.db, made.ends_at - SECOND)
    wanted = await ring.db.write(sealed_request, made.id, made.bidders[0], START_FEN)
    answer = await while_it_is_judged(ring, wanted, made.ends_at, ring.work)
    assert answer.refusal is None
    assert (await ring.last_body())["winner"] == made.codes[0]


async def a_seal_against_the_opening(ring: Ring) -> None:
    """The worker that opens the sale waits for the envelope, which comes too early."""
    made = ring.sale
    opens_at = (await ring.db.read(get_auction, made.id)).opens_at
    wanted = await ring.db.write(sealed_request, made.id, made.bidders[0], START_FEN)
    answer = await while_it_is_judged(ring, wanted, opens_at, ring.work)
    assert answer.refusal is not None
    assert (await ring.db.read(get_auction, made.id)).phase == "open"


async def two_envelopes_at_once(ring: Ring) -> None:
    """Neither of two bidders' envelopes is lost; nothing that is unique would betray it."""
    made = ring.sale
    wanted = [await ring.db.write(sealed_request, made.id, party, START_FEN) for party in made.bidders]
    await ring.meet_while_judging()
    await asyncio.gather(*(ring.place(one) for one in wanted))
    await ring.now_is(ring.db, made.ends_at)
    await ring.work()
    assert {item["bidder"] for item in (await ring.last_body())["openings"]} == set(made.codes)


async def a_turn_against_its_end(ring: Ring) -> None:
    """A bid that is being judged when its turn ends counts in that turn."""
    await ring.now_is(ring.db, ring.sale.ends_at)
    await ring.work()
    begins_at = ring.sale.ends_at + 30 * SECOND
    await ring.now_is(ring.db, begins_at + 59 * SECOND)
    await ring.work()
    whose = (await ring.last_body())["whose"]
    party = ring.sale.bidders[ring.sale.codes.index(whose)]
    wanted = asks(party, Kind.TURN, START_FEN + STEP_FEN)
    answer = await while_it_is_judged(ring, wanted, begins_at + 60 * SECOND, ring.work)
    assert answer.refusal is None
    ended = [event for event in await ring.db.read(list_events, ring.sale.id) if event.kind == "turn_ended"]
    assert orjson.loads(ended[0].body)["amount_fen"] == START_FEN + STEP_FEN


async def a_maximum_against_a_bid(ring: Ring) -> None:
    """A bid that comes while a maximum is being set is answered by it."""
    made = ring.sale
    await ring.meet_while_judging()
    first, second = made.bidders
    maximum, bid = asks(first, Kind.MAXIMUM, START_FEN + 9 * STEP_FEN), request(second, START_FEN + STEP_FEN)
    done = await asyncio.gather(ring.place(maximum), later(ring.place(bid)))
    assert [answer.refusal for (answer,) in done] == [None, None]
    state = (await ring.db.read(get_sale_view, made.id)).state
    assert (state.leader, state.price_fen, state.sequence) == (made.codes[0], START_FEN + 2 * STEP_FEN, 3)


async def a_match_against_a_bid(ring: Ring) -> None:
    """A match leads until the bid that waited for it; neither takes the other's place in the record."""
    made = ring.sale
    await ring.meet_while_judging()
    match = request(made.bidders[2], START_FEN)._replace(kind=Kind.MATCH)
    bid = request(made.bidders[1], START_FEN + STEP_FEN)
    done = await asyncio.gather(ring.place(match), later(ring.place(bid)))
    assert [answer.refusal for (answer,) in done] == [None, None]
    state = (await ring.db.read(get_sale_view, made.id)).state
    assert (state.leader, state.sequence) == (made.codes[1], 3)


async def later(work: Awaitable[Any]) -> Any:
    """The same, once the other has had time to take the lock."""
    await asyncio.sleep(0.1)
    return await work


async def an_admission_against_the_close(ring: Ring) -> None:
    """A holder of priority who is being admitted when the end passes is asked about the result."""
    made = ring.sale
    await ring.now_is(ring.db, made.ends_at - SECOND)
    holder = (await ring.db.write(make_organisation)).id
    meeting = Meeting()
    ring.patch.setattr(admission, "open_stream", meeting.before(admission.open_stream))
    admitted = asyncio.create_task(ring.db.write(admit_bidder, made.id, holder, None, has_priority=True))
    await meeting.first_arrived.wait()
    await ring.now_is(ring.db, made.ends_at)

    async def close() -> None:
        await ring.work()
        await meeting.arrive()

    await asyncio.gather(admitted, close())
    assert (await ring.kinds())[-1] == "priority_asked"


async def a_suspension_against_the_opening_of_envelopes(ring: Ring) -> None:
    """A sale that is being suspended when its deadline passes keeps its envelopes sealed."""
    made = ring.sale
    async with ring.db.transaction() as session:
        host, _ = await make_desks(session)
        await place_bids(
            session, made.id, [await sealed_request(session, made.id, made.bidders[0], START_FEN)]
        )
    await ring.now_is(ring.db, made.ends_at - SECOND)
    meeting = Meeting()
    ring.patch.setattr(suspending, "write_works", meeting.before(suspending.write_works))
    suspended = asyncio.create_task(ring.db.write(suspend_auction, host, made.id, **WHY))
    await meeting.first_arrived.wait()
    await ring.now_is(ring.db, made.ends_at)

    async def close() -> None:
        await ring.work()
        await meeting.arrive()

    await asyncio.gather(suspended, close())
    assert (await ring.kinds())[-1] == "auction_suspended"


async def two_workers_with_groups_that_overlap(ring: Ring, *, only_free: bool = True) -> None:
    """Each sale of either group is closed by one of the two workers, once."""
    made = [await ring.db.write(make_sale) for _ in range(3)]
    others = [one.id for one in made]
    # Each sale's end follows from when it was made: the last one's is the latest.
    await ring.now_is(ring.db, made[-1].ends_at + SECOND)
    meeting = Meeting()
    ring.patch.setattr(closing, "write_works", meeting.before(closing.write_works))

    async def carry_on(group: list[UUID]) -> None:
        await ring.db.drive(advance_auctions, group, None, ring.opener, only_free=only_free)

    first, second = [ring.sale.id, *others[:2]], [*others[:2], others[2]]
    await asyncio.gather(carry_on(first), carry_on(second[::-1]))
    for sale_id in (ring.sale.id, *others):
        closings = [event.kind for event in await ring.db.read(list_events, sale_id)].count("auction_closed")
        assert closings == 1
    assert await ring.db.read(count_promises) == 1 + len(others)


async def two_workers_that_wait_for_each_other(ring: Ring) -> None:
    """The same where each waits for the sales that the other holds: the one order keeps them from a deadlock."""
    await two_workers_with_groups_that_overlap(ring, only_free=False)


Race = tuple["Callable[[Session], Awaitable[MadeSale]]", "Callable[[Ring], Awaitable[None]]"]
RACES: list[Race] = [
    (sealed, a_seal_against_the_deadline),
    (scheduled, a_seal_against_the_opening),
    (sealed, two_envelopes_at_once),
    (rounds, a_turn_against_its_end),
    (automatic, a_maximum_against_a_bid),
    (in_the_field, a_match_against_a_bid),
    (asked_afterwards, an_admission_against_the_close),
    (sealed, a_suspension_against_the_opening_of_envelopes),
    (make_sale, two_workers_with_groups_that_overlap),
    (make_sale, two_workers_that_wait_for_each_other),
]
NAMED = pytest.mark.parametrize(("make", "race"), RACES, ids=[race.__name__ for _, race in RACES])


@pytest.fixture
async def make_ring(db: Database, monkeypatch: pytest.MonkeyPatch, now_is: SetNow) -> Any:
    """Makes the sale of a race, with the lock still there."""

    async def make_it(make: Callable[[Session], Awaitable[MadeSale]]) -> Ring:
        async with db.transaction() as session:
            opener = SealedOpener(await make_master(session))
            return Ring(db, monkeypatch, now_is, await make(session), opener)

    return make_it


@NAMED
async def test_under_the_lock_the_race_has_one_outcome(make_ring: Any, make: Any, race: Any) -> None:
    await race(await make_ring(make))


@NAMED
async def test_without_the_lock_the_same_race_goes_wrong(
    make_ring: Any, make: Any, race: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring = await make_ring(make)
    monkeypatch.setattr(sale, "LOCK_SALES", WITHOUT_LOCK)
    monkeypatch.setattr(sale, "LOCK_FREE_SALES", WITHOUT_LOCK)
    with pytest.raises((AssertionError, IntegrityError, IntegrityConstraintViolationError)):
        await race(ring)
