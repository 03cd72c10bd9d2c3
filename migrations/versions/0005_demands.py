"""demands, packages and panels

One function, because it is one act.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

APPEND_ONLY = """
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
  FOR EACH ROW EXECUTE FUNCTION refuse_change()
"""

# Looked at when the transaction commits: a package and its items are written by several statements.
ALLOCATION = (
    """
CREATE FUNCTION check_allocation() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  items bigint;
  shares bigint;
  of_package uuid := CASE WHEN TG_TABLE_NAME = 'package' THEN to_jsonb(NEW) ->> 'id'
                          ELSE to_jsonb(NEW) ->> 'package_id' END;
BEGIN
  SELECT count(*), sum(share_bp) INTO items, shares FROM package_item WHERE package_id = of_package;
  IF items < 2 OR shares IS DISTINCT FROM 10000 THEN
    RAISE EXCEPTION 'package %: at least two items with shares of exactly 100 %%', of_package
      USING ERRCODE = 'check_violation', CONSTRAINT = 'package_allocation';
  END IF;
  RETURN NULL;
END $$
""",
    """
CREATE CONSTRAINT TRIGGER package_allocation AFTER INSERT ON package DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION check_allocation()
""",
    """
CREATE CONSTRAINT TRIGGER package_item_allocation AFTER INSERT ON package_item DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION check_allocation()
""",
)

# What was locked was committed to in public: a later change would make the opening a lie.
LOCKED = (
    """
CREATE FUNCTION check_panel_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.locked_at IS NOT NULL
     OR (NEW.id, NEW.listing_id, NEW.created_by, NEW.created_at)
        IS DISTINCT FROM (OLD.id, OLD.listing_id, OLD.created_by, OLD.created_at) THEN
    RAISE EXCEPTION 'panel %: what was locked is kept', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'panel_step';
  END IF;
  RETURN NEW;
END $$
""",
    "CREATE TRIGGER panel_step BEFORE UPDATE ON panel FOR EACH ROW EXECUTE FUNCTION check_panel_step()",
    "CREATE TRIGGER panel_is_kept BEFORE DELETE ON panel FOR EACH ROW EXECUTE FUNCTION refuse_change()",
    """
CREATE FUNCTION check_panel_open() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT locked_at FROM panel WHERE id = NEW.panel_id) IS NOT NULL THEN
    RAISE EXCEPTION 'panel %: its scores are locked', NEW.panel_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'panel_locked';
  END IF;
  RETURN NEW;
END $$
""",
    """
CREATE TRIGGER panel_assessment_open BEFORE INSERT OR UPDATE ON panel_assessment
  FOR EACH ROW EXECUTE FUNCTION check_panel_open()
""",
    """
CREATE TRIGGER panel_expert_open BEFORE INSERT ON panel_expert
  FOR EACH ROW EXECUTE FUNCTION check_panel_open()
""",
    """
CREATE TRIGGER panel_assessment_is_kept BEFORE DELETE ON panel_assessment
  FOR EACH ROW EXECUTE FUNCTION refuse_change()
