"""The demonstration's first minutes: driven by the market's clock, seconds at a time, through the public API alone."""

from __future__ import annotations

import os
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from httpx2 import ASGITransport
from sqlalchemy import func, select

from app.auction.models import Auction, BidRow
from app.auction.sealing import SealedOpener
from app.clock import market_now
from app.contracts.models import Certificate, Contract
from app.db import Database
from app.demo import history, sales
from app.demo.crowd import keep_pace
from app.demo.keeping import Lister
from app.demo.public_api import PublicApi
from app.demo.seed import seed
from app.demo.shows import SHOWS
from app.errors import MarketError
from app.main import create_app
from app.payments.models import LedgerEntry
from app.settings import Settings
from app.tasks import TaskRow, keep_due_task
from app.trades.models import Deal, Listing
from app.worker import HANDLING_MODULES, Keeper, carry_on_due
from tests.database import make_template
from tests.make_sealed import make_master

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from app.db import AnySession
    from app.embedded import RunningServer
    from tests.conftest import SetNow

_SECONDS_TO_COME, _A_STEP = 150, 2
_URL = "http://market.test"


@pytest.fixture
async def market(server: RunningServer) -> AsyncIterator[tuple[Database, Settings]]:
    """A market that has just been furnished."""
    name = f"minutes_{os.getpid()}"
    database = Database(server.create_database(name, template=make_template(server)))
    settings = Settings(
        database_url=database.url,
        password_time_cost=1,
        password_memory_kib=64,
        public_url=_URL,
        sign_in_limit="1000/minute",
        bid_limit="1000/second",
    )
    try:
        await seed(database, settings)
        yield database, settings
    finally:
        await database.close()
        server.drop_database(name)


async def _rows(database: Database, query: Any) -> Sequence[Any]:
    async def read(session: AnySession) -> Sequence[Any]:
        return (await session.execute(query)).all()

    return await database.read(read)


async def _play(database: Database, settings: Settings, now_is: SetNow) -> None:
    """Two minutes and a half of worker, lister and crowd."""
    app = create_app(settings, database)
    ring = await database.write(make_master)
    async with (
        app.router.lifespan_context(app),
        PublicApi(_URL, ASGITransport(app=app)) as api,
    ):
        keeper, lister = Keeper(app.state.signer, SealedOpener(ring)), Lister(api)
        began = await database.read(market_now)
        for second in range(0, _SECONDS_TO_COME, _A_STEP):
            await now_is(database, began + timedelta(seconds=second))
            while await carry_on_due(database, keeper, lambda _: None) == 0.0:
                pass
            while await database.write(keep_due_task):
                pass
            await lister.look()
            await keep_pace(api)


async def test_within_minutes_every_format_has_been_played_to_its_end_and_a_contract_is_registered(
    market: tuple[Database, Settings], now_is: SetNow
) -> None:
    assert {sales, history} <= set(HANDLING_MODULES)
    database, settings = market
    await _play(database, settings, now_is)
    failed = await _rows(database, select(TaskRow.name, TaskRow.last_error).where(TaskRow.done_at.is_(None)))
    assert [row for row in failed if row.last_error is not None] == []
    auctions = [row for (row,) in await _rows(database, select(Auction))]
    ended = Counter(auction.format for auction in auctions if auction.phase == "sold")
    assert set(ended) == {show.format for show in SHOWS}
    # Each show goes on with its next sale.
    assert {show.format for show in SHOWS} <= {
        auction.format for auction in auctions if auction.phase in ("scheduled", "open")
    }
    kinds = {kind for (kind,) in await _rows(database, select(BidRow.kind).distinct())}
    assert {"bid", "maximum", "seal", "take", "turn", "accept"} <= kinds
    statuses = Counter(row.status for (row,) in await _rows(database, select(Listing)))
    assert statuses["listed"] >= 50 + sales.RUNNING
    deals = await _rows(database, select(Deal))
    assert len(deals) == statuses["sold"] == sum(ended.values())
    contracts = [row.status for (row,) in await _rows(database, select(Contract))]
    assert sorted(contracts) == ["in_force", "signing"]
    ((certificate,),) = await _rows(database, select(Certificate.sha256))
    assert certificate is not None
    ((total,),) = await _rows(database, select(func.sum(LedgerEntry.amount_fen)))
    assert total == 0


async def test_on_a_machine_too_slow_to_publish_before_the_opening_a_sale_opens_later(
    market: tuple[Database, Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    database, _ = market
    pauses = (timedelta(seconds=-1), timedelta(seconds=60))
    monkeypatch.setattr(sales, "_OPENING_PAUSES", pauses)
    ((payload,), *_) = await _rows(database, select(TaskRow.payload).where(TaskRow.name == sales.OPEN_SALE))
    before = await database.read(market_now)
    await database.write(sales.open_demo_sale, payload)
    rows = await _rows(database, select(Auction).order_by(Auction.id.desc()).limit(1))
    assert rows[0][0].opens_at >= before + pauses[1]
    monkeypatch.setattr(sales, "_OPENING_PAUSES", pauses[:1])
    with pytest.raises(MarketError):
        await database.write(sales.open_demo_sale, payload)
