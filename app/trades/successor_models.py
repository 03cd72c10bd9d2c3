"""Table of offers to the next bidder after a winner's default (递补征询)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base
from app.ids import uuid7


class SuccessorOffer(Base):
    """The seller's offer of a new agreement to the next bidder at his own last bid (递补征询).

    It stands until ``expires_at`` and is not revoked. Accepted, it has become the deal ``deal_id``, which takes the
    place of the one in default. The parties, the price and the time never change, and an answer is given once.
    """

    __tablename__ = "successor_offer"
    __table_args__ = (
        ForeignKeyConstraint(["listing_id", "seller_id"], ["listing.id", "listing.seller_id"]),
        CheckConstraint("bidder_id <> seller_id", name="bidder"),
        CheckConstraint("price_fen > 0", name="price"),
        CheckConstraint("expires_at > asked_at", name="expires_at"),
        CheckConstraint("char_length(words) <= 1000", name="words"),
        CheckConstraint("status IN ('open', 'accepted', 'declined', 'lapsed')", name="status"),
        CheckConstraint("(ended_at IS NULL) = (status = 'open')", name="ended_at"),
        CheckConstraint(
            "(answered_by IS NOT NULL) = (status IN ('accepted', 'declined'))", name="answered_by"
        ),
        CheckConstraint("(deal_id IS NOT NULL) = (status = 'accepted')", name="deal"),
        CheckConstraint("status <> 'accepted' OR ended_at < expires_at", name="in_time"),
        Index("uq_successor_offer_open", "listing_id", unique=True, postgresql_where=text("status = 'open'")),
        Index("uq_successor_offer_bidder", "default_deal_id", "bidder_id", unique=True),
        Index("ix_successor_offer_seller", "seller_id", "id"),
        Index("ix_successor_offer_bidder", "bidder_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    listing_id: Mapped[UUID]
    default_deal_id: Mapped[UUID] = mapped_column(ForeignKey("deal.id"))
    seller_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    bidder_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    bidder_code: Mapped[str]
    price_fen: Mapped[int]
    words: Mapped[str] = mapped_column(server_default="")
    status: Mapped[str] = mapped_column(server_default="open")
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime] = mapped_column(server_default=func.market_now())
    expires_at: Mapped[datetime]
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[datetime | None]
    deal_id: Mapped[UUID | None] = mapped_column(ForeignKey("deal.id"), unique=True)
