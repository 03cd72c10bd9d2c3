"""A seller's part of a listing: drafting it, changing it, submitting it for review."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import IntegrityError

from app.accounts.permissions import Permission
from app.audit import audit
from app.catalog.queries import lock_patents
from app.clock import market_date, market_now
from app.deployment import is_demonstration
from app.trades import rules
from app.trades.boards import list_boards, require_admitted
from app.trades.errors import (
    BoardUnknown,
    ListingChanged,
    ListingMissing,
    NotTheSeller,
    PatentAlreadyListed,
)
from app.trades.errors_method import DemandAlreadyListed
from app.trades.errors_open_licences import OpenLicenceNeedsOrdinary
from app.trades.licence_register import require_room
from app.trades.licence_rules import LICENCES
from app.trades.lower_prices import require_price_approved
from app.trades.method import (
    AUCTION,
    FORWARD,
    LISTED,
    ORDINARY,
    REVERSE,
    has_bidding,
    require_priority_answer,
)
from app.trades.models import Listing
from app.trades.numbers import LISTING_SERIES, take_number
from app.trades.queries import get_board_rules, lock_listing
from app.trades.regimes import require_method_allowed
from app.trades.rights_gate import require_consents
from app.trades.rights_rules import require_rights_answer
from app.trades.rules import DEVELOPMENT, STANDARD, BoardRules, Offer
from app.trades.secrecy_rules import require_secrecy_answer
from app.trades.states import PUBLIC_STATUSES, ListingAct, next_listing_status
from app.trades.subjects import (
    find_subject,
    read_subject,
    require_applicants,
    require_fit,
    require_owner,
    require_unlisted,
)

if TYPE_CHECKING:
    from datetime import date, datetime
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import Session
    from app.trades.subjects import Subject


@dataclass(frozen=True)
class NewListing:
    """What a seller fills in; the extension is the board's own where it is left out, the title the patent's."""

    description: str
    start_price_fen: int
    closes_at: datetime
    step_fen: int | None = None
    deposit_fen: int | None = None
    opens_at: datetime | None = None
    method: str = AUCTION
    notice_ends_at: datetime | None = None
    patent_id: UUID | None = None
    package_id: UUID | None = None
    demand_id: UUID | None = None
    title: str | None = None
    encumbrances: str = ""
    hard_end_at: datetime | None = None
    trigger_seconds: int | None = None
    extension_seconds: int | None = None
    board: str = STANDARD
    rights: str = "assignment"
    reserve_price_fen: int | None = None
    format: str = "english"
    min_bidders: int = 1
    options: dict[str, Any] = field(default_factory=dict)
    priority: str = "none"
    priority_seconds: int = 0
    priority_holders: list[str] = field(default_factory=list)
    priority_declared: bool = False
    territory: str | None = None
    field_of_use: str | None = None
    licence_from: date | None = None
    licence_to: date | None = None
    sublicence: bool | None = None
    accepts_earlier: bool = False
    rights_declared: bool = False
    secrecy_reviewer: str | None = None
    secrecy_on: date | None = None
    secrecy_result: str | None = None
    prolong_count: int | None = None
    prolong_times: int = 0


_METHOD = (
    "method",
    "notice_ends_at",
    "format",
    "min_bidders",
    "options",
    "priority",
    "priority_seconds",
    "priority_holders",
    "priority_declared",
    "territory",
    "field_of_use",
    "licence_from",
    "licence_to",
    "sublicence",
    "accepts_earlier",
    "rights_declared",
    "secrecy_reviewer",
    "secrecy_on",
    "secrecy_result",
    "prolong_count",
    "prolong_times",
)


def offer_of(listing: Listing) -> Offer:
    """The offer as the rules read it from the row."""
    return Offer(**{item.name: getattr(listing, item.name) for item in fields(Offer)})


def _complete(new: NewListing, board: BoardRules, subject: Subject) -> Offer:
    is_asked_for = subject.demand is not None
    offer = Offer(
        title=(new.title or subject.title).strip(),
        description=new.description.strip(),
        encumbrances=new.encumbrances.strip(),
        start_price_fen=new.start_price_fen,
        step_fen=new.step_fen,
        deposit_fen=new.deposit_fen,
        opens_at=new.opens_at,
        closes_at=new.closes_at,
        hard_end_at=new.hard_end_at,
        trigger_seconds=new.trigger_seconds,
        extension_seconds=new.extension_seconds,
        reserve_price_fen=new.reserve_price_fen,
        rights=DEVELOPMENT if is_asked_for else new.rights,
        direction=REVERSE if is_asked_for else FORWARD,
        **{name: getattr(new, name) for name in _METHOD},
    )
    return _with_extension(offer, board)


def _with_extension(offer: Offer, board: BoardRules) -> Offer:
    """The board's own extension where bidding needs one and none was chosen."""
    if not has_bidding(offer):
        return offer
    return replace(
        offer,
        trigger_seconds=board.trigger_seconds if offer.trigger_seconds is None else offer.trigger_seconds,
        extension_seconds=board.extension_seconds
        if offer.extension_seconds is None
        else offer.extension_seconds,
    )


