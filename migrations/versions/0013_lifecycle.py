"""listings that are suspended, resumed, changed, prolonged, terminated and listed anew; what each board admits

Listings of before were announced once, have no clause of prolongation and follow no other. Kept as it is once released.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

OPEN = "status IN ('draft', 'in_review', 'returned', 'accepted', 'listed', 'suspended')"
PUBLISHED = "status IN ('listed', 'suspended', 'sold', 'unsold', 'terminated')"
BIDS = "(method = 'auction' OR (method = 'listed' AND rights <> 'ordinary'))"

STEPS = """
-- What is offered is frozen once it was accepted. Its times move on when a listing is resumed or prolonged; its words and
-- its price change with a new announcement; how it is sold never changes.
CREATE OR REPLACE FUNCTION check_listing_step() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  is_announced boolean := OLD.status = 'listed' AND NEW.status = 'listed' AND NEW.announcement = OLD.announcement + 1;
  is_moved boolean := OLD.status IN ('listed', 'suspended') AND NEW.status = 'listed'
    AND NEW.moves = OLD.moves + 1
    AND (NEW.notice_ends_at IS NULL OR NEW.notice_ends_at >= OLD.notice_ends_at)
    AND (NEW.opens_at IS NULL OR NEW.opens_at >= OLD.opens_at) AND NEW.closes_at >= OLD.closes_at;
BEGIN
  IF NEW.status <> OLD.status AND (OLD.status, NEW.status) NOT IN
     (('draft', 'in_review'), ('returned', 'in_review'), ('in_review', 'accepted'), ('in_review', 'returned'),
      ('accepted', 'returned'), ('accepted', 'listed'), ('listed', 'sold'), ('listed', 'unsold'),
      ('listed', 'terminated'), ('sold', 'terminated'),
      ('listed', 'suspended'), ('suspended', 'listed'), ('suspended', 'terminated')) THEN
    RAISE EXCEPTION 'listing % cannot go from % to %', OLD.listing_no, OLD.status, NEW.status
      USING ERRCODE = 'check_violation', CONSTRAINT = 'listing_step';
  END IF;
  IF (NEW.id, NEW.listing_no, NEW.board, NEW.seller_id, NEW.patent_id, NEW.package_id, NEW.demand_id,
      NEW.is_demonstration, NEW.created_at, NEW.former_id, NEW.first_price_fen)
     IS DISTINCT FROM
     (OLD.id, OLD.listing_no, OLD.board, OLD.seller_id, OLD.patent_id, OLD.package_id, OLD.demand_id,
      OLD.is_demonstration, OLD.created_at, OLD.former_id, OLD.first_price_fen) THEN
    RAISE EXCEPTION 'listing %: its number, board, seller, subject and former listing never change', OLD.listing_no
      USING ERRCODE = 'check_violation', CONSTRAINT = 'listing_step';
  END IF;
  IF NEW.announcement <> OLD.announcement AND NOT is_announced OR NEW.moves NOT IN (OLD.moves, OLD.moves + 1) THEN
    RAISE EXCEPTION 'listing % is % and is not announced anew', OLD.listing_no, OLD.status
      USING ERRCODE = 'check_violation', CONSTRAINT = 'listing_step';
  END IF;
  IF OLD.status NOT IN ('draft', 'returned') AND
     ((NEW.rights, NEW.deposit_fen, NEW.reserve_price_fen, NEW.trigger_seconds, NEW.extension_seconds, NEW.format,
       NEW.direction, NEW.min_bidders, NEW.options, NEW.priority, NEW.priority_seconds, NEW.priority_holders,
       NEW.priority_declared, NEW.prolong_count, NEW.prolong_times, NEW.approval_ref)
      IS DISTINCT FROM
      (OLD.rights, OLD.deposit_fen, OLD.reserve_price_fen, OLD.trigger_seconds, OLD.extension_seconds, OLD.format,
       OLD.direction, OLD.min_bidders, OLD.options, OLD.priority, OLD.priority_seconds, OLD.priority_holders,
       OLD.priority_declared, OLD.prolong_count, OLD.prolong_times, OLD.approval_ref)
      OR ((NEW.title, NEW.description, NEW.encumbrances, NEW.start_price_fen, NEW.step_fen)
          IS DISTINCT FROM
          (OLD.title, OLD.description, OLD.encumbrances, OLD.start_price_fen, OLD.step_fen) AND NOT is_announced)
      OR ((NEW.opens_at, NEW.closes_at, NEW.hard_end_at) IS DISTINCT FROM (OLD.opens_at, OLD.closes_at, OLD.hard_end_at)
          AND NOT (is_moved OR is_announced))) THEN
    RAISE EXCEPTION 'listing % is % and its offer is frozen', OLD.listing_no, OLD.status
      USING ERRCODE = 'check_violation', CONSTRAINT = 'listing_step';
  END IF;
  -- A sale by bidding gives its place to another one of the same listing only when it is over without a buyer.
  IF OLD.auction_id IS NOT NULL AND NEW.auction_id IS DISTINCT FROM OLD.auction_id AND
     (NEW.status <> 'listed' OR OLD.status NOT IN ('listed', 'suspended')
      OR (NEW.auction_id IS NULL AND OLD.method = 'auction')
      OR NOT EXISTS (SELECT FROM auction WHERE id = OLD.auction_id AND phase IN ('void', 'unsold'))
      OR (NEW.auction_id IS NOT NULL
          AND NOT EXISTS (SELECT FROM auction WHERE id = NEW.auction_id AND listing_id = NEW.id))) THEN
    RAISE EXCEPTION 'listing % keeps the sale that it has', OLD.listing_no
      USING ERRCODE = 'check_violation', CONSTRAINT = 'listing_step';
  END IF;
  RETURN NEW;
