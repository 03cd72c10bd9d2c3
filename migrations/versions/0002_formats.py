"""every format: stages, secret state, streams of bidders, judged requests of every kind

One function, because it is one act.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ONE_WAY = """
CREATE OR REPLACE FUNCTION check_auction_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.phase <> OLD.phase AND (OLD.phase IN ('sold', 'unsold', 'void') OR NEW.phase = 'scheduled') THEN
    RAISE EXCEPTION 'auction % is % and cannot become %', OLD.id, OLD.phase, NEW.phase
      USING ERRCODE = 'check_violation', CONSTRAINT = 'auction_step';
  END IF;
  -- Within a stage the end never comes nearer; a price moves one way only, unless the format itself turns it round.
  IF (NEW.ends_at < OLD.ends_at AND NEW.stage = OLD.stage)
     OR (NEW.stage = OLD.stage AND OLD.direction = 'forward' AND NEW.price_fen < OLD.price_fen)
     OR (NEW.stage = OLD.stage AND OLD.direction = 'reverse' AND NEW.price_fen > OLD.price_fen)
     OR NEW.sequence < OLD.sequence OR NEW.judged < OLD.judged OR NEW.last_official_at < OLD.last_official_at THEN
    RAISE EXCEPTION 'auction %: price, counts, end and official time never run back', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'auction_step';
  END IF;
  IF (NEW.terms, NEW.rules, NEW.opens_at, NEW.seller_id, NEW.listing_id, NEW.format, NEW.direction)
     IS DISTINCT FROM (OLD.terms, OLD.rules, OLD.opens_at, OLD.seller_id, OLD.listing_id, OLD.format, OLD.direction)
     OR (NEW.hard_end_at IS DISTINCT FROM OLD.hard_end_at AND OLD.phase <> 'suspended') THEN
    RAISE EXCEPTION 'auction %: what was published is frozen', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'auction_step';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER bid_secret_append_only BEFORE UPDATE OR DELETE ON bid_secret
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""

# Sales of before: one stage, and what was judged keeps its order; each admitted party gets a stream of its own.
CARRY_OVER = """
UPDATE auction SET due_at = CASE phase WHEN 'scheduled' THEN opens_at WHEN 'open' THEN ends_at END,
       moved_at = CASE WHEN phase <> 'scheduled' THEN opens_at END;
UPDATE auction SET judged = counted.judged FROM (SELECT auction_id, count(*) AS judged FROM bid GROUP BY auction_id)
    AS counted WHERE counted.auction_id = auction.id;
UPDATE auction SET moved_number = last.number, moved_at = last.at
  FROM (SELECT DISTINCT ON (stream_id) stream_id, number, at FROM event WHERE kind = 'bid_accepted'
         ORDER BY stream_id, number DESC) AS last
 WHERE last.stream_id = auction.id;
INSERT INTO event_stream (id, name, epoch, head_number, head_hash)
SELECT stream_id, 'auction:' || auction_id || ':bidder:' || code, 1, 0, decode(repeat('00', 32), 'hex') FROM admission;
UPDATE bid SET stream_id = CASE WHEN bid.refusal IS NULL THEN auction.id ELSE auction.host_stream_id END
  FROM auction WHERE auction.id = bid.auction_id;
UPDATE bid SET turn = ordered.turn
  FROM (SELECT auction_id, party_id, bid_id,
               row_number() OVER (PARTITION BY auction_id ORDER BY official_at, refusal IS NOT NULL, number) AS turn
          FROM bid) AS ordered
 WHERE (ordered.auction_id, ordered.party_id, ordered.bid_id) = (bid.auction_id, bid.party_id, bid.bid_id);
"""


def run(text: str) -> None:
    """Sends several statements at once, as they are."""
    connection = op.get_bind().connection.dbapi_connection
    connection.run_async(lambda raw: raw.execute(text))  # type: ignore[union-attr]


