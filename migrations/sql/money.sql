-- Payables, bank statements and payment orders (0009): what comes to the bank, and what goes from it.

CREATE TABLE payable (
  id UUID NOT NULL,
  party_id UUID NOT NULL,
  purpose TEXT NOT NULL,
  subject_kind TEXT NOT NULL,
  subject_id UUID NOT NULL,
  deal_id UUID,
  amount_fen BIGINT NOT NULL,
  due_on DATE NOT NULL,
  reference TEXT NOT NULL,
  status TEXT DEFAULT 'due' NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT market_now() NOT NULL,
  settled_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_payable PRIMARY KEY (id),
  CONSTRAINT ck_payable_amount CHECK (amount_fen > 0),
  CONSTRAINT ck_payable_purpose CHECK (purpose IN ('price', 'royalty', 'fee', 'shortfall')),
  CONSTRAINT ck_payable_deal CHECK ((deal_id IS NOT NULL) = (purpose IN ('price', 'royalty'))),
  CONSTRAINT ck_payable_status CHECK (status IN ('due', 'paid', 'cancelled')),
  CONSTRAINT ck_payable_settled_at CHECK ((settled_at IS NOT NULL) = (status <> 'due')),
  CONSTRAINT fk_payable_party_id FOREIGN KEY(party_id) REFERENCES organisation (id),
  CONSTRAINT uq_payable_reference UNIQUE (reference)
);
CREATE INDEX ix_payable_party ON payable (party_id, id);
CREATE INDEX ix_payable_status ON payable (status, due_on);
CREATE UNIQUE INDEX uq_payable_open_subject ON payable (purpose, subject_kind, subject_id, party_id) WHERE status <> 'cancelled';

CREATE TABLE bank_statement (
  id UUID NOT NULL,
  account_number TEXT NOT NULL,
  filename TEXT NOT NULL,
  file_format TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  new_lines BIGINT NOT NULL,
  known_lines BIGINT NOT NULL,
  outgoing_lines BIGINT NOT NULL,
  imported_by UUID NOT NULL,
  imported_at TIMESTAMP WITH TIME ZONE DEFAULT market_now() NOT NULL,
  CONSTRAINT pk_bank_statement PRIMARY KEY (id),
  CONSTRAINT ck_bank_statement_file_format CHECK (file_format IN ('csv', 'camt053')),
  CONSTRAINT ck_bank_statement_sha256 CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  CONSTRAINT ck_bank_statement_lines CHECK (new_lines >= 0 AND known_lines >= 0 AND outgoing_lines >= 0),
  CONSTRAINT fk_bank_statement_imported_by FOREIGN KEY(imported_by) REFERENCES person (id)
);

CREATE TABLE bank_line (
  id UUID NOT NULL,
  statement_id UUID NOT NULL,
  account_number TEXT NOT NULL,
  bank_reference TEXT NOT NULL,
  booked_on DATE NOT NULL,
  amount_fen BIGINT NOT NULL,
  payer_name TEXT NOT NULL,
  payer_account TEXT NOT NULL,
  remark TEXT NOT NULL,
  status TEXT DEFAULT 'open' NOT NULL,
  CONSTRAINT pk_bank_line PRIMARY KEY (id),
  CONSTRAINT uq_bank_line_account_number_bank_reference UNIQUE (account_number, bank_reference),
  CONSTRAINT ck_bank_line_amount CHECK (amount_fen > 0),
  CONSTRAINT ck_bank_line_status CHECK (status IN ('open', 'held', 'matched', 'returned')),
  CONSTRAINT fk_bank_line_statement_id FOREIGN KEY(statement_id) REFERENCES bank_statement (id)
);
CREATE INDEX ix_bank_line_payer_account ON bank_line (payer_account);
CREATE INDEX ix_bank_line_status ON bank_line (status, id);

