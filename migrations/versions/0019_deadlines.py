"""deadlines that people are reminded of"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the table of what was told, and the rule that says how many days ahead."""
    op.create_table(
        "deadline_told",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column(
            "told_at", sa.DateTime(timezone=True), server_default=sa.text("market_now()"), nullable=False
        ),
        sa.CheckConstraint("stage IN ('before', 'today', 'overdue')", name=op.f("ck_deadline_told_stage")),
        sa.ForeignKeyConstraint(["party_id"], ["organisation.id"], name=op.f("fk_deadline_told_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline_told")),
        sa.UniqueConstraint(
            "kind",
            "subject_id",
            "party_id",
            "due_at",
            "stage",
            name=op.f("uq_deadline_told_kind_subject_id_party_id_due_at_stage"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index("ix_deadline_told_subject", "deadline_told", ["subject_id"])
    op.execute(
        "INSERT INTO dated_rule (key, board, jurisdiction, value, valid_from, source) VALUES "
        "('deadline.ahead_days', 'standard', 'CN', '3', '2020-01-01', "
        "'本市场交易规则（房规）：签约、付款、保证金等期限届满前三日提醒一次，当日和逾期各再提醒一次')"
    )
