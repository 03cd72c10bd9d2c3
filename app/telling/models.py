"""Tables of what people are told: notifications, addresses for mail, and the mail that is to go out."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base
from app.ids import uuid7


class Notification(Base):
    """Something that one person was told (通知); ``act_id`` is the audited act, of which nobody is told twice."""

    __tablename__ = "notification"
    __table_args__ = (
        UniqueConstraint("act_id", "person_id", "kind"),
        CheckConstraint("link ~ '^/[^/]'", name="link"),
        Index("ix_notification_person", "person_id", "id"),
        Index("ix_notification_unread", "person_id", postgresql_where=text("read_at IS NULL")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    act_id: Mapped[UUID]
    kind: Mapped[str]
    members: Mapped[dict[str, Any]] = mapped_column(JSONB)
    link: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.market_now())
    read_at: Mapped[datetime | None]


class MailAddress(Base):
    """Where a person wants to be told by mail (通知邮箱); nobody has to."""

    __tablename__ = "mail_address"
    __table_args__ = (
        CheckConstraint(
            "address ~ '^[^@[:space:]]+@[^@[:space:]]+$' AND length(address) <= 254", name="address"
        ),
    )

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    address: Mapped[str]
    set_at: Mapped[datetime] = mapped_column(server_default=func.market_now())


class OutgoingMail(Base):
    """One mail (待发邮件): due at ``run_at``, out when ``sent_at`` is set; it may go out twice after a crash, with one id."""

    __tablename__ = "outgoing_mail"
    __table_args__ = (Index("ix_outgoing_mail_due", "run_at", postgresql_where=text("sent_at IS NULL")),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    address: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str]
    link: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.market_now())
    run_at: Mapped[datetime] = mapped_column(server_default=func.market_now())
    attempts: Mapped[int] = mapped_column(server_default="0")
    last_error: Mapped[str | None]
    sent_at: Mapped[datetime | None]
