"""The one table of column names: what the patent office, this market and common exports call a patent's facts; pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from app.catalog.errors import ColumnsUnknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True)
class Column:
    """A fact of a patent, its names for people, and the headings it goes by, the most telling first."""

    name_zh: str
    name_en: str
    headings: tuple[str, ...]
    is_needed: bool = False


COLUMNS: dict[str, Column] = {
    "application_no": Column(
        "申请号",
        "application number",
        (
            "申请号",
            "专利申请号",
            "申请(专利)号",
            "专利号",
            "application_no",
            "app_no",
            "application_number",
            "an",
        ),
        is_needed=True,
    ),
    "title": Column("名称", "title", ("名称", "专利名称", "发明名称", "标题", "title", "ti"), is_needed=True),
    "patent_type": Column("专利类型", "patent type", ("专利类型", "专利种类", "类型", "patent_type", "type")),
    "filing_on": Column(
        "申请日",
        "filing date",
        ("申请日", "申请日期", "filing_on", "filing_date", "application_date", "ad"),
        is_needed=True,
    ),
    "ipc_main": Column(
        "主分类号",
        "main class",
        ("主分类号", "主分类", "ipc主分类号", "ipc主分类", "ipc_main", "main_ipc", "ipc"),
        is_needed=True,
    ),
    "applicant": Column(
        "申请（专利权）人",
        "applicant",
        (
            "申请(专利权)人",
            "申请(专利权)人(单位)",
            "申请人",
            "专利权人",
            "当前权利人",
            "applicant",
            "applicants",
            "assignee",
        ),
    ),
    "patent_no": Column(
        "公开（公告）号",
        "publication number",
        (
            "公开(公告)号",
            "授权公告号",
            "公告号",
            "公开号",
            "patent_no",
            "publication_no",
            "publication_number",
            "pn",
        ),
    ),
}


@lru_cache(maxsize=2048)
def plain_heading(written: str) -> str:
    """A heading without the differences that mean nothing: width, case, blanks, a byte order mark."""
    return re.sub(r"[\s\ufeff]+", "", unicodedata.normalize("NFKC", written)).lower()


_FACT_OF_HEADING = {heading: fact for fact, column in COLUMNS.items() for heading in column.headings}


def is_heading(written: str) -> bool:
    """Whether a text is a heading that is known here."""
    return plain_heading(written) in _FACT_OF_HEADING


def missing_columns(found: Iterable[str]) -> list[Column]:
    """The columns that every patent needs and that are not among the headings."""
    facts = {_FACT_OF_HEADING.get(plain_heading(heading)) for heading in found}
    return [column for fact, column in COLUMNS.items() if column.is_needed and fact not in facts]


def require_columns(found: Iterable[str]) -> None:
    """Raises ColumnsUnknown when a table's headings lack a column that every patent needs."""
    headings = [heading.strip() for heading in found if heading.strip()]
    missing = missing_columns(headings)
    if missing:
        raise ColumnsUnknown(
            missing_zh="、".join(column.name_zh for column in missing),
            missing_en=", ".join(column.name_en for column in missing),
            found=("、".join(headings) or "-")[:300],
        )


def pick_facts(row: Mapping[str, str]) -> dict[str, str]:
    """Takes from a row the facts known here, by any of their headings; the most telling that is not blank wins."""
    by_heading = {plain_heading(heading): value for heading, value in row.items()}
    return {
        fact: next((value for name in column.headings if (value := by_heading.get(name, "").strip())), "")
        for fact, column in COLUMNS.items()
    }
