"""Licences of the demonstration: an ordinary one at its price and an open one, both invented and open to any visitor."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from app.clock import market_date
from app.demo.offers import DECLARED, OF_INVENTED
from app.demo.steps import submit
from app.settlement.open_fees import declare_with_fee
from app.trades.listings import NewListing, create_listing, submit_listing
from app.trades.open_licence_rules import Declaration
from app.trades.open_licences import record_announcement
from app.trades.publication import publish_listing
from app.trades.reviewing import review_listing
from app.trades.rules import DEMO

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from app.db import Session
    from app.demo.cast import Cast

_PRICE_FEN, _OPEN_PRICE_FEN = 20_000_00, 5_000_00
_ON_OFFER = timedelta(days=60)
_TERM = timedelta(days=5 * 365)
_ANNOUNCEMENT = "演示公告-1"


def _offer(patent_id: UUID, price_fen: int, now: datetime) -> NewListing:
    today = market_date(now)
    return NewListing(
        patent_id=patent_id,
        description=OF_INVENTED,
        start_price_fen=price_fen,
        closes_at=now + _ON_OFFER,
        method="listed",
        rights="ordinary",
        board=DEMO,
        territory="CN",
        field_of_use="",
        licence_from=today,
        licence_to=today + _TERM,
        sublicence=False,
        **DECLARED,
    )


async def offer_licences(session: Session, cast: Cast, patents: Sequence[UUID], now: datetime) -> None:
    """Lists an ordinary licence of the first patent, and declares, announces and opens the second."""
    ordinary, opened = patents
    listing_id = await submit(session, cast.seller, _offer(ordinary, _PRICE_FEN, now))
    await review_listing(session, cast.reviewer, listing_id, "accept")
    await publish_listing(session, cast.reviewer, listing_id)
    open_id = await create_listing(session, cast.seller, _offer(opened, _OPEN_PRICE_FEN, now))
    said = Declaration(
        fee_method="entry_fee_and_royalty",
        royalty_bp=200,
        fee_standard="演示：入门费加产品销售额的百分之二，每家相同。",
        annuity_paid_until=market_date(now) + _TERM,
        is_suspended=False,
        is_pledged=False,
    )
    await declare_with_fee(session, cast.seller, open_id, said)
    await submit_listing(session, cast.seller, open_id)
    await review_listing(session, cast.reviewer, open_id, "accept")
    await record_announcement(session, cast.reviewer, open_id, _ANNOUNCEMENT, market_date(now))
    await publish_listing(session, cast.reviewer, open_id)
