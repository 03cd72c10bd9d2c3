"""Refusals around public notices: each says what was wrong and what would be right."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.errors import Conflict, Forbidden, Invalid, Missing


@dataclass(eq=False)
class NoticeMissing(Missing):
    """There is no such notice, or it is not public."""

    zh = "没有这份公示，或者它还没有发布。"
    en = "There is no such notice, or it is not public."


@dataclass(eq=False)
class ObjectionMissing(Missing):
    """There is no such objection to this notice."""

    zh = "这份公示没有这项异议。"
    en = "This notice has no such objection."


@dataclass(eq=False)
class NoticeStateForbids(Conflict):
    """The notice's present state does not allow this."""

    zh = "公示现在是“{present_zh}”，不能{act_zh}。现在可以：{possible_zh}。"
    en = "The notice is {present_en} now and cannot be {act_en}. What is possible now: {possible_en}."
    notice_status: str
    act: str
    possible: list[str]
    present_zh: str
    present_en: str
    act_zh: str
    act_en: str
    possible_zh: str
    possible_en: str


@dataclass(eq=False)
class NoticeIncomplete(Invalid):
    """The notice does not say what its jurisdiction asks for."""

    zh = "公示内容不全，还缺：{missing_zh}。补全后再发布。"
    en = "The notice is incomplete: {missing_en} is missing. Complete it, then publish."
    fields: list[str]
    missing_zh: str
    missing_en: str


@dataclass(eq=False)
class NoticeTooShort(Invalid):
    """The notice is shorter than its jurisdiction allows."""

    zh = "公示期至少为 {least} {unit}（国发〔2016〕16号：不少于15日），你填的是 {count} {given_unit}。"
    en = "The notice must run for at least {least} {unit}; you gave {count} {given_unit}."
    least: int
    unit: str
    count: int
    given_unit: str


@dataclass(eq=False)
class NoticeNotOver(Conflict):
    """The notice's period is not over."""

    zh = "公示期到 {ends_at:instant} 届满，届满前不能完成。"
    en = "The notice runs until {ends_at:instant} and is not completed before."
    ends_at: datetime


@dataclass(eq=False)
class NoticeExists(Conflict):
    """The sale has a notice already."""

    zh = "本项目已有一份公示（{notice_no}）。要变更价格、受让方或转化方式，请在其上办理变更，重新公示。"
    en = "The sale has the notice {notice_no} already. Begin it anew to change price, transferee or mode."
    notice_no: str


@dataclass(eq=False)
class NotForNotice(Conflict):
    """Notice is given of a published sale at a negotiated price."""

    zh = "只有已发布、未结束的协议定价项目需要公示；本项目不是，或者已经结束。"
    en = "Notice is given of a published sale at a negotiated price that is not over; this one is not such a sale."


@dataclass(eq=False)
class TransfereeIsSeller(Invalid):
    """The transferee cannot be the seller."""

    zh = "受让方不能是出让方自己，请选择另一家单位。"
    en = "The transferee cannot be the seller; name another party."


@dataclass(eq=False)
class SecrecyNotDeclared(Invalid):
    """It must be declared that the achievement has passed the secrecy check."""

    zh = "发布前要声明：该成果已通过保密审查，不涉及国家秘密（保守国家秘密法）。"
    en = "Declare first that the achievement has passed the secrecy check and holds no state secret."


@dataclass(eq=False)
class DeciderInvolved(Forbidden):
    """Whoever is an inventor, or objected, does not decide about the objection."""

    zh = "{name} 是成果完成人、关系人或异议人，不能处理这项异议，请由另一位人员办理。"
    en = "{name} is an inventor, related or the objector and cannot decide; another person does."
    name: str


@dataclass(eq=False)
class NotUnrelated(Invalid):
    """Whoever decides declares that he is neither an inventor nor related to one."""

    zh = "处理异议前要声明：处理人不是成果完成人，也没有利害关系。"
    en = "Declare that whoever decides is neither an inventor nor related to one."


@dataclass(eq=False)
class ObjectionDecided(Conflict):
    """The objection has been decided already."""

    zh = "这项异议已经处理，不能再次处理。"
    en = "This objection has been decided already."


@dataclass(eq=False)
class NoticeNeeded(Conflict):
    """No contract before the public notice has been completed."""

    zh = (
        "出让方属国家设立的研究开发机构、高等院校，协议定价须先在本单位公示成果名称和拟交易价格，"
        "公示完成前不能签订合同（促进科技成果转化法第十八条）。现状：{present_zh}。"
    )
    en = (
        "A state research institute or university that negotiates a price gives public notice first; no contract "
        "before that is completed (转化法 18). The notice: {present_en}."
    )
    present_zh: str
    present_en: str


@dataclass(eq=False)
class BelowNoticedPrice(Conflict):
    """A contract is not made below the price of which notice was given."""

    zh = "合同价 {price_fen:yuan} 元低于公示的 {noticed_fen:yuan} 元。不低于公示价才能签订；要降价须变更后重新公示。"
    en = "{price_fen:yuan} yuan is below the noticed {noticed_fen:yuan}. Agree at that or more, or begin a new notice."
    price_fen: int
    noticed_fen: int


@dataclass(eq=False)
class NotTheNoticedTransferee(Conflict):
    """A contract is made with the transferee of whom notice was given, and nobody else."""

    zh = "公示的受让方是“{transferee_name}”，不能与其他单位签订。要换受让方须变更后重新公示。"
    en = "Notice was given of {transferee_name} as transferee. Begin a new notice to sell to another party."
    transferee_name: str


@dataclass(eq=False)
class ObjectionTooLate(Conflict):
    """The notice's period was over when the objection came."""

    zh = "公示期已于 {ends_at:instant} 届满，不再受理异议。认为有误的，可向监督岗反映。"
    en = "The notice ended at {ends_at:instant}; no objection is taken any more. Turn to the supervisor's desk."
    ends_at: datetime


@dataclass(eq=False)
class DeskDoesNotObject(Forbidden):
    """The exchange's people decide about objections and file none."""

    zh = "交易所人员办理异议，不能提出异议。"
    en = "The exchange's people handle objections and file none."


@dataclass(eq=False)
class NotTheNoticesSeller(Forbidden):
    """Only the seller's own people write its notice."""

    zh = "只有出让方的经办人员能办理这份公示。"
    en = "Only the seller's own people write this notice."


@dataclass(eq=False)
class CertificateMissing(Missing):
    """There is no certificate: the notice has not been completed."""

    zh = "公示还没有完成，没有公示证明。"
    en = "The notice has not been completed, so there is no certificate."


@dataclass(eq=False)
class TransfereeUnknown(Invalid):
    """No party of the market has this id or credit code."""

    zh = "没有这家受让方。受让方要先在本市场登记，再按统一社会信用代码填写。"
    en = "There is no such transferee. It registers with the market first; then name it by its credit code."


@dataclass(eq=False)
class RelationUnexplained(Invalid):
    """A transferee who is an inventor or related to one is named with that relation."""

    zh = "受让方是完成人或利害关系人的，要写明是什么关系。"
    en = "Say how the transferee is related to the inventors."
