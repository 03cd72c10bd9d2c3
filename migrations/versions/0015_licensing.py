"""licences that are sold, and open licences

Whatever is licensed takes its room in the patent from the deal on; the room is judged again by the database.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

LICENSES = "(rights IN ('exclusive', 'sole', 'ordinary'))"
OPEN = "status IN ('draft', 'in_review', 'returned', 'accepted', 'listed', 'suspended')"
TERRITORY = "territory ~ '^(WW|[A-Z]{2}|CN-[0-9]{2})$'"
TABLES = """
CREATE TABLE deal_licence (
  deal_id uuid CONSTRAINT pk_deal_licence PRIMARY KEY CONSTRAINT fk_deal_licence_deal_id REFERENCES deal (id),
  patent_id uuid NOT NULL CONSTRAINT fk_deal_licence_patent_id REFERENCES patent (id),
  kind text NOT NULL,
  territory text NOT NULL,
  field text NOT NULL,
  starts_on date NOT NULL,
  ends_on date NOT NULL,
  expires_on date NOT NULL,
  sublicence boolean NOT NULL,
  accepts_earlier boolean NOT NULL,
  CONSTRAINT ck_deal_licence_kind CHECK (kind IN ('exclusive', 'sole', 'ordinary')),
  CONSTRAINT ck_deal_licence_territory CHECK (territory ~ '^(WW|[A-Z]{2}|CN-[0-9]{2})$'),
  CONSTRAINT ck_deal_licence_period CHECK (starts_on <= ends_on AND ends_on < expires_on)
);
CREATE INDEX ix_deal_licence_patent ON deal_licence (patent_id);
CREATE TRIGGER deal_licence_append_only BEFORE UPDATE OR DELETE ON deal_licence
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""
OPEN_LICENCES = """
CREATE TABLE open_licence (
  listing_id uuid CONSTRAINT pk_open_licence PRIMARY KEY
    CONSTRAINT fk_open_licence_listing_id REFERENCES listing (id),
  fee_method text NOT NULL,
  fee_standard text NOT NULL,
  royalty_bp bigint,
  annuity_paid_until date NOT NULL,
  is_pledged boolean NOT NULL,
  pledgee_consent text NOT NULL DEFAULT '',
  evaluation_ref text NOT NULL DEFAULT '',
  declared_by uuid NOT NULL CONSTRAINT fk_open_licence_declared_by REFERENCES person (id),
  declared_at timestamptz NOT NULL DEFAULT market_now(),
  announcement_no text CONSTRAINT uq_open_licence_announcement_no UNIQUE,
  announced_on date,
  announced_by uuid CONSTRAINT fk_open_licence_announced_by REFERENCES person (id),
  announced_at timestamptz,
  withdrawn_by uuid CONSTRAINT fk_open_licence_withdrawn_by REFERENCES person (id),
  withdrawn_at timestamptz,
  CONSTRAINT ck_open_licence_fee_method CHECK (fee_method IN ('one_off', 'entry_fee_and_royalty')),
  CONSTRAINT ck_open_licence_royalty CHECK ((fee_method = 'one_off') = (royalty_bp IS NULL)),
  CONSTRAINT ck_open_licence_royalty_bp CHECK (royalty_bp BETWEEN 1 AND 10000),
  CONSTRAINT ck_open_licence_fee_standard CHECK (char_length(btrim(fee_standard)) BETWEEN 5 AND 1000),
  CONSTRAINT ck_open_licence_pledge CHECK (NOT is_pledged OR char_length(btrim(pledgee_consent)) >= 2),
  CONSTRAINT ck_open_licence_announcement
    CHECK (num_nonnulls(announcement_no, announced_on, announced_by, announced_at) IN (0, 4)),
  CONSTRAINT ck_open_licence_withdrawal CHECK ((withdrawn_at IS NULL) = (withdrawn_by IS NULL)
    AND (withdrawn_at IS NULL OR announced_at IS NOT NULL))
);

-- What was announced is what was declared, and a withdrawal is final.
CREATE FUNCTION check_open_licence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.withdrawn_at IS NOT NULL OR (OLD.announced_at IS NOT NULL AND
     (NEW.listing_id, NEW.fee_method, NEW.fee_standard, NEW.royalty_bp, NEW.annuity_paid_until, NEW.is_pledged,
      NEW.pledgee_consent, NEW.evaluation_ref, NEW.declared_by, NEW.declared_at, NEW.announcement_no,
      NEW.announced_on, NEW.announced_by, NEW.announced_at)
     IS DISTINCT FROM
     (OLD.listing_id, OLD.fee_method, OLD.fee_standard, OLD.royalty_bp, OLD.annuity_paid_until, OLD.is_pledged,
      OLD.pledgee_consent, OLD.evaluation_ref, OLD.declared_by, OLD.declared_at, OLD.announcement_no,
      OLD.announced_on, OLD.announced_by, OLD.announced_at)) THEN
    RAISE EXCEPTION 'open licence %: what was announced or withdrawn stands', OLD.listing_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'open_licence_kept';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER open_licence_is_kept BEFORE UPDATE ON open_licence
  FOR EACH ROW EXECUTE FUNCTION check_open_licence();
CREATE TRIGGER open_licence_is_not_removed BEFORE DELETE ON open_licence
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""
TRIGGERS = """
-- Whether a licence may stand beside another of the same patent: the rule of the register, once for both tables.
CREATE FUNCTION licences_collide(
  a_kind text, a_territory text, a_field text, a_from date, a_to date, a_accepts boolean,
  b_kind text, b_territory text, b_field text, b_from date, b_to date
) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT b_from <= a_to AND a_from <= b_to
    AND (a_field = b_field OR a_field = '' OR b_field = '')
    AND ('WW' IN (a_territory, b_territory) OR a_territory = b_territory
         OR a_territory LIKE b_territory || '-%' OR b_territory LIKE a_territory || '-%')
    AND (b_kind <> 'ordinary' OR (a_kind <> 'ordinary' AND NOT a_accepts))
