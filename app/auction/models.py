"""Tables of bidding: the sale, its secret, who is admitted, and every judged bid."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class Auction(Base):
    """A sale by network bidding (网络竞价); its id is also the id of its public event stream.

    ``last_official_at`` keeps the official time from running back; ``sequence`` counts accepted bids.
    """

    __tablename__ = "auction"
    __table_args__ = (
        CheckConstraint("phase IN ('scheduled', 'open', 'sold', 'unsold')", name="phase"),
        CheckConstraint("(price_fen IS NULL) = (leader_id IS NULL)", name="leader_has_price"),
        CheckConstraint("(phase IN ('sold', 'unsold')) = (closed_at IS NOT NULL)", name="closed_at"),
        CheckConstraint("phase <> 'sold' OR price_fen IS NOT NULL", name="sold_has_price"),
        CheckConstraint("hard_end_at IS NULL OR ends_at <= hard_end_at", name="hard_end"),
        Index("ix_auction_due_open", "opens_at", postgresql_where=text("phase = 'scheduled'")),
        Index("ix_auction_due_close", "ends_at", postgresql_where=text("phase IN ('scheduled', 'open')")),
    )

    id: Mapped[UUID] = mapped_column(ForeignKey("event_stream.id"), primary_key=True)
    host_stream_id: Mapped[UUID] = mapped_column(ForeignKey("event_stream.id"))
    listing_id: Mapped[UUID] = mapped_column(unique=True)
    listing_no: Mapped[str]
    seller_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    title: Mapped[str]
    is_demonstration: Mapped[bool]
    terms: Mapped[dict[str, Any]] = mapped_column(JSONB)
    # The rules in words as they were published, with the fingerprint that buyers accept.
    rules: Mapped[dict[str, Any]] = mapped_column(JSONB)
    opens_at: Mapped[datetime]
    hard_end_at: Mapped[datetime | None]
    phase: Mapped[str] = mapped_column(server_default="scheduled")
    ends_at: Mapped[datetime]
    price_fen: Mapped[int | None]
    leader_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"))
    leader_code: Mapped[str | None]
    sequence: Mapped[int] = mapped_column(server_default="0")
    extensions: Mapped[int] = mapped_column(server_default="0")
    reserve_met: Mapped[bool | None]
    last_official_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.market_now())


class AuctionSecret(Base):
    """The reserve (保留价) of a sale and the key of its commitment; read only under the lock and after the close."""

    __tablename__ = "auction_secret"

    auction_id: Mapped[UUID] = mapped_column(ForeignKey("auction.id"), primary_key=True)
    reserve_fen: Mapped[int]
    key: Mapped[bytes] = mapped_column(LargeBinary)


class Admission(Base):
    """A party's admission to one sale (竞买资格) under a bidder code (竞买号)."""

    __tablename__ = "admission"
    __table_args__ = (UniqueConstraint("auction_id", "code"),)

    auction_id: Mapped[UUID] = mapped_column(ForeignKey("auction.id"), primary_key=True)
    party_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    code: Mapped[str]
    deposit_id: Mapped[UUID | None] = mapped_column(ForeignKey("deposit.id"))
    admitted_at: Mapped[datetime] = mapped_column(server_default=func.market_now())


class BidRow(Base):
    """A judged bid (出价): accepted or refused, once for each id of a party; ``refusal`` names the error's members.

    No foreign keys: a row is only ever written under its sale's lock, and sales and parties are never removed.
    """

    __tablename__ = "bid"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount"),
        CheckConstraint("is_accepted = (refusal IS NULL)", name="refusal"),
    )

    auction_id: Mapped[UUID] = mapped_column(primary_key=True)
    party_id: Mapped[UUID] = mapped_column(primary_key=True)
    bid_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID]
    amount_fen: Mapped[int]
    is_accepted: Mapped[bool]
    refusal: Mapped[str | None]
    number: Mapped[int]
    ends_at: Mapped[datetime]
    received_at: Mapped[datetime]
    official_at: Mapped[datetime]
    hash: Mapped[bytes] = mapped_column(LargeBinary)