def upgrade() -> None:
    """Widens sales, admissions and bids, keeps what is there, and loosens the one-way rule by stage."""
    op.drop_constraint("ck_auction_phase", "auction")
    op.drop_constraint("ck_auction_leader_has_price", "auction")
    op.drop_constraint("ck_auction_closed_at", "auction")
    op.drop_constraint("ck_auction_sold_has_price", "auction")
    op.drop_constraint("ck_auction_hard_end", "auction")
    op.drop_index("ix_auction_due_open", "auction")
    op.drop_index("ix_auction_due_close", "auction")
    op.execute("DROP TRIGGER auction_step ON auction; ")
    op.execute("DROP TRIGGER bid_append_only ON bid")
    text, moment = sa.Text(), sa.DateTime(timezone=True)
    for column in (
        sa.Column("format", text, nullable=False, server_default="english"),
        sa.Column("direction", text, nullable=False, server_default="forward"),
        sa.Column("stage", text, nullable=False, server_default=""),
        sa.Column("judged", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("moved_number", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("moved_at", moment),
        sa.Column("detail", text),
        sa.Column("due_at", moment),
    ):
        op.add_column("auction", column)
    for name in ("format", "direction"):
        op.alter_column("auction", name, server_default=None)
    op.alter_column("auction_secret", "reserve_fen", nullable=True)
    op.alter_column("auction_secret", "key", nullable=True)
    op.add_column("auction_secret", sa.Column("hidden", text))
    op.add_column(
        "admission",
        sa.Column("stream_id", sa.Uuid(), nullable=False, server_default=sa.text("gen_random_uuid()")),
    )
    op.add_column(
        "admission", sa.Column("has_priority", sa.Boolean(), nullable=False, server_default="false")
    )
    for added in (
        sa.Column("kind", text, nullable=False, server_default="bid"),
        sa.Column("if_number", sa.BigInteger()),
        sa.Column("step", sa.BigInteger()),
        sa.Column("commitment", text),
        sa.Column("stream_id", sa.Uuid()),
        sa.Column("turn", sa.BigInteger()),
    ):
        op.add_column("bid", added)
    op.create_table(
        "bid_secret",
        sa.Column("auction_id", sa.Uuid(), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("bid_id", sa.Uuid(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_bid_secret_amount")),
        sa.PrimaryKeyConstraint("auction_id", "party_id", "bid_id", name=op.f("pk_bid_secret")),
    )
    run(CARRY_OVER)
    op.alter_column("admission", "stream_id", server_default=None)
    op.create_foreign_key(op.f("fk_admission_stream_id"), "admission", "event_stream", ["stream_id"], ["id"])
    op.alter_column("bid", "kind", server_default=None)
    op.alter_column("bid", "stream_id", nullable=False)
    op.alter_column("bid", "turn", nullable=False)
    op.alter_column("bid", "amount_fen", nullable=True)
    op.drop_constraint("ck_bid_refusal", "bid")
    for name in ("is_accepted", "official_at", "hash"):
        op.drop_column("bid", name)
    for name, table, rule in (
        ("phase", "auction", "phase IN ('scheduled', 'open', 'suspended', 'sold', 'unsold', 'void')"),
        ("leader_has_price", "auction", "price_fen IS NOT NULL OR leader_id IS NULL"),
        ("hard_end", "auction", "hard_end_at IS NULL OR ends_at <= hard_end_at OR stage = 'priority'"),
        ("closed_at", "auction", "(phase IN ('sold', 'unsold', 'void')) = (closed_at IS NOT NULL)"),
        ("sold_has_leader", "auction", "phase <> 'sold' OR leader_id IS NOT NULL"),
        ("direction", "auction", "direction IN ('forward', 'reverse')"),
        ("due_at", "auction", "phase IN ('scheduled', 'open') OR due_at IS NULL"),
        ("reserve_has_key", "auction_secret", "(reserve_fen IS NULL) = (key IS NULL)"),
        ("secret_amount", "bid", "amount_fen IS NULL OR kind NOT IN ('maximum', 'seal', 'turn')"),
    ):
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, rule)
    op.create_index("ix_auction_due", "auction", ["due_at"], postgresql_where=sa.text("due_at IS NOT NULL"))
    # The rules in words are read once and never change: out of the row, no bid writes them anew.
    op.execute("ALTER TABLE auction ALTER COLUMN rules SET STORAGE EXTERNAL")
    run(ONE_WAY)
    op.execute(
        "CREATE TRIGGER auction_step BEFORE UPDATE ON auction FOR EACH ROW EXECUTE FUNCTION check_auction_step()"
    )
    op.execute(
        "CREATE TRIGGER bid_append_only BEFORE UPDATE OR DELETE ON bid FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
