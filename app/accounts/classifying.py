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
    session: Session, caller: Caller, organisation_id: UUID, regime: str, jurisdiction: str, reason: str
) -> None:
    """Changes an organisation's regime and jurisdiction, for sales that are published from now on.

    Locks the organisation. Raises NotPermitted, OrganisationMissing, RegimeUnfit, ReasonTooShort.
    """
    caller.require(Permission.ORGANISATION_CLASSIFY)
    words = reason.strip()
    if len(words) < _SHORTEST_REASON:
        raise ReasonTooShort(_SHORTEST_REASON)
    organisation = await lock_organisation(session, organisation_id)
    require_regime_fit(organisation.kind, regime)
    before = {"regime": organisation.regime, "jurisdiction": organisation.jurisdiction}
    organisation.regime, organisation.jurisdiction = regime, jurisdiction
    await audit(
        session,
        caller,
        "organisation.classified",
        subject_kind="organisation",
        subject_id=organisation_id,
        detail={"before": before, "regime": regime, "jurisdiction": jurisdiction, "reason": words},
    )