$$;

-- Two licences at once come one after the other by the patent's lock, whoever writes them; what a deal promises counts
-- until it is signed, which makes the register's own row of it, or until its default is confirmed.
CREATE OR REPLACE FUNCTION check_licence_overlap() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM patent WHERE id = NEW.patent_id FOR UPDATE;
  IF NEW.kind <> 'ordinary' AND EXISTS (
    SELECT 1 FROM open_licence JOIN listing ON listing.id = open_licence.listing_id
    WHERE listing.patent_id = NEW.patent_id AND listing.published_at IS NOT NULL
      AND listing.status NOT IN ('sold', 'unsold', 'terminated')
  ) THEN
    RAISE EXCEPTION 'patent %: it is under an open licence', NEW.patent_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'licence_open';
  END IF;
  IF EXISTS (
    SELECT 1 FROM licence AS other
    WHERE other.patent_id = NEW.patent_id
      AND licences_collide(NEW.kind, NEW.territory, NEW.field, NEW.starts_on, NEW.ends_on, NEW.accepts_earlier,
                           other.kind, other.territory, other.field, other.starts_on, other.ends_on)
  ) OR EXISTS (
    SELECT 1 FROM deal_licence AS other
    WHERE other.patent_id = NEW.patent_id AND other.deal_id IS DISTINCT FROM NEW.deal_id
      AND NOT EXISTS (SELECT 1 FROM licence WHERE licence.deal_id = other.deal_id)
      AND NOT EXISTS (SELECT 1 FROM deal_default AS failed
                      WHERE failed.deal_id = other.deal_id AND failed.status = 'confirmed')
      AND licences_collide(NEW.kind, NEW.territory, NEW.field, NEW.starts_on, NEW.ends_on, NEW.accepts_earlier,
                           other.kind, other.territory, other.field, other.starts_on, other.ends_on)
  ) THEN
    RAISE EXCEPTION 'patent %: an earlier licence of the same patent is in the way', NEW.patent_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'licence_overlap';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER deal_licence_overlap BEFORE INSERT ON deal_licence
  FOR EACH ROW EXECUTE FUNCTION check_licence_overlap();

