"""deposits that are held back, and kept, though their party did not win"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

STATEMENTS = """
-- Every kind of transfer that is known, and one more: a deposit that was released and is kept back after all.
ALTER TABLE ledger_transfer DROP CONSTRAINT ck_ledger_transfer_kind;
ALTER TABLE ledger_transfer ADD CONSTRAINT ck_ledger_transfer_kind CHECK (kind IN ('deposit_received', 'deposit_released',
  'deposit_captured', 'deposit_forfeited', 'refund_forfeited', 'deposit_lapsed', 'line_received', 'payable_received',
  'overpayment', 'line_returned', 'price_released', 'price_returned', 'price_forfeited', 'forfeit_applied', 'fee_charged',
  'commission_earned', 'distribution_made', 'payment_executed', 'payment_returned', 'card_received', 'card_refunded',
  'card_settled', 'card_disputed', 'dispute_won', 'dispute_lost', 'deposit_interest', 'correction'));

ALTER TABLE deposit ADD COLUMN withheld_at TIMESTAMP WITH TIME ZONE;
ALTER TABLE deposit ADD CONSTRAINT ck_deposit_withheld_at CHECK (withheld_at IS NULL OR status IN ('held', 'released'));

-- A deposit goes due -> held -> released | captured | forfeited | lapsed, or due -> cancelled; what was released and not
-- paid back may still be forfeited. One that is held back moves nowhere but out of that state.
CREATE OR REPLACE FUNCTION check_deposit_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.id, NEW.party_id, NEW.listing_id, NEW.amount_fen, NEW.reference, NEW.created_at)
     IS DISTINCT FROM (OLD.id, OLD.party_id, OLD.listing_id, OLD.amount_fen, OLD.reference, OLD.created_at) THEN
    RAISE EXCEPTION 'deposit %: party, listing, amount and reference never change', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'deposit_step';
  END IF;
  IF NEW.status <> OLD.status AND (OLD.status, NEW.status) NOT IN
     (('due', 'held'), ('due', 'cancelled'), ('held', 'released'), ('held', 'captured'), ('held', 'forfeited'),
      ('held', 'lapsed'), ('released', 'forfeited')) THEN
    RAISE EXCEPTION 'deposit % cannot go from % to %', OLD.id, OLD.status, NEW.status
      USING ERRCODE = 'check_violation', CONSTRAINT = 'deposit_step';
  END IF;
  IF NEW.status <> OLD.status AND NEW.withheld_at IS NOT NULL THEN
    RAISE EXCEPTION 'deposit % is held back', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'deposit_withheld';
  END IF;
  RETURN NEW;
END $$;

-- Nobody is admitted on a word: a deposit is held only with the money's posted transfer of exactly its amount.
CREATE OR REPLACE FUNCTION check_deposit_in_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  present deposit%ROWTYPE;
  wanted text[];
  found text[];
BEGIN
  -- The row as the transaction leaves it: the trigger also fires for versions that it passed through.
  SELECT * INTO present FROM deposit WHERE id = NEW.id;
  SELECT coalesce(array_agg(transfer.kind ORDER BY transfer.kind = 'deposit_received' DESC, transfer.kind),
                  ARRAY[]::text[]) INTO found
    FROM ledger_transfer transfer
    JOIN ledger_entry entry ON entry.transfer_id = transfer.id
    LEFT JOIN ledger_outcome outcome ON outcome.transfer_id = transfer.id
    WHERE transfer.deposit_id = present.id AND entry.amount_fen = present.amount_fen
      AND transfer.kind IN ('deposit_received', 'deposit_released', 'deposit_captured', 'deposit_forfeited',
                            'deposit_lapsed', 'refund_forfeited')
      AND (NOT transfer.is_pending OR outcome.outcome = 'posted');
  wanted := CASE present.status
    WHEN 'held' THEN ARRAY['deposit_received']
    WHEN 'released' THEN ARRAY['deposit_received', 'deposit_released']
    WHEN 'captured' THEN ARRAY['deposit_received', 'deposit_captured']
    WHEN 'forfeited' THEN CASE WHEN 'deposit_released' = ANY (found)
      THEN ARRAY['deposit_received', 'deposit_released', 'refund_forfeited']
      ELSE ARRAY['deposit_received', 'deposit_forfeited'] END
    WHEN 'lapsed' THEN ARRAY['deposit_received', 'deposit_lapsed']
    ELSE ARRAY[]::text[] END;
  IF found <> wanted THEN
    RAISE EXCEPTION 'deposit % is % but the ledger has %', present.id, present.status, found
      USING ERRCODE = 'check_violation', CONSTRAINT = 'deposit_in_ledger';
  END IF;
  RETURN NULL;
END $$;

-- A listing that has ended keeps nobody's money but the winner's, and what is held back until it is decided.
CREATE OR REPLACE FUNCTION check_no_deposit_left() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.status IN ('unsold', 'terminated') AND OLD.status IN ('listed', 'suspended') AND EXISTS (
    SELECT FROM deposit WHERE listing_id = NEW.id AND status IN ('due', 'held') AND withheld_at IS NULL) THEN
    RAISE EXCEPTION 'listing % has ended and still holds deposits', NEW.listing_no
      USING ERRCODE = 'check_violation', CONSTRAINT = 'listing_deposits';
  END IF;
  RETURN NULL;
END $$;

