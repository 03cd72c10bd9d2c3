"""The table of open licences (专利开放许可): what the owner declared, its announcement, and its withdrawal."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, func
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class OpenLicence(Base):
    """An owner's declaration to license anybody (开放许可声明), over a listing of an ordinary licence at its price.

    It is open from its listing's publication, which needs the announcement, until its end or its withdrawal; licences
    given stay. What was declared never changes once it was announced, a trigger sees to it.
    """

    __tablename__ = "open_licence"
    __table_args__ = (
        CheckConstraint("fee_method IN ('one_off', 'entry_fee_and_royalty')", name="fee_method"),
        CheckConstraint("(fee_method = 'one_off') = (royalty_bp IS NULL)", name="royalty"),
        CheckConstraint("royalty_bp BETWEEN 1 AND 10000", name="royalty_bp"),
        CheckConstraint("char_length(btrim(fee_standard)) BETWEEN 5 AND 1000", name="fee_standard"),
        CheckConstraint("NOT is_pledged OR char_length(btrim(pledgee_consent)) >= 2", name="pledge"),
        CheckConstraint(
            "num_nonnulls(announcement_no, announced_on, announced_by, announced_at) IN (0, 4)",
            name="announcement",
        ),
        CheckConstraint(
            "(withdrawn_at IS NULL) = (withdrawn_by IS NULL) "
            "AND (withdrawn_at IS NULL OR announced_at IS NOT NULL)",
            name="withdrawal",
        ),
    )

    listing_id: Mapped[UUID] = mapped_column(ForeignKey("listing.id"), primary_key=True)
    fee_method: Mapped[str]
    fee_standard: Mapped[str]
    royalty_bp: Mapped[int | None]
    annuity_paid_until: Mapped[date]
    is_pledged: Mapped[bool]
    pledgee_consent: Mapped[str] = mapped_column(server_default="")
    evaluation_ref: Mapped[str] = mapped_column(server_default="")
    declared_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    declared_at: Mapped[datetime] = mapped_column(server_default=func.market_now())
    announcement_no: Mapped[str | None] = mapped_column(unique=True)
    announced_on: Mapped[date | None]
    announced_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    announced_at: Mapped[datetime | None]
    withdrawn_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    withdrawn_at: Mapped[datetime | None]
