"""the holiday calendar, rules with two hands, regimes of sellers, public notices

One function for each, because it is one act.
"""

from __future__ import annotations

import json
from datetime import date, timedelta

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

NOW = sa.text("market_now()")
JSON = postgresql.JSONB(astext_type=sa.Text())

# The arrangements as they were proclaimed: first day off, last day off, name; then the weekend days that are worked.
YEARS: dict[int, tuple[str, list[tuple[str, str, str]], dict[str, str]]] = {
    2025: (
        "国务院办公厅关于2025年部分节假日安排的通知（国办发明电〔2024〕12号，2024-11-12）",
        [
            ("2025-01-01", "2025-01-01", "元旦"),
            ("2025-01-28", "2025-02-04", "春节"),
            ("2025-04-04", "2025-04-06", "清明节"),
            ("2025-05-01", "2025-05-05", "劳动节"),
            ("2025-05-31", "2025-06-02", "端午节"),
            ("2025-10-01", "2025-10-08", "国庆节、中秋节"),
        ],
        {
            "2025-01-26": "春节调休上班",
            "2025-02-08": "春节调休上班",
            "2025-04-27": "劳动节调休上班",
            "2025-09-28": "国庆节、中秋节调休上班",
            "2025-10-11": "国庆节、中秋节调休上班",
        },
    ),
    2026: (
        "国务院办公厅关于2026年部分节假日安排的通知（2025-11-04）",
        [
            ("2026-01-01", "2026-01-03", "元旦"),
            ("2026-02-15", "2026-02-23", "春节"),
            ("2026-04-04", "2026-04-06", "清明节"),
            ("2026-05-01", "2026-05-05", "劳动节"),
            ("2026-06-19", "2026-06-21", "端午节"),
            ("2026-09-25", "2026-09-27", "中秋节"),
            ("2026-10-01", "2026-10-07", "国庆节"),
        ],
        {
            "2026-01-04": "元旦调休上班",
            "2026-02-14": "春节调休上班",
            "2026-02-28": "春节调休上班",
            "2026-05-09": "劳动节调休上班",
            "2026-09-20": "国庆节调休上班",
            "2026-10-10": "国庆节调休上班",
        },
    ),
}

# A day that has come is counted as it was: its row is not written, changed or removed any more.
CALENDAR = """
CREATE FUNCTION check_holiday_ahead() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  today date := (market_now() AT TIME ZONE 'Asia/Shanghai')::date;
BEGIN
  IF (TG_OP <> 'INSERT' AND OLD."on" <= today) OR (TG_OP <> 'DELETE' AND NEW."on" <= today) THEN
    RAISE EXCEPTION 'a day that has come is not changed in the calendar'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'holiday_ahead';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER holiday_ahead BEFORE INSERT OR UPDATE OR DELETE ON holiday
  FOR EACH ROW EXECUTE FUNCTION check_holiday_ahead();
CREATE TRIGGER calendar_year_is_kept BEFORE DELETE ON calendar_year
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""


# A rule is never rewritten: its validity is ended by the rule after it, on a day that has not come.
RULES = """
CREATE FUNCTION check_rule_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.id, NEW.key, NEW.board, NEW.jurisdiction, NEW.value, NEW.valid_from, NEW.source)
     IS DISTINCT FROM
     (OLD.id, OLD.key, OLD.board, OLD.jurisdiction, OLD.value, OLD.valid_from, OLD.source)
     OR NEW.valid_to IS NULL OR NEW.valid_to >= OLD.valid_to
     OR NEW.valid_to <= (market_now() AT TIME ZONE 'Asia/Shanghai')::date THEN
    RAISE EXCEPTION 'the rule % is kept; it may only end, on a day that has not come', OLD.key
      USING ERRCODE = 'check_violation', CONSTRAINT = 'dated_rule_kept';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER dated_rule_is_kept BEFORE UPDATE ON dated_rule FOR EACH ROW EXECUTE FUNCTION check_rule_kept();
