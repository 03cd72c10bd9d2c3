"""Makers for what happens to a listing after its publication: the desk, reasons, suspended listings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.accounts.permissions import Role
from app.trades.bulletins import Said
from app.trades.halting import suspend_listing
from app.trades.models import Listing
from tests.make_accounts import make_caller

if TYPE_CHECKING:
    from app.accounts.caller import Caller
    from app.db import Session

SAID = Said("专利权属出现争议，待核实。", "The title to the patent is disputed and is being looked into.")


async def make_desk(session: Session) -> Caller:
    """Somebody of the listing desk."""
    return await make_caller(session, Role.REVIEWER)


async def fresh(session: Session, listing: Listing) -> Listing:
    """The listing as it is stored."""
    await session.flush()
    return await session.get_one(Listing, listing.id, populate_existing=True)


async def suspend(session: Session, listing: Listing) -> Listing:
    """The listing, suspended by the desk."""
    await suspend_listing(session, await make_desk(session), listing.id, SAID)
    return await fresh(session, listing)
