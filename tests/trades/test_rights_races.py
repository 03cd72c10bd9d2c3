"""Races for the rights in the way, with real commits; each lock has its twin that goes wrong."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.exc import DBAPIError

from app.accounts.permissions import Role
from app.trades import consents, export_gate, rights, rights_gate
from app.trades.consents import decide_consent
from app.trades.errors_rights import ConsentDecided, ConsentsMissing, PatentIsOut
from app.trades.export_gate import find_export_class
from app.trades.publication import publish_listing
from app.trades.rights import declare_right, end_right
from app.trades.rooms import open_room
from tests.make_accounts import make_caller
from tests.make_rights import PLEDGE, make_consent, make_foreign_buyer, make_right
from tests.make_trades import make_listing, make_negotiated, make_seller
from tests.races import meeting
from tests.trades.test_trades_races import both, meet_after, refusals, unlocked_listing

if TYPE_CHECKING:
    from app.db import Database, Session


async def _unlocked(session: Session, *_: Any) -> None:
    del session


async def _publish_and_declare(db: Database, patch: pytest.MonkeyPatch) -> None:
    """A pledge is declared while the listing is being published: one of the two finds the other."""
    seller = await db.write(make_seller)
    reviewer = await db.write(make_caller, Role.REVIEWER)
    listing = await db.write(make_listing, seller=seller, status="accepted")
    assert listing.patent_id is not None
    place = meeting.Meeting()
    for module, name in ((rights_gate, "list_rights"), (rights, "find_listing_of")):
        read = getattr(module, name)

        async def stopped(*args: Any, read: Any = read, **named: Any) -> Any:
            found = await read(*args, **named)
            await place.arrive()
            return found

        patch.setattr(module, name, stopped)
    answers = await both(
        db.write(publish_listing, reviewer, listing.id),
        db.write(declare_right, seller, listing.patent_id, PLEDGE),
    )
    assert refusals(answers) in ([PatentIsOut], [ConsentsMissing])


async def test_a_listing_is_not_published_while_a_pledge_is_declared(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _publish_and_declare(db, monkeypatch)


async def test_without_the_patents_lock_only_the_database_itself_stops_one(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rights, "lock_patents", _unlocked)
    monkeypatch.setattr(meeting, "_PATIENCE_SECONDS", 10)
    with pytest.raises((AssertionError, DBAPIError)):
        await _publish_and_declare(db, monkeypatch)


async def _decide_twice(db: Database, patch: pytest.MonkeyPatch) -> None:
    seller = await db.write(make_seller)
    listing = await db.write(make_listing, seller=seller)
    right_id = await db.write(make_right, seller, listing)
    consent_id = await db.write(make_consent, seller, listing, right_id)
    desk = [await db.write(make_caller, Role.REVIEWER) for _ in range(2)]
    read, seen = consents.get_consent, meeting.Meeting()

    async def stopped(session: Session, consent: Any) -> Any:
        found = await read(session, consent)
        # The first reading, before the lock, only finds the listing.
        if session.info.setdefault("read", 0):
            await seen.arrive()
        session.info["read"] += 1
        return found

    patch.setattr(consents, "get_consent", stopped)
    answers = await both(
        db.write(decide_consent, desk[0], consent_id, "verify"),
        db.write(decide_consent, desk[1], consent_id, "refuse", "印章不清，请重新出具。"),
    )
    assert refusals(answers) == [ConsentDecided]


async def test_two_reviewers_at_once_decide_a_consent_once(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _decide_twice(db, monkeypatch)


async def test_without_the_listings_lock_only_the_database_itself_stops_the_second(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consents, "lock_listing", unlocked_listing)
    monkeypatch.setattr(meeting, "_PATIENCE_SECONDS", 10)
    with pytest.raises((AssertionError, DBAPIError)):
        await _decide_twice(db, monkeypatch)


async def _enter_and_prohibit(db: Database, patch: pytest.MonkeyPatch, patience: float = 0.5) -> None:
    """A foreign buyer comes in by the class that was found, while it is found prohibited."""
    listing = await db.write(make_negotiated)
    patent_id = listing.patent_id
    assert patent_id is not None
    buyer = await db.write(make_foreign_buyer)
    reviewer = await db.write(make_caller, Role.REVIEWER)
    await db.write(find_export_class, reviewer, patent_id, "free", evidence="对照目录，未列入。")
    order: list[str] = []
    has_read, is_prohibited = asyncio.Event(), asyncio.Event()
    read = export_gate.list_findings

    async def read_and_wait(*args: Any) -> Any:
        found = await read(*args)
        has_read.set()
        # Under the lock nobody prohibits meanwhile, so patience ends; without it, it is prohibited behind his back.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(is_prohibited.wait(), patience)
        return found

    patch.setattr(export_gate, "list_findings", read_and_wait)

    async def enter() -> None:
        await db.write(open_room, buyer, listing.id)
        order.append("entered")

    async def prohibit() -> None:
        await has_read.wait()
        code = "050302J"
        await db.write(
            find_export_class,
            reviewer,
            patent_id,
            "prohibited",
            evidence="列入目录禁止部分。",
            catalogue_code=code,
        )
        order.append("prohibited")
        is_prohibited.set()

    await asyncio.gather(enter(), prohibit())
    assert order == ["entered", "prohibited"]


async def test_nobody_foreign_comes_in_after_the_class_was_found_prohibited(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _enter_and_prohibit(db, monkeypatch)


async def test_without_the_patents_lock_he_comes_in_after_it(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_gate, "lock_patents_of", _unlocked)
    with pytest.raises(AssertionError):
        await _enter_and_prohibit(db, monkeypatch, patience=10)


async def _end_twice(db: Database, patch: pytest.MonkeyPatch) -> None:
    seller = await db.write(make_seller)
    listing = await db.write(make_listing, seller=seller)
    right_id = await db.write(make_right, seller, listing)
    meet_after(patch, rights, "find_listing_of")
    answers = await both(
        *(db.write(end_right, seller, right_id, "误录，实际没有这一共有人。") for _ in range(2))
    )
    assert len(refusals(answers)) == 1


async def test_a_right_is_ended_once(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    await _end_twice(db, monkeypatch)


async def test_without_the_patents_lock_only_the_database_stops_the_second_end(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rights, "lock_patents", _unlocked)
    monkeypatch.setattr(meeting, "_PATIENCE_SECONDS", 10)
    with pytest.raises((AssertionError, DBAPIError)):
        await _end_twice(db, monkeypatch)
