"""With every worker away a web process opens sales and moves price clocks, and leaves every end to the workers."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.auction.bidding import Answer, place_bids
from app.auction.protocol.heads import Signer
from app.auction.protocol.publishing import publish_key
from app.auction.queries import get_sale_view
from app.auction.rules.engine import pack_state
from app.auction.standing_in import carry_on_overdue
from app.clock import market_now
from tests.make_auction import START_FEN, make_sale
from tests.make_sealed import make_master, make_sealed_sale, sealed_request
from tests.trouble.making import kinds_of, make_dutch

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    import pytest

    from app.db import Database, Session
    from tests.conftest import SetNow
    from tests.make_auction import MadeSale

SECOND = timedelta(seconds=1)
LONGEST = timedelta(seconds=30)


async def _stand_in(db: Database) -> list[UUID]:
    signer = Signer(Ed25519PrivateKey.generate())
    told: list[UUID] = []
    await db.write(publish_key, signer)
    moved = await carry_on_overdue(db, signer, told.append, LONGEST)
    assert moved == len(told)
    return told


async def _sealed(session: Session, opens_in: timedelta) -> tuple[MadeSale, datetime]:
    """A sealed sale that is not open yet, and when it opens."""
    await make_master(session)
    opens_at = await market_now(session) + opens_in
    over = {"opens_at": opens_at, "closes_at": opens_at + 600 * SECOND}
    return await make_sealed_sale(session, **over), opens_at


async def test_an_envelope_is_taken_though_no_worker_opened_the_sale(db: Database, now_is: SetNow) -> None:
    sale, opens_at = await db.write(_sealed, 60 * SECOND)
    await now_is(db, opens_at + SECOND)
    assert await _stand_in(db) == [sale.id]
    wanted = await db.write(sealed_request, sale.id, sale.bidders[0], START_FEN)
    (answer,) = await db.write(place_bids, sale.id, [wanted])
    assert isinstance(answer, Answer)
    assert answer.refusal is None
    assert await _stand_in(db) == []


async def test_a_sale_that_a_worker_may_still_open_is_left_to_it(db: Database, now_is: SetNow) -> None:
    sale, opens_at = await db.write(_sealed, 60 * SECOND)
    await now_is(db, opens_at)
    assert await _stand_in(db) == []
    assert "auction_opened" not in await db.read(kinds_of, sale.id)


async def test_an_end_is_left_to_the_workers(db: Database, now_is: SetNow) -> None:
    sale = await db.write(make_sale)
    await now_is(db, sale.ends_at + 10 * SECOND)
    await _stand_in(db)
    assert "auction_closed" not in await db.read(kinds_of, sale.id)
    view = await db.read(get_sale_view, sale.id)
    assert view.state.phase == "open"


async def test_ends_that_wait_for_a_worker_keep_no_opening_waiting(
    db: Database, now_is: SetNow, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = [await db.write(make_sale) for _ in range(3)]
    last = max(one.ends_at for one in waiting)
    sale, opens_at = await db.write(_sealed, last - await db.read(market_now) + SECOND)
    await now_is(db, opens_at + SECOND)
    monkeypatch.setattr("app.auction.closing.list_overdue.__defaults__", (1,))
    assert sale.id in await _stand_in(db)


async def test_a_price_clock_falls_without_a_worker(db: Database, now_is: SetNow) -> None:
    sale, opened_at = await db.write(make_dutch)
    await now_is(db, opened_at + 35 * SECOND)
    assert await _stand_in(db) == [sale.id]
    view = await db.read(get_sale_view, sale.id)
    detail, _ = pack_state(view.published.format, view.state)
    assert detail is not None
    assert detail["step"] == 3
