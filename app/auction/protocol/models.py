"""Tables of the verifiable protocol: signed heads, and the public keys they are checked with."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class SignedHeadRow(Base):
    """A signed head (签名链头): what one batch put on one stream, ``first`` to ``last``, under one signature.

    ``judged`` counts the requests that its sale had judged when the batch was done: it parts transactions of one instant,
    is not signed, and nobody sees it before the end. No foreign keys: a row is only ever written in the statement that writes its events, under their sale's lock.
    """

    __tablename__ = "signed_head"
    __table_args__ = (CheckConstraint("first > 0 AND last >= first", name="numbers"),)

    stream_id: Mapped[UUID] = mapped_column(primary_key=True)
    last: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    first: Mapped[int]
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    root: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime]
    key_id: Mapped[str]
    signature: Mapped[bytes] = mapped_column(LargeBinary)
    judged: Mapped[int]


class SigningKeyRow(Base):
    """A public key of the exchange (签名公钥) and the period in which it signed; it stays published for good.

    ``retired_at`` is set once, when no process signs with the key any more.
    """

    __tablename__ = "signing_key"
    __table_args__ = (
        CheckConstraint("octet_length(public_key) = 32", name="public_key"),
        CheckConstraint("key_id ~ '^[0-9a-f]{16}$'", name="key_id"),
        CheckConstraint("retired_at >= valid_from", name="period"),
    )

    key_id: Mapped[str] = mapped_column(primary_key=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    valid_from: Mapped[datetime]
    retired_at: Mapped[datetime | None]
