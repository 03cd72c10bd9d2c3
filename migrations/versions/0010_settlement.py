"""settlement of deals: prices, releases, fees, defaults, and the staff's part of the income

One function, because it is one act.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

SQL = r"""
CREATE TRIGGER contributor_append_only BEFORE UPDATE OR DELETE ON contributor
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER income_distribution_is_kept BEFORE DELETE ON income_distribution
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- A distribution goes its way; its numbers are final once the unit has decided.
CREATE FUNCTION check_distribution_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.status <> OLD.status AND (OLD.status, NEW.status) NOT IN
     (('draft', 'unit_decided'), ('unit_decided', 'noticed'), ('noticed', 'approved'), ('approved', 'paid'))
     AND NOT (OLD.notice_days = 0 AND (OLD.status, NEW.status) = ('unit_decided', 'approved')) THEN
    RAISE EXCEPTION 'distribution % cannot go from % to %', OLD.id, OLD.status, NEW.status
      USING ERRCODE = 'check_violation', CONSTRAINT = 'distribution_step';
  END IF;
  IF (NEW.id, NEW.deal_id, NEW.seller_id, NEW.receipt_no) IS DISTINCT FROM
     (OLD.id, OLD.deal_id, OLD.seller_id, OLD.receipt_no)
     OR (OLD.status <> 'draft' AND
      to_jsonb(NEW) - ARRAY['status', 'notice_started_on', 'notice_ends_on', 'approved_by', 'approved_at', 'paid_by', 'paid_at']
      IS DISTINCT FROM
      to_jsonb(OLD) - ARRAY['status', 'notice_started_on', 'notice_ends_on', 'approved_by', 'approved_at', 'paid_by', 'paid_at'])
     OR (OLD.notice_started_on IS NOT NULL AND
         (NEW.notice_started_on, NEW.notice_ends_on) IS DISTINCT FROM (OLD.notice_started_on, OLD.notice_ends_on))
     OR (OLD.approved_at IS NOT NULL AND (NEW.approved_by, NEW.approved_at)
         IS DISTINCT FROM (OLD.approved_by, OLD.approved_at)) THEN
    RAISE EXCEPTION 'distribution %: what was decided is final', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'distribution_step';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER distribution_step BEFORE UPDATE ON income_distribution
  FOR EACH ROW EXECUTE FUNCTION check_distribution_step();

CREATE FUNCTION check_distribution_share_open() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  of_distribution uuid := CASE TG_OP WHEN 'DELETE' THEN OLD.distribution_id ELSE NEW.distribution_id END;
BEGIN
  IF TG_OP = 'UPDATE' OR (SELECT status FROM income_distribution WHERE id = of_distribution) <> 'draft' THEN
    RAISE EXCEPTION 'distribution %: its shares are final', of_distribution
      USING ERRCODE = 'check_violation', CONSTRAINT = 'distribution_share_open';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER distribution_share_open BEFORE INSERT OR UPDATE OR DELETE ON distribution_share
  FOR EACH ROW EXECUTE FUNCTION check_distribution_share_open();

-- Every fen of the pool has an owner, and all receipts together are not more than the price. Looked at when the
-- transaction commits: a distribution and its shares are written by several statements.
CREATE FUNCTION check_distribution_is_whole() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  present income_distribution%ROWTYPE;
  shares bigint;
  amounts numeric;
  main numeric;
BEGIN
  SELECT * INTO present FROM income_distribution WHERE id =
    CASE TG_TABLE_NAME WHEN 'income_distribution' THEN (to_jsonb(NEW) ->> 'id')::uuid
                       ELSE (to_jsonb(NEW) ->> 'distribution_id')::uuid END;
  SELECT sum(share_bp), sum(amount_fen), coalesce(sum(amount_fen) FILTER (WHERE contributor.is_main), 0)
    INTO shares, amounts, main
    FROM distribution_share JOIN contributor ON contributor.id = contributor_id
    WHERE distribution_id = present.id;
  IF shares IS DISTINCT FROM 10000 OR amounts IS DISTINCT FROM present.pool_fen OR main < present.main_floor_fen THEN
    RAISE EXCEPTION 'distribution %: shares of % basis points and % fen, % of them to main contributors, in a pool of %',
      present.id, shares, amounts, main, present.pool_fen
      USING ERRCODE = 'check_violation', CONSTRAINT = 'distribution_is_whole';
  END IF;
  IF (SELECT sum(receipt_fen) FROM income_distribution WHERE deal_id = present.deal_id)
     > (SELECT price_fen FROM deal WHERE id = present.deal_id) THEN
    RAISE EXCEPTION 'distributions of deal % pass its price', present.deal_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'distribution_is_whole';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER distribution_is_whole AFTER INSERT OR UPDATE ON income_distribution
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_distribution_is_whole();
CREATE CONSTRAINT TRIGGER distribution_share_is_whole AFTER INSERT ON distribution_share
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_distribution_is_whole();

