"""Posting a sealed amount (投递密封报价): judged, sealed and forgotten in the process that received it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Text, cast, select

from app.auction.envelope_models import SealingKey
from app.auction.envelopes import Place, seal
from app.auction.errors import AuctionMissing, KindNotOffered
from app.auction.models import Auction
from app.auction.rules.engine import read_published
from app.auction.rules.game import Kind

if TYPE_CHECKING:
    from app.db import AnySession


async def seal_amount(session: AnySession, place: Place, amount_fen: int, key: bytes) -> bytes:
    """Seals an amount under its sale's public key; raises what the format has against it, before it is recorded.

    Only what the published terms and the price that everybody sees decide is judged here: whether the sale is open and
    who asks is judged under the sale's lock, by which time nobody here knows the amount any more. Raises
    AuctionMissing, KindNotOffered.
    """
    query = (
        select(cast(Auction.terms, Text), Auction.price_fen, SealingKey.public_key)
        .outerjoin(SealingKey, SealingKey.auction_id == Auction.id)
        .where(Auction.id == place.auction_id)
    )
    row = (await session.execute(query)).one_or_none()
    if row is None:
        raise AuctionMissing(place.auction_id)
    terms, price_fen, public_key = row
    published = read_published(terms)
    if public_key is None:
        raise KindNotOffered(Kind.SEAL, sorted(published.format.kinds))
    published.format.check_sealed(published.terms, published.options, amount_fen, price_fen)
    return seal(public_key, place, amount_fen, key)
