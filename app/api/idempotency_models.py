"""Keys of repeated requests (幂等键): what each asked for, what came of it, and until when that is kept."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, delete, func, select, tuple_
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base

if TYPE_CHECKING:
    from app.db import Session

_FORGOTTEN_AT_ONCE = 1000


class IdempotencyKey(Base):
    """A key that a person has used, what it made, and the answer that a repeat gets until ``expires_at``."""

    __tablename__ = "idempotency_key"
    __table_args__ = (
        CheckConstraint(
            "(answer_status IS NULL) = (answer_body IS NULL)"
            " AND (answer_status IS NULL) = (answer_headers IS NULL)",
            name="answer",
        ),
        CheckConstraint("answer_status < 500", name="answer_status"),
        Index("ix_idempotency_key_expires_at", "expires_at"),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    operation_id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    payload_sha256: Mapped[bytes] = mapped_column(LargeBinary)
    made_id: Mapped[UUID | None]
    answer_status: Mapped[int | None]
    answer_headers: Mapped[dict[str, str] | None] = mapped_column(JSONB(none_as_null=True))
    answer_body: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
    expires_at: Mapped[datetime]


async def forget_expired_keys(session: Session) -> int:
    """Forgets keys whose time is over, at most a thousand at once; returns how many."""
    identity = (IdempotencyKey.person_id, IdempotencyKey.operation_id, IdempotencyKey.key)
    over = (
        select(*identity)
        .where(IdempotencyKey.expires_at <= func.market_now())
        .limit(_FORGOTTEN_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    gone = delete(IdempotencyKey).where(tuple_(*identity).in_(over)).returning(IdempotencyKey.key)
    return len((await session.execute(gone)).all())