CREATE TRIGGER dated_rule_is_not_removed BEFORE DELETE ON dated_rule FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER kept_rule_append_only BEFORE UPDATE OR DELETE ON kept_rule
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Whose law a sale is under is written at its publication and stays.
CREATE FUNCTION check_listing_regime() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (OLD.seller_regime IS NOT NULL AND NEW.seller_regime IS DISTINCT FROM OLD.seller_regime)
     OR (OLD.seller_jurisdiction IS NOT NULL AND NEW.seller_jurisdiction IS DISTINCT FROM OLD.seller_jurisdiction) THEN
    RAISE EXCEPTION 'listing %: the regime it was published under is kept', OLD.listing_no
      USING ERRCODE = 'check_violation', CONSTRAINT = 'listing_regime';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER listing_regime BEFORE UPDATE ON listing FOR EACH ROW EXECUTE FUNCTION check_listing_regime();

CREATE FUNCTION check_rule_proposal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.decision IS NOT NULL
     OR (NEW.id, NEW.key, NEW.board, NEW.jurisdiction, NEW.value, NEW.valid_from, NEW.source, NEW.proposed_by,
         NEW.proposed_at)
        IS DISTINCT FROM
        (OLD.id, OLD.key, OLD.board, OLD.jurisdiction, OLD.value, OLD.valid_from, OLD.source, OLD.proposed_by,
         OLD.proposed_at) THEN
    RAISE EXCEPTION 'rule proposal %: what was proposed or decided is kept', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'rule_proposal_kept';
  END IF;
  IF NEW.decision = 'approve' AND NEW.valid_from <= (market_now() AT TIME ZONE 'Asia/Shanghai')::date THEN
    RAISE EXCEPTION 'rule proposal %: a rule takes effect on a later day', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'rule_proposal_ahead';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER rule_proposal_is_kept BEFORE UPDATE ON rule_proposal
  FOR EACH ROW EXECUTE FUNCTION check_rule_proposal();
CREATE TRIGGER rule_proposal_is_not_removed BEFORE DELETE ON rule_proposal
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""