END $$;

-- In which way a buyer is found is part of what is announced: nothing is switched once it was accepted. What is announced
-- about a competition moves with its times.
CREATE OR REPLACE FUNCTION check_listing_method() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  is_moved boolean := OLD.status IN ('listed', 'suspended') AND NEW.status = 'listed' AND NEW.moves = OLD.moves + 1 AND
    (NEW.announcement <> OLD.announcement OR
     (NEW.opens_at >= OLD.opens_at AND NEW.notice_ends_at >= OLD.notice_ends_at));
BEGIN
  IF (OLD.status NOT IN ('draft', 'returned') AND NEW.method <> OLD.method)
     OR (OLD.status NOT IN ('draft', 'returned') AND NEW.notice_ends_at IS DISTINCT FROM OLD.notice_ends_at
         AND is_moved IS NOT TRUE)
     OR (OLD.announced_rules IS NOT NULL AND NEW.announced_rules IS DISTINCT FROM OLD.announced_rules
         AND is_moved IS NOT TRUE) THEN
    RAISE EXCEPTION 'listing % is % and its method is frozen', OLD.listing_no, OLD.status
      USING ERRCODE = 'check_violation', CONSTRAINT = 'listing_method';
  END IF;
  RETURN NEW;
END $$;

-- Who was admitted to a sale that was called off waits with his deposit for the next; the rules that somebody accepted
-- change only with an announcement that he has confirmed.
CREATE OR REPLACE FUNCTION check_intent_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.status <> OLD.status AND (OLD.status, NEW.status) NOT IN
     (('submitted', 'qualified'), ('submitted', 'rejected'), ('submitted', 'lost'), ('qualified', 'admitted'),
      ('qualified', 'lost'), ('admitted', 'won'), ('admitted', 'lost'),
      ('qualified', 'paid'), ('paid', 'admitted'), ('paid', 'won'), ('paid', 'lost'), ('admitted', 'paid')) THEN
    RAISE EXCEPTION 'intent % cannot go from % to %', OLD.id, OLD.status, NEW.status
      USING ERRCODE = 'check_violation', CONSTRAINT = 'intent_step';
  END IF;
  IF (NEW.id, NEW.listing_id, NEW.seller_id, NEW.buyer_id, NEW.claims_priority, NEW.created_at)
     IS DISTINCT FROM
     (OLD.id, OLD.listing_id, OLD.seller_id, OLD.buyer_id, OLD.claims_priority, OLD.created_at)
     OR ((NEW.rules_sha256, NEW.accepted_by) IS DISTINCT FROM (OLD.rules_sha256, OLD.accepted_by)
         AND NEW.announcement <= OLD.announcement)
     OR NEW.announcement < OLD.announcement
     OR (OLD.status <> 'submitted' AND NEW.has_priority <> OLD.has_priority) THEN
    RAISE EXCEPTION 'intent %: its parties, the rules accepted and a decided priority never change', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'intent_step';
  END IF;
  RETURN NEW;
