"""Refusals for the rights in the way, the secrecy review and the export class of what is offered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app.errors import Conflict, Forbidden, Invalid, Missing


@dataclass(eq=False)
class RightsNotDeclared(Invalid):
    """The seller has not declared that every right in the way is named."""

    zh = "还没有作权利状况声明：共有人、质押和在先许可要逐项申报，并声明除所列以外没有其他（民法典第八百七十条，出让人保证自己是合法的拥有者）。"
    en = (
        "The rights are not declared: name each co-owner, pledge and earlier licence, and declare that there is no other "
        "(Civil Code article 870: who assigns warrants his title)."
    )


@dataclass(eq=False)
class ConsentsMissing(Conflict):
    """The consent of a co-owner or a pledgee to what is offered was not laid."""

    zh = (
        "还缺同意书：{missing_zh}。共有专利的转让和独占、排他许可要全体共有人同意（专利法第十四条），"
        "已出质的专利权转让或者许可要质权人同意（民法典第四百四十四条）；请上传针对本次权利种类的同意书。"
    )
    en = (
        "Consents are missing: {missing_en}. All co-owners consent to an assignment and to an exclusive or sole licence "
        "(Patent Law article 14), the pledgee to any assignment or licence (Civil Code article 444); lay the consents "
        "to what is offered here."
    )
    holders: list[str]
    missing_zh: str
    missing_en: str


@dataclass(eq=False)
class ConsentNotVerified(Conflict):
    """A consent that was laid is not verified by the desk."""

    zh = "同意书还没有核验：{missing_zh}。审核岗逐份核验以后才能受理、发布和成交。"
    en = "Consents are not verified: {missing_en}. Only then can it be accepted, published or sold."
    holders: list[str]
    missing_zh: str
    missing_en: str


@dataclass(eq=False)
class HolderUnclear(Invalid):
    """What is declared of a right or a consent does not say enough."""

    zh = "申报不清楚：{wrong_zh}。"
    en = "The declaration is unclear: {wrong_en}."
    wrong_zh: str
    wrong_en: str


@dataclass(eq=False)
class RightDeclared(Conflict):
    """This holder's right in the patent is declared already."""

    zh = "{holder_name} 的这项权利已经申报过，不用再报。"
    en = "This right of {holder_name} is declared already."
    holder_name: str


@dataclass(eq=False)
class RightMissing(Missing):
    """There is no such right in a patent of the listing."""

    zh = "没有这项权利申报，或者它已经终止，或者不属于本项目的专利。"
    en = "There is no such right, or it has ended, or it is not in a patent of this listing."


@dataclass(eq=False)
class PatentIsOut(Conflict):
    """A listing of the patent is out, so its rights stand as they were published."""

    zh = (
        "{application_no} 正在 {listing_no} 中挂牌，已公布的权利状况不能直接改动。"
        "新出现共有、质押的，请先在该项目申请中止，中止后再申报并取得同意书。"
    )
    en = (
        "{application_no} is out in {listing_no}, and what was published of its rights stands. Ask for that listing's "
        "suspension first; then declare the new right and bring the consent."
    )
    application_no: str
    listing_no: str


@dataclass(eq=False)
class RightUnderReview(Conflict):
    """A listing of the patent is in review or beyond, so the right is not struck out by its declarer."""

    zh = "{listing_no} 已提交审核，申报过的权利这时不能撤下。请先请审核岗退回，再写明理由终止这项申报。"
    en = (
        "{listing_no} is in review or beyond: a declared right is not struck out now. Have it returned first."
    )
    listing_no: str


@dataclass(eq=False)
class ConsentNotNeeded(Conflict):
    """What is offered needs no consent of this holder."""

    zh = "普通许可由一个共有人单独发放，不需要其他共有人同意（专利法第十四条）。"
    en = "One co-owner alone may grant an ordinary licence: no consent is needed (Patent Law article 14)."


@dataclass(eq=False)
class ConsentLaid(Conflict):
    """A consent of this holder waits for the desk, or is verified."""

    zh = "这位权利人的同意书已经上传，正等核验或者已经核验；退回以后才能再传。"
    en = "This holder's consent is laid already: it waits or is verified. Another can be laid once it is refused."


