"""Reading and locking settlements and releases; both sides and every desk read them, as they read the deal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, func, or_, select, true

from app.accounts.models import Person
from app.accounts.permissions import Permission
from app.accounts.queries import list_organisations
from app.dated_rules import get_rule
from app.payments.queries import get_balance
from app.payments.rules import Account, AccountKind
from app.settlement.errors import ReleaseMissing, SettlementMissing
from app.settlement.fee_rules import FeeTable, Released
from app.settlement.models import EscrowRelease, Settlement, SettlementTerm
from app.settlement.rules import PlanRules
from app.trades.models import Deal, Listing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.accounts.models import Organisation
    from app.db import AnySession, Session

_FRESH = {"populate_existing": True}


@dataclass(frozen=True)
class ReleaseView:
    """A release with the names of its two people."""

    release: EscrowRelease
    requested_by_name: str
    decided_by_name: str | None


@dataclass(frozen=True)
class SettlementView:
    """A settlement with its deal, its sides, its terms and its releases."""

    settlement: Settlement
    deal: Deal
    listing: Listing
    seller: Organisation
    buyer: Organisation
    terms: list[SettlementTerm]
    releases: list[ReleaseView]


async def get_plan_rules(session: AnySession, *, board: str, on: date) -> PlanRules:
    """Reads the rules of a plan of payment in force on a day."""
    periods = await get_rule(session, "contract.periods", board=board, on=on)
    plan = await get_rule(session, "settlement.plan", board=board, on=on)
    return PlanRules(int(periods["payment_days"]), int(plan["first_bp"]), int(plan["longest_days"]))


async def get_fee_table(session: AnySession, side: str, *, board: str, on: date) -> FeeTable:
    """Reads the announced table of fees of a side in force on a day."""
    return FeeTable.from_json(await get_rule(session, f"fee.{side}", board=board, on=on))


async def get_escrow(session: AnySession, deal_id: UUID) -> int:
    """What the escrow of a deal holds now, by the ledger."""
    return -await get_balance(session, Account(AccountKind.PRICE_ESCROW, deal_id=deal_id))


async def find_settlement_of(session: AnySession, deal_id: UUID) -> Settlement | None:
    """Finds the settlement of a deal, read afresh."""
    query = select(Settlement).where(Settlement.deal_id == deal_id)
    return (await session.execute(query, execution_options=_FRESH)).scalar_one_or_none()


async def lock_settlement(session: Session, settlement_id: UUID) -> Settlement:
    """Takes the settlement's row lock and returns fresh values; raises SettlementMissing."""
    found = await session.lock_swiftly(Settlement, settlement_id)
    if found is None:
        raise SettlementMissing
    return found


async def lock_own_settlement(session: Session, caller: Caller, settlement_id: UUID) -> Settlement:
    """Takes the row lock for one of the two sides; raises SettlementMissing for anybody else."""
    found = await lock_settlement(session, settlement_id)
    if caller.organisation_id not in (found.seller_id, found.buyer_id):
        raise SettlementMissing
    return found


async def get_release(session: AnySession, release_id: UUID) -> EscrowRelease:
    """Reads a release afresh; raises ReleaseMissing. Whoever changes one holds its settlement's lock."""
    found = await session.get_swiftly(EscrowRelease, release_id)
    if found is None:
        raise ReleaseMissing
    return found


async def find_waiting_release(session: AnySession, settlement_id: UUID) -> EscrowRelease | None:
    """Finds the release of a settlement that waits for its second person."""
    query = select(EscrowRelease).where(
        EscrowRelease.settlement_id == settlement_id, EscrowRelease.status == "requested"
    )
    return (await session.execute(query)).scalar_one_or_none()


async def sum_released(session: AnySession, settlement_id: UUID) -> Released:
    """Sums what the approved releases of a settlement gave to whom."""
    query = select(
        func.coalesce(func.sum(EscrowRelease.seller_fen), 0),
        func.coalesce(func.sum(EscrowRelease.fee_fen), 0),
        func.coalesce(func.sum(EscrowRelease.commission_fen), 0),
    ).where(EscrowRelease.settlement_id == settlement_id, EscrowRelease.status == "approved")
    seller, fee, commission = (await session.execute(query)).one()
    return Released(int(seller), int(fee), int(commission))


