"""Tables of contracts: the document, the acts of signing, applications for registration, certificates, numbers."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, deferred, mapped_column

from app.db import Base
from app.ids import uuid7


class Contract(Base):
    """A contract (合同) drawn up from a deal; its text and digest never change, a trigger sees to it."""

    __tablename__ = "contract"
    __table_args__ = (
        CheckConstraint("status IN ('signing', 'in_force')", name="status"),
        CheckConstraint("(status = 'in_force') = (in_force_at IS NOT NULL)", name="in_force_at"),
        CheckConstraint("document_sha256 ~ '^[0-9a-f]{64}$'", name="document_sha256"),
        CheckConstraint("price_fen > 0", name="price"),
        CheckConstraint("seller_id <> buyer_id", name="parties"),
        # The target of the signature's foreign key: nothing else than this text can be signed.
        UniqueConstraint("id", "document_sha256"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    contract_no: Mapped[str] = mapped_column(unique=True)
    deal_id: Mapped[UUID] = mapped_column(ForeignKey("deal.id"), unique=True)
    seller_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    buyer_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    project_name: Mapped[str]
    price_fen: Mapped[int]
    is_demonstration: Mapped[bool]
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)
    document_sha256: Mapped[str]
    status: Mapped[str]
    created_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    in_force_at: Mapped[datetime | None]


class Signature(Base):
    """A side's signature (签署): a recorded act of one person over the document's digest, append-only."""

    __tablename__ = "signature"
    __table_args__ = (
        CheckConstraint("side IN ('seller', 'buyer')", name="side"),
        UniqueConstraint("contract_id", "side"),
        ForeignKeyConstraint(["contract_id", "document_sha256"], ["contract.id", "contract.document_sha256"]),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    contract_id: Mapped[UUID]
    side: Mapped[str]
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    document_sha256: Mapped[str]
    signed_at: Mapped[datetime]


class Registration(Base):
    """An application for registration (登记申请) and its decision; only a refused one lets the seller apply anew."""

    __tablename__ = "registration"
    __table_args__ = (
        CheckConstraint("status IN ('submitted', 'registered', 'refused')", name="status"),
        CheckConstraint("0 < tech_fen AND tech_fen <= total_fen", name="amounts"),
        CheckConstraint("registration_no ~ '^[0-9]{16}$'", name="registration_no"),
        CheckConstraint("(status = 'registered') = (registration_no IS NOT NULL)", name="numbered"),
        CheckConstraint("(status = 'refused') = (reason_code IS NOT NULL)", name="reasoned"),
        CheckConstraint("(status = 'submitted') = (decided_at IS NULL)", name="decided"),
        # One contract is registered once; refused applications stay as history.
        Index(
            "uq_registration_live", "contract_id", unique=True, postgresql_where=text("status <> 'refused'")
        ),
        Index("ix_registration_status", "status", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    contract_id: Mapped[UUID] = mapped_column(ForeignKey("contract.id"), index=True)
    applicant_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    contract_type: Mapped[str]
    subtype: Mapped[str]
    total_fen: Mapped[int]
    tech_fen: Mapped[int]
    tech_field: Mapped[str]
    status: Mapped[str]
    registration_no: Mapped[str | None] = mapped_column(unique=True)
    reason_code: Mapped[str | None]
    reason: Mapped[str | None]
    applied_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]


class Certificate(Base):
    """A registration certificate (登记证明): what it says, its verification code, and the PDF once it is made."""

    __tablename__ = "certificate"
    __table_args__ = (
        CheckConstraint("(pdf IS NULL) = (sha256 IS NULL)", name="made"),
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    registration_id: Mapped[UUID] = mapped_column(ForeignKey("registration.id"), unique=True)
    verification_code: Mapped[str] = mapped_column(unique=True)
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)
    pdf: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    sha256: Mapped[str | None]
    issued_at: Mapped[datetime]


class NumberSeries(Base):
    """A run of numbers without gaps (编号序列); the row's lock lets one transaction at a time take the next."""

    __tablename__ = "contract_number_series"
    __table_args__ = (CheckConstraint("last_number >= 0", name="last_number"),)

    series: Mapped[str] = mapped_column(primary_key=True)
    last_number: Mapped[int]
