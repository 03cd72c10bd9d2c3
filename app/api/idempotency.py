"""Idempotency-Key: a creating request that is sent twice makes one thing, and says so both times."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Header
from pydantic import BaseModel
from sqlalchemy import ForeignKey, LargeBinary, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from app.accounts.caller import Caller
from app.db import Base, Session
from app.errors import Conflict

IdempotencyKeyDep = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        description="同一键和同一内容只办理一次 / the same key with the same body is carried out once",
        examples=["0198f2a4-7c11-7d0e-8a53-5f1f0a7be001"],
    ),
]


class IdempotencyKey(Base):
    """A key a person has used (幂等键) and what it made."""

    __tablename__ = "idempotency_key"

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    operation_id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    payload_sha256: Mapped[bytes] = mapped_column(LargeBinary)
    made_id: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


@dataclass(eq=False)
class IdempotencyKeyReused(Conflict):
    """This Idempotency-Key was used with another request."""

    zh = "这个 Idempotency-Key 已用于另一份内容。新的请求请换一个新的键；重发原请求请保持内容不变。"
    en = "This Idempotency-Key was used with other content. Take a new key for a new request."


async def once(
    session: Session,
    caller: Caller,
    key: str | None,
    operation_id: str,
    payload: BaseModel | None,
    make: Callable[[Session], Awaitable[UUID]],
    *,
    subject: UUID | None = None,
) -> UUID:
    """Carries out ``make`` unless this caller's key has done so before; answers with the id of what was made.

    ``subject`` is the id in the path, where there is one: the same key on another thing is another request. Of two
    requests at once the second waits on the key's row for the first to commit, and then answers with its id; if
    the first rolls back, the second makes the thing. Raises IdempotencyKeyReused.
    """
    if key is None:
        return await make(session)
    digest = _digest(payload, subject)
    mine = (IdempotencyKey.person_id == caller.person_id) & (IdempotencyKey.operation_id == operation_id)
    row = mine & (IdempotencyKey.key == key)
    claim = insert(IdempotencyKey).values(
        person_id=caller.person_id, operation_id=operation_id, key=key, payload_sha256=digest
    )
    claimed = await session.execute(claim.on_conflict_do_nothing().returning(IdempotencyKey.key))
    if claimed.first() is None:
        query = select(IdempotencyKey.payload_sha256, IdempotencyKey.made_id).where(row)
        before = (await session.execute(query)).one()
        if before.payload_sha256 != digest or before.made_id is None:
            raise IdempotencyKeyReused
        made: UUID = before.made_id
        return made
    made = await make(session)
    await session.execute(update(IdempotencyKey).where(row).values(made_id=made))
    return made


def _digest(payload: BaseModel | None, subject: UUID | None) -> bytes:
    """Hashes what was asked for; the model's own JSON makes blanks and the order of fields not matter."""
    body = payload.model_dump_json() if payload is not None else ""
    return hashlib.sha256(f"{subject}\n{body}".encode()).digest()
