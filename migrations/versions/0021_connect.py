"""payouts by a transfer to the seller's connected account at the card gateway"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_RULES = """
-- A connected account stays the party's and, once the gateway has named it, that one.
CREATE FUNCTION check_connected_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.organisation_id, NEW.created_at) IS DISTINCT FROM (OLD.organisation_id, OLD.created_at)
     OR (OLD.account_id IS NOT NULL AND NEW.account_id IS DISTINCT FROM OLD.account_id) THEN
    RAISE EXCEPTION 'connected account of %: whose it is and which it is never change', OLD.organisation_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'connected_account_step';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER connected_account_step BEFORE UPDATE ON connected_account
  FOR EACH ROW EXECUTE FUNCTION check_connected_account();
CREATE TRIGGER connected_account_is_kept BEFORE DELETE ON connected_account
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- A transfer is asked for once, and made or refused once; what was sent back of it only grows.
CREATE FUNCTION check_connect_transfer_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.order_id, NEW.account_id, NEW.amount_fen, NEW.transfer_group, NEW.created_at)
     IS DISTINCT FROM (OLD.order_id, OLD.account_id, OLD.amount_fen, OLD.transfer_group, OLD.created_at)
     OR (OLD.gateway_id IS NOT NULL AND NEW.gateway_id IS DISTINCT FROM OLD.gateway_id)
     OR (NEW.stage <> OLD.stage AND OLD.stage <> 'asked')
     OR NEW.reversed_fen < OLD.reversed_fen THEN
    RAISE EXCEPTION 'transfer for the order %: it goes forward only', OLD.order_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'connect_transfer_step';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER connect_transfer_step BEFORE UPDATE ON connect_transfer
  FOR EACH ROW EXECUTE FUNCTION check_connect_transfer_step();
CREATE TRIGGER connect_transfer_is_kept BEFORE DELETE ON connect_transfer
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER connect_reversal_append_only BEFORE UPDATE OR DELETE ON connect_reversal
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- What came back of a transfer is in the ledger, to the fen.
CREATE FUNCTION check_reversals_in_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  present connect_transfer%ROWTYPE;
  reversals numeric;
  returned numeric;
BEGIN
  SELECT * INTO present FROM connect_transfer WHERE order_id = NEW.order_id;
  SELECT coalesce(sum(amount_fen), 0) INTO reversals FROM connect_reversal WHERE order_id = present.order_id;
  SELECT coalesce(sum(entry.amount_fen), 0) INTO returned
    FROM ledger_transfer transfer JOIN ledger_entry entry ON entry.transfer_id = transfer.id
    WHERE transfer.subject_kind = 'payment_order' AND transfer.subject_id = present.order_id
      AND transfer.kind = 'payment_returned' AND entry.amount_fen > 0;
  IF reversals <> present.reversed_fen OR returned <> present.reversed_fen THEN
    RAISE EXCEPTION 'transfer for the order %: % of % fen came back and the ledger has %', present.order_id, reversals,
      present.reversed_fen, returned USING ERRCODE = 'check_violation', CONSTRAINT = 'connect_reversals_in_ledger';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER connect_reversals_in_ledger AFTER INSERT OR UPDATE ON connect_transfer
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_reversals_in_ledger();
CREATE CONSTRAINT TRIGGER connect_reversals_in_ledger AFTER INSERT ON connect_reversal
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_reversals_in_ledger();

-- An order by transfer is in no file, and cannot be taken back once two approved it: it is on its way.
CREATE OR REPLACE FUNCTION check_money_step() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  -- What may change with the state, by table; everything else stays as it was written.
  free text[] := CASE TG_TABLE_NAME
    WHEN 'payable' THEN ARRAY['status', 'settled_at']
    WHEN 'bank_line' THEN ARRAY['status']
    WHEN 'line_match' THEN ARRAY['status', 'decided_by', 'decided_at', 'decision_reason']
    ELSE ARRAY['status', 'first_by', 'first_at', 'second_by', 'second_at', 'export_id', 'settled_by', 'settled_at',
               'failure', 'payee_account', 'way', 'transfer_id'] END;
  steps text[] := CASE TG_TABLE_NAME
    WHEN 'payable' THEN ARRAY['due>paid', 'due>cancelled']
    WHEN 'bank_line' THEN ARRAY['open>held', 'held>open', 'held>matched', 'open>matched', 'open>returned',
                                'returned>open']
    WHEN 'line_match' THEN ARRAY['proposed>confirmed', 'proposed>refused']
    ELSE CASE to_jsonb(NEW) ->> 'way'
      WHEN 'connect' THEN ARRAY['pending>approved', 'pending>cancelled', 'approved>executed', 'approved>failed']
      ELSE ARRAY['pending>approved', 'pending>cancelled', 'approved>exported', 'approved>cancelled',
                 'exported>executed', 'exported>failed'] END END;
