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

    ``last_official_at`` keeps the official time from running back; ``sequence`` counts the accepted acts that
    everybody saw, ``judged`` all requests, also the secret and refused ones, and is never shown. ``due_at`` is when the
    worker is needed next. ``detail`` is the format's own public state as JSON text.
    """

    __tablename__ = "auction"
    __table_args__ = (
        CheckConstraint(
            "phase IN ('scheduled', 'open', 'suspended', 'sold', 'unsold', 'void')", name="phase"
        ),
        CheckConstraint("price_fen IS NOT NULL OR leader_id IS NULL", name="leader_has_price"),
        CheckConstraint("(phase IN ('sold', 'unsold', 'void')) = (closed_at IS NOT NULL)", name="closed_at"),
        CheckConstraint("phase <> 'sold' OR leader_id IS NOT NULL", name="sold_has_leader"),
        # A holder of priority is asked after the end of bidding, and has his whole time to answer.
        CheckConstraint(
            "hard_end_at IS NULL OR ends_at <= hard_end_at OR stage = 'priority'", name="hard_end"
        ),
        CheckConstraint("direction IN ('forward', 'reverse')", name="direction"),
        CheckConstraint("phase IN ('scheduled', 'open') OR due_at IS NULL", name="due_at"),
        Index("ix_auction_due", "due_at", postgresql_where=text("due_at IS NOT NULL")),
    )

    id: Mapped[UUID] = mapped_column(ForeignKey("event_stream.id"), primary_key=True)
    host_stream_id: Mapped[UUID] = mapped_column(ForeignKey("event_stream.id"))
    # A listing whose sale was called off, or found nobody, has another one after it.
    listing_id: Mapped[UUID] = mapped_column(index=True)
    listing_no: Mapped[str]
    seller_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    title: Mapped[str]
    is_demonstration: Mapped[bool]
    format: Mapped[str]
    direction: Mapped[str]
    terms: Mapped[dict[str, Any]] = mapped_column(JSONB)
    # The rules in words as they were published, with the fingerprint that buyers accept.
    rules: Mapped[dict[str, Any]] = mapped_column(JSONB)
    opens_at: Mapped[datetime]
    hard_end_at: Mapped[datetime | None]
    phase: Mapped[str] = mapped_column(server_default="scheduled")
    stage: Mapped[str] = mapped_column(server_default="")
    ends_at: Mapped[datetime]
    price_fen: Mapped[int | None]
    leader_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"))
    leader_code: Mapped[str | None]
    sequence: Mapped[int] = mapped_column(server_default="0")
    judged: Mapped[int] = mapped_column(server_default="0")
    extensions: Mapped[int] = mapped_column(server_default="0")
    reserve_met: Mapped[bool | None]
    moved_number: Mapped[int] = mapped_column(server_default="0")
    moved_at: Mapped[datetime | None]
    detail: Mapped[str | None]
    due_at: Mapped[datetime | None]
    last_official_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.market_now())


class AuctionSecret(Base):
    """What nobody may read before a sale's end: the reserve (保留价) with its key, the format's secret state.

    Read only under the sale's lock and after the close. ``hidden`` is JSON text: open maxima, which envelopes are in.
    """

    __tablename__ = "auction_secret"
    __table_args__ = (CheckConstraint("(reserve_fen IS NULL) = (key IS NULL)", name="reserve_has_key"),)

    auction_id: Mapped[UUID] = mapped_column(ForeignKey("auction.id"), primary_key=True)
    reserve_fen: Mapped[int | None]
    key: Mapped[bytes | None] = mapped_column(LargeBinary)
    hidden: Mapped[str | None]


class Admission(Base):
    """A party's admission to one sale (竞买资格) under a bidder code (竞买号), with its own event stream.

    ``has_priority``: the party holds a right of first refusal (优先购买权).
    """

    __tablename__ = "admission"
    __table_args__ = (UniqueConstraint("auction_id", "code"),)

    auction_id: Mapped[UUID] = mapped_column(ForeignKey("auction.id"), primary_key=True)
    party_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    code: Mapped[str]
    deposit_id: Mapped[UUID | None] = mapped_column(ForeignKey("deposit.id"))
    stream_id: Mapped[UUID] = mapped_column(ForeignKey("event_stream.id"))
    has_priority: Mapped[bool] = mapped_column(server_default="false")
    admitted_at: Mapped[datetime] = mapped_column(server_default=func.market_now())


class BidRow(Base):
    """A judged request (竞买请求), once for each id of a party; its receipt is the event ``number`` of ``stream_id``.

    ``turn`` is its place among all judged requests of the sale. ``refusal`` names the error's members; None when it was
    accepted. The amount of a secret request is not here (see BidSecret and the envelopes), only its commitment.
    No foreign keys: a row is only ever written under its sale's lock, and sales and parties are never removed.
    """

    __tablename__ = "bid"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount"),
        CheckConstraint(
            "amount_fen IS NULL OR kind NOT IN ('maximum', 'seal', 'turn')", name="secret_amount"
        ),
    )

    auction_id: Mapped[UUID] = mapped_column(primary_key=True)
    party_id: Mapped[UUID] = mapped_column(primary_key=True)
    bid_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID]
    kind: Mapped[str]
    amount_fen: Mapped[int | None]
    if_number: Mapped[int | None]
    step: Mapped[int | None]
    commitment: Mapped[str | None]
    refusal: Mapped[str | None]
    stream_id: Mapped[UUID]
    number: Mapped[int]
    turn: Mapped[int]
    ends_at: Mapped[datetime]
    received_at: Mapped[datetime]


class BidSecret(Base):
    """The amount of a maximum or a turn that only its bidder may know, with the bidder's own key (自动出价上限)."""

    __tablename__ = "bid_secret"
    __table_args__ = (CheckConstraint("amount_fen > 0", name="amount"),)

    auction_id: Mapped[UUID] = mapped_column(primary_key=True)
    party_id: Mapped[UUID] = mapped_column(primary_key=True)
    bid_id: Mapped[UUID] = mapped_column(primary_key=True)
    amount_fen: Mapped[int]
    key: Mapped[bytes] = mapped_column(LargeBinary)
