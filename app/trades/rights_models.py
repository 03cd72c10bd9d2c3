"""Tables of what stands in a patent's way: co-owners and pledges, the consents given to a listing, the export class."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base
from app.ids import uuid7


class PatentRight(Base):
    """A right of somebody else in a patent as its owner declares it (权利负担): a co-owner 共有人, or a pledge 质押.

    Never changed but ended once, with a reason. A trigger takes the patent's row lock and refuses one that is declared
    while a listing of the patent is out. Earlier licences are in their own register, ``licence``.
    """

    __tablename__ = "patent_right"
    __table_args__ = (
        CheckConstraint("kind IN ('co_owner', 'pledge')", name="kind"),
        CheckConstraint("char_length(btrim(holder_name)) BETWEEN 2 AND 200", name="holder_name"),
        CheckConstraint("holder_uscc ~ '^[0-9A-HJ-NP-RTUWXY]{18}$'", name="holder_uscc"),
        CheckConstraint("kind <> 'pledge' OR since_on IS NOT NULL", name="since"),
        CheckConstraint("char_length(register_no) <= 100", name="register_no"),
        CheckConstraint("num_nonnulls(ended_at, ended_by, end_reason) IN (0, 3)", name="end"),
        CheckConstraint("char_length(btrim(end_reason)) BETWEEN 5 AND 1000", name="end_reason"),
        Index(
            "uq_patent_right_holder",
            "patent_id",
            "kind",
            "holder_name",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    patent_id: Mapped[UUID] = mapped_column(ForeignKey("patent.id"))
    kind: Mapped[str]
    holder_name: Mapped[str]
    holder_uscc: Mapped[str | None]
    since_on: Mapped[date | None]
    register_no: Mapped[str] = mapped_column(server_default="")
    declared_for: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    declared_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    declared_at: Mapped[datetime] = mapped_column(server_default=func.market_now())
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    end_reason: Mapped[str | None]


class RightConsent(Base):
    """The consent of a co-owner or a pledgee to what a listing offers (同意书), with the document that says so.

    It holds for one listing and for what was offered then (``scope``); a reviewer verifies or refuses it once.
    """

    __tablename__ = "right_consent"
    __table_args__ = (
        CheckConstraint("scope IN ('assignment', 'exclusive', 'sole', 'ordinary', 'open')", name="scope"),
        CheckConstraint("char_length(btrim(given_by)) BETWEEN 2 AND 200", name="given_by"),
        CheckConstraint("octet_length(content) BETWEEN 1 AND 5242880", name="content"),
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256"),
        CheckConstraint("status IN ('waiting', 'verified', 'refused')", name="status"),
        CheckConstraint(
            "num_nonnulls(decided_by, decided_at) = CASE WHEN status = 'waiting' THEN 0 ELSE 2 END",
            name="decided",
        ),
        CheckConstraint(
            "status <> 'refused' OR char_length(btrim(reason)) BETWEEN 5 AND 1000", name="reason"
        ),
        # Another one for the same may be laid once the former was refused.
        Index(
            "uq_right_consent_right",
            "right_id",
            "listing_id",
            "scope",
            unique=True,
            postgresql_where=text("status <> 'refused'"),
        ),
        Index("ix_right_consent_listing", "listing_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    right_id: Mapped[UUID] = mapped_column(ForeignKey("patent_right.id"))
    listing_id: Mapped[UUID] = mapped_column(ForeignKey("listing.id"))
    scope: Mapped[str]
    given_by: Mapped[str]
    given_on: Mapped[date]
    name: Mapped[str]
    media_type: Mapped[str]
    sha256: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    laid_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    laid_at: Mapped[datetime] = mapped_column(server_default=func.market_now())
    status: Mapped[str] = mapped_column(server_default="waiting")
    reason: Mapped[str] = mapped_column(server_default="")
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]


class ExportFinding(Base):
    """To which class of the export catalogue a patent's technology belongs (出口管制类别), as the desk found it.

    Never changed; the newest one holds, and a patent without one is of an unknown class.
    """

    __tablename__ = "export_finding"
    __table_args__ = (
        CheckConstraint("export_class IN ('free', 'restricted', 'prohibited')", name="class"),
        CheckConstraint("char_length(catalogue_code) <= 40", name="catalogue_code"),
        CheckConstraint("char_length(btrim(evidence)) BETWEEN 5 AND 1000", name="evidence"),
        CheckConstraint("export_class = 'restricted' OR licence_no = ''", name="licence_no"),
        Index("ix_export_finding_patent", "patent_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    patent_id: Mapped[UUID] = mapped_column(ForeignKey("patent.id"))
    export_class: Mapped[str]
    catalogue_code: Mapped[str] = mapped_column(server_default="")
    evidence: Mapped[str]
    licence_no: Mapped[str] = mapped_column(server_default="")
    found_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    found_at: Mapped[datetime] = mapped_column(server_default=func.market_now())


class Declared:
    """What a seller declares over a listing of his own (声明): that every right in the way is named, and the secrecy review.

    Who reviewed it for secrecy, when, and that it may be ``public``, or only ``internal``: what is classified is never
    kept here. Frozen with the offer.
    """

    rights_declared: Mapped[bool] = mapped_column(server_default="false")
    secrecy_reviewer: Mapped[str | None]
    secrecy_on: Mapped[date | None]
    secrecy_result: Mapped[str | None]


SECRECY = (
    "num_nonnulls(secrecy_reviewer, secrecy_on, secrecy_result) IN (0, 3) "
    "AND secrecy_result IN ('public', 'internal')"
)
