"""Finding the caller behind a cookie or a token: one query for him, his organisation and his roles as they are now."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ARRAY, BindParameter, Interval, LargeBinary, Text, bindparam, func, or_, select, update

from app.accounts.caller import Caller
from app.accounts.credentials import API_TOKEN_MARK, secret_hash
from app.accounts.errors import TokenRefused
from app.accounts.models import ApiToken, Organisation, Person, PersonRole, SignIn

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy import ColumnElement, Select

    from app.db import AnySession, Database, Session
    from app.settings import Settings

# "Last seen" may lag by this much, so that reading does not write each time.
SEEN_LAG = timedelta(minutes=1)


def _roles() -> ColumnElement[Any]:
    roles = select(PersonRole.role).where(PersonRole.person_id == Person.id).scalar_subquery()
    return func.array(roles, type_=ARRAY(Text))


def _caller_columns() -> tuple[Any, ...]:
    return (
        Person.id.label("person_id"),
        Person.name,
        Organisation.id.label("organisation_id"),
        Organisation.kind,
        Organisation.name.label("organisation_name"),
        _roles().label("roles"),
        func.market_now().label("now"),
    )


def caller_from(row: Any, *, scopes: list[str] | None, **ids: UUID) -> Caller:  # noqa: ANN401 - such a row
    """The caller of a row of these queries."""
    return Caller(
        person_id=row.person_id,
        organisation_id=row.organisation_id,
        organisation_kind=row.kind,
        roles=frozenset(row.roles),
        scopes=None if scopes is None else frozenset(scopes),
        is_exchange=row.kind == "exchange",
        name=row.name,
        organisation_name=row.organisation_name,
        **ids,
    )


def sign_in_query(idle: timedelta | BindParameter[timedelta]) -> Select[Any]:
    """The sign-ins that stand, each with its caller's columns."""
    return (
        select(*_caller_columns(), SignIn.id, SignIn.seen_at)
        .join(Person, Person.id == SignIn.person_id)
        .join(Organisation, Organisation.id == Person.organisation_id)
        .where(
            SignIn.ended_at.is_(None),
            SignIn.expires_at > func.market_now(),
            SignIn.seen_at > func.market_now() - idle,
            Person.is_active,
        )
    )


def token_query() -> Select[Any]:
    """The tokens that stand, each with its caller's columns."""
    return (
        select(*_caller_columns(), ApiToken.id, ApiToken.scopes, ApiToken.used_at)
        .join(Person, Person.id == ApiToken.person_id)
        .join(Organisation, Organisation.id == Person.organisation_id)
        .where(
            ApiToken.revoked_at.is_(None),
            or_(ApiToken.expires_at.is_(None), ApiToken.expires_at > func.market_now()),
            Person.is_active,
        )
    )


# Compiled once; the market's clock and the secret's hash are all that changes.
_SIGN_IN = sign_in_query(bindparam("idle", type_=Interval())).where(
    SignIn.token_hash == bindparam("token_hash", type_=LargeBinary())
)
_TOKEN = token_query().where(ApiToken.token_hash == bindparam("token_hash", type_=LargeBinary()))


async def _touch_sign_in(session: Session, sign_in_id: UUID) -> None:
    await session.execute(update(SignIn).where(SignIn.id == sign_in_id).values(seen_at=func.market_now()))


async def _touch_token(session: Session, token_id: UUID) -> None:
    await session.execute(update(ApiToken).where(ApiToken.id == token_id).values(used_at=func.market_now()))


async def find_caller_by_cookie(db: Database, settings: Settings, cookie: str) -> Caller | None:
    """Finds who is signed in by this cookie; None when the session has ended, expired or idled too long."""
    idle = timedelta(hours=settings.session_idle_hours)
    row = await db.glance(_SIGN_IN, token_hash=secret_hash(cookie), idle=idle)
    if row is None:
        return None
    if row.now - row.seen_at > SEEN_LAG:
        await db.write(_touch_sign_in, row.id)
    return caller_from(row, scopes=None, sign_in_id=row.id)


async def find_caller_by_token(db: Database, token: str) -> Caller:
    """Finds whose token this is. Raises TokenRefused when it does not exist, was revoked or has expired."""
    row = None
    if token.startswith(API_TOKEN_MARK):
        row = await db.glance(_TOKEN, token_hash=secret_hash(token))
    if row is None:
        raise TokenRefused
    if row.used_at is None or row.now - row.used_at > SEEN_LAG:
        await db.write(_touch_token, row.id)
    return caller_from(row, scopes=row.scopes, token_id=row.id)


async def caller_of(session: AnySession, person_id: UUID) -> Caller:
    """The person as a caller with all his roles: for the command line and the market's own bidders, no secret asked."""
    query = (
        select(*_caller_columns())
        .join(Organisation, Organisation.id == Person.organisation_id)
        .where(Person.id == person_id)
    )
    return caller_from((await session.execute(query)).one(), scopes=None)
