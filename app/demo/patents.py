"""The patents of the demonstration: real ones by their bibliographic facts, and invented ones that say so."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.catalog.columns import pick_facts
from app.catalog.models import Patent
from app.catalog.patent_facts import read_facts
from app.catalog.registering import Origin, take_patents
from app.clock import add_years
from app.demo.accounts import SELLER_NAME
from app.demo.fictions import fictional_application_no

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from uuid import UUID

    from app.catalog.patent_facts import PatentFacts
    from app.db import Session

DEMONSTRATION = "demonstration"  # 演示虚构: there is no such patent
_FILE = Path(__file__).with_name("patents.jsonl")
_INVENTION_YEARS = (
    20  # 专利法第四十二条; which real patents are shown is decided again by the dated rule at listing
)
_FILED_ON = "2021-05-20"

# Sold over and over in the live sale; demonstration sales move no right.
LIVE = (
    ("演示专利：一种自动翻页的乐谱架", "G10G7/00"),
    ("演示专利：一种提醒浇水的花盆", "A01G27/00"),
    ("演示专利：一种可折叠的快递周转箱", "B65D6/18"),
    ("演示专利：一种自行车防雨坐垫", "B62J1/18"),
    ("演示专利：一种书页防卷装置", "B42D9/00"),
    ("演示专利：一种错峰烹饪的电饭煲控制方法", "A47J27/00"),
    ("演示专利：一种会议录音的要点整理方法", "G06F40/279"),
    ("演示专利：一种仓库巡检小车的路径规划方法", "G05D1/02"),
)
# Sold once at the beginning, so that there are a deal, a contract and a certificate to look at.
ENDED = (
    ("演示专利：一种玻璃幕墙清洁用吸盘", "A47L1/02"),
    ("演示专利：一种低噪声通风百叶", "F24F13/24"),
)
# In the seller's own lists: one returned, one in review, and some to try a listing with.
OWN = (
    ("演示专利：一种可调角度的太阳能支架", "H02S20/30"),
    ("演示专利：一种茶叶含水率检测方法", "G01N5/04"),
    ("演示专利：一种防滑楼梯踏板", "E04F11/16"),
    ("演示专利：一种快换式机械手爪", "B25J15/04"),
    ("演示专利：一种阅览室座位预约方法", "G06Q10/02"),
)
INVENTED = (*LIVE, *ENDED, *OWN)


def read_real_patents(today: date) -> list[PatentFacts]:
    """Reads the committed file and keeps what is still in its term, by at least a year."""
    rows = [json.loads(line) for line in _FILE.read_text("utf-8").splitlines() if line.strip()]
    facts = [read_facts(pick_facts(row), today) for row in rows]
    return [item for item in facts if add_years(item.filing_on, _INVENTION_YEARS - 1) > today]


@cache
def invented_number(title: str) -> str:
    """The number of an invented patent: its check digit holds, its serial is out of every year's reach."""
    return fictional_application_no(1 + [name for name, _ in INVENTED].index(title))


def invented_patents(today: date) -> list[PatentFacts]:
    """The invented patents of the demonstration's seller, marked as such."""
    written = [
        {
            "application_no": invented_number(title),
            "title": title,
            "filing_on": _FILED_ON,
            "ipc_main": ipc,
            "applicant": SELLER_NAME,
        }
        for title, ipc in INVENTED
    ]
    facts = [read_facts(item, today) for item in written]
    return [replace(item, marks=(*item.marks, DEMONSTRATION)) for item in facts]


async def record_patents(session: Session, facts: Sequence[PatentFacts], origin: Origin) -> dict[str, UUID]:
    """Registers patents for the organisation they belong to; gives their ids by number."""
    await take_patents(session, facts, origin)
    numbers = [item.application_no for item in facts]
    query = select(Patent.application_no, Patent.id).where(Patent.application_no.in_(numbers))
    return {row.application_no: row.id for row in (await session.execute(query)).all()}
