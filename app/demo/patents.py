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
FILED_ON = "2021-05-20"

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
# Sold over and over, two to each way of bidding that is always to be seen; their order is that of app.demo.shows.
SHOWN = (
    ("演示专利：一种静音打字的键帽结构", "H01H13/14"),
    ("演示专利：一种会自己对齐的订书机", "B25C5/02"),
    ("演示专利：一种防溢出的汤锅盖", "A47J36/06"),
    ("演示专利：一种按行取票的座位指引灯", "F21V33/00"),
    ("演示专利：一种折叠后可站立的雨伞", "A45B25/02"),
    ("演示专利：一种粉笔灰收集黑板槽", "B43L21/00"),
    ("演示专利：一种可调软硬的书包背带", "A45F3/12"),
    ("演示专利：一种低光照下的苗床补光方法", "A01G7/04"),
    ("演示专利：一种快干的拖把头", "A47L13/20"),
    ("演示专利：一种不掉漆的晾衣夹", "D06F55/00"),
    ("演示专利：一种楼道扶手的测温方法", "G01K13/00"),
    ("演示专利：一种分格可拆的工具箱", "B25H3/02"),
    ("演示专利：一种会提示换水的鱼缸滤芯", "A01K63/04"),
    ("演示专利：一种轮椅过坎辅助装置", "A61G5/06"),
    ("演示专利：一种共享图书柜的还书核对方法", "G06Q50/10"),
    ("演示专利：一种无工具更换的门窗滑轮", "E05D15/06"),
)
# Licensed and not sold: one at its price, one open to anybody.
LICENSED = (
    ("演示专利：一种冷链箱的温控装置", "G05D23/19"),
    ("演示专利：一种节水灌溉的滴头", "A01G25/02"),
)
# Sold over and over by scored tender. Numbers follow from the order, so what came later stands behind.
TENDERED = (
    ("演示专利：一种实验室通风柜的节能控制方法", "B08B15/02"),
    ("演示专利：一种果蔬分级的称量方法", "B07C5/16"),
)
INVENTED = (*LIVE, *ENDED, *OWN, *SHOWN, *LICENSED, *TENDERED)


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
            "filing_on": FILED_ON,
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