-- A settlement goes its way: what was agreed is final, what was reviewed stays reviewed.
CREATE FUNCTION check_settlement_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    IF OLD.status <> 'proposed' THEN
      RAISE EXCEPTION 'settlement % has begun', OLD.id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'settlement_step';
    END IF;
    RETURN OLD;
  END IF;
  IF NEW.status <> OLD.status AND
     (OLD.status IN ('completed', 'defaulted') OR NEW.status = 'proposed'
      OR (OLD.status = 'released' AND NEW.status <> 'completed')
      OR (NEW.status = 'completed' AND OLD.status <> 'released')
      OR (NEW.status = 'defaulted' AND OLD.released_fen > 0)) THEN
    RAISE EXCEPTION 'settlement % cannot go from % to %', OLD.id, OLD.status, NEW.status
      USING ERRCODE = 'check_violation', CONSTRAINT = 'settlement_step';
  END IF;
  IF to_jsonb(NEW) - ARRAY['status', 'agreed_by', 'began_on', 'received_fen', 'released_fen', 'recordal_no',
      'recordal_on', 'recordal_sha256', 'recordal_by', 'reviewed_by', 'reviewed_at', 'completed_by', 'completed_at']
     IS DISTINCT FROM
     to_jsonb(OLD) - ARRAY['status', 'agreed_by', 'began_on', 'received_fen', 'released_fen', 'recordal_no',
      'recordal_on', 'recordal_sha256', 'recordal_by', 'reviewed_by', 'reviewed_at', 'completed_by', 'completed_at']
     OR (OLD.agreed_by IS NOT NULL AND (NEW.agreed_by, NEW.began_on) IS DISTINCT FROM (OLD.agreed_by, OLD.began_on))
     OR NEW.released_fen < OLD.released_fen
     OR (OLD.reviewed_at IS NOT NULL AND
         (NEW.recordal_no, NEW.recordal_on, NEW.recordal_sha256, NEW.recordal_by, NEW.reviewed_by, NEW.reviewed_at)
         IS DISTINCT FROM
         (OLD.recordal_no, OLD.recordal_on, OLD.recordal_sha256, OLD.recordal_by, OLD.reviewed_by, OLD.reviewed_at))
     THEN
    RAISE EXCEPTION 'settlement %: what was agreed and what was reviewed is final', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'settlement_step';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER settlement_step BEFORE UPDATE OR DELETE ON settlement
  FOR EACH ROW EXECUTE FUNCTION check_settlement_step();

CREATE FUNCTION check_settlement_term() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' OR (SELECT status FROM settlement WHERE id = OLD.settlement_id) <> 'proposed' THEN
    RAISE EXCEPTION 'settlement %: its terms are final', OLD.settlement_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'settlement_term_is_final';
  END IF;
  RETURN OLD;
END $$;
CREATE TRIGGER settlement_term_is_final BEFORE UPDATE OR DELETE ON settlement_term
  FOR EACH ROW EXECUTE FUNCTION check_settlement_term();

-- The deposit and all terms are the price. Looked at when the transaction commits.
CREATE FUNCTION check_settlement_is_whole() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  present settlement%ROWTYPE;
  terms numeric;
BEGIN
  SELECT * INTO present FROM settlement WHERE id =
    CASE TG_TABLE_NAME WHEN 'settlement' THEN (to_jsonb(NEW) ->> 'id')::uuid
                       ELSE (to_jsonb(NEW) ->> 'settlement_id')::uuid END;
  SELECT coalesce(sum(amount_fen), 0) INTO terms FROM settlement_term WHERE settlement_id = present.id;
  IF terms + present.deposit_fen <> present.price_fen THEN
    RAISE EXCEPTION 'settlement %: terms of % fen with a deposit of % are not the price of %',
      present.id, terms, present.deposit_fen, present.price_fen
      USING ERRCODE = 'check_violation', CONSTRAINT = 'settlement_is_whole';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER settlement_is_whole AFTER INSERT ON settlement
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_settlement_is_whole();
CREATE CONSTRAINT TRIGGER settlement_term_is_whole AFTER INSERT ON settlement_term
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_settlement_is_whole();

-- A release is decided once, and one that was approved has its transfer in the ledger.
CREATE FUNCTION check_release_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status <> 'requested' OR
     to_jsonb(NEW) - ARRAY['status', 'decided_by', 'decided_at']
     IS DISTINCT FROM to_jsonb(OLD) - ARRAY['status', 'decided_by', 'decided_at'] THEN
    RAISE EXCEPTION 'release % has been decided', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'release_step';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER release_step BEFORE UPDATE ON escrow_release
  FOR EACH ROW EXECUTE FUNCTION check_release_step();
CREATE TRIGGER release_is_kept BEFORE DELETE ON escrow_release FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE FUNCTION check_released_in_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  present settlement%ROWTYPE;
  approved numeric;
  moved numeric;
BEGIN
  SELECT * INTO present FROM settlement WHERE id =
    CASE TG_TABLE_NAME WHEN 'settlement' THEN (to_jsonb(NEW) ->> 'id')::uuid
                       ELSE (to_jsonb(NEW) ->> 'settlement_id')::uuid END;
  SELECT coalesce(sum(amount_fen), 0) INTO approved
    FROM escrow_release WHERE settlement_id = present.id AND status = 'approved';
  SELECT coalesce(sum(entry.amount_fen), 0) INTO moved
    FROM escrow_release release
    JOIN ledger_transfer transfer ON transfer.subject_kind = 'release' AND transfer.subject_id = release.id
      AND transfer.kind = 'price_released' AND transfer.approved_by = release.decided_by
      AND transfer.person_id = release.requested_by
    JOIN ledger_entry entry ON entry.transfer_id = transfer.id AND entry.amount_fen = release.amount_fen
    JOIN ledger_account account ON account.id = entry.account_id AND account.kind = 'price_escrow'
      AND account.deal_id = present.deal_id
    WHERE release.settlement_id = present.id AND release.status = 'approved';
  IF present.released_fen <> approved OR approved <> moved THEN
    RAISE EXCEPTION 'settlement %: % fen released, % approved, % in the ledger',
      present.id, present.released_fen, approved, moved
      USING ERRCODE = 'check_violation', CONSTRAINT = 'released_in_ledger';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER released_in_ledger AFTER INSERT OR UPDATE ON settlement
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_released_in_ledger();
CREATE CONSTRAINT TRIGGER release_in_ledger AFTER INSERT OR UPDATE ON escrow_release
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_released_in_ledger();

