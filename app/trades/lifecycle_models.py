"""Tables of what happens to a listing after its publication: what was announced about it, and what its seller asked for."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base
from app.ids import uuid7


class ListingPetition(Base):
    """What a seller asks the listing desk for in writing (书面申请): to suspend, to terminate, or to change the listing.

    One at a time is open. ``changes`` are fields of the offer with their new values. A petition whose listing ended
    meanwhile lapses.
    """

    __tablename__ = "listing_petition"
    __table_args__ = (
        ForeignKeyConstraint(["listing_id", "seller_id"], ["listing.id", "listing.seller_id"]),
        CheckConstraint("kind IN ('suspend', 'terminate', 'change')", name="kind"),
        CheckConstraint("decision IN ('approve', 'refuse', 'lapse')", name="decision"),
        CheckConstraint("(decision IS NULL) = (decided_at IS NULL)", name="decided_at"),
        CheckConstraint(
            "(decided_by IS NOT NULL) = (decision IN ('approve', 'refuse')) OR decision IS NULL",
            name="decided_by",
        ),
        CheckConstraint("(kind = 'change') = (changes <> '{}'::jsonb)", name="changes"),
        Index(
            "uq_listing_petition_open", "listing_id", unique=True, postgresql_where=text("decision IS NULL")
        ),
        Index("ix_listing_petition_listing", "listing_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    listing_id: Mapped[UUID]
    seller_id: Mapped[UUID]
    kind: Mapped[str]
    reason_zh: Mapped[str]
    reason_en: Mapped[str]
    changes: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    asked_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime] = mapped_column(server_default=func.market_now())
    decision: Mapped[str | None]
    decision_reason: Mapped[str] = mapped_column(server_default="")
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]


class ListingBulletin(Base):
    """What was announced about a listing after its publication (项目动态公告), numbered; never changed.

    ``deadline_before`` is until when buyers could come in by what was announced before, ``deadline_after`` the new one.
    ``until_at`` is how long a suspension lasts at most. ``person_id`` is None for what the market did by itself.
    """

    __tablename__ = "listing_bulletin"
    __table_args__ = (
        UniqueConstraint("listing_id", "number"),
        CheckConstraint(
            "kind IN ('suspended', 'resumed', 'terminated', 'changed', 'prolonged')", name="kind"
        ),
        CheckConstraint(
            "CASE kind WHEN 'terminated' THEN ground IN ('obstacle', 'withdrawal') ELSE ground IS NULL END",
            name="ground",
        ),
        CheckConstraint("(until_at IS NOT NULL) = (kind = 'suspended')", name="until_at"),
        CheckConstraint(
            "(deadline_after IS NOT NULL) = (kind IN ('resumed', 'changed', 'prolonged'))",
            name="deadline_after",
        ),
        CheckConstraint(
            "char_length(btrim(reason_zh)) >= 2 AND char_length(btrim(reason_en)) >= 2", name="reason"
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    listing_id: Mapped[UUID] = mapped_column(ForeignKey("listing.id"))
    number: Mapped[int]
    kind: Mapped[str]
    ground: Mapped[str | None]
    reason_zh: Mapped[str]
    reason_en: Mapped[str]
    petition_id: Mapped[UUID | None] = mapped_column(ForeignKey("listing_petition.id"))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]
    until_at: Mapped[datetime | None]
    deadline_before: Mapped[datetime]
    deadline_after: Mapped[datetime | None]
    announcement: Mapped[int]
    changes: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    voided_auction_id: Mapped[UUID | None] = mapped_column(ForeignKey("auction.id"))
    auction_id: Mapped[UUID | None] = mapped_column(ForeignKey("auction.id"))
