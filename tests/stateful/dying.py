"""A process that dies between two statements: whatever was not committed is gone, and nobody was answered."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event

from app.db import Session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.db import Database


class DiedError(BaseException):
    """The process is gone: nothing that catches errors hears of it."""


@contextmanager
def dying(db: Database, after: int) -> Iterator[None]:
    """Lets so many statements pass and dies at the next one; an operation with fewer ends as if nothing had been."""
    left = after
    swiftly = Session.swiftly

    def count(*_: Any) -> None:
        nonlocal left
        left -= 1
        # Once: what follows is the connection's own end, which rolls back.
        if left == -1:
            raise DiedError

    async def counted(session: Session, query: str, *values: object) -> Any:
        count()
        return await swiftly(session, query, *values)

    event.listen(db.engine.sync_engine, "before_cursor_execute", count)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Session, "swiftly", counted)
            yield
    finally:
        event.remove(db.engine.sync_engine, "before_cursor_execute", count)
