"""the spine: all tables of the first journey"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic import context, op

from app.models import Base

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SQL = Path(__file__).resolve().parent.parent / "sql"


def _run(name: str) -> None:
    file = SQL / f"{name}.sql"
    if not file.exists():
        return
    connection: Any = op.get_bind().connection.dbapi_connection
    connection.run_async(lambda raw: raw.execute(file.read_text(encoding="utf-8")))


def upgrade() -> None:
    """Applies the revision."""
    _run("functions")
    Base.metadata.create_all(op.get_bind())
    for name in ("kernel", "accounts", "catalog", "payments", "auction", "trades", "contracts"):
        _run(name)
    mark = bool(context.config.attributes.get("demonstration"))
    op.execute(f"INSERT INTO deployment (is_demonstration) VALUES ({mark})")


def downgrade() -> None:
    """Takes the revision back."""
    Base.metadata.drop_all(op.get_bind())
