"""How plans of payment, royalties and milestones are told; pure."""

from __future__ import annotations

from app.accounts.permissions import Permission
from app.telling.sides import Side, Telling


def _for(action: str, *tellings: Telling) -> tuple[str, tuple[Telling, ...]]:
    return action, tellings


def _both(kind: str, zh: str, en: str) -> tuple[Telling, ...]:
    """For the people of both sides; whoever did it is told nothing."""
    return tuple(
        Telling(kind, side, Permission.DEAL_READ, "/deals/{deal_id}", zh, en)
        for side in (Side.SELLER, Side.BUYER)
    )


def _desk(action: str, kind: str, zh: str, en: str) -> tuple[str, tuple[Telling, ...]]:
    return action, (Telling(kind, Side.DESK, Permission.DEPOSIT_CONFIRM, "/desk/deposits", zh, en),)


PLAN_TELLINGS: dict[str, tuple[Telling, ...]] = dict(
    (
        _desk(
            "card.disputed",
            "card_disputed",
            "{listing_no} 的一笔卡支付保证金 {deposit} 元被发卡行争议扣回",
            "{listing_no}: a card's bank took back a deposit of CNY {deposit} in a dispute",
        ),
        _desk(
            "card.dispute-won",
            "dispute_won",
            "{listing_no} 的卡支付争议胜出，款项已回到卡收款在途",
            "{listing_no}: the card dispute was won and the money is back in clearing",
        ),
        _desk(
            "card.dispute-lost",
            "dispute_lost",
            "{listing_no} 的卡支付争议败诉，保证金 {deposit} 元由交易所承担，请决定如何追偿",
            "{listing_no}: the card dispute was lost and the exchange bears CNY {deposit}; decide how to recover it",
        ),
        _for(
            "card.hold-ends",
            Telling(
                "hold_ends",
                Side.BUYER,
                Permission.INTENT_WRITE,
                "/my/deposits",
                "{listing_no} 的保证金卡授权即将到期，到期前将扣款；扣款失败则参拍资格终止，已出的价仍有效",
                "{listing_no}: the hold on your card for the deposit ends soon and will be captured; should that fail, admission ends, and bids already accepted stand",
            ),
        ),
        _for(
            "settlement.opened",
            *_both(
                "plan_proposed",
                "{deal_no} 提出付款方式“{plan_zh}”，请对方答复",
                "{deal_no}: a plan of payment was proposed, {plan_en}; the other side is to answer",
            ),
        ),
        _for(
            "royalty.reported",
            Telling(
                "royalty_reported",
                Side.SELLER,
                Permission.DEAL_READ,
                "/deals/{deal_id}",
                "{deal_no} 第 {period} 期提成已报告，请确认或提出异议",
                "{deal_no}: royalty period {period} was reported; accept it or object",
            ),
        ),
        _for(
            "royalty.accepted",
            Telling(
                "royalty_accepted",
                Side.BUYER,
                Permission.DEAL_READ,
                "/deals/{deal_id}",
                "{deal_no} 第 {period} 期提成 {royalty} 元已确认，请按期付款",
                "{deal_no}: the royalty of period {period}, CNY {royalty}, was accepted; pay it in time",
            ),
        ),
        _for(
            "royalty.objected",
            Telling(
                "royalty_objected",
                Side.BUYER,
                Permission.DEAL_READ,
                "/deals/{deal_id}",
                "{deal_no} 第 {period} 期提成报告被提出异议：{reason}",
                "{deal_no}: the report of royalty period {period} was objected to: {reason}",
            ),
        ),
        _for(
            "royalty.correction-proposed",
            *_both(
                "royalty_correction",
                "{deal_no} 第 {period} 期提出了更正数额，待答复",
                "{deal_no}: a corrected amount for royalty period {period} waits for its answer",
            ),
        ),
        _for(
            "royalty.late",
            # The buyer is told of it as of any deadline.
            Telling(
                "royalty_late",
                Side.SELLER,
                Permission.DEAL_READ,
                "/deals/{deal_id}",
                "{deal_no} 第 {period} 期提成报告逾期，应于 {due_on} 前报告",
                "{deal_no}: royalty period {period} is overdue; it was to be reported by {due_on}",
            ),
        ),
        _for(
            "milestone.stated",
            *_both(
                "milestone_stated",
                "{deal_no} 第 {place} 期的条件已申报成就，待对方确认",
                "{deal_no}: the condition of part {place} is stated to be met; the other side is to confirm",
            ),
        ),
        _for(
            "milestone.confirmed",
            *_both(
                "milestone_confirmed",
                "{deal_no} 第 {place} 期的条件已确认，{due_on} 前付款",
                "{deal_no}: the condition of part {place} is confirmed; it is to be paid by {due_on}",
            ),
        ),
        _for(
            "milestone.refused",
            *_both(
                "milestone_refused",
                "{deal_no} 第 {place} 期的条件未获确认",
                "{deal_no}: the condition of part {place} was not confirmed",
            ),
        ),
        _for(
            "default.shortfall",
            Telling(
                "shortfall_due",
                Side.BUYER,
                Permission.DEAL_READ,
                "/deals/{deal_id}",
                "{deal_no} 违约后保证金不足，还应付 {shortfall} 元",
                "{deal_no}: the deposit does not cover the default; CNY {shortfall} are still due",
            ),
        ),
    )
)
