"""Two releases of one escrow at once: one is told that the other waits, or that it has been decided."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import DBAPIError

from app.payments.errors import AccountOverdrawn, PaymentOrdered
from app.settlement import releasing
from app.settlement.errors import ReleaseDecided, ReleaseWaits
from app.settlement.models import EscrowRelease, Settlement
from app.settlement.queries import find_waiting_release, get_escrow
from app.settlement.releasing import decide_release, request_release
from tests.make_settlements import Settling, make_settled_contract, record_rights
from tests.races.meeting import Meeting

if TYPE_CHECKING:
    from uuid import UUID

    from app.db import Database, Session

DEPOSIT = 1_000_000


async def ready(session: Session) -> Settling:
    made = await make_settled_contract(session)
    await record_rights(session, made)
    return made


async def without_lock(session: Session, settlement_id: UUID) -> Settlement:
    return await session.get_one(Settlement, settlement_id)


async def two_ask_at_once(db: Database, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    made = await db.write(ready)
    meeting = Meeting()
    monkeypatch.setattr(releasing, "sum_released", meeting.before(releasing.sum_released))
    asks = (db.write(request_release, who, made.settlement_id, DEPOSIT) for who in (made.first, made.second))
    return list(await asyncio.gather(*asks, return_exceptions=True))


async def two_approve_at_once(db: Database, monkeypatch: pytest.MonkeyPatch) -> tuple[list[object], int]:
    made = await db.write(ready)
    await db.write(request_release, made.first, made.settlement_id, 400_000)
    waiting = await db.read(find_waiting_release, made.settlement_id)
    assert isinstance(waiting, EscrowRelease)
    meeting = Meeting()
    monkeypatch.setattr(releasing, "_pay_out", meeting.before(releasing._pay_out))
    approvals = (decide_release, decide_release)
    done = await asyncio.gather(
        *(db.write(approve, made.second, waiting.id, approves=True) for approve in approvals),
        return_exceptions=True,
    )
    return list(done), await db.read(get_escrow, made.deal_id)


def refusals(outcomes: list[object]) -> list[object]:
    return [outcome for outcome in outcomes if isinstance(outcome, Exception)]


async def test_of_two_who_ask_for_one_escrow_at_once_one_waits(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    (refused,) = refusals(await two_ask_at_once(db, monkeypatch))
    assert isinstance(refused, ReleaseWaits)


async def test_the_twin_without_the_lock_is_stopped_only_by_the_index(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(releasing, "lock_settlement", without_lock)
    (refused,) = refusals(await two_ask_at_once(db, monkeypatch))
    assert isinstance(refused, DBAPIError)
    assert "uq_escrow_release_open" in str(refused)


async def test_a_release_that_two_approve_at_once_pays_once(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcomes, escrow = await two_approve_at_once(db, monkeypatch)
    (refused,) = refusals(outcomes)
    assert isinstance(refused, ReleaseDecided)
    assert escrow == DEPOSIT - 400_000


async def test_the_twin_without_the_lock_is_stopped_only_by_the_database(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(releasing, "lock_settlement", without_lock)
    outcomes, escrow = await two_approve_at_once(db, monkeypatch)
    (refused,) = refusals(outcomes)
    # Nobody told it that the release was decided: the unique id and the limits of the accounts stopped it.
    assert isinstance(refused, (DBAPIError, AccountOverdrawn, PaymentOrdered))
    assert escrow == DEPOSIT - 400_000
