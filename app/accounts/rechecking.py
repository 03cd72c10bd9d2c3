"""Looking again at many signed-in callers at once: who still is one, and in which roles now."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, update

from app.accounts.finding import SEEN_LAG, caller_from, sign_in_query, token_query
from app.accounts.models import ApiToken, SignIn

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import AnySession, Session


async def list_signed_in(session: AnySession, sign_in_ids: Collection[UUID], idle: timedelta) -> list[Caller]:
    """The callers whose sign-ins stand, as they are now; a sign-in that has ended, or whose person is banned, is left out."""
    rows = await session.execute(sign_in_query(idle).where(SignIn.id.in_(sign_in_ids)))
    return [caller_from(row, scopes=None, sign_in_id=row.id) for row in rows]


async def list_with_token(session: AnySession, token_ids: Collection[UUID]) -> list[Caller]:
    """The callers whose tokens stand, as they are now; a revoked or expired one is left out."""
    rows = await session.execute(token_query().where(ApiToken.id.in_(token_ids)))
    return [caller_from(row, scopes=row.scopes, token_id=row.id) for row in rows]


async def mark_seen(session: Session, sign_in_ids: Collection[UUID], token_ids: Collection[UUID]) -> None:
    """Marks sign-ins and tokens as in use; who watches a sale does not idle. Writes at most once a minute for each."""
    now, lag = func.market_now(), SEEN_LAG
    seen = update(SignIn).where(SignIn.id.in_(sign_in_ids), SignIn.seen_at < now - lag)
    await session.execute(seen.values(seen_at=now))
    used = update(ApiToken).where(ApiToken.id.in_(token_ids), ApiToken.used_at < now - lag)
    await session.execute(used.values(used_at=now))
