"""Awards of demands (中选): who reads them, and the security that is given back when the contract is concluded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, or_, select, true

from app.accounts.permissions import Permission
from app.accounts.queries import list_organisations
from app.audit import audit
from app.payments.deposits import release_deposit
from app.payments.models import Deposit
from app.trades import rules
from app.trades.errors import DealMissing
from app.trades.models import DemandAward, Listing

if TYPE_CHECKING:
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.accounts.models import Organisation
    from app.db import AnySession, Session


@dataclass(frozen=True)
class AwardView:
    """An award with its listing, the one who pays, the one who provides, and the security."""

    award: DemandAward
    listing: Listing
    owner: Organisation
    provider: Organisation
    deposit: Deposit


def _visible(caller: Caller) -> ColumnElement[bool]:
    if caller.is_exchange:
        return true()
    own = caller.organisation_id
    return or_(DemandAward.owner_id == own, DemandAward.provider_id == own)


async def list_awards(
    session: AnySession, caller: Caller, *, before_id: UUID | None = None, limit: int = 50
) -> list[AwardView]:
    """Lists the caller's awards of either side, or all for a desk, the newest first. Raises NotPermitted."""
    caller.require(Permission.DEAL_READ)
    wanted = _visible(caller)
    if before_id is not None:
        wanted = wanted & (DemandAward.id < before_id)
    return await _views(session, wanted, limit)


async def get_award(session: AnySession, caller: Caller, award_id: UUID) -> AwardView:
    """Reads an award for its two sides and the desks. Raises NotPermitted, DealMissing."""
    caller.require(Permission.DEAL_READ)
    views = await _views(session, _visible(caller) & (DemandAward.id == award_id), 1)
    if not views:
        raise DealMissing
    return views[0]


async def get_written_award(session: AnySession, award_id: UUID) -> AwardView:
    """Reads the award that the caller has just acted on: a desk's token need not be one for reading too."""
    return (await _views(session, DemandAward.id == award_id, 1))[0]


async def _views(session: AnySession, wanted: ColumnElement[bool], limit: int) -> list[AwardView]:
    query = (
        select(DemandAward, Listing, Deposit)
        .join(Listing, Listing.id == DemandAward.listing_id)
        .join(Deposit, Deposit.id == DemandAward.deposit_id)
        .where(wanted)
        .order_by(DemandAward.id.desc())
        .limit(limit)
    )
    rows = (await session.execute(query)).all()
    ids = {party for award, *_ in rows for party in (award.owner_id, award.provider_id)}
    parties = await list_organisations(session, ids)
    return [
        AwardView(award, listing, parties[award.owner_id], parties[award.provider_id], deposit)
        for award, listing, deposit in rows
    ]


async def release_security(session: Session, caller: Caller, award_id: UUID, reason: str) -> UUID:
    """Gives the provider's deposit back once the contract is concluded, with the reason; returns the award's id.

    Locks the deposit, then ledger accounts. Raises NotPermitted, DealMissing, DepositStateForbids, TextOutOfRange.
    Source: 招标投标法实施条例 article 57 (the deposit is returned after the contract is signed).
    """
    caller.require(Permission.DEPOSIT_CONFIRM)
    words = rules.check_reason(reason)
    query = select(DemandAward).where(DemandAward.id == award_id)
    award = (await session.execute(query)).scalar_one_or_none()
    if award is None:
        raise DealMissing
    await release_deposit(session, award.deposit_id, person_id=caller.person_id)
    detail = {"award_no": award.award_no, "reason": words}
    await audit(
        session, caller, "security.released", subject_kind="award", subject_id=award.id, detail=detail
    )
    return award.id