CREATE TABLE line_match (
  id UUID NOT NULL,
  line_id UUID NOT NULL,
  deposit_id UUID,
  payable_id UUID,
  ground TEXT,
  status TEXT NOT NULL,
  proposed_by UUID NOT NULL,
  proposed_at TIMESTAMP WITH TIME ZONE DEFAULT market_now() NOT NULL,
  decided_by UUID,
  decided_at TIMESTAMP WITH TIME ZONE,
  decision_reason TEXT,
  CONSTRAINT pk_line_match PRIMARY KEY (id),
  CONSTRAINT ck_line_match_target CHECK (num_nonnulls(deposit_id, payable_id) = 1),
  CONSTRAINT ck_line_match_ground CHECK (ground IN ('third_party', 'same_account')),
  CONSTRAINT ck_line_match_status CHECK (status IN ('proposed', 'confirmed', 'refused')),
  CONSTRAINT ck_line_match_at_once CHECK (ground IS NOT NULL OR status = 'confirmed'),
  CONSTRAINT ck_line_match_decided_by CHECK ((decided_by IS NOT NULL) = (ground IS NOT NULL AND status <> 'proposed')),
  CONSTRAINT ck_line_match_decided_at CHECK ((decided_at IS NOT NULL) = (decided_by IS NOT NULL)),
  CONSTRAINT ck_line_match_two_people CHECK (decided_by <> proposed_by),
  CONSTRAINT ck_line_match_third_party CHECK (ground <> 'third_party' OR payable_id IS NOT NULL),
  CONSTRAINT fk_line_match_line_id FOREIGN KEY(line_id) REFERENCES bank_line (id),
  CONSTRAINT fk_line_match_deposit_id FOREIGN KEY(deposit_id) REFERENCES deposit (id),
  CONSTRAINT fk_line_match_payable_id FOREIGN KEY(payable_id) REFERENCES payable (id),
  CONSTRAINT fk_line_match_proposed_by FOREIGN KEY(proposed_by) REFERENCES person (id),
  CONSTRAINT fk_line_match_decided_by FOREIGN KEY(decided_by) REFERENCES person (id)
);
CREATE UNIQUE INDEX uq_line_match_deposit ON line_match (deposit_id) WHERE status <> 'refused';
CREATE UNIQUE INDEX uq_line_match_line ON line_match (line_id) WHERE status <> 'refused';
CREATE UNIQUE INDEX uq_line_match_payable ON line_match (payable_id) WHERE status <> 'refused';

CREATE TABLE payment_export (
  id UUID NOT NULL,
  order_count BIGINT NOT NULL,
  total_fen BIGINT NOT NULL,
  exported_by UUID NOT NULL,
  exported_at TIMESTAMP WITH TIME ZONE DEFAULT market_now() NOT NULL,
  CONSTRAINT pk_payment_export PRIMARY KEY (id),
  CONSTRAINT ck_payment_export_order_count CHECK (order_count > 0),
  CONSTRAINT ck_payment_export_total CHECK (total_fen > 0),
  CONSTRAINT fk_payment_export_exported_by FOREIGN KEY(exported_by) REFERENCES person (id)
);

CREATE TABLE payment_order (
  id UUID NOT NULL,
  reference TEXT NOT NULL,
  party_id UUID,
  purpose TEXT NOT NULL,
  subject_kind TEXT NOT NULL,
  subject_id UUID NOT NULL,
  amount_fen BIGINT NOT NULL,
  payee_name TEXT NOT NULL,
  payee_account TEXT,
  reason TEXT NOT NULL,
  due_on DATE NOT NULL,
  status TEXT DEFAULT 'pending' NOT NULL,
  transfer_id UUID NOT NULL,
  first_by UUID,
  first_at TIMESTAMP WITH TIME ZONE,
  second_by UUID,
  second_at TIMESTAMP WITH TIME ZONE,
  export_id UUID,
  settled_by UUID,
  settled_at TIMESTAMP WITH TIME ZONE,
  failure TEXT,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT market_now() NOT NULL,
  CONSTRAINT pk_payment_order PRIMARY KEY (id),
  CONSTRAINT ck_payment_order_amount CHECK (amount_fen > 0),
  CONSTRAINT ck_payment_order_purpose CHECK (purpose IN ('deposit_refund', 'refund', 'payout', 'commission', 'distribution', 'line_return')),
  CONSTRAINT ck_payment_order_status CHECK (status IN ('pending', 'approved', 'exported', 'executed', 'failed', 'cancelled')),
  CONSTRAINT ck_payment_order_two_people CHECK (second_by <> first_by),
  CONSTRAINT ck_payment_order_first_by CHECK (second_by IS NULL OR first_by IS NOT NULL),
  CONSTRAINT ck_payment_order_approved CHECK (status IN ('pending', 'cancelled') OR (second_by IS NOT NULL AND payee_account IS NOT NULL)),
  CONSTRAINT ck_payment_order_pending CHECK (status <> 'pending' OR second_by IS NULL),
  CONSTRAINT ck_payment_order_exported CHECK (export_id IS NOT NULL OR status IN ('pending', 'approved', 'cancelled')),
  CONSTRAINT ck_payment_order_settled_at CHECK ((settled_at IS NOT NULL) = (status IN ('executed', 'failed', 'cancelled'))),
  CONSTRAINT ck_payment_order_party CHECK ((party_id IS NULL) = (purpose = 'line_return')),
  CONSTRAINT uq_payment_order_reference UNIQUE (reference),
  CONSTRAINT fk_payment_order_party_id FOREIGN KEY(party_id) REFERENCES organisation (id),
  CONSTRAINT uq_payment_order_transfer_id UNIQUE (transfer_id),
  CONSTRAINT fk_payment_order_transfer_id FOREIGN KEY(transfer_id) REFERENCES ledger_transfer (id),
  CONSTRAINT fk_payment_order_first_by FOREIGN KEY(first_by) REFERENCES person (id),
  CONSTRAINT fk_payment_order_second_by FOREIGN KEY(second_by) REFERENCES person (id),
  CONSTRAINT fk_payment_order_export_id FOREIGN KEY(export_id) REFERENCES payment_export (id),
  CONSTRAINT fk_payment_order_settled_by FOREIGN KEY(settled_by) REFERENCES person (id)
);
CREATE INDEX ix_payment_order_export ON payment_order (export_id);
CREATE INDEX ix_payment_order_party ON payment_order (party_id, id);
CREATE INDEX ix_payment_order_status ON payment_order (status, due_on);
CREATE UNIQUE INDEX uq_payment_order_open_subject ON payment_order (purpose, subject_kind, subject_id, party_id) NULLS NOT DISTINCT WHERE status NOT IN ('failed', 'cancelled');

