"""The reviewer's part of a listing: accepting or returning it, with the facts kept that were before him."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from app.accounts.permissions import Permission
from app.audit import audit
from app.ids import uuid7
from app.trades import rules
from app.trades.checks import compute_checks
from app.trades.errors import ChecksFailed, ListingChanged, OwnListing
from app.trades.models import ListingReview
from app.trades.queries import lock_listing
from app.trades.rights_gate import lock_patents_of
from app.trades.states import ListingAct, next_listing_status

if TYPE_CHECKING:
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import Session
    from app.trades.checks import Check

Decision = Literal["accept", "return"]


async def review_listing(
    session: Session,
    caller: Caller,
    listing_id: UUID,
    decision: Decision,
    reason: str = "",
    *,
    seen_version: int | None = None,
) -> UUID:
    """Accepts a listing, or returns it with a reason of some words; returns the review's id.

    Locks the listing, then its patents. Raises NotPermitted, OwnListing, ListingMissing, ListingStateForbids, ListingChanged, ChecksFailed,
    TextOutOfRange.
    """
    caller.require(Permission.LISTING_REVIEW)
    listing = await lock_listing(session, listing_id)
    if caller.organisation_id == listing.seller_id:
        raise OwnListing
    is_accepted = decision == "accept"
    status = next_listing_status(listing.status, ListingAct.ACCEPT if is_accepted else ListingAct.RETURN)
    if seen_version is not None and seen_version != listing.version:
        raise ListingChanged(listing.version, seen_version)
    words = rules.check_reason(reason, is_needed=not is_accepted)
    # No right is declared in the patents between what is judged here and the acceptance.
    await lock_patents_of(session, listing)
    checks = await compute_checks(session, listing)
    if is_accepted:
        _require_passed(checks)
    review = ListingReview(
        id=uuid7(),
        listing_id=listing.id,
        seller_id=listing.seller_id,
        listing_version=listing.version,
        reviewer_id=caller.person_id,
        reviewer_organisation_id=caller.organisation_id,
        decision=decision,
        reason=words,
        checks=[check.as_json() for check in checks],
    )
    session.add(review)
    listing.status = status
    await audit(
        session,
        caller,
        "listing.accepted" if is_accepted else "listing.returned",
        subject_kind="listing",
        subject_id=listing.id,
        detail={"listing_no": listing.listing_no, "version": listing.version, "reason": words},
    )
    return review.id


def _require_passed(checks: list[Check]) -> None:
    failed = [check for check in checks if check.outcome == "fail"]
    if failed:
        raise ChecksFailed(
            failed=[check.key for check in failed],
            facts_zh="；".join(check.fact_zh for check in failed),
            facts_en="; ".join(check.fact_en for check in failed),
        )
