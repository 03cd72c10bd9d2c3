"""The bibliographic facts of a patent: read from what people and files write, checked, compared; pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from app.catalog.classification import parse_classification
from app.catalog.columns import COLUMNS
from app.catalog.errors import (
    DateMalformed,
    DiffersFromRecord,
    FactMissing,
    FactTooLong,
    FilingDateImpossible,
    TextUnreadable,
    TypeDiffers,
    TypeNeeded,
    TypeUnknown,
)
from app.catalog.patent_number import (
    ApplicationNumber,
    PatentType,
    parse_application_number,
    parse_publication_number,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

LONGEST_TEXT = 500
LAW_IN_FORCE_ON = date(1985, 4, 1)  # 专利法 1984: 自 1985 年 4 月 1 日起施行

NO_CHECK_DIGIT = "no_check_digit"  # 申请号无校验位: a number of before 1989
APPLICANT_WITHHELD = "applicant_withheld"  # 申请人未公开
APPLICANT_DIFFERS = "applicant_differs"  # 申请人与录入单位名称不一致
LEGAL_STATUS_UNVERIFIED = "legal_status_unverified"  # 法律状态未核验
KIND_UNKNOWN = "kind_unknown"  # 申请号种类位不认识
# A later year in the number is a divisional or a PCT application; an earlier one, a filing date set anew when
# missing drawings came (专利法实施细则第四十六条). Both exist, so it is something to look at, not to refuse.
FILING_YEAR_DIFFERS = "filing_year_differs"  # 申请日与申请号年份不一致

_TYPE_OF_NAME = {
    "发明": PatentType.INVENTION,
    "发明专利": PatentType.INVENTION,
    "发明公布": PatentType.INVENTION,
    "发明授权": PatentType.INVENTION,
    "发明申请": PatentType.INVENTION,
    "invention": PatentType.INVENTION,
    "实用新型": PatentType.UTILITY_MODEL,
    "实用新型专利": PatentType.UTILITY_MODEL,
    "utilitymodel": PatentType.UTILITY_MODEL,
    "外观设计": PatentType.DESIGN,
    "外观设计专利": PatentType.DESIGN,
    "外观专利": PatentType.DESIGN,
    "design": PatentType.DESIGN,
}
TYPE_NAMES_ZH = {
    PatentType.INVENTION: "发明",
    PatentType.UTILITY_MODEL: "实用新型",
    PatentType.DESIGN: "外观设计",
}
_DATE = re.compile(r"(\d{4})(?:年|[-./])(\d{1,2})(?:月|[-./])(\d{1,2})日?(?:[T ]00:00(?::00)?(?:\.0+)?)?")
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")
_NO_TEXT = {"Cc", "Cs"}  # control characters and halves of surrogate pairs


@dataclass(frozen=True)
class PatentFacts:
    """What a patent's bibliographic record says, with the marks that the facts themselves bring."""

    application_no: str
    title: str
    patent_type: PatentType
    filing_on: date
    ipc_main: str
    applicant: str | None
    patent_no: str | None
    marks: tuple[str, ...] = ()


def read_text(fact: str, written: str) -> str:
    """Checks one text: present, readable, not too long. Raises FactMissing, TextUnreadable or FactTooLong."""
    column = COLUMNS[fact]
    text = written.strip()
    if not text:
        raise FactMissing(column.name_zh, column.name_en)
    if "\ufffd" in text or any(unicodedata.category(character) in _NO_TEXT for character in text):
        raise TextUnreadable(column.name_zh)
    if len(text) > LONGEST_TEXT:
        raise FactTooLong(column.name_zh, column.name_en, len(text), LONGEST_TEXT)
    return text


def read_date(written: str) -> date:
    """Reads 2014-04-28, 2014.4.28, 2014/04/28, 2014年4月28日 or 20140428; raises DateMalformed."""
    plain = unicodedata.normalize("NFKC", written).strip()
    match = _DATE.fullmatch(plain) or _COMPACT_DATE.fullmatch(plain)
    year, month, day = (int(part) for part in match.groups()) if match else (0, 0, 0)
    try:
        return date(year, month, day)
    except ValueError:
        raise DateMalformed(written.strip()[:40]) from None


def _read_type(number: ApplicationNumber, written: str) -> PatentType:
    if not written.strip():
        if number.patent_type is None:
            raise TypeNeeded(number.text)
        return number.patent_type
    name = re.sub(r"[\s_-]+", "", unicodedata.normalize("NFKC", written)).lower()
    given = _TYPE_OF_NAME.get(name)
    if given is None:
        raise TypeUnknown(written.strip()[:40])
    if number.patent_type not in (None, given):
        raise TypeDiffers(number.text, TYPE_NAMES_ZH[number.patent_type], TYPE_NAMES_ZH[given])
    return given


def read_facts(written: Mapping[str, str], today: date) -> PatentFacts:
    """Reads a patent's facts, each under its name in ``COLUMNS``; ``today`` bounds the filing date.

    Raises the error of the first fact that cannot be right. Where the type is not given, the number tells it.
    """
    number = parse_application_number(read_text("application_no", written["application_no"]))
    title = read_text("title", written["title"])
    patent_type = _read_type(number, written.get("patent_type", ""))
    filing_on = read_date(read_text("filing_on", written["filing_on"]))
    if not LAW_IN_FORCE_ON <= filing_on <= today:
        raise FilingDateImpossible(filing_on, today)
    ipc_main = parse_classification(read_text("ipc_main", written["ipc_main"]))
    applicant = written.get("applicant", "").strip() or None
    patent_no = written.get("patent_no", "").strip() or None
    marks = {
        LEGAL_STATUS_UNVERIFIED: True,
        NO_CHECK_DIGIT: not number.has_check_digit,
        KIND_UNKNOWN: number.patent_type is None,
        FILING_YEAR_DIFFERS: filing_on.year != number.year and not number.is_pct,
        APPLICANT_WITHHELD: applicant is None,
    }
    return PatentFacts(
        application_no=number.text,
        title=title,
        patent_type=patent_type,
        filing_on=filing_on,
        ipc_main=ipc_main,
        applicant=read_text("applicant", applicant) if applicant else None,
        patent_no=parse_publication_number(patent_no) if patent_no else None,
        marks=tuple(mark for mark, holds in marks.items() if holds),
    )


def require_same(recorded: PatentFacts, given: PatentFacts) -> None:
    """Raises DiffersFromRecord with the first fact that differs; an applicant or number not given claims nothing."""
    for fact in ("title", "patent_type", "filing_on", "ipc_main", "applicant", "patent_no"):
        before, now = getattr(recorded, fact), getattr(given, fact)
        if now is None or before == now:
            continue
        column = COLUMNS[fact]
        shown = str(before) if before is not None else "-"
        raise DiffersFromRecord(given.application_no, column.name_zh, column.name_en, shown, str(now))


def _name_key(name: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", name)).lower()


def names_organisation(applicant: str | None, organisation_name: str) -> bool:
    """Whether an organisation is among the applicants that a record names; width, case and blanks do not count."""
    if applicant is None:
        return False
    names = re.split(r"[;；、|]|,(?!\s*(?:inc|ltd|co)\b)", applicant, flags=re.IGNORECASE)
    return _name_key(organisation_name) in {_name_key(name) for name in [*names, applicant]}