BEGIN
  IF to_jsonb(NEW) - free IS DISTINCT FROM to_jsonb(OLD) - free THEN
    RAISE EXCEPTION '% %: what it was written with never changes', TG_TABLE_NAME, OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'money_step';
  END IF;
  IF NEW.status = OLD.status AND NOT (TG_TABLE_NAME = 'payment_order' AND OLD.status = 'pending')
     OR NEW.status <> OLD.status AND NOT ((OLD.status || '>' || NEW.status) = ANY (steps)) THEN
    RAISE EXCEPTION '% % cannot go from % to %', TG_TABLE_NAME, OLD.id, OLD.status, NEW.status
      USING ERRCODE = 'check_violation', CONSTRAINT = 'money_step';
  END IF;
  RETURN NEW;
END $$;

-- Who approved stays who approved, and the way and the account that two people saw are those that are paid by.
CREATE OR REPLACE FUNCTION check_order_approvals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (OLD.first_by IS NOT NULL AND NEW.first_by IS DISTINCT FROM OLD.first_by)
     OR (OLD.second_by IS NOT NULL AND NEW.second_by IS DISTINCT FROM OLD.second_by)
     OR (OLD.first_by IS NOT NULL AND (NEW.payee_account, NEW.way, NEW.transfer_id)
         IS DISTINCT FROM (OLD.payee_account, OLD.way, OLD.transfer_id))
     OR (NEW.way = OLD.way AND NEW.transfer_id <> OLD.transfer_id)
     OR (OLD.export_id IS NOT NULL AND NEW.export_id IS DISTINCT FROM OLD.export_id) THEN
    RAISE EXCEPTION 'payment order %: its approvals, way, account and file never change', OLD.reference
      USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_order_approvals';
  END IF;
  RETURN NEW;
END $$;
"""


def run(text: str) -> None:
    """Sends several statements at once, as they are."""
    connection = op.get_bind().connection.dbapi_connection
    connection.run_async(lambda raw: raw.execute(text))  # type: ignore[union-attr]


def widen_orders() -> None:
    """A payment order has a way, and names the deal that it is for."""
    op.add_column("payment_order", sa.Column("way", sa.Text(), server_default="bank", nullable=False))
    op.add_column("payment_order", sa.Column("deal_id", sa.Uuid(), nullable=True))
    op.drop_constraint("ck_payment_order_exported", "payment_order")
    for name, condition in (
        ("way", "way = 'bank' OR (way = 'connect' AND purpose = 'payout' AND export_id IS NULL)"),
        (
            "exported",
            "export_id IS NOT NULL OR status IN ('pending', 'approved', 'cancelled') OR way = 'connect'",
        ),
    ):
        op.create_check_constraint(op.f(f"ck_payment_order_{name}"), "payment_order", condition)


def make_accounts() -> None:
    """Accounts of sellers at the gateway."""
    op.create_table(
        "connected_account",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.Column("transfers", sa.Text(), nullable=True),
        sa.Column("is_submitted", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("has_payouts", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("disabled_reason", sa.Text(), nullable=True),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("market_now()"), nullable=False
        ),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "transfers IN ('active', 'inactive', 'pending')", name=op.f("ck_connected_account_transfers")
        ),
        sa.CheckConstraint(
            "account_id IS NOT NULL OR (transfers IS NULL AND NOT is_submitted AND NOT has_payouts)",
            name=op.f("ck_connected_account_account"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_connected_account_organisation_id")
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_connected_account_asked_by")),
        sa.PrimaryKeyConstraint("organisation_id", name=op.f("pk_connected_account")),
        sa.UniqueConstraint("account_id", name=op.f("uq_connected_account_account_id")),
    )


def make_transfers() -> None:
    """Transfers to those accounts, and what came back of them."""
    op.create_table(
        "connect_transfer",
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("transfer_group", sa.Text(), nullable=False),
        sa.Column("gateway_id", sa.Text(), nullable=True),
        sa.Column("stage", sa.Text(), server_default="asked", nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("reversed_fen", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("market_now()"), nullable=False
        ),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_connect_transfer_amount")),
        sa.CheckConstraint("stage IN ('asked', 'made', 'refused')", name=op.f("ck_connect_transfer_stage")),
        sa.CheckConstraint(
            "(gateway_id IS NOT NULL) = (stage = 'made') AND (reason IS NOT NULL) = (stage = 'refused')",
            name=op.f("ck_connect_transfer_known"),
        ),
        sa.CheckConstraint(
            "reversed_fen BETWEEN 0 AND CASE stage WHEN 'made' THEN amount_fen ELSE 0 END",
            name=op.f("ck_connect_transfer_reversed"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["payment_order.id"], name=op.f("fk_connect_transfer_order_id")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["connected_account.account_id"], name=op.f("fk_connect_transfer_account_id")
        ),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_connect_transfer")),
        sa.UniqueConstraint("gateway_id", name=op.f("uq_connect_transfer_gateway_id")),
    )
    op.create_table(
        "connect_reversal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("gateway_id", sa.Text(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("market_now()"), nullable=False
        ),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_connect_reversal_amount")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["connect_transfer.order_id"], name=op.f("fk_connect_reversal_order_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connect_reversal")),
        sa.UniqueConstraint("gateway_id", name=op.f("uq_connect_reversal_gateway_id")),
    )
    op.create_index("ix_connect_reversal_order", "connect_reversal", ["order_id"])


def upgrade() -> None:
    """Applies the revision."""
    widen_orders()
    make_accounts()
    make_transfers()
    run(_RULES)
