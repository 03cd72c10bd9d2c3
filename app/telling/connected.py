"""Who is concerned by a seller's account at the card gateway, or by the transfer of a payment order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.money import yuan
from app.telling.sides import Side

if TYPE_CHECKING:
    from uuid import UUID

    from app.audit import AuditRecord


def of_account(act: AuditRecord, organisation_id: UUID) -> tuple[dict[str, Any], dict[Side, set[UUID]]]:
    """The account's own people."""
    members = {"id": act.subject_id, "reason": act.detail.get("reason", "")}
    return members, {Side.SELLER: {organisation_id}}


def of_order(act: AuditRecord) -> tuple[dict[str, Any], dict[Side, set[UUID]]]:
    """The desk alone, which is added for every act."""
    members = {
        "id": act.subject_id,
        "reference": ", ".join(act.detail.get("references", [])),
        "amount": yuan(act.detail.get("amount_fen", 0)),
        "reversed": yuan(act.detail.get("reversed_fen", 0)),
        "reason": act.detail.get("reason", ""),
    }
    return members, {}
