"""English auction with soft close (增价竞价, 延时结束): the pure rule of one bid, of the opening and of the close.

Source: 法释〔2016〕18号 (网络司法拍卖规定) article 20: the first bid is at least the start price, each further one adds
at least the step, a bid in the last minutes moves the end to its own time plus the extension, the highest last bid
wins; multiples of the step as exchanges announce them. The official time is the market's clock read under the lock.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal, NamedTuple

from app.auction.errors import (
    AuctionNotOpen,
    AuctionOver,
    BidOffStep,
    BidTooLarge,
    BidTooLow,
    DepositNotHeld,
    ExchangeMayNotBid,
    NotAdmitted,
    SellerMayNotBid,
)
from app.auction.rules.terms import AuctionTerms
from app.events import Event
from app.money import MAX_FEN

Phase = Literal["scheduled", "open", "sold", "unsold"]


class Standing(StrEnum):
    """What a party is to this sale (竞买资格), read from the tables under the lock."""

    ADMITTED = "admitted"
    SELLER = "seller"
    EXCHANGE = "exchange"
    STRANGER = "stranger"
    DEPOSIT_DUE = "deposit_due"


class State(NamedTuple):
    """How the sale stands; amounts in fen. A tuple, because a hot sale makes one for each bid."""

    phase: Phase
    ends_at: datetime
    price_fen: int | None = None
    leader: str | None = None
    sequence: int = 0
    extensions: int = 0
    reserve_met: bool | None = None


class Bid(NamedTuple):
    """One request to bid: who (by code), how much, and in which standing."""

    bidder: str
    amount_fen: int
    standing: Standing
    received_at: datetime


def minimum_fen(terms: AuctionTerms, state: State) -> int:
    """The lowest amount accepted now: the start price, later the current price plus the step."""
    return terms.start_price_fen if state.price_fen is None else state.price_fen + terms.step_fen


def open_if_due(terms: AuctionTerms, state: State, now: datetime) -> tuple[State, list[Event]]:
    """Opens a scheduled sale whose time has come."""
    if state.phase != "scheduled" or now < terms.opens_at:
        return state, []
    opened = State("open", state.ends_at, reserve_met=False if terms.has_reserve else None)
    return opened, [Event("auction_opened", {"ends_at": state.ends_at})]


def check_standing(terms: AuctionTerms, standing: Standing) -> None:
    """Refuses whoever may not bid here; raises the refusal that says why.

    Source: 拍卖法 articles 22 and 30 (exchange staff, seller), 法释〔2016〕18号 article 17 (deposit first).
    """
    if standing is Standing.ADMITTED:
        return
    if standing is Standing.SELLER:
        raise SellerMayNotBid
    if standing is Standing.EXCHANGE:
        raise ExchangeMayNotBid
    if standing is Standing.DEPOSIT_DUE:
        raise DepositNotHeld(terms.deposit_fen)
    raise NotAdmitted


def check_amount(terms: AuctionTerms, state: State, amount_fen: int) -> None:
    """Refuses an amount that is too low, too large or off the step; multiples count from the start or the price."""
    minimum = minimum_fen(terms, state)
    if amount_fen < minimum:
        raise BidTooLow(amount_fen, minimum)
    if amount_fen > MAX_FEN:
        raise BidTooLarge(MAX_FEN)
    over = (amount_fen - minimum) % terms.step_fen
    if over:
        raise BidOffStep(amount_fen, terms.step_fen, amount_fen - over, amount_fen - over + terms.step_fen)


def judge_bid(
    terms: AuctionTerms, state: State, bid: Bid, now: datetime, reserve_fen: int | None
) -> tuple[State, list[Event]]:
    """Accepts a bid and gives the next state with its events, or raises the refusal.

    A bid judged at or after the end is refused even if it was received before it. The end moves only when the bid
    comes inside the trigger window: ends_at = min(hard_end, max(ends_at, now + extension)).
    """
    # What is over is over for everybody: by then a deposit may have been released already.
    if state.phase in ("sold", "unsold") or now >= state.ends_at:
        raise AuctionOver(state.ends_at, now)
    check_standing(terms, bid.standing)
    if state.phase == "scheduled":
        raise AuctionNotOpen(terms.opens_at)
    check_amount(terms, state, bid.amount_fen)
    ends_at, extensions = extended_end(terms, state, now)
    reserve_met = None if reserve_fen is None else bid.amount_fen >= reserve_fen
    after = State("open", ends_at, bid.amount_fen, bid.bidder, state.sequence + 1, extensions, reserve_met)
    accepted = Event(
        "bid_accepted",
        {
            "bidder": bid.bidder,
            "amount_fen": bid.amount_fen,
            "sequence": after.sequence,
            "ends_at": ends_at,
            "extensions": extensions,
            "received_at": bid.received_at,
            "reserve_met": reserve_met,
        },
    )
    return after, [accepted]


def extended_end(terms: AuctionTerms, state: State, now: datetime) -> tuple[datetime, int]:
    """Where the end lies after a bid accepted now, and how often it has moved."""
    ends_at = state.ends_at
    if ends_at - now > timedelta(seconds=terms.trigger_seconds):
        return ends_at, state.extensions
    moved = now + timedelta(seconds=terms.extension_seconds)
    if terms.hard_end_at is not None and moved > terms.hard_end_at:
        moved = terms.hard_end_at
    return (moved, state.extensions + 1) if moved > ends_at else (ends_at, state.extensions)


def close_if_due(
    state: State, now: datetime, reserve_fen: int | None, reserve_key: bytes | None
) -> tuple[State, list[Event]]:
    """Closes a sale whose end has passed: sold to the leader, or unsold without a bid or below the reserve.

    Source: 拍卖法 article 50 (a highest bid below the reserve has no effect); the commitment to the reserve is opened.
    """
    if state.phase in ("sold", "unsold") or now < state.ends_at:
        return state, []
    is_sold = state.price_fen is not None and (reserve_fen is None or state.price_fen >= reserve_fen)
    phase: Phase = "sold" if is_sold else "unsold"
    closed = State(
        phase,
        state.ends_at,
        state.price_fen,
        state.leader,
        state.sequence,
        state.extensions,
        state.reserve_met,
    )
    reason = None if is_sold else ("no_bid" if state.price_fen is None else "reserve_not_met")
    opening = {"reserve_fen": reserve_fen, "key": reserve_key.hex()} if reserve_key is not None else None
    body = {
        "outcome": phase,
        "reason": reason,
        "price_fen": state.price_fen if is_sold else None,
        "winner": state.leader if is_sold else None,
        "ends_at": state.ends_at,
        "reserve_opening": opening,
    }
    return closed, [Event("auction_closed", body)]
