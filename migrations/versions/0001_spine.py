"""the spine: all tables of the first journey

One file and one function, longer than our limits, because it is one act: generated from the models and kept as it is.
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Functions, triggers and dated rules of this revision; like the revision itself these files no longer change.
SQL = Path(__file__).resolve().parent.parent / "sql"
AFTER_THE_TABLES = ("kernel", "accounts", "catalog", "payments", "auction", "trades", "contracts")


def run_file(name: str) -> None:
    """Sends one file to the server as it is."""
    connection = op.get_bind().connection.dbapi_connection
    text = (SQL / f"{name}.sql").read_text(encoding="utf-8")
    connection.run_async(lambda raw: raw.execute(text))  # type: ignore[union-attr]


def upgrade() -> None:
    """Makes everything and sets the database's mark, which nothing can set later."""
    run_file("functions")
    op.create_table(
        "audit_record",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("market_now()"), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_record")),
    )
    op.create_index("ix_audit_record_subject", "audit_record", ["subject_kind", "subject_id"], unique=False)
    op.create_table(
        "bid",
        sa.Column("auction_id", sa.Uuid(), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("bid_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("is_accepted", sa.Boolean(), nullable=False),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("official_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_bid_amount")),
        sa.CheckConstraint("is_accepted = (refusal IS NULL)", name=op.f("ck_bid_refusal")),
        sa.PrimaryKeyConstraint("auction_id", "party_id", "bid_id", name=op.f("pk_bid")),
    )
    op.create_table(
        "contract_number_series",
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("last_number", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("last_number >= 0", name=op.f("ck_contract_number_series_last_number")),
        sa.PrimaryKeyConstraint("series", name=op.f("pk_contract_number_series")),
    )
    op.create_table(
        "dated_rule",
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("board", sa.Text(), server_default="standard", nullable=False),
        sa.Column("jurisdiction", sa.Text(), server_default="CN", nullable=False),
        sa.Column("value", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name=op.f("ck_dated_rule_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dated_rule")),
    )
    op.create_table(
        "deployment",
        sa.Column("only", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("is_demonstration", sa.Boolean(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.CheckConstraint('"only"', name=op.f("ck_deployment_only")),
        sa.PrimaryKeyConstraint("only", name=op.f("pk_deployment")),
    )
    op.create_table(
        "event",
        sa.Column("stream_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("stream_id", "number", name=op.f("pk_event")),
    )
    op.create_table(
        "event_stream",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("head_number", sa.BigInteger(), nullable=False),
        sa.Column("head_hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event_stream")),
    )
    op.create_table(
        "number_counter",
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("series", "year", name=op.f("pk_number_counter")),
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("uscc", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("nature_code", sa.Text(), nullable=True),
        sa.Column("region_code", sa.Text(), nullable=True),
        sa.Column("is_fictional", sa.Boolean(), server_default="false", nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("market_now()"), nullable=False
        ),
        sa.CheckConstraint(
            "kind IN ('university', 'institute', 'company', 'inventor', 'exchange')",
            name=op.f("ck_organisation_kind"),
        ),
        sa.CheckConstraint("name <> ''", name=op.f("ck_organisation_name")),
        sa.CheckConstraint("region_code ~ '^[0-9]{6}$'", name=op.f("ck_organisation_region")),
        sa.CheckConstraint("uscc ~ '^[0-9A-HJ-NP-RTUWXY]{18}$'", name=op.f("ck_organisation_uscc")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("uscc", name=op.f("uq_organisation_uscc")),
    )
    op.create_index(
        "uq_organisation_exchange",
        "organisation",
        ["kind"],
        unique=True,
        postgresql_where=sa.text("kind = 'exchange'"),
    )
    op.create_table(
        "task",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("run_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
    )
    op.create_index(
        "ix_task_due", "task", ["run_at"], unique=False, postgresql_where=sa.text("done_at IS NULL")
    )
    op.create_index(
        "uq_task_open_key", "task", ["name", "key"], unique=True, postgresql_where=sa.text("done_at IS NULL")
    )
    op.create_table(
        "auction",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("host_stream_id", sa.Uuid(), nullable=False),
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("listing_no", sa.Text(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("is_demonstration", sa.Boolean(), nullable=False),
        sa.Column("terms", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("rules", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hard_end_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("phase", sa.Text(), server_default="scheduled", nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=True),
        sa.Column("leader_id", sa.Uuid(), nullable=True),
        sa.Column("leader_code", sa.Text(), nullable=True),
        sa.Column("sequence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("extensions", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("reserve_met", sa.Boolean(), nullable=True),
        sa.Column("last_official_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("market_now()"), nullable=False
        ),
        sa.CheckConstraint(
            "(phase IN ('sold', 'unsold')) = (closed_at IS NOT NULL)", name=op.f("ck_auction_closed_at")
        ),
        sa.CheckConstraint(
            "phase <> 'sold' OR price_fen IS NOT NULL", name=op.f("ck_auction_sold_has_price")
        ),
        sa.CheckConstraint("phase IN ('scheduled', 'open', 'sold', 'unsold')", name=op.f("ck_auction_phase")),
        sa.CheckConstraint(
            "(price_fen IS NULL) = (leader_id IS NULL)", name=op.f("ck_auction_leader_has_price")
        ),
        sa.CheckConstraint("hard_end_at IS NULL OR ends_at <= hard_end_at", name=op.f("ck_auction_hard_end")),
        sa.ForeignKeyConstraint(
            ["host_stream_id"], ["event_stream.id"], name=op.f("fk_auction_host_stream_id")
        ),
        sa.ForeignKeyConstraint(["id"], ["event_stream.id"], name=op.f("fk_auction_id")),
        sa.ForeignKeyConstraint(["leader_id"], ["organisation.id"], name=op.f("fk_auction_leader_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["organisation.id"], name=op.f("fk_auction_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auction")),
        sa.UniqueConstraint("listing_id", name=op.f("uq_auction_listing_id")),
    )
    op.create_index(
        "ix_auction_due_close",
        "auction",
        ["ends_at"],
        unique=False,
        postgresql_where=sa.text("phase IN ('scheduled', 'open')"),
    )
    op.create_index(
        "ix_auction_due_open",
        "auction",
        ["opens_at"],
        unique=False,
        postgresql_where=sa.text("phase = 'scheduled'"),
    )
    op.create_table(
        "deposit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), server_default="due", nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("market_now()"), nullable=False
        ),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(held_at IS NOT NULL) = (status IN ('held', 'released', 'captured'))",
            name=op.f("ck_deposit_held_at"),
        ),
        sa.CheckConstraint(
            "(settled_at IS NOT NULL) = (status IN ('released', 'captured', 'cancelled'))",
            name=op.f("ck_deposit_settled_at"),
        ),
        sa.CheckConstraint(
            "status IN ('due', 'held', 'released', 'captured', 'cancelled')", name=op.f("ck_deposit_status")
        ),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_deposit_amount")),
        sa.ForeignKeyConstraint(["party_id"], ["organisation.id"], name=op.f("fk_deposit_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deposit")),
        sa.UniqueConstraint("id", "listing_id", "party_id", name=op.f("uq_deposit_id_listing_id_party_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_deposit_reference")),
    )
    op.create_index("ix_deposit_listing", "deposit", ["listing_id"], unique=False)
    op.create_index("ix_deposit_party", "deposit", ["party_id", "id"], unique=False)
    op.create_index("ix_deposit_status", "deposit", ["status", "id"], unique=False)
    op.create_table(
        "ledger_account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=True),
        sa.Column("deal_id", sa.Uuid(), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("market_now()"), nullable=False
        ),
        sa.CheckConstraint(
            "(deal_id IS NOT NULL) = (kind = 'price_escrow')", name=op.f("ck_ledger_account_deal")
        ),
        sa.CheckConstraint(
            "(party_id IS NOT NULL) = (kind IN ('deposit_held', 'refund_due'))",
            name=op.f("ck_ledger_account_party"),
        ),
        sa.CheckConstraint(
            "kind IN ('bank', 'deposit_held', 'refund_due', 'price_escrow')",
            name=op.f("ck_ledger_account_kind"),
        ),
        sa.ForeignKeyConstraint(["party_id"], ["organisation.id"], name=op.f("fk_ledger_account_party_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_account")),
        sa.UniqueConstraint(
            "kind",
            "party_id",
            "deal_id",
            name=op.f("uq_ledger_account_kind_party_id_deal_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("market_now()"), nullable=False
        ),
        sa.CheckConstraint("login = lower(login) AND login <> ''", name=op.f("ck_person_login")),
        sa.CheckConstraint("name <> ''", name=op.f("ck_person_name")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_person_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("login", name=op.f("uq_person_login")),
    )
    op.create_index(op.f("ix_person_organisation_id"), "person", ["organisation_id"], unique=False)
    op.create_table(
        "admission",
        sa.Column("auction_id", sa.Uuid(), nullable=False),
        sa.Column("party_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("deposit_id", sa.Uuid(), nullable=True),
        sa.Column(
            "admitted_at", sa.DateTime(timezone=True), server_default=sa.text("market_now()"), nullable=False
        ),
        sa.ForeignKeyConstraint(["auction_id"], ["auction.id"], name=op.f("fk_admission_auction_id")),
        sa.ForeignKeyConstraint(["deposit_id"], ["deposit.id"], name=op.f("fk_admission_deposit_id")),
        sa.ForeignKeyConstraint(["party_id"], ["organisation.id"], name=op.f("fk_admission_party_id")),
        sa.PrimaryKeyConstraint("auction_id", "party_id", name=op.f("pk_admission")),
        sa.UniqueConstraint("auction_id", "code", name=op.f("uq_admission_auction_id_code")),
    )
    op.create_table(
        "api_token",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("scopes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "cardinality(scopes) > 0 AND scopes <@ ARRAY['read', 'sell', 'buy', 'sign', 'desk']::text[]",
            name=op.f("ck_api_token_scopes"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_api_token_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_token_token_hash")),
    )
    op.create_index("ix_api_token_person_id_id", "api_token", ["person_id", "id"], unique=False)
    op.create_table(
        "auction_secret",
        sa.Column("auction_id", sa.Uuid(), nullable=False),
        sa.Column("reserve_fen", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["auction_id"], ["auction.id"], name=op.f("fk_auction_secret_auction_id")),
        sa.PrimaryKeyConstraint("auction_id", name=op.f("pk_auction_secret")),
    )
    op.create_table(
        "idempotency_key",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("operation_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("payload_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("made_id", sa.Uuid(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_idempotency_key_person_id")),
        sa.PrimaryKeyConstraint("person_id", "operation_id", "key", name=op.f("pk_idempotency_key")),
    )
    op.create_table(
        "ledger_transfer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("deposit_id", sa.Uuid(), nullable=False),
        sa.Column("entry_count", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("market_now()"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('deposit_received', 'deposit_released', 'deposit_captured')",
            name=op.f("ck_ledger_transfer_kind"),
        ),
        sa.CheckConstraint("entry_count >= 2", name=op.f("ck_ledger_transfer_entry_count")),
        sa.ForeignKeyConstraint(["deposit_id"], ["deposit.id"], name=op.f("fk_ledger_transfer_deposit_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_ledger_transfer_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_transfer")),
    )
    op.create_index(
        "uq_ledger_transfer_received",
        "ledger_transfer",
        ["deposit_id"],
        unique=True,
        postgresql_where=sa.text("kind = 'deposit_received'"),
    )
    op.create_index(
        "uq_ledger_transfer_settled",
        "ledger_transfer",
        ["deposit_id"],
        unique=True,
        postgresql_where=sa.text("kind IN ('deposit_released', 'deposit_captured')"),
    )
    op.create_table(
        "patent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("application_no", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("patent_type", sa.Text(), nullable=False),
        sa.Column("filing_on", sa.Date(), nullable=False),
        sa.Column("ipc_main", sa.Text(), nullable=False),
        sa.Column("applicant", sa.Text(), nullable=True),
        sa.Column("patent_no", sa.Text(), nullable=True),
        sa.Column("owner_organisation_id", sa.Uuid(), nullable=True),
        sa.Column("marks", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("market_now()"), nullable=False
        ),
        sa.CheckConstraint(
            "applicant IS NOT NULL OR 'applicant_withheld' = ANY (marks)",
            name=op.f("ck_patent_applicant_withheld"),
        ),
        sa.CheckConstraint(
            "application_no LIKE '%.%' OR 'no_check_digit' = ANY (marks)",
            name=op.f("ck_patent_no_check_digit"),
        ),
        sa.CheckConstraint(
            "application_no ~ '^CN(8[5-8][0-9]{6}|([0-9]{8}|[0-9]{12})\\.[0-9X])$'",
            name=op.f("ck_patent_application_no"),
        ),
        sa.CheckConstraint("filing_on >= DATE '1985-04-01'", name=op.f("ck_patent_filing_on")),
        sa.CheckConstraint(
            "ipc_main ~ '^[A-H][0-9]{2}[A-Z]([0-9]{1,4}/[0-9]{2,6})?$' OR ipc_main ~ '^[0-9]{2}-[0-9]{2}(-[A-Z][0-9]{4})?$'",
            name=op.f("ck_patent_ipc_main"),
        ),
        sa.CheckConstraint("patent_no ~ '^CN[0-9]{7,9}[A-Z][0-9]?$'", name=op.f("ck_patent_patent_no")),
        sa.CheckConstraint(
            "patent_type IN ('invention', 'utility_model', 'design')", name=op.f("ck_patent_patent_type")
        ),
        sa.CheckConstraint("char_length(applicant) BETWEEN 1 AND 500", name=op.f("ck_patent_applicant")),
        sa.CheckConstraint("char_length(title) BETWEEN 1 AND 500", name=op.f("ck_patent_title")),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_patent_created_by")),
        sa.ForeignKeyConstraint(
            ["owner_organisation_id"], ["organisation.id"], name=op.f("fk_patent_owner_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patent")),
        sa.UniqueConstraint("application_no", name=op.f("uq_patent_application_no")),
    )
    op.create_index(
        "ix_patent_ipc_main",
        "patent",
        ["ipc_main"],
        unique=False,
        postgresql_ops={"ipc_main": "text_pattern_ops"},
    )
    op.create_index("ix_patent_owner", "patent", ["owner_organisation_id", "id"], unique=False)
    op.create_index(
        "uq_patent_number", "patent", [sa.literal_column("split_part(application_no, '.', 1)")], unique=True
    )
    op.create_table(
        "patent_import",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_name", sa.Text(), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("file_sha256", sa.Text(), nullable=False),
        sa.Column("file_format", sa.Text(), nullable=True),
        sa.Column("encoding", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("done", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("accepted", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("unchanged", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("refused", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("problem", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("market_now()"), nullable=False
        ),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status <> 'failed' OR problem IS NOT NULL", name=op.f("ck_patent_import_problem")
        ),
        sa.CheckConstraint(
            "status IN ('waiting', 'running') OR content IS NULL", name=op.f("ck_patent_import_content")
        ),
        sa.CheckConstraint(
            "status IN ('waiting', 'running', 'done', 'failed')", name=op.f("ck_patent_import_status")
        ),
        sa.CheckConstraint("done = accepted + unchanged + refused", name=op.f("ck_patent_import_done")),
        sa.CheckConstraint("total IS NULL OR done <= total", name=op.f("ck_patent_import_total")),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_patent_import_created_by")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_patent_import_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patent_import")),
    )
    op.create_index("ix_patent_import_organisation", "patent_import", ["organisation_id", "id"], unique=False)
    op.create_table(
        "person_role",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "role IN ('admin', 'seller', 'bidder', 'signatory', 'reviewer', 'host', 'finance', 'registrar', 'supervisor')",
            name=op.f("ck_person_role_role"),
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_role_person_id")),
        sa.PrimaryKeyConstraint("person_id", "role", name=op.f("pk_person_role")),
    )
    op.create_table(
        "receipt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("deposit_id", sa.Uuid(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("payer_name", sa.Text(), nullable=False),
        sa.Column("bank_reference", sa.Text(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("market_now()"), nullable=False
        ),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_receipt_amount")),
        sa.ForeignKeyConstraint(["deposit_id"], ["deposit.id"], name=op.f("fk_receipt_deposit_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_receipt_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt")),
        sa.UniqueConstraint("bank_reference", name=op.f("uq_receipt_bank_reference")),
        sa.UniqueConstraint("deposit_id", name=op.f("uq_receipt_deposit_id")),
    )
    op.create_table(
        "sign_in",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("user_agent", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_sign_in_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_in_token_hash")),
    )
    op.create_index(op.f("ix_sign_in_person_id"), "sign_in", ["person_id"], unique=False)
    op.create_table(
        "ledger_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_fen <> 0", name=op.f("ck_ledger_entry_amount")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["ledger_account.id"], name=op.f("fk_ledger_entry_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["ledger_transfer.id"], name=op.f("fk_ledger_entry_transfer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entry")),
        sa.UniqueConstraint("transfer_id", "account_id", name=op.f("uq_ledger_entry_transfer_id_account_id")),
    )
    op.create_index(
        "ix_ledger_entry_account",
        "ledger_entry",
        ["account_id"],
        unique=False,
        postgresql_include=["amount_fen"],
    )
    op.create_table(
        "listing",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("listing_no", sa.Text(), nullable=False),
        sa.Column("board", sa.Text(), server_default="standard", nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("patent_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("rights", sa.Text(), server_default="assignment", nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("encumbrances", sa.Text(), server_default="", nullable=False),
        sa.Column("start_price_fen", sa.BigInteger(), nullable=False),
        sa.Column("step_fen", sa.BigInteger(), nullable=False),
        sa.Column("deposit_fen", sa.BigInteger(), nullable=False),
        sa.Column("reserve_price_fen", sa.BigInteger(), nullable=True),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hard_end_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trigger_seconds", sa.BigInteger(), nullable=False),
        sa.Column("extension_seconds", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), server_default="draft", nullable=False),
        sa.Column("auction_id", sa.Uuid(), nullable=True),
        sa.Column("is_demonstration", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("market_now()"), nullable=False
        ),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "(auction_id IS NOT NULL) = (status IN ('listed', 'sold', 'unsold'))",
            name=op.f("ck_listing_auction"),
        ),
        sa.CheckConstraint("board <> 'demo' OR is_demonstration", name=op.f("ck_listing_demo_board")),
        sa.CheckConstraint("board IN ('standard', 'demo')", name=op.f("ck_listing_board")),
        sa.CheckConstraint("rights IN ('assignment')", name=op.f("ck_listing_rights")),
        sa.CheckConstraint(
            "status = 'draft' OR submitted_at IS NOT NULL", name=op.f("ck_listing_submitted_at")
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'in_review', 'returned', 'accepted', 'listed', 'sold', 'unsold')",
            name=op.f("ck_listing_status"),
        ),
        sa.CheckConstraint(
            "(published_at IS NOT NULL) = (auction_id IS NOT NULL)", name=op.f("ck_listing_published_at")
        ),
        sa.CheckConstraint("closes_at > opens_at AND hard_end_at > closes_at", name=op.f("ck_listing_times")),
        sa.CheckConstraint(
            "deposit_fen > 0 AND deposit_fen <= start_price_fen", name=op.f("ck_listing_deposit")
        ),
        sa.CheckConstraint(
            "reserve_price_fen BETWEEN start_price_fen AND 9007199254740991", name=op.f("ck_listing_reserve")
        ),
        sa.CheckConstraint(
            "start_price_fen BETWEEN 1 AND 9007199254740991", name=op.f("ck_listing_start_price")
        ),
        sa.CheckConstraint("step_fen BETWEEN 1 AND 9007199254740991", name=op.f("ck_listing_step")),
        sa.CheckConstraint(
            "trigger_seconds > 0 AND extension_seconds > 0", name=op.f("ck_listing_extension")
        ),
        sa.ForeignKeyConstraint(["auction_id"], ["auction.id"], name=op.f("fk_listing_auction_id")),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_listing_created_by")),
        sa.ForeignKeyConstraint(["patent_id"], ["patent.id"], name=op.f("fk_listing_patent_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["organisation.id"], name=op.f("fk_listing_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing")),
        sa.UniqueConstraint("auction_id", name=op.f("uq_listing_auction_id")),
        sa.UniqueConstraint("id", "seller_id", name=op.f("uq_listing_id_seller_id")),
        sa.UniqueConstraint("listing_no", name=op.f("uq_listing_listing_no")),
    )
    op.create_index("ix_listing_seller", "listing", ["seller_id", "id"], unique=False)
    op.create_index("ix_listing_status", "listing", ["status", "id"], unique=False)
    op.create_index(
        "uq_listing_open_patent",
        "listing",
        ["patent_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('draft', 'in_review', 'returned', 'accepted', 'listed')"),
    )
    op.create_index(
        "uq_listing_sold_patent",
        "listing",
        ["patent_id", "seller_id"],
        unique=True,
        postgresql_where=sa.text(
            "(status IN ('draft', 'in_review', 'returned', 'accepted', 'listed') OR status = 'sold') AND NOT is_demonstration"
        ),
    )
    op.create_table(
        "patent_import_page",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["patent_import.id"], name=op.f("fk_patent_import_page_import_id")
        ),
        sa.PrimaryKeyConstraint("import_id", "number", name=op.f("pk_patent_import_page")),
    )
    op.create_table(
        "patent_import_refusal",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("line_no", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("reason_zh", sa.Text(), nullable=False),
        sa.Column("reason_en", sa.Text(), nullable=False),
        sa.Column("row", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["patent_import.id"], name=op.f("fk_patent_import_refusal_import_id")
        ),
        sa.PrimaryKeyConstraint("import_id", "line_no", name=op.f("pk_patent_import_refusal")),
    )
    op.create_table(
        "deal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("deal_no", sa.Text(), nullable=False),
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("auction_id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("buyer_id", sa.Uuid(), nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.Column("deposit_id", sa.Uuid(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmation", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("confirmation_sha256", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "confirmation_sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_deal_confirmation_sha256")
        ),
        sa.CheckConstraint("buyer_id <> seller_id", name=op.f("ck_deal_buyer")),
        sa.CheckConstraint("price_fen > 0", name=op.f("ck_deal_price")),
        sa.ForeignKeyConstraint(["auction_id"], ["auction.id"], name=op.f("fk_deal_auction_id")),
        sa.ForeignKeyConstraint(["buyer_id"], ["organisation.id"], name=op.f("fk_deal_buyer_id")),
        sa.ForeignKeyConstraint(
            ["deposit_id", "listing_id", "buyer_id"],
            ["deposit.id", "deposit.listing_id", "deposit.party_id"],
            name=op.f("fk_deal_deposit_id_listing_id_buyer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["listing_id", "seller_id"],
            ["listing.id", "listing.seller_id"],
            name=op.f("fk_deal_listing_id_seller_id"),
        ),
        sa.ForeignKeyConstraint(["seller_id"], ["organisation.id"], name=op.f("fk_deal_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deal")),
        sa.UniqueConstraint("auction_id", name=op.f("uq_deal_auction_id")),
        sa.UniqueConstraint("deal_no", name=op.f("uq_deal_deal_no")),
        sa.UniqueConstraint("listing_id", name=op.f("uq_deal_listing_id")),
    )
    op.create_index("ix_deal_buyer", "deal", ["buyer_id", "id"], unique=False)
    op.create_index("ix_deal_seller", "deal", ["seller_id", "id"], unique=False)
    op.create_table(
        "intent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("buyer_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), server_default="submitted", nullable=False),
        sa.Column("rules_sha256", sa.Text(), nullable=False),
        sa.Column("accepted_by", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("deposit_id", sa.Uuid(), nullable=True),
        sa.Column("bidder_code", sa.Text(), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("market_now()"), nullable=False
        ),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("admitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("rules_sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_intent_rules_sha256")),
        sa.CheckConstraint(
            "status <> 'rejected' OR char_length(btrim(reason)) >= 5", name=op.f("ck_intent_reason")
        ),
        sa.CheckConstraint(
            "status IN ('submitted', 'qualified', 'rejected', 'admitted', 'won', 'lost')",
            name=op.f("ck_intent_status"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('admitted', 'won') OR bidder_code IS NOT NULL", name=op.f("ck_intent_bidder_code")
        ),
        sa.CheckConstraint(
            "status NOT IN ('qualified', 'admitted', 'won') OR deposit_id IS NOT NULL",
            name=op.f("ck_intent_deposit"),
        ),
        sa.CheckConstraint("buyer_id <> seller_id", name=op.f("ck_intent_buyer")),
        sa.ForeignKeyConstraint(["accepted_by"], ["person.id"], name=op.f("fk_intent_accepted_by")),
        sa.ForeignKeyConstraint(["buyer_id"], ["organisation.id"], name=op.f("fk_intent_buyer_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_intent_decided_by")),
        sa.ForeignKeyConstraint(
            ["deposit_id", "listing_id", "buyer_id"],
            ["deposit.id", "deposit.listing_id", "deposit.party_id"],
            name=op.f("fk_intent_deposit_id_listing_id_buyer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["listing_id", "seller_id"],
            ["listing.id", "listing.seller_id"],
            name=op.f("fk_intent_listing_id_seller_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intent")),
        sa.UniqueConstraint("deposit_id", name=op.f("uq_intent_deposit_id")),
        sa.UniqueConstraint("listing_id", "buyer_id", name=op.f("uq_intent_listing_id_buyer_id")),
    )
    op.create_index("ix_intent_buyer", "intent", ["buyer_id", "id"], unique=False)
    op.create_index("ix_intent_status", "intent", ["status", "id"], unique=False)
    op.create_table(
        "listing_review",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("listing_id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("listing_version", sa.BigInteger(), nullable=False),
        sa.Column("reviewer_id", sa.Uuid(), nullable=False),
        sa.Column("reviewer_organisation_id", sa.Uuid(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("checks", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("market_now()"), nullable=False
        ),
        sa.CheckConstraint(
            "decision = 'accept' OR char_length(btrim(reason)) >= 5", name=op.f("ck_listing_review_reason")
        ),
        sa.CheckConstraint("decision IN ('accept', 'return')", name=op.f("ck_listing_review_decision")),
        sa.CheckConstraint("reviewer_organisation_id <> seller_id", name=op.f("ck_listing_review_recusal")),
        sa.ForeignKeyConstraint(
            ["listing_id", "seller_id"],
            ["listing.id", "listing.seller_id"],
            name=op.f("fk_listing_review_listing_id_seller_id"),
        ),
        sa.ForeignKeyConstraint(["reviewer_id"], ["person.id"], name=op.f("fk_listing_review_reviewer_id")),
        sa.ForeignKeyConstraint(
            ["reviewer_organisation_id"],
            ["organisation.id"],
            name=op.f("fk_listing_review_reviewer_organisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing_review")),
    )
    op.create_index("ix_listing_review_listing", "listing_review", ["listing_id", "id"], unique=False)
    op.create_table(
        "contract",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contract_no", sa.Text(), nullable=False),
        sa.Column("deal_id", sa.Uuid(), nullable=False),
        sa.Column("seller_id", sa.Uuid(), nullable=False),
        sa.Column("buyer_id", sa.Uuid(), nullable=False),
        sa.Column("project_name", sa.Text(), nullable=False),
        sa.Column("price_fen", sa.BigInteger(), nullable=False),
        sa.Column("is_demonstration", sa.Boolean(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("document_sha256", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("in_force_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status = 'in_force') = (in_force_at IS NOT NULL)", name=op.f("ck_contract_in_force_at")
        ),
        sa.CheckConstraint("document_sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_contract_document_sha256")),
        sa.CheckConstraint("status IN ('signing', 'in_force')", name=op.f("ck_contract_status")),
        sa.CheckConstraint("price_fen > 0", name=op.f("ck_contract_price")),
        sa.CheckConstraint("seller_id <> buyer_id", name=op.f("ck_contract_parties")),
        sa.ForeignKeyConstraint(["buyer_id"], ["organisation.id"], name=op.f("fk_contract_buyer_id")),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_contract_created_by")),
        sa.ForeignKeyConstraint(["deal_id"], ["deal.id"], name=op.f("fk_contract_deal_id")),
        sa.ForeignKeyConstraint(["seller_id"], ["organisation.id"], name=op.f("fk_contract_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract")),
        sa.UniqueConstraint("contract_no", name=op.f("uq_contract_contract_no")),
        sa.UniqueConstraint("deal_id", name=op.f("uq_contract_deal_id")),
        sa.UniqueConstraint("id", "document_sha256", name=op.f("uq_contract_id_document_sha256")),
    )
    op.create_index(op.f("ix_contract_buyer_id"), "contract", ["buyer_id"], unique=False)
    op.create_index(op.f("ix_contract_seller_id"), "contract", ["seller_id"], unique=False)
    op.create_table(
        "registration",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("applicant_id", sa.Uuid(), nullable=False),
        sa.Column("contract_type", sa.Text(), nullable=False),
        sa.Column("subtype", sa.Text(), nullable=False),
        sa.Column("total_fen", sa.BigInteger(), nullable=False),
        sa.Column("tech_fen", sa.BigInteger(), nullable=False),
        sa.Column("tech_field", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("registration_no", sa.Text(), nullable=True),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("applied_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(status = 'refused') = (reason_code IS NOT NULL)", name=op.f("ck_registration_reasoned")
        ),
        sa.CheckConstraint(
            "(status = 'registered') = (registration_no IS NOT NULL)", name=op.f("ck_registration_numbered")
        ),
        sa.CheckConstraint(
            "(status = 'submitted') = (decided_at IS NULL)", name=op.f("ck_registration_decided")
        ),
        sa.CheckConstraint("registration_no ~ '^[0-9]{16}$'", name=op.f("ck_registration_registration_no")),
        sa.CheckConstraint(
            "status IN ('submitted', 'registered', 'refused')", name=op.f("ck_registration_status")
        ),
        sa.CheckConstraint("0 < tech_fen AND tech_fen <= total_fen", name=op.f("ck_registration_amounts")),
        sa.ForeignKeyConstraint(
            ["applicant_id"], ["organisation.id"], name=op.f("fk_registration_applicant_id")
        ),
        sa.ForeignKeyConstraint(["applied_by"], ["person.id"], name=op.f("fk_registration_applied_by")),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_registration_contract_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_registration_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration")),
        sa.UniqueConstraint("registration_no", name=op.f("uq_registration_registration_no")),
    )
    op.create_index(op.f("ix_registration_contract_id"), "registration", ["contract_id"], unique=False)
    op.create_index("ix_registration_status", "registration", ["status", "id"], unique=False)
    op.create_index(
        "uq_registration_live",
        "registration",
        ["contract_id"],
        unique=True,
        postgresql_where=sa.text("status <> 'refused'"),
    )
    op.create_table(
        "signature",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("document_sha256", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("side IN ('seller', 'buyer')", name=op.f("ck_signature_side")),
        sa.ForeignKeyConstraint(
            ["contract_id", "document_sha256"],
            ["contract.id", "contract.document_sha256"],
            name=op.f("fk_signature_contract_id_document_sha256"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_signature_organisation_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_signature_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signature")),
        sa.UniqueConstraint("contract_id", "side", name=op.f("uq_signature_contract_id_side")),
    )
    op.create_table(
        "certificate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("registration_id", sa.Uuid(), nullable=False),
        sa.Column("verification_code", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name=op.f("ck_certificate_sha256")),
        sa.CheckConstraint("(pdf IS NULL) = (sha256 IS NULL)", name=op.f("ck_certificate_made")),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registration.id"], name=op.f("fk_certificate_registration_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        sa.UniqueConstraint("registration_id", name=op.f("uq_certificate_registration_id")),
        sa.UniqueConstraint("verification_code", name=op.f("uq_certificate_verification_code")),
    )

    for name in AFTER_THE_TABLES:
        run_file(name)
    mark = bool(context.config.attributes.get("demonstration"))
    op.execute(f"INSERT INTO deployment (is_demonstration) VALUES ({mark})")


def downgrade() -> None:
    """Refuses: before the first revision there is nothing, and what people traded is not dropped."""
    message = "the first revision is not taken back; restore a backup instead"
    raise RuntimeError(message)
