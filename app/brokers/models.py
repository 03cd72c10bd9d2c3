"""Table of mandates (经纪委托)."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base
from app.ids import uuid7


class Mandate(Base):
    """A party's mandate to a broker for one listing (经纪委托): in force once both have signed it.

    ``listing_id`` names a row of a higher package. The terms never change; a broker signs once.
    """

    __tablename__ = "mandate"
    __table_args__ = (
        CheckConstraint("broker_id <> party_id", name="broker"),
        CheckConstraint("rate_bp BETWEEN 1 AND 3000", name="rate"),
        CheckConstraint("valid_to > valid_from", name="dates"),
        CheckConstraint(
            "(broker_signed_by IS NOT NULL) = (broker_signed_at IS NOT NULL)", name="broker_signed"
        ),
        # One broker for a party's sale: two would both claim the commission.
        Index(
            "uq_mandate_signed",
            "party_id",
            "listing_id",
            unique=True,
            postgresql_where=text("broker_signed_at IS NOT NULL"),
        ),
        Index("ix_mandate_party", "party_id", "id"),
        Index("ix_mandate_broker", "broker_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    party_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    broker_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    listing_id: Mapped[UUID]
    rate_bp: Mapped[int]
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    party_signed_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    party_signed_at: Mapped[datetime] = mapped_column(server_default=func.market_now())
    broker_signed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    broker_signed_at: Mapped[datetime | None]
