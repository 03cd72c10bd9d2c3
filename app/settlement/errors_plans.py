"""What can go wrong with a plan of payment, a buyer's report and a milestone, and what would be right."""

from __future__ import annotations

from dataclasses import dataclass

from app.errors import Conflict, Invalid, Missing


@dataclass(eq=False)
class PlanNotAllowed(Conflict):
    """The seller's regime and the rights do not allow this plan."""

    zh = "{regime_zh}出让这种权利不能采用“{plan_zh}”；可以采用：{allowed_zh}。"
    en = "A seller under the regime {regime} cannot sell these rights by {plan_en}; it may by: {allowed_en}."
    regime: str
    regime_zh: str
    kind: str
    plan_zh: str
    plan_en: str
    allowed: list[str]
    allowed_zh: str
    allowed_en: str


@dataclass(eq=False)
class PlanNotAnnounced(Conflict):
    """The plan was not announced with the price."""

    zh = "这笔成交的价格由公开竞价或挂牌确定，付款方式“{plan_zh}”没有随挂牌公告，不能采用；可以一次总付，或由双方同意分期。"
    en = "This price was fixed in public, and paying it by {plan_en} was not announced with it; pay at once, or agree on instalments."
    plan_zh: str
    plan_en: str


@dataclass(eq=False)
class LicenceTooShort(Conflict):
    """The licence does not run for a period of its royalty."""

    zh = "许可期只有 {months} 个月，不足一个提成期（{period} 个月）；请延长许可期，或者改为一次付清。"
    en = "The licence runs for {months} months, less than one royalty period of {period}; lengthen it, or ask for one payment."
    months: int
    period: int


@dataclass(eq=False)
class PlanWasAgreed(Conflict):
    """The accepted offer says how the price is paid."""

    zh = "协商时接受的报价已经约定分 {count} 期付款，合同也这样写明；按约定的分期开始结算。"
    en = "The accepted offer agreed on {count} instalments, and so does the contract; begin the settlement by these."
    count: int


@dataclass(eq=False)
class PlanWasAnnounced(Conflict):
    """Another plan was announced with the price."""

    zh = "挂牌公告的付款方式是“{plan_zh}”，按公告的条件执行，不能另行约定。"
    en = "The plan announced with the listing is {plan_en}; it holds on the announced terms and on no others."
    plan_zh: str
    plan_en: str


@dataclass(eq=False)
class PlanAlreadyPublic(Conflict):
    """The listing is past the state in which its plan can be changed."""

    zh = "付款方式只能在草稿或退回补正时填写；这个挂牌已经提交。"
    en = "A plan is written while the listing is a draft or was returned; this one has been submitted."


@dataclass(eq=False)
class PlanIncomplete(Invalid):
    """The plan does not say what its kind needs."""

    zh = "付款方式“{plan_zh}”{reason_zh}。"
    en = "A plan of {plan_en} {reason_en}."
    plan_zh: str
    plan_en: str
    reason_zh: str
    reason_en: str


@dataclass(eq=False)
class RoyaltyOutOfRange(Invalid):
    """A royalty's number is out of range."""

    zh = "提成的“{what_zh}”是 {value}，应在 {least} 到 {most} 之间。"
    en = "The royalty's {what_en} is {value}; it must lie between {least} and {most}."
    what_zh: str
    what_en: str
    value: int
    least: int
    most: int


@dataclass(eq=False)
class CapBelowPrice(Invalid):
    """The cap on royalties is below what is owed in any case."""

    zh = "提成总额上限 {cap_fen:yuan} 元低于保底 {least_fen:yuan} 元；请提高上限或不设上限。"
    en = "The cap of CNY {cap_fen:yuan} is below the CNY {least_fen:yuan} owed in any case; raise it or set none."
    cap_fen: int
    least_fen: int


@dataclass(eq=False)
class TooEarlyForUse(Invalid):
    """The first payment comes before the subject could be used."""

    zh = "先使用后付费的首次付款日 {due_on} 太早：应在合同生效满 {days} 日（{first_on}）以后，或以取得产品收入为条件。"
    en = "The first payment on {due_on} comes too early for use first, pay later: not before {first_on}, {days} days after effect, or after product income."
    due_on: str
    first_on: str
    days: int


@dataclass(eq=False)
class ReportMissing(Missing):
    """There is no such report, or it is not yours to see."""

    zh = "没有这份提成报告，或者它不对你公开。"
    en = "There is no such royalty report, or it is not yours to see."


