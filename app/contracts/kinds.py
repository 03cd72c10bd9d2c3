"""The kinds of technology contract (合同类别), technical fields (技术领域) and reasons for refusing registration.

Kinds: 民法典 851 (development), 862 (transfer, licence), 878 (consulting, service); the conditions and the reasons
follow the recognition rules of 2001 (国科发政字〔2001〕253号) and the judicial interpretation on technology contracts.
The rules of 2026-01-23 replaced the former; their full text was not at hand, so this table is to be compared with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from app.contracts.errors import RefusalReasonNeeded, UnknownContractType, UnknownTechField


@dataclass(frozen=True)
class Word:
    """A term in both languages."""

    zh: str
    en: str


@dataclass(frozen=True)
class Kind:
    """A contract type (合同类别) and its subtypes."""

    name: Word
    subtypes: dict[str, Word]


@dataclass(frozen=True)
class Reason:
    """A ground for refusing registration (不予登记理由) and where it comes from."""

    name: Word
    basis: str


KINDS: Final[dict[str, Kind]] = {
    "development": Kind(
        Word("技术开发合同", "Technology development"),
        {
            "commissioned": Word("委托开发", "commissioned development"),
            "cooperative": Word("合作开发", "cooperative development"),
            "conversion": Word("科技成果转化", "conversion of an achievement"),
        },
    ),
    "transfer": Kind(
        Word("技术转让合同", "Technology transfer"),
        {
            "patent": Word("专利权转让", "assignment of a patent"),
            "patent_application": Word("专利申请权转让", "assignment of a patent application"),
            "know_how": Word("技术秘密转让", "assignment of know-how"),
            "software_copyright": Word("计算机软件著作权转让", "assignment of software copyright"),
            "layout_design": Word("集成电路布图设计专有权转让", "assignment of a layout-design"),
            "plant_variety": Word("植物新品种权转让", "assignment of a plant variety right"),
        },
    ),
    "licence": Kind(
        Word("技术许可合同", "Technology licence"),
        {
            "patent_licence": Word("专利实施许可", "patent licence"),
            "know_how_licence": Word("技术秘密使用许可", "know-how licence"),
        },
    ),
    "consulting": Kind(
        Word("技术咨询合同", "Technology consulting"),
        {
            "feasibility": Word("可行性论证", "feasibility study"),
            "forecast": Word("技术预测", "technology forecast"),
            "survey": Word("专题技术调查", "technical survey"),
            "evaluation": Word("分析评价", "analysis and evaluation"),
        },
    ),
    "service": Kind(
        Word("技术服务合同", "Technology service"),
        {
            "general": Word("一般技术服务", "technical service"),
            "training": Word("技术培训", "technical training"),
            "intermediary": Word("技术中介", "technical intermediation"),
        },
    ),
}

TECH_FIELDS: Final[dict[str, str]] = {
    "电子信息": "electronics and information",
    "航空航天": "aerospace",
    "先进制造": "advanced manufacturing",
    "生物、医药和医疗器械": "biology, medicine and medical devices",
    "新材料及其应用": "new materials and their use",
    "新能源与高效节能": "new energy and energy efficiency",
    "环境保护与资源综合利用": "environment and resource use",
    "核应用": "nuclear applications",
    "农业": "agriculture",
    "现代交通": "modern transport",
    "城市建设与社会发展": "urban construction and social development",
}

REASONS: Final[dict[str, Reason]] = {
    "NOT_TECH_CONTRACT": Reason(
        Word("不属于技术合同", "It is not a technology contract"), "技术合同认定规则（2001）第六条"
    ),
    "PARTY_UNCLEAR": Reason(Word("合同主体不明确", "The parties are not clear"), "技术合同认定规则（2001）"),
    "SUBJECT_UNCLEAR": Reason(
        Word("合同标的不明确", "The subject matter is not clear"), "技术合同认定规则（2001）"
    ),
    "PRICE_UNCLEAR": Reason(Word("价款约定不明确", "The price is not clear"), "技术合同认定规则（2001）"),
    "NO_SEAL_OR_AUTH": Reason(
        Word("印章不全或无授权", "Seals are incomplete or authority is missing"), "技术合同认定规则（2001）"
    ),
    "ORAL": Reason(Word("口头合同", "The contract is oral"), "技术合同认定登记管理办法（2000）；民法典 863"),
    "EXPIRED_OR_NOT_EFFECTIVE": Reason(
        Word("合同未生效或已过有效期", "The contract is not in force or has ended"),
        "技术合同认定登记管理办法（征求意见稿 2024）第十二条",
    ),
    "DUPLICATE": Reason(
        Word("重复登记", "The contract has been registered elsewhere"), "北京市技术市场条例第二十二条"
    ),
    "MONOPOLY_CLAUSE": Reason(
        Word("含非法垄断技术的条款", "A clause monopolises technology"), "民法典 850；技术合同解释第十条"
    ),
    "INFRINGING": Reason(Word("侵害他人技术成果", "It infringes another's technology"), "民法典 850"),
    "MISSING_PERMIT": Reason(Word("缺少法定许可", "A permit is missing"), "技术合同认定规则（2001）"),
    "WRONG_NAME": Reason(
        Word("合同名称与内容不符，退回改正", "The name does not fit the content; returned for correction"),
        "技术合同解释第四十二条",
    ),
    "CARRIER_EXCESS": Reason(
        Word("技术载体超出合理数量", "Technical carriers exceed a reasonable quantity"),
        "技术合同认定规则（2001）",
    ),
    "WRONG_TYPE_OR_AMOUNT": Reason(
        Word("类别或金额不符，退回改正", "Type or amounts are wrong; returned for correction"),
        "技术合同认定规则（2001）第五十一条",
    ),
}


def check_kind(contract_type: str, subtype: str) -> tuple[Word, Word]:
    """Finds a type and subtype; raises UnknownContractType naming what may be chosen."""
    kind = KINDS.get(contract_type)
    if kind is None or subtype not in kind.subtypes:
        allowed = " ".join(f"{key}/{sub}" for key, each in KINDS.items() for sub in each.subtypes)
        raise UnknownContractType(contract_type, subtype, allowed)
    return kind.name, kind.subtypes[subtype]


def check_tech_field(tech_field: str) -> Word:
    """Finds one of the eleven technical fields; raises UnknownTechField."""
    if tech_field not in TECH_FIELDS:
        raise UnknownTechField(tech_field, "、".join(TECH_FIELDS))
    return Word(tech_field, TECH_FIELDS[tech_field])


def check_reason(code: str | None, text: str | None) -> tuple[Reason, str]:
    """Finds a reason for refusal and requires its explanation; raises RefusalReasonNeeded."""
    if code not in REASONS or not (text or "").strip():
        raise RefusalReasonNeeded(" ".join(REASONS))
    return REASONS[code], (text or "").strip()
