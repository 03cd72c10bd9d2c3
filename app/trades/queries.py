"""Reading and locking listings, intents and deals; who may see which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Select, func, or_, select, true

from app.accounts.models import Organisation
from app.accounts.permissions import Permission
from app.accounts.queries import list_organisations
from app.auction.models import Auction
from app.calendar_days import Period
from app.catalog.demands import map_demands
from app.catalog.models import Patent
from app.catalog.packages import map_packages
from app.catalog.queries import PatentView, list_patents_by_id
from app.dated_rules import get_rule
from app.lists import NEWEST, Asked
from app.payments.models import Deposit
from app.trades.errors import DealMissing, IntentMissing, ListingMissing
from app.trades.errors_ways import NothingAnnounced
from app.trades.intent_models import IntentMember
from app.trades.list_shapes import DEALS, INTENTS, LISTINGS
from app.trades.models import Deal, Intent, Listing, ListingReview
from app.trades.rules import BoardRules
from app.trades.states import PUBLIC_STATUSES, IntentStatus, ListingStatus

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.catalog.lot_models import Demand
    from app.catalog.packages import PackageView
    from app.db import AnySession, Session

_FRESH = {"populate_existing": True}
_CLOSED = {ListingStatus.SOLD, ListingStatus.UNSOLD, ListingStatus.TERMINATED}


async def get_board_rules(session: AnySession, board: str, *, on: date) -> BoardRules:
    """Reads a board's rules in force on a day."""
    return BoardRules(
        deposit_max_bp=int(await get_rule(session, "listing.deposit_max_bp", board=board, on=on)),
        minimum_seconds=int(await get_rule(session, "auction.minimum_seconds", board=board, on=on)),
        trigger_seconds=int(await get_rule(session, "auction.trigger_seconds", board=board, on=on)),
        extension_seconds=int(await get_rule(session, "auction.extension_seconds", board=board, on=on)),
        prolongation=Period.from_json(await get_rule(session, "listing.prolongation", board=board, on=on)),
    )


async def lock_listing(session: Session, listing_id: UUID) -> Listing:
    """Takes the listing's row lock and returns fresh values; raises ListingMissing."""
    query = select(Listing).where(Listing.id == listing_id).with_for_update()
    found = (await session.execute(query, execution_options=_FRESH)).scalar_one_or_none()
    if found is None:
        raise ListingMissing
    return found


async def get_intent(session: AnySession, intent_id: UUID) -> Intent:
    """Reads an intent afresh; raises IntentMissing. Whoever changes an intent holds its listing's lock."""
    query = select(Intent).where(Intent.id == intent_id)
    found = (await session.execute(query, execution_options=_FRESH)).scalar_one_or_none()
    if found is None:
        raise IntentMissing
    return found


async def list_intents_of(session: AnySession, listing_id: UUID) -> Sequence[Intent]:
    """Reads all intents of a listing afresh; under the listing's lock nobody adds or changes one."""
    query = select(Intent).where(Intent.listing_id == listing_id).order_by(Intent.id)
    return (await session.execute(query, execution_options=_FRESH)).scalars().all()


async def find_intent(session: AnySession, listing_id: UUID, buyer_id: UUID) -> Intent | None:
    """Finds a buyer's intent for a listing; one that was withdrawn before its admission counts no more."""
    counts = or_(Intent.status != IntentStatus.WITHDRAWN, Intent.bidder_code.is_not(None))
    query = select(Intent).where(Intent.listing_id == listing_id, Intent.buyer_id == buyer_id, counts)
    return (await session.execute(query)).scalar_one_or_none()


async def find_intent_by_deposit(session: AnySession, deposit_id: UUID) -> Intent | None:
    """Finds the intent that a deposit is for."""
    return (await session.execute(select(Intent).where(Intent.deposit_id == deposit_id))).scalar_one_or_none()