-- The terms of a mandate never change; the broker signs once.
CREATE FUNCTION check_mandate_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.broker_signed_at IS NOT NULL OR
     to_jsonb(NEW) - ARRAY['broker_signed_by', 'broker_signed_at']
     IS DISTINCT FROM to_jsonb(OLD) - ARRAY['broker_signed_by', 'broker_signed_at'] THEN
    RAISE EXCEPTION 'mandate %: its terms are final', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'mandate_step';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER mandate_step BEFORE UPDATE ON mandate FOR EACH ROW EXECUTE FUNCTION check_mandate_step();
CREATE TRIGGER mandate_is_kept BEFORE DELETE ON mandate FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- A default is decided once; its numbers never change.
CREATE FUNCTION check_default_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status <> 'declared' OR
     to_jsonb(NEW) - ARRAY['status', 'decided_by', 'decided_at']
     IS DISTINCT FROM to_jsonb(OLD) - ARRAY['status', 'decided_by', 'decided_at'] THEN
    RAISE EXCEPTION 'default % has been decided', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'default_step';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER default_step BEFORE UPDATE ON deal_default
  FOR EACH ROW EXECUTE FUNCTION check_default_step();
CREATE TRIGGER default_is_kept BEFORE DELETE ON deal_default FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Whoever defaulted on a subject does not take part when it is sold again (法释〔2016〕18号 24).
CREATE FUNCTION check_intent_not_excluded() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM deal_default
      JOIN deal ON deal.id = deal_default.deal_id
      JOIN listing sold ON sold.id = deal.listing_id
      JOIN listing wanted ON wanted.id = NEW.listing_id
      WHERE deal_default.buyer_id = NEW.buyer_id AND deal_default.status = 'confirmed'
        AND deal_default.ground NOT IN ('force_majeure', 'seller_fault')
        AND (sold.patent_id = wanted.patent_id OR sold.demand_id = wanted.demand_id)) THEN
    RAISE EXCEPTION 'organisation % defaulted on this subject', NEW.buyer_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'intent_not_excluded';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER intent_not_excluded BEFORE INSERT ON intent
  FOR EACH ROW EXECUTE FUNCTION check_intent_not_excluded();

-- A sold listing ends where its deal is confirmed to be in default; the rest of its way stays as it was made before.
DO $$
DECLARE
  made text := pg_get_functiondef('check_listing_step()'::regprocedure);
  longer text := regexp_replace(made, $q$\('listed',\s*'terminated'\)$q$, $q$('listed', 'terminated'), ('sold', 'terminated')$q$);
BEGIN
  IF longer = made THEN
    RAISE EXCEPTION 'the way of a listing was not found';
  END IF;
  EXECUTE longer;
END $$;
CREATE FUNCTION check_sold_listing_ends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status = 'sold' AND NEW.status = 'terminated' AND NOT EXISTS (
    SELECT FROM deal_default JOIN deal ON deal.id = deal_default.deal_id
      WHERE deal.listing_id = NEW.id AND deal_default.status = 'confirmed') THEN
    RAISE EXCEPTION 'listing % is sold, and its deal is not in default', NEW.listing_no
      USING ERRCODE = 'check_violation', CONSTRAINT = 'sold_listing_ends';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER sold_listing_ends AFTER UPDATE ON listing
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_sold_listing_ends();

INSERT INTO dated_rule (key, jurisdiction, value, valid_from, valid_to, source) VALUES
  ('fee.seller', 'CN', '{"tiers": [{"up_to_fen": 100000000, "bp": 200}, {"up_to_fen": 1000000000, "bp": 100},
    {"up_to_fen": null, "bp": 50}], "least_fen": 100000, "greatest_fen": 50000000, "cap_bp": 500}', '2020-01-01', NULL,
   '本市场公告收费表（房规）：出让方服务费分段累退，最低一千元；上限据拍卖法第五十六条：没有约定的，佣金不超过成交价百分之五，并与成交价成反比'),
  ('fee.buyer', 'CN', '{"tiers": [{"up_to_fen": 100000000, "bp": 100}, {"up_to_fen": 1000000000, "bp": 50},
    {"up_to_fen": null, "bp": 20}], "least_fen": 50000, "greatest_fen": 20000000, "cap_bp": 500}', '2020-01-01', NULL,
   '本市场公告收费表（房规）：受让方服务费分段累退，最低五百元；上限据拍卖法第五十六条：没有约定的，佣金不超过成交价百分之五，并与成交价成反比'),
  ('settlement.plan', 'CN', '{"first_bp": 3000, "longest_days": 365}', '2020-01-01', NULL,
   '本市场交易规则（房规），比照企业国有资产交易监督管理办法（32号令）：分期付款首期不低于百分之三十，其余一年内付清');

