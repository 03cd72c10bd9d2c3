"""Tables of royalties (提成): their terms, the buyer's reports, corrected amounts; and of milestones that were met."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base
from app.ids import uuid7
from app.money import MAX_FEN


class RoyaltyPlan(Base):
    """The royalty of a settlement (提成条件), as agreed; never changed, and gone with a proposal that was declined."""

    __tablename__ = "royalty_plan"
    __table_args__ = (
        CheckConstraint("base IN ('sales', 'profit', 'output')", name="base"),
        CheckConstraint("rate_bp BETWEEN 1 AND 10000", name="rate"),
        CheckConstraint(
            "period_months IN (1, 3, 6, 12) AND periods > 0 AND lead_months >= 0", name="periods"
        ),
        CheckConstraint("report_days > 0 AND pay_days > 0", name="days"),
        CheckConstraint("minimum_fen >= 0 AND cap_fen >= minimum_fen * periods", name="cap"),
    )

    settlement_id: Mapped[UUID] = mapped_column(ForeignKey("settlement.id"), primary_key=True)
    base: Mapped[str]
    rate_bp: Mapped[int]
    period_months: Mapped[int]
    periods: Mapped[int]
    lead_months: Mapped[int]
    starts_on: Mapped[date]
    report_days: Mapped[int]
    pay_days: Mapped[int]
    minimum_fen: Mapped[int]
    cap_fen: Mapped[int | None]
    may_inspect: Mapped[bool]


class RoyaltyReport(Base):
    """A buyer's report of a period's base (提成报告): accepted or objected to, or replaced by a new one with a reason.

    What was reported never changes. Accepted, it has the base that holds and its royalty, computed again by a trigger.
    """

    __tablename__ = "royalty_report"
    __table_args__ = (
        CheckConstraint("status IN ('submitted', 'objected', 'accepted', 'replaced')", name="status"),
        CheckConstraint(f"base_fen BETWEEN 0 AND {MAX_FEN}", name="base"),
        CheckConstraint("char_length(note) <= 1000", name="note"),
        CheckConstraint("(replaces_id IS NOT NULL) = (reason IS NOT NULL)", name="replaces"),
        CheckConstraint("char_length(btrim(reason)) BETWEEN 5 AND 1000", name="reason"),
        CheckConstraint(
            "num_nonnulls(objection, objected_by, objected_at) IN (0, 3) "
            "AND (status <> 'objected' OR objection IS NOT NULL)",
            name="objection",
        ),
        CheckConstraint(
            "num_nonnulls(accepted_base_fen, royalty_fen, payable_fen, accepted_by, accepted_at) "
            "= CASE status WHEN 'accepted' THEN 5 ELSE 0 END",
            name="accepted",
        ),
        CheckConstraint("payable_fen BETWEEN 0 AND royalty_fen", name="payable"),
        CheckConstraint("(payable_fen > 0) = (pay_by IS NOT NULL)", name="pay_by"),
        UniqueConstraint("replaces_id"),
        Index(
            "uq_royalty_report_period",
            "settlement_id",
            "period",
            unique=True,
            postgresql_where=text("status <> 'replaced'"),
        ),
        Index("ix_royalty_report_status", "status", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    settlement_id: Mapped[UUID] = mapped_column(ForeignKey("royalty_plan.settlement_id"))
    period: Mapped[int]
    base_fen: Mapped[int]
    note: Mapped[str]
    status: Mapped[str] = mapped_column(server_default="submitted")
    replaces_id: Mapped[UUID | None] = mapped_column(ForeignKey("royalty_report.id"))
    reason: Mapped[str | None]
    reported_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    reported_at: Mapped[datetime] = mapped_column(server_default=func.market_now())
    objection: Mapped[str | None]
    objected_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    objected_at: Mapped[datetime | None]
    accepted_base_fen: Mapped[int | None]
    royalty_fen: Mapped[int | None]
    # What of the royalty is still to be paid: a deposit pays the first ones.
    payable_fen: Mapped[int | None]
    pay_by: Mapped[date | None]
    accepted_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    accepted_at: Mapped[datetime | None]


class ReportCorrection(Base):
    """Another base for a report that was objected to (更正数额): answered by the other side, or by a second of the desk."""

    __tablename__ = "report_correction"
    __table_args__ = (
        CheckConstraint("side IN ('seller', 'buyer', 'desk')", name="side"),
        CheckConstraint("status IN ('proposed', 'agreed', 'declined')", name="status"),
        CheckConstraint(f"base_fen BETWEEN 0 AND {MAX_FEN}", name="base"),
        CheckConstraint("char_length(btrim(reason)) BETWEEN 5 AND 1000", name="reason"),
        CheckConstraint(
            "num_nonnulls(answered_by, answered_at) = CASE status WHEN 'proposed' THEN 0 ELSE 2 END",
            name="answered",
        ),
        CheckConstraint("status <> 'agreed' OR answered_by <> proposed_by", name="two_people"),
        Index(
            "uq_report_correction_open",
            "report_id",
            unique=True,
            postgresql_where=text("status = 'proposed'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    report_id: Mapped[UUID] = mapped_column(ForeignKey("royalty_report.id"))
    side: Mapped[str]
    base_fen: Mapped[int]
    reason: Mapped[str]
    status: Mapped[str] = mapped_column(server_default="proposed")
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[datetime] = mapped_column(server_default=func.market_now())
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime | None]


class MilestoneStatement(Base):
    """That a part's condition is met (条件成就申报): stated by one side, confirmed or refused with a reason by the other."""

    __tablename__ = "milestone_statement"
    __table_args__ = (
        CheckConstraint("side IN ('seller', 'buyer')", name="side"),
        CheckConstraint("status IN ('stated', 'confirmed', 'refused')", name="status"),
        CheckConstraint("char_length(btrim(statement)) BETWEEN 5 AND 1000", name="statement"),
        CheckConstraint("(reason IS NOT NULL) = (status = 'refused')", name="reason"),
        CheckConstraint("char_length(btrim(reason)) BETWEEN 5 AND 1000", name="reason_text"),
        CheckConstraint(
            "num_nonnulls(answered_by, answered_at) = CASE status WHEN 'stated' THEN 0 ELSE 2 END",
            name="answered",
        ),
        CheckConstraint("(due_on IS NOT NULL) = (status = 'confirmed')", name="due_on"),
        Index(
            "uq_milestone_statement_open",
            "term_id",
            unique=True,
            postgresql_where=text("status <> 'refused'"),
        ),
        ForeignKeyConstraint(["term_id"], ["settlement_term.id"]),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    term_id: Mapped[UUID]
    side: Mapped[str]
    statement: Mapped[str]
    status: Mapped[str] = mapped_column(server_default="stated")
    stated_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    stated_at: Mapped[datetime] = mapped_column(server_default=func.market_now())
    reason: Mapped[str | None]
    due_on: Mapped[date | None]
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime | None]
