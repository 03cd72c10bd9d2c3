"""Admission to a sale: a bidder code for a party whose deposit is held."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from app.accounts.queries import get_organisation
from app.auction.errors import AuctionMissing, AuctionOver, ExchangeMayNotBid, SellerMayNotBid
from app.auction.models import Admission
from app.auction.sale import lock_sale
from app.errors import Conflict

if TYPE_CHECKING:
    from app.db import Session

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXY"


@dataclass(eq=False)
class NoCodeLeft(Conflict):
    """All bidder codes of this sale are given."""

    zh = "本场竞买号已用完。"
    en = "All bidder codes of this sale are given."


async def admit_bidder(session: Session, auction_id: UUID, party_id: UUID, deposit_id: UUID | None) -> str:
    """Admits a party and gives its bidder code; safe to run twice. Takes the sale's lock.

    The code is drawn at random, so that it tells neither who nor in which order. Raises AuctionMissing, AuctionOver,
    SellerMayNotBid, ExchangeMayNotBid. Source: 法释〔2016〕18号 articles 17 and 18 (竞买代码, identities kept secret).
    """
    sale = await lock_sale(session, auction_id)
    if sale is None:
        raise AuctionMissing(auction_id)
    now = sale.official_at
    if sale.state.phase in ("sold", "unsold") or now >= sale.state.ends_at:
        raise AuctionOver(sale.state.ends_at, now)
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
    used = {row.code for row in taken}
    free = [code for letter in _LETTERS for n in range(1, 100) if (code := f"{letter}{n:02d}") not in used]
    if not free:
        raise NoCodeLeft
    code = secrets.choice(free)
    session.add(Admission(auction_id=auction_id, party_id=party_id, code=code, deposit_id=deposit_id))
    await session.flush()
    return code
