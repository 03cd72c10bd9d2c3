"""A sealed bid that is sent again gets its first answer, whatever a later stage would say to its amount."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from app.accounts.permissions import Role
from app.api.bid_wire import BidIn, request_of
from app.auction.bidding import Answer, place_bids
from app.auction.closing import advance_auction
from app.auction.errors import BidIdReused, BidTooLow
from app.auction.sealing import SealedOpener
from app.ids import uuid7
from tests.make_accounts import make_caller
from tests.make_auction import START_FEN, STEP_FEN
from tests.make_sealed import make_master, make_sealed_sale

if TYPE_CHECKING:
    from app.db import Database, Session
    from tests.conftest import SetNow

TIE = {"tie_rule": "extra_round", "extra_seconds": 600}


def body(**over: Any) -> BidIn:
    """A sealed bid at the start price as it arrives."""
    made = {"bid_id": uuid7(), "kind": "seal", "amount_fen": START_FEN, "key": secrets.token_hex(32)}
    return BidIn(**{**made, **over})


async def test_a_repeat_in_the_extra_round_gets_the_first_answer(db: Database, now_is: SetNow) -> None:
    async def make(session: Session) -> Any:
        master = await make_master(session)
        sale = await make_sealed_sale(session, options=TIE)
        made = await make_caller(session, Role.BIDDER)
        callers = [replace(made, organisation_id=party) for party in sale.bidders]
        return SealedOpener(master), sale, callers

    opener, sale, callers = await db.write(make)
    sent = [body() for _ in callers]

    async def post(place: int, wanted: BidIn) -> Any:
        request = await request_of(db, sale.id, wanted, callers[place], datetime.now(UTC))
        return (await db.write(place_bids, sale.id, [request]))[0]

    first = [await post(place, wanted) for place, wanted in enumerate(sent)]
    await now_is(db, sale.ends_at + timedelta(seconds=1))
    assert await db.write(advance_auction, sale.id, None, opener) == "open"
    again = await post(0, sent[0])
    assert isinstance(again, Answer)
    assert again == first[0]._replace(batch=None)
    with pytest.raises(BidTooLow):
        await post(0, body())
    other = await post(0, body(bid_id=sent[0].bid_id, amount_fen=START_FEN + STEP_FEN))
    assert isinstance(other, BidIdReused)
