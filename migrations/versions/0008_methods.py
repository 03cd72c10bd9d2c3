"""ways to sell beside bidding: a listed price, a negotiated one

Listings and deals of before are sales by bidding. Kept as it is once released.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

OPEN = "status IN ('draft', 'in_review', 'returned', 'accepted', 'listed')"
PUBLISHED = "status IN ('listed', 'sold', 'unsold', 'terminated')"
BIDS = "(method = 'auction' OR (method = 'listed' AND rights <> 'ordinary'))"
TRIGGERS = """
-- In which way a buyer is found is part of what is announced: nothing is switched once it was accepted.
CREATE FUNCTION check_listing_method() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status NOT IN ('draft', 'returned') AND
     (NEW.method, NEW.notice_ends_at) IS DISTINCT FROM (OLD.method, OLD.notice_ends_at)
     OR (OLD.announced_rules IS NOT NULL AND NEW.announced_rules IS DISTINCT FROM OLD.announced_rules) THEN
    RAISE EXCEPTION 'listing % is % and its method is frozen', OLD.listing_no, OLD.status
      USING ERRCODE = 'check_violation', CONSTRAINT = 'listing_method';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER listing_method BEFORE UPDATE ON listing FOR EACH ROW EXECUTE FUNCTION check_listing_method();

CREATE OR REPLACE FUNCTION check_intent_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.status <> OLD.status AND (OLD.status, NEW.status) NOT IN
     (('submitted', 'qualified'), ('submitted', 'rejected'), ('submitted', 'lost'), ('qualified', 'admitted'),
      ('qualified', 'lost'), ('admitted', 'won'), ('admitted', 'lost'),
      ('qualified', 'paid'), ('paid', 'admitted'), ('paid', 'won'), ('paid', 'lost')) THEN
    RAISE EXCEPTION 'intent % cannot go from % to %', OLD.id, OLD.status, NEW.status
      USING ERRCODE = 'check_violation', CONSTRAINT = 'intent_step';
  END IF;
  IF (NEW.id, NEW.listing_id, NEW.seller_id, NEW.buyer_id, NEW.rules_sha256, NEW.accepted_by, NEW.claims_priority,
      NEW.created_at)
     IS DISTINCT FROM
     (OLD.id, OLD.listing_id, OLD.seller_id, OLD.buyer_id, OLD.rules_sha256, OLD.accepted_by, OLD.claims_priority,
      OLD.created_at)
     OR (OLD.status <> 'submitted' AND NEW.has_priority <> OLD.has_priority) THEN
    RAISE EXCEPTION 'intent %: its parties, the rules accepted and a decided priority never change', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'intent_step';
  END IF;
  RETURN NEW;
END $$;
"""
ROOMS = """
CREATE TABLE negotiation_room (
  id uuid CONSTRAINT pk_negotiation_room PRIMARY KEY,
  listing_id uuid NOT NULL,
  seller_id uuid NOT NULL CONSTRAINT fk_negotiation_room_seller_id REFERENCES organisation (id),
  buyer_id uuid NOT NULL CONSTRAINT fk_negotiation_room_buyer_id REFERENCES organisation (id),
  status text NOT NULL DEFAULT 'open',
  opened_by uuid NOT NULL CONSTRAINT fk_negotiation_room_opened_by REFERENCES person (id),
  opened_at timestamptz NOT NULL DEFAULT market_now(),
  ended_at timestamptz,
  deal_id uuid CONSTRAINT fk_negotiation_room_deal_id REFERENCES deal (id),
  CONSTRAINT fk_negotiation_room_listing_id_seller_id FOREIGN KEY (listing_id, seller_id)
    REFERENCES listing (id, seller_id),
  CONSTRAINT uq_negotiation_room_listing_id_buyer_id UNIQUE (listing_id, buyer_id),
  CONSTRAINT uq_negotiation_room_deal_id UNIQUE (deal_id),
  CONSTRAINT ck_negotiation_room_buyer CHECK (buyer_id <> seller_id),
  CONSTRAINT ck_negotiation_room_status CHECK (status IN ('open', 'agreed', 'closed')),
  CONSTRAINT ck_negotiation_room_deal CHECK (deal_id IS NULL OR status = 'agreed')
);
CREATE UNIQUE INDEX uq_negotiation_room_agreed ON negotiation_room (listing_id) WHERE status = 'agreed';
CREATE INDEX ix_negotiation_room_seller ON negotiation_room (seller_id, id);
CREATE INDEX ix_negotiation_room_buyer ON negotiation_room (buyer_id, id);

