"""What can go wrong with a contract, its registration and its certificate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.errors import Busy, Conflict, Forbidden, Invalid, Missing, TooMany


@dataclass(eq=False)
class ContractNotFound(Missing):
    """There is no such contract, or it is not yours to see."""

    zh = "没有找到这份合同，或者它不对你公开。请从“我的合同”进入。"
    en = "There is no such contract, or it is not yours to see. Open it from your own contracts."
    contract_id: UUID


@dataclass(eq=False)
class RegistrationNotFound(Missing):
    """There is no such registration, or it is not yours to see."""

    zh = "没有找到这份登记申请，或者它不对你公开。"
    en = "There is no such registration, or it is not yours to see."
    registration_id: UUID


@dataclass(eq=False)
class CertificateNotFound(Missing):
    """No certificate has this code or number."""

    zh = (
        "没有查到“{given}”对应的登记证明。请核对：查验码是 16 位字母和数字（不分大小写，横线可省），"
        "登记号是 16 位数字。仍查不到的，这份证明不是本市场出具的。"
    )
    en = (
        "No certificate answers to {given}. Please compare again: a verification code has 16 letters and digits "
        "(upper or lower case, hyphens may be left out), a registration number has 16 digits. "
        "If it still cannot be found, this market did not issue it."
    )
    given: str


@dataclass(eq=False)
class CertificateNotReady(Busy):
    """The certificate is being made."""

    zh = "登记已完成，证明文件正在生成，通常几秒钟。请稍后再下载。"
    en = "The registration is done; its certificate is being made, which takes a few seconds. Try again shortly."


@dataclass(eq=False)
class NotRegisteredYet(Conflict):
    """The contract has not been registered, so there is no certificate."""

    zh = "这份申请还没有登记（现状：{registration_status}），登记后才有证明。"
    en = "This application has not been registered (now: {registration_status}); there is a certificate only after that."
    registration_status: str


@dataclass(eq=False)
class PatentFactMissing(Invalid):
    """A fact that a contract on a patent must state is missing."""

    zh = "合同缺少“{fact_zh}”。涉及专利的技术合同应当写明六项（民法典第八百四十五条），请先在专利资料中补全。"
    en = (
        "The contract lacks the {fact_en}. A technology contract on a patent states six facts (Civil Code, "
        "article 845): complete the patent's record first."
    )
    fact: str
    fact_zh: str
    fact_en: str


@dataclass(eq=False)
class DocumentChanged(Conflict):
    """What was read is not the document that would be signed."""

    zh = "合同文本与您阅读的不一致（现文本摘要 {document_sha256}）。请重新打开合同，通读后再签署。"
    en = "The document differs from the one you read (its digest is {document_sha256}). Open and read it again, then sign."
    document_sha256: str


@dataclass(eq=False)
class AlreadySigned(Conflict):
    """This side has signed already."""

    zh = "贵方已于 {signed_at:instant} 签署，不需要再签。"
    en = "Your side signed on {signed_at:instant}; nothing more is needed."
    side: str
    signed_at: datetime


@dataclass(eq=False)
class ContractNotInForce(Conflict):
    """A contract is registered only after both sides have signed it."""

    zh = "合同尚未生效：还差{missing_zh}签署。双方签署后才能申请登记。"
    en = "The contract is not in force: the {missing_en} has not signed. Apply after both sides have signed."
    missing: list[str]
    missing_zh: str
    missing_en: str


@dataclass(eq=False)
class NotTheSeller(Forbidden):
    """The seller applies for registration."""

    zh = "技术合同由卖方（让与人）申请登记，一份合同只登记一次。请联系{seller_name}申请。"
    en = "The seller (assignor) applies for registration, once for each contract. Ask {seller_name} to apply."
    seller_name: str


@dataclass(eq=False)
class AlreadyRegistered(Conflict):
    """A contract is registered once."""

    zh = "这份合同已有登记申请（{status_zh}{number_zh}），一份合同只登记一次。"
    en = "This contract has an application already ({registration_status}{number_en}); a contract is registered once."
    registration_id: UUID
    registration_status: str
    registration_no: str | None
    status_zh: str
    number_zh: str
    number_en: str


@dataclass(eq=False)
class AlreadyDecided(Conflict):
    """This application has been decided already."""

    zh = "这份申请已于 {decided_at:instant} 处理（{status_zh}），不能再次决定。"
    en = "This application was decided on {decided_at:instant} ({registration_status}) and cannot be decided again."
    registration_status: str
    status_zh: str
    decided_at: datetime


@dataclass(eq=False)
class AmountNotPositive(Invalid):
    """The technology amount is above zero."""

    zh = "技术交易额应大于 0 元。没有非技术费用的，填合同成交总额 {total_fen:yuan} 元。"
    en = "The technology amount is above zero. Without non-technical costs it equals the total, CNY {total_fen:yuan}."
    tech_fen: int
    total_fen: int


@dataclass(eq=False)
class TechAmountAboveTotal(Invalid):
    """The technology amount is not above the total."""

    zh = "技术交易额不能大于成交总额 {total_fen:yuan} 元。请填 {total_fen:yuan} 元或更小。"
    en = "The technology amount cannot exceed the total of CNY {total_fen:yuan}. Enter that or less."
    tech_fen: int
    total_fen: int


@dataclass(eq=False)
class TotalNotThePrice(Invalid):
    """The total is the price of the contract."""

    zh = "合同成交总额应与合同价款一致，为 {price_fen:yuan} 元（填的是 {total_fen:yuan} 元）。"
    en = "The total equals the contract's price of CNY {price_fen:yuan}; CNY {total_fen:yuan} was given."
    total_fen: int
    price_fen: int


@dataclass(eq=False)
class UnknownContractType(Invalid):
    """No contract has this type and subtype."""

    zh = "没有“{contract_type} / {subtype}”这一合同类别。可选：{allowed}。"
    en = "There is no contract type {contract_type} / {subtype}. Choose from: {allowed}."
    contract_type: str
    subtype: str
    allowed: str


@dataclass(eq=False)
class UnknownTechField(Invalid):
    """No technical field has this name."""

    zh = "没有“{tech_field}”这一技术领域。可选：{allowed}。"
    en = "There is no technical field {tech_field}. Choose from: {allowed}."
    tech_field: str
    allowed: str


@dataclass(eq=False)
class RefusalReasonNeeded(Invalid):
    """A refusal names a reason from the list and explains it."""

    zh = "不予登记要选一项理由并写明说明。可选理由：{allowed}。"
    en = "A refusal names one reason and explains it. Reasons: {allowed}."
    allowed: str


@dataclass(eq=False)
class RegistrationNumberWrong(Invalid):
    """A registration number has 16 digits."""

    zh = "登记号“{given}”不对：应为 16 位数字，即 4 位年份、4 位地区、2 位登记机构、6 位顺序号。"
    en = "The registration number {given} is wrong: it has 16 digits, year 4, region 4, office 2, serial 6."
    given: str


@dataclass(eq=False)
class RegistrationNumberTaken(Conflict):
    """This registration number belongs to another contract."""

    zh = "登记号 {registration_no} 已用于另一份合同。请核对，或留空由系统编号。"
    en = "The registration number {registration_no} belongs to another contract. Check it, or leave it to the market."
    registration_no: str


@dataclass(eq=False)
class SeriesExhausted(Conflict):
    """This year's serial numbers are used up."""

    zh = "编号序列 {series} 已用完，请改用下一个登记机构代码。"
    en = "The series {series} has no number left; use the next office code."
    series: str


@dataclass(eq=False)
class RegistrarIsParty(Forbidden):
    """Nobody decides on a contract of the own organisation."""

    zh = "登记员不能决定本单位作为一方的合同，请由其他登记机构办理。"
    en = "A registrar cannot decide on a contract to which the own organisation is a party."


@dataclass(eq=False)
class LookUpsTooFast(TooMany):
    """Certificates are looked up too fast."""

    zh = "查验过于频繁（上限 {limit}），请过一分钟再查。"
    en = "Too many look-ups (limit {limit}). Try again in a minute."
    limit: str
    retry_after_seconds: int = 60


@dataclass(eq=False)
class RegistrationChecksFailed(Conflict):
    """A check of the contract fails, so it cannot be registered."""

    zh = "不能登记：{failed_zh}。请写明理由，不予登记。"
    en = "It cannot be registered: {failed_en}. Refuse it with the reason."
    failed_zh: str
    failed_en: str
