"""rights in the way with their consents, the secrecy review, and the export class; why a public notice ended with its sale

Listings of before keep what they said in words. What is submitted, accepted or published from now on needs the new
declarations; what is out already may end as it was announced.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

SECRECY = (
    "num_nonnulls(secrecy_reviewer, secrecy_on, secrecy_result) IN (0, 3) "
    "AND secrecy_result IN ('public', 'internal')"
)
TABLES = """
CREATE TABLE patent_right (
  id uuid CONSTRAINT pk_patent_right PRIMARY KEY,
  patent_id uuid NOT NULL CONSTRAINT fk_patent_right_patent_id REFERENCES patent (id),
  kind text NOT NULL,
  holder_name text NOT NULL,
  holder_uscc text,
  since_on date,
  register_no text NOT NULL DEFAULT '',
  declared_for uuid NOT NULL CONSTRAINT fk_patent_right_declared_for REFERENCES organisation (id),
  declared_by uuid NOT NULL CONSTRAINT fk_patent_right_declared_by REFERENCES person (id),
  declared_at timestamptz NOT NULL DEFAULT market_now(),
  ended_at timestamptz,
  ended_by uuid CONSTRAINT fk_patent_right_ended_by REFERENCES person (id),
  end_reason text,
  CONSTRAINT ck_patent_right_kind CHECK (kind IN ('co_owner', 'pledge')),
  CONSTRAINT ck_patent_right_holder_name CHECK (char_length(btrim(holder_name)) BETWEEN 2 AND 200),
  CONSTRAINT ck_patent_right_holder_uscc CHECK (holder_uscc ~ '^[0-9A-HJ-NP-RTUWXY]{18}$'),
  CONSTRAINT ck_patent_right_since CHECK (kind <> 'pledge' OR since_on IS NOT NULL),
  CONSTRAINT ck_patent_right_register_no CHECK (char_length(register_no) <= 100),
  CONSTRAINT ck_patent_right_end CHECK (num_nonnulls(ended_at, ended_by, end_reason) IN (0, 3)),
  CONSTRAINT ck_patent_right_end_reason CHECK (char_length(btrim(end_reason)) BETWEEN 5 AND 1000)
);
CREATE UNIQUE INDEX uq_patent_right_holder ON patent_right (patent_id, kind, holder_name) WHERE ended_at IS NULL;

CREATE TABLE right_consent (
  id uuid CONSTRAINT pk_right_consent PRIMARY KEY,
  right_id uuid NOT NULL CONSTRAINT fk_right_consent_right_id REFERENCES patent_right (id),
  listing_id uuid NOT NULL CONSTRAINT fk_right_consent_listing_id REFERENCES listing (id),
  scope text NOT NULL,
  given_by text NOT NULL,
  given_on date NOT NULL,
  name text NOT NULL,
  media_type text NOT NULL,
  sha256 text NOT NULL,
  content bytea NOT NULL,
  laid_by uuid NOT NULL CONSTRAINT fk_right_consent_laid_by REFERENCES person (id),
  laid_at timestamptz NOT NULL DEFAULT market_now(),
  status text NOT NULL DEFAULT 'waiting',
  reason text NOT NULL DEFAULT '',
  decided_by uuid CONSTRAINT fk_right_consent_decided_by REFERENCES person (id),
  decided_at timestamptz,
  CONSTRAINT ck_right_consent_scope CHECK (scope IN ('assignment', 'exclusive', 'sole', 'ordinary', 'open')),
  CONSTRAINT ck_right_consent_given_by CHECK (char_length(btrim(given_by)) BETWEEN 2 AND 200),
  CONSTRAINT ck_right_consent_content CHECK (octet_length(content) BETWEEN 1 AND 5242880),
  CONSTRAINT ck_right_consent_sha256 CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  CONSTRAINT ck_right_consent_status CHECK (status IN ('waiting', 'verified', 'refused')),
  CONSTRAINT ck_right_consent_decided
    CHECK (num_nonnulls(decided_by, decided_at) = CASE WHEN status = 'waiting' THEN 0 ELSE 2 END),
  CONSTRAINT ck_right_consent_reason CHECK (status <> 'refused' OR char_length(btrim(reason)) BETWEEN 5 AND 1000)
);
CREATE UNIQUE INDEX uq_right_consent_right ON right_consent (right_id, listing_id, scope) WHERE status <> 'refused';
CREATE INDEX ix_right_consent_listing ON right_consent (listing_id, id);