# A notice goes its way and no other; once published it says what it said, and is over when its time is.
NOTICES = """
CREATE FUNCTION check_notice_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.status <> OLD.status AND (OLD.status, NEW.status) NOT IN
     (('draft', 'running'), ('draft', 'withdrawn'), ('running', 'suspended'), ('running', 'completed'),
      ('running', 'void'), ('running', 'withdrawn'), ('suspended', 'running'), ('suspended', 'terminated'),
      ('suspended', 'void'), ('suspended', 'withdrawn'), ('completed', 'void')) THEN
    RAISE EXCEPTION 'notice % cannot go from % to %', OLD.notice_no, OLD.status, NEW.status
      USING ERRCODE = 'check_violation', CONSTRAINT = 'public_notice_step';
  END IF;
  IF (NEW.id, NEW.notice_no, NEW.version, NEW.listing_id, NEW.seller_id, NEW.created_by, NEW.created_at)
     IS DISTINCT FROM
     (OLD.id, OLD.notice_no, OLD.version, OLD.listing_id, OLD.seller_id, OLD.created_by, OLD.created_at)
     OR (OLD.status <> 'draft' AND
         (NEW.achievement_name, NEW.abstract, NEW.transfer_mode, NEW.price_fen, NEW.payment_terms, NEW.pricing_basis,
          NEW.transferee_id, NEW.transferee_name, NEW.is_related, NEW.relation, NEW.involved, NEW.posted_at_unit,
          NEW.objection_channel, NEW.objection_procedure, NEW.is_cleared, NEW.on_market, NEW.publishes_result,
          NEW.period_count, NEW.period_unit, NEW.published_at)
         IS DISTINCT FROM
         (OLD.achievement_name, OLD.abstract, OLD.transfer_mode, OLD.price_fen, OLD.payment_terms, OLD.pricing_basis,
          OLD.transferee_id, OLD.transferee_name, OLD.is_related, OLD.relation, OLD.involved, OLD.posted_at_unit,
          OLD.objection_channel, OLD.objection_procedure, OLD.is_cleared, OLD.on_market, OLD.publishes_result,
          OLD.period_count, OLD.period_unit, OLD.published_at))
     OR (OLD.certificate IS NOT NULL AND
         (NEW.certificate, NEW.certificate_sha256, NEW.completed_at)
         IS DISTINCT FROM (OLD.certificate, OLD.certificate_sha256, OLD.completed_at)) THEN
    RAISE EXCEPTION 'notice % is % and says what it said', OLD.notice_no, OLD.status
      USING ERRCODE = 'check_violation', CONSTRAINT = 'public_notice_step';
  END IF;
  IF NEW.status IN ('running', 'completed') AND NEW.status <> OLD.status AND EXISTS
     (SELECT 1 FROM notice_objection WHERE notice_id = NEW.id AND decision IS NULL) THEN
    RAISE EXCEPTION 'notice % has an open objection', OLD.notice_no
      USING ERRCODE = 'check_violation', CONSTRAINT = 'public_notice_objection';
  END IF;
  IF NEW.status = 'completed' AND OLD.status <> 'completed' AND market_now() < OLD.ends_at THEN
    RAISE EXCEPTION 'notice % runs until %', OLD.notice_no, OLD.ends_at
      USING ERRCODE = 'check_violation', CONSTRAINT = 'public_notice_over';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER public_notice_step BEFORE UPDATE ON public_notice FOR EACH ROW EXECUTE FUNCTION check_notice_step();
CREATE TRIGGER public_notice_is_kept BEFORE DELETE ON public_notice FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE FUNCTION check_objection_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.decision IS NOT NULL
     OR (NEW.id, NEW.notice_id, NEW.number, NEW.objector_id, NEW.objector_organisation_id, NEW.objector_name,
         NEW.relation, NEW.reason, NEW.evidence, NEW.filed_at)
        IS DISTINCT FROM
        (OLD.id, OLD.notice_id, OLD.number, OLD.objector_id, OLD.objector_organisation_id, OLD.objector_name,
         OLD.relation, OLD.reason, OLD.evidence, OLD.filed_at) THEN
    RAISE EXCEPTION 'an objection stays as it was filed, and is decided once'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_objection_step';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER notice_objection_step BEFORE UPDATE ON notice_objection
  FOR EACH ROW EXECUTE FUNCTION check_objection_step();
CREATE TRIGGER notice_objection_is_kept BEFORE DELETE ON notice_objection
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE FUNCTION check_objection_taken() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM public_notice WHERE id = NEW.notice_id AND status IN ('running', 'suspended')) THEN
    RAISE EXCEPTION 'this notice takes no objection now'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_objection_taken';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER notice_objection_taken BEFORE INSERT ON notice_objection
  FOR EACH ROW EXECUTE FUNCTION check_objection_taken();
"""

