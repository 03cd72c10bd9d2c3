"""The audit record (审计记录): who did what to which thing, append-only by a trigger."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from sqlalchemy import Index, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import market_now
from app.db import Base
from app.ids import uuid7
from app.tasks import promise

if TYPE_CHECKING:
    from app.db import Session


TELL = "tell"
TOLD = frozenset(
    {
        "card.dispute-lost",
        "card.dispute-won",
        "card.disputed",
        "card.hold-ends",
        "consent.refused",
        "contract.drafted",
        "default.confirmed",
        "default.declared",
        "default.shortfall",
        "deposit.received",
        "forfeiture.answered",
        "forfeiture.confirmed",
        "forfeiture.declared",
        "forfeiture.refused",
        "intent.declared",
        "intent.qualified",
        "intent.rejected",
        "licence.taken",
        "intent.unconfirmed",
        "listing.announced-anew",
        "listing.prolonged",
        "listing.published",
        "listing.resumed",
        "listing.returned",
        "listing.sold",
        "listing.submitted",
        "listing.suspended",
        "listing.suspension-over",
        "listing.terminated",
        "listing.unsold",
        "order.transfer-refused",
        "order.transfer-reversed",
        "payout-account.ready",
        "payout-account.refused",
        "payout-account.restricted",
        "petition.approved",
        "petition.asked",
        "petition.refused",
        "milestone.confirmed",
        "milestone.refused",
        "milestone.stated",
        "registration.applied",
        "registration.approved",
        "registration.refused",
        "royalty.accepted",
        "royalty.correction-proposed",
        "royalty.late",
        "royalty.objected",
        "royalty.reported",
        "settlement.opened",
        "successor.accepted",
        "successor.asked",
        "successor.declined",
        "successor.lapsed",
    }
)
"""The acts that concern others than their doer: a promise to tell them is written with the record."""
_WANTED = frozenset(
    {
        "contract.drafted",
        "default.declared",
        "intent.declared",
        "intent.qualified",
        "listing.submitted",
        "petition.asked",
        "registration.applied",
        "successor.asked",
    }
)
# What somebody does within this time anyway need not be asked for.
_PATIENCE = timedelta(seconds=30)


_RECORD = """
INSERT INTO audit_record (id, person_id, organisation_id, action, subject_kind, subject_id, detail)
VALUES ($1, $2, $3, $4, $5, $6, $7::jsonb)
"""


class Actor(Protocol):
    """Who acts: accounts' caller fits it."""

    @property
    def person_id(self) -> UUID:
        """The person."""

    @property
    def organisation_id(self) -> UUID:
        """The organisation acted for."""


class AuditRecord(Base):
    """One act (审计记录); UPDATE and DELETE are refused by the database."""

    __tablename__ = "audit_record"
    __table_args__ = (Index("ix_audit_record_subject", "subject_kind", "subject_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    at: Mapped[datetime] = mapped_column(server_default=func.market_now())
    person_id: Mapped[UUID | None]
    organisation_id: Mapped[UUID | None]
    action: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[str]
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB)


async def audit(
    session: Session,
    actor: Actor | None,
    action: str,
    *,
    subject_kind: str,
    subject_id: UUID | str,
    detail: dict[str, Any] | None = None,
) -> None:
    """Records an act in the transaction of the act itself; ``actor`` is None for what the market does by itself.

    ``detail`` must hold no secret: no reserve, no password, no token.
    """
    act_id = uuid7()
    # What the act itself wrote is written before its record.
    await session.settle_changes()
    who = (actor.person_id, actor.organisation_id) if actor else (None, None)
    await session.swiftly(
        _RECORD, act_id, *who, action, subject_kind, str(subject_id), json.dumps(detail or {})
    )
    if action in TOLD:
        run_at = await market_now(session) + (_PATIENCE if action in _WANTED else timedelta())
        await promise(session, TELL, {"act_id": str(act_id)}, run_at=run_at)
