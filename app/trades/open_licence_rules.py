"""Pure rules of open licences: what keeps a patent from being declared open (专利法 50, 51; 专利法实施细则 85 to 87)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.trades.errors_open_licences import FeeStandardWrong, OpenLicenceRefused

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from app.trades.licence_rules import Grant

SHORTEST_STANDARD, LONGEST_STANDARD = 5, 1000
WHOLE_BP = 10_000


@dataclass(frozen=True)
class Declaration:
    """What an owner declares: the fee, that annuities are paid until a day, and what stands on the patent."""

    fee_method: str
    fee_standard: str
    annuity_paid_until: date
    is_suspended: bool
    is_pledged: bool
    pledgee_consent: str = ""
    royalty_bp: int | None = None
    evaluation_ref: str = ""


def check_declaration(said: Declaration, *, patent_type: str, today: date, standing: Iterable[Grant]) -> None:
    """Raises FeeStandardWrong, or OpenLicenceRefused with its ground.

    No patent is opened under an exclusive or sole licence, while its procedure is suspended, with an annuity unpaid, or
    pledged without the pledgee's consent; a utility model or design needs its evaluation report.
    """
    has_royalty = said.fee_method == "entry_fee_and_royalty"
    is_said = SHORTEST_STANDARD <= len(said.fee_standard.strip()) <= LONGEST_STANDARD
    if not is_said or has_royalty != (said.royalty_bp is not None):
        raise FeeStandardWrong
    if said.royalty_bp is not None and not 0 < said.royalty_bp <= WHOLE_BP:
        raise FeeStandardWrong
    runs = [one for one in standing if one.kind != "ordinary" and one.ends_on >= today]
    for ground, holds, zh, en in (
        ("licensed", bool(runs), "正处于独占或者排他许可期间", "an exclusive or sole licence runs"),
        ("suspended", said.is_suspended, "专利权处于中止程序", "its procedure is suspended"),
        (
            "annuity",
            said.annuity_paid_until < today,
            "年费没有缴清，缴费有效期要到今天以后",
            "an annuity is unpaid: it must be paid beyond today",
        ),
        (
            "pledged",
            said.is_pledged and not said.pledgee_consent.strip(),
            "专利权已质押而没有质权人同意的书面文件",
            "it is pledged and the pledgee's written consent is missing",
        ),
        (
            "evaluation",
            patent_type != "invention" and not said.evaluation_ref.strip(),
            "实用新型和外观设计要写专利权评价报告的编号",
            "a utility model or design needs the number of its evaluation report",
        ),
    ):
        if holds:
            raise OpenLicenceRefused(ground, zh, en)
