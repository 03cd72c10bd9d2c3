"""listings in every format: how they are sold, who has priority, packages and demands, the end of a void sale

One function, because it is one act.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

OPEN = "status IN ('draft', 'in_review', 'returned', 'accepted', 'listed')"
ONE_WAY = """
CREATE OR REPLACE FUNCTION check_listing_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.status <> OLD.status AND (OLD.status, NEW.status) NOT IN
     (('draft', 'in_review'), ('returned', 'in_review'), ('in_review', 'accepted'), ('in_review', 'returned'),
      ('accepted', 'returned'), ('accepted', 'listed'), ('listed', 'sold'), ('listed', 'unsold'),
      ('listed', 'terminated')) THEN
    RAISE EXCEPTION 'listing % cannot go from % to %', OLD.listing_no, OLD.status, NEW.status
      USING ERRCODE = 'check_violation', CONSTRAINT = 'listing_step';
  END IF;
  IF (NEW.id, NEW.listing_no, NEW.board, NEW.seller_id, NEW.patent_id, NEW.package_id, NEW.demand_id,
      NEW.is_demonstration, NEW.created_at)
     IS DISTINCT FROM
     (OLD.id, OLD.listing_no, OLD.board, OLD.seller_id, OLD.patent_id, OLD.package_id, OLD.demand_id,
      OLD.is_demonstration, OLD.created_at) THEN
    RAISE EXCEPTION 'listing %: its number, board, seller and subject never change', OLD.listing_no
      USING ERRCODE = 'check_violation', CONSTRAINT = 'listing_step';
  END IF;
  IF OLD.status NOT IN ('draft', 'returned') AND
     (NEW.title, NEW.rights, NEW.description, NEW.encumbrances, NEW.start_price_fen, NEW.step_fen, NEW.deposit_fen,
      NEW.reserve_price_fen, NEW.opens_at, NEW.closes_at, NEW.hard_end_at, NEW.trigger_seconds,
      NEW.extension_seconds, NEW.format, NEW.direction, NEW.min_bidders, NEW.options, NEW.priority,
      NEW.priority_seconds, NEW.priority_holders, NEW.priority_declared)
     IS DISTINCT FROM
     (OLD.title, OLD.rights, OLD.description, OLD.encumbrances, OLD.start_price_fen, OLD.step_fen, OLD.deposit_fen,
      OLD.reserve_price_fen, OLD.opens_at, OLD.closes_at, OLD.hard_end_at, OLD.trigger_seconds,
      OLD.extension_seconds, OLD.format, OLD.direction, OLD.min_bidders, OLD.options, OLD.priority,
      OLD.priority_seconds, OLD.priority_holders, OLD.priority_declared) THEN
    RAISE EXCEPTION 'listing % is % and its offer is frozen', OLD.listing_no, OLD.status
      USING ERRCODE = 'check_violation', CONSTRAINT = 'listing_step';
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION check_intent_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.status <> OLD.status AND (OLD.status, NEW.status) NOT IN
     (('submitted', 'qualified'), ('submitted', 'rejected'), ('submitted', 'lost'), ('qualified', 'admitted'),
      ('qualified', 'lost'), ('admitted', 'won'), ('admitted', 'lost')) THEN
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


