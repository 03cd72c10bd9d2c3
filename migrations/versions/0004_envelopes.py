"""sealed envelopes, heartbeats and the decisions of two posts

One function, because it is one act.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# A key that could be exchanged would let whoever writes to the database read what is sealed afterwards.
APPEND_ONLY = """
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
  FOR EACH ROW EXECUTE FUNCTION refuse_change()
"""

# What was proposed stays as it was; an approval is given once.
DECISION_IS_KEPT = """
CREATE FUNCTION check_auction_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.approved_by IS NOT NULL
     OR (NEW.id, NEW.act, NEW.reason_zh, NEW.reason_en, NEW.hard_end_at, NEW.proposed_by, NEW.proposed_at)
        IS DISTINCT FROM (OLD.id, OLD.act, OLD.reason_zh, OLD.reason_en, OLD.hard_end_at, OLD.proposed_by, OLD.proposed_at)
  THEN
    RAISE EXCEPTION 'auction decision %: what was proposed or approved is kept', OLD.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'auction_decision_kept';
  END IF;
  RETURN NEW;
END $$
"""
DECISION_TRIGGERS = (
    """
CREATE TRIGGER auction_decision_is_kept BEFORE UPDATE ON auction_decision
  FOR EACH ROW EXECUTE FUNCTION check_auction_decision()
""",
    """
CREATE TRIGGER auction_decision_is_not_removed BEFORE DELETE ON auction_decision
  FOR EACH ROW EXECUTE FUNCTION refuse_change()
""",
    """
CREATE TRIGGER decided_auction_is_not_removed BEFORE DELETE ON decided_auction
  FOR EACH ROW EXECUTE FUNCTION refuse_change()
""",
)


def upgrade() -> None:
    """Makes the tables, and the triggers that keep what was written."""
    now = sa.text("market_now()")
    op.create_table(
        "master_key",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.CheckConstraint("octet_length(public_key) = 32", name=op.f("ck_master_key_public_key")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_master_key")),
        sa.UniqueConstraint("public_key", name=op.f("uq_master_key_public_key")),
    )
    op.create_table(
        "sealing_key",
        sa.Column("auction_id", sa.Uuid(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped_private_key", sa.LargeBinary(), nullable=False),
        sa.Column("master_key_id", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.CheckConstraint("octet_length(public_key) = 32", name=op.f("ck_sealing_key_public_key")),
        sa.ForeignKeyConstraint(["auction_id"], ["auction.id"], name=op.f("fk_sealing_key_auction_id")),
        sa.ForeignKeyConstraint(
            ["master_key_id"], ["master_key.id"], name=op.f("fk_sealing_key_master_key_id")
        ),
        sa.PrimaryKeyConstraint("auction_id", name=op.f("pk_sealing_key")),
    )
    op.create_table(
        "envelope",
        sa.Column("auction_id", sa.Uuid(), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("bid_id", sa.Uuid(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("octet_length(ciphertext) = 88", name=op.f("ck_envelope_ciphertext")),
        sa.PrimaryKeyConstraint("auction_id", "party_id", "bid_id", name=op.f("pk_envelope")),
    )
    op.create_table(
        "heartbeat",
        sa.Column("process_id", sa.Uuid(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("beat_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.PrimaryKeyConstraint("process_id", name=op.f("pk_heartbeat")),
    )
    op.create_index("ix_heartbeat_beat_at", "heartbeat", ["beat_at"])
    op.create_table(
        "bidding_gap",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("swept_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("ended_at > began_at", name=op.f("ck_bidding_gap_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bidding_gap")),
    )
    op.create_index("ix_bidding_gap_ended_at", "bidding_gap", ["ended_at"])
    op.create_index(
        "ix_bidding_gap_unswept", "bidding_gap", ["ended_at"], postgresql_where=sa.text("swept_at IS NULL")
    )
    op.create_table(
        "auction_decision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("reason_zh", sa.Text(), nullable=False),
        sa.Column("reason_en", sa.Text(), nullable=False),
        sa.Column("hard_end_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("act IN ('resume', 'void')", name=op.f("ck_auction_decision_act")),
        sa.CheckConstraint("reason_zh <> '' AND reason_en <> ''", name=op.f("ck_auction_decision_reason")),
        sa.CheckConstraint(
            "hard_end_at IS NULL OR act = 'resume'", name=op.f("ck_auction_decision_hard_end")
        ),
        sa.CheckConstraint(
            "(approved_by IS NULL) = (approved_at IS NULL)", name=op.f("ck_auction_decision_approved")
        ),
        sa.CheckConstraint("approved_by <> proposed_by", name=op.f("ck_auction_decision_two_people")),
        sa.ForeignKeyConstraint(["approved_by"], ["person.id"], name=op.f("fk_auction_decision_approved_by")),
        sa.ForeignKeyConstraint(["proposed_by"], ["person.id"], name=op.f("fk_auction_decision_proposed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auction_decision")),
    )
    op.create_table(
        "decided_auction",
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("auction_id", sa.Uuid(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("failure_zh", sa.Text(), nullable=True),
        sa.Column("failure_en", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "failure IS NULL OR settled_at IS NOT NULL", name=op.f("ck_decided_auction_failure")
        ),
        sa.ForeignKeyConstraint(["auction_id"], ["auction.id"], name=op.f("fk_decided_auction_auction_id")),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["auction_decision.id"], name=op.f("fk_decided_auction_decision_id")
        ),
        sa.PrimaryKeyConstraint("decision_id", "auction_id", name=op.f("pk_decided_auction")),
    )
    op.create_index("ix_decided_auction_auction_id", "decided_auction", ["auction_id"])
    op.create_index(
        "ix_decided_auction_unsettled",
        "decided_auction",
        ["decision_id"],
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    for table in ("master_key", "sealing_key", "envelope"):
        op.execute(APPEND_ONLY.format(table=table))
    op.execute(DECISION_IS_KEPT)
    for trigger in DECISION_TRIGGERS:
        op.execute(trigger)
