"""Which law a party is under: declared when it registers, corrected by the reviewer's desk with a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.accounts.errors import ReasonTooShort, RegimeUnfit
from app.accounts.permissions import Permission
from app.accounts.queries import lock_organisation
from app.audit import audit

if TYPE_CHECKING:
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.accounts.models import Organisation
    from app.db import Session

# What is taken for granted where nothing is declared: the one with more duties, so that none is left out by silence.
USUAL_REGIME = {
    "university": "state_research",
    "institute": "state_research",
    "company": "private_entity",
    "inventor": "natural_person",
}
_SHORTEST_REASON = 5


def province_of(region_code: str | None) -> str:
    """The province of a GB/T 2260 code, whose local rules hold; the nation's alone where no region is known."""
    return f"{region_code[:2]}0000" if region_code else "CN"


def require_regime_fit(kind: str, regime: str) -> None:
    """Raises RegimeUnfit: a natural person is an inventor, and an inventor nothing else."""
    if (kind == "inventor") != (regime == "natural_person"):
        raise RegimeUnfit(kind, regime)


async def classify_organisation(
    session: Session,
    caller: Caller,
    organisation_id: UUID,
    regime: str,
    jurisdiction: str,
    reason: str,
    *,
    is_foreign: bool | None = None,
) -> None:
    """Changes an organisation's regime and jurisdiction, for sales that are published from now on.

    ``is_foreign`` corrects whether it is foreign or foreign-controlled; left out, that stays as declared.
    Locks the organisation. Raises NotPermitted, OrganisationMissing, RegimeUnfit, ReasonTooShort.
    """
    caller.require(Permission.ORGANISATION_CLASSIFY)
    words = reason.strip()
    if len(words) < _SHORTEST_REASON:
        raise ReasonTooShort(_SHORTEST_REASON)
    organisation = await lock_organisation(session, organisation_id)
    require_regime_fit(organisation.kind, regime)
    before = _facts(organisation)
    organisation.regime, organisation.jurisdiction = regime, jurisdiction
    if is_foreign is not None:
        organisation.is_foreign = is_foreign
    await audit(
        session,
        caller,
        "organisation.classified",
        subject_kind="organisation",
        subject_id=organisation_id,
        detail={"before": before, **_facts(organisation), "reason": words},
    )


def _facts(organisation: Organisation) -> dict[str, str | bool]:
    return {name: getattr(organisation, name) for name in ("regime", "jurisdiction", "is_foreign")}


async def declare_foreign(session: Session, caller: Caller) -> UUID:
    """Declares the caller's organisation foreign or foreign-controlled (境外或者外资控制); returns its id; safe to run twice.

    The way back is the desk's, which sees the papers. Locks the organisation. Raises NotPermitted.
    """
    caller.require(Permission.ORGANISATION_MANAGE)
    organisation = await lock_organisation(session, caller.organisation_id)
    if not organisation.is_foreign:
        organisation.is_foreign = True
        await audit(
            session,
            caller,
            "organisation.foreign",
            subject_kind="organisation",
            subject_id=organisation.id,
        )
    return organisation.id
