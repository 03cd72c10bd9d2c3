"""What waits of royalties: reports that the buyer owes, and reports that the seller has to answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from app.calendar_days import end_of_day
from app.clock import market_date, market_now
from app.desks.before_deals import about, of_party
from app.desks.stages import Side, Waiting
from app.holidays import read_calendar
from app.settlement.expecting import report_due_on
from app.settlement.models import Settlement
from app.settlement.plan_models import RoyaltyPlan, RoyaltyReport
from app.settlement.plan_rules import period_of
from app.settlement.rules import OPEN
from app.trades.models import Deal, Listing

if TYPE_CHECKING:
    from uuid import UUID

    from app.db import AnySession


async def waiting_reports(session: AnySession, party_id: UUID | None) -> list[Waiting]:
    """Of each royalty the first period that is over and not reported, until its last day."""
    today = market_date(await market_now(session))
    calendar = await read_calendar(session)
    reported = (
        select(func.array_agg(RoyaltyReport.period))
        .where(RoyaltyReport.settlement_id == Settlement.id, RoyaltyReport.status != "replaced")
        .scalar_subquery()
    )
    query = (
        select(RoyaltyPlan, Settlement, Deal, Listing, reported)
        .join(Settlement, Settlement.id == RoyaltyPlan.settlement_id)
        .join(Deal, Deal.id == Settlement.deal_id)
        .join(Listing, Listing.id == Deal.listing_id)
        .where(Settlement.status.in_(OPEN), of_party(Deal.buyer_id, party_id))
    )
    found: list[Waiting] = []
    for plan, row, deal, listing, numbers in (await session.execute(query)).all():
        missing = [each for each in range(1, plan.periods + 1) if each not in (numbers or [])]
        if not missing:
            continue
        number = missing[0]
        period = period_of(plan.starts_on, plan.period_months, number)
        if today <= period.to_on:
            continue
        due_at = end_of_day(report_due_on(plan, period, calendar))
        members = about(listing, count=number) | {"id": str(deal.id), "deal_id": str(deal.id)}
        since = end_of_day(period.to_on)
        found.append(Waiting("report_due", Side.BUYER, deal.buyer_id, row.id, since, due_at, None, members))
    return found


async def waiting_answers(session: AnySession, party_id: UUID | None) -> list[Waiting]:
    """Reports that the seller has neither accepted nor objected to."""
    query = (
        select(RoyaltyReport, Deal, Listing)
        .join(Settlement, Settlement.id == RoyaltyReport.settlement_id)
        .join(Deal, Deal.id == Settlement.deal_id)
        .join(Listing, Listing.id == Deal.listing_id)
        .where(RoyaltyReport.status == "submitted", of_party(Deal.seller_id, party_id))
    )
    return [
        Waiting(
            "report_to_answer",
            Side.SELLER,
            deal.seller_id,
            report.id,
            report.reported_at,
            members=about(listing, count=report.period) | {"id": str(deal.id)},
        )
        for report, deal, listing in await session.execute(query)
    ]
