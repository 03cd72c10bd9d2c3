"""The steps of a trade in the demonstration, taken by the trade's own operations one after another."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Literal

from app.accounts.queries import get_organisation
from app.auction.queries import find_auction_of_listing
from app.clock import market_date, market_now
from app.payments.deposits import BankLine
from app.payments.queries import get_deposit
from app.trades.admission import confirm_receipt
from app.trades.intents import declare_intent, qualify_intent
from app.trades.listings import create_listing, submit_listing
from app.trades.publication import publish_listing
from app.trades.queries import find_intent
from app.trades.reviewing import review_listing

if TYPE_CHECKING:
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.auction.models import Auction
    from app.db import Session
    from app.demo.cast import Cast
    from app.trades.listings import NewListing

LIST_PATENTS = "list_demo_patents"
OPEN_SALE = "open_demo_sale"
FINISH_SALE = "finish_demo_sale"
IntentStep = Literal["submitted", "qualified", "admitted"]


async def submit(session: Session, seller: Caller, offer: NewListing) -> UUID:
    """Drafts a listing and submits it for review."""
    listing_id = await create_listing(session, seller, offer)
    await submit_listing(session, seller, listing_id)
    return listing_id


async def put_up(session: Session, cast: Cast, seller: Caller, offer: NewListing) -> Auction:
    """Brings an offer to its publication; gives the scheduled sale."""
    listing_id = await submit(session, seller, offer)
    await review_listing(session, cast.reviewer, listing_id, "accept")
    await publish_listing(session, cast.reviewer, listing_id)
    auction = await find_auction_of_listing(session, listing_id)
    if auction is None:
        raise LookupError(listing_id)
    return auction


async def enter(
    session: Session, cast: Cast, auction: Auction, buyer: Caller, until: IntentStep = "admitted"
) -> None:
    """Brings a buyer into a sale as far as ``until``; an invented line of a bank statement brings the deposit."""
    wanted = auction.rules["sha256"]
    intent_id = await declare_intent(session, buyer, auction.listing_id, wanted)
    if until == "submitted":
        return
    await qualify_intent(session, cast.reviewer, intent_id, "qualify")
    if until == "qualified":
        return
    intent = await find_intent(session, auction.listing_id, buyer.organisation_id)
    if intent is None or intent.deposit_id is None:
        raise LookupError(intent_id)
    deposit = await get_deposit(session, intent.deposit_id)
    line = BankLine(
        amount_fen=deposit.amount_fen,
        payer_name=(await get_organisation(session, buyer.organisation_id)).name,
        bank_reference=bank_reference(),
        received_on=market_date(await market_now(session)),
    )
    await confirm_receipt(session, cast.finance, deposit.id, line)


def bank_reference() -> str:
    """An invented number of a bank statement's line."""
    return f"YS{secrets.randbelow(10**12):012d}"
