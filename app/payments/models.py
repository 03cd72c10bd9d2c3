"""Tables of the ledger (分录账) and of deposits (保证金)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base
from app.ids import uuid7
from app.payments.rules import TransferKind

_OF_A_PARTY = "'deposit_held', 'refund_due', 'seller_due', 'commission_due', 'forfeited'"
_OF_A_DEAL = "'price_escrow', 'distribution_pool'"


class LedgerAccount(Base):
    """An account (科目) by purpose, currency and, where it is kept for somebody, its party or its deal.

    It has no balance column: a balance is the sum of its entries. What is kept for somebody may not be overdrawn,
    which a trigger on the entries holds. ``deal_id`` names a row of a higher package and is therefore no foreign key.
    """

    __tablename__ = "ledger_account"
    __table_args__ = (
        UniqueConstraint("kind", "currency", "party_id", "deal_id", postgresql_nulls_not_distinct=True),
        CheckConstraint(
            f"kind IN ('bank', 'stripe_clearing', 'card_disputed', 'fee_income', 'suspense', "
            f"{_OF_A_PARTY}, {_OF_A_DEAL})",
            name="kind",
        ),
        CheckConstraint("currency = 'CNY'", name="currency"),
        CheckConstraint(f"(party_id IS NOT NULL) = (kind IN ({_OF_A_PARTY}))", name="party"),
        CheckConstraint(f"(deal_id IS NOT NULL) = (kind IN ({_OF_A_DEAL}))", name="deal"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    kind: Mapped[str]
    currency: Mapped[str] = mapped_column(server_default="CNY")
    party_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"))
    deal_id: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.market_now())


class Deposit(Base):
    """A deposit (保证金): due, then held, then released, captured or forfeited; never paid, not wanted: cancelled.

    Its way and its unchanging parts are guarded by a trigger, and each state by the ledger's transfers. What is only
    set aside on a card is held until ``held_until``, and lapses then unless it was captured.
    ``listing_id`` names a row of a higher package; that package's intent refers to both together.
    """

    __tablename__ = "deposit"
    __table_args__ = (
        UniqueConstraint("id", "listing_id", "party_id"),
        UniqueConstraint("id", "amount_fen"),
        CheckConstraint("amount_fen > 0", name="amount"),
        CheckConstraint(
            "status IN ('due', 'held', 'released', 'captured', 'forfeited', 'lapsed', 'cancelled')",
            name="status",
        ),
        CheckConstraint(
            "(held_at IS NOT NULL) = (status IN ('held', 'released', 'captured', 'forfeited', 'lapsed'))",
            name="held_at",
        ),
        CheckConstraint(
            "(settled_at IS NOT NULL) = (status IN ('released', 'captured', 'forfeited', 'lapsed', 'cancelled'))",
            name="settled_at",
        ),
        CheckConstraint("held_until IS NULL OR held_at IS NOT NULL", name="held_until"),
        CheckConstraint("withheld_at IS NULL OR status IN ('held', 'released')", name="withheld_at"),
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
    held_until: Mapped[datetime | None]
    # Since when it is held back: whether it is lost is being decided.
    withheld_at: Mapped[datetime | None]
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
    """Entries that sum to zero (一笔转账); ``entry_count`` closes it, so that none can be added later.

    ``client_id`` is made by whoever asks, so that asking twice moves nothing twice. A pending one (预留) reserves what
    it draws and counts only when its outcome says posted. A correction (更正) has two people.
    """

    __tablename__ = "ledger_transfer"
    __table_args__ = (
        CheckConstraint(f"kind IN ({', '.join(repr(kind.value) for kind in TransferKind)})", name="kind"),
        CheckConstraint("entry_count >= 2", name="entry_count"),
        CheckConstraint("length(client_id) BETWEEN 1 AND 100", name="client_id"),
        CheckConstraint("length(reason) BETWEEN 1 AND 500", name="reason"),
        CheckConstraint("(deposit_id IS NOT NULL) = (subject_kind = 'deposit')", name="deposit"),
        CheckConstraint("deposit_id = subject_id", name="subject"),
        CheckConstraint("expires_at IS NULL OR is_pending", name="expires_at"),
        CheckConstraint("approved_by <> person_id", name="two_people"),
        CheckConstraint("approved_by IS NULL OR person_id IS NOT NULL", name="approved"),
        CheckConstraint(
            "kind <> 'correction' OR (person_id IS NOT NULL AND (is_pending OR approved_by IS NOT NULL))",
            name="correction",
        ),
        Index("ix_ledger_transfer_subject", "subject_kind", "subject_id"),
        Index("ix_ledger_transfer_deposit", "deposit_id", postgresql_where=text("deposit_id IS NOT NULL")),
        Index(
            "uq_ledger_transfer_received",
            "deposit_id",
            unique=True,
            postgresql_where=text("kind = 'deposit_received' AND NOT is_pending"),
        ),
        # One index over all ends of a deposit: what is released cannot be captured too.
        Index(
            "uq_ledger_transfer_settled",
            "deposit_id",
            unique=True,
            postgresql_where=text(
                "kind IN ('deposit_released', 'deposit_captured', 'deposit_forfeited', 'deposit_lapsed') "
                "AND NOT is_pending"
            ),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    client_id: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[UUID]
    deposit_id: Mapped[UUID | None] = mapped_column(ForeignKey("deposit.id"))
    reason: Mapped[str]
    entry_count: Mapped[int]
    is_pending: Mapped[bool] = mapped_column(server_default="false")
    expires_at: Mapped[datetime | None]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(server_default=func.market_now())


class LedgerOutcome(Base):
    """What became of a pending transfer (预留结果): posted, voided or expired, once."""

    __tablename__ = "ledger_outcome"
    __table_args__ = (CheckConstraint("outcome IN ('posted', 'voided', 'expired')", name="outcome"),)

    transfer_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_transfer.id"), primary_key=True)
    outcome: Mapped[str]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime] = mapped_column(server_default=func.market_now())


class LedgerEntry(Base):
    """One side of a transfer (分录): debit positive, credit negative; never changed, never removed.

    ``is_pending`` repeats the transfer's own, which a trigger holds, so that a balance is read from one index. Transfer and
    account are looked up by the same trigger, without the lock that a foreign key takes: neither can be removed or renamed.
    """

    __tablename__ = "ledger_entry"
    __table_args__ = (
        UniqueConstraint("transfer_id", "account_id"),
        CheckConstraint("amount_fen <> 0", name="amount"),
        Index(
            "ix_ledger_entry_account",
            "account_id",
            postgresql_include=["amount_fen", "is_pending", "transfer_id"],
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    transfer_id: Mapped[UUID]
    account_id: Mapped[UUID]
    amount_fen: Mapped[int]
    is_pending: Mapped[bool] = mapped_column(server_default="false")
