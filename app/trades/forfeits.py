"""Reading claims on deposits of who did not win (不予退还保证金), for the desk and for the party."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, select, true

from app.accounts.models import Organisation
from app.accounts.permissions import Permission
from app.trades.errors_forfeit import ForfeitureMissing
from app.trades.forfeit_models import DepositForfeiture
from app.trades.models import Listing

if TYPE_CHECKING:
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import AnySession

_FRESH = {"populate_existing": True}


async def get_forfeiture(session: AnySession, forfeiture_id: UUID) -> DepositForfeiture:
    """Reads a claim afresh; raises ForfeitureMissing. Whoever answers or decides one holds its listing's lock."""
    query = select(DepositForfeiture).where(DepositForfeiture.id == forfeiture_id)
    found = (await session.execute(query, execution_options=_FRESH)).scalar_one_or_none()
    if found is None:
        raise ForfeitureMissing
    return found


@dataclass(frozen=True)
class ForfeitureView:
    """A claim with its listing and its party."""

    forfeiture: DepositForfeiture
    listing: Listing
    party: Organisation


def _visible(caller: Caller) -> ColumnElement[bool]:
    # The desks that know who stands behind a code; the others do not learn it from here.
    if caller.may(Permission.INTENT_QUALIFY) or caller.may(Permission.LEDGER_READ):
        return true()
    caller.require(Permission.DEPOSIT_READ_OWN)
    return DepositForfeiture.party_id == caller.organisation_id


async def list_forfeitures(
    session: AnySession,
    caller: Caller,
    *,
    intent_id: UUID | None = None,
    before_id: UUID | None = None,
    limit: int = 50,
) -> list[ForfeitureView]:
    """Lists the claims on the caller's own deposits, or all for the desks that know who buys, the newest first. Raises NotPermitted."""
    wanted = _visible(caller)
    if intent_id is not None:
        wanted = wanted & (DepositForfeiture.intent_id == intent_id)
    if before_id is not None:
        wanted = wanted & (DepositForfeiture.id < before_id)
    return await _views(session, wanted, limit)


async def get_written_forfeiture(session: AnySession, forfeiture_id: UUID) -> ForfeitureView:
    """Reads the claim that the caller has just acted on."""
    return (await _views(session, DepositForfeiture.id == forfeiture_id, 1))[0]


async def _views(session: AnySession, wanted: ColumnElement[bool], limit: int) -> list[ForfeitureView]:
    query = (
        select(DepositForfeiture, Listing, Organisation)
        .join(Listing, Listing.id == DepositForfeiture.listing_id)
        .join(Organisation, Organisation.id == DepositForfeiture.party_id)
        .where(wanted)
        .order_by(DepositForfeiture.id.desc())
        .limit(limit)
    )
    return [ForfeitureView(*row) for row in (await session.execute(query)).all()]
