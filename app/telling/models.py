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


class DeadlineTold(Base):
    """A stage of a deadline that was told (已提醒的期限): of each deadline and stage there is one, whoever looks.

    A deadline that moves is another one. ``party_id`` is None for the exchange's desks. Written with the
    notifications themselves, so that neither is without the other.
    """

    __tablename__ = "deadline_told"
    __table_args__ = (
        UniqueConstraint(
            "kind", "subject_id", "party_id", "due_at", "stage", postgresql_nulls_not_distinct=True
        ),
        CheckConstraint("stage IN ('before', 'today', 'overdue')", name="stage"),
        Index("ix_deadline_told_subject", "subject_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    kind: Mapped[str]
    subject_id: Mapped[UUID]
    party_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"))
    due_at: Mapped[datetime]
    stage: Mapped[str]
    told_at: Mapped[datetime] = mapped_column(server_default=func.market_now())
