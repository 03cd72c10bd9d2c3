"""signing keys and signed heads"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Makes the tables; what was signed and who could sign stays as it was written."""
    op.create_table(
        "signed_head",
        sa.Column("stream_id", sa.Uuid(), nullable=False),
        sa.Column("last", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("judged", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("first > 0 AND last >= first", name=op.f("ck_signed_head_numbers")),
        sa.PrimaryKeyConstraint("stream_id", "last", name=op.f("pk_signed_head")),
    )
    op.create_table(
        "signing_key",
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("valid_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("octet_length(public_key) = 32", name=op.f("ck_signing_key_public_key")),
        sa.CheckConstraint("key_id ~ '^[0-9a-f]{16}$'", name=op.f("ck_signing_key_key_id")),
        sa.CheckConstraint("retired_at >= valid_from", name=op.f("ck_signing_key_period")),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_signing_key")),
    )
    for statement in (
        """CREATE TRIGGER signed_head_append_only BEFORE UPDATE OR DELETE ON signed_head
           FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
        """CREATE TRIGGER signing_key_is_kept BEFORE DELETE ON signing_key
           FOR EACH ROW EXECUTE FUNCTION refuse_change()""",
        """CREATE TRIGGER signing_key_retires_once BEFORE UPDATE ON signing_key
           FOR EACH ROW WHEN (OLD.retired_at IS NOT NULL OR (NEW.key_id, NEW.public_key, NEW.valid_from)
                              IS DISTINCT FROM (OLD.key_id, OLD.public_key, OLD.valid_from))
           EXECUTE FUNCTION refuse_change()""",
    ):
        op.execute(statement)


def downgrade() -> None:
    """Refuses: a published signature is not taken back."""
    message = "this revision is not taken back; restore a backup instead"
    raise RuntimeError(message)