-- Floors in basis points; where the nation and a province both have one, the greater binds.
INSERT INTO dated_rule (key, jurisdiction, value, valid_from, valid_to, source) VALUES
  ('distribution.pool_bp.assign', 'CN', '2000', '1996-10-01', '2015-10-01',
   '促进科技成果转化法（1996 年）第二十九条：转让净收入的奖励比例不低于百分之二十'),
  ('distribution.pool_bp.assign', 'CN', '5000', '2015-10-01', NULL,
   '促进科技成果转化法（2015 年修正）第四十五条：转让、许可净收入的奖励和报酬比例不低于百分之五十'),
  ('distribution.pool_bp.license', 'CN', '5000', '2015-10-01', NULL,
   '促进科技成果转化法（2015 年修正）第四十五条：转让、许可净收入的奖励和报酬比例不低于百分之五十'),
  ('distribution.pool_bp.assign', '330000', '7000', '2017-05-01', NULL,
   '浙江省促进科技成果转化条例第三十七条：比例不低于百分之七十'),
  ('distribution.pool_bp.license', '330000', '7000', '2017-05-01', NULL,
   '浙江省促进科技成果转化条例第三十七条：比例不低于百分之七十'),
  ('distribution.pool_bp.assign', '370000', '7000', '2018-01-01', NULL,
   '山东省促进科技成果转化条例第三十四条：比例不低于百分之七十'),
  ('distribution.pool_bp.license', '370000', '7000', '2018-01-01', NULL,
   '山东省促进科技成果转化条例第三十四条：比例不低于百分之七十'),
  ('distribution.pool_bp.assign', '110000', '2000', '2002-11-01', NULL,
   '北京市技术市场条例第二十七条：不低于净收入的百分之二十；后出的全国下限更高，取各下限中最高的'),
  ('distribution.main_bp', 'CN', '5000', '2016-02-26', NULL,
   '国发〔2016〕16号：主要贡献人员获得的份额不低于奖励总额的百分之五十'),
  ('distribution.main_bp', '330000', '7000', '2017-05-01', NULL,
   '浙江省促进科技成果转化条例第三十七条：主要贡献人员不低于奖励总额的百分之七十'),
  ('distribution.office_bp_of_pool', '330000', '500', '2017-05-01', NULL,
   '浙江省促进科技成果转化条例第四十条：技术转移机构人员不低于奖励总额的百分之五'),
  ('distribution.office_bp_of_net', '370000', '1000', '2018-01-01', NULL,
   '山东省促进科技成果转化条例第三十六条：技术转移净收入中提取不低于百分之十用于技术转移机构奖励'),
  ('distribution.notice_days', 'CN', '15', '2015-10-01', NULL,
   '本市场交易规则（房规）：国家设立的研究开发机构、高等院校的分配方案在本单位公示十五日，比照浙江省条例第三十九条'),
  ('distribution.notice_days', '330000', '15', '2017-05-01', NULL,
   '浙江省促进科技成果转化条例第三十九条：在本单位公示不少于十五日'),
  ('default.grounds', 'CN', '["refuse_confirmation", "not_sign_contract", "not_pay", "false_documents", "leak_secret",
    "refuse_procedure", "breach_after_award"]', '2020-01-01', NULL,
   '本市场交易规则（房规）公告的违约情形，依各地产权交易机构公告通例；后果依拍卖法第三十九条、法释〔2016〕18号第二十四条'),
  ('deal.sign_working_days', 'CN', '5', '2020-01-01', NULL,
   '本市场交易规则（房规）：成交确认后五个工作日内签订合同，比照公共资源交易机构电子竞价须知');
