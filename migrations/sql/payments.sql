-- The ledger is append-only, and each transfer is whole and sums to zero when its transaction commits.
CREATE TRIGGER ledger_account_append_only BEFORE UPDATE OR DELETE ON ledger_account
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_transfer_append_only BEFORE UPDATE OR DELETE ON ledger_transfer
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_entry_append_only BEFORE UPDATE OR DELETE ON ledger_entry
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER receipt_append_only BEFORE UPDATE OR DELETE ON receipt
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE OR REPLACE FUNCTION check_transfer_is_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  wanted uuid := CASE TG_TABLE_NAME WHEN 'ledger_transfer' THEN NEW.id ELSE (to_jsonb(NEW) ->> 'transfer_id')::uuid END;
  written bigint;
  total numeric;
  promised bigint;
BEGIN
  SELECT count(*), coalesce(sum(amount_fen), 0) INTO written, total FROM ledger_entry WHERE transfer_id = wanted;
  SELECT entry_count INTO promised FROM ledger_transfer WHERE id = wanted;
  IF total <> 0 OR written <> promised THEN
    RAISE EXCEPTION 'ledger transfer % has % of % entries with a total of % fen', wanted, written, promised, total
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_transfer_is_balanced';
  END IF;
  RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER ledger_transfer_is_balanced AFTER INSERT ON ledger_transfer
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_transfer_is_balanced();
CREATE CONSTRAINT TRIGGER ledger_entry_is_balanced AFTER INSERT ON ledger_entry
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_transfer_is_balanced();

-- A deposit goes due -> held -> released | captured, or due -> cancelled; what it is for never changes.
CREATE OR REPLACE FUNCTION check_deposit_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.id, NEW.party_id, NEW.listing_id, NEW.amount_fen, NEW.reference, NEW.created_at)
     IS DISTINCT FROM (OLD.id, OLD.party_id, OLD.listing_id, OLD.amount_fen, OLD.reference, OLD.created_at) THEN
    RAISE EXCEPTION 'deposit %: party, listing, amount and reference never change', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'deposit_step';
  END IF;
  IF NEW.status <> OLD.status AND (OLD.status, NEW.status) NOT IN
     (('due', 'held'), ('due', 'cancelled'), ('held', 'released'), ('held', 'captured')) THEN
    RAISE EXCEPTION 'deposit % cannot go from % to %', OLD.id, OLD.status, NEW.status
      USING ERRCODE = 'check_violation', CONSTRAINT = 'deposit_step';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER deposit_step BEFORE UPDATE ON deposit FOR EACH ROW EXECUTE FUNCTION check_deposit_step();
CREATE TRIGGER deposit_is_kept BEFORE DELETE ON deposit FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Nobody is admitted on a word: a deposit is held only with the money's transfer of exactly its amount in the ledger.
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
    ELSE ARRAY[]::text[] END;
  SELECT coalesce(array_agg(transfer.kind ORDER BY transfer.kind = 'deposit_received' DESC), ARRAY[]::text[]) INTO found
    FROM ledger_transfer transfer
    JOIN ledger_entry entry ON entry.transfer_id = transfer.id
    WHERE transfer.deposit_id = present.id AND entry.amount_fen = present.amount_fen;
  IF found <> wanted THEN
    RAISE EXCEPTION 'deposit % is % but the ledger has %', present.id, present.status, found
      USING ERRCODE = 'check_violation', CONSTRAINT = 'deposit_in_ledger';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER deposit_in_ledger AFTER INSERT OR UPDATE ON deposit
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_deposit_in_ledger();
