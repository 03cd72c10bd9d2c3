"""Gathering what waits: for one party, for the exchange's desks, or for everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.desks import after_deals, before_deals, reports
from app.desks.stages import Side, Waiting, in_order
from app.desks.words import WORDS

if TYPE_CHECKING:
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import AnySession

_SOURCES = (
    before_deals.waiting_listings,
    before_deals.waiting_notices,
    before_deals.waiting_offers,
    before_deals.waiting_agreements,
    before_deals.waiting_intents,
    before_deals.waiting_deposits,
    after_deals.waiting_contracts,
    after_deals.waiting_settlements,
    after_deals.waiting_registrations,
    after_deals.waiting_payments,
    reports.waiting_reports,
    reports.waiting_answers,
)


async def list_waiting(session: AnySession, party_id: UUID | None = None) -> list[Waiting]:
    """All that waits for a party, or for everybody and the desks; what is due first comes first."""
    found = [each for source in _SOURCES for each in await source(session, party_id)]
    if party_id is None:
        found += await after_deals.waiting_releases(session)
        found += await after_deals.waiting_refunds(session)
    else:
        found = [each for each in found if each.party_id == party_id]
    return in_order(found)


async def list_waiting_for(session: AnySession, caller: Caller, side: Side) -> list[Waiting]:
    """What waits on one side of the trades of the caller's organisation, as far as he himself may do it."""
    return select_for(caller, await list_waiting(session, caller.organisation_id), side)


def select_for(caller: Caller, found: list[Waiting], side: Side) -> list[Waiting]:
    """Of what waits what lies on one side and what the caller may do."""
    return [each for each in found if each.side is side and caller.may(WORDS[each.kind].permission)]
