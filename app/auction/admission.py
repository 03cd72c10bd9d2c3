"""Admission to a sale: a bidder code for a party whose deposit is held, and a stream of its own."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from app.accounts.queries import get_organisation
from app.auction.errors import AuctionMissing, AuctionOver, ExchangeMayNotBid, SellerMayNotBid
from app.auction.errors_rounds import FirstStageOver
from app.auction.models import Admission
from app.auction.sale import lock_sale
from app.chain import Event
from app.errors import Conflict
from app.events import open_stream, record
from app.ids import uuid7

if TYPE_CHECKING:
    from app.db import Session

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXY"


@dataclass(eq=False)
class NoCodeLeft(Conflict):
    """All bidder codes of this sale are given."""

    zh = "本场竞买号已用完。"
    en = "All bidder codes of this sale are given."


async def admit_bidder(
    session: Session, auction_id: UUID, party_id: UUID, deposit_id: UUID | None, *, has_priority: bool = False
) -> str:
    """Admits a party and gives its bidder code; safe to run twice. Takes the sale's lock.

    The code is drawn at random, so that it tells neither who nor in which order. ``has_priority``: the party holds a
    right of first refusal (优先购买权). Raises AuctionMissing, AuctionOver, FirstStageOver, SellerMayNotBid,
    ExchangeMayNotBid. Source: 法释〔2016〕18号 articles 16 to 18 (竞买代码, identities kept secret, holders of priority).
    """
    sale = await lock_sale(session, auction_id)
    if sale is None:
        raise AuctionMissing(auction_id)
    if sale.has_ended:
        raise AuctionOver(sale.state.ends_at, sale.official_at)
    if party_id == sale.seller_id:
        raise SellerMayNotBid
    if (await get_organisation(session, party_id)).kind == "exchange":
        raise ExchangeMayNotBid
    taken = (
        await session.execute(
            select(Admission.party_id, Admission.code).where(Admission.auction_id == auction_id)
        )
    ).all()
    for row in taken:
        if row.party_id == party_id:
            return str(row.code)
    if not sale.takes_newcomers:
        raise FirstStageOver
    code, stream_id = _draw_code({row.code for row in taken}), uuid7()
    await open_stream(session, stream_id, f"auction:{auction_id}:bidder:{code}")
    session.add(
        Admission(
            auction_id=auction_id,
            party_id=party_id,
            code=code,
            deposit_id=deposit_id,
            stream_id=stream_id,
            has_priority=has_priority,
        )
    )
    admitted = Event("bidder_admitted", {"bidder": code, "has_priority": has_priority}, code)
    await record(session, stream_id, admitted, at=sale.official_at)
    return code


def _draw_code(used: set[str]) -> str:
    free = [code for letter in _LETTERS for n in range(1, 100) if (code := f"{letter}{n:02d}") not in used]
    if not free:
        raise NoCodeLeft
    return secrets.choice(free)
