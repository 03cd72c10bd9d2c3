"""Who may still be admitted to a sale, and who learns how many are."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from app.auction.admission import admit_bidder
from app.auction.bidding import place_bids
from app.auction.closing import advance_auction
from app.auction.errors import AuctionOver
from app.auction.errors_rounds import FirstStageOver
from app.auction.queries import get_auction, get_sale_view
from app.auction.sealing import SealedOpener
from tests.make_accounts import make_organisation
from tests.make_auction import START_FEN, MadeSale, make_sale
from tests.make_sealed import make_master, make_sealed_sale, sealed_request
from tests.make_tenders import make_tender

if TYPE_CHECKING:
    from uuid import UUID

    from httpx2 import AsyncClient

    from app.db import Database, Session
    from tests.conftest import SetNow

SECOND = timedelta(seconds=1)
TURNS = {"options": {"pause_seconds": [30, 30, 30], "slot_seconds": 60}, "min_bidders": 2}


async def newcomer(session: Session) -> UUID:
    """A party that has no part in any sale."""
    return (await make_organisation(session)).id


async def make_turns(session: Session) -> tuple[MadeSale, SealedOpener]:
    """A sale by turns whose two first amounts are in."""
    opener = SealedOpener(await make_master(session))
    sale = await make_sealed_sale(session, format="prozorro_rounds", **TURNS)
    for party in sale.bidders:
        await place_bids(session, sale.id, [await sealed_request(session, sale.id, party, START_FEN)])
    return sale, opener


async def test_until_the_first_amounts_are_due_anybody_may_come_to_turns(
    session: Session, now_is: SetNow
) -> None:
    sale, _ = await make_turns(session)
    await now_is(session, sale.ends_at - SECOND)
    assert await admit_bidder(session, sale.id, await newcomer(session), None)


@pytest.mark.parametrize("is_carried_on", [False, True], ids=["the worker is late", "the turns have begun"])
async def test_once_the_first_amounts_are_in_nobody_new_is_admitted(
    session: Session, now_is: SetNow, *, is_carried_on: bool
) -> None:
    sale, opener = await make_turns(session)
    await now_is(session, sale.ends_at)
    if is_carried_on:
        await advance_auction(session, sale.id, None, opener)
        assert (await get_auction(session, sale.id)).stage == "pause"
    with pytest.raises(FirstStageOver):
        await admit_bidder(session, sale.id, await newcomer(session), None)
    # Whoever is admitted already stays so.
    assert await admit_bidder(session, sale.id, sale.bidders[0], None) == sale.codes[0]


async def test_a_tender_admits_nobody_while_it_waits_for_its_panel(session: Session, now_is: SetNow) -> None:
    await make_master(session)
    sale = (await make_tender(session)).sale
    await now_is(session, sale.ends_at)
    with pytest.raises((FirstStageOver, AuctionOver)):
        await admit_bidder(session, sale.id, await newcomer(session), None)


async def test_how_many_come_to_a_tender_is_told_to_nobody_before_its_end(
    db: Database, client: AsyncClient
) -> None:
    async def make(session: Session) -> tuple[MadeSale, MadeSale]:
        await make_master(session)
        return (await make_tender(session)).sale, await make_sale(session)

    tender, english = await db.write(make)
    assert (await client.get(f"/api/v1/auctions/{tender.id}")).json()["bidder_count"] is None
    assert (await client.get(f"/api/v1/auctions/{english.id}")).json()["bidder_count"] == 2
    listed = {item["id"]: item for item in (await client.get("/api/v1/auctions")).json()["items"]}
    assert listed[str(tender.id)]["bidder_count"] is None
    assert listed[str(english.id)]["bidder_count"] == 2


async def test_after_a_tender_has_ended_its_record_tells_how_many_there_were(
    session: Session, now_is: SetNow
) -> None:
    opener = SealedOpener(await make_master(session))
    sale = (await make_tender(session)).sale
    await now_is(session, sale.ends_at + SECOND)
    assert await advance_auction(session, sale.id, None, opener) == "unsold"
    assert (await get_sale_view(session, sale.id)).bidder_count == 3
