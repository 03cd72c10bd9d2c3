"""Distributing income (收益分配): the list of contributors, a draft for each receipt, and its way to the payment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sqlalchemy import delete

from app.accounts.permissions import Permission
from app.accounts.queries import get_organisation
from app.audit import audit
from app.calendar_days import count_days
from app.clock import market_date, market_now
from app.dated_rules import list_in_force
from app.holidays import read_calendar
from app.settlement.distribution_models import Contributor, DistributionShare, IncomeDistribution
from app.settlement.distribution_queries import (
    as_people,
    get_floors,
    list_contributors,
    list_of_deal,
    lock_distribution,
    lock_own_deal,
)
from app.settlement.distribution_rules import (
    STATE_RESEARCH,
    Basis,
    Distribution,
    DistributionStatus,
    Floors,
    Mode,
    Part,
    Receipt,
    Share,
    Work,
    ceil_bp,
    check_basis,
    check_contributor,
    check_distribution_step,
    check_notice_over,
    distribute,
)
from app.settlement.errors_distribution import (
    ContributorExists,
    ListIsClosed,
    ReceiptsAbovePrice,
    SecondPersonNeeded,
)
from app.settlement.queries import find_settlement_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import Session
    from app.trades.models import Deal

Step = Literal["decide", "notice", "approve", "pay"]


@dataclass(frozen=True)
class NewContributor:
    """Somebody to put on the list."""

    name: str
    part: Part
    work: Work
    is_main: bool


@dataclass(frozen=True)
class Plan:
    """What the unit states about one receipt: its costs, the rate with what it rests on, and the shares."""

    receipt_fen: int
    taxes_fen: int
    maintenance_fen: int
    direct_costs_fen: int
    basis: Basis
    basis_document: str
    rate_bp: int
    shares: tuple[Share, ...]
    leftover_to: UUID | None = None


async def add_contributor(session: Session, caller: Caller, deal_id: UUID, new: NewContributor) -> UUID:
    """Puts somebody on the deal's list while nothing is decided; returns the id, also of one who is on it already.

    Locks the deal. Raises NotPermitted, DealMissing, AuxiliaryIsNoCompleter, OfficeIsNoMain, ListIsClosed,
    ContributorExists.
    """
    caller.require(Permission.DISTRIBUTION_WRITE)
    deal = await lock_own_deal(session, caller, deal_id)
    check_contributor(new.name, new.part, new.work, is_main=new.is_main)
    if any(row.status != DistributionStatus.DRAFT for row in await list_of_deal(session, deal.id)):
        raise ListIsClosed
    for before in await list_contributors(session, deal.id):
        if before.name == new.name:
            if (before.part, before.work, before.is_main) != (new.part, new.work, new.is_main):
                raise ContributorExists(new.name)
            return before.id
    made = Contributor(
        deal_id=deal.id,
        name=new.name,
        part=new.part,
        work=new.work,
        is_main=new.is_main,
        created_by=caller.person_id,
    )
    session.add(made)
    await session.flush()
    detail = {"deal_no": deal.deal_no, "part": new.part, "is_main": new.is_main}
    await audit(
        session, caller, "contributor.added", subject_kind="contributor", subject_id=made.id, detail=detail
    )
    return made.id


async def draft_distribution(session: Session, caller: Caller, deal_id: UUID, plan: Plan) -> UUID:
    """Drafts the distribution of the next receipt, or drafts the open one anew; returns its id.

    The floors are those in force today for the unit's jurisdiction; what an earlier receipt fell short is carried.
    Locks the deal. Raises NotPermitted, DealMissing, ReceiptsAbovePrice and what ``distribute`` refuses.
    """
    caller.require(Permission.DISTRIBUTION_WRITE)
    check_basis(plan.basis, plan.basis_document)
    deal = await lock_own_deal(session, caller, deal_id)
    now = await market_now(session)
    before = list(await list_of_deal(session, deal.id))
    row = before.pop() if before and before[-1].status == DistributionStatus.DRAFT else None
    await _check_receipts(session, deal, sum(each.receipt_fen for each in before), plan.receipt_fen)
    regime, jurisdiction, floors = await _floors(session, deal, market_date(now))
    receipt = Receipt(
        number=len(before) + 1,
        receipt_fen=plan.receipt_fen,
        taxes_fen=plan.taxes_fen,
        maintenance_fen=plan.maintenance_fen,
        direct_costs_fen=plan.direct_costs_fen,
        carried_fen=before[-1].shortfall_fen if before else 0,
    )
    made = distribute(
        receipt,
        rate_bp=plan.rate_bp,
        basis=plan.basis,
        regime=regime,
        floors=floors,
        people=as_people(await list_contributors(session, deal.id)),
        shares=plan.shares,
        leftover_to=plan.leftover_to,
    )
    row = row or IncomeDistribution(
        deal_id=deal.id, seller_id=deal.seller_id, receipt_no=receipt.number, status=DistributionStatus.DRAFT
    )
    row.notice_days = await _notice_days(session, regime, jurisdiction, market_date(now))
    _fill(row, plan, receipt, made, floors, regime=regime, jurisdiction=jurisdiction)
    row.mode = _mode(deal)
    row.drafted_by, row.drafted_at = caller.person_id, now
    session.add(row)
    await session.flush()
    await _write_shares(session, row, deal, plan.shares, made.amounts)
    detail = {"deal_no": deal.deal_no, "receipt_no": receipt.number, "pool_fen": made.pool_fen}
    action = "distribution.drafted"
    await audit(session, caller, action, subject_kind="distribution", subject_id=row.id, detail=detail)
    return row.id


async def _check_receipts(session: Session, deal: Deal, before_fen: int, receipt_fen: int) -> None:
    """Raises ReceiptsAbovePrice where all receipts would pass the price, or what is owed where royalties pass it."""
    settled = await find_settlement_of(session, deal.id)
    most = max(deal.price_fen, settled.due_fen if settled else 0)
    if before_fen + receipt_fen > most:
        raise ReceiptsAbovePrice(most, before_fen, receipt_fen)


def _fill(
    row: IncomeDistribution,
    plan: Plan,
    receipt: Receipt,
    made: Distribution,
    floors: Floors,
    *,
    regime: str | None,
    jurisdiction: str,
) -> None:
    row.basis, row.basis_document, row.rate_bp = plan.basis, plan.basis_document, plan.rate_bp
    row.regime, row.jurisdiction, row.floor_bp = regime, jurisdiction, floors.pool.bp
    row.floors = [
        {"of": of, "bp": floor.bp, "source": floor.source}
        for of, floor in (
            ("pool", floors.pool),
            ("main", floors.main),
            ("office_of_pool", floors.office_of_pool),
            ("office_of_net", floors.office_of_net),
        )
        if floor.bp
    ]
    row.main_floor_fen = ceil_bp(made.pool_fen, floors.main.bp) if regime == STATE_RESEARCH else 0
    row.receipt_fen, row.taxes_fen = receipt.receipt_fen, receipt.taxes_fen
    row.maintenance_fen, row.direct_costs_fen = receipt.maintenance_fen, receipt.direct_costs_fen
    row.carried_fen, row.leftover_to = receipt.carried_fen, plan.leftover_to
    row.net_fen, row.shortfall_fen = made.net_fen, made.shortfall_fen
    row.pool_fen, row.retained_fen = made.pool_fen, made.retained_fen


async def _write_shares(
    session: Session,
    row: IncomeDistribution,
    deal: Deal,
    shares: Sequence[Share],
    amounts: Sequence[int],
) -> None:
    await session.execute(delete(DistributionShare).where(DistributionShare.distribution_id == row.id))
    session.add_all(
        DistributionShare(
            distribution_id=row.id,
            contributor_id=share.contributor_id,
            deal_id=deal.id,
            place=place,
            share_bp=share.share_bp,
            amount_fen=amount,
        )
        for place, (share, amount) in enumerate(zip(shares, amounts, strict=True))
    )
    await session.flush()


def _mode(deal: Deal) -> Mode:
    return Mode.ASSIGN if deal.rights == "assignment" else Mode.LICENSE


async def _floors(session: Session, deal: Deal, today: date) -> tuple[str, str, Floors]:
    unit = await get_organisation(session, deal.seller_id)
    floors = await get_floors(session, _mode(deal), unit.jurisdiction, on=today)
    return unit.regime, unit.jurisdiction, floors


async def _notice_days(session: Session, regime: str, jurisdiction: str, today: date) -> int:
    if regime != STATE_RESEARCH:
        return 0
    rows = await list_in_force(session, "distribution.notice_days", {"CN", jurisdiction}, on=today)
    return max((int(row.value) for row in rows), default=0)


async def take_step(session: Session, caller: Caller, distribution_id: UUID, step: Step) -> UUID:
    """Takes a distribution one step on; returns its id.

    Signatories decide and approve, two different ones; the seller's people put it on notice and record the payment.
    Locks the distribution. Raises NotPermitted, DistributionMissing, DistributionStateForbids, NoticeNotOver,
    SecondPersonNeeded.
    """
    is_decision = step in {"decide", "approve"}
    caller.require(Permission.DISTRIBUTION_DECIDE if is_decision else Permission.DISTRIBUTION_WRITE)
    row = await lock_distribution(session, caller, distribution_id)
    now = await market_now(session)
    wanted = {
        "decide": DistributionStatus.UNIT_DECIDED,
        "notice": DistributionStatus.NOTICED,
        "approve": DistributionStatus.APPROVED,
        "pay": DistributionStatus.PAID,
    }[step]
    check_distribution_step(DistributionStatus(row.status), wanted, needs_notice=row.notice_days > 0)
    if wanted is DistributionStatus.UNIT_DECIDED:
        row.decided_by, row.decided_at = caller.person_id, now
    elif wanted is DistributionStatus.NOTICED:
        calendar, today = await read_calendar(session), market_date(now)
        row.notice_started_on = today
        row.notice_ends_on = count_days(today, row.notice_days, calendar)
    elif wanted is DistributionStatus.APPROVED:
        if row.decided_by == caller.person_id:
            raise SecondPersonNeeded
        if row.notice_started_on is not None and row.notice_ends_on is not None:
            check_notice_over(row.notice_started_on, row.notice_ends_on, market_date(now))
        row.approved_by, row.approved_at = caller.person_id, now
    else:
        row.paid_by, row.paid_at = caller.person_id, now
    row.status = wanted
    await session.flush()
    await audit(
        session, caller, f"distribution.{wanted.value}", subject_kind="distribution", subject_id=row.id
    )
    return row.id
