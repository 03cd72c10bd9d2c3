"""Tables of the rulebook: proposals to change a dated rule."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base
from app.ids import uuid7


class RuleProposal(Base):
    """A new value for a rule (规则修改): one person proposes it, another one approves or rejects it.

    Once proposed it stays as it is, and it is decided once; a trigger holds both, and that an approval lies before
    the day on which the rule takes effect.
    """

    __tablename__ = "rule_proposal"
    __table_args__ = (
        CheckConstraint("char_length(btrim(source)) >= 5", name="source"),
        CheckConstraint("decision IN ('approve', 'reject')", name="decision"),
        CheckConstraint(
            "(decision IS NULL) = (decided_by IS NULL) AND (decision IS NULL) = (decided_at IS NULL)",
            name="decided",
        ),
        CheckConstraint("decided_by <> proposed_by", name="two_people"),
        CheckConstraint("(decision IS NOT DISTINCT FROM 'approve') = (rule_id IS NOT NULL)", name="rule"),
        CheckConstraint("decision <> 'reject' OR char_length(btrim(reason)) >= 5", name="reason"),
        Index("ix_rule_proposal_key", "key", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    key: Mapped[str]
    board: Mapped[str]
    jurisdiction: Mapped[str]
    value: Mapped[Any] = mapped_column(JSONB(none_as_null=True))
    valid_from: Mapped[date]
    source: Mapped[str]
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[datetime] = mapped_column(server_default=func.market_now())
    decision: Mapped[str | None]
    reason: Mapped[str] = mapped_column(server_default="")
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    rule_id: Mapped[UUID | None] = mapped_column(ForeignKey("dated_rule.id"), unique=True)