# Key, board, jurisdiction, value, first day, source.
SEEDED_RULES: list[tuple[str, str, str, object, str, str]] = [
    (
        "seller.methods.state_research",
        "standard",
        "CN",
        ["negotiated", "listed", "auction"],
        "2015-10-01",
        "促进科技成果转化法（2015 年修正）第十八条：通过协议定价、在技术交易市场挂牌交易、拍卖等方式确定价格",
    ),
    (
        "seller.methods.soe",
        "standard",
        "CN",
        ["listed", "auction"],
        "2009-05-01",
        "企业国有资产法第五十四条：应当在依法设立的产权交易场所公开进行；直接协议转让须另有国家规定",
    ),
    (
        "seller.methods.public_institution_other",
        "standard",
        "CN",
        ["listed", "auction"],
        "2021-04-01",
        "行政事业性国有资产管理条例：资产处置遵循公开、公平、公正原则；本市场采用公开方式",
    ),
    (
        "seller.methods.private_entity",
        "standard",
        "CN",
        ["negotiated", "listed", "auction"],
        "2015-10-01",
        "促进科技成果转化法第十六条、第十八条（反面解释）：民营单位自主决定转化与定价方式",
    ),
    (
        "seller.methods.natural_person",
        "standard",
        "CN",
        ["negotiated", "listed", "auction"],
        "2021-01-01",
        "民法典第八百四十八条：非职务技术成果的使用权、转让权属于完成技术成果的个人",
    ),
    (
        "seller.notice.state_research",
        "standard",
        "CN",
        ["negotiated"],
        "2015-10-01",
        "促进科技成果转化法第十八条：通过协议定价的，应当在本单位公示科技成果名称和拟交易价格",
    ),
    *(
        (
            f"seller.notice.{regime}",
            "standard",
            "CN",
            [],
            "2015-10-01",
            "促进科技成果转化法第十八条只约束国家设立的研究开发机构、高等院校",
        )
        for regime in ("soe", "public_institution_other", "private_entity", "natural_person")
    ),
    (
        "notice.period",
        "standard",
        "CN",
        {"count": 15, "unit": "day"},
        "2016-02-26",
        "国务院关于印发实施促进科技成果转化法若干规定的通知（国发〔2016〕16号）：公示时间不少于15日",
    ),
    (
        "notice.period",
        "demo",
        "CN",
        {"count": 10, "unit": "second"},
        "2017-01-01",
        "演示板块：为演示而缩短，不用于真实交易",
    ),
    (
        "notice.fields",
        "standard",
        "CN",
        ["name", "price"],
        "2015-10-01",
        "促进科技成果转化法第十八条：公示科技成果名称和拟交易价格",
    ),
    (
        "notice.fields",
        "standard",
        "330000",
        ["name", "abstract", "mode", "price", "relation"],
        "2017-05-01",
        "浙江省促进科技成果转化条例第十七条：公示成果名称、内容摘要、转化方式、拟交易价格；受让人为完成人或利害关系人的应注明",
    ),
    (
        "notice.fields",
        "standard",
        "370000",
        ["name", "price", "procedure"],
        "2018-01-01",
        "山东省促进科技成果转化条例第十四条：公示成果名称、拟交易价格等相关信息，公开异议处理程序",
    ),
    (
        "notice.on_market",
        "standard",
        "CN",
        False,
        "2015-10-01",
        "促进科技成果转化法第十八条：在本单位公示",
    ),
    (
        "notice.on_market",
        "standard",
        "330000",
        True,
        "2017-05-01",
        "浙江省促进科技成果转化条例第十七条：在本单位和技术交易市场公示",
    ),
    (
        "notice.publish_result",
        "standard",
        "CN",
        False,
        "2016-02-26",
        "国发〔2016〕16号：明确并公开异议处理程序和办法（未要求公开结果）",
    ),
    (
        "notice.publish_result",
        "standard",
        "370000",
        True,
        "2018-01-01",
        "山东省促进科技成果转化条例第十四条：公开异议处理程序和结果",
    ),
]


def run(text: str) -> None:
    """Sends several statements at once, as they are."""
    connection = op.get_bind().connection.dbapi_connection
    connection.run_async(lambda raw: raw.execute(text))  # type: ignore[union-attr]


def upgrade() -> None:
    """Makes all of it."""
    _make_calendar()
    _make_rulebook()
    _make_notices()


