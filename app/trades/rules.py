"""Pure rules of an offer (挂牌条件): its amounts, its times, its words, how it is sold, and the patent's term."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from app.money import MAX_FEN
from app.trades.errors import (
    AmountNotPositive,
    BiddingTooShort,
    DepositTooHigh,
    ExtensionOutOfRange,
    HardEndTooEarly,
    OpeningPassed,
    PatentExpired,
    PatentExpiresBeforeTheClose,
    ReservedWord,
    RightsUnknown,
    TextOutOfRange,
)
from app.trades.errors_ways import EndPassed, NoticeEndPassed
from app.trades.licence_rules import LICENCES, check_licence_terms
from app.trades.lifecycle_rules import check_prolongation
from app.trades.method import (
    AUCTION,
    FORMAT_WORDS,
    bidding_of,
    check_method,
    check_reserve,
    check_shape,
    has_bidding,
)
from app.trades.secrecy_rules import check_secrecy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from app.calendar_days import Period

ASSIGNMENT, DEVELOPMENT = "assignment", "development"  # 专利权转让, 技术开发（应答需求）
_RIGHTS_OF = {"forward": (ASSIGNMENT, *LICENCES), "reverse": (DEVELOPMENT,)}
STANDARD, DEMO = "standard", "demo"
MAXIMUM_EXTENSION_SECONDS = 3600
SHORTEST_REASON, LONGEST_REASON = 5, 1000
LONGEST_TITLE, LONGEST_DESCRIPTION, LONGEST_ENCUMBRANCES = 200, 5000, 2000
# 拍卖 is the business of licensed auction enterprises (拍卖法 11); sales here are 网络竞价 under the exchange's rules.
RESERVED_WORDS = ("拍卖", "拍賣")


@dataclass(frozen=True)
class BoardRules:
    """A board's dated rules as they are in force on a day."""

    deposit_max_bp: int  # of the start price, in hundredths of a per cent
    minimum_seconds: int
    trigger_seconds: int
    extension_seconds: int
    prolongation: Period  # the least each time


@dataclass(frozen=True)
class Offer:
    """What the seller offers and on which terms; amounts in fen. The reserve is not shown by ``repr``.

    ``start_price_fen`` is the listed price (挂牌价) or the asking price of a negotiation as well, and ``closes_at`` the end
    of the negotiation. What only bidding needs is there exactly where it can come to bidding.
    """

    title: str
    description: str
    encumbrances: str
    start_price_fen: int
    step_fen: int | None
    deposit_fen: int | None
    opens_at: datetime | None
    closes_at: datetime
    hard_end_at: datetime | None
    trigger_seconds: int | None
    extension_seconds: int | None
    reserve_price_fen: int | None = field(default=None, repr=False)
    method: str = AUCTION
    notice_ends_at: datetime | None = None
    rights: str = "assignment"
    format: str = "english"
    direction: str = "forward"
    min_bidders: int = 1
    options: Mapping[str, Any] = field(default_factory=dict)
    priority: str = "none"
    priority_seconds: int = 0
    priority_holders: Sequence[str] = ()
    priority_declared: bool = False
    territory: str | None = None
    field_of_use: str | None = None
    licence_from: date | None = None
    licence_to: date | None = None
    sublicence: bool | None = None
    accepts_earlier: bool = False
    rights_declared: bool = False
    secrecy_reviewer: str | None = None
    secrecy_on: date | None = None
    secrecy_result: str | None = None
    prolong_count: int | None = None
    prolong_times: int = 0
    approval_ref: str = ""


def check_offer(offer: Offer, board: BoardRules, patent_title: str) -> None:
    """Raises the first thing that is wrong with an offer, whatever the time is now."""
    check_words(offer, patent_title)
    check_secrecy(offer)
    check_licence_terms(offer)
    check_shape(offer)
    check_prolongation(offer.prolong_count, offer.prolong_times, board.prolongation)
    if not has_bidding(offer):
        check_offer_price(offer)
        return
    check_price_terms(offer, board)
    check_times(offer, board)
    check_method(offer)


def check_words(offer: Offer, patent_title: str) -> None:
    """Raises TextOutOfRange, ReservedWord or RightsUnknown; the patent's own title may hold any word."""
    if offer.rights not in _RIGHTS_OF.get(offer.direction, ()):
        raise RightsUnknown(rights=offer.rights)
    for name, name_zh, name_en, text, minimum, maximum in (
        ("title", "标题", "title", offer.title, 2, LONGEST_TITLE),
        ("description", "项目说明", "description", offer.description, 10, LONGEST_DESCRIPTION),
        (
            "encumbrances",
            "权利负担",
            "statement of encumbrances",
            offer.encumbrances,
            0,
            LONGEST_ENCUMBRANCES,
        ),
    ):
        length = len(text.strip())
        if not minimum <= length <= maximum:
            raise TextOutOfRange(name, name_zh, name_en, minimum, maximum, length)
        require_plain_words(name, name_zh, name_en, text, patent_title)


def require_plain_words(name: str, name_zh: str, name_en: str, text: str, own_words: str) -> None:
    """Raises ReservedWord for a text with a word of licensed business; the patent's own title may hold any."""
    word = find_reserved_word(text, own_words)
    if word is not None:
        raise ReservedWord(name, name_zh, name_en, word)


def find_reserved_word(text: str, patent_title: str) -> str | None:
    """Finds a word kept for licensed business, also with blanks in it, outside the patent's own title."""
    plain = "".join(text.split()).replace("".join(patent_title.split()), " ")
    return next((word for word in RESERVED_WORDS if word in plain), None)


