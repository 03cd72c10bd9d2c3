"""Tables of settlement (结算): one for a deal, with the terms of its price, and releases by two people (放款)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base
from app.ids import uuid7


class Settlement(Base):
    """The settlement of a deal (结算): how the price is paid, what has come and gone, the document of the recordal.

    ``received_fen`` and ``released_fen`` follow the ledger's escrow of the deal; a trigger holds the latter to the
    approved releases, whose transfers are in the ledger.
    """

    __tablename__ = "settlement"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('one_off', 'instalments', 'royalty', 'entry_fee_plus_royalty', 'deferred', 'staged')",
            name="kind",
        ),
        CheckConstraint(
            "status IN ('proposed', 'contracted', 'escrow_partial', 'escrow_full', 'rights_recorded', 'released', "
            "'completed', 'defaulted')",
            name="status",
        ),
        CheckConstraint("price_fen > 0 AND deposit_fen BETWEEN 0 AND price_fen", name="price"),
        # Of royalties the whole is not known before the last period: it is open, and only what is owed so far counts.
        CheckConstraint("NOT is_open OR kind IN ('royalty', 'entry_fee_plus_royalty')", name="is_open"),
        CheckConstraint(
            "due_fen = price_fen OR kind = 'entry_fee_plus_royalty' AND due_fen > price_fen "
            "OR kind = 'royalty' AND (due_fen > price_fen OR is_open AND due_fen >= deposit_fen)",
            name="due",
        ),
        CheckConstraint("received_fen BETWEEN 0 AND due_fen", name="received"),
        CheckConstraint("released_fen BETWEEN 0 AND received_fen", name="released"),
        CheckConstraint(
            "fee_fen >= 0 AND fee_fen * 20 <= price_fen AND buyer_fee_fen >= 0 AND buyer_fee_fen * 20 <= price_fen",
            name="fee",
        ),
        CheckConstraint("(mandate_id IS NULL) = (commission_bp = 0)", name="commission"),
        CheckConstraint(
            "status <> 'escrow_full' OR (received_fen = due_fen AND NOT is_open)", name="escrow_full"
        ),
        CheckConstraint(
            "status NOT IN ('released', 'completed') OR (released_fen = due_fen AND NOT is_open)",
            name="all_released",
        ),
        CheckConstraint("released_fen = 0 OR reviewed_at IS NOT NULL", name="recorded_first"),
        CheckConstraint("status <> 'rights_recorded' OR reviewed_at IS NOT NULL", name="reviewed"),
        CheckConstraint(
            "num_nonnulls(recordal_no, recordal_on, recordal_sha256, recordal_by) IN (0, 4)", name="recordal"
        ),
        CheckConstraint("recordal_sha256 ~ '^[0-9a-f]{64}$'", name="recordal_sha256"),
        CheckConstraint("(reviewed_by IS NOT NULL) = (reviewed_at IS NOT NULL)", name="reviewed_by"),
        CheckConstraint("reviewed_at IS NULL OR recordal_no IS NOT NULL", name="reviewed_recordal"),
        CheckConstraint(
            "CASE status WHEN 'proposed' THEN agreed_by IS NULL WHEN 'defaulted' THEN true "
            "ELSE agreed_by IS NOT NULL END",
            name="agreed",
        ),
        CheckConstraint("(completed_at IS NOT NULL) = (status = 'completed')", name="completed_at"),
        CheckConstraint("(completed_by IS NOT NULL) = (completed_at IS NOT NULL)", name="completed_by"),
        Index("ix_settlement_seller", "seller_id", "id"),
        Index("ix_settlement_buyer", "buyer_id", "id"),
        Index("ix_settlement_status", "status", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    deal_id: Mapped[UUID] = mapped_column(ForeignKey("deal.id"), unique=True)
    contract_id: Mapped[UUID] = mapped_column(ForeignKey("contract.id"))
    seller_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    buyer_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    price_fen: Mapped[int]
    # All that is owed so far, the deposit included; ``is_open``: a period of royalties is still to be settled.
    due_fen: Mapped[int]
    is_open: Mapped[bool] = mapped_column(server_default="false")
    deposit_fen: Mapped[int]
    kind: Mapped[str]
    status: Mapped[str]
    began_on: Mapped[date]
    proposer_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    agreed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    # Fees by the announced tables on the day it began; the seller's is withheld from the price, the buyer's is due apart.
    fee_fen: Mapped[int]
    buyer_fee_fen: Mapped[int]
    mandate_id: Mapped[UUID | None] = mapped_column(ForeignKey("mandate.id"))
    commission_bp: Mapped[int]
    received_fen: Mapped[int]
    released_fen: Mapped[int] = mapped_column(server_default="0")
    # The document of the recordal (手续合格通知书): its number, day and the fingerprint of the file.
    recordal_no: Mapped[str | None]
    recordal_on: Mapped[date | None]
    recordal_sha256: Mapped[str | None]
    recordal_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    reviewed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    reviewed_at: Mapped[datetime | None]
    completed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    completed_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.market_now())


class SettlementTerm(Base):
    """A part of the price with its last day (应付款项); with the deposit all terms are the price, by a trigger.

    A ``condition`` that both sides confirm to be met makes it due earlier, never later.
    """

    __tablename__ = "settlement_term"
    __table_args__ = (
        UniqueConstraint("settlement_id", "place"),
        CheckConstraint("amount_fen > 0", name="amount"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    settlement_id: Mapped[UUID] = mapped_column(ForeignKey("settlement.id"))
    place: Mapped[int]
    amount_fen: Mapped[int]
    due_on: Mapped[date]
    condition: Mapped[str | None]


class EscrowRelease(Base):
    """A release from escrow (放款): asked for by one person of the finance desk, approved by another."""

    __tablename__ = "escrow_release"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount"),
        CheckConstraint("seller_fen >= 0 AND fee_fen >= 0 AND commission_fen >= 0", name="parts"),
        CheckConstraint("amount_fen = seller_fen + fee_fen + commission_fen", name="whole"),
        CheckConstraint("status IN ('requested', 'approved', 'rejected')", name="status"),
        CheckConstraint("(decided_by IS NOT NULL) = (status <> 'requested')", name="decided_by"),
        CheckConstraint("(decided_at IS NOT NULL) = (decided_by IS NOT NULL)", name="decided_at"),
        CheckConstraint("status <> 'approved' OR decided_by <> requested_by", name="two_people"),
        Index(
            "uq_escrow_release_open",
            "settlement_id",
            unique=True,
            postgresql_where=text("status = 'requested'"),
        ),
        Index("ix_escrow_release_status", "status", "id"),
        Index("ix_escrow_release_settlement", "settlement_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    settlement_id: Mapped[UUID] = mapped_column(ForeignKey("settlement.id"))
    amount_fen: Mapped[int]
    seller_fen: Mapped[int]
    fee_fen: Mapped[int]
    commission_fen: Mapped[int]
    status: Mapped[str] = mapped_column(server_default="requested")
    requested_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    requested_at: Mapped[datetime] = mapped_column(server_default=func.market_now())
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
