"""A database whose every change is undone: each call of a test finds the same world and leaves no trace in it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from sqlalchemy import text

from app.db import Database, ReadSession, Session

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy.ext.asyncio import AsyncConnection


class UndoneDatabase(Database):
    """The real database; inside ``undoing`` all transactions run as savepoints of one that is rolled back."""

    def __init__(self, url: str) -> None:
        """Makes the pool."""
        super().__init__(url)
        self._connection: AsyncConnection | None = None
        self._turn = asyncio.Lock()

    @asynccontextmanager
    async def undoing(self) -> AsyncIterator[None]:
        """Takes back at the end whatever was committed meanwhile."""
        async with self.engine.connect() as connection:
            transaction = await connection.begin()
            self._connection = connection
            try:
                yield
            finally:
                async with self._turn:
                    self._connection = None
                    await transaction.rollback()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Session]:
        """A writing transaction, as a savepoint while undoing."""
        async with self._turn:
            if self._connection is None:
                async with super().transaction() as session:
                    yield session
                return
            made = Session(self._connection, expire_on_commit=False, join_transaction_mode="create_savepoint")
            async with made as session, session.begin():
                yield session

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[ReadSession]:
        """A reading transaction, as a savepoint while undoing; PostgreSQL refuses a write in it all the same."""
        async with self._turn:
            if self._connection is None:
                async with super().reading() as session:
                    yield session
                return
            made = ReadSession(
                self._connection, expire_on_commit=False, join_transaction_mode="create_savepoint"
            )
            async with made as session, session.begin():
                await session.execute(text("SET TRANSACTION READ ONLY"))
                yield session