""",
)


def upgrade() -> None:
    """Makes the tables, and the triggers that keep allocations whole and locked scores as they are."""
    moment, now = sa.DateTime(timezone=True), sa.text("market_now()")
    op.create_table(
        "demand",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_organisation_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("ceiling_fen", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", moment, server_default=now, nullable=False),
        sa.CheckConstraint("char_length(title) BETWEEN 1 AND 200", name=op.f("ck_demand_title")),
        sa.CheckConstraint("char_length(description) BETWEEN 1 AND 5000", name=op.f("ck_demand_description")),
        sa.CheckConstraint("ceiling_fen > 0", name=op.f("ck_demand_ceiling")),
        sa.ForeignKeyConstraint(
            ["owner_organisation_id"], ["organisation.id"], name=op.f("fk_demand_owner_organisation_id")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_demand_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demand")),
    )
    op.create_index("ix_demand_owner", "demand", ["owner_organisation_id", "id"])
    op.create_table(
        "package",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_organisation_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", moment, server_default=now, nullable=False),
        sa.CheckConstraint("char_length(title) BETWEEN 1 AND 200", name=op.f("ck_package_title")),
        sa.ForeignKeyConstraint(
            ["owner_organisation_id"], ["organisation.id"], name=op.f("fk_package_owner_organisation_id")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_package_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_package")),
    )
    op.create_index("ix_package_owner", "package", ["owner_organisation_id", "id"])
    op.create_table(
        "package_item",
        sa.Column("package_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("patent_id", sa.Uuid(), nullable=False),
        sa.Column("share_bp", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("share_bp BETWEEN 1 AND 9999", name=op.f("ck_package_item_share")),
        sa.ForeignKeyConstraint(["package_id"], ["package.id"], name=op.f("fk_package_item_package_id")),
        sa.ForeignKeyConstraint(["patent_id"], ["patent.id"], name=op.f("fk_package_item_patent_id")),
        sa.PrimaryKeyConstraint("package_id", "place", name=op.f("pk_package_item")),
        sa.UniqueConstraint("package_id", "patent_id", name=op.f("uq_package_item_package_id_patent_id")),
    )
    op.create_table(
        "panel",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", moment, server_default=now, nullable=False),
        sa.Column("locked_by", sa.Uuid(), nullable=True),
        sa.Column("locked_at", moment, nullable=True),
        sa.Column("commitment", sa.Text(), nullable=True),
        sa.CheckConstraint("(locked_at IS NULL) = (commitment IS NULL)", name=op.f("ck_panel_locked")),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_panel_created_by")),
        sa.ForeignKeyConstraint(["locked_by"], ["person.id"], name=op.f("fk_panel_locked_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_panel")),
        sa.UniqueConstraint("listing_id", name=op.f("uq_panel_listing_id")),
    )
    op.create_table(
        "panel_expert",
        sa.Column("panel_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("employer", sa.Text(), nullable=True),
        sa.CheckConstraint("char_length(name) BETWEEN 1 AND 60", name=op.f("ck_panel_expert_name")),
        sa.CheckConstraint("char_length(employer) BETWEEN 1 AND 200", name=op.f("ck_panel_expert_employer")),
        sa.ForeignKeyConstraint(["panel_id"], ["panel.id"], name=op.f("fk_panel_expert_panel_id")),
        sa.PrimaryKeyConstraint("panel_id", "place", name=op.f("pk_panel_expert")),
        sa.UniqueConstraint("panel_id", "name", name=op.f("uq_panel_expert_panel_id_name")),
    )
    op.create_table(
        "panel_assessment",
        sa.Column("panel_id", sa.Uuid(), nullable=False),
        sa.Column("bidder_code", sa.Text(), nullable=False),
        sa.Column("points", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("rejection", sa.Text(), nullable=True),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("entered_at", moment, server_default=now, nullable=False),
        sa.CheckConstraint(
            "(points IS NULL) <> (rejection IS NULL)", name=op.f("ck_panel_assessment_points_or_rejection")
        ),
        sa.CheckConstraint(
            "char_length(rejection) BETWEEN 1 AND 500", name=op.f("ck_panel_assessment_rejection")
        ),
        sa.ForeignKeyConstraint(["panel_id"], ["panel.id"], name=op.f("fk_panel_assessment_panel_id")),
        sa.ForeignKeyConstraint(["entered_by"], ["person.id"], name=op.f("fk_panel_assessment_entered_by")),
        sa.PrimaryKeyConstraint("panel_id", "bidder_code", name=op.f("pk_panel_assessment")),
    )
    for table in ("demand", "package", "package_item", "panel_expert"):
        op.execute(APPEND_ONLY.format(table=table))
    for statement in (*ALLOCATION, *LOCKED):
        op.execute(statement)