CREATE TABLE negotiation_offer (
  id uuid CONSTRAINT pk_negotiation_offer PRIMARY KEY,
  room_id uuid NOT NULL CONSTRAINT fk_negotiation_offer_room_id REFERENCES negotiation_room (id),
  number bigint NOT NULL,
  side text NOT NULL,
  person_id uuid NOT NULL CONSTRAINT fk_negotiation_offer_person_id REFERENCES person (id),
  price_fen bigint NOT NULL,
  currency text NOT NULL DEFAULT 'CNY',
  payment_plan jsonb NOT NULL,
  rights text NOT NULL,
  territory text,
  term_months bigint,
  words text NOT NULL DEFAULT '',
  made_at timestamptz NOT NULL,
  valid_until timestamptz NOT NULL,
  status text NOT NULL DEFAULT 'open',
  ended_at timestamptz,
  ended_by uuid CONSTRAINT fk_negotiation_offer_ended_by REFERENCES person (id),
  ended_for text,
  CONSTRAINT uq_negotiation_offer_room_id_number UNIQUE (room_id, number),
  CONSTRAINT ck_negotiation_offer_side CHECK (side IN ('seller', 'buyer')),
  CONSTRAINT ck_negotiation_offer_price CHECK (price_fen BETWEEN 1 AND 9007199254740991),
  CONSTRAINT ck_negotiation_offer_currency CHECK (currency = 'CNY'),
  CONSTRAINT ck_negotiation_offer_valid_until CHECK (valid_until > made_at),
  CONSTRAINT ck_negotiation_offer_status
    CHECK (status IN ('open', 'accepted', 'withdrawn', 'replaced', 'lapsed')),
  CONSTRAINT ck_negotiation_offer_ended_at CHECK ((ended_at IS NULL) = (status = 'open')),
  CONSTRAINT ck_negotiation_offer_accepted_in_time CHECK (status <> 'accepted' OR ended_at < valid_until),
  CONSTRAINT ck_negotiation_offer_accepted_by CHECK (status <> 'accepted' OR ended_for <> side),
  CONSTRAINT ck_negotiation_offer_withdrawn_by CHECK (status <> 'withdrawn' OR ended_for = side),
  CONSTRAINT ck_negotiation_offer_licence
    CHECK ((rights = 'assignment') = (num_nonnulls(territory, term_months) = 0)),
  CONSTRAINT ck_negotiation_offer_term_months CHECK (term_months BETWEEN 1 AND 240)
);
CREATE UNIQUE INDEX uq_negotiation_offer_open ON negotiation_offer (room_id) WHERE status = 'open';
CREATE UNIQUE INDEX uq_negotiation_offer_accepted ON negotiation_offer (room_id) WHERE status = 'accepted';

CREATE TABLE room_undertaking (
  room_id uuid NOT NULL CONSTRAINT fk_room_undertaking_room_id REFERENCES negotiation_room (id),
  side text NOT NULL,
  person_id uuid NOT NULL CONSTRAINT fk_room_undertaking_person_id REFERENCES person (id),
  text_sha256 text NOT NULL,
  accepted_at timestamptz NOT NULL DEFAULT market_now(),
  CONSTRAINT pk_room_undertaking PRIMARY KEY (room_id, side)
);

