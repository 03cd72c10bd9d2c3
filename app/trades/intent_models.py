"""Tables of what belongs to an intent: consortium members, documents with who saw them, suspicions of collusion."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, func, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base
from app.ids import uuid7


class IntentMember(Base):
    """An organisation behind an intent: whoever declared it, and the partners of a consortium (联合体成员).

    A trigger writes the lead's row with the intent, and ends all rows when the intent is rejected or withdrawn. The
    shares of an intent are the whole; of one listing nobody is a member twice.
    """

    __tablename__ = "intent_member"
    __table_args__ = (
        CheckConstraint("share_bp BETWEEN 1 AND 10000", name="share"),
        CheckConstraint("num_nonnulls(consented_at, declined_at) <= 1", name="answer"),
        CheckConstraint(
            "(answered_by IS NOT NULL) = (num_nonnulls(consented_at, declined_at) = 1)", name="answered_by"
        ),
        CheckConstraint("NOT is_lead OR consented_at IS NOT NULL", name="lead"),
        Index(
            "uq_intent_member_listing",
            "listing_id",
            "organisation_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("uq_intent_member_lead", "intent_id", unique=True, postgresql_where=text("is_lead")),
        Index("ix_intent_member_organisation", "organisation_id", "intent_id"),
    )

    intent_id: Mapped[UUID] = mapped_column(ForeignKey("intent.id"), primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    listing_id: Mapped[UUID] = mapped_column(ForeignKey("listing.id"))
    is_lead: Mapped[bool] = mapped_column(server_default="false")
    share_bp: Mapped[int]
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    consented_at: Mapped[datetime | None]
    declined_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class IntentDocument(Base):
    """A document that a buyer laid with his intent (意向材料), for the desk's eyes alone; never changed."""

    __tablename__ = "intent_document"
    __table_args__ = (
        CheckConstraint("kind IN ('entity', 'funds', 'consortium', 'other')", name="kind"),
        CheckConstraint("octet_length(content) BETWEEN 1 AND 5242880", name="content"),
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256"),
        Index("ix_intent_document_intent", "intent_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    intent_id: Mapped[UUID] = mapped_column(ForeignKey("intent.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str]
    name: Mapped[str]
    media_type: Mapped[str]
    sha256: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    laid_at: Mapped[datetime] = mapped_column(server_default=func.market_now())


class IntentDocumentView(Base):
    """Who opened which document of an intent when (查阅记录); never changed."""

    __tablename__ = "intent_document_view"
    __table_args__ = (Index("ix_intent_document_view_document", "document_id", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("intent_document.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    seen_at: Mapped[datetime] = mapped_column(server_default=func.market_now())


class IntentSuspicion(Base):
    """A suspicion that two intents of one listing are one buyer's (串通嫌疑); both are held until the desk decides.

    Raised by the market itself, once for each pair and ground, and decided once.
    """

    __tablename__ = "intent_suspicion"
    __table_args__ = (
        CheckConstraint("intent_id < other_id", name="pair"),
        CheckConstraint("ground IN ('same_owner', 'same_account')", name="ground"),
        CheckConstraint("status IN ('open', 'cleared', 'upheld')", name="status"),
        CheckConstraint("(decided_by IS NOT NULL) = (status <> 'open')", name="decided_by"),
        CheckConstraint("(decided_at IS NOT NULL) = (decided_by IS NOT NULL)", name="decided_at"),
        CheckConstraint("status = 'open' OR char_length(btrim(reason)) BETWEEN 5 AND 1000", name="reason"),
        Index("uq_intent_suspicion_pair", "intent_id", "other_id", "ground", unique=True),
        Index("ix_intent_suspicion_other", "other_id"),
        Index("ix_intent_suspicion_status", "status", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    listing_id: Mapped[UUID] = mapped_column(ForeignKey("listing.id"))
    intent_id: Mapped[UUID] = mapped_column(ForeignKey("intent.id"))
    other_id: Mapped[UUID] = mapped_column(ForeignKey("intent.id"))
    ground: Mapped[str]
    evidence: Mapped[str]
    status: Mapped[str] = mapped_column(server_default="open")
    raised_at: Mapped[datetime] = mapped_column(server_default=func.market_now())
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    reason: Mapped[str | None]


class PartyRestriction(Base):
    """A dated restriction of a party (受限主体): proposed by one desk person and confirmed by another.

    While it is in effect the party, alone or as a partner, may not declare an intent. Its facts never change; its end
    may be brought forward by two people in the same way.
    """

    __tablename__ = "party_restriction"
    __table_args__ = (
        CheckConstraint("ground IN ('dishonest', 'market_ban', 'court_order', 'other')", name="ground"),
        CheckConstraint("char_length(btrim(source)) BETWEEN 5 AND 1000", name="source"),
        CheckConstraint("ends_on IS NULL OR ends_on >= begins_on", name="dates"),
        CheckConstraint("status IN ('proposed', 'effective', 'refused', 'lifting', 'lifted')", name="status"),
        CheckConstraint(
            "status NOT IN ('effective', 'lifting', 'lifted') "
            "OR (confirmed_by IS NOT NULL AND confirmed_by <> proposed_by)",
            name="two_people",
        ),
        CheckConstraint(
            "status <> 'lifted' OR (lifted_by IS NOT NULL AND lift_proposed_by IS NOT NULL "
            "AND lifted_by <> lift_proposed_by)",
            name="two_lift",
        ),
        Index("ix_party_restriction_organisation", "organisation_id", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    ground: Mapped[str]
    source: Mapped[str]
    begins_on: Mapped[date]
    ends_on: Mapped[date | None]
    status: Mapped[str] = mapped_column(server_default="proposed")
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[datetime] = mapped_column(server_default=func.market_now())
    confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    confirmed_at: Mapped[datetime | None]
    lift_reason: Mapped[str | None]
    lift_proposed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    lifted_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    lifted_at: Mapped[datetime | None]
