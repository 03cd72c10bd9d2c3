"""the ledger widened, payables, bank statements, payment orders

One function, because it is one act.
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

SQL = Path(__file__).resolve().parent.parent / "sql"

OF_A_PARTY = "'deposit_held', 'refund_due', 'seller_due', 'commission_due', 'forfeited'"
OF_A_DEAL = "'price_escrow', 'distribution_pool'"
KINDS = (
    "'deposit_received', 'deposit_released', 'deposit_captured', 'deposit_forfeited', 'line_received', "
    "'payable_received', 'overpayment', 'line_returned', 'price_released', 'price_returned', 'price_forfeited', "
    "'forfeit_applied', 'fee_charged', 'commission_earned', 'distribution_made', 'payment_executed', "
    "'payment_returned', 'card_received', 'card_refunded', 'card_settled', 'correction'"
)
# What the ledger held before: deposits only, each transfer told by its kind.
BEFORE = """
ALTER TABLE ledger_transfer DISABLE TRIGGER ledger_transfer_append_only;
UPDATE ledger_transfer SET client_id = id::text, subject_kind = 'deposit', subject_id = deposit_id,
  reason = CASE kind WHEN 'deposit_received' THEN '保证金到账' WHEN 'deposit_released' THEN '保证金释放'
           ELSE '保证金转作价款' END;
ALTER TABLE ledger_transfer ENABLE TRIGGER ledger_transfer_append_only;
"""


def run(text: str) -> None:
    """Sends several statements at once, as they are."""
    connection = op.get_bind().connection.dbapi_connection
    connection.run_async(lambda raw: raw.execute(text))  # type: ignore[union-attr]


def widen_accounts() -> None:
    """Accounts by currency and for every purpose."""
    op.add_column("ledger_account", sa.Column("currency", sa.Text(), nullable=False, server_default="CNY"))
    op.drop_constraint("uq_ledger_account_kind_party_id_deal_id", "ledger_account")
    op.create_unique_constraint(
        op.f("uq_ledger_account_kind_currency_party_id_deal_id"),
        "ledger_account",
        ["kind", "currency", "party_id", "deal_id"],
        postgresql_nulls_not_distinct=True,
    )
    for name in ("kind", "party", "deal"):
        op.drop_constraint(f"ck_ledger_account_{name}", "ledger_account")
    for name, condition in (
        ("kind", f"kind IN ('bank', 'stripe_clearing', 'fee_income', 'suspense', {OF_A_PARTY}, {OF_A_DEAL})"),
        ("currency", "currency = 'CNY'"),
        ("party", f"(party_id IS NOT NULL) = (kind IN ({OF_A_PARTY}))"),
        ("deal", f"(deal_id IS NOT NULL) = (kind IN ({OF_A_DEAL}))"),
    ):
        op.create_check_constraint(op.f(f"ck_ledger_account_{name}"), "ledger_account", condition)


def widen_transfers() -> None:
    """Transfers with a client-made id, a subject, a reason and a second person; pending ones with their outcome."""
    for column in (
        sa.Column("client_id", sa.Text()),
        sa.Column("subject_kind", sa.Text()),
        sa.Column("subject_id", sa.Uuid()),
        sa.Column("reason", sa.Text()),
        sa.Column("is_pending", sa.Boolean(), nullable=False, server_default="false"),
        sa.Column("expires_at", sa.DateTime(timezone=True)),
        sa.Column("approved_by", sa.Uuid()),
    ):
        op.add_column("ledger_transfer", column)
    run(BEFORE)
    for name in ("client_id", "subject_kind", "subject_id", "reason"):
        op.alter_column("ledger_transfer", name, nullable=False)
    op.alter_column("ledger_transfer", "deposit_id", nullable=True)
    op.create_unique_constraint(op.f("uq_ledger_transfer_client_id"), "ledger_transfer", ["client_id"])
    op.create_foreign_key(
        op.f("fk_ledger_transfer_approved_by"), "ledger_transfer", "person", ["approved_by"], ["id"]
    )
    op.drop_constraint("ck_ledger_transfer_kind", "ledger_transfer")
    for name, condition in (
        ("kind", f"kind IN ({KINDS})"),
        ("client_id", "length(client_id) BETWEEN 1 AND 100"),
        ("reason", "length(reason) BETWEEN 1 AND 500"),
        ("deposit", "(deposit_id IS NOT NULL) = (subject_kind = 'deposit')"),
        ("subject", "deposit_id = subject_id"),
        ("expires_at", "expires_at IS NULL OR is_pending"),
        ("two_people", "approved_by <> person_id"),
        ("approved", "approved_by IS NULL OR person_id IS NOT NULL"),
        (
            "correction",
            "kind <> 'correction' OR (person_id IS NOT NULL AND (is_pending OR approved_by IS NOT NULL))",
        ),
    ):
        op.create_check_constraint(op.f(f"ck_ledger_transfer_{name}"), "ledger_transfer", condition)
    op.create_index("ix_ledger_transfer_subject", "ledger_transfer", ["subject_kind", "subject_id"])
    for name, kinds in (
        ("received", "kind = 'deposit_received'"),
        ("settled", "kind IN ('deposit_released', 'deposit_captured', 'deposit_forfeited')"),
    ):
        op.drop_index(f"uq_ledger_transfer_{name}", "ledger_transfer")
        op.create_index(
            f"uq_ledger_transfer_{name}",
            "ledger_transfer",
            ["deposit_id"],
            unique=True,
            postgresql_where=sa.text(f"{kinds} AND NOT is_pending"),
        )
    op.create_table(
        "ledger_outcome",
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("market_now()"), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('posted', 'voided', 'expired')", name=op.f("ck_ledger_outcome_outcome")
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["ledger_transfer.id"], name=op.f("fk_ledger_outcome_transfer_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_ledger_outcome_person_id")),
        sa.PrimaryKeyConstraint("transfer_id", name=op.f("pk_ledger_outcome")),
    )
    op.add_column(
        "ledger_entry", sa.Column("is_pending", sa.Boolean(), nullable=False, server_default="false")
    )
    op.drop_index("ix_ledger_entry_account", "ledger_entry")
    op.create_index(
        "ix_ledger_entry_account",
        "ledger_entry",
        ["account_id"],
        postgresql_include=["amount_fen", "is_pending", "transfer_id"],
    )


def widen_deposits() -> None:
    """A deposit may also be forfeited."""
    for name in ("status", "held_at", "settled_at"):
        op.drop_constraint(f"ck_deposit_{name}", "deposit")
    for name, condition in (
        ("status", "status IN ('due', 'held', 'released', 'captured', 'forfeited', 'cancelled')"),
        ("held_at", "(held_at IS NOT NULL) = (status IN ('held', 'released', 'captured', 'forfeited'))"),
        (
            "settled_at",
            "(settled_at IS NOT NULL) = (status IN ('released', 'captured', 'forfeited', 'cancelled'))",
        ),
    ):
        op.create_check_constraint(op.f(f"ck_deposit_{name}"), "deposit", condition)


def upgrade() -> None:
    """Widens what there is, then makes the tables of finance's desk."""
    widen_accounts()
    widen_transfers()
    widen_deposits()
    for name in ("ledger", "money"):
        run((SQL / f"{name}.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    """Refuses: money that moved is not taken back; restore a backup instead."""
    message = "the ledger is not narrowed again; restore a backup instead"
    raise RuntimeError(message)
