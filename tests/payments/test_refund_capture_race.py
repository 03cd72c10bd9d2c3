"""A deposit goes back or becomes price, never both: refund against capture, and the twin without the lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from app.ids import uuid7
from app.payments import deposits
from app.payments.checking import find_faults
from app.payments.deposits import settle_deposits
from app.payments.models import Deposit, LedgerTransfer
from app.trades.refunds import refund_deposits
from tests.make_payments import make_held_deposit
from tests.races import meeting
from tests.trades.test_trades_races import Race, both, meet_before, name_of, refusals, unlocked_deposits_of

if TYPE_CHECKING:
    from app.db import Database

    Patch = pytest.MonkeyPatch


async def a_refund_and_a_capture(db: Database, patch: Patch) -> None:
    """The award captures a deposit while a termination gives it back: one finds nothing left, and the money went one way."""
    deposit = await db.write(make_held_deposit)
    meet_before(patch, deposits, "post_transfers")
    answers = await both(
        db.write(
            settle_deposits,
            listing_id=deposit.listing_id,
            winner_deposit_id=deposit.id,
            deal_id=uuid7(),
        ),
        db.write(settle_deposits, listing_id=deposit.listing_id),
    )
    assert refusals(answers) == []
    assert sorted(len(answer) for answer in answers) == [0, 1]
    await db.write(refund_deposits, {"listing_id": str(deposit.listing_id)})
    async with db.transaction() as session:
        status = (await session.get_one(Deposit, deposit.id)).status
        query = select(LedgerTransfer.kind).where(
            LedgerTransfer.deposit_id == deposit.id, LedgerTransfer.kind != "deposit_received"
        )
        assert list(await session.scalars(query)) == [f"deposit_{status}"]
    assert await db.read(find_faults) == []


def without_deposits_lock(patch: Patch) -> None:
    patch.setattr(deposits, "lock_deposits_of", unlocked_deposits_of)


RACES = [Race(a_refund_and_a_capture, without_deposits_lock)]


@pytest.mark.parametrize("race", RACES, ids=name_of)
async def test_under_the_lock_the_race_has_one_outcome(race: Race, db: Database, monkeypatch: Patch) -> None:
    await race.run(db, monkeypatch)


@pytest.mark.parametrize("race", RACES, ids=name_of)
async def test_without_the_lock_the_same_race_goes_wrong(
    race: Race, db: Database, monkeypatch: Patch
) -> None:
    race.without(monkeypatch)
    monkeypatch.setattr(meeting, "_PATIENCE_SECONDS", 10)
    with pytest.raises((AssertionError, DBAPIError)):
        await race.run(db, monkeypatch)