CREATE TABLE room_document (
  id uuid CONSTRAINT pk_room_document PRIMARY KEY,
  room_id uuid NOT NULL CONSTRAINT fk_room_document_room_id REFERENCES negotiation_room (id),
  side text NOT NULL,
  person_id uuid NOT NULL CONSTRAINT fk_room_document_person_id REFERENCES person (id),
  name text NOT NULL,
  sha256 text NOT NULL,
  content bytea NOT NULL,
  laid_at timestamptz NOT NULL DEFAULT market_now(),
  CONSTRAINT fk_room_document_room_id_side FOREIGN KEY (room_id, side)
    REFERENCES room_undertaking (room_id, side),
  CONSTRAINT ck_room_document_content CHECK (octet_length(content) BETWEEN 1 AND 5242880)
);
CREATE INDEX ix_room_document_room ON room_document (room_id, id);

CREATE TABLE room_document_view (
  id uuid CONSTRAINT pk_room_document_view PRIMARY KEY,
  document_id uuid NOT NULL CONSTRAINT fk_room_document_view_document_id REFERENCES room_document (id),
  person_id uuid NOT NULL CONSTRAINT fk_room_document_view_person_id REFERENCES person (id),
  organisation_id uuid NOT NULL CONSTRAINT fk_room_document_view_organisation_id REFERENCES organisation (id),
  seen_at timestamptz NOT NULL DEFAULT market_now()
);
CREATE INDEX ix_room_document_view_document ON room_document_view (document_id, id);

CREATE TRIGGER room_undertaking_append_only BEFORE UPDATE OR DELETE ON room_undertaking
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER room_document_append_only BEFORE UPDATE OR DELETE ON room_document
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER room_document_view_append_only BEFORE UPDATE OR DELETE ON room_document_view
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- What was offered never changes, and an offer that has ended never comes back: an acceptance is final.
CREATE FUNCTION check_offer_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.status <> 'open' OR
     (NEW.id, NEW.room_id, NEW.number, NEW.side, NEW.person_id, NEW.price_fen, NEW.currency, NEW.payment_plan,
      NEW.rights, NEW.territory, NEW.term_months, NEW.words, NEW.made_at, NEW.valid_until)
     IS DISTINCT FROM
     (OLD.id, OLD.room_id, OLD.number, OLD.side, OLD.person_id, OLD.price_fen, OLD.currency, OLD.payment_plan,
      OLD.rights, OLD.territory, OLD.term_months, OLD.words, OLD.made_at, OLD.valid_until) THEN
    RAISE EXCEPTION 'offer % of room % is % and stands as it was made', OLD.number, OLD.room_id, OLD.status
      USING ERRCODE = 'check_violation', CONSTRAINT = 'offer_step';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER offer_step BEFORE UPDATE OR DELETE ON negotiation_offer
  FOR EACH ROW EXECUTE FUNCTION check_offer_step();

CREATE FUNCTION check_room_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR
     (NEW.status <> OLD.status AND OLD.status <> 'open') OR
     (OLD.deal_id IS NOT NULL AND NEW.deal_id IS DISTINCT FROM OLD.deal_id) OR
     (NEW.id, NEW.listing_id, NEW.seller_id, NEW.buyer_id, NEW.opened_by, NEW.opened_at)
     IS DISTINCT FROM (OLD.id, OLD.listing_id, OLD.seller_id, OLD.buyer_id, OLD.opened_by, OLD.opened_at) THEN
    RAISE EXCEPTION 'room % is %: its parties and its end never change', OLD.id, OLD.status
      USING ERRCODE = 'check_violation', CONSTRAINT = 'room_step';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER room_step BEFORE UPDATE OR DELETE ON negotiation_room
  FOR EACH ROW EXECUTE FUNCTION check_room_step();
