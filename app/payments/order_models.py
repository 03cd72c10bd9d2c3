"""Tables of what the exchange pays out (付款): orders and the files that carry them to the bank."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base
from app.ids import uuid7


class PaymentExport(Base):
    """A file of approved orders for the bank (付款文件); the same orders give the same bytes again."""

    __tablename__ = "payment_export"
    __table_args__ = (
        CheckConstraint("order_count > 0", name="order_count"),
        CheckConstraint("total_fen > 0", name="total"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    order_count: Mapped[int]
    total_fen: Mapped[int]
    exported_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    exported_at: Mapped[datetime] = mapped_column(server_default=func.market_now())


class PaymentOrder(Base):
    """An order to pay (付款单): pending until two different people approved it, then in a file, then executed or failed.

    ``way``: by the bank, or by a transfer to the payee's account at the card gateway, which is in no file.

    Its money is reserved by a pending transfer of the ledger from the beginning, which is posted when the bank has paid
    and voided when it has not: nobody is paid twice and nothing is drawn twice.
    """

    __tablename__ = "payment_order"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount"),
        CheckConstraint(
            "purpose IN ('deposit_refund', 'refund', 'payout', 'commission', 'distribution', 'line_return')",
            name="purpose",
        ),
        CheckConstraint(
            "status IN ('pending', 'approved', 'exported', 'executed', 'failed', 'cancelled')", name="status"
        ),
        CheckConstraint("second_by <> first_by", name="two_people"),
        CheckConstraint("second_by IS NULL OR first_by IS NOT NULL", name="first_by"),
        CheckConstraint(
            "status IN ('pending', 'cancelled') OR (second_by IS NOT NULL AND payee_account IS NOT NULL)",
            name="approved",
        ),
        CheckConstraint("status <> 'pending' OR second_by IS NULL", name="pending"),
        CheckConstraint(
            "way = 'bank' OR (way = 'connect' AND purpose = 'payout' AND export_id IS NULL)", name="way"
        ),
        CheckConstraint(
            "export_id IS NOT NULL OR status IN ('pending', 'approved', 'cancelled') OR way = 'connect'",
            name="exported",
        ),
        CheckConstraint(
            "(settled_at IS NOT NULL) = (status IN ('executed', 'failed', 'cancelled'))", name="settled_at"
        ),
        CheckConstraint("(party_id IS NULL) = (purpose = 'line_return')", name="party"),
        Index("ix_payment_order_status", "status", "due_on"),
        Index("ix_payment_order_party", "party_id", "id"),
        Index("ix_payment_order_export", "export_id"),
        Index(
            "uq_payment_order_open_subject",
            "purpose",
            "subject_kind",
            "subject_id",
            "party_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("status NOT IN ('failed', 'cancelled')"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    reference: Mapped[str] = mapped_column(unique=True)
    party_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"))
    purpose: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[UUID]
    amount_fen: Mapped[int]
    payee_name: Mapped[str]
    payee_account: Mapped[str | None]
    way: Mapped[str] = mapped_column(server_default="bank")
    # A row of a higher package: no foreign key.
    deal_id: Mapped[UUID | None]
    reason: Mapped[str]
    due_on: Mapped[date]
    # Where a rule counts hours, the instant; else the end of the day.
    due_at: Mapped[datetime | None]
    status: Mapped[str] = mapped_column(server_default="pending")
    transfer_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_transfer.id"), unique=True)
    first_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    first_at: Mapped[datetime | None]
    second_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    second_at: Mapped[datetime | None]
    export_id: Mapped[UUID | None] = mapped_column(ForeignKey("payment_export.id"))
    settled_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    settled_at: Mapped[datetime | None]
    failure: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.market_now())