async def list_terms(session: AnySession, settlement_id: UUID) -> Sequence[SettlementTerm]:
    """Lists the terms of a settlement in their order."""
    query = (
        select(SettlementTerm)
        .where(SettlementTerm.settlement_id == settlement_id)
        .order_by(SettlementTerm.place)
    )
    return (await session.execute(query)).scalars().all()


def _visible(caller: Caller) -> ColumnElement[bool]:
    caller.require(Permission.DEAL_READ)
    if caller.is_exchange:
        return true()
    own = caller.organisation_id
    return or_(Settlement.seller_id == own, Settlement.buyer_id == own)


async def list_settlements(
    session: AnySession,
    caller: Caller,
    *,
    status: str | None = None,
    before_id: UUID | None = None,
    limit: int = 50,
) -> list[SettlementView]:
    """Lists the caller's settlements of either side, or all for a desk, the newest first. Raises NotPermitted."""
    wanted = _visible(caller)
    if status is not None:
        wanted = wanted & (Settlement.status == status)
    if before_id is not None:
        wanted = wanted & (Settlement.id < before_id)
    return await _views(session, wanted, limit)


async def get_settlement(session: AnySession, caller: Caller, settlement_id: UUID) -> SettlementView:
    """Reads a settlement for its two sides and the desks. Raises NotPermitted, SettlementMissing."""
    return await _get(session, _visible(caller) & (Settlement.id == settlement_id))


async def get_settlement_of(session: AnySession, caller: Caller, deal_id: UUID) -> SettlementView:
    """Reads the settlement of a deal for its two sides and the desks. Raises NotPermitted, SettlementMissing."""
    return await _get(session, _visible(caller) & (Settlement.deal_id == deal_id))


async def get_written_settlement(session: AnySession, settlement_id: UUID) -> SettlementView:
    """Reads the settlement that the caller has just acted on: his token need not be one for reading too."""
    return await _get(session, Settlement.id == settlement_id)


async def _get(session: AnySession, wanted: ColumnElement[bool]) -> SettlementView:
    views = await _views(session, wanted, 1)
    if not views:
        raise SettlementMissing
    return views[0]


async def _views(session: AnySession, wanted: ColumnElement[bool], limit: int) -> list[SettlementView]:
    query = (
        select(Settlement, Deal, Listing)
        .join(Deal, Deal.id == Settlement.deal_id)
        .join(Listing, Listing.id == Deal.listing_id)
        .where(wanted)
        .order_by(Settlement.id.desc())
        .limit(limit)
    )
    rows = (await session.execute(query)).all()
    ids = [row.id for row, _, _ in rows]
    parties = await list_organisations(
        session, {party for row, _, _ in rows for party in (row.seller_id, row.buyer_id)}
    )
    terms: dict[UUID, list[SettlementTerm]] = {one: [] for one in ids}
    of_terms = (
        select(SettlementTerm).where(SettlementTerm.settlement_id.in_(ids)).order_by(SettlementTerm.place)
    )
    for term in (await session.execute(of_terms)).scalars():
        terms[term.settlement_id].append(term)
    releases = await _map_releases(session, ids)
    return [
        SettlementView(
            row, deal, listing, parties[row.seller_id], parties[row.buyer_id], terms[row.id], releases[row.id]
        )
        for row, deal, listing in rows
    ]


async def _map_releases(session: AnySession, ids: Sequence[UUID]) -> dict[UUID, list[ReleaseView]]:
    query = select(EscrowRelease).where(EscrowRelease.settlement_id.in_(ids)).order_by(EscrowRelease.id)
    rows = (await session.execute(query, execution_options=_FRESH)).scalars().all()
    people = {person for row in rows for person in (row.requested_by, row.decided_by) if person}
    named = await session.execute(select(Person.id, Person.name).where(Person.id.in_(people)))
    names: dict[UUID, str] = {row.id: row.name for row in named}
    found: dict[UUID, list[ReleaseView]] = {one: [] for one in ids}
    for row in rows:
        decided_by = names[row.decided_by] if row.decided_by else None
        found[row.settlement_id].append(ReleaseView(row, names[row.requested_by], decided_by))
    return found