"""

LICENCES = """
CREATE TABLE licence (
  id uuid CONSTRAINT pk_licence PRIMARY KEY,
  patent_id uuid NOT NULL CONSTRAINT fk_licence_patent_id REFERENCES patent (id),
  licensor_id uuid NOT NULL CONSTRAINT fk_licence_licensor_id REFERENCES organisation (id),
  licensee_name text NOT NULL,
  kind text NOT NULL,
  territory text NOT NULL,
  field text NOT NULL DEFAULT '',
  starts_on date NOT NULL,
  ends_on date NOT NULL,
  expires_on date NOT NULL,
  accepts_earlier boolean NOT NULL DEFAULT false,
  recorded_by uuid NOT NULL CONSTRAINT fk_licence_recorded_by REFERENCES person (id),
  recorded_at timestamptz NOT NULL DEFAULT market_now(),
  CONSTRAINT ck_licence_kind CHECK (kind IN ('exclusive', 'sole', 'ordinary')),
  CONSTRAINT ck_licence_territory CHECK (territory ~ '^(WW|[A-Z]{2}|CN-[0-9]{2})$'),
  CONSTRAINT ck_licence_period CHECK (starts_on <= ends_on AND ends_on < expires_on),
  CONSTRAINT ck_licence_licensee_name CHECK (char_length(btrim(licensee_name)) BETWEEN 1 AND 200)
);
CREATE INDEX ix_licence_patent ON licence (patent_id, id);
CREATE INDEX ix_licence_licensor ON licence (licensor_id, id);
CREATE TRIGGER licence_append_only BEFORE UPDATE OR DELETE ON licence
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Two licences at once come one after the other by the patent's lock, whoever writes them.
CREATE FUNCTION check_licence_overlap() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM patent WHERE id = NEW.patent_id FOR UPDATE;
  IF EXISTS (
    SELECT 1 FROM licence AS other
    WHERE other.patent_id = NEW.patent_id
      AND other.starts_on <= NEW.ends_on AND NEW.starts_on <= other.ends_on
      AND (other.field = NEW.field OR other.field = '' OR NEW.field = '')
      AND ('WW' IN (other.territory, NEW.territory) OR other.territory = NEW.territory
           OR other.territory LIKE NEW.territory || '-%' OR NEW.territory LIKE other.territory || '-%')
      AND (other.kind <> 'ordinary' OR (NEW.kind <> 'ordinary' AND NOT NEW.accepts_earlier))
  ) THEN
    RAISE EXCEPTION 'licence %: an earlier one of the same patent is in the way', NEW.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'licence_overlap';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER licence_overlap BEFORE INSERT ON licence
  FOR EACH ROW EXECUTE FUNCTION check_licence_overlap();
