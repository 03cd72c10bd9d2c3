"""A process that dies between two statements: whatever was not committed is gone, and nobody was answered."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import event

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.db import Database


class DiedError(Exception):
    """The process is gone."""


@contextmanager
def dying(db: Database, after: int) -> Iterator[None]:
    """Lets so many statements pass and dies at the next one; an operation with fewer ends as if nothing had been."""
    left = after

    def count(*_: Any) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise DiedError

    event.listen(db.engine.sync_engine, "before_cursor_execute", count)
    try:
        yield
    finally:
        event.remove(db.engine.sync_engine, "before_cursor_execute", count)
