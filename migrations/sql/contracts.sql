-- What two sides have signed stays as it was; only the state of the contract moves, and only forward.
CREATE FUNCTION keep_contract_text() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.contract_no, NEW.deal_id, NEW.seller_id, NEW.buyer_id, NEW.project_name, NEW.price_fen,
      NEW.is_demonstration, NEW.body, NEW.document_sha256)
     IS DISTINCT FROM
     (OLD.contract_no, OLD.deal_id, OLD.seller_id, OLD.buyer_id, OLD.project_name, OLD.price_fen,
      OLD.is_demonstration, OLD.body, OLD.document_sha256)
     OR OLD.status = 'in_force' THEN
    RAISE EXCEPTION 'the text of contract % is final', OLD.contract_no USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER contract_text_is_final BEFORE UPDATE ON contract
  FOR EACH ROW EXECUTE FUNCTION keep_contract_text();
CREATE TRIGGER contract_is_never_deleted BEFORE DELETE ON contract
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER signature_append_only BEFORE UPDATE OR DELETE ON signature
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- A decision is taken once.
CREATE FUNCTION keep_registration_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status <> 'submitted' OR NEW.contract_id <> OLD.contract_id THEN
    RAISE EXCEPTION 'registration % has been decided', OLD.id USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER registration_decision_is_final BEFORE UPDATE ON registration
  FOR EACH ROW EXECUTE FUNCTION keep_registration_decision();
CREATE TRIGGER registration_is_never_deleted BEFORE DELETE ON registration
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- A certificate gets its file once, and says for ever what it said on its day of issue.
CREATE FUNCTION keep_certificate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.sha256 IS NOT NULL OR
     (NEW.registration_id, NEW.verification_code, NEW.body, NEW.issued_at)
     IS DISTINCT FROM (OLD.registration_id, OLD.verification_code, OLD.body, OLD.issued_at) THEN
    RAISE EXCEPTION 'certificate % is final', OLD.id USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER certificate_is_final BEFORE UPDATE ON certificate
  FOR EACH ROW EXECUTE FUNCTION keep_certificate();
CREATE TRIGGER certificate_is_never_deleted BEFORE DELETE ON certificate
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

INSERT INTO dated_rule (key, board, jurisdiction, value, valid_from, source) VALUES
  ('contract.periods', 'standard', 'CN', '{"payment_days": 10, "recordal_days": 10}', '2020-01-01',
   '本市场交易规则（房规，非法定期间）：余款支付与著录事项变更的期限；民法典 511 允许当事人约定履行期限');
