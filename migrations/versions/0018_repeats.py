"""keys of repeated requests keep their answer, and expire"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the revision."""
    table = "idempotency_key"
    op.add_column(table, sa.Column("answer_status", sa.BigInteger(), nullable=True))
    op.add_column(table, sa.Column("answer_headers", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column(table, sa.Column("answer_body", sa.LargeBinary(), nullable=True))
    op.add_column(table, sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))
    # Keys that were used before were promised nothing; they are kept as long as new ones are by default.
    op.execute(f"UPDATE {table} SET expires_at = created_at + interval '24 hours'")
    op.alter_column(table, "expires_at", nullable=False)
    op.create_check_constraint(
        op.f("ck_idempotency_key_answer"),
        table,
        "(answer_status IS NULL) = (answer_body IS NULL)"
        " AND (answer_status IS NULL) = (answer_headers IS NULL)",
    )
    op.create_check_constraint(op.f("ck_idempotency_key_answer_status"), table, "answer_status < 500")
    op.create_index("ix_idempotency_key_expires_at", table, ["expires_at"])
