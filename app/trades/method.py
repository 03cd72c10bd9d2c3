"""How a listing is sold (竞价方式): its format with the format's own parameters, and who may step in at the price; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, NamedTuple

from app.auction.rules.engine import publish
from app.auction.rules.terms import AuctionTerms
from app.money import MAX_FEN
from app.trades.errors import ReserveBelowStart
from app.trades.errors_method import (
    HolderUnnamed,
    PriorityNeedsHolders,
    PriorityNotAnswered,
    ReserveAboveCeiling,
)
from app.trades.errors_ways import (
    BiddingTermsMissing,
    BiddingTermsNotWanted,
    DemandNeedsBidding,
    MethodUnknown,
    NoticeAfterOpening,
    OrdinaryLicenceNotBidFor,
)

if TYPE_CHECKING:
    from datetime import datetime

    from app.auction.rules.engine import Published
    from app.trades.rules import Offer

MOST_HOLDERS = 20
LONGEST_HOLDER = 100


class FormatWords(NamedTuple):
    """What trading knows of a format: its name in words, and which of the general times it has.

    ``is_free``: bids may come at any moment between opening and end, so that the board's shortest time holds.
    ``extends``: a late bid moves the end (延时), so that the board's least extension holds. ``example`` are parameters
    that show it well, with ``reverse_example`` turned round where they differ; ``example_seconds`` is how long such a
    sale takes where that follows from them.
    """

    zh: str
    en: str
    is_free: bool = False
    extends: bool = False
    min_bidders: int = 1
    example: Mapping[str, Any] = {}
    reverse_example: Mapping[str, Any] | None = None
    example_seconds: int | None = None


_CLOCK, _CLOCK_SECONDS = {"tick_seconds": 60, "floor_price_fen": 60_000_00}, 41 * 60
_RISING_CLOCK = {"tick_seconds": 60, "ceiling_price_fen": 140_000_00}
_HYBRID = {"sealed_seconds": 600, "best_seconds": 300}

_TENDER = {
    "price_weight": 40,
    "criteria": [
        {"code": "technical", "zh": "技术方案", "en": "technical solution", "weight": 40},
        {"code": "team", "zh": "团队与业绩", "en": "team and record", "weight": 20},
    ],
    "experts": 5,
}

FORMAT_WORDS: dict[str, FormatWords] = {
    "english": FormatWords(
        "增价，延时结束",
        "rising prices with soft close",
        is_free=True,
        extends=True,
        example={"automatic": True},
    ),
    "free_limited": FormatWords(
        "自由报价，再限时报价",
        "free period, then limited cycles",
        is_free=True,
        example={"cycle_seconds": 180, "entry": "free_bidders", "entry_seconds": 300},
    ),
    "sealed_first_price": FormatWords(
        "密封报价，最高价", "sealed amounts, own price", is_free=True, min_bidders=2
    ),
    "vickrey": FormatWords("密封报价，第二价", "sealed amounts, second price", is_free=True, min_bidders=2),
    "dutch": FormatWords(
        "减价，先应先得",
        "price clock, the first to take it",
        example=_CLOCK,
        reverse_example=_RISING_CLOCK,
        example_seconds=_CLOCK_SECONDS,
    ),
    "dutch_sealed_best": FormatWords(
        "减价、密封、最优报价",
        "price clock, sealed amounts, best bid",
        example={**_CLOCK, **_HYBRID},
        reverse_example={**_RISING_CLOCK, **_HYBRID},
        example_seconds=_CLOCK_SECONDS,
    ),
    "prozorro_rounds": FormatWords("三轮轮流报价", "three rounds of turns", is_free=True, min_bidders=2),
    "raise_or_accept": FormatWords(
        "加价或接受",
        "rounds of raise or accept",
        example={"round_seconds": 180, "pause_seconds": 15},
        example_seconds=180,
    ),
    "scored_tender": FormatWords(
        "综合评议，先评分后开价",
        "scored tender, points before prices",
        is_free=True,
        min_bidders=3,
        example={
            "price_weight": 40,
            "criteria": [
                {"code": "solution", "zh": "技术方案", "en": "technical solution", "weight": 45},
                {"code": "team", "zh": "实施团队", "en": "team", "weight": 15},
            ],
            "experts": 5,
        },
    ),
}
FORWARD, REVERSE = "forward", "reverse"
AUCTION, LISTED, NEGOTIATED = "auction", "listed", "negotiated"  # 网络竞价, 挂牌价, 协议定价
METHOD_WORDS = {
    AUCTION: ("网络竞价", "network bidding"),
    LISTED: ("挂牌价", "listed price"),
    NEGOTIATED: ("协议定价", "negotiated price"),
}
ORDINARY = "ordinary"  # 普通许可


@dataclass(frozen=True)
class Bidding:
    """What bidding needs beyond price and end: there for a sale by bidding and for an announced competition."""

    step_fen: int
    deposit_fen: int
    opens_at: datetime
    trigger_seconds: int
    extension_seconds: int


BIDDING_FIELDS = tuple(item.name for item in fields(Bidding))


def has_bidding(offer: Offer) -> bool:
    """Whether it can come to bidding: an ordinary licence is sold to many at its price, and negotiation knows none."""
    return offer.method == AUCTION or (offer.method == LISTED and offer.rights != ORDINARY)


def bidding_of(offer: Offer) -> Bidding:
    """The terms of bidding of an offer; raises BiddingTermsMissing, which names what is left out."""
    found = {name: getattr(offer, name) for name in BIDDING_FIELDS}
    missing = [name for name, value in found.items() if value is None]
    if missing:
        raise BiddingTermsMissing(*METHOD_WORDS[offer.method], missing, "、".join(missing))
    return Bidding(**found)


def check_shape(offer: Offer) -> None:
    """Raises what is wrong with the method chosen, or with which terms there are for it.

    MethodUnknown, DemandNeedsBidding, OrdinaryLicenceNotBidFor, BiddingTermsMissing, BiddingTermsNotWanted,
    NoticeAfterOpening.
    """
    if offer.method not in METHOD_WORDS:
        raise MethodUnknown(offer.method, "、".join(METHOD_WORDS))
    if offer.direction == REVERSE and offer.method != AUCTION:
        raise DemandNeedsBidding
    if offer.method == AUCTION and offer.rights == ORDINARY:
        raise OrdinaryLicenceNotBidFor
    words = METHOD_WORDS[offer.method]
    wanted: set[str] = set(BIDDING_FIELDS) if has_bidding(offer) else set()
    wanted |= {"notice_ends_at"} if offer.method == LISTED and wanted else set()
    there = {name for name in (*BIDDING_FIELDS, "notice_ends_at") if getattr(offer, name) is not None}
    if not has_bidding(offer):
        there |= {name for name in ("reserve_price_fen", "hard_end_at") if getattr(offer, name) is not None}
        there |= {"priority"} if offer.priority != "none" else set()
    if missing := sorted(wanted - there):
        raise BiddingTermsMissing(*words, missing, "、".join(missing))
    if extra := sorted(there - wanted):
        raise BiddingTermsNotWanted(*words, extra, "、".join(extra))
    if offer.notice_ends_at is not None and offer.notice_ends_at >= bidding_of(offer).opens_at:
        raise NoticeAfterOpening(offer.notice_ends_at, bidding_of(offer).opens_at)


def method_words(format_name: str, direction: str) -> tuple[str, str]:
    """The way of a sale in words, as confirmations and lists name it (成交方式)."""
    words = FORMAT_WORDS[format_name]
    if direction == "reverse":
        return f"网络反向竞价（{words.zh}）", f"reverse network bidding ({words.en})"
    return f"网络竞价（{words.zh}）", f"network bidding ({words.en})"


def terms_of(offer: Offer) -> AuctionTerms:
    """The terms of the sale that an offer announces; the reserve is told only as being there or not."""
    bidding = bidding_of(offer)
    return AuctionTerms(
        start_price_fen=offer.start_price_fen,
        step_fen=bidding.step_fen,
        deposit_fen=bidding.deposit_fen,
        opens_at=bidding.opens_at,
        closes_at=offer.closes_at,
        hard_end_at=offer.hard_end_at,
        trigger_seconds=bidding.trigger_seconds,
        extension_seconds=bidding.extension_seconds,
        has_reserve=offer.reserve_price_fen is not None,
        format=offer.format,
        direction="reverse" if offer.direction == "reverse" else "forward",
        min_bidders=offer.min_bidders,
        priority="in_field"
        if offer.priority == "in_field"
        else "post"
        if offer.priority == "post"
        else "none",
        priority_seconds=offer.priority_seconds,
        options=offer.options,
    )


def check_method(offer: Offer) -> Published:
    """Finds an offer's format and checks its terms by the rules that will play them.

    Raises TermsInvalid, and the refusals of the reserve and of the right of first refusal.
    """
    check_reserve(offer)
    check_priority(offer)
    return publish(terms_of(offer))


def check_reserve(offer: Offer) -> None:
    """Raises ReserveBelowStart, or for a reverse sale ReserveAboveCeiling; neither repeats the reserve itself."""
    reserve_fen, start_fen = offer.reserve_price_fen, offer.start_price_fen
    if reserve_fen is None:
        return
    if offer.direction == "reverse":
        if not 0 < reserve_fen <= start_fen:
            raise ReserveAboveCeiling(start_fen)
    elif not start_fen <= reserve_fen <= MAX_FEN:
        raise ReserveBelowStart(start_fen, MAX_FEN)


def check_priority(offer: Offer) -> None:
    """Raises PriorityNeedsHolders or HolderUnnamed unless holders are named exactly where a right is offered."""
    if (offer.priority == "none") != (not offer.priority_holders):
        raise PriorityNeedsHolders(offer.priority)
    names = [name.strip() for name in offer.priority_holders]
    if len(names) > MOST_HOLDERS or any(not 0 < len(name) <= LONGEST_HOLDER for name in names):
        raise HolderUnnamed(MOST_HOLDERS, LONGEST_HOLDER)
    if len(set(names)) < len(names):
        raise HolderUnnamed(MOST_HOLDERS, LONGEST_HOLDER)


def require_priority_answer(offer: Offer) -> None:
    """Raises PriorityNotAnswered until the seller of an assignment says who holds the statutory priority, or nobody.

    Source: 民法典 article 847: when a service invention is assigned, its completers have priority at equal terms.
    """
    if offer.direction == "forward" and offer.rights == "assignment" and not offer.priority_declared:
        raise PriorityNotAnswered
