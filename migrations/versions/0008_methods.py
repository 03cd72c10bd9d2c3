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
