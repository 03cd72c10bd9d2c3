"""Signing in and out: a session begins with a password and ends by sign-out, idleness or age."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import update

from app.accounts.credentials import new_session_token, secret_hash
from app.accounts.errors import LoginWrong, SessionEnded, WrongPassword
from app.accounts.finding import caller_of
from app.accounts.models import Person, SignIn
from app.accounts.passwords import password_is_right, read_login
from app.accounts.queries import find_person_by_login
from app.audit import audit
from app.clock import market_now

if TYPE_CHECKING:
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import Database, Session
    from app.settings import Settings

_LONGEST_NOTE = 300


@dataclass(frozen=True)
class SignedIn:
    """A session that has begun; ``token`` is the cookie's secret and is nowhere else."""

    caller: Caller
    login: str
    token: str
    expires_at: datetime


async def sign_in(
    db: Database,
    settings: Settings,
    login: str,
    password: str,
    *,
    address: str | None = None,
    user_agent: str | None = None,
) -> SignedIn:
    """Begins a session. Raises WrongPassword, alike and as slowly for a login that does not exist.

    The password is hashed between two transactions and in none.
    """
    try:
        person = await db.read(find_person_by_login, read_login(login))
    except LoginWrong:
        person = None
    stored = person.password_hash if person is not None and person.is_active else None
    if not await password_is_right(settings, stored, password) or person is None:
        raise WrongPassword
    return await db.write(start_session, settings, person.id, address=address, user_agent=user_agent)


async def start_session(
    session: Session,
    settings: Settings,
    person_id: UUID,
    *,
    address: str | None = None,
    user_agent: str | None = None,
) -> SignedIn:
    """Writes a session for a person whose password was right. Raises WrongPassword when he was shut out meanwhile."""
    person = await session.get(Person, person_id)
    if person is None or not person.is_active:
        raise WrongPassword
    now = await market_now(session)
    token = new_session_token()
    row = SignIn(
        person_id=person_id,
        token_hash=secret_hash(token),
        created_at=now,
        seen_at=now,
        expires_at=now + timedelta(days=settings.session_days),
        address=address,
        user_agent=user_agent[:_LONGEST_NOTE] if user_agent else None,
    )
    session.add(row)
    await session.flush()
    caller = await caller_of(session, person_id)
    await audit(session, caller, "session.started", subject_kind="session", subject_id=row.id)
    return SignedIn(caller=caller, login=person.login, token=token, expires_at=row.expires_at)


async def sign_out(session: Session, caller: Caller) -> None:
    """Ends the caller's session; its cookie is worth nothing from the commit on. Raises SessionNeeded for a token."""
    caller.require_session()
    if caller.sign_in_id is None:
        raise SessionEnded
    ended = (
        update(SignIn)
        .where(SignIn.id == caller.sign_in_id, SignIn.ended_at.is_(None))
        .values(ended_at=await market_now(session))
    )
    await session.execute(ended)
    await audit(session, caller, "session.ended", subject_kind="session", subject_id=caller.sign_in_id)