"""


def run(text: str) -> None:
    """Sends several statements at once, as they are."""
    connection = op.get_bind().connection.dbapi_connection
    connection.run_async(lambda raw: raw.execute(text))  # type: ignore[union-attr]


def upgrade() -> None:
    """Makes the tables, the triggers that keep them whole, and the dated rules."""
    op.create_table(
        "contributor",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("deal_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("work", sa.Text(), nullable=False),
        sa.Column("is_main", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("market_now()"), nullable=False
        ),
        sa.CheckConstraint(
            "part <> 'completer' OR work NOT IN ('funding', 'equipment', 'translation', 'management')",
            name=op.f("ck_contributor_auxiliary"),
        ),
        sa.CheckConstraint("part <> 'transfer_office' OR NOT is_main", name=op.f("ck_contributor_main")),
        sa.CheckConstraint(
            "part IN ('completer', 'contributor', 'transfer_office')", name=op.f("ck_contributor_part")
        ),
        sa.CheckConstraint(
            "work IN ('research', 'conversion', 'transfer', 'funding', 'equipment', 'translation', 'management')",
            name=op.f("ck_contributor_work"),
        ),
        sa.CheckConstraint("char_length(btrim(name)) BETWEEN 1 AND 100", name=op.f("ck_contributor_name")),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_contributor_created_by")),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], name=op.f("fk_contributor_deal_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contributor")),
        sa.UniqueConstraint("deal_id", "name", name=op.f("uq_contributor_deal_id_name")),
        sa.UniqueConstraint("id", "deal_id", name=op.f("uq_contributor_id_deal_id")),
    )
    op.create_table(
        "income_distribution",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("deal_id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("receipt_no", sa.BigInteger(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("basis_document", sa.Text(), server_default="", nullable=False),
        sa.Column("regime", sa.Text(), nullable=True),
        sa.Column("jurisdiction", sa.Text(), nullable=False),
        sa.Column("rate_bp", sa.BigInteger(), nullable=False),
        sa.Column("floor_bp", sa.BigInteger(), nullable=False),
        sa.Column("main_floor_fen", sa.BigInteger(), nullable=False),
        sa.Column("floors", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("receipt_fen", sa.BigInteger(), nullable=False),
        sa.Column("taxes_fen", sa.BigInteger(), nullable=False),
        sa.Column("maintenance_fen", sa.BigInteger(), nullable=False),
        sa.Column("direct_costs_fen", sa.BigInteger(), nullable=False),
        sa.Column("carried_fen", sa.BigInteger(), nullable=False),
        sa.Column("net_fen", sa.BigInteger(), nullable=False),
        sa.Column("shortfall_fen", sa.BigInteger(), nullable=False),
        sa.Column("pool_fen", sa.BigInteger(), nullable=False),
        sa.Column("retained_fen", sa.BigInteger(), nullable=False),
        sa.Column("leftover_to", sa.Uuid(), nullable=True),
        sa.Column("notice_days", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), server_default="draft", nullable=False),
        sa.Column("drafted_by", sa.Uuid(), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("notice_started_on", sa.Date(), nullable=True),
        sa.Column("notice_ends_on", sa.Date(), nullable=True),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paid_by", sa.Uuid(), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(approved_at IS NOT NULL) = (status IN ('approved', 'paid'))",
            name=op.f("ck_income_distribution_approved_at"),
        ),
        sa.CheckConstraint(
            "(decided_at IS NOT NULL) = (status <> 'draft')", name=op.f("ck_income_distribution_decided_at")
        ),
        sa.CheckConstraint(
            "(notice_started_on IS NOT NULL) = (status = 'noticed' OR (notice_days > 0 AND status IN ('approved', 'paid')))",
            name=op.f("ck_income_distribution_notice"),
        ),
        sa.CheckConstraint(
            "(paid_at IS NOT NULL) = (status = 'paid')", name=op.f("ck_income_distribution_paid_at")
        ),
        sa.CheckConstraint(
            "basis = 'statutory' OR char_length(btrim(basis_document)) BETWEEN 2 AND 200",
            name=op.f("ck_income_distribution_basis_document"),
        ),
        sa.CheckConstraint(
            "basis IN ('agreement', 'unit_rule', 'statutory')", name=op.f("ck_income_distribution_basis")
        ),
        sa.CheckConstraint("mode IN ('assign', 'license')", name=op.f("ck_income_distribution_mode")),
        sa.CheckConstraint(
            "rate_bp >= floor_bp OR (regime IS DISTINCT FROM 'state_research' AND basis <> 'statutory')",
            name=op.f("ck_income_distribution_floor"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'unit_decided', 'noticed', 'approved', 'paid')",
            name=op.f("ck_income_distribution_status"),
        ),
        sa.CheckConstraint(
            "(approved_by IS NOT NULL) = (approved_at IS NOT NULL)",
            name=op.f("ck_income_distribution_approved_by"),
        ),
        sa.CheckConstraint(
            "(decided_by IS NOT NULL) = (decided_at IS NOT NULL)",
            name=op.f("ck_income_distribution_decided_by"),
        ),
        sa.CheckConstraint(
            "(notice_ends_on IS NOT NULL) = (notice_started_on IS NOT NULL)",
            name=op.f("ck_income_distribution_notice_ends"),
        ),
        sa.CheckConstraint(
            "(paid_by IS NOT NULL) = (paid_at IS NOT NULL)", name=op.f("ck_income_distribution_paid_by")
        ),
        sa.CheckConstraint("approved_by <> decided_by", name=op.f("ck_income_distribution_two_people")),
        sa.CheckConstraint(
            "net_fen = greatest(receipt_fen - taxes_fen - maintenance_fen - direct_costs_fen - carried_fen, 0)",
            name=op.f("ck_income_distribution_net"),
        ),
        sa.CheckConstraint("notice_days >= 0", name=op.f("ck_income_distribution_notice_days")),
        sa.CheckConstraint(
            "pool_fen = ceil(net_fen::numeric * rate_bp / 10000)", name=op.f("ck_income_distribution_pool")
        ),
        sa.CheckConstraint("rate_bp BETWEEN 1 AND 10000", name=op.f("ck_income_distribution_rate")),
        sa.CheckConstraint(
            "receipt_fen > 0 AND taxes_fen >= 0 AND maintenance_fen >= 0 AND direct_costs_fen >= 0 AND carried_fen >= 0",
            name=op.f("ck_income_distribution_amounts"),
        ),
        sa.CheckConstraint(
            "receipt_no = 1 OR (maintenance_fen = 0 AND direct_costs_fen = 0)",
            name=op.f("ck_income_distribution_costs_once"),
        ),
        sa.CheckConstraint("receipt_no >= 1", name=op.f("ck_income_distribution_receipt_no")),
        sa.CheckConstraint(
            "retained_fen = net_fen - pool_fen AND retained_fen >= 0",
            name=op.f("ck_income_distribution_retained"),
        ),
        sa.CheckConstraint(
            "shortfall_fen = greatest(-(receipt_fen - taxes_fen - maintenance_fen - direct_costs_fen - carried_fen), 0)",
            name=op.f("ck_income_distribution_shortfall"),
        ),
        sa.ForeignKeyConstraint(
            ["approved_by"], ["person.id"], name=op.f("fk_income_distribution_approved_by")
        ),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], name=op.f("fk_income_distribution_deal_id")),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["person.id"], name=op.f("fk_income_distribution_decided_by")
        ),
        sa.ForeignKeyConstraint(
            ["drafted_by"], ["person.id"], name=op.f("fk_income_distribution_drafted_by")
        ),
        sa.ForeignKeyConstraint(
            ["leftover_to"], ["contributor.id"], name=op.f("fk_income_distribution_leftover_to")
        ),
        sa.ForeignKeyConstraint(["paid_by"], ["person.id"], name=op.f("fk_income_distribution_paid_by")),
        sa.ForeignKeyConstraint(
            ["seller_id"], ["organisation.id"], name=op.f("fk_income_distribution_seller_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_income_distribution")),
        sa.UniqueConstraint("deal_id", "receipt_no", name=op.f("uq_income_distribution_deal_id_receipt_no")),
        sa.UniqueConstraint("id", "deal_id", name=op.f("uq_income_distribution_id_deal_id")),
    )
    op.create_index("ix_income_distribution_seller", "income_distribution", ["seller_id", "id"], unique=False)
    op.create_table(
        "distribution_share",
        sa.Column("distribution_id", sa.Uuid(), nullable=False),
        sa.Column("contributor_id", sa.Uuid(), nullable=False),
        sa.Column("deal_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("share_bp", sa.BigInteger(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_fen >= 0", name=op.f("ck_distribution_share_amount")),
        sa.CheckConstraint("share_bp BETWEEN 1 AND 10000", name=op.f("ck_distribution_share_share")),
        sa.ForeignKeyConstraint(
            ["contributor_id", "deal_id"],
            ["contributor.id", "contributor.deal_id"],
            name=op.f("fk_distribution_share_contributor_id_deal_id"),
        ),
        sa.ForeignKeyConstraint(
            ["distribution_id", "deal_id"],
            ["income_distribution.id", "income_distribution.deal_id"],
            name=op.f("fk_distribution_share_distribution_id_deal_id"),
        ),
        sa.PrimaryKeyConstraint("distribution_id", "contributor_id", name=op.f("pk_distribution_share")),
    )
    op.create_table(
        "mandate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("broker_id", sa.Uuid(), nullable=False),
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("rate_bp", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("party_signed_by", sa.Uuid(), nullable=False),
        sa.Column(
            "party_signed_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("market_now()"),
            nullable=False,
        ),
        sa.Column("broker_signed_by", sa.Uuid(), nullable=True),
        sa.Column("broker_signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(broker_signed_by IS NOT NULL) = (broker_signed_at IS NOT NULL)",
            name=op.f("ck_mandate_broker_signed"),
        ),
        sa.CheckConstraint("broker_id <> party_id", name=op.f("ck_mandate_broker")),
        sa.CheckConstraint("rate_bp BETWEEN 1 AND 3000", name=op.f("ck_mandate_rate")),
        sa.CheckConstraint("valid_to > valid_from", name=op.f("ck_mandate_dates")),
        sa.ForeignKeyConstraint(["broker_id"], ["organisation.id"], name=op.f("fk_mandate_broker_id")),
        sa.ForeignKeyConstraint(
            ["broker_signed_by"], ["person.id"], name=op.f("fk_mandate_broker_signed_by")
        ),
        sa.ForeignKeyConstraint(["party_id"], ["organisation.id"], name=op.f("fk_mandate_party_id")),
        sa.ForeignKeyConstraint(["party_signed_by"], ["person.id"], name=op.f("fk_mandate_party_signed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mandate")),
    )
    op.create_index("ix_mandate_broker", "mandate", ["broker_id", "id"], unique=False)
    op.create_index("ix_mandate_party", "mandate", ["party_id", "id"], unique=False)
    op.create_index(
        "uq_mandate_signed",
        "mandate",
        ["party_id", "listing_id"],
        unique=True,
        postgresql_where=sa.text("broker_signed_at IS NOT NULL"),
    )
    op.create_table(
        "settlement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("deal_id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("buyer_id", sa.Uuid(), nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.Column("deposit_fen", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("began_on", sa.Date(), nullable=False),
        sa.Column("proposer_id", sa.Uuid(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("agreed_by", sa.Uuid(), nullable=True),
        sa.Column("fee_fen", sa.BigInteger(), nullable=False),
        sa.Column("buyer_fee_fen", sa.BigInteger(), nullable=False),
        sa.Column("mandate_id", sa.Uuid(), nullable=True),
        sa.Column("commission_bp", sa.BigInteger(), nullable=False),
        sa.Column("received_fen", sa.BigInteger(), nullable=False),
        sa.Column("released_fen", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("recordal_no", sa.Text(), nullable=True),
        sa.Column("recordal_on", sa.Date(), nullable=True),
        sa.Column("recordal_sha256", sa.Text(), nullable=True),
        sa.Column("recordal_by", sa.Uuid(), nullable=True),
        sa.Column("reviewed_by", sa.Uuid(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_by", sa.Uuid(), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("market_now()"), nullable=False
        ),
        sa.CheckConstraint(
            "(completed_at IS NOT NULL) = (status = 'completed')", name=op.f("ck_settlement_completed_at")
        ),
        sa.CheckConstraint(
            "CASE status WHEN 'proposed' THEN agreed_by IS NULL WHEN 'defaulted' THEN true ELSE agreed_by IS NOT NULL END",
            name=op.f("ck_settlement_agreed"),
        ),
        sa.CheckConstraint("kind IN ('one_off', 'instalments')", name=op.f("ck_settlement_kind")),
        sa.CheckConstraint("recordal_sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_settlement_recordal_sha256")),
        sa.CheckConstraint(
            "status <> 'escrow_full' OR received_fen = price_fen", name=op.f("ck_settlement_escrow_full")
        ),
        sa.CheckConstraint(
            "status <> 'rights_recorded' OR reviewed_at IS NOT NULL", name=op.f("ck_settlement_reviewed")
        ),
        sa.CheckConstraint(
            "status IN ('proposed', 'contracted', 'escrow_partial', 'escrow_full', 'rights_recorded', 'released', 'completed', 'defaulted')",
            name=op.f("ck_settlement_status"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('released', 'completed') OR released_fen = price_fen",
            name=op.f("ck_settlement_all_released"),
        ),
        sa.CheckConstraint(
            "(completed_by IS NOT NULL) = (completed_at IS NOT NULL)", name=op.f("ck_settlement_completed_by")
        ),
        sa.CheckConstraint(
            "(mandate_id IS NULL) = (commission_bp = 0)", name=op.f("ck_settlement_commission")
        ),
        sa.CheckConstraint(
            "(reviewed_by IS NOT NULL) = (reviewed_at IS NOT NULL)", name=op.f("ck_settlement_reviewed_by")
        ),
        sa.CheckConstraint(
            "fee_fen >= 0 AND fee_fen * 20 <= price_fen AND buyer_fee_fen >= 0 AND buyer_fee_fen * 20 <= price_fen",
            name=op.f("ck_settlement_fee"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(recordal_no, recordal_on, recordal_sha256, recordal_by) IN (0, 4)",
            name=op.f("ck_settlement_recordal"),
        ),
        sa.CheckConstraint(
            "price_fen > 0 AND deposit_fen BETWEEN 0 AND price_fen", name=op.f("ck_settlement_price")
        ),
        sa.CheckConstraint("received_fen BETWEEN 0 AND price_fen", name=op.f("ck_settlement_received")),
        sa.CheckConstraint(
            "released_fen = 0 OR reviewed_at IS NOT NULL", name=op.f("ck_settlement_recorded_first")
        ),
        sa.CheckConstraint("released_fen BETWEEN 0 AND received_fen", name=op.f("ck_settlement_released")),
        sa.CheckConstraint(
            "reviewed_at IS NULL OR recordal_no IS NOT NULL", name=op.f("ck_settlement_reviewed_recordal")
        ),
        sa.ForeignKeyConstraint(["agreed_by"], ["person.id"], name=op.f("fk_settlement_agreed_by")),
        sa.ForeignKeyConstraint(["buyer_id"], ["organisation.id"], name=op.f("fk_settlement_buyer_id")),
        sa.ForeignKeyConstraint(["completed_by"], ["person.id"], name=op.f("fk_settlement_completed_by")),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_settlement_contract_id")),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], name=op.f("fk_settlement_deal_id")),
        sa.ForeignKeyConstraint(["mandate_id"], ["mandate.id"], name=op.f("fk_settlement_mandate_id")),
        sa.ForeignKeyConstraint(["proposed_by"], ["person.id"], name=op.f("fk_settlement_proposed_by")),
        sa.ForeignKeyConstraint(["proposer_id"], ["organisation.id"], name=op.f("fk_settlement_proposer_id")),
        sa.ForeignKeyConstraint(["recordal_by"], ["person.id"], name=op.f("fk_settlement_recordal_by")),
        sa.ForeignKeyConstraint(["reviewed_by"], ["person.id"], name=op.f("fk_settlement_reviewed_by")),
        sa.ForeignKeyConstraint(["seller_id"], ["organisation.id"], name=op.f("fk_settlement_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement")),
        sa.UniqueConstraint("deal_id", name=op.f("uq_settlement_deal_id")),
    )
    op.create_index("ix_settlement_buyer", "settlement", ["buyer_id", "id"], unique=False)
    op.create_index("ix_settlement_seller", "settlement", ["seller_id", "id"], unique=False)
    op.create_index("ix_settlement_status", "settlement", ["status", "id"], unique=False)
    op.create_table(
        "settlement_term",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("settlement_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_settlement_term_amount")),
        sa.ForeignKeyConstraint(
            ["settlement_id"], ["settlement.id"], name=op.f("fk_settlement_term_settlement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_term")),
        sa.UniqueConstraint("settlement_id", "place", name=op.f("uq_settlement_term_settlement_id_place")),
    )
    op.create_table(
        "escrow_release",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("settlement_id", sa.Uuid(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("seller_fen", sa.BigInteger(), nullable=False),
        sa.Column("fee_fen", sa.BigInteger(), nullable=False),
        sa.Column("commission_fen", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), server_default="requested", nullable=False),
        sa.Column("requested_by", sa.Uuid(), nullable=False),
        sa.Column(
            "requested_at", sa.DateTime(timezone=True), server_default=sa.text("market_now()"), nullable=False
        ),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(decided_by IS NOT NULL) = (status <> 'requested')", name=op.f("ck_escrow_release_decided_by")
        ),
        sa.CheckConstraint(
            "status <> 'approved' OR decided_by <> requested_by", name=op.f("ck_escrow_release_two_people")
        ),
        sa.CheckConstraint(
            "status IN ('requested', 'approved', 'rejected')", name=op.f("ck_escrow_release_status")
        ),
        sa.CheckConstraint(
            "(decided_at IS NOT NULL) = (decided_by IS NOT NULL)", name=op.f("ck_escrow_release_decided_at")
        ),
        sa.CheckConstraint(
            "amount_fen = seller_fen + fee_fen + commission_fen", name=op.f("ck_escrow_release_whole")
        ),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_escrow_release_amount")),
        sa.CheckConstraint(
            "seller_fen >= 0 AND fee_fen >= 0 AND commission_fen >= 0", name=op.f("ck_escrow_release_parts")
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_escrow_release_decided_by")),
        sa.ForeignKeyConstraint(["requested_by"], ["person.id"], name=op.f("fk_escrow_release_requested_by")),
        sa.ForeignKeyConstraint(
            ["settlement_id"], ["settlement.id"], name=op.f("fk_escrow_release_settlement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escrow_release")),
    )
    op.create_index("ix_escrow_release_settlement", "escrow_release", ["settlement_id", "id"], unique=False)
    op.create_index("ix_escrow_release_status", "escrow_release", ["status", "id"], unique=False)
    op.create_index(
        "uq_escrow_release_open",
        "escrow_release",
        ["settlement_id"],
        unique=True,
        postgresql_where=sa.text("status = 'requested'"),
    )
    op.create_table(
        "deal_default",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("deal_id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("buyer_id", sa.Uuid(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("deposit_fen", sa.BigInteger(), nullable=False),
        sa.Column("loss_fen", sa.BigInteger(), nullable=False),
        sa.Column("fees_fen", sa.BigInteger(), nullable=False),
        sa.Column("seller_fen", sa.BigInteger(), nullable=False),
        sa.Column("rest_fen", sa.BigInteger(), nullable=False),
        sa.Column("returned_fen", sa.BigInteger(), nullable=False),
        sa.Column("shortfall_fen", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), server_default="declared", nullable=False),
        sa.Column("declared_by", sa.Uuid(), nullable=False),
        sa.Column(
            "declared_at", sa.DateTime(timezone=True), server_default=sa.text("market_now()"), nullable=False
        ),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(decided_by IS NOT NULL) = (status <> 'declared')", name=op.f("ck_deal_default_decided_by")
        ),
        sa.CheckConstraint(
            "CASE WHEN ground IN ('force_majeure', 'seller_fault') THEN returned_fen = deposit_fen ELSE returned_fen = 0 END",
            name=op.f("ck_deal_default_blame"),
        ),
        sa.CheckConstraint(
            "ground IN ('refuse_confirmation', 'not_sign_contract', 'not_pay', 'false_documents', 'leak_secret', 'refuse_procedure', 'breach_after_award', 'force_majeure', 'seller_fault')",
            name=op.f("ck_deal_default_ground"),
        ),
        sa.CheckConstraint(
            "status <> 'confirmed' OR decided_by <> declared_by", name=op.f("ck_deal_default_two_people")
        ),
        sa.CheckConstraint(
            "status IN ('declared', 'confirmed', 'rejected')", name=op.f("ck_deal_default_status")
        ),
        sa.CheckConstraint(
            "(decided_at IS NOT NULL) = (decided_by IS NOT NULL)", name=op.f("ck_deal_default_decided_at")
        ),
        sa.CheckConstraint(
            "char_length(btrim(reason)) BETWEEN 5 AND 1000", name=op.f("ck_deal_default_reason")
        ),
        sa.CheckConstraint(
            "deposit_fen >= 0 AND loss_fen >= 0 AND fees_fen >= 0 AND seller_fen >= 0 AND rest_fen >= 0 AND returned_fen >= 0 AND shortfall_fen >= 0",
            name=op.f("ck_deal_default_amounts"),
        ),
        sa.CheckConstraint(
            "fees_fen + seller_fen + rest_fen + returned_fen = deposit_fen",
            name=op.f("ck_deal_default_whole"),
        ),
        sa.ForeignKeyConstraint(["buyer_id"], ["organisation.id"], name=op.f("fk_deal_default_buyer_id")),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], name=op.f("fk_deal_default_deal_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_deal_default_decided_by")),
        sa.ForeignKeyConstraint(["declared_by"], ["person.id"], name=op.f("fk_deal_default_declared_by")),
        sa.ForeignKeyConstraint(["seller_id"], ["organisation.id"], name=op.f("fk_deal_default_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deal_default")),
    )
    op.create_index("ix_deal_default_buyer", "deal_default", ["buyer_id", "id"], unique=False)
    op.create_index("ix_deal_default_status", "deal_default", ["status", "id"], unique=False)
    op.create_index(
        "uq_deal_default_open",
        "deal_default",
        ["deal_id"],
        unique=True,
        postgresql_where=sa.text("status <> 'rejected'"),
    )

    run(SQL)
