"""Races for what is put up and for a security, with real commits; each lock has its twin that goes wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.exc import DBAPIError

from app.accounts.permissions import Role
from app.catalog.package_rules import Share
from app.catalog.packages import make_package
from app.payments import deposits
from app.payments.deposits import release_deposit
from app.payments.errors import DepositStateForbids
from app.trades import listings, subjects
from app.trades.errors import PatentAlreadyListed
from app.trades.listings import create_listing
from tests.make_accounts import make_caller
from tests.make_payments import make_held_deposit
from tests.make_trades import make_offer, make_patent_of, make_seller
from tests.races import meeting
from tests.trades.test_trades_races import both, meet_before, refusals, unlocked_deposit

if TYPE_CHECKING:
    from uuid import UUID

    from app.db import Database, Session


async def _drafts(session: Session) -> tuple[Any, list[Any]]:
    """A package of two patents, and the second of them alone."""
    seller = await make_seller(session)
    first, second = [(await make_patent_of(session, seller.organisation_id)).id for _ in range(2)]
    package_id = await make_package(session, seller, "成果包", [Share(first, 5000), Share(second, 5000)])
    alone = await make_offer(session, second)
    whole = await make_offer(session, None, package_id=package_id)
    return seller, [alone, whole]


async def _draft_both(db: Database, patch: pytest.MonkeyPatch) -> None:
    seller, offers = await db.write(_drafts)
    meet_before(patch, listings, "take_number")
    answers = await both(*(db.write(create_listing, seller, offer) for offer in offers))
    assert refusals(answers) == [PatentAlreadyListed]


async def _release_twice(db: Database, patch: pytest.MonkeyPatch) -> None:
    deposit = await db.write(make_held_deposit)
    finance = await db.write(make_caller, Role.FINANCE)
    meet_before(patch, deposits, "post_transfers")
    answers = await both(
        *(db.write(release_deposit, deposit.id, person_id=finance.person_id) for _ in range(2))
    )
    assert refusals(answers) == [DepositStateForbids]


async def test_a_patent_alone_and_in_a_package_at_once_is_put_up_once(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _draft_both(db, monkeypatch)


async def test_without_the_patents_locks_it_is_put_up_twice(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unlocked(session: Session, patent_ids: list[UUID]) -> None:
        del session, patent_ids

    monkeypatch.setattr(subjects, "lock_patents", unlocked)
    monkeypatch.setattr(meeting, "_PATIENCE_SECONDS", 10)
    with pytest.raises(AssertionError):
        await _draft_both(db, monkeypatch)


async def test_a_security_released_by_two_at_once_is_released_once(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _release_twice(db, monkeypatch)


async def test_without_the_deposits_lock_only_the_ledger_itself_stops_the_second(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deposits, "lock_deposit", unlocked_deposit)
    monkeypatch.setattr(meeting, "_PATIENCE_SECONDS", 10)
    with pytest.raises((AssertionError, DBAPIError)):
        await _release_twice(db, monkeypatch)
