"""Tables of paying by card (卡支付): payments of deposits, and the gateway's events."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base
from app.ids import uuid7

_STAGES = "'asked', 'waiting', 'declined', 'held', 'cancelled', 'captured', 'refunded', 'refund_failed'"


class CardPayment(Base):
    """One attempt to pay a deposit by card (卡支付) of exactly its amount; at most one of a deposit is open.

    ``is_deposit``: this payment is what the deposit is held by. Its stage goes forward only, by a trigger.
    """

    __tablename__ = "card_payment"
    __table_args__ = (
        ForeignKeyConstraint(["deposit_id", "amount_fen"], ["deposit.id", "deposit.amount_fen"]),
        CheckConstraint(f"stage IN ({_STAGES})", name="stage"),
        CheckConstraint("intent_id IS NOT NULL OR stage IN ('asked', 'declined')", name="intent"),
        CheckConstraint("stage <> 'held' OR hold_ends_at IS NOT NULL", name="hold"),
        CheckConstraint(
            "NOT is_deposit OR stage IN ('held', 'captured', 'cancelled', 'refunded', 'refund_failed')",
            name="is_deposit",
        ),
        Index(
            "uq_card_payment_open",
            "deposit_id",
            unique=True,
            postgresql_where=text("stage IN ('asked', 'waiting', 'held', 'captured')"),
        ),
        Index("uq_card_payment_is_deposit", "deposit_id", unique=True, postgresql_where=text("is_deposit")),
        Index("ix_card_payment_deposit", "deposit_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    deposit_id: Mapped[UUID]
    amount_fen: Mapped[int]
    stage: Mapped[str] = mapped_column(server_default="asked")
    is_deposit: Mapped[bool] = mapped_column(server_default="false")
    intent_id: Mapped[str | None] = mapped_column(unique=True)
    hold_ends_at: Mapped[datetime | None]
    reason: Mapped[str | None]
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.market_now())


class CardDispute(Base):
    """A dispute of a card payment (卡争议) under the gateway's id: the card's bank took it back; open, then won or lost once."""

    __tablename__ = "card_dispute"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount"),
        CheckConstraint("status IN ('open', 'won', 'lost')", name="status"),
        CheckConstraint("(closed_at IS NOT NULL) = (status <> 'open')", name="closed_at"),
        Index("ix_card_dispute_payment", "payment_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    payment_id: Mapped[UUID] = mapped_column(ForeignKey("card_payment.id"))
    amount_fen: Mapped[int]
    status: Mapped[str] = mapped_column(server_default="open")
    reason: Mapped[str]
    opened_at: Mapped[datetime] = mapped_column(server_default=func.market_now())
    closed_at: Mapped[datetime | None]


class GatewayEventRow(Base):
    """A webhook of the gateway (通道事件), stored once by its id before anything follows from it."""

    __tablename__ = "gateway_event"

    id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    intent_id: Mapped[str | None]
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime]
    received_at: Mapped[datetime] = mapped_column(server_default=func.market_now())
    handled_at: Mapped[datetime | None]
