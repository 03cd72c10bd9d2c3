"""Makers of sealed sales and of envelopes for tests."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from app.auction.bidding import BidRequest, place_bids
from app.auction.envelopes import Place, make_private_key
from app.auction.master_keys import make_ring
from app.auction.posting import seal_amount
from app.auction.rules.game import Kind
from app.auction.rules.terms import commit_amount
from app.auction.sealing import register_master_key
from app.ids import uuid7
from tests.make_auction import MadeSale, make_sale

if TYPE_CHECKING:
    from uuid import UUID

    from app.auction.bidding import Outcome
    from app.auction.master_keys import MasterRing
    from app.db import Session


async def make_master(session: Session) -> MasterRing:
    """A master key that sales are wrapped under from now on."""
    ring = make_ring(make_private_key())
    await register_master_key(session, ring.public_key)
    return ring


async def make_sealed_sale(session: Session, /, **over: Any) -> MadeSale:
    """A sale of sealed first price; needs a master key."""
    terms = {"format": "sealed_first_price", "trigger_seconds": 0, "extension_seconds": 0}
    return await make_sale(session, **{**terms, **over})


async def sealed_request(
    session: Session, sale_id: UUID, party_id: UUID, amount_fen: int, bid_id: UUID | None = None
) -> BidRequest:
    """A sealed bid as the edge makes it of what arrived."""
    bid_id, key = bid_id or uuid7(), secrets.token_bytes(32)
    envelope = await seal_amount(session, Place(sale_id, party_id, bid_id), amount_fen, key)
    return BidRequest(
        bid_id,
        party_id,
        party_id,
        None,
        datetime.now(UTC),
        Kind.SEAL,
        commitment=commit_amount(str(bid_id), amount_fen, key),
        envelope=envelope,
    )


async def post_sealed(
    session: Session, sale_id: UUID, party_id: UUID, amount_fen: int, bid_id: UUID | None = None
) -> Outcome:
    """Posts a sealed bid; returns its answer."""
    request = await sealed_request(session, sale_id, party_id, amount_fen, bid_id)
    (outcome,) = await place_bids(session, sale_id, [request])
    return outcome


async def withdraw_sealed(session: Session, sale_id: UUID, party_id: UUID) -> Outcome:
    """Takes a sealed bid back."""
    request = BidRequest(uuid7(), party_id, party_id, None, datetime.now(UTC), Kind.WITHDRAW)
    (outcome,) = await place_bids(session, sale_id, [request])
    return outcome
