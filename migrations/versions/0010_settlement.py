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

SQL = """
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

-- Floors in basis points; where the nation and a province both have one, the greater binds.
INSERT INTO dated_rule (key, jurisdiction, value, valid_from, valid_to, source) VALUES
  ('distribution.pool_bp.assign', 'CN', '2000', '1996-10-01', '2015-10-01',
   '促进科技成果转化法（1996 年）第二十九条：转让净收入的奖励比例不低于百分之二十'),
  ('distribution.pool_bp.assign', 'CN', '5000', '2015-10-01', NULL,
   '促进科技成果转化法（2015 年修正）第四十五条：转让、许可净收入的奖励和报酬比例不低于百分之五十'),
  ('distribution.pool_bp.license', 'CN', '5000', '2015-10-01', NULL,
   '促进科技成果转化法（2015 年修正）第四十五条：转让、许可净收入的奖励和报酬比例不低于百分之五十'),
  ('distribution.pool_bp.assign', 'CN-ZJ', '7000', '2017-05-01', NULL,
   '浙江省促进科技成果转化条例第三十七条：比例不低于百分之七十'),
  ('distribution.pool_bp.license', 'CN-ZJ', '7000', '2017-05-01', NULL,
   '浙江省促进科技成果转化条例第三十七条：比例不低于百分之七十'),
  ('distribution.pool_bp.assign', 'CN-SD', '7000', '2018-01-01', NULL,
   '山东省促进科技成果转化条例第三十四条：比例不低于百分之七十'),
  ('distribution.pool_bp.license', 'CN-SD', '7000', '2018-01-01', NULL,
   '山东省促进科技成果转化条例第三十四条：比例不低于百分之七十'),
  ('distribution.pool_bp.assign', 'CN-BJ', '2000', '2002-11-01', NULL,
   '北京市技术市场条例第二十七条：不低于净收入的百分之二十；后出的全国下限更高，取各下限中最高的'),
  ('distribution.main_bp', 'CN', '5000', '2016-02-26', NULL,
   '国发〔2016〕16号：主要贡献人员获得的份额不低于奖励总额的百分之五十'),
  ('distribution.main_bp', 'CN-ZJ', '7000', '2017-05-01', NULL,
   '浙江省促进科技成果转化条例第三十七条：主要贡献人员不低于奖励总额的百分之七十'),
  ('distribution.office_bp_of_pool', 'CN-ZJ', '500', '2017-05-01', NULL,
   '浙江省促进科技成果转化条例第四十条：技术转移机构人员不低于奖励总额的百分之五'),
  ('distribution.office_bp_of_net', 'CN-SD', '1000', '2018-01-01', NULL,
   '山东省促进科技成果转化条例第三十六条：技术转移净收入中提取不低于百分之十用于技术转移机构奖励'),
  ('distribution.notice_days', 'CN', '15', '2015-10-01', NULL,
   '本市场交易规则（房规）：国家设立的研究开发机构、高等院校的分配方案在本单位公示十五日，比照浙江省条例第三十九条'),
  ('distribution.notice_days', 'CN-ZJ', '15', '2017-05-01', NULL,
   '浙江省促进科技成果转化条例第三十九条：在本单位公示不少于十五日');
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

    run(SQL)
