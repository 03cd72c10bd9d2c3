"""What a seller asks the listing desk for in writing (书面申请), and the desk's decision, which carries it out."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from app.accounts.permissions import Permission
from app.audit import audit
from app.clock import market_now
from app.ids import uuid7
from app.trades.admission import lock_trade
from app.trades.announcing import announce_change, plan_change, shown_value
from app.trades.bulletins import Said
from app.trades.errors import ListingMissing, NotTheSeller
from app.trades.errors_lifecycle import NothingChanged, PetitionDecided, PetitionMissing, PetitionOpen
from app.trades.halting import suspend_listing
from app.trades.lifecycle_models import ListingPetition
from app.trades.lifecycle_rules import TIMES
from app.trades.petition_rows import find_open_petition
from app.trades.rescheduling import lock_for_desk, require_not_decided
from app.trades.rules import check_reason, require_plain_words
from app.trades.states import PUBLIC_STATUSES, ListingAct, ListingStatus, next_listing_status
from app.trades.subjects import read_subject
from app.trades.terminating import terminate_listing

if TYPE_CHECKING:
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.auction.protocol.heads import Signer
    from app.db import Session
    from app.trades.models import Listing

Wish = Literal["suspend", "terminate", "change"]
_ACTS = {
    "suspend": ListingAct.SUSPEND,
    "terminate": ListingAct.TERMINATE,
    "change": ListingAct.ANNOUNCE,
}


async def ask_desk(
    session: Session,
    caller: Caller,
    listing_id: UUID,
    wish: Wish,
    said: Said,
    changes: dict[str, Any] | None = None,
) -> UUID:
    """Asks for the suspension, the termination or a change of the caller's own published listing; returns the petition's id.

    Nothing happens before the desk decides. Locks the auction, then the listing. Raises NotPermitted, ListingMissing,
    NotTheSeller, ListingStateForbids, PetitionOpen, SaleHasOpened, SaleIsOver, DeadlineOver, TextOutOfRange, ReservedWord, and for a
    change what ``plan_change`` raises.
    """
    caller.require(Permission.LISTING_WRITE)
    listing, sale = await lock_trade(session, listing_id)
    if listing.seller_id != caller.organisation_id:
        raise NotTheSeller if listing.status in PUBLIC_STATUSES else ListingMissing
    next_listing_status(listing.status, _ACTS[wish])
    waiting = await find_open_petition(session, listing.id)
    if waiting is not None:
        raise PetitionOpen(waiting.id)
    said, wanted = said.checked(), changes or {}
    if (wish == "change") != bool(wanted):
        raise NothingChanged
    own_words = (await read_subject(session, listing)).own_words
    for name, reason in (("reason_zh", said.reason_zh), ("reason_en", said.reason_en)):
        # It is published as it is written.
        require_plain_words(name, "理由", "reason", reason, own_words)
    now = await market_now(session)
    if listing.status == ListingStatus.LISTED:
        require_not_decided(listing, sale, now)
    if wish == "change":
        await plan_change(session, listing, wanted, now)
    row = ListingPetition(
        id=uuid7(),
        listing_id=listing.id,
        seller_id=listing.seller_id,
        kind=wish,
        reason_zh=said.reason_zh,
        reason_en=said.reason_en,
        changes={name: shown_value(value) for name, value in wanted.items()},
        asked_by=caller.person_id,
    )
    session.add(row)
    await session.flush()
    await _audit(session, caller, listing, row, "asked", said.reason_zh)
    return row.id


async def decide_petition(
    session: Session,
    caller: Caller,
    listing_id: UUID,
    petition_id: UUID,
    *,
    approves: bool,
    reason: str = "",
    signer: Signer | None = None,
) -> UUID:
    """Approves a seller's petition, which carries it out at once, or refuses it with a reason; returns the petition's id.

    Locks and raises as the act itself does, and PetitionMissing, PetitionDecided.
    """
    caller.require(Permission.LISTING_REVIEW)
    listing, sale, now = await lock_for_desk(session, caller, listing_id)
    row = await session.get(ListingPetition, petition_id, populate_existing=True)
    if row is None or row.listing_id != listing.id:
        raise PetitionMissing
    if row.decided_at is not None:
        raise PetitionDecided(row.decided_at)
    row.decision_reason = check_reason(reason, is_needed=not approves)
    row.decision = "approve" if approves else "refuse"
    row.decided_by, row.decided_at = caller.person_id, now
    await session.flush()
    await _audit(session, caller, listing, row, "approved" if approves else "refused", row.decision_reason)
    if not approves:
        return row.id
    said = Said(row.reason_zh, row.reason_en, row.id)
    if row.kind == "suspend":
        await suspend_listing(session, caller, listing.id, said, signer)
    elif row.kind == "terminate":
        await terminate_listing(session, caller, listing.id, said, ground="withdrawal", signer=signer)
    else:
        changes = {name: read_value(name, value) for name, value in row.changes.items()}
        await announce_change(session, caller, listing, sale, now, changes, said, signer)
    return row.id


def read_value(name: str, value: Any) -> Any:  # noqa: ANN401 - JSON
    """Reads back what ``shown_value`` wrote."""
    return datetime.fromisoformat(value) if name in TIMES and isinstance(value, str) else value


async def _audit(
    session: Session, caller: Caller, listing: Listing, row: ListingPetition, verb: str, reason: str
) -> None:
    # Names only of what is to change: the record is read by many.
    detail = {
        "listing_no": listing.listing_no,
        "wish": row.kind,
        "changed": sorted(row.changes),
        "reason": reason,
        "petition_id": str(row.id),
    }
    await audit(
        session, caller, f"petition.{verb}", subject_kind="listing", subject_id=listing.id, detail=detail
    )