END $$;
"""

BULLETINS = """
CREATE TABLE listing_petition (
  id uuid CONSTRAINT pk_listing_petition PRIMARY KEY,
  listing_id uuid NOT NULL,
  seller_id uuid NOT NULL,
  kind text NOT NULL,
  reason_zh text NOT NULL,
  reason_en text NOT NULL,
  changes jsonb NOT NULL DEFAULT '{}',
  asked_by uuid NOT NULL CONSTRAINT fk_listing_petition_asked_by REFERENCES person (id),
  asked_at timestamptz NOT NULL DEFAULT market_now(),
  decision text,
  decision_reason text NOT NULL DEFAULT '',
  decided_by uuid CONSTRAINT fk_listing_petition_decided_by REFERENCES person (id),
  decided_at timestamptz,
  CONSTRAINT fk_listing_petition_listing_id_seller_id FOREIGN KEY (listing_id, seller_id)
    REFERENCES listing (id, seller_id),
  CONSTRAINT ck_listing_petition_kind CHECK (kind IN ('suspend', 'terminate', 'change')),
  CONSTRAINT ck_listing_petition_decision CHECK (decision IN ('approve', 'refuse', 'lapse')),
  CONSTRAINT ck_listing_petition_decided_at CHECK ((decision IS NULL) = (decided_at IS NULL)),
  CONSTRAINT ck_listing_petition_decided_by CHECK ((decided_by IS NOT NULL) = (decision IN ('approve', 'refuse')) OR decision IS NULL),
  CONSTRAINT ck_listing_petition_changes CHECK ((kind = 'change') = (changes <> '{}'::jsonb))
);
CREATE UNIQUE INDEX uq_listing_petition_open ON listing_petition (listing_id) WHERE decision IS NULL;
CREATE INDEX ix_listing_petition_listing ON listing_petition (listing_id, id);

CREATE TABLE listing_bulletin (
  id uuid CONSTRAINT pk_listing_bulletin PRIMARY KEY,
  listing_id uuid NOT NULL CONSTRAINT fk_listing_bulletin_listing_id REFERENCES listing (id),
  number bigint NOT NULL,
  kind text NOT NULL,
  ground text,
  reason_zh text NOT NULL,
  reason_en text NOT NULL,
  petition_id uuid CONSTRAINT fk_listing_bulletin_petition_id REFERENCES listing_petition (id),
  person_id uuid CONSTRAINT fk_listing_bulletin_person_id REFERENCES person (id),
  at timestamptz NOT NULL,
  until_at timestamptz,
  deadline_before timestamptz NOT NULL,
  deadline_after timestamptz,
  announcement bigint NOT NULL,
  changes jsonb NOT NULL DEFAULT '{}',
  voided_auction_id uuid CONSTRAINT fk_listing_bulletin_voided_auction_id REFERENCES auction (id),
  auction_id uuid CONSTRAINT fk_listing_bulletin_auction_id REFERENCES auction (id),
  CONSTRAINT uq_listing_bulletin_listing_id_number UNIQUE (listing_id, number),
  CONSTRAINT ck_listing_bulletin_kind
    CHECK (kind IN ('suspended', 'resumed', 'terminated', 'changed', 'prolonged')),
  CONSTRAINT ck_listing_bulletin_ground CHECK (
    CASE kind WHEN 'terminated' THEN ground IN ('obstacle', 'withdrawal') ELSE ground IS NULL END),
  CONSTRAINT ck_listing_bulletin_until_at CHECK ((until_at IS NOT NULL) = (kind = 'suspended')),
  CONSTRAINT ck_listing_bulletin_deadline_after
    CHECK ((deadline_after IS NOT NULL) = (kind IN ('resumed', 'changed', 'prolonged'))),
  CONSTRAINT ck_listing_bulletin_reason
    CHECK (char_length(btrim(reason_zh)) >= 2 AND char_length(btrim(reason_en)) >= 2)
);
CREATE TRIGGER listing_bulletin_append_only BEFORE UPDATE OR DELETE ON listing_bulletin
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE FUNCTION check_petition_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.decision IS NOT NULL
     OR (NEW.id, NEW.listing_id, NEW.seller_id, NEW.kind, NEW.reason_zh, NEW.reason_en, NEW.changes, NEW.asked_by,
         NEW.asked_at)
        IS DISTINCT FROM
        (OLD.id, OLD.listing_id, OLD.seller_id, OLD.kind, OLD.reason_zh, OLD.reason_en, OLD.changes, OLD.asked_by,
         OLD.asked_at) THEN
    RAISE EXCEPTION 'petition %: what was asked for or decided is kept', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'petition_step';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER petition_step BEFORE UPDATE ON listing_petition
  FOR EACH ROW EXECUTE FUNCTION check_petition_step();
