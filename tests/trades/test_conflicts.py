"""Who may not buy is refused at every way to a deal: a licence taken, a room opened, an offer after a default accepted."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from app.accounts.credit_code import CreditCodeWrong
from app.accounts.errors import NotPermitted, OrganisationMissing
from app.accounts.permissions import Role
from app.clock import market_now
from app.ids import uuid7
from app.trades.errors_intents import PartyNotHere, PartyRestricted
from app.trades.licence_sales import take_licence, terms_sha256
from app.trades.restrictions import NewRestriction, decide_restriction, find_party, propose_restriction
from app.trades.rooms import open_room
from app.trades.successors import answer_successor_offer
from tests.make_accounts import make_caller, make_credit_code, make_organisation
from tests.make_licences import make_ordinary
from tests.make_successors import make_ended_sale, make_successor_offer
from tests.make_trades import make_buyer, make_negotiated

if TYPE_CHECKING:
    from app.accounts.caller import Caller
    from app.db import Session
    from tests.conftest import SetNow


async def restrict(session: Session, party: Caller) -> None:
    """A restriction that two people have put into effect."""
    one, other = await make_caller(session, Role.REVIEWER), await make_caller(session, Role.SUPERVISOR)
    begins_on = (await market_now(session)).date() - timedelta(days=2)
    new = NewRestriction(party.organisation_id, "dishonest", "示例法院失信决定书第一号", begins_on, None)
    restriction_id = await propose_restriction(session, one, new)
    await decide_restriction(session, other, restriction_id, confirms=True)


async def test_a_party_is_named_by_its_credit_code_or_its_id(session: Session) -> None:
    one = await make_caller(session, Role.REVIEWER)
    party = await make_organisation(session, uscc=make_credit_code())
    assert party.uscc
    assert (await find_party(session, one, f" {party.uscc.lower()} ")).id == party.id
    assert (await find_party(session, one, str(party.id))).id == party.id
    wrong = make_credit_code()
    for text, error in (
        (wrong, PartyNotHere),
        (f"{wrong[:-1]}{'0' if wrong[-1] != '0' else '1'}", CreditCodeWrong),
        (str(uuid7()), OrganisationMissing),
        ("某某有限公司某某有限公司某某有限公司", CreditCodeWrong),
    ):
        with pytest.raises(error):
            await find_party(session, one, text)
    with pytest.raises(NotPermitted):
        await find_party(session, await make_buyer(session), party.uscc)


async def test_a_restricted_party_takes_no_licence(session: Session) -> None:
    listing, buyer = await make_ordinary(session), await make_buyer(session)
    await restrict(session, buyer)
    with pytest.raises(PartyRestricted):
        await take_licence(session, buyer, listing.id, terms_sha256(listing))
    await take_licence(session, await make_buyer(session), listing.id, terms_sha256(listing))


async def test_a_restricted_party_opens_no_room(session: Session) -> None:
    listing, buyer = await make_negotiated(session), await make_buyer(session)
    await restrict(session, buyer)
    with pytest.raises(PartyRestricted):
        await open_room(session, buyer, listing.id)
    await open_room(session, await make_buyer(session), listing.id)


async def test_a_restricted_party_may_decline_but_not_accept_what_a_defaulter_left(
    session: Session, now_is: SetNow
) -> None:
    ended = await make_ended_sale(session, now_is)
    offer_id = await make_successor_offer(session, ended)
    second = ended.bidders[1]
    await restrict(session, second)
    with pytest.raises(PartyRestricted):
        await answer_successor_offer(session, second, offer_id, accepts=True)
    await answer_successor_offer(session, second, offer_id, accepts=False)
