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


INTENTS = """
ALTER TABLE intent ADD COLUMN relations jsonb NOT NULL DEFAULT '{}';
ALTER TABLE intent ADD COLUMN beneficial_owners jsonb NOT NULL DEFAULT '[]';
ALTER TABLE intent ADD COLUMN lead_share_bp bigint NOT NULL DEFAULT 10000;
ALTER TABLE intent ADD COLUMN withdrawn_at timestamptz;
ALTER TABLE intent DROP CONSTRAINT ck_intent_status;
ALTER TABLE intent ADD CONSTRAINT ck_intent_status CHECK
  (status IN ('submitted', 'qualified', 'rejected', 'paid', 'admitted', 'won', 'lost', 'withdrawn'));
ALTER TABLE intent ADD CONSTRAINT ck_intent_withdrawn_at CHECK ((status = 'withdrawn') = (withdrawn_at IS NOT NULL));
ALTER TABLE intent ADD CONSTRAINT ck_intent_lead_share CHECK (lead_share_bp BETWEEN 1 AND 10000);
ALTER TABLE intent DROP CONSTRAINT uq_intent_listing_id_buyer_id;
CREATE UNIQUE INDEX uq_intent_buyer ON intent (listing_id, buyer_id)
  WHERE status <> 'withdrawn' OR bidder_code IS NOT NULL;

CREATE TABLE intent_member (
  intent_id uuid NOT NULL CONSTRAINT fk_intent_member_intent_id REFERENCES intent (id),
  organisation_id uuid NOT NULL CONSTRAINT fk_intent_member_organisation_id REFERENCES organisation (id),
  listing_id uuid NOT NULL CONSTRAINT fk_intent_member_listing_id REFERENCES listing (id),
  is_lead boolean NOT NULL DEFAULT false,
  share_bp bigint NOT NULL,
  answered_by uuid CONSTRAINT fk_intent_member_answered_by REFERENCES person (id),
  consented_at timestamptz,
  declined_at timestamptz,
  ended_at timestamptz,
  CONSTRAINT pk_intent_member PRIMARY KEY (intent_id, organisation_id),
  CONSTRAINT ck_intent_member_share CHECK (share_bp BETWEEN 1 AND 10000),
  CONSTRAINT ck_intent_member_answer CHECK (num_nonnulls(consented_at, declined_at) <= 1),
  CONSTRAINT ck_intent_member_answered_by
    CHECK ((answered_by IS NOT NULL) = (num_nonnulls(consented_at, declined_at) = 1)),
  CONSTRAINT ck_intent_member_lead CHECK (NOT is_lead OR consented_at IS NOT NULL)
);
INSERT INTO intent_member
    (intent_id, organisation_id, listing_id, is_lead, share_bp, answered_by, consented_at, ended_at)
  SELECT id, buyer_id, listing_id, true, 10000, accepted_by, created_at,
    CASE WHEN status = 'rejected' THEN coalesce(decided_at, created_at) END FROM intent;
CREATE UNIQUE INDEX uq_intent_member_listing ON intent_member (listing_id, organisation_id) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX uq_intent_member_lead ON intent_member (intent_id) WHERE is_lead;
CREATE INDEX ix_intent_member_organisation ON intent_member (organisation_id, intent_id);

-- Whoever declares an intent is its first member; a rejected or withdrawn one binds its members no more.
CREATE FUNCTION keep_intent_members() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO intent_member (intent_id, organisation_id, listing_id, is_lead, share_bp, answered_by, consented_at)
      VALUES (NEW.id, NEW.buyer_id, NEW.listing_id, true, NEW.lead_share_bp, NEW.accepted_by, NEW.created_at);
  ELSIF NEW.status <> OLD.status AND NEW.status IN ('rejected', 'withdrawn') THEN
    UPDATE intent_member SET ended_at = market_now() WHERE intent_id = NEW.id AND ended_at IS NULL;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER intent_members AFTER INSERT OR UPDATE ON intent FOR EACH ROW EXECUTE FUNCTION keep_intent_members();

CREATE FUNCTION check_member_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.ended_at IS NOT NULL OR
     (NEW.intent_id, NEW.organisation_id, NEW.listing_id, NEW.is_lead, NEW.share_bp)
     IS DISTINCT FROM (OLD.intent_id, OLD.organisation_id, OLD.listing_id, OLD.is_lead, OLD.share_bp)
     OR (OLD.answered_by IS NOT NULL AND (NEW.answered_by, NEW.consented_at, NEW.declined_at)
       IS DISTINCT FROM (OLD.answered_by, OLD.consented_at, OLD.declined_at)) THEN
    RAISE EXCEPTION 'member % of intent %: its share never changes and it answers once', OLD.organisation_id, OLD.intent_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'intent_member_step';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER intent_member_step BEFORE UPDATE OR DELETE ON intent_member
  FOR EACH ROW EXECUTE FUNCTION check_member_step();

CREATE FUNCTION check_member_shares() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT sum(share_bp) FROM intent_member WHERE intent_id = NEW.intent_id) <> 10000 THEN
    RAISE EXCEPTION 'the shares of intent % are not the whole', NEW.intent_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'intent_member_shares';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER intent_member_shares AFTER INSERT ON intent_member
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_member_shares();

-- No intent is qualified before all its members have consented, nor while it is suspected.
CREATE FUNCTION check_intent_whole() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.status IN ('qualified', 'paid', 'admitted') AND NEW.status <> OLD.status THEN
    IF EXISTS (SELECT FROM intent_member WHERE intent_id = NEW.id AND consented_at IS NULL) THEN
      RAISE EXCEPTION 'intent %: not all members have consented', NEW.id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'intent_whole';
    END IF;
    IF EXISTS (SELECT FROM intent_suspicion WHERE NEW.id IN (intent_id, other_id) AND status <> 'cleared') THEN
      RAISE EXCEPTION 'intent % is suspected of collusion', NEW.id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'intent_whole';
    END IF;
  END IF;
  IF (NEW.relations, NEW.beneficial_owners, NEW.lead_share_bp)
     IS DISTINCT FROM (OLD.relations, OLD.beneficial_owners, OLD.lead_share_bp) THEN
    RAISE EXCEPTION 'intent %: what was declared never changes', NEW.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'intent_whole';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER intent_whole BEFORE UPDATE ON intent FOR EACH ROW EXECUTE FUNCTION check_intent_whole();

DO $$
DECLARE
  made text := pg_get_functiondef('check_intent_step()'::regprocedure);
  longer text := regexp_replace(made, $q$\\('submitted',\\s*'lost'\\)$q$, $q$('submitted', 'lost'), ('submitted', 'withdrawn'),
      ('qualified', 'withdrawn'), ('paid', 'withdrawn'), ('admitted', 'withdrawn')$q$);
BEGIN
  IF longer = made THEN
    RAISE EXCEPTION 'the way of an intent was not found';
  END IF;
  EXECUTE longer;
END $$;

CREATE TABLE intent_document (
  id uuid CONSTRAINT pk_intent_document PRIMARY KEY,
  intent_id uuid NOT NULL CONSTRAINT fk_intent_document_intent_id REFERENCES intent (id),
  organisation_id uuid NOT NULL CONSTRAINT fk_intent_document_organisation_id REFERENCES organisation (id),
  person_id uuid NOT NULL CONSTRAINT fk_intent_document_person_id REFERENCES person (id),
  kind text NOT NULL,
  name text NOT NULL,
  media_type text NOT NULL,
  sha256 text NOT NULL,
  content bytea NOT NULL,
  laid_at timestamptz NOT NULL DEFAULT market_now(),
  CONSTRAINT ck_intent_document_kind CHECK (kind IN ('entity', 'funds', 'consortium', 'other')),
  CONSTRAINT ck_intent_document_content CHECK (octet_length(content) BETWEEN 1 AND 5242880),
  CONSTRAINT ck_intent_document_sha256 CHECK (sha256 ~ '^[0-9a-f]{64}$')
);
CREATE INDEX ix_intent_document_intent ON intent_document (intent_id, id);
CREATE TRIGGER intent_document_append_only BEFORE UPDATE OR DELETE ON intent_document
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE intent_document_view (
  id uuid CONSTRAINT pk_intent_document_view PRIMARY KEY,
  document_id uuid NOT NULL CONSTRAINT fk_intent_document_view_document_id REFERENCES intent_document (id),
  person_id uuid NOT NULL CONSTRAINT fk_intent_document_view_person_id REFERENCES person (id),
  organisation_id uuid NOT NULL CONSTRAINT fk_intent_document_view_organisation_id REFERENCES organisation (id),
  seen_at timestamptz NOT NULL DEFAULT market_now()
);
CREATE INDEX ix_intent_document_view_document ON intent_document_view (document_id, id);
CREATE TRIGGER intent_document_view_append_only BEFORE UPDATE OR DELETE ON intent_document_view
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE intent_suspicion (
  id uuid CONSTRAINT pk_intent_suspicion PRIMARY KEY,
  listing_id uuid NOT NULL CONSTRAINT fk_intent_suspicion_listing_id REFERENCES listing (id),
  intent_id uuid NOT NULL CONSTRAINT fk_intent_suspicion_intent_id REFERENCES intent (id),
  other_id uuid NOT NULL CONSTRAINT fk_intent_suspicion_other_id REFERENCES intent (id),
  ground text NOT NULL,
  evidence text NOT NULL,
  status text NOT NULL DEFAULT 'open',
  raised_at timestamptz NOT NULL DEFAULT market_now(),
  decided_by uuid CONSTRAINT fk_intent_suspicion_decided_by REFERENCES person (id),
  decided_at timestamptz,
  reason text,
  CONSTRAINT ck_intent_suspicion_pair CHECK (intent_id < other_id),
  CONSTRAINT ck_intent_suspicion_ground CHECK (ground IN ('same_owner', 'same_account')),
  CONSTRAINT ck_intent_suspicion_status CHECK (status IN ('open', 'cleared', 'upheld')),
  CONSTRAINT ck_intent_suspicion_decided_by CHECK ((decided_by IS NOT NULL) = (status <> 'open')),
  CONSTRAINT ck_intent_suspicion_decided_at CHECK ((decided_at IS NOT NULL) = (decided_by IS NOT NULL)),
  CONSTRAINT ck_intent_suspicion_reason
    CHECK (status = 'open' OR char_length(btrim(reason)) BETWEEN 5 AND 1000)
);
CREATE UNIQUE INDEX uq_intent_suspicion_pair ON intent_suspicion (intent_id, other_id, ground);
CREATE INDEX ix_intent_suspicion_other ON intent_suspicion (other_id);
CREATE INDEX ix_intent_suspicion_status ON intent_suspicion (status, id);
CREATE FUNCTION check_suspicion_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.status <> 'open' OR
     (NEW.id, NEW.listing_id, NEW.intent_id, NEW.other_id, NEW.ground, NEW.evidence, NEW.raised_at)
     IS DISTINCT FROM
     (OLD.id, OLD.listing_id, OLD.intent_id, OLD.other_id, OLD.ground, OLD.evidence, OLD.raised_at) THEN
    RAISE EXCEPTION 'suspicion % has been decided', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'intent_suspicion_step';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER intent_suspicion_step BEFORE UPDATE OR DELETE ON intent_suspicion
  FOR EACH ROW EXECUTE FUNCTION check_suspicion_step();

CREATE TABLE party_restriction (
  id uuid CONSTRAINT pk_party_restriction PRIMARY KEY,
  organisation_id uuid NOT NULL CONSTRAINT fk_party_restriction_organisation_id REFERENCES organisation (id),
  ground text NOT NULL,
  source text NOT NULL,
  begins_on date NOT NULL,
  ends_on date,
  status text NOT NULL DEFAULT 'proposed',
  proposed_by uuid NOT NULL CONSTRAINT fk_party_restriction_proposed_by REFERENCES person (id),
  proposed_at timestamptz NOT NULL DEFAULT market_now(),
  confirmed_by uuid CONSTRAINT fk_party_restriction_confirmed_by REFERENCES person (id),
  confirmed_at timestamptz,
  lift_reason text,
  lift_proposed_by uuid CONSTRAINT fk_party_restriction_lift_proposed_by REFERENCES person (id),
  lifted_by uuid CONSTRAINT fk_party_restriction_lifted_by REFERENCES person (id),
  lifted_at timestamptz,
  CONSTRAINT ck_party_restriction_ground CHECK (ground IN ('dishonest', 'market_ban', 'court_order', 'other')),
  CONSTRAINT ck_party_restriction_source CHECK (char_length(btrim(source)) BETWEEN 5 AND 1000),
  CONSTRAINT ck_party_restriction_dates CHECK (ends_on IS NULL OR ends_on >= begins_on),
  CONSTRAINT ck_party_restriction_status
    CHECK (status IN ('proposed', 'effective', 'refused', 'lifting', 'lifted')),
  CONSTRAINT ck_party_restriction_two_people CHECK (status NOT IN ('effective', 'lifting', 'lifted')
    OR (confirmed_by IS NOT NULL AND confirmed_by <> proposed_by)),
  CONSTRAINT ck_party_restriction_two_lift CHECK (status <> 'lifted'
    OR (lifted_by IS NOT NULL AND lift_proposed_by IS NOT NULL AND lifted_by <> lift_proposed_by))
);
CREATE INDEX ix_party_restriction_organisation ON party_restriction (organisation_id, id);
CREATE FUNCTION check_restriction_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.status IN ('refused', 'lifted') OR (OLD.status, NEW.status) NOT IN
     (('proposed', 'effective'), ('proposed', 'refused'), ('effective', 'lifting'), ('lifting', 'lifted'),
      ('lifting', 'effective'))
     OR (NEW.id, NEW.organisation_id, NEW.ground, NEW.source, NEW.begins_on, NEW.ends_on, NEW.proposed_by)
     IS DISTINCT FROM
     (OLD.id, OLD.organisation_id, OLD.ground, OLD.source, OLD.begins_on, OLD.ends_on, OLD.proposed_by) THEN
    RAISE EXCEPTION 'restriction % is % and its facts never change', OLD.id, OLD.status
      USING ERRCODE = 'check_violation', CONSTRAINT = 'party_restriction_step';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER party_restriction_step BEFORE UPDATE OR DELETE ON party_restriction
  FOR EACH ROW EXECUTE FUNCTION check_restriction_step();
"""


def run(text: str) -> None:
    """Sends several statements at once, as they are."""
    connection = op.get_bind().connection.dbapi_connection
    connection.run_async(lambda raw: raw.execute(text))  # type: ignore[union-attr]


def upgrade() -> None:
    """Makes the tables, and the triggers that keep them whole."""
    run(SUCCESSION)
    run(INTENTS)
