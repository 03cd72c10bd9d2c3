"""Tables of what is asked for and how it is bundled and judged: demands, packages, panels."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base
from app.ids import uuid7


class Demand(Base):
    """A demand for technology (技术需求): who asks, for what, up to which price; it is kept as it was posted."""

    __tablename__ = "demand"
    __table_args__ = (
        CheckConstraint("char_length(title) BETWEEN 1 AND 200", name="title"),
        CheckConstraint("char_length(description) BETWEEN 1 AND 5000", name="description"),
        CheckConstraint("ceiling_fen > 0", name="ceiling"),
        Index("ix_demand_owner", "owner_organisation_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    owner_organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    title: Mapped[str]
    description: Mapped[str]
    ceiling_fen: Mapped[int]  # 最高限价
    created_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.market_now())


class Package(Base):
    """Several results sold as one lot (成果包); its allocation is fixed from the beginning."""

    __tablename__ = "package"
    __table_args__ = (
        CheckConstraint("char_length(title) BETWEEN 1 AND 200", name="title"),
        Index("ix_package_owner", "owner_organisation_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    owner_organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    title: Mapped[str]
    created_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.market_now())


class PackageItem(Base):
    """One patent of a package with its share of the price (分配比例), in hundredths of a percent."""

    __tablename__ = "package_item"
    __table_args__ = (
        CheckConstraint("share_bp BETWEEN 1 AND 9999", name="share"),
        UniqueConstraint("package_id", "patent_id"),
    )

    package_id: Mapped[UUID] = mapped_column(ForeignKey("package.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    patent_id: Mapped[UUID] = mapped_column(ForeignKey("patent.id"))
    share_bp: Mapped[int]


class Panel(Base):
    """The panel that judges the offers for one listing (评审组); once its scores are locked nothing in it changes.

    ``commitment`` is what was published at the locking.
    """

    __tablename__ = "panel"
    __table_args__ = (CheckConstraint("(locked_at IS NULL) = (commitment IS NULL)", name="locked"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    listing_id: Mapped[UUID] = mapped_column(unique=True)
    created_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.market_now())
    locked_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    locked_at: Mapped[datetime | None]
    commitment: Mapped[str | None]


class PanelExpert(Base):
    """One expert of a panel (评审专家), by name; secret until the result (招标投标法 article 37)."""

    __tablename__ = "panel_expert"
    __table_args__ = (
        CheckConstraint("char_length(name) BETWEEN 1 AND 60", name="name"),
        CheckConstraint("char_length(employer) BETWEEN 1 AND 200", name="employer"),
        UniqueConstraint("panel_id", "name"),
    )

    panel_id: Mapped[UUID] = mapped_column(ForeignKey("panel.id"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    employer: Mapped[str | None]


class PanelAssessment(Base):
    """What a panel found about one bidder by code (评审意见): points by criterion in the experts' order, or a rejection.

    Points are exact numbers as text. Secret until prices open.
    """

    __tablename__ = "panel_assessment"
    __table_args__ = (
        CheckConstraint("(points IS NULL) <> (rejection IS NULL)", name="points_or_rejection"),
        CheckConstraint("char_length(rejection) BETWEEN 1 AND 500", name="rejection"),
    )

    panel_id: Mapped[UUID] = mapped_column(ForeignKey("panel.id"), primary_key=True)
    bidder_code: Mapped[str] = mapped_column(primary_key=True)
    points: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    rejection: Mapped[str | None]
    entered_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    entered_at: Mapped[datetime] = mapped_column(server_default=func.market_now())
