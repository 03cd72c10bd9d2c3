"""what people are told: notifications, addresses for mail, and the mail that is to go out"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Applies the revision."""
    op.create_table(
        "outgoing_mail",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("market_now()"), nullable=False
        ),
        sa.Column(
            "run_at", sa.DateTime(timezone=True), server_default=sa.text("market_now()"), nullable=False
        ),
        sa.Column("attempts", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing_mail")),
    )
    op.create_index(
        "ix_outgoing_mail_due",
        "outgoing_mail",
        ["run_at"],
        unique=False,
        postgresql_where=sa.text("sent_at IS NULL"),
    )
    op.create_table(
        "mail_address",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column(
            "set_at", sa.DateTime(timezone=True), server_default=sa.text("market_now()"), nullable=False
        ),
        sa.CheckConstraint(
            "address ~ '^[^@[:space:]]+@[^@[:space:]]+$' AND length(address) <= 254",
            name=op.f("ck_mail_address_address"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_mail_address_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_mail_address")),
    )
    op.create_table(
        "notification",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("act_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("members", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("market_now()"), nullable=False
        ),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("link ~ '^/[^/]'", name=op.f("ck_notification_link")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notification_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification")),
        sa.UniqueConstraint(
            "act_id", "person_id", "kind", name=op.f("uq_notification_act_id_person_id_kind")
        ),
    )
    op.create_index("ix_notification_person", "notification", ["person_id", "id"], unique=False)
    op.create_index(
        "ix_notification_unread",
        "notification",
        ["person_id"],
        unique=False,
        postgresql_where=sa.text("read_at IS NULL"),
    )