-- A claim on a deposit: its facts never change; answered once, while it waits and in time; decided once, and confirmed
-- only by another person, after the answer or the end of the period to answer.
CREATE FUNCTION check_forfeiture_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status <> 'declared'
     OR to_jsonb(NEW) - ARRAY['status', 'decision', 'decided_by', 'decided_at', 'answer', 'answered_by', 'answered_at']
        IS DISTINCT FROM
        to_jsonb(OLD) - ARRAY['status', 'decision', 'decided_by', 'decided_at', 'answer', 'answered_by', 'answered_at']
  THEN
    RAISE EXCEPTION 'forfeiture % has been decided, or its facts would change', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'forfeiture_step';
  END IF;
  IF OLD.answer IS NOT NULL AND (NEW.answer, NEW.answered_by, NEW.answered_at)
     IS DISTINCT FROM (OLD.answer, OLD.answered_by, OLD.answered_at) THEN
    RAISE EXCEPTION 'forfeiture % was answered', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'forfeiture_answered';
  END IF;
  IF NEW.answered_at >= NEW.answer_until THEN
    RAISE EXCEPTION 'forfeiture % was answered too late', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'forfeiture_answered';
  END IF;
  IF NEW.status = 'confirmed' AND NEW.answer IS NULL AND NEW.decided_at < NEW.answer_until THEN
    RAISE EXCEPTION 'the party to forfeiture % has not been heard', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'forfeiture_heard';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER forfeiture_step BEFORE UPDATE ON deposit_forfeiture
  FOR EACH ROW EXECUTE FUNCTION check_forfeiture_step();
CREATE TRIGGER forfeiture_is_kept BEFORE DELETE ON deposit_forfeiture FOR EACH ROW EXECUTE FUNCTION refuse_change();

INSERT INTO dated_rule (key, value, valid_from, source) VALUES
  ('deposit.forfeit_grounds', '["withdrawn_late", "false_documents", "collusion", "leak_secret", "disturbed"]', '2020-01-01',
   '本市场交易规则（房规）公告的保证金不予退还情形，依各地产权交易机构公告通例；截止后撤回依招标投标法实施条例第三十五条，串通和弄虚作假依第三十九条至第四十二条'),
  ('deposit.forfeit_answer', '{"count": 5, "unit": "working_day"}', '2020-01-01',
   '本市场交易规则（房规）：不予退还保证金前书面告知，对方可以在五个工作日内陈述申辩，比照行政处罚法第四十四条、第六十四条'),
  ('settlement.open_licence', '{"base": "sales", "period_months": 12, "report_days": 60, "pay_days": 30}', '2021-06-01',
   '本市场交易规则（房规）：开放许可的提成按产品销售额、每十二个月一期计算，期满六十日内报告，确认后三十日内付款；依专利法第五十条、第五十一条');
"""


def upgrade() -> None:
    """Makes the table of claims, the states they put a deposit in, and the dated rules they are judged by."""
    op.create_table(
        "deposit_forfeiture",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("intent_id", sa.Uuid(), nullable=False),
        sa.Column("deposit_id", sa.Uuid(), nullable=False),
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        *(
            sa.Column(f"{name}_fen", sa.BigInteger(), nullable=False)
            for name in ("deposit", "loss", "fees", "seller", "rest")
        ),
        sa.Column("status", sa.Text(), server_default="declared", nullable=False),
        sa.Column("declared_by", sa.Uuid(), nullable=False),
        sa.Column(
            "declared_at", sa.DateTime(timezone=True), server_default=sa.text("market_now()"), nullable=False
        ),
        sa.Column("answer_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        *(
            sa.CheckConstraint(said, name=op.f(f"ck_deposit_forfeiture_{name}"))
            for name, said in (
                (
                    "ground",
                    "ground IN ('withdrawn_late', 'false_documents', 'collusion', 'leak_secret', 'disturbed', 'no_bid')",
                ),
                ("reason", "char_length(btrim(reason)) BETWEEN 5 AND 1000"),
                ("evidence", "char_length(btrim(evidence)) BETWEEN 5 AND 1000"),
                ("answer", "char_length(btrim(answer)) BETWEEN 5 AND 1000"),
                ("answered", "num_nonnulls(answer, answered_by, answered_at) IN (0, 3)"),
                ("status", "status IN ('declared', 'confirmed', 'refused')"),
                (
                    "decided",
                    "num_nonnulls(decided_by, decided_at, decision) = CASE status WHEN 'declared' THEN 0 ELSE 3 END",
                ),
                ("decision", "char_length(btrim(decision)) BETWEEN 5 AND 1000"),
                ("two_people", "decided_by <> declared_by"),
                ("amounts", "loss_fen >= 0 AND fees_fen >= 0 AND seller_fen >= 0 AND rest_fen >= 0"),
                ("whole", "fees_fen + seller_fen + rest_fen = deposit_fen"),
            )
        ),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_deposit_forfeiture_{column}"))
            for column, table in (
                ("intent_id", "intent"),
                ("deposit_id", "deposit"),
                ("listing_id", "listing"),
                ("seller_id", "organisation"),
                ("party_id", "organisation"),
                ("declared_by", "person"),
                ("answered_by", "person"),
                ("decided_by", "person"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deposit_forfeiture")),
    )
    op.create_index(
        "uq_deposit_forfeiture_open",
        "deposit_forfeiture",
        ["deposit_id"],
        unique=True,
        postgresql_where=sa.text("status <> 'refused'"),
    )
    op.create_index("ix_deposit_forfeiture_party", "deposit_forfeiture", ["party_id", "id"])
    op.create_index("ix_deposit_forfeiture_status", "deposit_forfeiture", ["status", "id"])
    connection = op.get_bind().connection.dbapi_connection
    connection.run_async(lambda raw: raw.execute(STATEMENTS))  # type: ignore[union-attr]
