"""royalties, entry fees, deferred payment and the buyers' reports"""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

SQL = r"""
-- What is owed so far: of all settlements before this revision the price, which no row's trigger is to judge.
ALTER TABLE settlement ADD COLUMN due_fen BIGINT;
ALTER TABLE settlement ADD COLUMN is_open BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE settlement DISABLE TRIGGER USER;
UPDATE settlement SET due_fen = price_fen;
ALTER TABLE settlement ENABLE TRIGGER USER;
ALTER TABLE settlement ALTER COLUMN due_fen SET NOT NULL;
ALTER TABLE settlement DROP CONSTRAINT ck_settlement_kind;
ALTER TABLE settlement DROP CONSTRAINT ck_settlement_received;
ALTER TABLE settlement DROP CONSTRAINT ck_settlement_escrow_full;
ALTER TABLE settlement DROP CONSTRAINT ck_settlement_all_released;
ALTER TABLE settlement ADD CONSTRAINT ck_settlement_kind
  CHECK (kind IN ('one_off', 'instalments', 'royalty', 'entry_fee_plus_royalty', 'deferred', 'staged'));
ALTER TABLE settlement ADD CONSTRAINT ck_settlement_is_open
  CHECK (NOT is_open OR kind IN ('royalty', 'entry_fee_plus_royalty'));
ALTER TABLE settlement ADD CONSTRAINT ck_settlement_due
  CHECK (due_fen = price_fen OR kind = 'entry_fee_plus_royalty' AND due_fen > price_fen OR kind = 'royalty' AND (due_fen > price_fen OR is_open AND due_fen >= deposit_fen));
ALTER TABLE settlement ADD CONSTRAINT ck_settlement_received
  CHECK (received_fen BETWEEN 0 AND due_fen);
ALTER TABLE settlement ADD CONSTRAINT ck_settlement_escrow_full
  CHECK (status <> 'escrow_full' OR (received_fen = due_fen AND NOT is_open));
ALTER TABLE settlement ADD CONSTRAINT ck_settlement_all_released
  CHECK (status NOT IN ('released', 'completed') OR (released_fen = due_fen AND NOT is_open));
ALTER TABLE settlement_term ADD COLUMN condition TEXT;

CREATE TABLE royalty_plan (
  settlement_id UUID NOT NULL,
  base TEXT NOT NULL,
  rate_bp BIGINT NOT NULL,
  period_months BIGINT NOT NULL,
  periods BIGINT NOT NULL,
  lead_months BIGINT NOT NULL,
  starts_on DATE NOT NULL,
  report_days BIGINT NOT NULL,
  pay_days BIGINT NOT NULL,
  minimum_fen BIGINT NOT NULL,
  cap_fen BIGINT,
  may_inspect BOOLEAN NOT NULL,
  CONSTRAINT pk_royalty_plan PRIMARY KEY (settlement_id),
  CONSTRAINT ck_royalty_plan_base CHECK (base IN ('sales', 'profit', 'output')),
  CONSTRAINT ck_royalty_plan_rate CHECK (rate_bp BETWEEN 1 AND 10000),
  CONSTRAINT ck_royalty_plan_periods CHECK (period_months IN (1, 3, 6, 12) AND periods > 0 AND lead_months >= 0),
  CONSTRAINT ck_royalty_plan_days CHECK (report_days > 0 AND pay_days > 0),
  CONSTRAINT ck_royalty_plan_cap CHECK (minimum_fen >= 0 AND cap_fen >= minimum_fen * periods),
  CONSTRAINT fk_royalty_plan_settlement_id FOREIGN KEY(settlement_id) REFERENCES settlement (id)
);
CREATE TABLE royalty_report (
  id UUID NOT NULL,
  settlement_id UUID NOT NULL,
  period BIGINT NOT NULL,
  base_fen BIGINT NOT NULL,
  note TEXT NOT NULL,
  status TEXT DEFAULT 'submitted' NOT NULL,
  replaces_id UUID,
  reason TEXT,
  reported_by UUID NOT NULL,
  reported_at TIMESTAMP WITH TIME ZONE DEFAULT market_now() NOT NULL,
  objection TEXT,
  objected_by UUID,
  objected_at TIMESTAMP WITH TIME ZONE,
  accepted_base_fen BIGINT,
  royalty_fen BIGINT,
  payable_fen BIGINT,
  pay_by DATE,
  accepted_by UUID,
  accepted_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_royalty_report PRIMARY KEY (id),
  CONSTRAINT ck_royalty_report_status CHECK (status IN ('submitted', 'objected', 'accepted', 'replaced')),
  CONSTRAINT ck_royalty_report_base CHECK (base_fen BETWEEN 0 AND 9007199254740991),
  CONSTRAINT ck_royalty_report_note CHECK (char_length(note) <= 1000),
  CONSTRAINT ck_royalty_report_replaces CHECK ((replaces_id IS NOT NULL) = (reason IS NOT NULL)),
  CONSTRAINT ck_royalty_report_reason CHECK (char_length(btrim(reason)) BETWEEN 5 AND 1000),
  CONSTRAINT ck_royalty_report_objection CHECK (num_nonnulls(objection, objected_by, objected_at) IN (0, 3) AND (status <> 'objected' OR objection IS NOT NULL)),
  CONSTRAINT ck_royalty_report_accepted CHECK (num_nonnulls(accepted_base_fen, royalty_fen, payable_fen, accepted_by, accepted_at) = CASE status WHEN 'accepted' THEN 5 ELSE 0 END),
  CONSTRAINT ck_royalty_report_payable CHECK (payable_fen BETWEEN 0 AND royalty_fen),
  CONSTRAINT ck_royalty_report_pay_by CHECK ((payable_fen > 0) = (pay_by IS NOT NULL)),
  CONSTRAINT uq_royalty_report_replaces_id UNIQUE (replaces_id),
  CONSTRAINT fk_royalty_report_settlement_id FOREIGN KEY(settlement_id) REFERENCES royalty_plan (settlement_id),
  CONSTRAINT fk_royalty_report_replaces_id FOREIGN KEY(replaces_id) REFERENCES royalty_report (id),
  CONSTRAINT fk_royalty_report_reported_by FOREIGN KEY(reported_by) REFERENCES person (id),
  CONSTRAINT fk_royalty_report_objected_by FOREIGN KEY(objected_by) REFERENCES person (id),
  CONSTRAINT fk_royalty_report_accepted_by FOREIGN KEY(accepted_by) REFERENCES person (id)
);
CREATE INDEX ix_royalty_report_status ON royalty_report (status, id);
CREATE UNIQUE INDEX uq_royalty_report_period ON royalty_report (settlement_id, period) WHERE status <> 'replaced';
CREATE TABLE report_correction (
  id UUID NOT NULL,
  report_id UUID NOT NULL,
  side TEXT NOT NULL,
  base_fen BIGINT NOT NULL,
  reason TEXT NOT NULL,
  status TEXT DEFAULT 'proposed' NOT NULL,
  proposed_by UUID NOT NULL,
  proposed_at TIMESTAMP WITH TIME ZONE DEFAULT market_now() NOT NULL,
  answered_by UUID,
  answered_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_report_correction PRIMARY KEY (id),
  CONSTRAINT ck_report_correction_side CHECK (side IN ('seller', 'buyer', 'desk')),
  CONSTRAINT ck_report_correction_status CHECK (status IN ('proposed', 'agreed', 'declined')),
  CONSTRAINT ck_report_correction_base CHECK (base_fen BETWEEN 0 AND 9007199254740991),
  CONSTRAINT ck_report_correction_reason CHECK (char_length(btrim(reason)) BETWEEN 5 AND 1000),
  CONSTRAINT ck_report_correction_answered CHECK (num_nonnulls(answered_by, answered_at) = CASE status WHEN 'proposed' THEN 0 ELSE 2 END),
  CONSTRAINT ck_report_correction_two_people CHECK (status <> 'agreed' OR answered_by <> proposed_by),
  CONSTRAINT fk_report_correction_report_id FOREIGN KEY(report_id) REFERENCES royalty_report (id),
  CONSTRAINT fk_report_correction_proposed_by FOREIGN KEY(proposed_by) REFERENCES person (id),
  CONSTRAINT fk_report_correction_answered_by FOREIGN KEY(answered_by) REFERENCES person (id)
);
CREATE UNIQUE INDEX uq_report_correction_open ON report_correction (report_id) WHERE status = 'proposed';
CREATE TABLE milestone_statement (
  id UUID NOT NULL,
  term_id UUID NOT NULL,
  side TEXT NOT NULL,
  statement TEXT NOT NULL,
  status TEXT DEFAULT 'stated' NOT NULL,
  stated_by UUID NOT NULL,
  stated_at TIMESTAMP WITH TIME ZONE DEFAULT market_now() NOT NULL,
  reason TEXT,
  due_on DATE,
  answered_by UUID,
  answered_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_milestone_statement PRIMARY KEY (id),
  CONSTRAINT ck_milestone_statement_side CHECK (side IN ('seller', 'buyer')),
  CONSTRAINT ck_milestone_statement_status CHECK (status IN ('stated', 'confirmed', 'refused')),
  CONSTRAINT ck_milestone_statement_statement CHECK (char_length(btrim(statement)) BETWEEN 5 AND 1000),
  CONSTRAINT ck_milestone_statement_reason CHECK ((reason IS NOT NULL) = (status = 'refused')),
  CONSTRAINT ck_milestone_statement_reason_text CHECK (char_length(btrim(reason)) BETWEEN 5 AND 1000),
  CONSTRAINT ck_milestone_statement_answered CHECK (num_nonnulls(answered_by, answered_at) = CASE status WHEN 'stated' THEN 0 ELSE 2 END),
  CONSTRAINT ck_milestone_statement_due_on CHECK ((due_on IS NOT NULL) = (status = 'confirmed')),
  CONSTRAINT fk_milestone_statement_term_id FOREIGN KEY(term_id) REFERENCES settlement_term (id),
  CONSTRAINT fk_milestone_statement_stated_by FOREIGN KEY(stated_by) REFERENCES person (id),
  CONSTRAINT fk_milestone_statement_answered_by FOREIGN KEY(answered_by) REFERENCES person (id)
);
CREATE UNIQUE INDEX uq_milestone_statement_open ON milestone_statement (term_id) WHERE status <> 'refused';
CREATE TABLE announced_plan (
  listing_id UUID NOT NULL,
  kind TEXT NOT NULL,
  plan JSONB NOT NULL,
  words_zh TEXT NOT NULL,
  words_en TEXT NOT NULL,
  written_by UUID NOT NULL,
  written_at TIMESTAMP WITH TIME ZONE DEFAULT market_now() NOT NULL,
  CONSTRAINT pk_announced_plan PRIMARY KEY (listing_id),
  CONSTRAINT ck_announced_plan_kind CHECK (kind IN ('royalty', 'entry_fee_plus_royalty', 'deferred', 'staged')),
  CONSTRAINT fk_announced_plan_listing_id FOREIGN KEY(listing_id) REFERENCES listing (id),
  CONSTRAINT fk_announced_plan_written_by FOREIGN KEY(written_by) REFERENCES person (id)
);
CREATE TABLE card_dispute (
  id TEXT NOT NULL,
  payment_id UUID NOT NULL,
  amount_fen BIGINT NOT NULL,
  status TEXT DEFAULT 'open' NOT NULL,
  reason TEXT NOT NULL,
  opened_at TIMESTAMP WITH TIME ZONE DEFAULT market_now() NOT NULL,
  closed_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_card_dispute PRIMARY KEY (id),
  CONSTRAINT ck_card_dispute_amount CHECK (amount_fen > 0),
  CONSTRAINT ck_card_dispute_status CHECK (status IN ('open', 'won', 'lost')),
  CONSTRAINT ck_card_dispute_closed_at CHECK ((closed_at IS NOT NULL) = (status <> 'open')),
  CONSTRAINT fk_card_dispute_payment_id FOREIGN KEY(payment_id) REFERENCES card_payment (id)
);
CREATE INDEX ix_card_dispute_payment ON card_dispute (payment_id);

-- A settlement goes its way: what was agreed is final; what is owed only grows, and what is settled stays settled.
CREATE OR REPLACE FUNCTION check_settlement_step() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  moving text[] := ARRAY['status', 'agreed_by', 'began_on', 'received_fen', 'released_fen', 'due_fen', 'is_open',
    'recordal_no', 'recordal_on', 'recordal_sha256', 'recordal_by', 'reviewed_by', 'reviewed_at', 'completed_by',
    'completed_at'];
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
  IF to_jsonb(NEW) - moving IS DISTINCT FROM to_jsonb(OLD) - moving
     OR (OLD.agreed_by IS NOT NULL AND (NEW.agreed_by, NEW.began_on) IS DISTINCT FROM (OLD.agreed_by, OLD.began_on))
     OR NEW.released_fen < OLD.released_fen
     OR NEW.due_fen < OLD.due_fen OR (NEW.is_open AND NOT OLD.is_open)
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

-- The deposit and all terms are the price, but where royalties are to reach it. Royalties have their terms.
CREATE OR REPLACE FUNCTION check_settlement_is_whole() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  present settlement%ROWTYPE;
  terms numeric;
  wanted bigint;
  has_royalty boolean;
BEGIN
  SELECT * INTO present FROM settlement WHERE id =
    CASE TG_TABLE_NAME WHEN 'settlement' THEN (to_jsonb(NEW) ->> 'id')::uuid
                       ELSE (to_jsonb(NEW) ->> 'settlement_id')::uuid END;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  SELECT coalesce(sum(amount_fen), 0) INTO terms FROM settlement_term WHERE settlement_id = present.id;
  wanted := CASE present.kind WHEN 'royalty' THEN 0 ELSE present.price_fen - present.deposit_fen END;
  has_royalty := EXISTS (SELECT FROM royalty_plan WHERE settlement_id = present.id);
  IF terms <> wanted OR has_royalty <> (present.kind IN ('royalty', 'entry_fee_plus_royalty')) THEN
    RAISE EXCEPTION 'settlement %: terms of % fen with a deposit of % are not the price of %',
      present.id, terms, present.deposit_fen, present.price_fen
      USING ERRCODE = 'check_violation', CONSTRAINT = 'settlement_is_whole';
  END IF;
  RETURN NULL;
END $$;

-- What is owed follows from the price and from the accepted reports, and nothing is open once all are accepted.
CREATE FUNCTION check_settlement_due() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  present settlement%ROWTYPE;
  royalties numeric;
  accepted bigint;
  all_periods bigint;
  owed numeric;
BEGIN
  SELECT * INTO present FROM settlement WHERE id =
    CASE TG_TABLE_NAME WHEN 'settlement' THEN (to_jsonb(NEW) ->> 'id')::uuid
                       ELSE (to_jsonb(NEW) ->> 'settlement_id')::uuid END;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  SELECT coalesce(sum(royalty_fen), 0), count(*) INTO royalties, accepted
    FROM royalty_report WHERE settlement_id = present.id AND status = 'accepted';
  SELECT coalesce(max(periods), 0) INTO all_periods FROM royalty_plan WHERE settlement_id = present.id;
  owed := CASE present.kind
    WHEN 'entry_fee_plus_royalty' THEN present.price_fen + royalties
    WHEN 'royalty' THEN greatest(CASE WHEN present.is_open THEN present.deposit_fen ELSE present.price_fen END, royalties)
    ELSE present.price_fen END;
  IF present.due_fen <> owed OR present.is_open <> (accepted < all_periods) THEN
    RAISE EXCEPTION 'settlement %: % fen owed where the reports make %, % of % periods',
      present.id, present.due_fen, owed, accepted, all_periods
      USING ERRCODE = 'check_violation', CONSTRAINT = 'settlement_due';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER settlement_due AFTER INSERT OR UPDATE ON settlement
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_settlement_due();
CREATE CONSTRAINT TRIGGER royalty_report_due AFTER INSERT OR UPDATE ON royalty_report
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_settlement_due();

CREATE TRIGGER royalty_plan_is_final BEFORE UPDATE OR DELETE ON royalty_plan
  FOR EACH ROW EXECUTE FUNCTION check_settlement_term();

-- What was reported stays as it was reported; a new report says which one it replaces.
CREATE FUNCTION check_royalty_report() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  plan royalty_plan%ROWTYPE;
  before_fen numeric;
  royalty numeric;
  moving text[] := ARRAY['status', 'objection', 'objected_by', 'objected_at', 'accepted_base_fen', 'royalty_fen',
    'payable_fen', 'pay_by', 'accepted_by', 'accepted_at'];
BEGIN
  SELECT * INTO plan FROM royalty_plan WHERE settlement_id = NEW.settlement_id;
  IF TG_OP = 'INSERT' THEN
    IF NEW.status <> 'submitted' OR NEW.period NOT BETWEEN 1 AND plan.periods
       OR (SELECT agreed_by FROM settlement WHERE id = NEW.settlement_id) IS NULL
       OR (NEW.replaces_id IS NOT NULL AND NOT EXISTS (
         SELECT FROM royalty_report WHERE id = NEW.replaces_id AND settlement_id = NEW.settlement_id
           AND period = NEW.period AND status = 'replaced')) THEN
      RAISE EXCEPTION 'settlement %: no report of period % is wanted', NEW.settlement_id, NEW.period
        USING ERRCODE = 'check_violation', CONSTRAINT = 'royalty_report_step';
    END IF;
    RETURN NEW;
  END IF;
  IF OLD.status IN ('accepted', 'replaced') OR NEW.status = 'submitted' AND OLD.status <> 'submitted'
     OR to_jsonb(NEW) - moving IS DISTINCT FROM to_jsonb(OLD) - moving
     OR (OLD.objection IS NOT NULL AND (NEW.objection, NEW.objected_by, NEW.objected_at)
         IS DISTINCT FROM (OLD.objection, OLD.objected_by, OLD.objected_at)) THEN
    RAISE EXCEPTION 'report %: what was reported and what was accepted is final', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'royalty_report_step';
  END IF;
  IF NEW.status = 'accepted' THEN
    SELECT coalesce(sum(royalty_fen), 0) INTO before_fen
      FROM royalty_report WHERE settlement_id = NEW.settlement_id AND status = 'accepted';
    royalty := greatest((NEW.accepted_base_fen::numeric * plan.rate_bp + 5000) / 10000, plan.minimum_fen);
    royalty := least(floor(royalty), coalesce(plan.cap_fen - before_fen, floor(royalty)));
    IF NEW.royalty_fen <> royalty
       OR (NEW.accepted_base_fen <> NEW.base_fen AND NOT EXISTS (
         SELECT FROM report_correction WHERE report_id = NEW.id AND status = 'agreed'
           AND base_fen = NEW.accepted_base_fen)) THEN
      RAISE EXCEPTION 'report %: a royalty of % where the plan makes %, or a base that nobody agreed to',
        NEW.id, NEW.royalty_fen, royalty
        USING ERRCODE = 'check_violation', CONSTRAINT = 'royalty_report_step';
    END IF;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER royalty_report_step BEFORE INSERT OR UPDATE ON royalty_report
  FOR EACH ROW EXECUTE FUNCTION check_royalty_report();
CREATE TRIGGER royalty_report_is_kept BEFORE DELETE ON royalty_report
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- A corrected amount and a statement are answered once.
CREATE FUNCTION check_answered_once() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  moving text[] := ARRAY['status', 'reason', 'due_on', 'answered_by', 'answered_at'];
BEGIN
  IF OLD.answered_at IS NOT NULL OR NEW.answered_at IS NULL
     OR to_jsonb(NEW) - moving IS DISTINCT FROM to_jsonb(OLD) - moving
     OR (TG_TABLE_NAME = 'report_correction'
         AND to_jsonb(NEW) ->> 'reason' IS DISTINCT FROM to_jsonb(OLD) ->> 'reason') THEN
    RAISE EXCEPTION '% % has been answered', TG_TABLE_NAME, OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'answered_once';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER report_correction_answered_once BEFORE UPDATE ON report_correction
  FOR EACH ROW EXECUTE FUNCTION check_answered_once();
CREATE TRIGGER report_correction_is_kept BEFORE DELETE ON report_correction
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER milestone_statement_answered_once BEFORE UPDATE ON milestone_statement
  FOR EACH ROW EXECUTE FUNCTION check_answered_once();
CREATE TRIGGER milestone_statement_is_kept BEFORE DELETE ON milestone_statement
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- How the price is paid is part of the offer: written with the draft, final with its submission.
CREATE FUNCTION check_announced_plan() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  of_listing uuid := CASE TG_OP WHEN 'DELETE' THEN OLD.listing_id ELSE NEW.listing_id END;
BEGIN
  IF (SELECT status FROM listing WHERE id = of_listing) NOT IN ('draft', 'returned') THEN
    RAISE EXCEPTION 'listing %: its plan of payment is final', of_listing
      USING ERRCODE = 'check_violation', CONSTRAINT = 'announced_plan_is_final';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER announced_plan_is_final BEFORE INSERT OR UPDATE OR DELETE ON announced_plan
  FOR EACH ROW EXECUTE FUNCTION check_announced_plan();

-- All receipts together are not more than the price, or what is owed where royalties pass it.
CREATE OR REPLACE FUNCTION check_distribution_is_whole() RETURNS trigger LANGUAGE plpgsql AS $$
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
     > (SELECT greatest(deal.price_fen, settlement.due_fen)
        FROM deal LEFT JOIN settlement ON settlement.deal_id = deal.id WHERE deal.id = present.deal_id) THEN
    RAISE EXCEPTION 'distributions of deal % pass its price', present.deal_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'distribution_is_whole';
  END IF;
  RETURN NULL;
END $$;

-- Which plan a seller of each regime may use for which rights.
INSERT INTO dated_rule (key, jurisdiction, value, valid_from, valid_to, source)
SELECT 'settlement.plan_kinds.' || regime, 'CN',
  CASE WHEN regime IN ('soe', 'public_institution_other')
    THEN '{"assignment": ["one_off", "instalments"]}'::jsonb
    ELSE '{"assignment": ["one_off", "instalments", "royalty", "entry_fee_plus_royalty"]}'::jsonb END
  || jsonb_build_object('exclusive', every, 'sole', every, 'ordinary', every),
  '2021-01-01', NULL,
  CASE WHEN regime IN ('soe', 'public_institution_other')
    THEN '企业国有资产交易监督管理办法（32号令）第二十八条：资产转让价款一次付清或一年内分期；许可的付款方式依民法典第八百四十六条'
    ELSE '民法典第八百四十六条：一次总算、提成支付或者提成支付附加预付入门费；先使用后付费限于许可（本市场交易规则，房规）' END
FROM unnest(ARRAY['state_research', 'soe', 'public_institution_other', 'private_entity', 'natural_person']) AS regime,
  (SELECT '["one_off", "instalments", "royalty", "entry_fee_plus_royalty", "deferred", "staged"]'::jsonb AS every) AS plans;
INSERT INTO dated_rule (key, jurisdiction, value, valid_from, valid_to, source) VALUES
  ('settlement.royalty', 'CN', '{"most_months": 240, "most_report_days": 60, "most_pay_days": 30}', '2021-01-01', NULL,
   '本市场交易规则（房规）：提成期合计不超过二十年，每期结束后六十日内报告，确认后三十日内付款；方式依民法典第八百四十六条'),
  ('settlement.deferred', 'CN', '{"first_days": 365, "longest_days": 1825}', '2021-01-01', NULL,
   '本市场交易规则（房规），比照各省先使用后付费措施：首次付款在合同生效满一年后或取得产品收入后，五年内付清');

-- When deposits go back (保证金退还): by the way of the sale, and a tender's with interest, which is the exchange's cost.
ALTER TABLE payment_order ADD COLUMN due_at TIMESTAMP WITH TIME ZONE;
ALTER TABLE ledger_transfer DROP CONSTRAINT ck_ledger_transfer_kind;
ALTER TABLE ledger_transfer ADD CONSTRAINT ck_ledger_transfer_kind CHECK (kind IN ('deposit_received', 'deposit_released', 'deposit_captured', 'deposit_forfeited', 'deposit_lapsed',
  'line_received', 'payable_received', 'overpayment', 'line_returned', 'price_released', 'price_returned',
  'price_forfeited', 'forfeit_applied', 'fee_charged', 'commission_earned', 'distribution_made',
  'payment_executed', 'payment_returned', 'card_received', 'card_refunded', 'card_settled', 'card_disputed',
  'dispute_won', 'dispute_lost', 'deposit_interest', 'correction'));
INSERT INTO dated_rule (key, board, value, valid_from, source) VALUES
  ('deposit.refund_way', 'standard', '{"default": "exchange", "scored_tender": "tender"}', '2016-06-24',
   '本市场交易规则（房规）：综合评议按招标退还，其余按产权交易通例；承接法院网拍时改为 court'),
  ('deposit.refund.exchange', 'standard', '{"count": 3, "unit": "working_day", "interest_bp": 0}', '2016-06-24',
   '产权交易机构通行规则：未成交方保证金在竞价结束后三个工作日内无息退还'),
  ('deposit.refund.court', 'standard', '{"count": 86400, "unit": "second", "interest_bp": 0}', '2017-01-01',
   '法释〔2016〕18号第二十三条：其他竞买人的保证金在竞价程序结束后二十四小时内退还'),
  ('deposit.refund.tender', 'standard', '{"count": 5, "unit": "day", "interest_bp": 35}', '2015-10-24',
   '招标投标法实施条例第五十七条：合同签订后五日内退还投标保证金及银行同期存款利息；利率按活期存款基准年利率百分之零点三五');

-- Disputes of card payments: what a card's bank took back stands in an account without a limit.
ALTER TABLE ledger_account DROP CONSTRAINT ck_ledger_account_kind;
ALTER TABLE ledger_account ADD CONSTRAINT ck_ledger_account_kind CHECK (kind IN ('bank', 'stripe_clearing', 'card_disputed', 'fee_income', 'suspense', 'deposit_held', 'refund_due', 'seller_due', 'commission_due', 'forfeited', 'price_escrow', 'distribution_pool'));
CREATE OR REPLACE FUNCTION check_account_limit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  purpose text;
  left_fen numeric;
BEGIN
  SELECT kind INTO purpose FROM ledger_account WHERE id = NEW.account_id;
  IF purpose IN ('bank', 'stripe_clearing', 'card_disputed', 'fee_income', 'suspense') THEN
    RETURN NULL;
  END IF;
  PERFORM FROM ledger_account WHERE id = NEW.account_id FOR NO KEY UPDATE;
  SELECT -coalesce(sum(entry.amount_fen) FILTER (
           WHERE NOT entry.is_pending OR outcome.outcome = 'posted'
              OR (outcome.outcome IS NULL AND entry.amount_fen > 0)), 0) INTO left_fen
    FROM ledger_entry entry
    LEFT JOIN ledger_outcome outcome ON entry.is_pending AND outcome.transfer_id = entry.transfer_id
    WHERE entry.account_id = NEW.account_id;
  IF left_fen < 0 THEN
    RAISE EXCEPTION 'ledger account % (%) is overdrawn by % fen', NEW.account_id, purpose, -left_fen
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_account_limit';
  END IF;
  RETURN NULL;
END $$;
CREATE FUNCTION check_dispute_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status <> 'open' OR to_jsonb(NEW) - ARRAY['status', 'closed_at'] IS DISTINCT FROM
     to_jsonb(OLD) - ARRAY['status', 'closed_at'] THEN
    RAISE EXCEPTION 'dispute % has been decided', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'dispute_step';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER dispute_step BEFORE UPDATE ON card_dispute FOR EACH ROW EXECUTE FUNCTION check_dispute_step();
CREATE TRIGGER dispute_is_kept BEFORE DELETE ON card_dispute FOR EACH ROW EXECUTE FUNCTION refuse_change();
INSERT INTO dated_rule (key, board, value, valid_from, source) VALUES
  ('card.hold_told_seconds', 'standard', '172800', '2020-01-01',
   '本市场交易规则（房规）：卡授权到期前两日通知竞买人');
"""


def run(text: str) -> None:
    """Sends several statements at once, as they are."""
    connection = op.get_bind().connection.dbapi_connection
    connection.run_async(lambda raw: raw.execute(text))  # type: ignore[union-attr]


def upgrade() -> None:
    """Applies the revision."""
    run(SQL)