-- Statements, their lines, matches and files are kept; only a state goes on.
CREATE TRIGGER bank_statement_append_only BEFORE UPDATE OR DELETE ON bank_statement
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payment_export_append_only BEFORE UPDATE OR DELETE ON payment_export
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payable_is_kept BEFORE DELETE ON payable FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER bank_line_is_kept BEFORE DELETE ON bank_line FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER line_match_is_kept BEFORE DELETE ON line_match FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER payment_order_is_kept BEFORE DELETE ON payment_order FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE FUNCTION check_money_step() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  -- What may change with the state, by table; everything else stays as it was written.
  free text[] := CASE TG_TABLE_NAME
    WHEN 'payable' THEN ARRAY['status', 'settled_at']
    WHEN 'bank_line' THEN ARRAY['status']
    WHEN 'line_match' THEN ARRAY['status', 'decided_by', 'decided_at', 'decision_reason']
    ELSE ARRAY['status', 'first_by', 'first_at', 'second_by', 'second_at', 'export_id', 'settled_by', 'settled_at',
               'failure', 'payee_account'] END;
  steps text[] := CASE TG_TABLE_NAME
    WHEN 'payable' THEN ARRAY['due>paid', 'due>cancelled']
    WHEN 'bank_line' THEN ARRAY['open>held', 'held>open', 'held>matched', 'open>matched', 'open>returned',
                                'returned>open']
    WHEN 'line_match' THEN ARRAY['proposed>confirmed', 'proposed>refused']
    ELSE ARRAY['pending>approved', 'pending>cancelled', 'approved>exported', 'approved>cancelled',
               'exported>executed', 'exported>failed'] END;
BEGIN
  IF to_jsonb(NEW) - free IS DISTINCT FROM to_jsonb(OLD) - free THEN
    RAISE EXCEPTION '% %: what it was written with never changes', TG_TABLE_NAME, OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'money_step';
  END IF;
  IF NEW.status = OLD.status AND NOT (TG_TABLE_NAME = 'payment_order' AND OLD.status = 'pending')
     OR NEW.status <> OLD.status AND NOT ((OLD.status || '>' || NEW.status) = ANY (steps)) THEN
    RAISE EXCEPTION '% % cannot go from % to %', TG_TABLE_NAME, OLD.id, OLD.status, NEW.status
      USING ERRCODE = 'check_violation', CONSTRAINT = 'money_step';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER payable_step BEFORE UPDATE ON payable FOR EACH ROW EXECUTE FUNCTION check_money_step();
CREATE TRIGGER bank_line_step BEFORE UPDATE ON bank_line FOR EACH ROW EXECUTE FUNCTION check_money_step();
CREATE TRIGGER line_match_step BEFORE UPDATE ON line_match FOR EACH ROW EXECUTE FUNCTION check_money_step();
CREATE TRIGGER payment_order_step BEFORE UPDATE ON payment_order FOR EACH ROW EXECUTE FUNCTION check_money_step();

-- Who approved stays who approved, and the account that two people saw is the account that is paid.
CREATE FUNCTION check_order_approvals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (OLD.first_by IS NOT NULL AND NEW.first_by IS DISTINCT FROM OLD.first_by)
     OR (OLD.second_by IS NOT NULL AND NEW.second_by IS DISTINCT FROM OLD.second_by)
     OR (OLD.first_by IS NOT NULL AND NEW.payee_account IS DISTINCT FROM OLD.payee_account)
     OR (OLD.export_id IS NOT NULL AND NEW.export_id IS DISTINCT FROM OLD.export_id) THEN
    RAISE EXCEPTION 'payment order %: its approvals, account and file never change', OLD.reference
      USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_order_approvals';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER payment_order_approvals BEFORE UPDATE ON payment_order
  FOR EACH ROW EXECUTE FUNCTION check_order_approvals();

