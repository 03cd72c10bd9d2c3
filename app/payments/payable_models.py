"""Table of what parties owe to the exchange (应缴款)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base
from app.ids import uuid7


class Payable(Base):
    """What a party has to pay by a day (应缴款), with a reference for the bank form; due, then paid or cancelled.

    ``deal_id`` names the escrow that a price is paid into; it and ``subject_id`` are rows of higher packages. Nothing
    but the status ever changes, and paid is one only with the ledger's transfer of exactly its amount: by triggers.
    """

    __tablename__ = "payable"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount"),
        CheckConstraint("purpose IN ('price', 'royalty', 'fee', 'shortfall')", name="purpose"),
        CheckConstraint("(deal_id IS NOT NULL) = (purpose IN ('price', 'royalty'))", name="deal"),
        CheckConstraint("status IN ('due', 'paid', 'cancelled')", name="status"),
        CheckConstraint("(settled_at IS NOT NULL) = (status <> 'due')", name="settled_at"),
        Index("ix_payable_party", "party_id", "id"),
        Index("ix_payable_status", "status", "due_on"),
        Index(
            "uq_payable_open_subject",
            "purpose",
            "subject_kind",
            "subject_id",
            "party_id",
            unique=True,
            postgresql_where=text("status <> 'cancelled'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    party_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    purpose: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[UUID]
    deal_id: Mapped[UUID | None]
    amount_fen: Mapped[int]
    due_on: Mapped[date]
    reference: Mapped[str] = mapped_column(unique=True)
    status: Mapped[str] = mapped_column(server_default="due")
    created_at: Mapped[datetime] = mapped_column(server_default=func.market_now())
    settled_at: Mapped[datetime | None]