KEPT = """
CREATE TRIGGER demand_award_append_only BEFORE UPDATE OR DELETE ON demand_award
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""


def run(text: str) -> None:
    """Sends several statements at once, as they are."""
    connection = op.get_bind().connection.dbapi_connection
    connection.run_async(lambda raw: raw.execute(text))  # type: ignore[union-attr]


def upgrade() -> None:
    """Widens listings and intents; listings of before are rising bids, whose statutory priority nobody asked about."""
    empty = postgresql.JSONB(astext_type=sa.Text())
    for column in (
        sa.Column("format", sa.Text(), nullable=False, server_default="english"),
        sa.Column("direction", sa.Text(), nullable=False, server_default="forward"),
        sa.Column("min_bidders", sa.BigInteger(), nullable=False, server_default="1"),
        sa.Column("options", empty, nullable=False, server_default="{}"),
        sa.Column("priority", sa.Text(), nullable=False, server_default="none"),
        sa.Column("priority_seconds", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("priority_holders", empty, nullable=False, server_default="[]"),
        sa.Column("priority_declared", sa.Boolean(), nullable=False, server_default="false"),
    ):
        op.add_column("listing", column)
    op.alter_column("listing", "patent_id", nullable=True)
    for name in ("package", "demand"):
        op.add_column("listing", sa.Column(f"{name}_id", sa.Uuid()))
        op.create_foreign_key(op.f(f"fk_listing_{name}_id"), "listing", name, [f"{name}_id"], ["id"])
    op.create_index(
        "uq_listing_open_demand", "listing", ["demand_id"], unique=True, postgresql_where=sa.text(OPEN)
    )
    for name in ("status", "auction", "reserve", "rights"):
        op.drop_constraint(f"ck_listing_{name}", "listing")
    for name, condition in (
        (
            "status",
            "status IN ('draft', 'in_review', 'returned', 'accepted', 'listed', 'sold', 'unsold', 'terminated')",
        ),
        (
            "auction",
            "(auction_id IS NOT NULL) = (status IN ('listed', 'sold', 'unsold', 'terminated'))",
        ),
        (
            "reserve",
            (
                "reserve_price_fen BETWEEN CASE WHEN direction = 'forward' THEN start_price_fen ELSE 1 END AND "
                "CASE WHEN direction = 'forward' THEN 9007199254740991 ELSE start_price_fen END"
            ),
        ),
        ("rights", "rights = CASE WHEN demand_id IS NULL THEN 'assignment' ELSE 'development' END"),
        ("subject", "(patent_id IS NULL) = (demand_id IS NOT NULL)"),
        ("package", "package_id IS NULL OR demand_id IS NULL"),
        ("direction", "direction = CASE WHEN demand_id IS NULL THEN 'forward' ELSE 'reverse' END"),
        ("min_bidders", "min_bidders BETWEEN 1 AND 100"),
        ("priority", "priority IN ('none', 'in_field', 'post')"),
        ("priority_seconds", "priority_seconds >= 0"),
        ("priority_holders", "(priority = 'none') = (jsonb_array_length(priority_holders) = 0)"),
    ):
        op.create_check_constraint(op.f(f"ck_listing_{name}"), "listing", condition)
    op.add_column(
        "intent", sa.Column("claims_priority", sa.Boolean(), nullable=False, server_default="false")
    )
    op.add_column("intent", sa.Column("has_priority", sa.Boolean(), nullable=False, server_default="false"))
    op.create_check_constraint(op.f("ck_intent_priority"), "intent", "claims_priority OR NOT has_priority")
    run(ONE_WAY)
    _make_awards()
    run(KEPT)


def _make_awards() -> None:
    """What a demand's sale leads to, beside the deals of what was sold."""
    op.create_table(
        "demand_award",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("award_no", sa.Text(), nullable=False),
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("auction_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.Column("deposit_id", sa.Uuid(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmation", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("confirmation_sha256", sa.Text(), nullable=False),
        sa.CheckConstraint("price_fen > 0", name=op.f("ck_demand_award_price")),
        sa.CheckConstraint("provider_id <> owner_id", name=op.f("ck_demand_award_provider")),
        sa.CheckConstraint(
            "confirmation_sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_demand_award_confirmation_sha256")
        ),
        sa.ForeignKeyConstraint(["auction_id"], ["auction.id"], name=op.f("fk_demand_award_auction_id")),
        sa.ForeignKeyConstraint(
            ["deposit_id", "listing_id", "provider_id"],
            ["deposit.id", "deposit.listing_id", "deposit.party_id"],
            name=op.f("fk_demand_award_deposit_id_listing_id_provider_id"),
        ),
        sa.ForeignKeyConstraint(
            ["listing_id", "owner_id"],
            ["listing.id", "listing.seller_id"],
            name=op.f("fk_demand_award_listing_id_owner_id"),
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["organisation.id"], name=op.f("fk_demand_award_owner_id")),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["organisation.id"], name=op.f("fk_demand_award_provider_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demand_award")),
        sa.UniqueConstraint("auction_id", name=op.f("uq_demand_award_auction_id")),
        sa.UniqueConstraint("award_no", name=op.f("uq_demand_award_award_no")),
        sa.UniqueConstraint("listing_id", name=op.f("uq_demand_award_listing_id")),
    )
    op.create_index("ix_demand_award_owner", "demand_award", ["owner_id", "id"], unique=False)
    op.create_index("ix_demand_award_provider", "demand_award", ["provider_id", "id"], unique=False)
