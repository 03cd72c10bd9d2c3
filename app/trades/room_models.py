"""Tables of negotiation (协议定价): rooms of two parties, numbered offers, undertakings, and documents with who saw them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base
from app.ids import uuid7
from app.money import MAX_FEN


class NegotiationRoom(Base):
    """A room (协商室) of a listing's seller and one who wants to buy; its id is its event stream's too.

    ``agreed``: an offer was accepted, which is final, and the deal follows once nothing stands in its way. Its parties
    never change, and of a listing only one room comes to an agreement: the database holds both.
    """

    __tablename__ = "negotiation_room"
    __table_args__ = (
        ForeignKeyConstraint(["listing_id", "seller_id"], ["listing.id", "listing.seller_id"]),
        UniqueConstraint("listing_id", "buyer_id"),
        CheckConstraint("buyer_id <> seller_id", name="buyer"),
        CheckConstraint("status IN ('open', 'agreed', 'closed')", name="status"),
        CheckConstraint("(deal_id IS NULL) OR status = 'agreed'", name="deal"),
        Index(
            "uq_negotiation_room_agreed",
            "listing_id",
            unique=True,
            postgresql_where=text("status = 'agreed'"),
        ),
        Index("ix_negotiation_room_seller", "seller_id", "id"),
        Index("ix_negotiation_room_buyer", "buyer_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    listing_id: Mapped[UUID]
    seller_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    buyer_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    status: Mapped[str] = mapped_column(server_default="open")
    opened_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    opened_at: Mapped[datetime] = mapped_column(server_default=func.market_now())
    ended_at: Mapped[datetime | None]
    deal_id: Mapped[UUID | None] = mapped_column(ForeignKey("deal.id"), unique=True)


class NegotiationOffer(Base):
    """An offer (报价) in a room, numbered there: one is open at a time, and a counter-offer takes its place."""

    __tablename__ = "negotiation_offer"
    __table_args__ = (
        UniqueConstraint("room_id", "number"),
        CheckConstraint("side IN ('seller', 'buyer')", name="side"),
        CheckConstraint(f"price_fen BETWEEN 1 AND {MAX_FEN}", name="price"),
        CheckConstraint("currency = 'CNY'", name="currency"),
        CheckConstraint("valid_until > made_at", name="valid_until"),
        CheckConstraint("status IN ('open', 'accepted', 'withdrawn', 'replaced', 'lapsed')", name="status"),
        CheckConstraint("(ended_at IS NULL) = (status = 'open')", name="ended_at"),
        CheckConstraint("status <> 'accepted' OR ended_at < valid_until", name="accepted_in_time"),
        CheckConstraint("status <> 'accepted' OR ended_for <> side", name="accepted_by"),
        CheckConstraint("status <> 'withdrawn' OR ended_for = side", name="withdrawn_by"),
        CheckConstraint(
            "(rights = 'assignment') = (num_nonnulls(territory, term_months) = 0)", name="licence"
        ),
        CheckConstraint("term_months BETWEEN 1 AND 240", name="term_months"),
        Index("uq_negotiation_offer_open", "room_id", unique=True, postgresql_where=text("status = 'open'")),
        Index(
            "uq_negotiation_offer_accepted",
            "room_id",
            unique=True,
            postgresql_where=text("status = 'accepted'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    room_id: Mapped[UUID] = mapped_column(ForeignKey("negotiation_room.id"))
    number: Mapped[int]
    side: Mapped[str]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    price_fen: Mapped[int]
    currency: Mapped[str] = mapped_column(server_default="CNY")
    payment_plan: Mapped[dict[str, Any]] = mapped_column(JSONB)
    rights: Mapped[str]
    territory: Mapped[str | None]
    term_months: Mapped[int | None]
    words: Mapped[str] = mapped_column(server_default="")
    made_at: Mapped[datetime]
    valid_until: Mapped[datetime]
    status: Mapped[str] = mapped_column(server_default="open")
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    ended_for: Mapped[str | None]


class RoomUndertaking(Base):
    """A side's confidentiality undertaking (保密承诺) with the exact text that was accepted; never changed."""

    __tablename__ = "room_undertaking"

    room_id: Mapped[UUID] = mapped_column(ForeignKey("negotiation_room.id"), primary_key=True)
    side: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    text_sha256: Mapped[str]
    accepted_at: Mapped[datetime] = mapped_column(server_default=func.market_now())


class RoomDocument(Base):
    """A document that a side laid before the other (协商文件); never changed."""

    __tablename__ = "room_document"
    __table_args__ = (
        ForeignKeyConstraint(["room_id", "side"], ["room_undertaking.room_id", "room_undertaking.side"]),
        CheckConstraint("octet_length(content) BETWEEN 1 AND 5242880", name="content"),
        Index("ix_room_document_room", "room_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    room_id: Mapped[UUID] = mapped_column(ForeignKey("negotiation_room.id"))
    side: Mapped[str]
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    name: Mapped[str]
    sha256: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    laid_at: Mapped[datetime] = mapped_column(server_default=func.market_now())


class RoomDocumentView(Base):
    """Who saw which document when (查阅记录); never changed."""

    __tablename__ = "room_document_view"
    __table_args__ = (Index("ix_room_document_view_document", "document_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("room_document.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    seen_at: Mapped[datetime] = mapped_column(server_default=func.market_now())
