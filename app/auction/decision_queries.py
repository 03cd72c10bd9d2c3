"""Reading what two posts decided about sales, and which sales wait for a decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import orjson
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from app.accounts.models import Person
from app.accounts.permissions import Permission
from app.auction.decisions import DecisionMissing
from app.auction.models import Auction
from app.auction.trouble_models import AuctionDecision, DecidedAuction
from app.events import EventRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.accounts.caller import Caller
    from app.db import AnySession

RESUME_WITHIN = timedelta(days=5)
"""How long a suspension should last at most. Source: 法释〔2016〕18号 article 28, taken over by the exchange."""


@dataclass(frozen=True)
class DecidedSale:
    """One sale of a decision: how it stands now, and whether the decision was carried out on it."""

    auction_id: UUID
    listing_no: str
    title: str
    status: str
    settled_at: datetime | None
    failure: str | None
    failure_zh: str | None
    failure_en: str | None


@dataclass(frozen=True)
class DecisionView:
    """A decision with who proposed and approved it, and its sales."""

    id: UUID
    act: str
    reason_zh: str
    reason_en: str
    hard_end_at: datetime | None
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None
    approved_at: datetime | None
    auctions: list[DecidedSale]


@dataclass(frozen=True)
class SuspendedSale:
    """A sale whose clock stands still, why, and by when it should be decided about."""

    auction_id: UUID
    listing_no: str
    title: str
    cause: str
    reason_zh: str
    reason_en: str
    suspended_at: datetime
    decide_by: datetime
    ends_at: datetime
    hard_end_at: datetime | None


def _require_reader(caller: Caller) -> None:
    if not (caller.may(Permission.AUCTION_DECIDE) or caller.may(Permission.AUDIT_READ)):
        caller.require(Permission.AUCTION_HOST)


async def list_decisions(
    session: AnySession, caller: Caller, *, before_id: UUID | None = None, limit: int = 50
) -> list[DecisionView]:
    """Reads decisions, the newest first; for the host's, the reviewer's and the supervisor's desk."""
    _require_reader(caller)
    query = select(AuctionDecision.id).order_by(AuctionDecision.id.desc()).limit(limit)
    if before_id is not None:
        query = query.where(AuctionDecision.id < before_id)
    return await _read(session, list((await session.execute(query)).scalars()))


async def get_decision(session: AnySession, caller: Caller, decision_id: UUID) -> DecisionView:
    """Reads one decision, for the same desks. Raises DecisionMissing."""
    _require_reader(caller)
    found = await _read(session, [decision_id])
    if not found:
        raise DecisionMissing(decision_id)
    return found[0]


async def _read(session: AnySession, ids: Sequence[UUID]) -> list[DecisionView]:
    proposer, approver = aliased(Person), aliased(Person)
    query = (
        select(AuctionDecision, proposer.name.label("proposed"), approver.name.label("approved"))
        .join(proposer, proposer.id == AuctionDecision.proposed_by)
        .outerjoin(approver, approver.id == AuctionDecision.approved_by)
        .where(AuctionDecision.id.in_(ids))
        .order_by(AuctionDecision.id.desc())
    )
    rows = (await session.execute(query)).all()
    sales = await _read_sales(session, ids)
    return [
        DecisionView(
            id=found.id,
            act=found.act,
            reason_zh=found.reason_zh,
            reason_en=found.reason_en,
            hard_end_at=found.hard_end_at,
            proposed_by=proposed,
            proposed_at=found.proposed_at,
            approved_by=approved,
            approved_at=found.approved_at,
            auctions=sales.get(found.id, []),
        )
        for found, proposed, approved in rows
    ]


async def _read_sales(session: AnySession, ids: Sequence[UUID]) -> dict[UUID, list[DecidedSale]]:
    query = (
        select(DecidedAuction, Auction.listing_no, Auction.title, Auction.phase)
        .join(Auction, Auction.id == DecidedAuction.auction_id)
        .where(DecidedAuction.decision_id.in_(ids))
        .order_by(Auction.listing_no)
    )
    sales: dict[UUID, list[DecidedSale]] = {}
    for item, listing_no, title, phase in (await session.execute(query)).all():
        sale = DecidedSale(
            item.auction_id,
            listing_no,
            title,
            phase,
            item.settled_at,
            item.failure,
            item.failure_zh,
            item.failure_en,
        )
        sales.setdefault(item.decision_id, []).append(sale)
    return sales


async def list_suspended(
    session: AnySession, caller: Caller, *, after_id: UUID | None = None, limit: int = 50
) -> list[SuspendedSale]:
    """Reads the sales that wait for a decision, in the order of their ids; for the same desks."""
    _require_reader(caller)
    last = (
        select(func.max(EventRow.number))
        .where(EventRow.stream_id == Auction.id, EventRow.kind == "auction_suspended")
        .correlate(Auction)
        .scalar_subquery()
    )
    query = (
        select(Auction, EventRow.body, EventRow.at)
        .join(EventRow, (EventRow.stream_id == Auction.id) & (EventRow.number == last))
        .where(Auction.phase == "suspended")
        .order_by(Auction.id)
        .limit(limit)
    )
    if after_id is not None:
        query = query.where(Auction.id > after_id)
    found: list[SuspendedSale] = []
    for sale, body, at in (await session.execute(query)).all():
        told = orjson.loads(body)
        found.append(
            SuspendedSale(
                auction_id=sale.id,
                listing_no=sale.listing_no,
                title=sale.title,
                cause=told["cause"],
                reason_zh=told["reason_zh"],
                reason_en=told["reason_en"],
                suspended_at=at,
                decide_by=at + RESUME_WITHIN,
                ends_at=sale.ends_at,
                hard_end_at=sale.hard_end_at,
            )
        )
    return found