"""


def run(text: str) -> None:
    """Sends several statements at once, as they are."""
    connection = op.get_bind().connection.dbapi_connection
    connection.run_async(lambda raw: raw.execute(text))  # type: ignore[union-attr]


def upgrade() -> None:
    """Widens listings, intents and deals."""
    _widen_listings()
    _widen_intents()
    _widen_deals()
    run(TRIGGERS)
    run(ROOMS)
    run(LICENCES)


def _widen_listings() -> None:
    op.add_column("listing", sa.Column("method", sa.Text(), nullable=False, server_default="auction"))
    op.add_column("listing", sa.Column("notice_ends_at", sa.DateTime(timezone=True)))
    op.add_column("listing", sa.Column("announced_rules", postgresql.JSONB(astext_type=sa.Text())))
    for name in ("step_fen", "deposit_fen", "opens_at", "trigger_seconds", "extension_seconds"):
        op.alter_column("listing", name, nullable=True)
    for name in ("rights", "auction", "published_at"):
        op.drop_constraint(f"ck_listing_{name}", "listing")
    for name, condition in (
        (
            "rights",
            (
                "CASE WHEN demand_id IS NULL THEN rights IN ('assignment', 'exclusive', 'sole', 'ordinary') "
                "ELSE rights = 'development' END"
            ),
        ),
        ("method", "method IN ('auction', 'listed', 'negotiated')"),
        ("method_subject", "method = 'auction' OR demand_id IS NULL"),
        ("method_rights", "method <> 'auction' OR rights <> 'ordinary'"),
        (
            "bidding",
            (
                "num_nonnulls(step_fen, deposit_fen, opens_at, trigger_seconds, extension_seconds) = "
                f"CASE WHEN {BIDS} THEN 5 ELSE 0 END"
            ),
        ),
        (
            "no_bidding",
            f"{BIDS} OR (reserve_price_fen IS NULL AND hard_end_at IS NULL AND priority = 'none')",
        ),
        ("notice_ends_at", f"(notice_ends_at IS NOT NULL) = (method = 'listed' AND {BIDS})"),
        ("notice_before_bidding", "notice_ends_at < opens_at"),
        (
            "announced_rules",
            f"(announced_rules IS NOT NULL) = (method = 'listed' AND {BIDS} AND {PUBLISHED})",
        ),
        (
            "auction",
            (
                f"CASE WHEN method = 'auction' THEN (auction_id IS NOT NULL) = ({PUBLISHED}) "
                f"ELSE auction_id IS NULL OR (method = 'listed' AND {BIDS} AND {PUBLISHED}) END"
            ),
        ),
        ("published_at", f"(published_at IS NOT NULL) = ({PUBLISHED})"),
    ):
        op.create_check_constraint(op.f(f"ck_listing_{name}"), "listing", condition)
    # Who has licensed a patent still has it.
    op.drop_index("uq_listing_sold_patent", "listing")
    op.create_index(
        "uq_listing_sold_patent",
        "listing",
        ["patent_id", "seller_id"],
        unique=True,
        postgresql_where=sa.text(
            f"({OPEN} OR (status = 'sold' AND rights = 'assignment')) AND NOT is_demonstration"
        ),
    )


def _widen_intents() -> None:
    for name in ("status", "deposit", "bidder_code"):
        op.drop_constraint(f"ck_intent_{name}", "intent")
    for name, condition in (
        (
            "status",
            "status IN ('submitted', 'qualified', 'rejected', 'paid', 'admitted', 'won', 'lost')",
        ),
        ("deposit", "status NOT IN ('qualified', 'paid', 'admitted', 'won') OR deposit_id IS NOT NULL"),
        ("bidder_code", "status <> 'admitted' OR bidder_code IS NOT NULL"),
    ):
        op.create_check_constraint(op.f(f"ck_intent_{name}"), "intent", condition)


def _widen_deals() -> None:
    op.add_column("deal", sa.Column("method", sa.Text(), nullable=False, server_default="auction"))
    op.add_column("deal", sa.Column("rights", sa.Text(), nullable=False, server_default="assignment"))
    for name in ("auction_id", "deposit_id"):
        op.alter_column("deal", name, nullable=True)
    op.drop_constraint("uq_deal_listing_id", "deal")
    op.create_unique_constraint(op.f("uq_deal_listing_id_buyer_id"), "deal", ["listing_id", "buyer_id"])
    op.create_index(
        "uq_deal_listing",
        "deal",
        ["listing_id"],
        unique=True,
        postgresql_where=sa.text("rights <> 'ordinary'"),
    )
    for name, condition in (
        ("rights", "rights IN ('assignment', 'exclusive', 'sole', 'ordinary')"),
        (
            "method",
            (
                "CASE method WHEN 'auction' THEN auction_id IS NOT NULL AND deposit_id IS NOT NULL "
                "WHEN 'listed' THEN (auction_id IS NULL OR deposit_id IS NOT NULL) "
                "AND (deposit_id IS NOT NULL) = (rights <> 'ordinary') "
                "WHEN 'negotiated' THEN auction_id IS NULL AND deposit_id IS NULL ELSE false END"
            ),
        ),
    ):
        op.create_check_constraint(op.f(f"ck_deal_{name}"), "deal", condition)
