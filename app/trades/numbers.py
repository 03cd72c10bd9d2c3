"""Numbers of listings and deals (编号): series, year and serial, counted under the counter's row lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from app.clock import market_now, to_shanghai
from app.db import Base

if TYPE_CHECKING:
    from app.db import Session

LISTING_SERIES = "T"  # 挂牌项目编号
DEAL_SERIES = "CJ"  # 成交确认书编号
AWARD_SERIES = "ZX"  # 中选确认书编号
NOTICE_SERIES = "GS"  # 公示编号


class NumberCounter(Base):
    """The last serial of a series of numbers in a year (编号); its row is locked while a number is taken."""

    __tablename__ = "number_counter"

    series: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int]


async def lock_counter(session: Session, series: str, year: int) -> NumberCounter:
    """Takes the counter's row lock, making the row in a new year, and returns fresh values."""
    new = insert(NumberCounter).values(series=series, year=year, last=0)
    await session.execute(new.on_conflict_do_nothing())
    query = select(NumberCounter).where(NumberCounter.series == series, NumberCounter.year == year)
    rows = await session.execute(query.with_for_update(), execution_options={"populate_existing": True})
    return rows.scalar_one()


async def take_number(session: Session, series: str) -> str:
    """Takes the next number of a series in the market's year, such as ``T2026-0001``; none is given twice."""
    year = to_shanghai(await market_now(session)).year
    counter = await lock_counter(session, series, year)
    counter.last += 1
    await session.flush()
    return f"{series}{year}-{counter.last:04d}"
