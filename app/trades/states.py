"""Pure state machines of a listing (挂牌) and of an intent (受让意向)."""

from __future__ import annotations

from enum import StrEnum

from app.trades.errors import IntentStateForbids, ListingStateForbids


class ListingStatus(StrEnum):
    """Where a listing stands."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    LISTED = "listed"
    SUSPENDED = "suspended"  # 中止
    SOLD = "sold"
    UNSOLD = "unsold"
    TERMINATED = "terminated"  # 终结: by the desk, or because its sale was declared void


class ListingAct(StrEnum):
    """What can be done to a listing."""

    CHANGE = "change"
    SUBMIT = "submit"
    ACCEPT = "accept"
    RETURN = "return"
    PUBLISH = "publish"
    SUSPEND = "suspend"
    RESUME = "resume"
    ANNOUNCE = "announce"  # 变更后重新公告
    PROLONG = "prolong"  # 延牌
    SELL = "sell"
    CLOSE_UNSOLD = "close_unsold"
    TERMINATE = "terminate"


PUBLIC_STATUSES = (
    ListingStatus.LISTED,
    ListingStatus.SUSPENDED,
    ListingStatus.SOLD,
    ListingStatus.UNSOLD,
    ListingStatus.TERMINATED,
)

LISTING_WORDS = {
    ListingStatus.DRAFT: ("草稿", "a draft"),
    ListingStatus.IN_REVIEW: ("审核中", "in review"),
    ListingStatus.RETURNED: ("退回补正", "returned"),
    ListingStatus.ACCEPTED: ("已受理", "accepted"),
    ListingStatus.LISTED: ("挂牌中", "listed"),
    ListingStatus.SUSPENDED: ("中止", "suspended"),
    ListingStatus.SOLD: ("已成交", "sold"),
    ListingStatus.UNSOLD: ("未成交", "closed unsold"),
    ListingStatus.TERMINATED: ("终结", "terminated"),
}
_ACT_WORDS = {
    ListingAct.CHANGE: ("修改", "changed"),
    ListingAct.SUBMIT: ("提交审核", "submitted"),
    ListingAct.ACCEPT: ("受理", "accepted"),
    ListingAct.RETURN: ("退回", "returned"),
    ListingAct.PUBLISH: ("发布", "published"),
    ListingAct.SUSPEND: ("中止", "suspended"),
    ListingAct.RESUME: ("恢复", "resumed"),
    ListingAct.ANNOUNCE: ("变更并重新公告", "changed and announced anew"),
    ListingAct.PROLONG: ("延牌", "prolonged"),
    ListingAct.SELL: ("成交", "closed as sold"),
    ListingAct.CLOSE_UNSOLD: ("以未成交结束", "closed unsold"),
    ListingAct.TERMINATE: ("终结", "terminated"),
}
_LISTING_NEXT: dict[ListingStatus, dict[ListingAct, ListingStatus]] = {
    ListingStatus.DRAFT: {
        ListingAct.CHANGE: ListingStatus.DRAFT,
        ListingAct.SUBMIT: ListingStatus.IN_REVIEW,
    },
    ListingStatus.RETURNED: {
        ListingAct.CHANGE: ListingStatus.RETURNED,
        ListingAct.SUBMIT: ListingStatus.IN_REVIEW,
    },
    ListingStatus.IN_REVIEW: {
        ListingAct.ACCEPT: ListingStatus.ACCEPTED,
        ListingAct.RETURN: ListingStatus.RETURNED,
    },
    # A time that has passed between acceptance and publication is mended by returning the listing.
    ListingStatus.ACCEPTED: {
        ListingAct.PUBLISH: ListingStatus.LISTED,
        ListingAct.RETURN: ListingStatus.RETURNED,
    },
    ListingStatus.LISTED: {
        ListingAct.SUSPEND: ListingStatus.SUSPENDED,
        ListingAct.ANNOUNCE: ListingStatus.LISTED,
        ListingAct.PROLONG: ListingStatus.LISTED,
        ListingAct.SELL: ListingStatus.SOLD,
        ListingAct.CLOSE_UNSOLD: ListingStatus.UNSOLD,
        ListingAct.TERMINATE: ListingStatus.TERMINATED,
    },
    ListingStatus.SUSPENDED: {
        ListingAct.RESUME: ListingStatus.LISTED,
        ListingAct.TERMINATE: ListingStatus.TERMINATED,
    },
    # 成交违约: the winner defaulted, and the subject may be listed anew.
    ListingStatus.SOLD: {ListingAct.TERMINATE: ListingStatus.TERMINATED},
    ListingStatus.UNSOLD: {},
    # 递补: the next bidder agreed in the place of who defaulted.
    ListingStatus.TERMINATED: {ListingAct.SELL: ListingStatus.SOLD},
}
# The market itself does these after a close; they are not offered to people.
_BY_THE_MARKET = {ListingAct.SELL, ListingAct.CLOSE_UNSOLD, ListingAct.PROLONG}


def next_listing_status(present: str, act: ListingAct) -> ListingStatus:
    """The status after an act; raises ListingStateForbids, which says what is possible now."""
    status = ListingStatus(present)
    steps = _LISTING_NEXT[status]
    if act in steps:
        return steps[act]
    # A sold one ends by the default of its deal, which is confirmed elsewhere.
    offers = () if status is ListingStatus.SOLD else steps
    possible = [item for item in offers if item not in _BY_THE_MARKET]
    raise ListingStateForbids(
        listing_status=status.value,
        act=act.value,
        possible=[item.value for item in possible],
        present_zh=LISTING_WORDS[status][0],
        present_en=LISTING_WORDS[status][1],
        act_zh=_ACT_WORDS[act][0],
        act_en=_ACT_WORDS[act][1],
        possible_zh="、".join(_ACT_WORDS[item][0] for item in possible) or "没有可办的步骤",
        possible_en=", ".join(_ACT_WORDS[item][1] for item in possible) or "nothing",
    )


OPEN_INTENTS = frozenset({"submitted", "qualified", "paid", "admitted"})
"""Intents that still wait for an answer."""


class IntentStatus(StrEnum):
    """Where an intent to buy stands."""

    SUBMITTED = "submitted"
    QUALIFIED = "qualified"
    REJECTED = "rejected"
    PAID = "paid"  # 保证金已到，等公告期满，或等新的场次
    ADMITTED = "admitted"
    WON = "won"
    LOST = "lost"
    WITHDRAWN = "withdrawn"


INTENT_WORDS = {
    IntentStatus.SUBMITTED: ("待审", "waiting for its check"),
    IntentStatus.QUALIFIED: ("资格通过，待缴保证金", "qualified with the deposit due"),
    IntentStatus.REJECTED: ("资格未通过", "rejected"),
    IntentStatus.PAID: ("保证金已到账，待入场", "paid, waiting to be admitted"),
    IntentStatus.ADMITTED: ("已入场", "admitted"),
    IntentStatus.WON: ("成交", "won"),
    IntentStatus.LOST: ("未成交", "closed without winning"),
    IntentStatus.WITHDRAWN: ("已撤回", "withdrawn"),
}
_INTENT_NEXT: dict[IntentStatus, frozenset[IntentStatus]] = {
    IntentStatus.SUBMITTED: frozenset(
        {IntentStatus.QUALIFIED, IntentStatus.REJECTED, IntentStatus.LOST, IntentStatus.WITHDRAWN}
    ),
    IntentStatus.QUALIFIED: frozenset(
        {IntentStatus.ADMITTED, IntentStatus.PAID, IntentStatus.LOST, IntentStatus.WITHDRAWN}
    ),
    # Alone at a listed price he wins; with others he is admitted to the competition that was announced.
    IntentStatus.PAID: frozenset(
        {IntentStatus.ADMITTED, IntentStatus.WON, IntentStatus.LOST, IntentStatus.WITHDRAWN}
    ),
    # 场次撤销: who was admitted to a sale that was called off waits for the next one.
    IntentStatus.ADMITTED: frozenset(
        {IntentStatus.WON, IntentStatus.LOST, IntentStatus.PAID, IntentStatus.WITHDRAWN}
    ),
    IntentStatus.REJECTED: frozenset(),
    IntentStatus.WON: frozenset(),
    IntentStatus.LOST: frozenset(),
    IntentStatus.WITHDRAWN: frozenset(),
}


def check_intent_step(present: str, wanted: IntentStatus) -> None:
    """Raises IntentStateForbids unless an intent may go from its present status to ``wanted``."""
    status = IntentStatus(present)
    if wanted not in _INTENT_NEXT[status]:
        raise IntentStateForbids(
            intent_status=status.value,
            wanted=wanted.value,
            present_zh=INTENT_WORDS[status][0],
            present_en=INTENT_WORDS[status][1],
            wanted_zh=INTENT_WORDS[wanted][0],
            wanted_en=INTENT_WORDS[wanted][1],
        )