def check_price_terms(offer: Offer, board: BoardRules) -> None:
    """Raises AmountNotPositive, DepositTooHigh, ReserveBelowStart or ReserveAboveCeiling.

    Source of the deposit's cap: 企业国有资产交易监督管理办法 (30 % of the floor price), adopted for all listings.
    """
    bidding = bidding_of(offer)
    for name, name_zh, name_en, amount_fen in (
        ("start_price_fen", "起始价", "start price", offer.start_price_fen),
        ("step_fen", "加价幅度", "step", bidding.step_fen),
        ("deposit_fen", "保证金", "deposit", bidding.deposit_fen),
    ):
        check_amount(name, name_zh, name_en, amount_fen)
    maximum_fen = offer.start_price_fen * board.deposit_max_bp // 10_000
    if bidding.deposit_fen > maximum_fen:
        raise DepositTooHigh(bidding.deposit_fen, maximum_fen, percent_of(board.deposit_max_bp))
    check_reserve(offer)


def check_offer_price(offer: Offer) -> None:
    """Raises AmountNotPositive for a price that nobody bids on."""
    check_amount("start_price_fen", "价格", "price", offer.start_price_fen)


def check_amount(name: str, name_zh: str, name_en: str, amount_fen: int) -> None:
    """Raises AmountNotPositive unless an amount is above zero and can be recorded."""
    if not 0 < amount_fen <= MAX_FEN:
        raise AmountNotPositive(name, name_zh, name_en, MAX_FEN)


def percent_of(basis_points: int) -> str:
    """Writes basis points as per cent: 3000 is ``30``, 1250 is ``12.5``."""
    whole, rest = divmod(basis_points, 100)
    return f"{whole}.{rest:02d}".rstrip("0").rstrip(".")


def check_times(offer: Offer, board: BoardRules) -> None:
    """Raises BiddingTooShort, HardEndTooEarly or ExtensionOutOfRange (法释〔2016〕18号 article 20: 24 h, 5 min).

    The article is about open rising bids. A format whose length follows from its own steps, rounds or turns is as long
    as these make it, and one whose end no bid moves has no extension to be too short.
    """
    words, bidding = FORMAT_WORDS.get(offer.format), bidding_of(offer)
    least = board.minimum_seconds if words is None or words.is_free else 0
    earliest = bidding.opens_at + timedelta(seconds=least)
    if offer.closes_at < earliest or offer.closes_at <= bidding.opens_at:
        seconds = int((offer.closes_at - bidding.opens_at).total_seconds())
        raise BiddingTooShort(seconds, least, earliest)
    if offer.hard_end_at is not None and offer.hard_end_at <= offer.closes_at:
        raise HardEndTooEarly(offer.hard_end_at, offer.closes_at)
    extends = words is None or words.extends
    for name, seconds, minimum in (
        ("trigger_seconds", bidding.trigger_seconds, board.trigger_seconds if extends else 1),
        ("extension_seconds", bidding.extension_seconds, board.extension_seconds if extends else 1),
    ):
        if not minimum <= seconds <= MAXIMUM_EXTENSION_SECONDS:
            raise ExtensionOutOfRange(name, minimum, MAXIMUM_EXTENSION_SECONDS)


def check_opening(offer: Offer, now: datetime) -> None:
    """Raises OpeningPassed, NoticeEndPassed or EndPassed unless what comes first lies in the time to come."""
    if not has_bidding(offer):
        if offer.closes_at <= now:
            raise EndPassed(offer.closes_at, now)
        return
    opens_at = bidding_of(offer).opens_at
    if opens_at <= now:
        raise OpeningPassed(opens_at, now)
    if offer.notice_ends_at is not None and offer.notice_ends_at <= now:
        raise NoticeEndPassed(offer.notice_ends_at, now)


def check_in_term(
    *, application_no: str, expires_on: date, today: date, closes_on: date, closes_at: datetime
) -> None:
    """Raises PatentExpired or PatentExpiresBeforeTheClose (专利法 42); on ``expires_on`` the right is gone."""
    if today >= expires_on:
        raise PatentExpired(application_no, expires_on)
    if closes_on >= expires_on:
        raise PatentExpiresBeforeTheClose(application_no, expires_on, closes_at)


Decided = Literal["none", "agreement", "competition", "missed"]


def decide_trade_method(buyers: int, *, missed_opening: bool = False) -> Decided:
    """How a listing at a listed price finds its buyer at the end of its notice (确定交易方式).

    ``buyers`` are those who are qualified and whose deposit has come. None: nobody buys. One: by agreement at the
    listed price. Two or more: the announced competition, unless its opening was ``missed_opening``, by a market that
    stood still: then nobody is sent to a competition on other terms than were announced.
    Source: 企业国有资产法 article 54 (two or more who want to buy: open competition); applied here to every seller.
    """
    if buyers == 0:
        return "none"
    if buyers == 1:
        return "agreement"
    return "missed" if missed_opening else "competition"


def check_reason(reason: str, *, is_needed: bool = True) -> str:
    """Returns the reason without outer blanks; raises TextOutOfRange when it says too little or too much."""
    plain = reason.strip()
    minimum = SHORTEST_REASON if is_needed else 0
    if not minimum <= len(plain) <= LONGEST_REASON:
        raise TextOutOfRange(
            field="reason",
            name_zh="理由",
            name_en="reason",
            minimum=minimum,
            maximum=LONGEST_REASON,
            length=len(plain),
        )
    return plain
