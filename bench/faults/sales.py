"""Sales for the faults: listed, reviewed, published and entered by the trade's own operations, deposits and all."""

from __future__ import annotations

import dataclasses
import itertools
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from app.accounts.permissions import Scope
from app.accounts.tokens import create_token
from app.catalog.models import Patent
from app.clock import market_now
from app.demo.accounts import DESKS, NO_PASSWORD, PARTIES
from app.demo.cast import find_caller, make_cast
from app.demo.fictions import fictional_application_no
from app.demo.shows import SHOWS
from app.demo.steps import enter, put_up
from app.trades.listings import NewListing

if TYPE_CHECKING:
    from uuid import UUID

    from app.db import Session
    from app.demo.cast import Cast

_serials = itertools.count(1)
_OPENS_IN = timedelta(seconds=5)
# What the shows add for their own bidders; here everybody is alike.
_NOT_HERE = frozenset({"priority", "priority_holders"})


@dataclass(frozen=True)
class Crowd:
    """Who acts: the cast, and everybody's token by login."""

    cast: Cast
    tokens: dict[str, str]

    @property
    def bidders(self) -> list[str]:
        """The logins of those who bid."""
        return [party.login for party in PARTIES if party.login.startswith(("demo-buyer", "demo-sim"))]


async def make_crowd(session: Session) -> Crowd:
    """The fictional parties and desks of the demonstration, with tokens."""
    cast = await make_cast(session, NO_PASSWORD, "演示交易所（虚构）")
    tokens: dict[str, str] = {}
    for login in [*(party.login for party in PARTIES), *DESKS]:
        caller = await find_caller(session, login)
        scopes = (Scope.READ, Scope.DESK) if login in DESKS else (Scope.READ, Scope.BUY)
        _, tokens[login] = await create_token(session, caller, name="faults", scopes=scopes)
    return Crowd(cast, tokens)


async def make_sale(session: Session, crowd: Crowd, place: int) -> UUID:
    """A sale that opens in a moment, with everybody admitted; ``place`` chooses its way of bidding. Returns its id."""
    cast, show = crowd.cast, SHOWS[place % len(SHOWS)]
    patent = Patent(
        application_no=fictional_application_no(next(_serials)),
        title="一种虚构的装置",
        patent_type="invention",
        filing_on=date(2021, 3, 2),
        ipc_main="G05D23/19",
        applicant="虚构机构",
        owner_organisation_id=cast.seller.organisation_id,
        marks=["legal_status_unverified"],
        source="faults",
    )
    session.add(patent)
    await session.flush()
    body = show.body(str(patent.id), await market_now(session) + _OPENS_IN, is_first=True)
    auction = await put_up(session, cast, cast.seller, _offer(patent.id, body))
    for bidder in cast.bidders:
        await enter(session, cast, auction, bidder)
    return auction.id


def _offer(patent_id: UUID, body: dict[str, Any]) -> NewListing:
    """A listing as the API would take it, as the operation takes it."""
    names = {item.name for item in dataclasses.fields(NewListing)}
    values = {name: value for name, value in body.items() if name in names - _NOT_HERE}
    for name in ("opens_at", "closes_at", "hard_end_at"):
        if values[name] is not None:
            values[name] = datetime.fromisoformat(values[name])
    values["secrecy_on"] = date.fromisoformat(values["secrecy_on"])
    return NewListing(**{**values, "patent_id": patent_id})
