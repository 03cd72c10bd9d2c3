"""How long a patent lasts (专利权期限): counted from the filing date, in years that are dated rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.clock import add_years
from app.dated_rules import get_rule

if TYPE_CHECKING:
    from datetime import date

    from app.catalog.patent_number import PatentType
    from app.db import AnySession


def expires_on(patent_type: PatentType | str, filing_on: date, term_years: int) -> date:
    """The day on which a patent is no longer in force: the filing date's day after the term's years.

    专利法第四十二条: the term is counted from the filing date (自申请日起计算); 专利审查指南 part five chapter nine 2.1:
    a term from 6 September 1999 of ten years ends with 5 September 2009, and the right ends on the 6th.
    """
    if term_years <= 0:
        message = f"a {patent_type} patent has a term of some years, not {term_years}"
        raise ValueError(message)
    return add_years(filing_on, term_years)


async def get_term_end(session: AnySession, patent_type: PatentType | str, filing_on: date) -> date:
    """The day on which a patent ends by the term in force for its filing date (15 years for a design since 2021-06-01)."""
    years = await get_rule(session, f"patent.term_years.{patent_type}", on=filing_on)
    return expires_on(patent_type, filing_on, int(years))
