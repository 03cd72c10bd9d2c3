"""deposits paid by card, the gateway's events, and keys of requests that are answered alike

One function, because it is one act.
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.payments.rules import TransferKind

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

SQL = Path(__file__).resolve().parent.parent / "sql"
STAGES = "'asked', 'waiting', 'declined', 'held', 'cancelled', 'captured', 'refunded', 'refund_failed'"


def run(text: str) -> None:
    """Sends several statements at once, as they are."""
    connection = op.get_bind().connection.dbapi_connection
    connection.run_async(lambda raw: raw.execute(text))  # type: ignore[union-attr]


def widen_deposits() -> None:
    """A deposit may be held until an instant, and lapse then."""
    op.add_column("deposit", sa.Column("held_until", sa.DateTime(timezone=True), nullable=True))
    op.create_unique_constraint(op.f("uq_deposit_id_amount_fen"), "deposit", ["id", "amount_fen"])
    for name in ("status", "held_at", "settled_at"):
        op.drop_constraint(f"ck_deposit_{name}", "deposit")
    for name, condition in (
        ("status", "status IN ('due', 'held', 'released', 'captured', 'forfeited', 'lapsed', 'cancelled')"),
        (
            "held_at",
            "(held_at IS NOT NULL) = (status IN ('held', 'released', 'captured', 'forfeited', 'lapsed'))",
        ),
        (
            "settled_at",
            "(settled_at IS NOT NULL) = (status IN ('released', 'captured', 'forfeited', 'lapsed', 'cancelled'))",
        ),
        ("held_until", "held_until IS NULL OR held_at IS NOT NULL"),
    ):
        op.create_check_constraint(op.f(f"ck_deposit_{name}"), "deposit", condition)


def widen_ledger() -> None:
    """A lapsed hold is an end of a deposit as the others are."""
    kinds = ", ".join(repr(kind.value) for kind in TransferKind)
    op.drop_constraint("ck_ledger_transfer_kind", "ledger_transfer")
    op.create_check_constraint(op.f("ck_ledger_transfer_kind"), "ledger_transfer", f"kind IN ({kinds})")
    op.drop_index("uq_ledger_transfer_settled", "ledger_transfer")
    op.create_index(
        "uq_ledger_transfer_settled",
        "ledger_transfer",
        ["deposit_id"],
        unique=True,
        postgresql_where=sa.text(
            "kind IN ('deposit_released', 'deposit_captured', 'deposit_forfeited', 'deposit_lapsed') "
            "AND NOT is_pending"
        ),
    )


def make_card_payments() -> None:
    """Payments of deposits by card."""
    op.create_table(
        "card_payment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("deposit_id", sa.Uuid(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("stage", sa.Text(), server_default="asked", nullable=False),
        sa.Column("is_deposit", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("intent_id", sa.Text(), nullable=True),
        sa.Column("hold_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("market_now()"), nullable=False
        ),
        sa.CheckConstraint(f"stage IN ({STAGES})", name=op.f("ck_card_payment_stage")),
        sa.CheckConstraint(
            "intent_id IS NOT NULL OR stage IN ('asked', 'declined')", name=op.f("ck_card_payment_intent")
        ),
        sa.CheckConstraint("stage <> 'held' OR hold_ends_at IS NOT NULL", name=op.f("ck_card_payment_hold")),
        sa.CheckConstraint(
            "NOT is_deposit OR stage IN ('held', 'captured', 'cancelled', 'refunded', 'refund_failed')",
            name=op.f("ck_card_payment_is_deposit"),
        ),
        sa.ForeignKeyConstraint(
            ["deposit_id", "amount_fen"],
            ["deposit.id", "deposit.amount_fen"],
            name=op.f("fk_card_payment_deposit_id_amount_fen"),
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_card_payment_asked_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_payment")),
        sa.UniqueConstraint("intent_id", name=op.f("uq_card_payment_intent_id")),
    )
    op.create_index("ix_card_payment_deposit", "card_payment", ["deposit_id", "id"])
    for name, condition in (
        ("open", "stage IN ('asked', 'waiting', 'held', 'captured')"),
        ("is_deposit", "is_deposit"),
    ):
        op.create_index(
            f"uq_card_payment_{name}",
            "card_payment",
            ["deposit_id"],
            unique=True,
            postgresql_where=sa.text(condition),
        )


def make_events() -> None:
    """The gateway's events as they came."""
    op.create_table(
        "gateway_event",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("intent_id", sa.Text(), nullable=True),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "received_at", sa.DateTime(timezone=True), server_default=sa.text("market_now()"), nullable=False
        ),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gateway_event")),
    )


def upgrade() -> None:
    """Widens deposits and ledger, then makes the tables of the card gateway."""
    widen_deposits()
    widen_ledger()
    make_card_payments()
    make_events()
    run((SQL / "cards.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    """Refuses: money that moved is not taken back; restore a backup instead."""
    message = "payments by card are not forgotten again; restore a backup instead"
    raise RuntimeError(message)
