"""intents with documents and partners; the second-highest bidder who is asked"""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

SUCCESSION = """
-- A deal may take the place of one in default: once for each, so one of a listing's deals is alive.
ALTER TABLE deal ADD COLUMN replaces_id uuid;
ALTER TABLE deal ADD CONSTRAINT uq_deal_id_listing_id UNIQUE (id, listing_id);
ALTER TABLE deal ADD CONSTRAINT uq_deal_replaces_id UNIQUE (replaces_id);
ALTER TABLE deal ADD CONSTRAINT fk_deal_replaces_id_listing_id
  FOREIGN KEY (replaces_id, listing_id) REFERENCES deal (id, listing_id);
ALTER TABLE deal ADD CONSTRAINT ck_deal_replaces CHECK (replaces_id IS NULL OR rights <> 'ordinary');
ALTER TABLE deal DROP CONSTRAINT ck_deal_method;
ALTER TABLE deal ADD CONSTRAINT ck_deal_method CHECK (
  CASE WHEN replaces_id IS NOT NULL THEN auction_id IS NULL AND deposit_id IS NULL
  WHEN method = 'auction' THEN auction_id IS NOT NULL AND deposit_id IS NOT NULL
  WHEN method = 'listed' THEN (auction_id IS NULL OR deposit_id IS NOT NULL)
    AND (deposit_id IS NOT NULL) = (rights <> 'ordinary')
  WHEN method = 'negotiated' THEN auction_id IS NULL AND deposit_id IS NULL ELSE false END);
DROP INDEX uq_deal_listing;
CREATE UNIQUE INDEX uq_deal_listing ON deal (listing_id) WHERE rights <> 'ordinary' AND replaces_id IS NULL;

CREATE FUNCTION check_deal_replaces() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.replaces_id IS NOT NULL AND NOT EXISTS (
    SELECT FROM deal_default WHERE deal_id = NEW.replaces_id AND status = 'confirmed') THEN
    RAISE EXCEPTION 'deal % cannot take the place of one that is not in default', NEW.deal_no
      USING ERRCODE = 'check_violation', CONSTRAINT = 'deal_replaces';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER deal_replaces BEFORE INSERT ON deal FOR EACH ROW EXECUTE FUNCTION check_deal_replaces();

CREATE TABLE successor_offer (
  id uuid CONSTRAINT pk_successor_offer PRIMARY KEY,
  listing_id uuid NOT NULL,
  default_deal_id uuid NOT NULL CONSTRAINT fk_successor_offer_default_deal_id REFERENCES deal (id),
  seller_id uuid NOT NULL CONSTRAINT fk_successor_offer_seller_id REFERENCES organisation (id),
  bidder_id uuid NOT NULL CONSTRAINT fk_successor_offer_bidder_id REFERENCES organisation (id),
  bidder_code text NOT NULL,
  price_fen bigint NOT NULL,
  words text NOT NULL DEFAULT '',
  status text NOT NULL DEFAULT 'open',
  asked_by uuid NOT NULL CONSTRAINT fk_successor_offer_asked_by REFERENCES person (id),
  asked_at timestamptz NOT NULL DEFAULT market_now(),
  expires_at timestamptz NOT NULL,
  answered_by uuid CONSTRAINT fk_successor_offer_answered_by REFERENCES person (id),
  ended_at timestamptz,
  deal_id uuid CONSTRAINT fk_successor_offer_deal_id REFERENCES deal (id),
  CONSTRAINT fk_successor_offer_listing_id_seller_id FOREIGN KEY (listing_id, seller_id)
    REFERENCES listing (id, seller_id),
  CONSTRAINT uq_successor_offer_deal_id UNIQUE (deal_id),
  CONSTRAINT ck_successor_offer_bidder CHECK (bidder_id <> seller_id),
  CONSTRAINT ck_successor_offer_price CHECK (price_fen > 0),
  CONSTRAINT ck_successor_offer_expires_at CHECK (expires_at > asked_at),
  CONSTRAINT ck_successor_offer_words CHECK (char_length(words) <= 1000),
  CONSTRAINT ck_successor_offer_status CHECK (status IN ('open', 'accepted', 'declined', 'lapsed')),
  CONSTRAINT ck_successor_offer_ended_at CHECK ((ended_at IS NULL) = (status = 'open')),
  CONSTRAINT ck_successor_offer_answered_by
    CHECK ((answered_by IS NOT NULL) = (status IN ('accepted', 'declined'))),
  CONSTRAINT ck_successor_offer_deal CHECK ((deal_id IS NOT NULL) = (status = 'accepted')),
  CONSTRAINT ck_successor_offer_in_time CHECK (status <> 'accepted' OR ended_at < expires_at)
);
CREATE UNIQUE INDEX uq_successor_offer_open ON successor_offer (listing_id) WHERE status = 'open';
CREATE UNIQUE INDEX uq_successor_offer_bidder ON successor_offer (default_deal_id, bidder_id);
CREATE INDEX ix_successor_offer_seller ON successor_offer (seller_id, id);
CREATE INDEX ix_successor_offer_bidder ON successor_offer (bidder_id, id);

CREATE FUNCTION check_successor_offer_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.status <> 'open' OR
     (NEW.id, NEW.listing_id, NEW.default_deal_id, NEW.seller_id, NEW.bidder_id, NEW.bidder_code, NEW.price_fen,
      NEW.words, NEW.asked_by, NEW.asked_at, NEW.expires_at)
     IS DISTINCT FROM
     (OLD.id, OLD.listing_id, OLD.default_deal_id, OLD.seller_id, OLD.bidder_id, OLD.bidder_code, OLD.price_fen,
      OLD.words, OLD.asked_by, OLD.asked_at, OLD.expires_at) THEN
    RAISE EXCEPTION 'successor offer % is %: it is answered once and never changes', OLD.id, OLD.status
      USING ERRCODE = 'check_violation', CONSTRAINT = 'successor_offer_step';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER successor_offer_step BEFORE UPDATE OR DELETE ON successor_offer
  FOR EACH ROW EXECUTE FUNCTION check_successor_offer_step();

-- A listing that ended in default is sold after all where a deal took the place of the one in default.
DO $$
DECLARE
  made text := pg_get_functiondef('check_listing_step()'::regprocedure);
  longer text := regexp_replace(made, $q$\\('sold',\\s*'terminated'\\)$q$, $q$('sold', 'terminated'), ('terminated', 'sold')$q$);
BEGIN
  IF longer = made THEN
    RAISE EXCEPTION 'the way of a listing was not found';
  END IF;
  EXECUTE longer;
END $$;
CREATE FUNCTION check_listing_sold_anew() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status = 'terminated' AND NEW.status = 'sold' AND NOT EXISTS (
    SELECT FROM deal WHERE deal.listing_id = NEW.id AND deal.replaces_id IS NOT NULL AND NOT EXISTS (
      SELECT FROM deal_default WHERE deal_default.deal_id = deal.id AND deal_default.status = 'confirmed')) THEN
    RAISE EXCEPTION 'listing % is terminated, and no deal took the place of the one in default', NEW.listing_no
      USING ERRCODE = 'check_violation', CONSTRAINT = 'listing_sold_anew';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER listing_sold_anew AFTER UPDATE ON listing
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_listing_sold_anew();

INSERT INTO dated_rule (key, jurisdiction, value, valid_from, valid_to, source) VALUES
  ('default.next_bidder', 'CN', '{"allowed": true, "longest_days": 15}', '2020-01-01', NULL,
   '本市场交易规则（房规）：成交违约后，转让方可以征询次高出价人，评审类按名次递补；其原出价已失效，须另行协议。据拍卖法第三十六条、第三十九条，招标投标法实施条例第五十五条');
"""


def run(text: str) -> None:
    """Sends several statements at once, as they are."""
    connection = op.get_bind().connection.dbapi_connection
    connection.run_async(lambda raw: raw.execute(text))  # type: ignore[union-attr]


def upgrade() -> None:
    """Makes the tables, and the triggers that keep them whole."""
    run(SUCCESSION)
