"""How the parties and the desk hear of a deposit that is not to be given back; pure."""

from __future__ import annotations

from app.accounts.permissions import Permission
from app.telling.sides import Side, Telling

_MINE, _DESK = "/my/deposits", "/desk/forfeitures"

FORFEIT_TELLINGS: dict[str, tuple[Telling, ...]] = {
    "forfeiture.declared": (
        Telling(
            "forfeiture_waits",
            Side.DESK,
            Permission.DEPOSIT_CONFIRM,
            _DESK,
            "{listing_no} 的一笔保证金拟不予退还，对方可在 {answer_until} 前陈述申辩，其后请决定",
            "{listing_no}: a deposit is to be kept; its party may answer until {answer_until}, then decide",
        ),
        Telling(
            "forfeiture_declared",
            Side.BUYER,
            Permission.DEPOSIT_READ_OWN,
            _MINE,
            "{listing_no} 的保证金 {deposit} 元拟不予退还（{ground_zh}），请在 {answer_until} 前陈述申辩；办结前暂缓退还",
            "{listing_no}: your deposit of CNY {deposit} is to be kept ({ground_en}); answer until {answer_until}; it is held back meanwhile",
        ),
    ),
    "forfeiture.answered": (
        Telling(
            "forfeiture_answered",
            Side.DESK,
            Permission.DEPOSIT_CONFIRM,
            _DESK,
            "{listing_no} 的保证金不予退还一事，对方已陈述申辩，请决定",
            "{listing_no}: the party has answered the claim on its deposit; decide",
        ),
    ),
    "forfeiture.confirmed": (
        Telling(
            "forfeiture_confirmed",
            Side.BUYER,
            Permission.DEPOSIT_READ_OWN,
            _MINE,
            "{listing_no} 的保证金 {deposit} 元不予退还，已按公告的顺序处理：{decision}",
            "{listing_no}: your deposit of CNY {deposit} is kept and applied in the announced order: {decision}",
        ),
        Telling(
            "forfeiture_applied",
            Side.SELLER,
            Permission.LISTING_WRITE,
            "/seller/listings/{listing_id}",
            "{listing_no} 的一笔保证金不予退还，其中 {to_seller} 元付给你方",
            "{listing_no}: a deposit is kept; CNY {to_seller} of it is paid to you",
        ),
    ),
    "forfeiture.refused": (
        Telling(
            "forfeiture_refused",
            Side.BUYER,
            Permission.DEPOSIT_READ_OWN,
            _MINE,
            "{listing_no} 的保证金 {deposit} 元不再暂缓：{decision}",
            "{listing_no}: your deposit of CNY {deposit} is held back no longer: {decision}",
        ),
    ),
}