async def create_listing(session: Session, caller: Caller, new: NewListing) -> UUID:
    """Drafts a listing under a number of its own; returns its id.

    A demand is put out by reverse bidding, everything else is sold by forward bidding. Raises SubjectUnclear,
    PatentMissing, PackageMissing, DemandMissing, PatentNotOwned, PatentExpired, CeilingExceeded, PatentAlreadyListed,
    PatentAlreadySold, DemandAlreadyListed, BoardUnknown and the rules' errors.
    """
    caller.require(Permission.LISTING_WRITE)
    now = await market_now(session)
    is_demo = await is_demonstration(session)
    boards = [board.key for board in await list_boards(session)]
    if new.board not in boards:
        raise BoardUnknown(new.board, "、".join(boards))
    subject = await find_subject(session, caller, new.patent_id, new.package_id, new.demand_id)
    board = await get_board_rules(session, new.board, on=market_date(now))
    offer = _complete(new, board, subject)
    rules.check_offer(offer, board, subject.own_words)
    require_fit(subject, offer, market_date(now))
    await require_unlisted(session, subject, caller.organisation_id, is_demo=is_demo, rights=offer.rights)
    listing = Listing(
        listing_no=await take_number(session, LISTING_SERIES),
        board=new.board,
        seller_id=caller.organisation_id,
        is_demonstration=is_demo,
        created_by=caller.person_id,
        **subject.columns(),
        **vars(offer),
    )
    await _insert(session, listing, subject)
    await audit(
        session,
        caller,
        "listing.created",
        subject_kind="listing",
        subject_id=listing.id,
        detail={
            "listing_no": listing.listing_no,
            "subject": subject.name,
            "board": new.board,
        },
    )
    return listing.id


async def _insert(session: Session, listing: Listing, subject: Subject) -> None:
    # Two drafts of one thing at once both find it free: the index decides, and the second is told like a late one.
    try:
        async with session.begin_nested():
            session.add(listing)
            await session.flush()
    except IntegrityError as error:
        if "_patent" in str(error.orig):
            raise PatentAlreadyListed(subject.name) from error
        if "_demand" in str(error.orig):
            raise DemandAlreadyListed from error
        raise


async def _lock_own(session: Session, caller: Caller, listing_id: UUID) -> Listing:
    caller.require(Permission.LISTING_WRITE)
    listing = await lock_listing(session, listing_id)
    if listing.seller_id != caller.organisation_id:
        if listing.status in PUBLIC_STATUSES:
            raise NotTheSeller
        raise ListingMissing
    return listing


async def change_listing(
    session: Session,
    caller: Caller,
    listing_id: UUID,
    changes: dict[str, Any],
    *,
    seen_version: int | None = None,
) -> None:
    """Changes the offer of a draft or returned listing; ``changes`` names fields of Offer. Locks the listing.

    Raises ListingMissing, NotTheSeller, ListingStateForbids, ListingChanged and the rules' errors.
    """
    listing = await _lock_own(session, caller, listing_id)
    next_listing_status(listing.status, ListingAct.CHANGE)
    if seen_version is not None and seen_version != listing.version:
        raise ListingChanged(listing.version, seen_version)
    stripped: dict[str, Any] = {
        name: value.strip() if isinstance(value, str) else value for name, value in changes.items()
    }
    now = await market_now(session)
    subject = await read_subject(session, listing)
    board = await get_board_rules(session, listing.board, on=market_date(now))
    offer = _with_extension(replace(offer_of(listing), **stripped), board)
    rules.check_offer(offer, board, subject.own_words)
    require_fit(subject, offer, market_date(now))
    if listing.is_open_licence and (offer.method, offer.rights) != (LISTED, ORDINARY):
        raise OpenLicenceNeedsOrdinary(listing.listing_no)
    for name, value in vars(offer).items():
        setattr(listing, name, value)
    listing.version += 1
    # Names only: one of the values may be the reserve.
    detail = {"changed": sorted(changes), "version": listing.version}
    await audit(
        session, caller, "listing.changed", subject_kind="listing", subject_id=listing.id, detail=detail
    )


async def submit_listing(session: Session, caller: Caller, listing_id: UUID) -> UUID:
    """Submits a draft or returned listing for review; returns its id. Locks the listing.

    Raises ListingMissing, NotTheSeller, ListingStateForbids, OpeningPassed, PriorityNotAnswered, PatentExpired,
    PatentWithoutApplicant, RightsNotDeclared, SecrecyReviewMissing, NotForPublication, ConsentsMissing and the rules' errors.
    """
    listing = await _lock_own(session, caller, listing_id)
    status = next_listing_status(listing.status, ListingAct.SUBMIT)
    subject = await read_subject(session, listing)
    require_owner(subject, caller.organisation_id)
    listing.submitted_at = await require_sound(session, listing, subject)
    await require_consents(session, listing, verified=False)
    listing.status = status
    await audit(
        session,
        caller,
        "listing.submitted",
        subject_kind="listing",
        subject_id=listing.id,
        detail={"listing_no": listing.listing_no, "version": listing.version},
    )
    return listing.id


async def require_sound(session: Session, listing: Listing, subject: Subject) -> datetime:
    """Returns the market's time now; raises what is wrong with a listing's offer at it.

    Its opening must lie ahead, the statutory priority must have been answered, and a licence must be in nobody's way:
    submission and publication ask. Locks the patent of a licence.
    """
    now = await market_now(session)
    offer = offer_of(listing)
    board = await get_board_rules(session, listing.board, on=market_date(now))
    rules.check_offer(offer, board, subject.own_words)
    rules.check_opening(offer, now)
    require_priority_answer(offer)
    require_rights_answer(offer)
    require_secrecy_answer(offer, market_date(now))
    require_fit(subject, offer, market_date(now))
    require_applicants(subject)
    await require_method_allowed(session, listing, listing.method, on=market_date(now))
    # Of two licences that are submitted or published at once the second finds the first.
    if offer.rights in LICENCES:
        await lock_patents(session, [patent.id for patent in subject.patents])
    await require_room(session, offer, subject, except_listing_id=listing.id)
    await require_admitted(session, listing, now)
    await require_price_approved(session, listing, now)
    return now
