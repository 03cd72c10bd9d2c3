-- Desks and parties never mix, whatever the program does: who works for the exchange cannot list, bid or sign,
-- and no party works at a desk. The lists are those of app/accounts/permissions.py (a test tries each).
CREATE FUNCTION refuse_unfit_role() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  at_exchange boolean;
BEGIN
  SELECT organisation.kind = 'exchange' INTO at_exchange
  FROM person JOIN organisation ON organisation.id = person.organisation_id
  WHERE person.id = NEW.person_id;
  IF at_exchange <> (NEW.role IN ('reviewer', 'host', 'finance', 'registrar', 'supervisor')) THEN
    RAISE EXCEPTION 'the role % does not fit this organisation', NEW.role
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_person_role_fits_organisation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER person_role_fits_organisation BEFORE INSERT OR UPDATE ON person_role
  FOR EACH ROW EXECUTE FUNCTION refuse_unfit_role();

-- A person stays with his organisation and an organisation stays what it is: roles and past acts hang on both.
CREATE FUNCTION refuse_new_side() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the side of a % never changes', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER organisation_kind_is_final BEFORE UPDATE OF kind ON organisation
  FOR EACH ROW WHEN (OLD.kind IS DISTINCT FROM NEW.kind) EXECUTE FUNCTION refuse_new_side();
CREATE TRIGGER person_organisation_is_final BEFORE UPDATE OF organisation_id ON person
  FOR EACH ROW WHEN (OLD.organisation_id IS DISTINCT FROM NEW.organisation_id) EXECUTE FUNCTION refuse_new_side();
