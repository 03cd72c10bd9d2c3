"""Table of plans of payment that are announced with a listing (公告的付款方式)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class AnnouncedPlan(Base):
    """How a listing's price will be paid, where not at once: written with the draft, frozen by a trigger once submitted.

    ``plan`` holds the terms, ``words_*`` say them as the listing and the contract do.
    """

    __tablename__ = "announced_plan"
    __table_args__ = (
        CheckConstraint("kind IN ('royalty', 'entry_fee_plus_royalty', 'deferred', 'staged')", name="kind"),
    )

    listing_id: Mapped[UUID] = mapped_column(ForeignKey("listing.id"), primary_key=True)
    kind: Mapped[str]
    plan: Mapped[dict[str, Any]] = mapped_column(JSONB)
    words_zh: Mapped[str]
    words_en: Mapped[str]
    written_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    written_at: Mapped[datetime] = mapped_column(server_default=func.market_now())
