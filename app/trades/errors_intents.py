"""Refusals of declaring, completing and withdrawing an intent: each says what was wrong and what would be right."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.errors import Conflict, Forbidden, Invalid, Missing


@dataclass(eq=False)
class SellersAgentMayNotBuy(Forbidden):
    """The seller's broker may not buy what it sells for him."""

    zh = "{name} 是转让方在这个项目上的受托经纪机构，不能受让（拍卖法第三十条的规则，本市场同样适用）。"
    en = "{name} holds the seller's mandate for this listing and may not buy it (the rule of Auction Law article 30)."
    name: str


@dataclass(eq=False)
class RelatedToExchange(Forbidden):
    """Who is related to the exchange may not buy."""

    zh = "声明与交易机构或其工作人员有关联的，不能受让（拍卖法第二十二条的规则，本市场同样适用）。"
    en = "Whoever is related to the exchange or its staff may not buy (the rule of Auction Law article 22)."


@dataclass(eq=False)
class PartyRestricted(Forbidden):
    """The organisation is under a restriction in effect."""

    zh = "{name} 自 {begins_on} 起受限（{source}），限制解除前不能受让，也不能参加联合体。"
    en = "{name} is restricted since {begins_on} ({source}) and may not buy, alone or with partners, until it is lifted."
    name: str
    begins_on: str
    source: str


@dataclass(eq=False)
class RelationUnsaid(Invalid):
    """A relation is declared without saying what it is."""

    zh = "声明与{whom_zh}有关联的，要写明是什么关联（5 至 500 字）。"
    en = "A relation to the {whom_en} is declared: say what it is, in 5 to 500 characters."
    field: str
    whom_zh: str
    whom_en: str


@dataclass(eq=False)
class PartnersUnfit(Invalid):
    """The partners of the consortium do not fit."""

    zh = "联合体成员不合适：{problem_zh}。牵头方和各成员的份额要大于 0，合计正好 100%，同一单位只写一次，最多 10 家。"
    en = (
        "The partners do not fit: {problem_en}. The shares of lead and partners are above 0 and make exactly 100%, "
        "each organisation is named once, and there are 10 at most."
    )
    problem_zh: str
    problem_en: str


@dataclass(eq=False)
class PartyNotHere(Invalid):
    """No organisation with this credit code is registered, so there is nobody to restrict."""

    zh = "统一社会信用代码 {uscc} 没有在本市场注册，不必列入；请核对文书上的代码。"
    en = "No organisation with the credit code {uscc} is registered here, so there is nobody to restrict; check the document."
    uscc: str


@dataclass(eq=False)
class PartnerUnknown(Invalid):
    """No organisation with this credit code is registered here."""

    zh = "统一社会信用代码 {uscc} 还没有在本市场注册；成员要用自己的账号同意，请先请它注册。"
    en = "No organisation with the credit code {uscc} is registered; a partner consents by its own account, so it registers first."
    uscc: str


@dataclass(eq=False)
class MemberTwice(Conflict):
    """An organisation is behind two intents of one listing."""

    zh = "{name} 已经单独登记、或者在另一个联合体里登记了这个项目；同一单位在一个项目里只能参加一次。"
    en = "{name} has declared an intent for this listing already, alone or in another consortium; it takes part once."
    name: str


@dataclass(eq=False)
class PartnersMissing(Conflict):
    """Not all partners have consented."""

    zh = "还有联合体成员没有同意：{names}。请等它们用自己的账号同意，或者不予通过并写明理由。"
    en = "These partners have not consented yet: {names}. Wait for their own answer, or reject the intent with the reason."
    names: list[str]


@dataclass(eq=False)
class ConsentMissing(Missing):
    """There is nothing here for your organisation to consent to."""

    zh = "没有等你单位同意的联合体，或者它不对你公开。"
    en = "There is no consortium that waits for your organisation, or it is not yours to see."


@dataclass(eq=False)
class ConsentGiven(Conflict):
    """Your organisation has answered already."""

    zh = "你单位已经答复过，不能再改。"
    en = "Your organisation has answered already; the answer stands."


@dataclass(eq=False)
class SuspicionHolds(Conflict):
    """The intent is held because of a suspicion of collusion."""

    zh = "这条意向有串通嫌疑还没有排除（{grounds_zh}），不能通过资格审查或入场；请审核岗先作出认定。"
    en = (
        "A suspicion of collusion holds this intent ({grounds_en}); the desk decides on it before it goes on."
    )
    grounds: list[str]
    grounds_zh: str
    grounds_en: str


@dataclass(eq=False)
class SuspicionMissing(Missing):
    """There is no such suspicion."""

    zh = "没有这条串通嫌疑。"
    en = "There is no such suspicion."


@dataclass(eq=False)
class SuspicionDecided(Conflict):
    """The suspicion has been decided."""

    zh = "这条串通嫌疑已经认定，不能再改。"
    en = "This suspicion has been decided, and the decision stands."


@dataclass(eq=False)
class IntentDocumentMissing(Missing):
    """There is no such document, or it is not yours to see."""

    zh = "没有这份意向材料，或者它不对你公开。"
    en = "There is no such document, or it is not yours to see."


@dataclass(eq=False)
class IntentDocumentUnfit(Invalid):
    """The file is not one that is taken."""

    zh = "“{name}”不能收：每份 1 字节至 {most_mib} MiB，只收 PDF、PNG、JPEG，每条意向最多 {most} 份。"
    en = "“{name}” is not taken: a file has 1 byte to {most_mib} MiB, is a PDF, PNG or JPEG, and there are {most} at most."
    name: str
    most_mib: int
    most: int


@dataclass(eq=False)
class DocumentsClosed(Conflict):
    """The intent has been decided, so its documents are complete."""

    zh = "受让意向现在是“{present_zh}”，不能再补材料；只有待审时可以。"
    en = "The intent is {present_en} now and takes no more documents; it does while it waits for its check."
    intent_status: str
    present_zh: str
    present_en: str


@dataclass(eq=False)
class WithdrawalTooLate(Conflict):
    """The time for withdrawing is over."""

    zh = (
        "撤回截止于 {until:instant}（现在 {now:instant}）。此后退出、成交后不签约或不付款，"
        "按公告的违约情形处理，保证金不退。"
    )
    en = (
        "An intent is withdrawn before {until:instant} (it is {now:instant} now). Leaving after it is dealt with by the "
        "announced grounds, and the deposit may be forfeited."
    )
    until: datetime
    now: datetime


@dataclass(eq=False)
class RestrictionMissing(Missing):
    """There is no such restriction."""

    zh = "没有这条受限记录。"
    en = "There is no such restriction."


@dataclass(eq=False)
class RestrictionStateForbids(Conflict):
    """The restriction's present state does not allow this."""

    zh = "这条受限记录现在是“{present}”，不能这样办理。"
    en = "The restriction is {present} now, so this cannot be done."
    present: str


@dataclass(eq=False)
class RestrictionByAnother(Conflict):
    """Another person has to decide."""

    zh = "提出的人不能自己确认；请由另一人办理。"
    en = "Whoever proposed it does not decide on it; another person has to."


@dataclass(eq=False)
class RestrictionUnfit(Invalid):
    """The restriction's dates do not fit."""

    zh = "受限期间不合适：截止日要不早于起始日。"
    en = "The dates do not fit: the last day is not before the first."


@dataclass(eq=False)
class ExchangeNotRestricted(Invalid):
    """The exchange itself is not restricted."""

    zh = "不能把交易机构自己列为受限主体。"
    en = "The exchange itself is no party that is restricted."
    organisation_id: UUID
