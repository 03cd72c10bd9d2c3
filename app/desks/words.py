"""What waits in words: the sentence, the one press that leads to the act, and who may act; pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.accounts.permissions import Permission
from app.desks.stages import Side, Stage, shown_due

if TYPE_CHECKING:
    from app.desks.stages import Waiting
    from app.errors import Lang


@dataclass(frozen=True)
class Words:
    """One kind of what waits; sentence and link name members."""

    permission: Permission
    link: str
    zh: str
    en: str
    press_zh: str
    press_en: str


_SELLER = {
    "listing_draft": Words(
        Permission.LISTING_WRITE,
        "/seller/listings/{id}/edit",
        "{no} {title}：草稿还没有提交审核",
        "{no} {title}: the draft is not submitted yet",
        "继续填写",
        "Continue",
    ),
    "listing_returned": Words(
        Permission.LISTING_WRITE,
        "/seller/listings/{id}/edit",
        "{no} {title}：被退回补正，{reason}",
        "{no} {title} was returned: {reason}",
        "修改后重交",
        "Correct it",
    ),
    "notice_wanted": Words(
        Permission.NOTICE_WRITE,
        "/seller/notices/new",
        "{no} {title}：已与受让方谈妥 {amount} 元，签约前要先公示",
        "{no} {title}: agreed at CNY {amount}; a public notice comes before the contract",
        "起草公示",
        "Draft the notice",
    ),
    "notice_draft": Words(
        Permission.NOTICE_WRITE,
        "/seller/notices/{id}/edit",
        "公示 {no}（{title}）还没有发布，公示期没有开始",
        "The notice {no} ({title}) is not published, so its period has not begun",
        "核对并发布",
        "Check and publish",
    ),
    "notice_running": Words(
        Permission.NOTICE_WRITE,
        "/notices/{id}",
        "公示 {no}（{title}）正在进行，期满没有异议即可成交",
        "The notice {no} ({title}) is running; it ends without objection, and the deal can be made",
        "看公示",
        "See the notice",
    ),
    "objection_open": Words(
        Permission.NOTICE_WRITE,
        "/notices/{id}",
        "公示 {no}（{title}）有 {count} 件异议，公示已中止，等本单位作出处理决定",
        "The notice {no} ({title}) stands still: {count} objections wait for your unit's decision",
        "看异议",
        "Read the objections",
    ),
    "recordal_to_hand_in": Words(
        Permission.REGISTRATION_APPLY,
        "/deals/{id}",
        "{no} {title}：价款已到齐，请办理权属变更并提交手续合格通知书",
        "{no} {title}: the price has come; hand in the document of the recordal",
        "提交变更文件",
        "Hand it in",
    ),
    "report_to_answer": Words(
        Permission.LISTING_WRITE,
        "/deals/{id}",
        "{no} {title}：受让方报告了第 {count} 期提成，等你方答复",
        "{no} {title}: the buyer reported period {count} of the royalty and waits for your answer",
        "看报告",
        "Read it",
    ),
    "registration_to_apply": Words(
        Permission.REGISTRATION_APPLY,
        "/registrations/new?contract={id}",
        "合同 {no}（{title}）已生效，还没有申请认定登记",
        "The contract {no} ({title}) is in force and not put in for registration",
        "申请登记",
        "Apply",
    ),
}
_BUYER = {
    "deposit_due": Words(
        Permission.DEPOSIT_READ_OWN,
        "/my/deposits",
        "{no} {title}：请缴纳保证金 {amount} 元，逾期不能参加",
        "{no} {title}: pay the deposit of CNY {amount}, or you cannot take part",
        "去缴纳",
        "Pay",
    ),
    "report_due": Words(
        Permission.INTENT_WRITE,
        "/deals/{id}",
        "{no} {title}：请报告第 {count} 期的提成基数",
        "{no} {title}: report the base of the royalty's period {count}",
        "去报告",
        "Report",
    ),
    "hold_lapsing": Words(
        Permission.DEPOSIT_READ_OWN,
        "/my/deposits",
        "{no} {title}：卡上冻结的保证金 {amount} 元到期即失效，失效后不能出价",
        "{no} {title}: the hold of CNY {amount} on the card lapses, and bidding with it",
        "看保证金",
        "See the deposit",
    ),
}
_OFFER = Words(
    Permission.LISTING_WRITE,
    "/negotiations/{id}",
    "{no} {title}：对方报价 {amount} 元，等你方答复",
    "{no} {title}: the other side offers CNY {amount} and waits for your answer",
    "去答复",
    "Answer",
)
_AGREED = Words(
    Permission.LISTING_WRITE,
    "/negotiations/{id}",
    "{no} {title}：{amount} 元已谈妥，可以确认成交",
    "{no} {title}: agreed at CNY {amount}; the deal can be confirmed",
    "确认成交",
    "Confirm",
)
_ROOMS = {
    "offer_to_seller": _OFFER,
    "offer_to_buyer": replace(_OFFER, permission=Permission.INTENT_WRITE),
    "agreement_of_seller": _AGREED,
    "agreement_of_buyer": replace(_AGREED, permission=Permission.INTENT_WRITE),
}
_BOTH = {
    "contract_to_draft": Words(
        Permission.CONTRACT_DRAFT,
        "/deals/{id}",
        "{no} {title}：已成交，请起草合同并签署",
        "{no} {title} is dealt: draw up the contract and sign it",
        "起草合同",
        "Draw it up",
    ),
    "contract_to_sign": Words(
        Permission.CONTRACT_SIGN,
        "/contracts/{id}",
        "合同 {no}（{title}）等你方签署",
        "The contract {no} ({title}) waits for your signature",
        "去签署",
        "Sign",
    ),
    "settlement_to_open": Words(
        Permission.SETTLEMENT_PLAN,
        "/deals/{id}",
        "{no} {title}：合同已生效，请确定付款方式",
        "{no} {title}: the contract is in force; settle how the price is paid",
        "办理结算",
        "Begin",
    ),
    "plan_to_answer": Words(
        Permission.SETTLEMENT_PLAN,
        "/deals/{id}",
        "{no} {title}：对方提出付款计划，等你方答复",
        "{no} {title}: the other side proposed a plan of payment",
        "看付款计划",
        "Read the plan",
    ),
    "payment_due": Words(
        Permission.PAYABLE_READ_OWN,
        "{link}",
        "{no} {title}：应付 {amount} 元，附言 {reference}",
        "{no} {title}: CNY {amount} to pay, remark {reference}",
        "看付款方法",
        "How to pay",
    ),
}
_EXCHANGE = {
    "listing_to_review": Words(
        Permission.LISTING_REVIEW,
        "/desk/listings/{id}",
        "{no} {title}：待审核",
        "{no} {title} waits for its review",
        "审核",
        "Review",
    ),
    "listing_to_publish": Words(
        Permission.LISTING_REVIEW,
        "/desk/listings/{id}",
        "{no} {title}：已受理，待发布",
        "{no} {title} is accepted and waits for its publication",
        "发布",
        "Publish",
    ),
    "intent_to_qualify": Words(
        Permission.INTENT_QUALIFY,
        "/desk/intents/{id}",
        "{no} {title}：{party} 的受让意向待资格审查",
        "{no} {title}: the intent of {party} waits for its qualification",
        "审查",
        "Decide",
    ),
    "objection_to_record": Words(
        Permission.NOTICE_DECIDE,
        "/desk/notices",
        "公示 {no}（{title}）有 {count} 件异议，待记录处理决定",
        "The notice {no} ({title}) has {count} objections to be decided",
        "记录决定",
        "Record",
    ),
    "registration_to_decide": Words(
        Permission.REGISTRATION_DECIDE,
        "/desk/registrations/{id}",
        "合同 {no}（{title}）申请认定登记",
        "The contract {no} ({title}) was put in for registration",
        "审查",
        "Decide",
    ),
    "release_to_approve": Words(
        Permission.ESCROW_RELEASE,
        "/desk/releases",
        "{no} {title}：放款 {amount} 元待第二人批准",
        "{no} {title}: the release of CNY {amount} waits for its second person",
        "去批准",
        "Decide",
    ),
    "refund_due": Words(
        Permission.PAYMENT_ORDER,
        "/desk/refunds",
        "{no} {title}：退还 {party} 保证金 {amount} 元，付款单 {reference}",
        "{no} {title}: refund CNY {amount} to {party}, order {reference}",
        "看付款单",
        "See the order",
    ),
}
# The same as a desk reads it that watches the deal's deadlines.
WATCHED = {
    "contract_to_draft": (
        "{no} {title}：待双方起草并签署合同",
        "{no} {title}: both sides draw up the contract",
    ),
    "contract_to_sign": (
        "合同 {no}（{title}）待{side_zh}签署",
        "The contract {no} ({title}) waits for the {side}",
    ),
    "payment_due": (
        "{no} {title}：{side_zh}应付 {amount} 元",
        "{no} {title}: CNY {amount} due from the {side}",
    ),
    "report_due": (
        "{no} {title}：待{side_zh}报告第 {count} 期提成",
        "{no} {title}: report {count} from the {side}",
    ),
    "recordal_to_hand_in": (
        "{no} {title}：待{side_zh}提交权属变更文件",
        "{no} {title}: the {side} hands in the document of the recordal",
    ),
}
_SIDES = {Side.SELLER: "转让方", Side.BUYER: "受让方", Side.EXCHANGE: "交易所"}
WORDS: dict[str, Words] = {**_SELLER, **_BUYER, **_ROOMS, **_BOTH, **_EXCHANGE}
_STAGES = {
    Stage.BEFORE: ("{said}。截止 {due}", "{said}. Due {due}"),
    Stage.TODAY: ("今天到期：{said}。截止 {due}", "Due today: {said}. Due {due}"),
    Stage.OVERDUE: ("已过期限：{said}。期限为 {due}", "Overdue: {said}. It was due {due}"),
}
TOLD_PREFIX = "due."


def sentence_of(item: Waiting, lang: Lang) -> str:
    """What waits, in one sentence."""
    words = WORDS[item.kind]
    return (words.zh if lang == "zh" else words.en).format_map(item.members)


def watched_sentence(item: Waiting, lang: Lang) -> str:
    """What waits for a side of a deal, as a desk reads it."""
    zh, en = WATCHED[item.kind]
    named = {**item.members, "side": item.side.value, "side_zh": _SIDES[item.side]}
    return (zh if lang == "zh" else en).format_map(named)


def link_of(item: Waiting) -> str:
    """The page where it is done."""
    return WORDS[item.kind].link.format_map(item.members)


def press_of(kind: str, lang: Lang) -> str:
    """What the press that leads there says."""
    words = WORDS[kind]
    return words.press_zh if lang == "zh" else words.press_en


def members_of_deadline(item: Waiting, stage: Stage) -> dict[str, str]:
    """What a notification of a deadline keeps: both sentences, so that it reads the same whenever it is read."""
    if item.due_at is None:
        raise ValueError(item.kind)
    due = shown_due(item.due_at)
    zh, en = _STAGES[stage]
    return {
        "zh": zh.format(said=sentence_of(item, "zh"), due=due),
        "en": en.format(said=sentence_of(item, "en"), due=due),
    }
