"""Organisations known by name only (仅知名称的单位), as patent registers name them: without a code and without people."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from app.accounts.models import Organisation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.db import Session

_COMPANY = re.compile(r"公司|集团|厂$|企业$")
_UNIVERSITY = re.compile(r"大学|学院$|学校$")


def likely_kind(name: str) -> str:
    """What the name says of the organisation: a company, a university, or else an institute."""
    if _COMPANY.search(name):
        return "company"
    return "university" if _UNIVERSITY.search(name) else "institute"


async def name_organisations(session: Session, names: Iterable[str]) -> dict[str, Organisation]:
    """Records organisations by their names, one row a name, in the order given; nobody can sign in for them."""
    made = {name: Organisation(name=name, uscc=None, kind=likely_kind(name)) for name in dict.fromkeys(names)}
    session.add_all(made.values())
    await session.flush()
    return made
