"""Makers of what stands in a patent's way: co-owners, pledges, their consents, and foreign buyers."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from app.accounts.permissions import Role
from app.accounts.queries import get_organisation
from app.trades.consents import NewConsent, decide_consent, lay_consent
from app.trades.rights import NewRight, declare_right
from tests.make_accounts import make_caller
from tests.make_trades import make_buyer

if TYPE_CHECKING:
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import Session
    from app.trades.models import Listing

PDF = b"%PDF-1.7 an invented consent"
SIGNED_ON = date(2026, 1, 8)
CO_OWNER = NewRight("co_owner", "虚构合作研究院")
PLEDGE = NewRight("pledge", "虚构银行", since_on=date(2025, 6, 3), register_no="Y2025980000001")


async def make_right(session: Session, /, seller: Caller, listing: Listing, new: NewRight = CO_OWNER) -> UUID:
    """A right that the seller declares in the listing's patent; returns its id."""
    assert listing.patent_id is not None
    return await declare_right(session, seller, listing.patent_id, new)


def consent_to(right_id: UUID, **over: Any) -> NewConsent:
    """The document by which the holder of a right consents."""
    columns: dict[str, Any] = {
        "right_id": right_id,
        "given_by": "虚构合作研究院",
        "given_on": SIGNED_ON,
        "name": "同意书.pdf",
        "content": PDF,
    }
    return NewConsent(**{**columns, **over})


async def make_consent(
    session: Session, /, seller: Caller, listing: Listing, right_id: UUID, *, status: str = "waiting"
) -> UUID:
    """A consent that waits, or that the desk has verified; returns its id."""
    consent_id = await lay_consent(session, seller, listing.id, consent_to(right_id))
    if status == "verified":
        reviewer = await make_caller(session, Role.REVIEWER)
        await decide_consent(session, reviewer, consent_id, "verify")
    return consent_id


async def make_foreign_buyer(session: Session, /) -> Caller:
    """Somebody who bids for an organisation that has declared itself foreign."""
    buyer = await make_buyer(session)
    (await get_organisation(session, buyer.organisation_id)).is_foreign = True
    await session.flush()
    return buyer
