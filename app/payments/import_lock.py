"""The lock between imports of statements and receipts typed by hand: there is no row yet that could be locked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

if TYPE_CHECKING:
    from app.db import Session

_KEY = 5_090_009_001  # any number that no other advisory lock of this program has


async def lock_imports(session: Session) -> None:
    """Lets one import at a time, and none while a receipt is recorded: whoever comes second finds the line known."""
    await session.execute(select(func.pg_advisory_xact_lock(_KEY)))


async def hold_off_imports(session: Session) -> None:
    """Keeps imports away until this receipt is committed; receipts do not wait for each other."""
    await session.swiftly("SELECT pg_advisory_xact_lock_shared($1)", _KEY)