@dataclass(frozen=True)
class ListingView:
    """A listing with what its page shows; ``reserve_price_fen`` only for those who may know it.

    ``patent`` is None for a demand, ``package`` and ``demand`` for everything else.
    """

    listing: Listing
    seller: Organisation
    patent: PatentView | None
    package: PackageView | None
    demand: Demand | None
    auction: Auction | None
    review_reason: str | None
    reserve_price_fen: int | None
    secrecy_reviewer: str | None


def _last_reason() -> ColumnElement[str]:
    last = select(ListingReview.reason).where(ListingReview.listing_id == Listing.id)
    return last.order_by(ListingReview.id.desc()).limit(1).scalar_subquery()


def _sees_all_listings(caller: Caller | None) -> bool:
    return caller is not None and (caller.may(Permission.LISTING_REVIEW) or caller.may(Permission.AUDIT_READ))


def shown_reserve(caller: Caller | None, listing: Listing) -> int | None:
    """The reserve (保留价) for the seller's own people, and for a reviewer after the close; None for all others."""
    if caller is None:
        return None
    is_own = caller.organisation_id == listing.seller_id and caller.may(Permission.LISTING_READ_OWN)
    is_told = caller.may(Permission.LISTING_REVIEW) and listing.status in _CLOSED
    return listing.reserve_price_fen if is_own or is_told else None


Row = tuple[Listing, Organisation, Auction | None, str | None]


async def _views(session: AnySession, caller: Caller | None, rows: Sequence[Row]) -> list[ListingView]:
    patents = await list_patents_by_id(session, [row[0].patent_id for row in rows if row[0].patent_id])
    packages = await map_packages(session, [row[0].package_id for row in rows if row[0].package_id])
    demands = await map_demands(session, [row[0].demand_id for row in rows if row[0].demand_id])
    views: list[ListingView] = []
    for listing, seller, auction, reason in rows:
        # A reason is for the seller and the desk; buyers see what was accepted, not what was wrong before.
        is_own = caller is not None and caller.organisation_id == listing.seller_id
        is_told = is_own or _sees_all_listings(caller)
        view = ListingView(
            listing,
            seller,
            patents[listing.patent_id] if listing.patent_id else None,
            packages[listing.package_id] if listing.package_id else None,
            demands[listing.demand_id] if listing.demand_id else None,
            auction,
            (reason or None) if is_told else None,
            shown_reserve(caller, listing),
            listing.secrecy_reviewer if is_told else None,
        )
        views.append(view)
    return views


def _listings() -> Select[Listing, Organisation, Auction, str]:
    return (
        select(Listing, Organisation, Auction, _last_reason())
        .join(Organisation, Organisation.id == Listing.seller_id)
        .outerjoin(Patent, Patent.id == Listing.patent_id)
        .outerjoin(Auction, Auction.id == Listing.auction_id)
    )


async def get_listing_view(session: AnySession, caller: Caller | None, listing_id: UUID) -> ListingView:
    """Reads a listing for its page. Raises ListingMissing, or NotPermitted for the seller's people without a role."""
    row = (await session.execute(_listings().where(Listing.id == listing_id))).one_or_none()
    if row is None:
        raise ListingMissing
    listing = row[0]
    if listing.status not in PUBLIC_STATUSES and not _sees_all_listings(caller):
        if caller is None or caller.organisation_id != listing.seller_id:
            raise ListingMissing
        caller.require(Permission.LISTING_READ_OWN)
    return (await _views(session, caller, [row]))[0]


async def get_announced_rules(session: AnySession, caller: Caller | None, listing_id: UUID) -> dict[str, Any]:
    """Reads the rules of the competition that a listing at a listed price announces, for whoever may see the listing.

    Raises ListingMissing, NotPermitted, and NothingAnnounced where there is no such competition or not yet.
    """
    listing = (await get_listing_view(session, caller, listing_id)).listing
    if listing.announced_rules is None:
        raise NothingAnnounced(listing.listing_no)
    return listing.announced_rules


