"""Seeding: real patents with their marks, nobody's name, whole or not at all, and what follows within a minute."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select

from app.accounts.models import Organisation, Person
from app.auction.models import Auction
from app.catalog.models import Patent
from app.catalog.patent_number import parse_application_number
from app.db import Database
from app.demo.accounts import DESKS, PARTIES
from app.demo.offers import LIVE_SECONDS
from app.demo.patents import DEMONSTRATION, LIVE
from app.demo.seed import NotADemonstration, seed
from app.demo.seeded import is_seeded
from app.migrate import migrate
from app.payments.models import Deposit
from app.settings import Settings
from app.tasks import TaskRow
from app.trades.models import Intent, Listing
from tests.database import make_template

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from app.db import AnySession
    from app.embedded import RunningServer


@pytest.fixture(scope="module")
async def seeded(server: RunningServer) -> AsyncIterator[Database]:
    """A market seeded once for the tests of this module, which read it."""
    name = f"seeded_{os.getpid()}"
    database = Database(server.create_database(name, template=make_template(server)))
    try:
        await seed(database, _cheap(database))
        yield database
    finally:
        await database.close()
        server.drop_database(name)


def _cheap(database: Database) -> Settings:
    return Settings(database_url=database.url, password_time_cost=1, password_memory_kib=64)


async def _rows(database: Database, query: Any) -> Sequence[Any]:
    async def read(session: AnySession) -> Sequence[Any]:
        return (await session.execute(query)).all()

    return await database.read(read)


async def _count(database: Database, table: Any) -> int:
    ((count,),) = await _rows(database, select(func.count()).select_from(table))
    return int(count)


async def test_there_are_sixty_real_patents_with_right_check_digits(seeded: Database) -> None:
    rows = await _rows(
        seeded,
        select(Patent, Organisation).join(Organisation, Organisation.id == Patent.owner_organisation_id),
    )
    real = [(patent, owner) for patent, owner in rows if DEMONSTRATION not in patent.marks]
    assert len(real) >= 60
    for patent, owner in real:
        assert parse_application_number(patent.application_no).has_check_digit
        assert "legal_status_unverified" in patent.marks
        assert owner.name == patent.applicant
        assert (owner.uscc, owner.is_fictional) == (None, False)


async def test_invented_patents_say_so_and_belong_to_a_fictional_seller(seeded: Database) -> None:
    rows = await _rows(
        seeded,
        select(Patent, Organisation).join(Organisation, Organisation.id == Patent.owner_organisation_id),
    )
    invented = [(patent, owner) for patent, owner in rows if DEMONSTRATION in patent.marks]
    assert len(invented) >= 10
    for patent, owner in invented:
        assert patent.title.startswith("演示专利")
        assert parse_application_number(patent.application_no).text == patent.application_no
        assert owner.is_fictional


async def test_people_are_posts_of_fictional_parties_and_of_the_exchange(seeded: Database) -> None:
    rows = await _rows(
        seeded, select(Person, Organisation).join(Organisation, Organisation.id == Person.organisation_id)
    )
    posts = {party.login: party.post for party in PARTIES} | {
        login: name for login, (name, _) in DESKS.items()
    }
    assert {person.login: person.name for person, _ in rows} == posts
    assert all(owner.is_fictional or owner.kind == "exchange" for _, owner in rows)
    assert all("虚构" in owner.name for _, owner in rows if owner.kind != "exchange")


async def test_every_listing_is_on_the_demonstration_board_and_says_so(seeded: Database) -> None:
    rows = [row for (row,) in await _rows(seeded, select(Listing))]
    assert len(rows) >= 20
    assert all(row.is_demonstration and row.board == "demo" for row in rows)
    assert all("演示" in row.description and "虚构" in row.description for row in rows)
    statuses = Counter(row.status for row in rows)
    assert statuses["in_review"] >= 5
    assert statuses["returned"] >= 2


async def test_the_demonstration_buyer_is_admitted_to_the_live_sale(seeded: Database) -> None:
    query = (
        select(Auction, Intent, Deposit)
        .join(Intent, Intent.listing_id == Auction.listing_id)
        .join(Deposit, Deposit.id == Intent.deposit_id)
        .join(Person, Person.organisation_id == Intent.buyer_id)
        .where(Person.login == "demo-buyer", Auction.title == LIVE[0][0])
    )
    ((auction, intent, deposit),) = await _rows(seeded, query)
    assert (intent.status, deposit.status) == ("admitted", "held")
    assert (auction.ends_at - auction.opens_at).total_seconds() == LIVE_SECONDS


async def test_seeding_again_changes_nothing(seeded: Database) -> None:
    tables = (Organisation, Person, Patent, Listing, Intent, TaskRow)
    before = [await _count(seeded, table) for table in tables]
    await seed(seeded, _cheap(seeded))
    assert [await _count(seeded, table) for table in tables] == before


async def test_a_seeding_that_breaks_leaves_nothing(
    db: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any) -> None:
        raise BrokenPipeError

    monkeypatch.setattr("app.demo.seed._promise_rest", broken)
    with pytest.raises(BrokenPipeError):
        await seed(db, settings)
    assert not await db.read(is_seeded)
    assert await _count(db, Patent) == 0


async def test_a_database_without_the_mark_is_refused(server: RunningServer, settings: Settings) -> None:
    name = f"unmarked_{os.getpid()}"
    database = Database(server.create_database(name))
    try:
        await migrate(database.url)
        with pytest.raises(NotADemonstration):
            await seed(database, settings)
        assert await _count(database, Organisation) == 0
    finally:
        await database.close()
        server.drop_database(name)
