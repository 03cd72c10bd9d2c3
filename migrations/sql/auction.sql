-- A judged bid is never changed; a sale goes one way only, whatever a program or a person at the database tries.
CREATE TRIGGER bid_append_only BEFORE UPDATE OR DELETE ON bid
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER auction_is_kept BEFORE DELETE ON auction
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE OR REPLACE FUNCTION check_auction_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.phase <> OLD.phase AND (OLD.phase IN ('sold', 'unsold') OR NEW.phase = 'scheduled') THEN
    RAISE EXCEPTION 'auction % is % and cannot become %', OLD.id, OLD.phase, NEW.phase
      USING ERRCODE = 'check_violation', CONSTRAINT = 'auction_step';
  END IF;
  IF NEW.price_fen < OLD.price_fen OR NEW.sequence < OLD.sequence OR NEW.ends_at < OLD.ends_at
     OR NEW.last_official_at < OLD.last_official_at THEN
    RAISE EXCEPTION 'auction %: price, count, end and official time never run back', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'auction_step';
  END IF;
  IF (NEW.terms, NEW.rules, NEW.opens_at, NEW.hard_end_at, NEW.seller_id, NEW.listing_id)
     IS DISTINCT FROM (OLD.terms, OLD.rules, OLD.opens_at, OLD.hard_end_at, OLD.seller_id, OLD.listing_id) THEN
    RAISE EXCEPTION 'auction %: what was published is frozen', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'auction_step';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER auction_step BEFORE UPDATE ON auction FOR EACH ROW EXECUTE FUNCTION check_auction_step();
