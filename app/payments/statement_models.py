"""Tables of the bank's statements (银行对账单): imports, lines, and what a line was matched to."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base
from app.ids import uuid7


class BankStatement(Base):
    """A statement file that was imported (对账单): how many of its lines were new, and how many were known."""

    __tablename__ = "bank_statement"
    __table_args__ = (
        CheckConstraint("file_format IN ('csv', 'camt053')", name="file_format"),
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256"),
        CheckConstraint("new_lines >= 0 AND known_lines >= 0 AND outgoing_lines >= 0", name="lines"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    account_number: Mapped[str]
    filename: Mapped[str]
    file_format: Mapped[str]
    sha256: Mapped[str]
    new_lines: Mapped[int]
    known_lines: Mapped[int]
    outgoing_lines: Mapped[int]
    imported_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    imported_at: Mapped[datetime] = mapped_column(server_default=func.market_now())


class BankLine(Base):
    """Money that came to the bank (来款), once by account and bank reference; in suspense while open or held.

    Held (待核) means that a second person has to look at a proposed match; only the status ever changes.
    """

    __tablename__ = "bank_line"
    __table_args__ = (
        UniqueConstraint("account_number", "bank_reference"),
        CheckConstraint("amount_fen > 0", name="amount"),
        CheckConstraint("status IN ('open', 'held', 'matched', 'returned')", name="status"),
        Index("ix_bank_line_status", "status", "id"),
        Index("ix_bank_line_payer_account", "payer_account"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    statement_id: Mapped[UUID] = mapped_column(ForeignKey("bank_statement.id"))
    account_number: Mapped[str]
    bank_reference: Mapped[str]
    booked_on: Mapped[date]
    amount_fen: Mapped[int]
    payer_name: Mapped[str]
    payer_account: Mapped[str]
    remark: Mapped[str]
    status: Mapped[str] = mapped_column(server_default="open")


class PaidLine(Base):
    """Money that went from the bank (付款流水), once by account and bank reference; it executes one order (核销).

    Only ``order_id`` and who matched it when are ever written, once.
    """

    __tablename__ = "paid_line"
    __table_args__ = (
        UniqueConstraint("account_number", "bank_reference"),
        CheckConstraint("amount_fen > 0", name="amount"),
        CheckConstraint("num_nonnulls(order_id, matched_by, matched_at) IN (0, 3)", name="matched"),
        Index("uq_paid_line_order", "order_id", unique=True),
        Index("ix_paid_line_open", "id", postgresql_where=text("order_id IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    statement_id: Mapped[UUID] = mapped_column(ForeignKey("bank_statement.id"))
    account_number: Mapped[str]
    bank_reference: Mapped[str]
    booked_on: Mapped[date]
    amount_fen: Mapped[int]
    payee_name: Mapped[str]
    payee_account: Mapped[str]
    remark: Mapped[str]
    order_id: Mapped[UUID | None] = mapped_column(ForeignKey("payment_order.id"))
    matched_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    matched_at: Mapped[datetime | None]


class LineMatch(Base):
    """What a line pays (匹配): confirmed at once, or proposed on a ground that a second, different person decides.

    Grounds: a third party paid (third_party, 第三方代付), or the account that paid also paid another buyer's deposit
    for the same listing (same_account, 同一账户: 招标投标法实施条例 article 40(六), a presumption of collusion).
    """

    __tablename__ = "line_match"
    __table_args__ = (
        CheckConstraint("num_nonnulls(deposit_id, payable_id) = 1", name="target"),
        CheckConstraint("ground IN ('third_party', 'same_account')", name="ground"),
        CheckConstraint("status IN ('proposed', 'confirmed', 'refused')", name="status"),
        CheckConstraint("ground IS NOT NULL OR status = 'confirmed'", name="at_once"),
        CheckConstraint(
            "(decided_by IS NOT NULL) = (ground IS NOT NULL AND status <> 'proposed')", name="decided_by"
        ),
        CheckConstraint("(decided_at IS NOT NULL) = (decided_by IS NOT NULL)", name="decided_at"),
        CheckConstraint("decided_by <> proposed_by", name="two_people"),
        # A deposit never comes from a third party: its payer's name is the buyer's, or nothing is proposed.
        CheckConstraint("ground <> 'third_party' OR payable_id IS NOT NULL", name="third_party"),
        Index("uq_line_match_line", "line_id", unique=True, postgresql_where=text("status <> 'refused'")),
        Index(
            "uq_line_match_payable", "payable_id", unique=True, postgresql_where=text("status <> 'refused'")
        ),
        Index(
            "uq_line_match_deposit", "deposit_id", unique=True, postgresql_where=text("status <> 'refused'")
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    line_id: Mapped[UUID] = mapped_column(ForeignKey("bank_line.id"))
    deposit_id: Mapped[UUID | None] = mapped_column(ForeignKey("deposit.id"))
    payable_id: Mapped[UUID | None] = mapped_column(ForeignKey("payable.id"))
    ground: Mapped[str | None]
    status: Mapped[str]
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[datetime] = mapped_column(server_default=func.market_now())
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str | None]
