"""money that went from the bank, matched to the payment order that it executed"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_RULES = """
CREATE TRIGGER paid_line_is_kept BEFORE DELETE ON paid_line FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE FUNCTION check_paid_line_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.order_id IS NOT NULL OR NEW.order_id IS NULL
     OR to_jsonb(OLD) - ARRAY['order_id', 'matched_by', 'matched_at']
        <> to_jsonb(NEW) - ARRAY['order_id', 'matched_by', 'matched_at'] THEN
    RAISE EXCEPTION 'paid line % is matched once and otherwise never changed', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'paid_line_step';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER paid_line_step BEFORE UPDATE ON paid_line FOR EACH ROW EXECUTE FUNCTION check_paid_line_step();

CREATE FUNCTION check_paid_line_order() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  ordered payment_order%ROWTYPE;
BEGIN
  IF NEW.order_id IS NULL THEN
    RETURN NULL;
  END IF;
  SELECT * INTO ordered FROM payment_order WHERE id = NEW.order_id;
  IF ordered.status <> 'executed' OR ordered.amount_fen <> NEW.amount_fen THEN
    RAISE EXCEPTION 'paid line % of % does not execute the order % of %', NEW.id, NEW.amount_fen, ordered.reference,
      ordered.amount_fen USING ERRCODE = 'check_violation', CONSTRAINT = 'paid_line_order';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER paid_line_order AFTER INSERT OR UPDATE ON paid_line DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION check_paid_line_order();
"""


def run(text: str) -> None:
    """Sends several statements at once, as they are."""
    connection = op.get_bind().connection.dbapi_connection
    connection.run_async(lambda raw: raw.execute(text))  # type: ignore[union-attr]


def upgrade() -> None:
    """Applies the revision."""
    op.create_table(
        "paid_line",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("statement_id", sa.Uuid(), nullable=False),
        sa.Column("account_number", sa.Text(), nullable=False),
        sa.Column("bank_reference", sa.Text(), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("payee_name", sa.Text(), nullable=False),
        sa.Column("payee_account", sa.Text(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=True),
        sa.Column("matched_by", sa.Uuid(), nullable=True),
        sa.Column("matched_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_paid_line_amount")),
        sa.CheckConstraint(
            "num_nonnulls(order_id, matched_by, matched_at) IN (0, 3)", name=op.f("ck_paid_line_matched")
        ),
        sa.ForeignKeyConstraint(
            ["statement_id"], ["bank_statement.id"], name=op.f("fk_paid_line_statement_id")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["payment_order.id"], name=op.f("fk_paid_line_order_id")),
        sa.ForeignKeyConstraint(["matched_by"], ["person.id"], name=op.f("fk_paid_line_matched_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paid_line")),
        sa.UniqueConstraint(
            "account_number", "bank_reference", name=op.f("uq_paid_line_account_number_bank_reference")
        ),
    )
    op.create_index("uq_paid_line_order", "paid_line", ["order_id"], unique=True)
    op.create_index(
        "ix_paid_line_open", "paid_line", ["id"], unique=False, postgresql_where=sa.text("order_id IS NULL")
    )
    run(_RULES)
