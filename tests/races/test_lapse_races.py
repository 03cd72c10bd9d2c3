"""A card's hold that lapses against a bid, and two words on one dispute: one order for both, and twins without the lock."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from app.auction import bidding, sale
from app.audit import AuditRecord
from app.clock import market_now
from app.payments.card_models import CardPayment
from app.payments.checking import find_faults
from app.payments.gateway import DisputeSeen, Seen, Stage
from app.trades import card_admission, card_disputes
from app.trades.card_admission import apply_seen
from app.trades.card_disputes import apply_dispute
from tests.races import meeting
from tests.races.meeting import Meeting
from tests.stripe.paying import Buying, Offered, bid, deposit_of, offer, pay
from tests.trades.test_trades_races import both, meet_before, refusals

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from uuid import UUID

    from app.db import AnySession, Database, Session
    from tests.conftest import SetNow

    Patch = pytest.MonkeyPatch
    Race = Callable[[Database, Patch, SetNow], Awaitable[None]]

FEN = 10_000_000
WITHOUT_LOCK = "SELECT id FROM auction WHERE id = ANY($1)"


async def held(db: Database) -> tuple[Offered, Buying, UUID, Seen]:
    """An admitted bidder whose deposit is held on his card, the payment, and the word that its hold has lapsed."""
    now = await db.read(market_now)
    offered = await db.write(offer, closes_at=now + timedelta(days=4))
    (buying,) = offered.buyers
    payment_id = await pay(db, buying)
    deposit = await deposit_of(db, buying.deposit_id)
    seen = Seen("pi_1", payment_id, Stage.HELD, deposit.amount_fen, now + timedelta(days=9))
    await db.write(apply_seen, payment_id, seen)
    assert (await deposit_of(db, buying.deposit_id)).status == "held"
    return offered, buying, payment_id, replace(seen, stage=Stage.CANCELLED)


async def accepted(session: AnySession) -> int:
    """How many bids were accepted."""
    return int((await session.execute(text("SELECT count(*) FROM bid WHERE refusal IS NULL"))).scalar_one())


async def a_lapse_before_the_bid(db: Database, patch: Patch, now_is: SetNow) -> None:
    """The lapse is being written when the bid comes: the bid waits, and is refused at its own later instant."""
    offered, buying, payment_id, lapsed = await held(db)
    now = await db.read(market_now)
    await now_is(db, now + timedelta(hours=2))
    place, lapse = Meeting(), card_admission.lapse_deposit

    async def stopped(*args: Any) -> None:
        await lapse(*args)
        await place.arrive()

    patch.setattr(card_admission, "lapse_deposit", stopped)

    async def bid_after() -> str | None:
        await place.first_arrived.wait()
        await now_is(db, now + timedelta(hours=2, seconds=1))
        refusal = await bid(db, offered, buying, FEN)
        await place.arrive()
        return refusal

    _, refusal = await both(db.write(apply_seen, payment_id, lapsed), bid_after())
    assert refusal == "DepositNotHeld"
    assert await db.read(accepted) == 0
    assert (await deposit_of(db, buying.deposit_id)).settled_at == now + timedelta(hours=2)


async def a_bid_before_the_lapse(db: Database, patch: Patch, now_is: SetNow) -> None:
    """The bid is being judged when the lapse comes: the lapse waits, and the accepted bid stays the sale's best."""
    offered, buying, payment_id, lapsed = await held(db)
    await now_is(db, await db.read(market_now) + timedelta(hours=2))
    place, find = Meeting(), bidding._find_standings

    async def stopped(*args: Any) -> Any:
        found = await find(*args)
        await place.arrive()
        return found

    patch.setattr(bidding, "_find_standings", stopped)

    async def lapse_after() -> int:
        await place.first_arrived.wait()
        await db.write(apply_seen, payment_id, lapsed)
        stood = await db.read(accepted)
        await place.arrive()
        return stood

    refusal, stood = await both(bid(db, offered, buying, FEN), lapse_after())
    assert (refusal, stood) == (None, 1)
    assert (await deposit_of(db, buying.deposit_id)).status == "lapsed"
    async with db.reading() as session:
        best = text("SELECT price_fen FROM auction WHERE id = :id")
        assert (await session.execute(best, {"id": offered.listing.auction_id})).scalar_one() == FEN
    assert await db.read(find_faults) == []


RACES: list[Any] = [a_lapse_before_the_bid, a_bid_before_the_lapse]


@pytest.mark.parametrize("race", RACES)
async def test_under_the_lock_a_lapse_and_a_bid_have_one_order(
    race: Race, db: Database, monkeypatch: Patch, now_is: SetNow
) -> None:
    await race(db, monkeypatch, now_is)


@pytest.mark.parametrize("race", RACES)
async def test_without_the_lock_a_lapse_and_a_bid_pass_each_other(
    race: Race, db: Database, monkeypatch: Patch, now_is: SetNow
) -> None:
    monkeypatch.setattr(sale, "LOCK_SALES", WITHOUT_LOCK)
    monkeypatch.setattr(meeting, "_PATIENCE_SECONDS", 10)
    with pytest.raises((AssertionError, DBAPIError)):
        await race(db, monkeypatch, now_is)


async def two_decisions_of_one_dispute(db: Database, patch: Patch) -> None:
    """That a dispute was won is heard twice at once: the money comes back once, and is told once."""
    now = await db.read(market_now)
    offered = await db.write(offer, closes_at=now + timedelta(days=20))
    (buying,) = offered.buyers
    payment_id = await pay(db, buying)
    fen = (await deposit_of(db, buying.deposit_id)).amount_fen
    await db.write(apply_seen, payment_id, Seen("pi_1", payment_id, Stage.CAPTURED, fen))
    dispute = DisputeSeen("dp_1", fen, "open", "fraudulent")
    await db.write(apply_dispute, payment_id, dispute)
    meet_before(patch, card_disputes, "_enter")
    won = replace(dispute, status="won")
    answers = await both(*(db.write(apply_dispute, payment_id, won) for _ in range(2)))
    assert refusals(answers) == []
    async with db.reading() as session:
        told = select(func.count()).where(AuditRecord.action == "card.dispute-won")
        assert (await session.execute(told)).scalar_one() == 1
    assert await db.read(find_faults) == []


async def unlocked_payment(session: Session, payment_id: UUID) -> CardPayment:
    return await session.get_one(CardPayment, payment_id, populate_existing=True)


async def test_under_the_lock_a_dispute_is_decided_once(db: Database, monkeypatch: Patch) -> None:
    await two_decisions_of_one_dispute(db, monkeypatch)


async def test_without_the_lock_a_dispute_is_decided_twice(db: Database, monkeypatch: Patch) -> None:
    monkeypatch.setattr(card_disputes, "lock_card_payment", unlocked_payment)
    monkeypatch.setattr(meeting, "_PATIENCE_SECONDS", 10)
    with pytest.raises((AssertionError, DBAPIError)):
        await two_decisions_of_one_dispute(db, monkeypatch)
