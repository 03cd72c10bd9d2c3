"""Personal tokens for programs: made by a signed-in person, narrow, dated, and revocable at once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.accounts.credentials import SHOWN_CHARACTERS, new_api_token, secret_hash
from app.accounts.errors import ScopeUnfit, TokenExpiryWrong, TokenMissing
from app.accounts.models import ApiToken
from app.accounts.permissions import Scope
from app.audit import audit
from app.clock import market_now

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import Session

LONGEST_DAYS = 366
_USUAL = timedelta(days=90)


async def create_token(
    session: Session, caller: Caller, *, name: str, scopes: Iterable[str], expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    """Makes a token for the caller himself; its secret is answered once and only its hash is kept.

    Without an expiry it holds for 90 days. Raises SessionNeeded, ScopeUnfit, TokenExpiryWrong.
    """
    caller.require_session()
    wanted = sorted({str(scope) for scope in scopes})
    if not wanted or not set(wanted) <= set(Scope):
        raise ScopeUnfit(fit=", ".join(Scope))
    now = await market_now(session)
    expiry = expires_at or now + _USUAL
    if not now < expiry <= now + timedelta(days=LONGEST_DAYS):
        raise TokenExpiryWrong(longest_days=LONGEST_DAYS)
    secret = new_api_token()
    token = ApiToken(
        person_id=caller.person_id,
        name=name,
        prefix=secret[:SHOWN_CHARACTERS],
        token_hash=secret_hash(secret),
        scopes=wanted,
        created_at=now,
        expires_at=expiry,
    )
    session.add(token)
    await session.flush()
    await audit(
        session,
        caller,
        "token.created",
        subject_kind="token",
        subject_id=token.id,
        detail={"name": name, "scopes": wanted, "expires_at": expiry.isoformat()},
    )
    return token, secret


async def revoke_token(session: Session, caller: Caller, token_id: UUID) -> None:
    """Ends one of the caller's own tokens; to revoke it again changes nothing. Raises TokenMissing."""
    caller.require_session()
    query = (
        select(ApiToken)
        .where(ApiToken.id == token_id, ApiToken.person_id == caller.person_id)
        .with_for_update()
    )
    token = (await session.execute(query, execution_options={"populate_existing": True})).scalar_one_or_none()
    if token is None:
        raise TokenMissing(token_id)
    if token.revoked_at is None:
        token.revoked_at = await market_now(session)
        await session.flush()
        await audit(session, caller, "token.revoked", subject_kind="token", subject_id=token.id)