async def get_written_listing(session: AnySession, caller: Caller, listing_id: UUID) -> ListingView:
    """Reads what the caller has just written: a token for selling alone need not be one for reading too."""
    row = (await session.execute(_listings().where(Listing.id == listing_id))).one()
    return (await _views(session, caller, [row]))[0]


@dataclass(frozen=True)
class ListingFilter:
    """Which listings are wanted; of several values of one kind any will do."""

    statuses: tuple[str, ...] = ()
    ipc: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    seller_kinds: tuple[str, ...] = ()
    is_mine: bool = False


def _visible(caller: Caller | None) -> ColumnElement[bool]:
    if _sees_all_listings(caller):
        return true()
    public = Listing.status.in_(PUBLIC_STATUSES)
    if caller is not None and caller.may(Permission.LISTING_READ_OWN):
        return or_(public, Listing.seller_id == caller.organisation_id)
    return public


async def list_listings(
    session: AnySession,
    caller: Caller | None,
    wanted: ListingFilter,
    asked: Asked = NEWEST,
) -> list[ListingView]:
    """Lists the listings that the caller may see, the newest first or as asked. Raises SortCursorWrong."""
    query = LISTINGS.ask(_listings(), asked).where(_visible(caller))
    if wanted.is_mine and caller is not None:
        caller.require(Permission.LISTING_READ_OWN)
        query = query.where(Listing.seller_id == caller.organisation_id)
    for column, values in (
        (Listing.status, wanted.statuses),
        (Listing.method, wanted.methods),
        (Organisation.kind, wanted.seller_kinds),
    ):
        if values:
            query = query.where(column.in_(values))
    if wanted.ipc:
        plain = func.replace(Patent.ipc_main, " ", "")
        begins = ["".join(one.split()) for one in wanted.ipc]
        query = query.where(or_(*(plain.istartswith(one, autoescape=True) for one in begins)))
    return await _views(session, caller, (await session.execute(query)).all())


@dataclass(frozen=True)
class IntentView:
    """An intent with its listing, buyer, deposit and auction."""

    intent: Intent
    listing: Listing
    buyer: Organisation
    deposit: Deposit | None
    auction: Auction | None


def _sees_all_intents(caller: Caller) -> bool:
    return caller.may(Permission.INTENT_QUALIFY) or caller.may(Permission.AUDIT_READ)


async def get_intent_view(session: AnySession, caller: Caller, intent_id: UUID) -> IntentView:
    """Reads an intent for its buyer or the desk. Raises IntentMissing, or NotPermitted within the buyer's own house."""
    views = await _read_intents(session, Intent.id == intent_id)
    if not views:
        raise IntentMissing
    if not _sees_all_intents(caller):
        if await session.get(IntentMember, (intent_id, caller.organisation_id)) is None:
            raise IntentMissing
        caller.require(Permission.DEPOSIT_READ_OWN)
    return views[0]


async def get_written_intent(session: AnySession, intent_id: UUID) -> IntentView:
    """Reads the intent that the caller has just declared, whatever else his token may read."""
    return (await _read_intents(session, Intent.id == intent_id))[0]


async def list_intents(
    session: AnySession,
    caller: Caller,
    *,
    status: str | None = None,
    listing_id: UUID | None = None,
    is_mine: bool = False,
    asked: Asked = NEWEST,
) -> list[IntentView]:
    """Lists the intents of the caller's organisation, or all for the desk. Raises SortCursorWrong."""
    wanted: ColumnElement[bool] = true()
    if is_mine or not _sees_all_intents(caller):
        caller.require(Permission.DEPOSIT_READ_OWN)
        own = select(IntentMember.intent_id).where(IntentMember.organisation_id == caller.organisation_id)
        wanted = Intent.id.in_(own)
    if status is not None:
        wanted = wanted & (Intent.status == status)
    if listing_id is not None:
        wanted = wanted & (Intent.listing_id == listing_id)
    return await _read_intents(session, wanted, asked)


