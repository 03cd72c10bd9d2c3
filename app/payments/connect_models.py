"""Tables of paying sellers by the card gateway (通道付款): their connected accounts, the transfers, what came back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base
from app.ids import uuid7


class ConnectedAccount(Base):
    """A party's account at the gateway (收款账户), one for each: asked for, named by the gateway, then as it was last seen.

    ``transfers`` is the gateway's capability to receive; ``refusal`` is why it would not open one.
    """

    __tablename__ = "connected_account"
    __table_args__ = (
        CheckConstraint("transfers IN ('active', 'inactive', 'pending')", name="transfers"),
        CheckConstraint(
            "account_id IS NOT NULL OR (transfers IS NULL AND NOT is_submitted AND NOT has_payouts)",
            name="account",
        ),
    )

    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    account_id: Mapped[str | None] = mapped_column(unique=True)
    transfers: Mapped[str | None]
    is_submitted: Mapped[bool] = mapped_column(server_default="false")
    has_payouts: Mapped[bool] = mapped_column(server_default="false")
    disabled_reason: Mapped[str | None]
    refusal: Mapped[str | None]
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.market_now())
    seen_at: Mapped[datetime | None]


class ConnectTransfer(Base):
    """The transfer that carries out one payment order (通道转账): asked for with the second approval, made or refused once.

    An order that was refused has failed; another order is another transfer. ``gateway_id`` is the gateway's id of it.
    """

    __tablename__ = "connect_transfer"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount"),
        CheckConstraint("stage IN ('asked', 'made', 'refused')", name="stage"),
        CheckConstraint(
            "(gateway_id IS NOT NULL) = (stage = 'made') AND (reason IS NOT NULL) = (stage = 'refused')",
            name="known",
        ),
        CheckConstraint(
            "reversed_fen BETWEEN 0 AND CASE stage WHEN 'made' THEN amount_fen ELSE 0 END", name="reversed"
        ),
    )

    order_id: Mapped[UUID] = mapped_column(ForeignKey("payment_order.id"), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("connected_account.account_id"))
    amount_fen: Mapped[int]
    transfer_group: Mapped[str]
    gateway_id: Mapped[str | None] = mapped_column(unique=True)
    stage: Mapped[str] = mapped_column(server_default="asked")
    reason: Mapped[str | None]
    reversed_fen: Mapped[int] = mapped_column(server_default="0")
    created_at: Mapped[datetime] = mapped_column(server_default=func.market_now())


class ConnectReversal(Base):
    """What the gateway took back of a transfer (撤回), once under its id; the party is owed it again."""

    __tablename__ = "connect_reversal"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount"),
        Index("ix_connect_reversal_order", "order_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    gateway_id: Mapped[str] = mapped_column(unique=True)
    order_id: Mapped[UUID] = mapped_column(ForeignKey("connect_transfer.order_id"))
    amount_fen: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(server_default=func.market_now())