CREATE TRIGGER petition_is_kept BEFORE DELETE ON listing_petition
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- A listing that has ended keeps nobody's money but the winner's.
CREATE FUNCTION check_no_deposit_left() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.status IN ('unsold', 'terminated') AND OLD.status IN ('listed', 'suspended') AND EXISTS (
    SELECT FROM deposit WHERE listing_id = NEW.id AND status IN ('due', 'held')) THEN
    RAISE EXCEPTION 'listing % has ended and still holds deposits', NEW.listing_no
      USING ERRCODE = 'check_violation', CONSTRAINT = 'listing_deposits';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER listing_deposits AFTER UPDATE ON listing
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_no_deposit_left();
"""

RULES = """
INSERT INTO dated_rule (key, board, jurisdiction, value, valid_from, source) VALUES
  ('listing.suspension', 'standard', 'CN', '{"count": 1, "unit": "month"}', '2020-01-01',
   '本市场交易规则（房规），比照企业国有产权交易操作规则（国资发产权〔2009〕120号，已废止）第二十三条：中止期限一般不超过一个月'),
  ('listing.suspension', 'demo', 'CN', '{"count": 600, "unit": "second"}', '2020-01-01',
   '演示板块（房规）：期限以秒计'),
  ('listing.resume_notice', 'standard', 'CN', '{"count": 10, "unit": "working_day"}', '2020-01-01',
   '本市场交易规则（房规），比照120号第二十三条：恢复后累计公告期不少于原公告期，继续公告不少于十个工作日'),
  ('listing.resume_notice', 'demo', 'CN', '{"count": 2, "unit": "second"}', '2020-01-01',
   '演示板块（房规）：期限以秒计'),
  ('listing.prolongation', 'standard', 'CN', '{"count": 5, "unit": "working_day"}', '2020-01-01',
   '本市场交易规则（房规），比照120号第二十条：延长信息公告的，每次不少于五个工作日'),
  ('listing.prolongation', 'demo', 'CN', '{"count": 5, "unit": "second"}', '2020-01-01',
   '演示板块（房规）：期限以秒计'),
  ('relist.lowest_bp.soe', 'standard', 'CN', '9000', '2020-01-01',
   '企业国有资产交易监督管理办法（32号令）：新的转让底价低于首次挂牌价百分之九十的，须经原批准单位重新批准'),
  ('relist.lowest_bp.state_research', 'standard', 'CN', '0', '2020-01-01',
   '促进科技成果转化法第十八条：自主决定转让，价格由单位决策确定；本市场不另设限'),
  ('relist.lowest_bp.public_institution_other', 'standard', 'CN', '9000', '2020-01-01',
   '本市场交易规则（房规），比照企业国有资产交易监督管理办法（32号令）对降价再挂牌的要求'),
  ('relist.lowest_bp.private_entity', 'standard', 'CN', '0', '2020-01-01', '本市场交易规则（房规）：民营单位自主定价'),
  ('relist.lowest_bp.natural_person', 'standard', 'CN', '0', '2020-01-01', '本市场交易规则（房规）：个人自主定价'),
  ('board.name', 'standard', 'CN', '{"zh": "常规板块", "en": "standard board"}', '2020-01-01', '本市场板块设置（房规）'),
  ('board.name', 'demo', 'CN', '{"zh": "演示板块", "en": "demonstration board"}', '2020-01-01', '本市场板块设置（房规）'),
  ('board.name', 'state', 'CN', '{"zh": "国资板块", "en": "state-owned assets board"}', '2020-01-01',
   '本市场板块设置（房规）：国有资产按企业国有资产法第五十四条公开进行'),
  ('board.sellers', 'standard', 'CN',
   '["state_research", "soe", "public_institution_other", "private_entity", "natural_person"]', '2020-01-01',
   '本市场板块设置（房规）：不限卖方类别'),
  ('board.sellers', 'state', 'CN', '["state_research", "soe", "public_institution_other"]', '2020-01-01',
   '本市场板块设置（房规）：只收国有单位的项目'),
  ('board.rights', 'standard', 'CN', '["assignment", "exclusive", "sole", "ordinary", "development"]', '2020-01-01',
   '本市场板块设置（房规）：不限权利种类'),
  ('board.rights', 'state', 'CN', '["assignment", "exclusive", "sole", "ordinary"]', '2020-01-01',
   '本市场板块设置（房规）：转让与许可'),
  ('board.methods', 'standard', 'CN', '["auction", "listed", "negotiated"]', '2020-01-01',
   '本市场板块设置（房规）：三种交易方式'),
  ('board.methods', 'state', 'CN', '["auction", "listed"]', '2020-01-01',
   '企业国有资产法第五十四条：征集产生两个以上受让方的，应当公开竞价；本板块不办协议定价'),
  ('board.notice', 'standard', 'CN', '{"count": 0, "unit": "second"}', '2020-01-01',
   '本市场板块设置（房规）：最短公告期由转让方在挂牌时公布'),
  ('board.notice', 'state', 'CN', '{"count": 10, "unit": "working_day"}', '2020-01-01',
   '本市场板块设置（房规），比照产权交易机构资产转让信息披露期：不少于十个工作日');
