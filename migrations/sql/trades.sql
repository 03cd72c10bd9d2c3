-- Numbers that are rules, with their sources.
INSERT INTO dated_rule (key, board, value, valid_from, source) VALUES
  ('listing.deposit_max_bp', 'standard', '3000', '2016-06-24',
   '保证金不超过起始价的 30%：企业国有资产交易监督管理办法（32号令）通行上限，本市场采用'),
  ('auction.minimum_seconds', 'standard', '86400', '2017-01-01',
   '最高人民法院关于人民法院网络司法拍卖若干问题的规定（法释〔2016〕18号）第二十条：竞价时间不少于二十四小时'),
  ('auction.trigger_seconds', 'standard', '300', '2017-01-01',
   '法释〔2016〕18号第二十条：结束前五分钟内出价的，竞价时间自动延长'),
  ('auction.extension_seconds', 'standard', '300', '2017-01-01',
   '法释〔2016〕18号第二十条：自该出价时间起延长五分钟'),
  ('auction.minimum_seconds', 'demo', '5', '2017-01-01', '演示板块：为演示而缩短，不用于真实交易'),
  ('auction.trigger_seconds', 'demo', '5', '2017-01-01', '演示板块：为演示而缩短，不用于真实交易'),
  ('auction.extension_seconds', 'demo', '5', '2017-01-01', '演示板块：为演示而缩短，不用于真实交易');

CREATE TRIGGER listing_review_append_only BEFORE UPDATE OR DELETE ON listing_review
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER deal_append_only BEFORE UPDATE OR DELETE ON deal
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER listing_is_kept BEFORE DELETE ON listing FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER intent_is_kept BEFORE DELETE ON intent FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- A listing goes its way and no other; what buyers read is frozen from its acceptance on.
CREATE OR REPLACE FUNCTION check_listing_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.status <> OLD.status AND (OLD.status, NEW.status) NOT IN
     (('draft', 'in_review'), ('returned', 'in_review'), ('in_review', 'accepted'), ('in_review', 'returned'),
      ('accepted', 'returned'), ('accepted', 'listed'), ('listed', 'sold'), ('listed', 'unsold')) THEN
    RAISE EXCEPTION 'listing % cannot go from % to %', OLD.listing_no, OLD.status, NEW.status
      USING ERRCODE = 'check_violation', CONSTRAINT = 'listing_step';
  END IF;
  IF (NEW.id, NEW.listing_no, NEW.board, NEW.seller_id, NEW.patent_id, NEW.is_demonstration, NEW.created_at)
     IS DISTINCT FROM
     (OLD.id, OLD.listing_no, OLD.board, OLD.seller_id, OLD.patent_id, OLD.is_demonstration, OLD.created_at) THEN
    RAISE EXCEPTION 'listing %: its number, board, seller and patent never change', OLD.listing_no
      USING ERRCODE = 'check_violation', CONSTRAINT = 'listing_step';
  END IF;
  IF OLD.status NOT IN ('draft', 'returned') AND
     (NEW.title, NEW.rights, NEW.description, NEW.encumbrances, NEW.start_price_fen, NEW.step_fen, NEW.deposit_fen,
      NEW.reserve_price_fen, NEW.opens_at, NEW.closes_at, NEW.hard_end_at, NEW.trigger_seconds,
      NEW.extension_seconds)
     IS DISTINCT FROM
     (OLD.title, OLD.rights, OLD.description, OLD.encumbrances, OLD.start_price_fen, OLD.step_fen, OLD.deposit_fen,
      OLD.reserve_price_fen, OLD.opens_at, OLD.closes_at, OLD.hard_end_at, OLD.trigger_seconds,
      OLD.extension_seconds) THEN
    RAISE EXCEPTION 'listing % is % and its offer is frozen', OLD.listing_no, OLD.status
      USING ERRCODE = 'check_violation', CONSTRAINT = 'listing_step';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER listing_step BEFORE UPDATE ON listing FOR EACH ROW EXECUTE FUNCTION check_listing_step();

CREATE OR REPLACE FUNCTION check_intent_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.status <> OLD.status AND (OLD.status, NEW.status) NOT IN
     (('submitted', 'qualified'), ('submitted', 'rejected'), ('submitted', 'lost'), ('qualified', 'admitted'),
      ('qualified', 'lost'), ('admitted', 'won'), ('admitted', 'lost')) THEN
    RAISE EXCEPTION 'intent % cannot go from % to %', OLD.id, OLD.status, NEW.status
      USING ERRCODE = 'check_violation', CONSTRAINT = 'intent_step';
  END IF;
  IF (NEW.id, NEW.listing_id, NEW.seller_id, NEW.buyer_id, NEW.rules_sha256, NEW.accepted_by, NEW.created_at)
     IS DISTINCT FROM
     (OLD.id, OLD.listing_id, OLD.seller_id, OLD.buyer_id, OLD.rules_sha256, OLD.accepted_by, OLD.created_at) THEN
    RAISE EXCEPTION 'intent %: its parties and the rules accepted never change', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'intent_step';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER intent_step BEFORE UPDATE ON intent FOR EACH ROW EXECUTE FUNCTION check_intent_step();
