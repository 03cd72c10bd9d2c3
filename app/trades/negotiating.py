"""Pure rules of a negotiation (协商): what an offer may say, who may accept or withdraw it, and until when.

Source: 民法典 articles 471 to 489. An offer binds nobody before it is accepted: the room's rules, which both sides accept
by entering, keep every offer revocable (article 476 leaves that to whoever offers), and a counter-offer is a new
offer that ends the one before (articles 478 (4), 488).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from app.money import MAX_FEN
from app.trades.errors import AmountNotPositive, TextOutOfRange
from app.trades.errors_rooms import (
    CurrencyNotTaken,
    LicenceTermsWrong,
    NotYourOffer,
    OfferExpired,
    OfferNotOpen,
    OwnOffer,
    PlanWrong,
    RightsNotOffered,
    RoomNotOpen,
    ValidityOutOfRange,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

Side = Literal["seller", "buyer"]
ASSIGNMENT = "assignment"
LONGEST_TERM_MONTHS = 240
LONGEST_WORDS = 1000
MOST_INSTALMENTS = 24
LATEST_DUE_DAYS = 3650
WHOLE_BP = 10_000
ROOM_WORDS = {"open": ("协商中", "open"), "agreed": ("已达成一致", "agreed"), "closed": ("已关闭", "closed")}
OFFER_WORDS = {
    "open": ("待答复", "open"),
    "accepted": ("已接受", "accepted"),
    "withdrawn": ("已撤回", "withdrawn"),
    "replaced": ("已被新报价代替", "replaced by another"),
    "lapsed": ("已失效", "lapsed"),
}
UNDERTAKING_ZH = (
    "本单位承诺：协商室里对方提交的文件和其中的技术信息只用于评估和洽谈本项目，不向第三人披露，不用于其他目的；"
    "接触人员限于为此需要的人员并负同样义务。协商不成的，停止使用并删除副本。查阅由本市场逐次记录（民法典第五百零一条）。"
)
UNDERTAKING_EN = (
    "We undertake that the documents of the other side and the technical information in them serve the evaluation and "
    "negotiation of this listing alone, are not disclosed to others nor used otherwise, and reach only people who need "
    "them and are bound alike. Without a deal we stop using them and delete our copies. The market records each view "
    "(Civil Code article 501)."
)


def undertaking_sha256() -> str:
    """The fingerprint of the undertaking's two texts, which a side accepts."""
    return hashlib.sha256(f"{UNDERTAKING_ZH}\n{UNDERTAKING_EN}".encode()).hexdigest()


@dataclass(frozen=True)
class Instalment:
    """A part of the price, in hundredths of a per cent, and how many days after the contract takes effect it is due."""

    share_bp: int
    due_days: int


@dataclass(frozen=True)
class OfferTerms:
    """What one side offers the other."""

    price_fen: int
    valid_until: datetime
    currency: str = "CNY"
    instalments: Sequence[Instalment] = ()
    rights: str = ASSIGNMENT
    territory: str | None = None
    term_months: int | None = None
    words: str = ""

    def plan(self) -> dict[str, Any]:
        """The payment plan (付款安排) as it is kept: one sum, or instalments that make the whole price."""
        if not self.instalments:
            return {"kind": "one_off"}
        rows = [{"share_bp": one.share_bp, "due_days": one.due_days} for one in self.instalments]
        return {"kind": "instalments", "instalments": rows}


def check_terms(terms: OfferTerms, *, rights: str, now: datetime, closes_at: datetime) -> None:
    """Raises the first thing that is wrong with an offer for a listing of these ``rights`` that ends at ``closes_at``.

    AmountNotPositive, CurrencyNotTaken, ValidityOutOfRange, RightsNotOffered, LicenceTermsWrong, PlanWrong,
    TextOutOfRange.
    """
    if terms.currency != "CNY":
        raise CurrencyNotTaken(terms.currency)
    if not 0 < terms.price_fen <= MAX_FEN:
        raise AmountNotPositive(field="price_fen", name_zh="报价", name_en="offer", maximum_fen=MAX_FEN)
    if not now < terms.valid_until <= closes_at:
        raise ValidityOutOfRange(now, closes_at)
    if terms.rights != rights:
        raise RightsNotOffered(rights, terms.rights)
    has_both = bool((terms.territory or "").strip()) and terms.term_months is not None
    has_none = terms.territory is None and terms.term_months is None
    if not (has_none if rights == ASSIGNMENT else has_both):
        raise LicenceTermsWrong
    if terms.term_months is not None and not 1 <= terms.term_months <= LONGEST_TERM_MONTHS:
        raise LicenceTermsWrong
    _check_plan(terms.instalments)
    if len(terms.words) > LONGEST_WORDS:
        raise TextOutOfRange(
            field="words",
            name_zh="说明",
            name_en="words",
            minimum=0,
            maximum=LONGEST_WORDS,
            length=len(terms.words),
        )


def _check_plan(instalments: Sequence[Instalment]) -> None:
    if not instalments:
        return
    if len(instalments) > MOST_INSTALMENTS:
        raise PlanWrong(
            reason_zh=f"最多分 {MOST_INSTALMENTS} 期", reason_en=f"at most {MOST_INSTALMENTS} instalments"
        )
    if any(one.share_bp <= 0 for one in instalments) or sum(one.share_bp for one in instalments) != WHOLE_BP:
        raise PlanWrong(
            reason_zh="各期比例都要大于 0，合计 100%",
            reason_en="each share must be above 0 and together they make 100%",
        )
    days = [one.due_days for one in instalments]
    if days != sorted(days) or not all(0 <= day <= LATEST_DUE_DAYS for day in days):
        raise PlanWrong(
            reason_zh=f"各期付款时间按先后写，在合同生效后 0 至 {LATEST_DUE_DAYS} 日内",
            reason_en=f"due days go up, from 0 to {LATEST_DUE_DAYS} days after the contract takes effect",
        )


def check_room_open(status: str) -> None:
    """Raises RoomNotOpen unless the room still takes offers and answers."""
    if status != "open":
        raise RoomNotOpen(status, *ROOM_WORDS[status])


@dataclass(frozen=True)
class Standing:
    """What an answer to an offer is judged by."""

    number: int
    side: Side
    status: str
    valid_until: datetime


def check_acceptance(offer: Standing, by: Side, now: datetime) -> None:
    """Raises OfferNotOpen, OwnOffer or OfferExpired unless ``by`` may accept the offer now (民法典 479, 481, 484).

    An acceptance judged at or after the end of the offer's validity has no effect, even if it was sent before.
    """
    _check_open(offer)
    if offer.side == by:
        raise OwnOffer(offer.number)
    if now >= offer.valid_until:
        raise OfferExpired(offer.number, offer.valid_until, now)


def check_withdrawal(offer: Standing, by: Side) -> None:
    """Raises OfferNotOpen or NotYourOffer unless ``by`` may withdraw the offer (民法典 475, 477)."""
    _check_open(offer)
    if offer.side != by:
        raise NotYourOffer(offer.number)


def _check_open(offer: Standing) -> None:
    if offer.status != "open":
        raise OfferNotOpen(offer.number, *OFFER_WORDS[offer.status])
