"""Reading contributors and distributions, and the floors in force."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, select, true

from app.accounts.permissions import Permission
from app.dated_rules import list_in_force
from app.settlement.distribution_models import Contributor, DistributionShare, IncomeDistribution
from app.settlement.distribution_rules import NO_FLOOR, Floor, Floors, Mode, Part, Person
from app.settlement.errors_distribution import DistributionMissing
from app.trades.errors import DealMissing
from app.trades.models import Deal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import AnySession, Session


@dataclass(frozen=True)
class ShareView:
    """A share with the person who gets it."""

    contributor: Contributor
    share_bp: int
    amount_fen: int


@dataclass(frozen=True)
class DistributionView:
    """A distribution with its shares in their order, and the deal's number."""

    distribution: IncomeDistribution
    deal_no: str
    price_fen: int
    shares: list[ShareView]


async def get_floors(session: AnySession, mode: Mode, jurisdiction: str, *, on: date) -> Floors:
    """Reads the floors in force: of the nation's and the province's the greater one, because both must be met.

    北京市技术市场条例 27 still says a fifth; the later national half prevails over it in just this way.
    """

    async def greatest(key: str) -> Floor:
        rows = await list_in_force(session, key, {"CN", jurisdiction}, on=on)
        return max((Floor(int(row.value), row.source) for row in rows), key=lambda f: f.bp, default=NO_FLOOR)

    return Floors(
        pool=await greatest(f"distribution.pool_bp.{mode}"),
        main=await greatest("distribution.main_bp"),
        office_of_pool=await greatest("distribution.office_bp_of_pool"),
        office_of_net=await greatest("distribution.office_bp_of_net"),
    )


async def get_own_deal(session: AnySession, caller: Caller, deal_id: UUID) -> Deal:
    """Reads a deal for its seller, or for the supervisor; raises NotPermitted, DealMissing."""
    caller.require(Permission.DISTRIBUTION_READ)
    query = select(Deal).where(Deal.id == deal_id)
    if not caller.is_exchange:
        query = query.where(Deal.seller_id == caller.organisation_id)
    deal = (await session.execute(query)).scalar_one_or_none()
    if deal is None:
        raise DealMissing
    return deal


async def lock_own_deal(session: Session, caller: Caller, deal_id: UUID) -> Deal:
    """Takes the deal's row lock for its seller, who distributes; raises DealMissing."""
    query = (
        select(Deal)
        .where(Deal.id == deal_id, Deal.seller_id == caller.organisation_id)
        .with_for_update(key_share=True)
    )
    deal = (await session.execute(query, execution_options={"populate_existing": True})).scalar_one_or_none()
    if deal is None:
        raise DealMissing
    return deal


async def list_contributors(session: AnySession, deal_id: UUID) -> Sequence[Contributor]:
    """Lists who is on a deal's list, in the order of recording."""
    query = select(Contributor).where(Contributor.deal_id == deal_id).order_by(Contributor.id)
    return (await session.execute(query)).scalars().all()


async def read_contributors(session: AnySession, caller: Caller, deal_id: UUID) -> Sequence[Contributor]:
    """Lists who is on a deal's list, for its seller and the supervisor. Raises NotPermitted, DealMissing."""
    deal = await get_own_deal(session, caller, deal_id)
    return await list_contributors(session, deal.id)


def as_people(contributors: Sequence[Contributor]) -> list[Person]:
    """The list as the rules read it."""
    return [Person(each.id, each.name, Part(each.part), each.is_main) for each in contributors]


async def list_of_deal(session: AnySession, deal_id: UUID) -> Sequence[IncomeDistribution]:
    """Lists a deal's distributions afresh, by receipt."""
    query = (
        select(IncomeDistribution)
        .where(IncomeDistribution.deal_id == deal_id)
        .order_by(IncomeDistribution.receipt_no)
    )
    return (await session.execute(query, execution_options={"populate_existing": True})).scalars().all()


async def lock_distribution(session: Session, caller: Caller, distribution_id: UUID) -> IncomeDistribution:
    """Takes the row lock for the unit whose distribution it is; raises DistributionMissing."""
    query = (
        select(IncomeDistribution)
        .where(
            IncomeDistribution.id == distribution_id, IncomeDistribution.seller_id == caller.organisation_id
        )
        .with_for_update()
    )
    found = (await session.execute(query, execution_options={"populate_existing": True})).scalar_one_or_none()
    if found is None:
        raise DistributionMissing
    return found


def _visible(caller: Caller) -> ColumnElement[bool]:
    caller.require(Permission.DISTRIBUTION_READ)
    if caller.is_exchange:
        return true()
    return IncomeDistribution.seller_id == caller.organisation_id


async def list_distributions(
    session: AnySession,
    caller: Caller,
    *,
    deal_id: UUID | None = None,
    before_id: UUID | None = None,
    limit: int = 50,
) -> list[DistributionView]:
    """Lists one's own distributions, or all for the supervisor, the newest first. Raises NotPermitted."""
    wanted = _visible(caller)
    if deal_id is not None:
        wanted = wanted & (IncomeDistribution.deal_id == deal_id)
    if before_id is not None:
        wanted = wanted & (IncomeDistribution.id < before_id)
    return await _views(session, wanted, limit)


async def get_distribution(session: AnySession, caller: Caller, distribution_id: UUID) -> DistributionView:
    """Reads a distribution with its shares. Raises NotPermitted, DistributionMissing."""
    views = await _views(session, _visible(caller) & (IncomeDistribution.id == distribution_id), 1)
    if not views:
        raise DistributionMissing
    return views[0]


async def get_written_distribution(session: AnySession, distribution_id: UUID) -> DistributionView:
    """Reads the distribution that the caller has just acted on: his token need not be one for reading too."""
    return (await _views(session, IncomeDistribution.id == distribution_id, 1))[0]


async def _views(session: AnySession, wanted: ColumnElement[bool], limit: int) -> list[DistributionView]:
    query = (
        select(IncomeDistribution, Deal)
        .join(Deal, Deal.id == IncomeDistribution.deal_id)
        .where(wanted)
        .order_by(IncomeDistribution.id.desc())
        .limit(limit)
    )
    rows = (await session.execute(query)).all()
    shares: dict[UUID, list[ShareView]] = {row.id: [] for row, _ in rows}
    parts = (
        select(DistributionShare, Contributor)
        .join(Contributor, Contributor.id == DistributionShare.contributor_id)
        .where(DistributionShare.distribution_id.in_(shares))
        .order_by(DistributionShare.place)
    )
    for share, contributor in await session.execute(parts):
        shares[share.distribution_id].append(ShareView(contributor, share.share_bp, share.amount_fen))
    return [DistributionView(row, deal.deal_no, deal.price_fen, shares[row.id]) for row, deal in rows]