CREATE TABLE export_finding (
  id uuid CONSTRAINT pk_export_finding PRIMARY KEY,
  patent_id uuid NOT NULL CONSTRAINT fk_export_finding_patent_id REFERENCES patent (id),
  export_class text NOT NULL,
  catalogue_code text NOT NULL DEFAULT '',
  evidence text NOT NULL,
  licence_no text NOT NULL DEFAULT '',
  found_by uuid NOT NULL CONSTRAINT fk_export_finding_found_by REFERENCES person (id),
  found_at timestamptz NOT NULL DEFAULT market_now(),
  CONSTRAINT ck_export_finding_class CHECK (export_class IN ('free', 'restricted', 'prohibited')),
  CONSTRAINT ck_export_finding_catalogue_code CHECK (char_length(catalogue_code) <= 40),
  CONSTRAINT ck_export_finding_evidence CHECK (char_length(btrim(evidence)) BETWEEN 5 AND 1000),
  CONSTRAINT ck_export_finding_licence_no CHECK (export_class = 'restricted' OR licence_no = '')
);
CREATE INDEX ix_export_finding_patent ON export_finding (patent_id, id);
CREATE TRIGGER export_finding_append_only BEFORE UPDATE OR DELETE ON export_finding
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""
TRIGGERS = """
-- While a listing of the patent is out, what was published of its rights stands; whoever declares and whoever publishes
-- come one after the other by the patent's lock.
CREATE FUNCTION check_patent_right() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM patent WHERE id = NEW.patent_id FOR UPDATE;
  IF EXISTS (
    SELECT 1 FROM listing WHERE status = 'listed' AND (patent_id = NEW.patent_id OR package_id IN
      (SELECT package_id FROM package_item WHERE package_item.patent_id = NEW.patent_id))
  ) THEN
    RAISE EXCEPTION 'patent %: a listing of it is out', NEW.patent_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'patent_right_out';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER patent_right_out BEFORE INSERT ON patent_right
  FOR EACH ROW EXECUTE FUNCTION check_patent_right();

-- What was declared stays, but that it ends, once.
CREATE FUNCTION check_patent_right_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.ended_at IS NOT NULL OR NEW.ended_at IS NULL OR
     (NEW.id, NEW.patent_id, NEW.kind, NEW.holder_name, NEW.holder_uscc, NEW.since_on, NEW.register_no,
      NEW.declared_for, NEW.declared_by, NEW.declared_at)
     IS DISTINCT FROM
     (OLD.id, OLD.patent_id, OLD.kind, OLD.holder_name, OLD.holder_uscc, OLD.since_on, OLD.register_no,
      OLD.declared_for, OLD.declared_by, OLD.declared_at) THEN
    RAISE EXCEPTION 'right %: what was declared stands', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'patent_right_kept';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER patent_right_is_kept BEFORE UPDATE ON patent_right
  FOR EACH ROW EXECUTE FUNCTION check_patent_right_end();
CREATE TRIGGER patent_right_is_not_removed BEFORE DELETE ON patent_right
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- A consent is decided once, and its document never changes.
CREATE FUNCTION check_right_consent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status <> 'waiting' OR NEW.status = 'waiting' OR
     (NEW.id, NEW.right_id, NEW.listing_id, NEW.scope, NEW.given_by, NEW.given_on, NEW.name, NEW.media_type,
      NEW.sha256, NEW.content, NEW.laid_by, NEW.laid_at)
     IS DISTINCT FROM
     (OLD.id, OLD.right_id, OLD.listing_id, OLD.scope, OLD.given_by, OLD.given_on, OLD.name, OLD.media_type,
      OLD.sha256, OLD.content, OLD.laid_by, OLD.laid_at) THEN
    RAISE EXCEPTION 'consent %: it is decided once, and its document stands', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'right_consent_kept';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER right_consent_is_kept BEFORE UPDATE ON right_consent
  FOR EACH ROW EXECUTE FUNCTION check_right_consent();
CREATE TRIGGER right_consent_is_not_removed BEFORE DELETE ON right_consent
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Whether a right stands in a listing's patents whose holder has not consented, verified, to what is offered: a
-- pledgee always has to, a co-owner but for an ordinary licence.
CREATE FUNCTION lacks_consent(listing) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (
    SELECT 1 FROM patent_right
    WHERE (patent_right.patent_id = $1.patent_id OR patent_right.patent_id IN
           (SELECT package_item.patent_id FROM package_item WHERE package_item.package_id = $1.package_id))
      AND patent_right.ended_at IS NULL
      AND (patent_right.kind = 'pledge' OR $1.rights <> 'ordinary' OR $1.is_open_licence)
      AND NOT EXISTS (
        SELECT 1 FROM right_consent
        WHERE right_consent.right_id = patent_right.id AND right_consent.listing_id = $1.id
          AND right_consent.scope = CASE WHEN $1.is_open_licence THEN 'open' ELSE $1.rights END
          AND right_consent.status = 'verified'))
$$;

-- Nothing is submitted undeclared, nothing published that is not found public, and nothing goes on without the consents
-- that it needs. What was declared is frozen with the offer.
CREATE FUNCTION check_listing_declared() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status NOT IN ('draft', 'returned') AND
     (NEW.rights_declared, NEW.secrecy_reviewer, NEW.secrecy_on, NEW.secrecy_result)
     IS DISTINCT FROM
     (OLD.rights_declared, OLD.secrecy_reviewer, OLD.secrecy_on, OLD.secrecy_result) THEN
    RAISE EXCEPTION 'listing % is % and its declarations are frozen', OLD.listing_no, OLD.status
      USING ERRCODE = 'check_violation', CONSTRAINT = 'listing_declared';
  END IF;
  IF NEW.demand_id IS NOT NULL OR NEW.status = OLD.status THEN
    RETURN NEW;
  END IF;
  IF NEW.status = 'in_review' AND NOT (NEW.rights_declared AND NEW.secrecy_result IS NOT NULL) THEN
    RAISE EXCEPTION 'listing % is not declared', OLD.listing_no
      USING ERRCODE = 'check_violation', CONSTRAINT = 'listing_declared';
  END IF;
  IF (NEW.status = 'accepted' OR (OLD.status = 'accepted' AND NEW.status = 'listed'))
     AND NEW.secrecy_result IS DISTINCT FROM 'public' THEN
    RAISE EXCEPTION 'listing % is not found public', OLD.listing_no
      USING ERRCODE = 'check_violation', CONSTRAINT = 'listing_secrecy';
  END IF;
  IF NEW.status IN ('accepted', 'listed') THEN
    PERFORM 1 FROM patent WHERE id = NEW.patent_id OR id IN
      (SELECT patent_id FROM package_item WHERE package_id = NEW.package_id) ORDER BY id FOR UPDATE;
    IF lacks_consent(NEW) THEN
      RAISE EXCEPTION 'listing % lacks a consent', OLD.listing_no
        USING ERRCODE = 'check_violation', CONSTRAINT = 'listing_consent';
    END IF;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER listing_declared BEFORE UPDATE ON listing
  FOR EACH ROW EXECUTE FUNCTION check_listing_declared();

-- No deal is made past the gate, whichever way led to it.
CREATE FUNCTION check_deal_consent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM listing WHERE listing.id = NEW.listing_id AND lacks_consent(listing)) THEN
    RAISE EXCEPTION 'deal %: a consent is missing', NEW.deal_no
      USING ERRCODE = 'check_violation', CONSTRAINT = 'deal_consent';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER deal_consent BEFORE INSERT ON deal FOR EACH ROW EXECUTE FUNCTION check_deal_consent();
"""


def run(text: str) -> None:
    """Sends several statements at once, as they are."""
    connection = op.get_bind().connection.dbapi_connection
    connection.run_async(lambda raw: raw.execute(text))  # type: ignore[union-attr]


def upgrade() -> None:
    """Gives listings their declarations, patents their rights and export class, and organisations what they are."""
    op.add_column(
        "organisation", sa.Column("is_foreign", sa.Boolean(), nullable=False, server_default="false")
    )
    op.add_column("public_notice", sa.Column("end_reason", sa.Text(), nullable=False, server_default=""))
    for column in (
        sa.Column("rights_declared", sa.Boolean(), nullable=False, server_default="false"),
        sa.Column("secrecy_reviewer", sa.Text()),
        sa.Column("secrecy_on", sa.Date()),
        sa.Column("secrecy_result", sa.Text()),
    ):
        op.add_column("listing", column)
    op.create_check_constraint(op.f("ck_listing_secrecy"), "listing", SECRECY)
    run(TABLES)
    run(TRIGGERS)