async def _read_intents(
    session: AnySession, wanted: ColumnElement[bool], asked: Asked = NEWEST
) -> list[IntentView]:
    query = (
        select(Intent, Listing, Organisation, Deposit, Auction)
        .join(Listing, Listing.id == Intent.listing_id)
        .join(Organisation, Organisation.id == Intent.buyer_id)
        .outerjoin(Deposit, Deposit.id == Intent.deposit_id)
        .outerjoin(Auction, Auction.id == Listing.auction_id)
        .where(wanted)
    )
    return [IntentView(*row) for row in (await session.execute(INTENTS.ask(query, asked)))]


async def map_intents_by_deposit(session: AnySession, deposit_ids: Sequence[UUID]) -> dict[UUID, IntentView]:
    """Reads the intents of deposits, by deposit."""
    if not deposit_ids:
        return {}
    views = await _read_intents(session, Intent.deposit_id.in_(deposit_ids), Asked(limit=len(deposit_ids)))
    return {view.deposit.id: view for view in views if view.deposit is not None}


@dataclass(frozen=True)
class DealView:
    """A deal with its listing, patent (of a package the first), parties, and the deposit if one was paid."""

    deal: Deal
    listing: Listing
    patent: PatentView
    package: PackageView | None
    seller: Organisation
    buyer: Organisation
    deposit: Deposit | None


async def get_deal(session: AnySession, deal_id: UUID) -> Deal:
    """Reads a deal; raises DealMissing."""
    found = (await session.execute(select(Deal).where(Deal.id == deal_id))).scalar_one_or_none()
    if found is None:
        raise DealMissing
    return found


def _deals_of(caller: Caller, *, is_mine: bool) -> ColumnElement[bool]:
    if caller.is_exchange and not is_mine:
        return true()
    return or_(Deal.seller_id == caller.organisation_id, Deal.buyer_id == caller.organisation_id)


async def get_deal_view(session: AnySession, caller: Caller, deal_id: UUID) -> DealView:
    """Reads a deal for its two sides and the desks. Raises DealMissing, NotPermitted."""
    caller.require(Permission.DEAL_READ)
    views = await _read_deals(session, (Deal.id == deal_id) & _deals_of(caller, is_mine=False))
    if not views:
        raise DealMissing
    return views[0]


async def get_written_deal(session: AnySession, deal_id: UUID) -> DealView:
    """Reads the deal that the caller has just made: a token for buying alone need not be one for reading too."""
    return (await _read_deals(session, Deal.id == deal_id))[0]


async def list_deals(
    session: AnySession,
    caller: Caller,
    *,
    is_mine: bool = False,
    method: str | None = None,
    asked: Asked = NEWEST,
) -> list[DealView]:
    """Lists the caller's deals, or all for a desk, the newest first or as asked. Raises SortCursorWrong."""
    caller.require(Permission.DEAL_READ)
    wanted = _deals_of(caller, is_mine=is_mine)
    if method is not None:
        wanted = wanted & (Deal.method == method)
    return await _read_deals(session, wanted, asked)


async def _read_deals(
    session: AnySession, wanted: ColumnElement[bool], asked: Asked = NEWEST
) -> list[DealView]:
    query = select(Deal, Listing, Deposit).join(Listing, Listing.id == Deal.listing_id)
    query = query.outerjoin(Deposit, Deposit.id == Deal.deposit_id).where(wanted)
    rows = (await session.execute(DEALS.ask(query, asked))).all()
    patents = await list_patents_by_id(session, [row.Listing.patent_id for row in rows])
    packages = await map_packages(session, [row.Listing.package_id for row in rows if row.Listing.package_id])
    ids = {party for row in rows for party in (row.Deal.seller_id, row.Deal.buyer_id)}
    parties = await list_organisations(session, ids)
    return [
        DealView(
            row.Deal,
            row.Listing,
            patents[row.Listing.patent_id],
            packages.get(row.Listing.package_id),
            parties[row.Deal.seller_id],
            parties[row.Deal.buyer_id],
            row.Deposit,
        )
        for row in rows
    ]
