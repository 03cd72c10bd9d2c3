"""Table of deposits that are not given back to who did not win (不予退还保证金认定)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base
from app.ids import uuid7
from app.trades.forfeit_rules import ForfeitGround

_GROUNDS = ", ".join(f"'{ground}'" for ground in ForfeitGround)


class DepositForfeiture(Base):
    """A claim on the deposit of who did not win: declared by one person, heard, decided by another.

    The parts are the deposit to the fen. Its facts never change, the party answers once and it is decided once; it is
    confirmed only after the answer or the end of the period to answer: a trigger holds all of that.
    """

    __tablename__ = "deposit_forfeiture"
    __table_args__ = (
        CheckConstraint(f"ground IN ({_GROUNDS})", name="ground"),
        CheckConstraint("char_length(btrim(reason)) BETWEEN 5 AND 1000", name="reason"),
        CheckConstraint("char_length(btrim(evidence)) BETWEEN 5 AND 1000", name="evidence"),
        CheckConstraint("char_length(btrim(answer)) BETWEEN 5 AND 1000", name="answer"),
        CheckConstraint("num_nonnulls(answer, answered_by, answered_at) IN (0, 3)", name="answered"),
        CheckConstraint("status IN ('declared', 'confirmed', 'refused')", name="status"),
        CheckConstraint(
            "num_nonnulls(decided_by, decided_at, decision) = CASE status WHEN 'declared' THEN 0 ELSE 3 END",
            name="decided",
        ),
        CheckConstraint("char_length(btrim(decision)) BETWEEN 5 AND 1000", name="decision"),
        CheckConstraint("decided_by <> declared_by", name="two_people"),
        CheckConstraint(
            "loss_fen >= 0 AND fees_fen >= 0 AND seller_fen >= 0 AND rest_fen >= 0", name="amounts"
        ),
        CheckConstraint("fees_fen + seller_fen + rest_fen = deposit_fen", name="whole"),
        Index(
            "uq_deposit_forfeiture_open",
            "deposit_id",
            unique=True,
            postgresql_where=text("status <> 'refused'"),
        ),
        Index("ix_deposit_forfeiture_party", "party_id", "id"),
        Index("ix_deposit_forfeiture_status", "status", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    intent_id: Mapped[UUID] = mapped_column(ForeignKey("intent.id"))
    deposit_id: Mapped[UUID] = mapped_column(ForeignKey("deposit.id"))
    listing_id: Mapped[UUID] = mapped_column(ForeignKey("listing.id"))
    seller_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    party_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    ground: Mapped[str]
    reason: Mapped[str]
    evidence: Mapped[str]
    deposit_fen: Mapped[int]
    loss_fen: Mapped[int]
    fees_fen: Mapped[int]
    seller_fen: Mapped[int]
    rest_fen: Mapped[int]
    status: Mapped[str] = mapped_column(server_default="declared")
    declared_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    declared_at: Mapped[datetime] = mapped_column(server_default=func.market_now())
    answer_until: Mapped[datetime]
    answer: Mapped[str | None]
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime | None]
    decision: Mapped[str | None]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
