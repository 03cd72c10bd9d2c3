"""A transaction on the driver alone that is cancelled or fails leaves no lock behind and no connection spoilt."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from app.auction.bidding import Answer, judge_requests
from app.auction.sale import lock_sales
from tests.make_auction import START_FEN, make_sale, request
from tests.races.meeting import Meeting

if TYPE_CHECKING:
    from uuid import UUID

    from app.db import Database


@pytest.mark.parametrize("times", [1, 2])
async def test_whoever_is_cancelled_under_the_lock_lets_it_go(db: Database, times: int) -> None:
    sale = await db.write(make_sale)
    for _ in range(9):
        # More often than there are connections: none of them may stay in a transaction.
        held = asyncio.Event()

        async def hold(raw: Any, auction_id: UUID, told: asyncio.Event) -> None:
            await lock_sales(raw, [auction_id])
            told.set()
            await raw.execute("SELECT pg_sleep(30)")

        holding = asyncio.create_task(db.drive(hold, sale.id, held))
        await held.wait()
        for _ in range(times):
            holding.cancel()
            await asyncio.sleep(0)
        with pytest.raises(asyncio.CancelledError):
            await holding
    bid = request(sale.bidders[0], START_FEN)
    async with asyncio.timeout(5):
        (answer,) = await db.drive(judge_requests, sale.id, [bid], None)
    assert isinstance(answer, Answer)
    assert answer.refusal is None


async def test_more_hot_sales_than_connections_are_all_served(db: Database) -> None:
    sales = [await db.write(make_sale) for _ in range(24)]
    bids = [request(sale.bidders[0], START_FEN) for sale in sales]
    meeting = Meeting(8)

    async def slowly(raw: Any, auction_id: UUID, requests: Any) -> Any:
        await meeting.arrive()
        return await judge_requests(raw, auction_id, requests, None)

    works = (db.drive(slowly, sale.id, [bid]) for sale, bid in zip(sales, bids, strict=True))
    async with asyncio.timeout(30):
        done = await asyncio.gather(*works)
    assert [answer.refusal for (answer,) in done] == [None] * len(sales)
