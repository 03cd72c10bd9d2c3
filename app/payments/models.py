"""Tables of the ledger (分录账) and of deposits (保证金)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base
from app.ids import uuid7


class LedgerAccount(Base):
    """An account (科目): bank, or deposits held and refunds due of a party, or the price of a deal.

    It has no balance column: a balance is the sum of its entries. ``deal_id`` names a row of a higher package
    and is therefore no foreign key.
    """

    __tablename__ = "ledger_account"
    __table_args__ = (
        UniqueConstraint("kind", "party_id", "deal_id", postgresql_nulls_not_distinct=True),
        CheckConstraint("kind IN ('bank', 'deposit_held', 'refund_due', 'price_escrow')", name="kind"),
        CheckConstraint("(party_id IS NOT NULL) = (kind IN ('deposit_held', 'refund_due'))", name="party"),
        CheckConstraint("(deal_id IS NOT NULL) = (kind = 'price_escrow')", name="deal"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    kind: Mapped[str]
    party_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"))
    deal_id: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.market_now())


class Deposit(Base):
    """A deposit (保证金): due, then held, then released or captured; never paid and no longer wanted: cancelled.

    Its way and its unchanging parts are guarded by a trigger, and each state by the ledger's transfers.
    ``listing_id`` names a row of a higher package; that package's intent refers to both together.
    """

    __tablename__ = "deposit"
    __table_args__ = (
        UniqueConstraint("id", "listing_id", "party_id"),
        CheckConstraint("amount_fen > 0", name="amount"),
        CheckConstraint("status IN ('due', 'held', 'released', 'captured', 'cancelled')", name="status"),
        CheckConstraint(
            "(held_at IS NOT NULL) = (status IN ('held', 'released', 'captured'))", name="held_at"
        ),
        CheckConstraint(
            "(settled_at IS NOT NULL) = (status IN ('released', 'captured', 'cancelled'))", name="settled_at"
        ),
        Index("ix_deposit_listing", "listing_id"),
        Index("ix_deposit_party", "party_id", "id"),
        Index("ix_deposit_status", "status", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    party_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    listing_id: Mapped[UUID]
    amount_fen: Mapped[int]
    status: Mapped[str] = mapped_column(server_default="due")
    reference: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.market_now())
    held_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]


class Receipt(Base):
    """A line of the bank statement matched to a deposit (到账登记); one line is recorded once."""

    __tablename__ = "receipt"
    __table_args__ = (CheckConstraint("amount_fen > 0", name="amount"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    deposit_id: Mapped[UUID] = mapped_column(ForeignKey("deposit.id"), unique=True)
    amount_fen: Mapped[int]
    payer_name: Mapped[str]
    bank_reference: Mapped[str] = mapped_column(unique=True)
    received_on: Mapped[date]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.market_now())


class LedgerTransfer(Base):
    """Entries that sum to zero (一笔转账); ``entry_count`` closes it, so that none can be added later."""

    __tablename__ = "ledger_transfer"
    __table_args__ = (
        CheckConstraint("kind IN ('deposit_received', 'deposit_released', 'deposit_captured')", name="kind"),
        CheckConstraint("entry_count >= 2", name="entry_count"),
        Index(
            "uq_ledger_transfer_received",
            "deposit_id",
            unique=True,
            postgresql_where=text("kind = 'deposit_received'"),
        ),
        # One index over both kinds: what is released cannot be captured too.
        Index(
            "uq_ledger_transfer_settled",
            "deposit_id",
            unique=True,
            postgresql_where=text("kind IN ('deposit_released', 'deposit_captured')"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    kind: Mapped[str]
    deposit_id: Mapped[UUID] = mapped_column(ForeignKey("deposit.id"))
    entry_count: Mapped[int]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(server_default=func.market_now())


class LedgerEntry(Base):
    """One side of a transfer (分录): debit positive, credit negative; never changed, never removed."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        UniqueConstraint("transfer_id", "account_id"),
        CheckConstraint("amount_fen <> 0", name="amount"),
        Index("ix_ledger_entry_account", "account_id", postgresql_include=["amount_fen"]),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    transfer_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_transfer.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_account.id"))
    amount_fen: Mapped[int]
