"""Random courses of listings: whatever the desk, the seller, the buyers and time do, no money is left behind."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, text

from app.accounts.models import Organisation
from app.accounts.permissions import Role
from app.auction.closing import advance_auction
from app.auction.models import Admission, Auction
from app.clock import market_now
from app.errors import MarketError
from app.payments.queries import get_deposit
from app.trades.award import award_auction
from app.trades.bulletins import list_bulletins, times_of
from app.trades.confirming import confirm_intent, end_confirming
from app.trades.halting import resume_listing, suspend_listing
from app.trades.models import Listing
from app.trades.notice_end import end_notice
from app.trades.petitions import ask_desk, decide_petition
from app.trades.queries import list_intents_of
from app.trades.states import OPEN_INTENTS
from app.trades.terminating import terminate_listing
from tests.make_accounts import make_caller
from tests.make_lifecycle import SAID, fresh, make_desk
from tests.make_trades import make_intent, make_listed_price, make_listing, make_seller, rules_of

if TYPE_CHECKING:
    from app.accounts.caller import Caller
    from app.db import Session
    from app.trades.terminating import Ground
    from tests.conftest import SetNow

_ENDED = {"sold", "unsold", "terminated"}
_STEPS = 18


class Course:
    """One listing with those who act on it, by chance."""

    def __init__(self, session: Session, now_is: SetNow, chance: random.Random) -> None:
        self.session, self.now_is, self.chance = session, now_is, chance
        self.sales: list[Any] = []

    async def begin(self, method: str) -> None:
        """Publishes the listing."""
        self.seller = await make_seller(self.session)
        self.desk = await make_desk(self.session)
        make = make_listing if method == "auction" else make_listed_price
        clause = {"prolong_count": 5, "prolong_times": 1} if self.chance.random() < 0.5 else {}
        self.listing = await make(self.session, status="listed", seller=self.seller, **clause)
        self.listing_id = self.listing.id

    async def step(self) -> None:
        """One act, which may be refused."""
        acts = (
            self.join,
            self.suspend,
            self.resume,
            self.change,
            self.confirm,
            self.wait,
            self.keep,
            self.end,
        )
        act = self.chance.choices(acts, weights=(5, 2, 3, 2, 3, 2, 4, 0.4))[0]
        try:
            async with self.session.begin_nested():
                await act()
                await self.session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
                await self.session.execute(text("SET CONSTRAINTS ALL DEFERRED"))
        except MarketError:
            pass
        self.session.expire_all()
        self.listing = await self.session.get_one(Listing, self.listing_id, populate_existing=True)
        self.sales.append(self.listing.auction_id)

    async def join(self) -> None:
        status = self.chance.choice(("submitted", "qualified", "admitted", "admitted"))
        await make_intent(self.session, self.listing, status=status)

    async def suspend(self) -> None:
        await suspend_listing(self.session, self.desk, self.listing.id, SAID)

    async def resume(self) -> None:
        await resume_listing(self.session, self.desk, self.listing.id, SAID)

    async def change(self) -> None:
        wish = {"description": f"补充披露第 {self.chance.randrange(10_000)} 号：样机已试用。"}
        asked = await ask_desk(self.session, self.seller, self.listing.id, "change", SAID, wish)
        await decide_petition(self.session, self.desk, self.listing.id, asked, approves=True)

    async def confirm(self) -> None:
        for intent in await list_intents_of(self.session, self.listing.id):
            if self.chance.random() < 0.6:
                buyer = await self._buyer(intent.buyer_id)
                await confirm_intent(self.session, buyer, intent.id, rules_of(self.listing))

    async def _buyer(self, organisation_id: Any) -> Caller:
        organisation = await self.session.get_one(Organisation, organisation_id)
        return await make_caller(self.session, Role.BIDDER, organisation=organisation)

    async def wait(self) -> None:
        """Time goes on: a little, or past the deadline."""
        times, now = times_of(self.listing), await market_now(self.session)
        later = self.chance.choice((now + timedelta(minutes=5), times.deadline_at, times.closes_at))
        await self.now_is(self.session, max(now, later))

    async def keep(self) -> None:
        """The worker keeps what was promised, also of sales that were called off, in any order."""
        payload = {"listing_id": str(self.listing.id)}
        await end_confirming(self.session, payload)
        await end_notice(self.session, payload)
        sold = [sale for sale in dict.fromkeys(self.sales) if sale is not None]
        self.chance.shuffle(sold)
        for auction_id in sold:
            await advance_auction(self.session, auction_id)
            auction = await self.session.get_one(Auction, auction_id, populate_existing=True)
            if auction.closed_at is not None:
                await award_auction(self.session, {"auction_id": str(auction_id)})

    async def end(self) -> None:
        grounds: tuple[Ground, ...] = ("obstacle", "withdrawal")
        ground = self.chance.choice(grounds)
        await terminate_listing(self.session, self.desk, self.listing.id, SAID, ground=ground)

    async def check(self) -> None:
        """What holds after every act."""
        intents = await list_intents_of(self.session, self.listing.id)
        deposits = {
            one.id: await get_deposit(self.session, one.deposit_id) for one in intents if one.deposit_id
        }
        if self.listing.status in _ENDED:
            assert not [one for one in intents if one.status in OPEN_INTENTS]
            assert not [one for one in deposits.values() if one.status in {"due", "held"}]
        for intent in intents:
            if intent.status in {"paid", "admitted"}:
                assert deposits[intent.id].status == "held"
            if intent.status in {"lost", "rejected"} and intent.id in deposits:
                assert deposits[intent.id].status in {"released", "cancelled"}
            if intent.status == "admitted":
                assert self.listing.status == "listed"
                assert intent.announcement == self.listing.announcement
                await self._check_code(intent.buyer_id, intent.bidder_code)
        numbers = [row.number for row in await list_bulletins(self.session, self.listing.id)]
        assert numbers == list(range(1, len(numbers) + 1))
        if self.listing.status == "suspended" and self.listing.auction_id is not None:
            sale = await self.session.get_one(Auction, self.listing.auction_id, populate_existing=True)
            assert sale.phase == "void"

    async def _check_code(self, party_id: Any, code: str | None) -> None:
        query = select(Admission.code).where(
            Admission.auction_id == self.listing.auction_id, Admission.party_id == party_id
        )
        assert (await self.session.execute(query)).scalar_one() == code


@pytest.mark.parametrize("method", ["auction", "listed"])
@pytest.mark.parametrize("seed", range(5))
async def test_no_course_leaves_money_behind(
    session: Session, now_is: SetNow, method: str, seed: int
) -> None:
    course = Course(session, now_is, random.Random(f"{method} {seed}"))
    await now_is(session, await market_now(session))
    await course.begin(method)
    for _ in range(_STEPS):
        await course.step()
        await course.check()
    # Whatever came before, the desk can end it, and then nothing is left.
    if course.listing.status == "suspended":
        await terminate_listing(session, course.desk, course.listing.id, SAID, ground="obstacle")
        course.listing = await fresh(session, course.listing)
        await course.check()