-- The ledger says the same as the states: checked when the transaction commits, on the row as it is then.
CREATE FUNCTION check_payable_in_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  present payable%ROWTYPE;
  paid numeric;
BEGIN
  SELECT * INTO present FROM payable WHERE id = NEW.id;
  SELECT coalesce(-sum(entry.amount_fen), 0) INTO paid
    FROM ledger_transfer transfer JOIN ledger_entry entry ON entry.transfer_id = transfer.id
    LEFT JOIN ledger_outcome outcome ON outcome.transfer_id = transfer.id
    WHERE transfer.subject_kind = 'payable' AND transfer.subject_id = present.id
      AND transfer.kind IN ('payable_received', 'card_received') AND entry.amount_fen < 0
      AND (NOT transfer.is_pending OR outcome.outcome = 'posted');
  IF paid <> (CASE present.status WHEN 'paid' THEN present.amount_fen ELSE 0 END) THEN
    RAISE EXCEPTION 'payable % is % but the ledger has % of % fen', present.id, present.status, paid, present.amount_fen
      USING ERRCODE = 'check_violation', CONSTRAINT = 'payable_in_ledger';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER payable_in_ledger AFTER INSERT OR UPDATE ON payable
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_payable_in_ledger();

CREATE FUNCTION check_line_in_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  present bank_line%ROWTYPE;
  received numeric;
  matches bigint;
BEGIN
  SELECT * INTO present FROM bank_line WHERE id = NEW.id;
  SELECT coalesce(sum(entry.amount_fen), 0) INTO received
    FROM ledger_transfer transfer JOIN ledger_entry entry ON entry.transfer_id = transfer.id
    WHERE transfer.subject_kind = 'bank_line' AND transfer.subject_id = present.id
      AND transfer.kind = 'line_received' AND entry.amount_fen > 0;
  SELECT count(*) INTO matches FROM line_match
    WHERE line_id = present.id AND line_match.status = CASE present.status WHEN 'matched' THEN 'confirmed' ELSE 'proposed' END;
  IF received <> present.amount_fen OR matches <> (CASE WHEN present.status IN ('matched', 'held') THEN 1 ELSE 0 END) THEN
    RAISE EXCEPTION 'bank line % is % with % of % fen received and % matches', present.id, present.status, received,
      present.amount_fen, matches USING ERRCODE = 'check_violation', CONSTRAINT = 'bank_line_in_ledger';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER bank_line_in_ledger AFTER INSERT OR UPDATE ON bank_line
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_line_in_ledger();

CREATE FUNCTION check_order_in_ledger() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  present payment_order%ROWTYPE;
  reached text;
  reserved numeric;
BEGIN
  SELECT * INTO present FROM payment_order WHERE id = NEW.id;
  SELECT coalesce(outcome.outcome, 'open') INTO reached FROM ledger_transfer transfer
    LEFT JOIN ledger_outcome outcome ON outcome.transfer_id = transfer.id
    WHERE transfer.id = present.transfer_id AND transfer.is_pending AND transfer.subject_kind = 'payment_order'
      AND transfer.subject_id = present.id AND transfer.expires_at IS NULL;
  SELECT coalesce(sum(entry.amount_fen), 0) INTO reserved FROM ledger_entry entry
    WHERE entry.transfer_id = present.transfer_id AND entry.amount_fen > 0;
  IF reached IS DISTINCT FROM (CASE present.status WHEN 'executed' THEN 'posted' WHEN 'failed' THEN 'voided'
       WHEN 'cancelled' THEN 'voided' ELSE 'open' END) OR reserved <> present.amount_fen THEN
    RAISE EXCEPTION 'payment order % is % but its transfer is % with % of % fen', present.reference, present.status,
      reached, reserved, present.amount_fen USING ERRCODE = 'check_violation', CONSTRAINT = 'payment_order_in_ledger';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER payment_order_in_ledger AFTER INSERT OR UPDATE ON payment_order
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_order_in_ledger();

-- When deposits go back (保证金退还): counted from the end of the bidding.
INSERT INTO dated_rule (key, board, value, valid_from, source) VALUES
  ('deposit.refund_working_days', 'standard', '3', '2016-06-24',
   '产权交易机构通行规则：未成交方保证金在竞价结束后三个工作日内无息退还；法院网拍为二十四小时（法释〔2016〕18号第二十三条）');