def _make_rulebook() -> None:
    op.create_table(
        "rule_proposal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("board", sa.Text(), nullable=False),
        sa.Column("jurisdiction", sa.Text(), nullable=False),
        sa.Column("value", JSON, nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rule_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("char_length(btrim(source)) >= 5", name=op.f("ck_rule_proposal_source")),
        sa.CheckConstraint("decision IN ('approve', 'reject')", name=op.f("ck_rule_proposal_decision")),
        sa.CheckConstraint(
            "(decision IS NULL) = (decided_by IS NULL) AND (decision IS NULL) = (decided_at IS NULL)",
            name=op.f("ck_rule_proposal_decided"),
        ),
        sa.CheckConstraint("decided_by <> proposed_by", name=op.f("ck_rule_proposal_two_people")),
        sa.CheckConstraint(
            "(decision IS NOT DISTINCT FROM 'approve') = (rule_id IS NOT NULL)",
            name=op.f("ck_rule_proposal_rule"),
        ),
        sa.CheckConstraint(
            "decision <> 'reject' OR char_length(btrim(reason)) >= 5", name=op.f("ck_rule_proposal_reason")
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_rule_proposal_decided_by")),
        sa.ForeignKeyConstraint(["proposed_by"], ["person.id"], name=op.f("fk_rule_proposal_proposed_by")),
        sa.ForeignKeyConstraint(["rule_id"], ["dated_rule.id"], name=op.f("fk_rule_proposal_rule_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_proposal")),
        sa.UniqueConstraint("rule_id", name=op.f("uq_rule_proposal_rule_id")),
    )
    op.create_index("ix_rule_proposal_key", "rule_proposal", ["key", "id"])
    op.create_table(
        "kept_rule",
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("rule_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"], name=op.f("fk_kept_rule_listing_id")),
        sa.ForeignKeyConstraint(["rule_id"], ["dated_rule.id"], name=op.f("fk_kept_rule_rule_id")),
        sa.PrimaryKeyConstraint("listing_id", "key", name=op.f("pk_kept_rule")),
    )
    name = "hashtextextended(key || chr(31) || board || chr(31) || jurisdiction, 0)"
    op.execute(
        f"ALTER TABLE dated_rule ADD CONSTRAINT ex_dated_rule_one_at_a_time EXCLUDE USING gist "
        f"(int8range({name}, {name}, '[]') WITH &&, daterange(valid_from, valid_to) WITH &&)"
    )
    insert = sa.text(
        "INSERT INTO dated_rule (key, board, jurisdiction, value, valid_from, source) "
        "VALUES (:key, :board, :jurisdiction, CAST(:value AS jsonb), :valid_from, :source)"
    )
    for key, board, jurisdiction, value, valid_from, source in SEEDED_RULES:
        row = {"key": key, "board": board, "jurisdiction": jurisdiction, "value": json.dumps(value)}
        row |= {"valid_from": date.fromisoformat(valid_from), "source": source}  # type: ignore[dict-item]
        op.get_bind().execute(insert, row)
    _add_regimes()
    run(RULES)


def _make_notices() -> None:
    op.create_table(
        "public_notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("notice_no", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), server_default="draft", nullable=False),
        sa.Column("achievement_name", sa.Text(), nullable=False),
        sa.Column("abstract", sa.Text(), server_default="", nullable=False),
        sa.Column("transfer_mode", sa.Text(), nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.Column("payment_terms", sa.Text(), server_default="", nullable=False),
        sa.Column("pricing_basis", sa.Text(), server_default="", nullable=False),
        sa.Column("transferee_id", sa.Uuid(), nullable=False),
        sa.Column("transferee_name", sa.Text(), nullable=False),
        sa.Column("is_related", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("relation", sa.Text(), server_default="", nullable=False),
        sa.Column("involved", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("posted_at_unit", sa.Text(), server_default="", nullable=False),
        sa.Column("objection_channel", sa.Text(), server_default="", nullable=False),
        sa.Column("objection_procedure", sa.Text(), server_default="", nullable=False),
        sa.Column("is_cleared", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("on_market", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("publishes_result", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("period_count", sa.BigInteger(), nullable=False),
        sa.Column("period_unit", sa.Text(), nullable=False),
        sa.Column("elapsed", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("counted_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("certificate", JSON, nullable=True),
        sa.Column("certificate_sha256", sa.Text(), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.CheckConstraint(
            "(certificate IS NULL) = (certificate_sha256 IS NULL) AND (certificate IS NULL) = (completed_at IS NULL) AND (status <> 'completed' OR completed_at IS NOT NULL)",
            name=op.f("ck_public_notice_certificate"),
        ),
        sa.CheckConstraint(
            "(status = 'running') <= (ends_at IS NOT NULL)", name=op.f("ck_public_notice_ends_at")
        ),
        sa.CheckConstraint("NOT is_related OR btrim(relation) <> ''", name=op.f("ck_public_notice_relation")),
        sa.CheckConstraint(
            "certificate_sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_public_notice_certificate_sha256")
        ),
        sa.CheckConstraint(
            "period_unit IN ('day', 'working_day', 'second')", name=op.f("ck_public_notice_period_unit")
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'running', 'suspended', 'completed', 'terminated', 'withdrawn', 'void')",
            name=op.f("ck_public_notice_status"),
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'withdrawn') OR published_at IS NOT NULL",
            name=op.f("ck_public_notice_published_at"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('running', 'suspended', 'completed') OR is_cleared",
            name=op.f("ck_public_notice_cleared"),
        ),
        sa.CheckConstraint(
            "transfer_mode IN ('assign', 'license', 'joint_implement', 'invest_in_kind', 'other')",
            name=op.f("ck_public_notice_transfer_mode"),
        ),
        sa.CheckConstraint(
            "(ends_at IS NULL) = (counted_from IS NULL)", name=op.f("ck_public_notice_counted_from")
        ),
        sa.CheckConstraint(
            "period_count > 0 AND elapsed BETWEEN 0 AND period_count", name=op.f("ck_public_notice_elapsed")
        ),
        sa.CheckConstraint("price_fen > 0", name=op.f("ck_public_notice_price")),
        sa.CheckConstraint("transferee_id <> seller_id", name=op.f("ck_public_notice_transferee")),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_public_notice_created_by")),
        sa.ForeignKeyConstraint(
            ["listing_id", "seller_id"],
            ["listing.id", "listing.seller_id"],
            name=op.f("fk_public_notice_listing_id_seller_id"),
        ),
        sa.ForeignKeyConstraint(
            ["transferee_id"], ["organisation.id"], name=op.f("fk_public_notice_transferee_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_public_notice")),
        sa.UniqueConstraint("listing_id", "version", name=op.f("uq_public_notice_listing_id_version")),
        sa.UniqueConstraint("notice_no", name=op.f("uq_public_notice_notice_no")),
    )
    op.create_index("ix_public_notice_seller", "public_notice", ["seller_id", "id"], unique=False)
    op.create_index("ix_public_notice_status", "public_notice", ["status", "id"], unique=False)
    op.create_index(
        "uq_public_notice_live",
        "public_notice",
        ["listing_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('draft', 'running', 'suspended', 'completed')"),
    )
    op.create_table(
        "notice_objection",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("objector_id", sa.Uuid(), nullable=False),
        sa.Column("objector_organisation_id", sa.Uuid(), nullable=False),
        sa.Column("objector_name", sa.Text(), nullable=False),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("decision_text", sa.Text(), server_default="", nullable=False),
        sa.Column("decided_body", sa.Text(), server_default="", nullable=False),
        sa.Column("is_unrelated", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("decision IN ('reject', 'uphold')", name=op.f("ck_notice_objection_decision")),
        sa.CheckConstraint(
            "decision IS NULL OR (char_length(btrim(decision_text)) >= 10 AND btrim(decided_body) <> '' AND is_unrelated)",
            name=op.f("ck_notice_objection_decision_text"),
        ),
        sa.CheckConstraint("objector_name <> ''", name=op.f("ck_notice_objection_objector_name")),
        sa.CheckConstraint(
            "relation IN ('unit_member', 'interested_party', 'inventor')",
            name=op.f("ck_notice_objection_relation"),
        ),
        sa.CheckConstraint(
            "(decision IS NULL) = (decided_by IS NULL) AND (decision IS NULL) = (decided_at IS NULL)",
            name=op.f("ck_notice_objection_decided"),
        ),
        sa.CheckConstraint("char_length(btrim(evidence)) >= 5", name=op.f("ck_notice_objection_evidence")),
        sa.CheckConstraint("char_length(btrim(reason)) >= 10", name=op.f("ck_notice_objection_reason")),
        sa.CheckConstraint("decided_by <> objector_id", name=op.f("ck_notice_objection_decider")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_notice_objection_decided_by")),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["public_notice.id"], name=op.f("fk_notice_objection_notice_id")
        ),
        sa.ForeignKeyConstraint(["objector_id"], ["person.id"], name=op.f("fk_notice_objection_objector_id")),
        sa.ForeignKeyConstraint(
            ["objector_organisation_id"],
            ["organisation.id"],
            name=op.f("fk_notice_objection_objector_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_objection")),
        sa.UniqueConstraint("notice_id", "number", name=op.f("uq_notice_objection_notice_id_number")),
    )
    op.create_index(
        "ix_notice_objection_open",
        "notice_objection",
        ["notice_id"],
        unique=False,
        postgresql_where=sa.text("decision IS NULL"),
    )
    run(NOTICES)


def _add_regimes() -> None:
    for column in (
        sa.Column("regime", sa.Text(), server_default="private_entity", nullable=False),
        sa.Column("jurisdiction", sa.Text(), server_default="CN", nullable=False),
    ):
        op.add_column("organisation", column)
    # Whoever registered before declared no regime: it follows from his kind until the desk corrects it.
    op.execute(
        "UPDATE organisation SET regime = CASE WHEN kind IN ('university', 'institute') THEN 'state_research' "
        "WHEN kind = 'inventor' THEN 'natural_person' ELSE 'private_entity' END, "
        "jurisdiction = coalesce(left(region_code, 2) || '0000', 'CN')"
    )
    op.create_check_constraint(
        op.f("ck_organisation_regime"),
        "organisation",
        "regime IN ('state_research', 'soe', 'public_institution_other', 'private_entity', 'natural_person')",
    )
    op.create_check_constraint(
        op.f("ck_organisation_jurisdiction"), "organisation", "jurisdiction ~ '^(CN|[0-9]{2}0000)$'"
    )
    op.add_column("listing", sa.Column("seller_regime", sa.Text(), nullable=True))
    op.add_column("listing", sa.Column("seller_jurisdiction", sa.Text(), nullable=True))


def _make_calendar() -> None:
    year = op.create_table(
        "calendar_year",
        sa.Column("year", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column(
            "maintained_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("market_now()"),
            nullable=False,
        ),
        sa.CheckConstraint("year BETWEEN 2000 AND 2200", name=op.f("ck_calendar_year_year")),
        sa.CheckConstraint("char_length(btrim(source)) >= 5", name=op.f("ck_calendar_year_source")),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_calendar_year")),
    )
    holiday = op.create_table(
        "holiday",
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_working", sa.Boolean(), nullable=False),
        sa.CheckConstraint('extract(year FROM "on") = year', name=op.f("ck_holiday_year")),
        sa.CheckConstraint("name <> ''", name=op.f("ck_holiday_name")),
        sa.ForeignKeyConstraint(["year"], ["calendar_year.year"], name=op.f("fk_holiday_year")),
        sa.PrimaryKeyConstraint("on", name=op.f("pk_holiday")),
    )
    for number, (source, breaks, worked) in YEARS.items():
        op.bulk_insert(year, [{"year": number, "source": source}])
        rows: list[dict[str, object]] = []
        for first, last, name in breaks:
            day = date.fromisoformat(first)
            while day <= date.fromisoformat(last):
                rows.append({"on": day, "year": number, "name": name, "is_working": False})
                day += timedelta(days=1)
        rows += [
            {"on": date.fromisoformat(day), "year": number, "name": name, "is_working": True}
            for day, name in worked.items()
        ]
        op.bulk_insert(holiday, rows)
    run(CALENDAR)
