"""Tables of public notices (公示): the notices, and the objections to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base
from app.ids import uuid7

# 转让、许可、合作实施、作价投资、其他 (转化法 16); self-implementation has no transferee.
TRANSFER_MODES = ("assign", "license", "joint_implement", "invest_in_kind", "other")
_LIVE = "status IN ('draft', 'running', 'suspended', 'completed')"


class PublicNotice(Base):
    """A public notice (公示) of what is to be sold to whom at which price; one for a sale is live at a time.

    Once published it stays as it is, and a change begins a new version. It is completed when its period is over and
    no objection is open; triggers hold both. ``elapsed`` is what was counted before the present run.
    """

    __tablename__ = "public_notice"
    __table_args__ = (
        ForeignKeyConstraint(["listing_id", "seller_id"], ["listing.id", "listing.seller_id"]),
        UniqueConstraint("listing_id", "version"),
        CheckConstraint(
            "status IN ('draft', 'running', 'suspended', 'completed', 'terminated', 'withdrawn', 'void')",
            name="status",
        ),
        CheckConstraint(f"transfer_mode IN {TRANSFER_MODES}", name="transfer_mode"),
        CheckConstraint("price_fen > 0", name="price"),
        CheckConstraint("transferee_id <> seller_id", name="transferee"),
        CheckConstraint("NOT is_related OR btrim(relation) <> ''", name="relation"),
        CheckConstraint("period_unit IN ('day', 'working_day', 'second')", name="period_unit"),
        CheckConstraint("period_count > 0 AND elapsed BETWEEN 0 AND period_count", name="elapsed"),
        CheckConstraint("status IN ('draft', 'withdrawn') OR published_at IS NOT NULL", name="published_at"),
        CheckConstraint("status NOT IN ('running', 'suspended', 'completed') OR is_cleared", name="cleared"),
        CheckConstraint("(status = 'running') <= (ends_at IS NOT NULL)", name="ends_at"),
        CheckConstraint("(ends_at IS NULL) = (counted_from IS NULL)", name="counted_from"),
        CheckConstraint(
            "(certificate IS NULL) = (certificate_sha256 IS NULL) AND "
            "(certificate IS NULL) = (completed_at IS NULL) AND "
            "(status <> 'completed' OR completed_at IS NOT NULL)",
            name="certificate",
        ),
        CheckConstraint("certificate_sha256 ~ '^[0-9a-f]{64}$'", name="certificate_sha256"),
        Index("uq_public_notice_live", "listing_id", unique=True, postgresql_where=text(_LIVE)),
        Index("ix_public_notice_status", "status", "id"),
        Index("ix_public_notice_seller", "seller_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    notice_no: Mapped[str] = mapped_column(unique=True)
    version: Mapped[int]
    listing_id: Mapped[UUID]
    seller_id: Mapped[UUID]
    status: Mapped[str] = mapped_column(server_default="draft")
    achievement_name: Mapped[str]
    abstract: Mapped[str] = mapped_column(server_default="")
    transfer_mode: Mapped[str]
    price_fen: Mapped[int]
    payment_terms: Mapped[str] = mapped_column(server_default="")
    pricing_basis: Mapped[str] = mapped_column(server_default="")
    transferee_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    transferee_name: Mapped[str]
    is_related: Mapped[bool] = mapped_column(server_default="false")
    relation: Mapped[str] = mapped_column(server_default="")
    # Inventors and those related to them (完成人及利害关系人): none of them decides about an objection.
    involved: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default=text("'{}'"))
    posted_at_unit: Mapped[str] = mapped_column(server_default="")
    objection_channel: Mapped[str] = mapped_column(server_default="")
    objection_procedure: Mapped[str] = mapped_column(server_default="")
    is_cleared: Mapped[bool] = mapped_column(server_default="false")
    # What the seller's jurisdiction asked for when it was published: on the market's board, results published.
    on_market: Mapped[bool] = mapped_column(server_default="false")
    publishes_result: Mapped[bool] = mapped_column(server_default="false")
    period_count: Mapped[int]
    period_unit: Mapped[str]
    elapsed: Mapped[int] = mapped_column(server_default="0")
    counted_from: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    certificate: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    certificate_sha256: Mapped[str | None]
    # Why its sale was terminated while it ran (项目终结的理由).
    end_reason: Mapped[str] = mapped_column(server_default="")
    created_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.market_now())


class NoticeObjection(Base):
    """An objection (异议) to a notice by a person of real name, with reason and evidence; decided once, with a text."""

    __tablename__ = "notice_objection"
    __table_args__ = (
        UniqueConstraint("notice_id", "number"),
        CheckConstraint("objector_name <> ''", name="objector_name"),
        CheckConstraint("relation IN ('unit_member', 'interested_party', 'inventor')", name="relation"),
        CheckConstraint("char_length(btrim(reason)) >= 10", name="reason"),
        CheckConstraint("char_length(btrim(evidence)) >= 5", name="evidence"),
        CheckConstraint("decision IN ('reject', 'uphold')", name="decision"),
        CheckConstraint(
            "(decision IS NULL) = (decided_by IS NULL) AND (decision IS NULL) = (decided_at IS NULL)",
            name="decided",
        ),
        CheckConstraint(
            "decision IS NULL OR (char_length(btrim(decision_text)) >= 10 AND btrim(decided_body) <> '' "
            "AND is_unrelated)",
            name="decision_text",
        ),
        CheckConstraint("decided_by <> objector_id", name="decider"),
        Index("ix_notice_objection_open", "notice_id", postgresql_where=text("decision IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    notice_id: Mapped[UUID] = mapped_column(ForeignKey("public_notice.id"))
    number: Mapped[int]
    objector_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    objector_organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    objector_name: Mapped[str]
    relation: Mapped[str]
    reason: Mapped[str]
    evidence: Mapped[str]
    filed_at: Mapped[datetime]
    decision: Mapped[str | None]
    decision_text: Mapped[str] = mapped_column(server_default="")
    # The body of the unit that decided (处理机构), such as 校长办公会; the person is the desk's who recorded it.
    decided_body: Mapped[str] = mapped_column(server_default="")
    is_unrelated: Mapped[bool] = mapped_column(server_default="false")
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