-- No deal of a licence is without the room it takes.
CREATE FUNCTION check_deal_licence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM deal_licence WHERE deal_id = NEW.id AND kind = NEW.rights) THEN
    RAISE EXCEPTION 'deal %: a licence that is sold takes its room in the patent', NEW.deal_no
      USING ERRCODE = 'check_violation', CONSTRAINT = 'deal_licence';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER deal_licence AFTER INSERT ON deal DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (NEW.rights <> 'assignment') EXECUTE FUNCTION check_deal_licence();

-- What is licensed is part of what is announced.
CREATE FUNCTION check_listing_licence() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.status NOT IN ('draft', 'returned') AND
     (NEW.territory, NEW.field_of_use, NEW.licence_from, NEW.licence_to, NEW.sublicence, NEW.accepts_earlier)
     IS DISTINCT FROM
     (OLD.territory, OLD.field_of_use, OLD.licence_from, OLD.licence_to, OLD.sublicence, OLD.accepts_earlier) THEN
    RAISE EXCEPTION 'listing % is % and its licence is frozen', OLD.listing_no, OLD.status
      USING ERRCODE = 'check_violation', CONSTRAINT = 'listing_licence';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER listing_licence BEFORE UPDATE ON listing FOR EACH ROW EXECUTE FUNCTION check_listing_licence();
"""


def run(text: str) -> None:
    """Sends several statements at once, as they are."""
    connection = op.get_bind().connection.dbapi_connection
    connection.run_async(lambda raw: raw.execute(text))  # type: ignore[union-attr]


def upgrade() -> None:
    """Gives listings the terms of a licence, deals the room it takes, and the register its origin."""
    for column in (
        sa.Column("territory", sa.Text()),
        sa.Column("field_of_use", sa.Text()),
        sa.Column("licence_from", sa.Date()),
        sa.Column("licence_to", sa.Date()),
        sa.Column("sublicence", sa.Boolean()),
        sa.Column("is_open_licence", sa.Boolean(), nullable=False, server_default="false"),
        sa.Column("accepts_earlier", sa.Boolean(), nullable=False, server_default="false"),
    ):
        op.add_column("listing", column)
    for name, condition in (
        (
            "licence",
            (
                "num_nonnulls(territory, field_of_use, licence_from, licence_to, sublicence) = "
                f"CASE WHEN {LICENSES} THEN 5 ELSE 0 END AND (NOT accepts_earlier OR {LICENSES})"
            ),
        ),
        ("open_licence", "NOT is_open_licence OR (method = 'listed' AND rights = 'ordinary')"),
        ("territory", TERRITORY),
        ("licence_term", "licence_from <= licence_to"),
        ("licence_patent", f"NOT {LICENSES} OR package_id IS NULL"),
    ):
        op.create_check_constraint(op.f(f"ck_listing_{name}"), "listing", condition)
    _let_licences_stand_together()
    op.add_column("licence", sa.Column("deal_id", sa.Uuid()))
    op.create_foreign_key(op.f("fk_licence_deal_id"), "licence", "deal", ["deal_id"], ["id"])
    op.create_unique_constraint(op.f("uq_licence_deal_id"), "licence", ["deal_id"])
    run(TABLES)
    run(OPEN_LICENCES)
    run(TRIGGERS)


def _let_licences_stand_together() -> None:
    """One open sale of a patent; its licences are kept apart by what they are for."""
    for name, columns, condition in (
        ("uq_listing_open_patent", ["patent_id"], f"{OPEN} AND rights = 'assignment'"),
        (
            "uq_listing_sold_patent",
            ["patent_id", "seller_id"],
            f"({OPEN} OR status = 'sold') AND rights = 'assignment' AND NOT is_demonstration",
        ),
    ):
        op.drop_index(name, "listing")
        op.create_index(name, "listing", columns, unique=True, postgresql_where=sa.text(condition))
