-- The ledger widened (0009): pending transfers with their outcomes, limits, corrections by two.
CREATE TRIGGER ledger_outcome_append_only BEFORE UPDATE OR DELETE ON ledger_outcome
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- A transfer has all its entries, they sum to zero, and they are pending when it is.
CREATE OR REPLACE FUNCTION check_transfer_is_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  wanted uuid := CASE TG_TABLE_NAME WHEN 'ledger_transfer' THEN NEW.id ELSE (to_jsonb(NEW) ->> 'transfer_id')::uuid END;
  written bigint;
  total numeric;
  alike boolean;
  currencies bigint;
  head ledger_transfer%ROWTYPE;
BEGIN
  SELECT * INTO head FROM ledger_transfer WHERE id = wanted;
  SELECT count(*), coalesce(sum(entry.amount_fen), 0), coalesce(bool_and(entry.is_pending = head.is_pending), true),
         count(DISTINCT account.currency)
    INTO written, total, alike, currencies
    FROM ledger_entry entry JOIN ledger_account account ON account.id = entry.account_id
    WHERE entry.transfer_id = wanted;
  IF total <> 0 OR written <> head.entry_count OR NOT alike OR currencies > 1 THEN
    RAISE EXCEPTION 'ledger transfer % has % of % entries with a total of % fen', wanted, written, head.entry_count, total
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_transfer_is_balanced',
            DETAIL = 'Its entries are in one currency, and pending when it is.';
  END IF;
  RETURN NULL;
END $$;

-- What is kept for a party or a deal may not be overdrawn: posted less reserved never falls below zero. The account's
-- row is locked first, so that two writers who did not lock it themselves cannot both pass; accounts without a limit
-- take no lock. Each statement in here has a snapshot of its own, taken after the lock.
CREATE OR REPLACE FUNCTION check_account_limit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  purpose text;
  left_fen numeric;
BEGIN
  SELECT kind INTO purpose FROM ledger_account WHERE id = NEW.account_id;
  IF purpose IN ('bank', 'stripe_clearing', 'fee_income', 'suspense') THEN
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
CREATE CONSTRAINT TRIGGER ledger_account_limit AFTER INSERT ON ledger_entry
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.amount_fen > 0) EXECUTE FUNCTION check_account_limit();

-- Only a pending transfer has an outcome; it is posted before its time, expires at its time, and a correction is
-- posted by somebody else than who made it.
CREATE OR REPLACE FUNCTION check_ledger_outcome() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  head ledger_transfer%ROWTYPE;
BEGIN
  SELECT * INTO head FROM ledger_transfer WHERE id = NEW.transfer_id;
  IF NOT head.is_pending
     OR (NEW.outcome = 'posted' AND head.expires_at <= market_now())
     OR (NEW.outcome = 'expired' AND (head.expires_at IS NULL OR head.expires_at > market_now())) THEN
    RAISE EXCEPTION 'ledger transfer % (expires %) cannot be %', head.id, head.expires_at, NEW.outcome
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_outcome_step';
  END IF;
  IF head.kind = 'correction' AND NEW.outcome = 'posted'
     AND (NEW.person_id IS NULL OR NEW.person_id = head.person_id) THEN
    RAISE EXCEPTION 'correction % is posted by a second person', head.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_outcome_two_people';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER ledger_outcome_step BEFORE INSERT ON ledger_outcome
  FOR EACH ROW EXECUTE FUNCTION check_ledger_outcome();

-- A deposit goes due -> held -> released | captured | forfeited, or due -> cancelled; what it is for never changes.
CREATE OR REPLACE FUNCTION check_deposit_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.id, NEW.party_id, NEW.listing_id, NEW.amount_fen, NEW.reference, NEW.created_at)
     IS DISTINCT FROM (OLD.id, OLD.party_id, OLD.listing_id, OLD.amount_fen, OLD.reference, OLD.created_at) THEN
    RAISE EXCEPTION 'deposit %: party, listing, amount and reference never change', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'deposit_step';
  END IF;
  IF NEW.status <> OLD.status AND (OLD.status, NEW.status) NOT IN
     (('due', 'held'), ('due', 'cancelled'), ('held', 'released'), ('held', 'captured'), ('held', 'forfeited')) THEN
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
    ELSE ARRAY[]::text[] END;
  SELECT coalesce(array_agg(transfer.kind ORDER BY transfer.kind = 'deposit_received' DESC), ARRAY[]::text[]) INTO found
    FROM ledger_transfer transfer
    JOIN ledger_entry entry ON entry.transfer_id = transfer.id
    LEFT JOIN ledger_outcome outcome ON outcome.transfer_id = transfer.id
    WHERE transfer.deposit_id = present.id AND entry.amount_fen = present.amount_fen
      AND transfer.kind IN ('deposit_received', 'deposit_released', 'deposit_captured', 'deposit_forfeited')
      AND (NOT transfer.is_pending OR outcome.outcome = 'posted');
  IF found <> wanted THEN
    RAISE EXCEPTION 'deposit % is % but the ledger has %', present.id, present.status, found
      USING ERRCODE = 'check_violation', CONSTRAINT = 'deposit_in_ledger';
  END IF;
  RETURN NULL;
END $$;