@dataclass(eq=False)
class NoRoyalties(Conflict):
    """This settlement has no royalties to report."""

    zh = "这笔结算的付款方式没有提成，不需要报告。"
    en = "This settlement's plan has no royalties, so nothing is reported."


@dataclass(eq=False)
class NoSuchPeriod(Invalid):
    """There is no such period."""

    zh = "报告期共 {periods} 期，没有第 {period} 期。"
    en = "There are {periods} periods; period {period} is none of them."
    period: int
    periods: int


@dataclass(eq=False)
class PeriodRuns(Conflict):
    """The period has not ended."""

    zh = "第 {period} 期到 {ends_on} 才结束，结束后才能报告。"
    en = "Period {period} ends on {ends_on}; it is reported after that."
    period: int
    ends_on: str


@dataclass(eq=False)
class ReportExists(Conflict):
    """The period was reported already."""

    zh = "第 {period} 期已经报告过；报告不能修改，只能写明理由用新报告替换。"
    en = "Period {period} was reported; a report is not edited, only replaced by a new one with a reason."
    period: int


@dataclass(eq=False)
class ReportAccepted(Conflict):
    """The report was accepted."""

    zh = "第 {period} 期的报告已经确认并计算提成，不能再替换、异议或更正。"
    en = "The report of period {period} was accepted and its royalty is due; it is final."
    period: int


@dataclass(eq=False)
class ReportReplaced(Conflict):
    """The report was replaced by a newer one."""

    zh = "这份报告已被新的报告替换，请看最新的一份。"
    en = "This report was replaced; look at the newest one."


@dataclass(eq=False)
class NotObjected(Conflict):
    """Nothing was objected to."""

    zh = "没有异议的报告不更正：请出让方先提出异议，或由受让方提交新的报告。"
    en = "A report that nobody objected to is not corrected; the seller objects first, or the buyer reports anew."


@dataclass(eq=False)
class ObjectedBefore(Conflict):
    """The report was objected to already."""

    zh = "这份报告已经提出异议；请提出更正数额，或等待受让方提交新的报告。"
    en = (
        "This report was objected to already; propose a corrected amount, or wait for the buyer's new report."
    )


@dataclass(eq=False)
class CorrectionWaits(Conflict):
    """A corrected amount waits for its answer."""

    zh = "已有一个更正数额在等答复；先答复它。"
    en = "A corrected amount waits for its answer; answer it first."


@dataclass(eq=False)
class CorrectionMissing(Missing):
    """There is no such correction, or it is not yours to see."""

    zh = "没有这个更正数额，或者它不对你公开。"
    en = "There is no such corrected amount, or it is not yours to see."


@dataclass(eq=False)
class CorrectionAnswered(Conflict):
    """The corrected amount was answered."""

    zh = "这个更正数额已经答复过。"
    en = "This corrected amount has been answered."


@dataclass(eq=False)
class AnotherMustAnswer(Conflict):
    """Somebody else has to answer."""

    zh = "这个更正数额要由{who_zh}答复。"
    en = "This corrected amount is answered by {who_en}."
    who_zh: str
    who_en: str


@dataclass(eq=False)
class TermMissing(Missing):
    """There is no such part of the price, or it is not yours to see."""

    zh = "没有这一期款项，或者它不对你公开。"
    en = "There is no such part of the price, or it is not yours to see."


@dataclass(eq=False)
class NoCondition(Conflict):
    """This part of the price has no condition."""

    zh = "第 {place} 期没有约定条件，到期即付。"
    en = "Part {place} has no condition; it is due on its day."
    place: int


@dataclass(eq=False)
class MilestoneSettled(Conflict):
    """The condition was confirmed, or the part was paid."""

    zh = "第 {place} 期的条件已经确认或款项已付，不需要再办。"
    en = "The condition of part {place} is confirmed, or it is paid already."
    place: int


@dataclass(eq=False)
class MilestoneClaimed(Conflict):
    """The condition waits for its confirmation."""

    zh = "第 {place} 期的条件已有一份申报在等对方确认。"
    en = "A statement that the condition of part {place} is met waits for the other side."
    place: int


@dataclass(eq=False)
class MilestoneMissing(Missing):
    """There is no such statement, or it is not yours to see."""

    zh = "没有这份条件成就申报，或者它不对你公开。"
    en = "There is no such statement, or it is not yours to see."


@dataclass(eq=False)
class OwnStatement(Conflict):
    """The other side has to confirm."""

    zh = "这份申报是本单位提出的，要由对方确认。"
    en = "Your own side made this statement; the other side has to confirm it."
