"""What waits at the desk of finance (资金岗): each a count and a sum; and releases as that desk reads them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, func, select, true
from sqlalchemy.orm import aliased

from app.accounts.models import Organisation, Person
from app.accounts.permissions import Permission
from app.accounts.queries import name_of
from app.clock import market_date, market_now
from app.lists import NEWEST, Asked, Key, Shape
from app.payments.order_models import PaymentOrder
from app.payments.order_queries import is_late
from app.payments.order_rules import REFUNDS
from app.payments.payable_models import Payable
from app.payments.statement_models import BankLine, LineMatch, PaidLine
from app.settlement.models import EscrowRelease, Settlement
from app.settlement.rules import OPEN
from app.trades.models import Deal, Listing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from sqlalchemy.orm import InstrumentedAttribute

    from app.accounts.caller import Caller
    from app.db import AnySession


@dataclass(frozen=True)
class Figure:
    """How many wait, and how much they come to."""

    count: int
    sum_fen: int


@dataclass(frozen=True)
class ReleaseItem:
    """A release with its deal, its sides and its two people."""

    release: EscrowRelease
    settlement: Settlement
    deal_no: str
    listing: Listing
    seller_name: str
    buyer_name: str
    requested_by_name: str
    decided_by_name: str | None


async def read_figures(session: AnySession, caller: Caller) -> dict[str, Figure]:
    """Counts and sums what waits at the desk of finance, by name. Raises NotPermitted."""
    caller.require(Permission.LEDGER_READ)
    now = await market_now(session)
    today = market_date(now)
    figures: dict[str, Figure] = {}
    for amount, wanted in (
        (BankLine.amount_fen, _lines(today)),
        (PaidLine.amount_fen, {"paid_open": PaidLine.order_id.is_(None)}),
        (PaymentOrder.amount_fen, _orders(now, today)),
        (EscrowRelease.amount_fen, {"releases": EscrowRelease.status == "requested"}),
        (Settlement.received_fen - Settlement.released_fen, {"releasable": _releasable()}),
        (Payable.amount_fen, _payables(today)),
    ):
        figures |= await _count(session, amount, wanted)
    return figures


async def _count(
    session: AnySession,
    amount: ColumnElement[int] | InstrumentedAttribute[int],
    wanted: Mapping[str, ColumnElement[bool]],
) -> dict[str, Figure]:
    columns: list[ColumnElement[int]] = []
    for condition in wanted.values():
        columns += [
            func.count().filter(condition),
            func.coalesce(func.sum(amount).filter(condition), 0),
        ]
    row = (await session.execute(select(*columns))).one()
    return {name: Figure(int(row[2 * at]), int(row[2 * at + 1])) for at, name in enumerate(wanted)}


def _lines(today: date) -> dict[str, ColumnElement[bool]]:
    suspected = (
        select(LineMatch.id)
        .where(
            LineMatch.line_id == BankLine.id,
            LineMatch.status == "proposed",
            LineMatch.ground == "same_account",
        )
        .exists()
    )
    return {
        "incoming_today": BankLine.booked_on == today,
        "lines_open": BankLine.status == "open",
        "lines_held": BankLine.status == "held",
        "lines_suspected": and_(BankLine.status == "held", suspected),
    }


def _orders(now: datetime, today: date) -> dict[str, ColumnElement[bool]]:
    status, is_refund = PaymentOrder.status, PaymentOrder.purpose.in_(REFUNDS)
    is_open = status.in_(("pending", "approved", "exported"))
    return {
        "orders_first": and_(status == "pending", PaymentOrder.first_by.is_(None)),
        "orders_second": and_(status == "pending", PaymentOrder.first_by.is_not(None)),
        "orders_approved": status == "approved",
        "orders_exported": status == "exported",
        "refunds_due": and_(is_refund, is_open),
        "refunds_overdue": and_(is_refund, is_open, is_late(now, today)),
    }


def _payables(today: date) -> dict[str, ColumnElement[bool]]:
    is_due = Payable.status == "due"
    return {"payables_due": is_due, "payables_overdue": and_(is_due, Payable.due_on < today)}


def _releasable() -> ColumnElement[bool]:
    """Recorded and with money in escrow, and nobody has asked for a release yet."""
    asked = (
        select(EscrowRelease.id)
        .where(EscrowRelease.settlement_id == Settlement.id, EscrowRelease.status == "requested")
        .exists()
    )
    return and_(
        Settlement.status.in_([status.value for status in OPEN]),
        Settlement.reviewed_at.is_not(None),
        Settlement.received_fen > Settlement.released_fen,
        ~asked,
    )


RELEASES = Shape(
    Key(EscrowRelease.id, "release.id"),
    {
        "requested_at": Key(EscrowRelease.requested_at, "release.requested_at"),
        "decided_at": Key(EscrowRelease.decided_at, "release.decided_at", is_optional=True),
        "amount_fen": Key(EscrowRelease.amount_fen, "release.amount_fen"),
    },
    words=(
        Deal.deal_no,
        Listing.title,
        Listing.listing_no,
        name_of(Settlement.seller_id),
        name_of(Settlement.buyer_id),
    ),
    on=EscrowRelease.requested_at,
    fen=EscrowRelease.amount_fen,
)


async def list_releases(
    session: AnySession,
    caller: Caller,
    *,
    status: str | None = None,
    asked: Asked = NEWEST,
) -> list[ReleaseItem]:
    """Lists releases for whoever may read the ledger. Raises NotPermitted, SortCursorWrong."""
    caller.require(Permission.LEDGER_READ)
    wanted: ColumnElement[bool] = true()
    if status is not None:
        wanted = wanted & (EscrowRelease.status == status)
    seller, buyer = aliased(Organisation), aliased(Organisation)
    asker, decider = aliased(Person), aliased(Person)
    query = (
        select(
            EscrowRelease,
            Settlement,
            Deal.deal_no,
            Listing,
            seller.name,
            buyer.name,
            asker.name,
            decider.name,
        )
        .join(Settlement, Settlement.id == EscrowRelease.settlement_id)
        .join(Deal, Deal.id == Settlement.deal_id)
        .join(Listing, Listing.id == Deal.listing_id)
        .join(seller, seller.id == Settlement.seller_id)
        .join(buyer, buyer.id == Settlement.buyer_id)
        .join(asker, asker.id == EscrowRelease.requested_by)
        .outerjoin(decider, decider.id == EscrowRelease.decided_by)
        .where(wanted)
    )
    return [
        ReleaseItem(release, settlement, deal_no, listing, *names)
        for release, settlement, deal_no, listing, *names in await session.execute(RELEASES.ask(query, asked))
    ]
