"""The sales of the demonstration: some that run for days, and some that have ended soon after the start."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

import structlog

from app.accounts.queries import get_organisation
from app.catalog.queries import get_patent
from app.clock import SHANGHAI, market_now
from app.demo.accounts import SELLER_NAME
from app.demo.cast import Cast, find_cast
from app.demo.offers import Times, offer_invented, offer_real
from app.demo.steps import FINISH_SALE, LIST_PATENTS, OPEN_SALE, enter, put_up
from app.errors import MarketError
from app.tasks import handles, promise

if TYPE_CHECKING:
    from app.accounts.caller import Caller
    from app.auction.models import Auction
    from app.db import Session
    from app.trades.listings import NewListing

Plan = Literal["runs", "ends_registered", "ends_signing", "ends_sold", "ends_unsold"]
RUNNING = 6
LISTING_GAP = timedelta(seconds=0.6)
# Long enough to be published before; longer where a busy machine was too slow.
_OPENING_PAUSES = (timedelta(seconds=4), timedelta(seconds=15), timedelta(seconds=60))
_ENDED_AFTER = timedelta(seconds=30)
_SHORT_EXTENSION_SECONDS = 5
_FINISHED_AFTER = timedelta(seconds=6)
_HOURS = (3, 8, 23, 30, 54, 78)
_log = structlog.get_logger()


def next_hour(now: datetime) -> datetime:
    """The next full hour at the exchange."""
    return now.astimezone(SHANGHAI).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


async def soon(session: Session) -> datetime:
    """When a sale opens that is listed now: late enough to be published before."""
    return await market_now(session) + _OPENING_PAUSES[0]


async def _selling(session: Session, cast: Cast, patent_id: UUID) -> tuple[Caller, str]:
    """Who lists a patent, the seller himself or the post that enters for a real owner; and the patent's number."""
    patent = await get_patent(session, patent_id)
    if patent.owner_organisation_id is None:
        raise LookupError(patent_id)
    if patent.owner_organisation_id == cast.seller.organisation_id:
        return cast.seller, patent.application_no
    owner = await get_organisation(session, patent.owner_organisation_id)
    return cast.entering_for(owner), patent.application_no


def _offer(seller: Caller, patent_id: UUID, number: str, times: Times) -> NewListing:
    if seller.organisation_name == SELLER_NAME:
        return offer_invented(patent_id, times)
    return offer_real(patent_id, number, times)


@handles(LIST_PATENTS)
async def list_demo_patents(session: Session, payload: dict[str, Any]) -> None:
    """Lists the next patent at invented terms and promises the others a moment later.

    One after another, so that on a slow machine nobody's task waits behind all of them. One that cannot be listed any
    more, since its opening has passed, is left out.
    """
    (patent_id, opens, closes), *others = payload["offers"]
    times = Times(datetime.fromisoformat(opens), datetime.fromisoformat(closes))
    cast, now = await find_cast(session), await market_now(session)
    try:
        async with session.begin_nested():
            seller, number = await _selling(session, cast, UUID(patent_id))
            await put_up(session, cast, seller, _offer(seller, UUID(patent_id), number, times))
    except MarketError as error:
        _log.warning("demonstration_listing_refused", patent_id=patent_id, error=str(error))
    if others:
        payload = {"offers": others}
        await promise(session, LIST_PATENTS, payload, run_at=now + LISTING_GAP, key=others[0][0])


@handles(OPEN_SALE)
async def open_demo_sale(session: Session, payload: dict[str, Any]) -> None:
    """Opens one sale as ``plan`` says: to run for hours and days, or to end soon with or without a deal."""
    for pause in _OPENING_PAUSES:
        try:
            async with session.begin_nested():
                await _open_sale(session, payload, await market_now(session) + pause)
        except MarketError:
            if pause == _OPENING_PAUSES[-1]:
                raise
        else:
            return


async def _open_sale(session: Session, payload: dict[str, Any], opens_at: datetime) -> None:
    cast, patent_id, plan = await find_cast(session), UUID(payload["patent_id"]), payload["plan"]
    seller, number = await _selling(session, cast, patent_id)
    if plan == "runs":
        closes_at = next_hour(opens_at) + timedelta(hours=_HOURS[payload["turn"] % len(_HOURS)])
        offer = _offer(seller, patent_id, number, Times(opens_at, closes_at))
        await _open_running(session, cast, seller, offer, payload["turn"])
        return
    offer = _offer(
        seller, patent_id, number, Times(opens_at, opens_at + _ENDED_AFTER, _SHORT_EXTENSION_SECONDS)
    )
    if plan == "ends_unsold":
        offer = replace(offer, reserve_price_fen=2 * offer.start_price_fen)
    # In one of them a visitor's own organisation wins, and he finds a contract to sign.
    winner = cast.buyer if plan == "ends_signing" else cast.simulated[2]
    auction = await _open_short(session, cast, seller, offer, winner)
    if plan in {"ends_registered", "ends_signing"}:
        finish = {
            "auction_id": str(auction.id),
            "is_registered": plan == "ends_registered",
            "office": payload["office"],
        }
        run_at = offer.closes_at + _FINISHED_AFTER
        await promise(session, FINISH_SALE, finish, run_at=run_at, key=str(auction.id))


async def _open_running(session: Session, cast: Cast, seller: Caller, offer: NewListing, turn: int) -> None:
    """Opens a sale with the simulated bidders in it, who bid by the public API as soon as it is open."""
    if turn % 3 == 1:
        offer = replace(offer, reserve_price_fen=offer.start_price_fen + 12 * (offer.step_fen or 0))
    auction = await put_up(session, cast, seller, offer)
    bidders = cast.simulated[: 3 + turn % 2]
    for bidder in bidders:
        await enter(session, cast, auction, bidder)


async def _open_short(
    session: Session, cast: Cast, seller: Caller, offer: NewListing, winner: Caller
) -> Auction:
    """Opens a sale that ends within half a minute, with three bidders in it of whom ``winner`` is to win."""
    auction = await put_up(session, cast, seller, offer)
    bidders = (winner, cast.simulated[1], cast.simulated[3])
    for bidder in bidders:
        await enter(session, cast, auction, bidder)
    return auction
