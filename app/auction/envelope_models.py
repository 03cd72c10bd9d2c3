"""Tables of sealed bids: master keys by their public halves, a key pair for each sale, and the envelopes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, func
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class MasterKey(Base):
    """The public half of a master key (主密钥公钥): under it private keys of sales are wrapped; the worker has the other.

    The newest one is used. Older ones stay, because sales that are under way are wrapped under them.
    """

    __tablename__ = "master_key"
    __table_args__ = (CheckConstraint("octet_length(public_key) = 32", name="public_key"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    registered_at: Mapped[datetime] = mapped_column(server_default=func.market_now())


class SealingKey(Base):
    """A sale's own key pair (密封公钥): the public half is published, the private one is kept wrapped."""

    __tablename__ = "sealing_key"
    __table_args__ = (CheckConstraint("octet_length(public_key) = 32", name="public_key"),)

    auction_id: Mapped[UUID] = mapped_column(ForeignKey("auction.id"), primary_key=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    wrapped_private_key: Mapped[bytes] = mapped_column(LargeBinary)
    master_key_id: Mapped[str] = mapped_column(ForeignKey("master_key.id"))
    made_at: Mapped[datetime] = mapped_column(server_default=func.market_now())


class Envelope(Base):
    """A sealed bid (密封报价): the amount and the key of its commitment, for the sale's private key alone.

    Every accepted one is kept, also when it was replaced or withdrawn; only those that count are ever opened. No
    foreign keys: a row is written under its sale's lock beside its bid, and neither is removed.
    """

    __tablename__ = "envelope"
    __table_args__ = (CheckConstraint("octet_length(ciphertext) = 88", name="ciphertext"),)

    auction_id: Mapped[UUID] = mapped_column(primary_key=True)
    party_id: Mapped[UUID] = mapped_column(primary_key=True)
    bid_id: Mapped[UUID] = mapped_column(primary_key=True)
    ciphertext: Mapped[bytes] = mapped_column(LargeBinary)
