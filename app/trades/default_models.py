"""Table of defaults (成交违约认定)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base
from app.ids import uuid7
from app.trades.default_rules import Ground

_GROUNDS = ", ".join(f"'{ground}'" for ground in Ground)
_BLAMELESS = "ground IN ('force_majeure', 'seller_fault')"


class DealDefault(Base):
    """A default of a deal (违约认定): declared by one desk, confirmed by another; then the deposit is applied.

    The parts are the deposit to the fen. Whoever is confirmed to blame is kept from the subject's next sales by a
    trigger on the intents.
    """

    __tablename__ = "deal_default"
    __table_args__ = (
        CheckConstraint(f"ground IN ({_GROUNDS})", name="ground"),
        CheckConstraint("char_length(btrim(reason)) BETWEEN 5 AND 1000", name="reason"),
        CheckConstraint("status IN ('declared', 'confirmed', 'rejected')", name="status"),
        CheckConstraint("(decided_by IS NOT NULL) = (status <> 'declared')", name="decided_by"),
        CheckConstraint("(decided_at IS NOT NULL) = (decided_by IS NOT NULL)", name="decided_at"),
        CheckConstraint("status <> 'confirmed' OR decided_by <> declared_by", name="two_people"),
        CheckConstraint(
            "deposit_fen >= 0 AND loss_fen >= 0 AND fees_fen >= 0 AND seller_fen >= 0 AND rest_fen >= 0 "
            "AND returned_fen >= 0 AND shortfall_fen >= 0",
            name="amounts",
        ),
        CheckConstraint("fees_fen + seller_fen + rest_fen + returned_fen = deposit_fen", name="whole"),
        CheckConstraint(
            f"CASE WHEN {_BLAMELESS} THEN returned_fen = deposit_fen ELSE returned_fen = 0 END",
            name="blame",
        ),
        Index("uq_deal_default_open", "deal_id", unique=True, postgresql_where=text("status <> 'rejected'")),
        Index("ix_deal_default_buyer", "buyer_id", "id"),
        Index("ix_deal_default_status", "status", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    deal_id: Mapped[UUID] = mapped_column(ForeignKey("deal.id"))
    seller_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    buyer_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    ground: Mapped[str]
    reason: Mapped[str]
    deposit_fen: Mapped[int]
    loss_fen: Mapped[int]
    fees_fen: Mapped[int]
    seller_fen: Mapped[int]
    rest_fen: Mapped[int]
    returned_fen: Mapped[int]
    shortfall_fen: Mapped[int]
    status: Mapped[str] = mapped_column(server_default="declared")
    declared_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    declared_at: Mapped[datetime] = mapped_column(server_default=func.market_now())
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