"""


def run(text: str) -> None:
    """Sends several statements at once, as they are."""
    connection = op.get_bind().connection.dbapi_connection
    connection.run_async(lambda raw: raw.execute(text))  # type: ignore[union-attr]


def upgrade() -> None:
    """Widens listings and intents, and adds what is announced about a listing and what its seller asks for."""
    _widen_listings()
    op.add_column("intent", sa.Column("announcement", sa.BigInteger(), nullable=False, server_default="1"))
    op.drop_constraint("uq_auction_listing_id", "auction")
    op.create_index(op.f("ix_auction_listing_id"), "auction", ["listing_id"])
    run(BULLETINS)
    run(STEPS)
    run(RULES)


def _widen_listings() -> None:
    for column in (
        sa.Column("announcement", sa.BigInteger(), nullable=False, server_default="1"),
        sa.Column("moves", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("prolong_count", sa.BigInteger()),
        sa.Column("prolong_times", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("former_id", sa.Uuid()),
        sa.Column("first_price_fen", sa.BigInteger()),
        sa.Column("approval_ref", sa.Text(), nullable=False, server_default=""),
    ):
        op.add_column("listing", column)
    op.create_foreign_key(op.f("fk_listing_former_id"), "listing", "listing", ["former_id"], ["id"])
    op.create_index("ix_listing_former", "listing", ["former_id"])
    for name in ("board", "status", "auction", "published_at", "announced_rules"):
        op.drop_constraint(f"ck_listing_{name}", "listing")
    for name, condition in (
        ("board", "board ~ '^[a-z_]{2,20}$'"),
        (
            "status",
            (
                "status IN ('draft', 'in_review', 'returned', 'accepted', 'listed', 'suspended', 'sold', 'unsold', "
                "'terminated')"
            ),
        ),
        (
            "auction",
            (
                f"CASE WHEN method = 'auction' THEN (auction_id IS NOT NULL) = ({PUBLISHED}) "
                f"ELSE auction_id IS NULL OR (method = 'listed' AND {BIDS} AND {PUBLISHED}) END"
            ),
        ),
        ("published_at", f"(published_at IS NOT NULL) = ({PUBLISHED})"),
        (
            "announced_rules",
            f"(announced_rules IS NOT NULL) = (method = 'listed' AND {BIDS} AND {PUBLISHED})",
        ),
        ("prolongation", "prolong_times BETWEEN 0 AND 12 AND (prolong_count IS NULL) = (prolong_times = 0)"),
        ("prolong_count", "prolong_count BETWEEN 1 AND 1000"),
        ("former", "(first_price_fen IS NOT NULL) = (former_id IS NOT NULL) AND former_id <> id"),
    ):
        op.create_check_constraint(op.f(f"ck_listing_{name}"), "listing", condition)
    for name in ("uq_listing_open_patent", "uq_listing_open_demand", "uq_listing_sold_patent"):
        op.drop_index(name, "listing")
    for name, columns, condition in (
        ("uq_listing_open_patent", ["patent_id"], OPEN),
        ("uq_listing_open_demand", ["demand_id"], OPEN),
        (
            "uq_listing_sold_patent",
            ["patent_id", "seller_id"],
            f"({OPEN} OR (status = 'sold' AND rights = 'assignment')) AND NOT is_demonstration",
        ),
    ):
        op.create_index(name, "listing", columns, unique=True, postgresql_where=sa.text(condition))
