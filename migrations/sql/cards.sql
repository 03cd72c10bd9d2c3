-- Paying by card (0011): a payment goes forward only, is for one deposit, and what holds a deposit is of its own.
INSERT INTO dated_rule (key, board, value, valid_from, source) VALUES
  ('card.hold_margin_seconds', 'standard', '172800', '2026-01-01',
   '本市场规则：卡授权须晚于计划结束时间至少 48 小时方可只授权不扣款；授权期限见 Stripe 文档 Place a hold on a payment method'),
  ('card.capture_early_seconds', 'standard', '86400', '2026-01-01',
   '本市场规则：卡授权到期前 24 小时仍未了结的，先行扣款，未成交再退款');

CREATE OR REPLACE FUNCTION check_card_payment_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.id, NEW.deposit_id, NEW.amount_fen, NEW.asked_by, NEW.created_at)
     IS DISTINCT FROM (OLD.id, OLD.deposit_id, OLD.amount_fen, OLD.asked_by, OLD.created_at)
     OR NEW.intent_id IS DISTINCT FROM coalesce(OLD.intent_id, NEW.intent_id)
     OR (OLD.is_deposit AND NOT NEW.is_deposit) THEN
    RAISE EXCEPTION 'card payment %: what it is for never changes', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'card_payment_step';
  END IF;
  IF NEW.stage <> OLD.stage AND NOT (CASE OLD.stage
       WHEN 'asked' THEN true
       WHEN 'waiting' THEN NEW.stage <> 'asked'
       WHEN 'held' THEN NEW.stage IN ('captured', 'cancelled', 'refunded', 'refund_failed')
       WHEN 'captured' THEN NEW.stage IN ('refunded', 'refund_failed')
       WHEN 'refunded' THEN NEW.stage = 'refund_failed'
       ELSE false END) THEN
    RAISE EXCEPTION 'card payment % cannot go from % to %', OLD.id, OLD.stage, NEW.stage
      USING ERRCODE = 'check_violation', CONSTRAINT = 'card_payment_step';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER card_payment_step BEFORE UPDATE ON card_payment
  FOR EACH ROW EXECUTE FUNCTION check_card_payment_step();
CREATE TRIGGER card_payment_is_kept BEFORE DELETE ON card_payment FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- An event stays as it came; only that it was handled is added, once.
CREATE OR REPLACE FUNCTION check_gateway_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.handled_at IS NOT NULL OR NEW.handled_at IS NULL
     OR (NEW.id, NEW.kind, NEW.intent_id, NEW.body, NEW.created_at, NEW.received_at)
        IS DISTINCT FROM (OLD.id, OLD.kind, OLD.intent_id, OLD.body, OLD.created_at, OLD.received_at) THEN
    RAISE EXCEPTION 'gateway event % stays as it came', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'gateway_event_step';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER gateway_event_step BEFORE UPDATE ON gateway_event
  FOR EACH ROW EXECUTE FUNCTION check_gateway_event();
CREATE TRIGGER gateway_event_is_kept BEFORE DELETE ON gateway_event
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- A deposit goes due -> held -> released | captured | forfeited | lapsed, or due -> cancelled.
CREATE OR REPLACE FUNCTION check_deposit_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.id, NEW.party_id, NEW.listing_id, NEW.amount_fen, NEW.reference, NEW.created_at)
     IS DISTINCT FROM (OLD.id, OLD.party_id, OLD.listing_id, OLD.amount_fen, OLD.reference, OLD.created_at) THEN
    RAISE EXCEPTION 'deposit %: party, listing, amount and reference never change', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'deposit_step';
  END IF;
  IF NEW.status <> OLD.status AND (OLD.status, NEW.status) NOT IN
     (('due', 'held'), ('due', 'cancelled'), ('held', 'released'), ('held', 'captured'), ('held', 'forfeited'),
      ('held', 'lapsed')) THEN
    RAISE EXCEPTION 'deposit % cannot go from % to %', OLD.id, OLD.status, NEW.status
      USING ERRCODE = 'check_violation', CONSTRAINT = 'deposit_step';
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
  wanted := CASE present.status
    WHEN 'held' THEN ARRAY['deposit_received']
    WHEN 'released' THEN ARRAY['deposit_received', 'deposit_released']
    WHEN 'captured' THEN ARRAY['deposit_received', 'deposit_captured']
    WHEN 'forfeited' THEN ARRAY['deposit_received', 'deposit_forfeited']
    WHEN 'lapsed' THEN ARRAY['deposit_received', 'deposit_lapsed']
    ELSE ARRAY[]::text[] END;
  SELECT coalesce(array_agg(transfer.kind ORDER BY transfer.kind = 'deposit_received' DESC), ARRAY[]::text[]) INTO found
    FROM ledger_transfer transfer
    JOIN ledger_entry entry ON entry.transfer_id = transfer.id
    LEFT JOIN ledger_outcome outcome ON outcome.transfer_id = transfer.id
    WHERE transfer.deposit_id = present.id AND entry.amount_fen = present.amount_fen
      AND transfer.kind IN ('deposit_received', 'deposit_released', 'deposit_captured', 'deposit_forfeited',
                            'deposit_lapsed')
      AND (NOT transfer.is_pending OR outcome.outcome = 'posted');
  IF found <> wanted THEN
    RAISE EXCEPTION 'deposit % is % but the ledger has %', present.id, present.status, found
      USING ERRCODE = 'check_violation', CONSTRAINT = 'deposit_in_ledger';
  END IF;
  RETURN NULL;
END $$;