@dataclass(eq=False)
class ConsentOutOfTime(Invalid):
    """The consent's day is still to come."""

    zh = "同意书的日期 {given_on} 晚于今天 {today}，请核对。"
    en = "The consent's day, {given_on}, is after today, {today}."
    given_on: date
    today: date


@dataclass(eq=False)
class RightConsentMissing(Missing):
    """There is no such consent, or it is not yours to see."""

    zh = "没有这份同意书，或者它不对你公开。"
    en = "There is no such consent, or it is not yours to see."


@dataclass(eq=False)
class ConsentDecided(Conflict):
    """The consent was decided before."""

    zh = "这份同意书已经{decision_zh}，不能再次核验。"
    en = "This consent was {decision_en} before."
    decision_zh: str
    decision_en: str


@dataclass(eq=False)
class ListingOver(Conflict):
    """The listing's rights are settled: it is out, or over."""

    zh = "项目现在是“{present_zh}”，不能再上传或者核验同意书。"
    en = "The listing is {present_en}: consents are neither laid nor verified now."
    present_zh: str
    present_en: str


@dataclass(eq=False)
class SecretNotHere(Invalid):
    """What is classified is not handled here at all."""

    zh = (
        "涉及国家秘密的技术不得在本市场制作、存储或者发布（保守国家秘密法第三十条、第三十四条），本项目不予受理；"
        "请停止传输，保留记录，向本单位保密机构和保密行政管理部门报告。"
    )
    en = (
        "Technology that is a state secret is neither written, stored nor published here (Law on Guarding State Secrets, "
        "articles 30 and 34). Stop passing it on, keep the records, and report to your secrecy office."
    )


@dataclass(eq=False)
class SecrecyIncomplete(Invalid):
    """The secrecy declaration is not whole."""

    zh = "保密审查声明要写全：审查人（100 字以内）、审查日期、结论（公开或内部）。"
    en = "A secrecy declaration names its reviewer (at most 100 characters), its day and its result (public or internal)."


@dataclass(eq=False)
class SecrecyReviewMissing(Invalid):
    """The seller has not declared the secrecy review."""

    zh = "还没有作保密审查声明：公开前由本单位审查（保守国家秘密法第三十五条），请写明审查人、日期和结论；只有结论为“公开”的可以挂牌。"
    en = (
        "The secrecy review is not declared: a unit reviews before it publishes (Law on Guarding State Secrets, article 35). "
        "Name the reviewer, the day and the result; only what is found public is listed."
    )


@dataclass(eq=False)
class SecrecyReviewAhead(Invalid):
    """The secrecy review's day is still to come."""

    zh = "保密审查日期 {secrecy_on} 晚于今天 {today}，请核对。"
    en = "The day of the secrecy review, {secrecy_on}, is after today, {today}."
    secrecy_on: date
    today: date


@dataclass(eq=False)
class NotForPublication(Conflict):
    """The secrecy review found it internal, so it is not published."""

    zh = "保密审查结论为“内部”，不能公开挂牌（保守国家秘密法第三十五条）；经审查改为“公开”以后再提交。"
    en = (
        "The secrecy review found it internal: it is not published (Law on Guarding State Secrets, article 35). Submit it "
        "once a review finds it public."
    )


@dataclass(eq=False)
class ExportNotCleared(Forbidden):
    """A foreign party may only see the public page of what is not cleared for export."""

    zh = (
        "{party_name} 是境外或者外资控制的单位，{application_no} 的出口类别{class_zh}：向其转让或者许可属于技术出口"
        "（技术进出口管理条例第二条），在交易所认定可以自由出口、或者登记限制出口许可以前，只能看公开页面，不能登记意向、协商或者购买。"
    )
    en = (
        "{party_name} is foreign or foreign-controlled, and the export class of {application_no} is {class_en}: an assignment "
        "or licence to it is an export (Regulations on Technology Import and Export, article 2). Until the desk finds it free "
        "or records the licence of what is restricted, only the public page is open."
    )
    party_name: str
    application_no: str
    export_class: str
    class_zh: str
    class_en: str


@dataclass(eq=False)
class ExportFindingWrong(Invalid):
    """The finding of an export class does not say enough."""

    zh = "出口类别认定不完整：{wrong_zh}。"
    en = "The finding of an export class is not whole: {wrong_en}."
    wrong_zh: str
    wrong_en: str
