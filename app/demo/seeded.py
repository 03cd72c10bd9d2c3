"""Whether a demonstration market is furnished: apart from the furnishing itself, since every start asks it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.accounts.queries import find_person_by_login
from app.demo.accounts import BUYER

if TYPE_CHECKING:
    from app.db import AnySession


async def is_seeded(session: AnySession) -> bool:
    """Whether the demonstration has been written; it is written whole, so one account tells."""
    return await find_person_by_login(session, BUYER.login) is not None
