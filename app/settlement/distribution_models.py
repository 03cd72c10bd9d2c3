"""Tables of income distribution (收益分配): who contributed, what each receipt gives, and to whom."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base
from app.ids import uuid7

_BALANCE = "receipt_fen - taxes_fen - maintenance_fen - direct_costs_fen - carried_fen"


class Contributor(Base):
    """Somebody on a deal's list of completers and contributors (完成人和贡献人名单); never changed."""

    __tablename__ = "contributor"
    __table_args__ = (
        UniqueConstraint("id", "deal_id"),
        UniqueConstraint("deal_id", "name"),
        CheckConstraint("char_length(btrim(name)) BETWEEN 1 AND 100", name="name"),
        CheckConstraint("part IN ('completer', 'contributor', 'transfer_office')", name="part"),
        CheckConstraint(
            "work IN ('research', 'conversion', 'transfer', 'funding', 'equipment', 'translation', 'management')",
            name="work",
        ),
        # 技术合同解释 6, 专利法实施细则 14.
        CheckConstraint(
            "part <> 'completer' OR work NOT IN ('funding', 'equipment', 'translation', 'management')",
            name="auxiliary",
        ),
        CheckConstraint("part <> 'transfer_office' OR NOT is_main", name="main"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    deal_id: Mapped[UUID] = mapped_column(ForeignKey("deal.id"))
    name: Mapped[str]
    part: Mapped[str]
    work: Mapped[str]
    is_main: Mapped[bool]
    created_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.market_now())


class IncomeDistribution(Base):
    """The distribution of one receipt of a deal (一笔到账的收益分配); once decided its numbers never change.

    ``floors`` keeps the floors that were in force with their sources, ``regime`` and ``jurisdiction`` the unit's.
    """

    __tablename__ = "income_distribution"
    __table_args__ = (
        UniqueConstraint("id", "deal_id"),
        UniqueConstraint("deal_id", "receipt_no"),
        CheckConstraint("receipt_no >= 1", name="receipt_no"),
        CheckConstraint("mode IN ('assign', 'license')", name="mode"),
        CheckConstraint("basis IN ('agreement', 'unit_rule', 'statutory')", name="basis"),
        CheckConstraint(
            "basis = 'statutory' OR char_length(btrim(basis_document)) BETWEEN 2 AND 200",
            name="basis_document",
        ),
        CheckConstraint("rate_bp BETWEEN 1 AND 10000", name="rate"),
        CheckConstraint(
            "rate_bp >= floor_bp OR (regime IS DISTINCT FROM 'state_research' AND basis <> 'statutory')",
            name="floor",
        ),
        CheckConstraint(
            "receipt_fen > 0 AND taxes_fen >= 0 AND maintenance_fen >= 0 AND direct_costs_fen >= 0 "
            "AND carried_fen >= 0",
            name="amounts",
        ),
        CheckConstraint(
            "receipt_no = 1 OR (maintenance_fen = 0 AND direct_costs_fen = 0)", name="costs_once"
        ),
        CheckConstraint(f"net_fen = greatest({_BALANCE}, 0)", name="net"),
        CheckConstraint(f"shortfall_fen = greatest(-({_BALANCE}), 0)", name="shortfall"),
        CheckConstraint("pool_fen = ceil(net_fen::numeric * rate_bp / 10000)", name="pool"),
        CheckConstraint("retained_fen = net_fen - pool_fen AND retained_fen >= 0", name="retained"),
        CheckConstraint("status IN ('draft', 'unit_decided', 'noticed', 'approved', 'paid')", name="status"),
        CheckConstraint("(decided_at IS NOT NULL) = (status <> 'draft')", name="decided_at"),
        CheckConstraint("(decided_by IS NOT NULL) = (decided_at IS NOT NULL)", name="decided_by"),
        CheckConstraint("notice_days >= 0", name="notice_days"),
        CheckConstraint(
            "(notice_started_on IS NOT NULL) = "
            "(status = 'noticed' OR (notice_days > 0 AND status IN ('approved', 'paid')))",
            name="notice",
        ),
        CheckConstraint("(notice_ends_on IS NOT NULL) = (notice_started_on IS NOT NULL)", name="notice_ends"),
        CheckConstraint("(approved_at IS NOT NULL) = (status IN ('approved', 'paid'))", name="approved_at"),
        CheckConstraint("(approved_by IS NOT NULL) = (approved_at IS NOT NULL)", name="approved_by"),
        CheckConstraint("approved_by <> decided_by", name="two_people"),
        CheckConstraint("(paid_at IS NOT NULL) = (status = 'paid')", name="paid_at"),
        CheckConstraint("(paid_by IS NOT NULL) = (paid_at IS NOT NULL)", name="paid_by"),
        Index("ix_income_distribution_seller", "seller_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    deal_id: Mapped[UUID] = mapped_column(ForeignKey("deal.id"))
    seller_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    receipt_no: Mapped[int]
    mode: Mapped[str]
    basis: Mapped[str]
    basis_document: Mapped[str] = mapped_column(server_default="")
    regime: Mapped[str | None]
    jurisdiction: Mapped[str]
    rate_bp: Mapped[int]
    floor_bp: Mapped[int]
    main_floor_fen: Mapped[int]
    floors: Mapped[list[Any]] = mapped_column(JSONB)
    receipt_fen: Mapped[int]
    taxes_fen: Mapped[int]
    maintenance_fen: Mapped[int]
    direct_costs_fen: Mapped[int]
    carried_fen: Mapped[int]
    net_fen: Mapped[int]
    shortfall_fen: Mapped[int]
    pool_fen: Mapped[int]
    retained_fen: Mapped[int]
    leftover_to: Mapped[UUID | None] = mapped_column(ForeignKey("contributor.id"))
    notice_days: Mapped[int]
    status: Mapped[str] = mapped_column(server_default="draft")
    drafted_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    drafted_at: Mapped[datetime]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    notice_started_on: Mapped[date | None]
    notice_ends_on: Mapped[date | None]
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    approved_at: Mapped[datetime | None]
    paid_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    paid_at: Mapped[datetime | None]


class DistributionShare(Base):
    """What one person of the list gets of a pool (分配明细); a trigger holds shares to 100 % and amounts to the pool."""

    __tablename__ = "distribution_share"
    __table_args__ = (
        ForeignKeyConstraint(
            ["distribution_id", "deal_id"], ["income_distribution.id", "income_distribution.deal_id"]
        ),
        ForeignKeyConstraint(["contributor_id", "deal_id"], ["contributor.id", "contributor.deal_id"]),
        CheckConstraint("share_bp BETWEEN 1 AND 10000", name="share"),
        CheckConstraint("amount_fen >= 0", name="amount"),
    )

    distribution_id: Mapped[UUID] = mapped_column(primary_key=True)
    contributor_id: Mapped[UUID] = mapped_column(primary_key=True)
    deal_id: Mapped[UUID]
    place: Mapped[int]
    share_bp: Mapped[int]
    amount_fen: Mapped[int]
