"""The register of licences granted (许可登记)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base
from app.ids import uuid7


class Licence(Base):
    """A licence that a patent's owner has granted (专利实施许可): exclusive 独占, sole 排他 or ordinary 普通; never changed.

    ``deal_id`` is there where it was sold here: then signing its contract wrote it. A trigger behind the rule takes the patent's row lock and refuses a licence in the way of another. ``expires_on`` is
    when the patent's term ends, so that no licence outlives it here either.
    """

    __tablename__ = "licence"
    __table_args__ = (
        CheckConstraint("kind IN ('exclusive', 'sole', 'ordinary')", name="kind"),
        CheckConstraint("territory ~ '^(WW|[A-Z]{2}|CN-[0-9]{2})$'", name="territory"),
        CheckConstraint("starts_on <= ends_on AND ends_on < expires_on", name="period"),
        CheckConstraint("char_length(btrim(licensee_name)) BETWEEN 1 AND 200", name="licensee_name"),
        Index("ix_licence_patent", "patent_id", "id"),
        Index("ix_licence_licensor", "licensor_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    patent_id: Mapped[UUID] = mapped_column(ForeignKey("patent.id"))
    licensor_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    licensee_name: Mapped[str]
    kind: Mapped[str]
    territory: Mapped[str]
    field: Mapped[str] = mapped_column(server_default="")
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    expires_on: Mapped[date]
    accepts_earlier: Mapped[bool] = mapped_column(server_default="false")
    deal_id: Mapped[UUID | None] = mapped_column(ForeignKey("deal.id"), unique=True)
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.market_now())


class DealLicence(Base):
    """The licence that a deal promises (成交的许可): its place is taken from the deal on, until it is signed or defaulted.

    The trigger behind the rule takes the patent's row lock and sees both tables; no deal of a licence is without one.
    """

    __tablename__ = "deal_licence"
    __table_args__ = (
        CheckConstraint("kind IN ('exclusive', 'sole', 'ordinary')", name="kind"),
        CheckConstraint("territory ~ '^(WW|[A-Z]{2}|CN-[0-9]{2})$'", name="territory"),
        CheckConstraint("starts_on <= ends_on AND ends_on < expires_on", name="period"),
        Index("ix_deal_licence_patent", "patent_id"),
    )

    deal_id: Mapped[UUID] = mapped_column(ForeignKey("deal.id"), primary_key=True)
    patent_id: Mapped[UUID] = mapped_column(ForeignKey("patent.id"))
    kind: Mapped[str]
    territory: Mapped[str]
    field: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    expires_on: Mapped[date]
    sublicence: Mapped[bool]
    accepts_earlier: Mapped[bool]
