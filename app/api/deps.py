"""What every route needs: the database, the settings, the caller, his language, and the page of a list."""

import re
from typing import Annotated
from urllib.parse import urlsplit

import structlog
from fastapi import Depends, Security
from fastapi.security import APIKeyCookie, HTTPBearer
from starlette.requests import HTTPConnection

from app.accounts.caller import Caller
from app.accounts.credentials import csrf_token_is_right
from app.accounts.errors import CsrfTokenWrong, OriginForeign, SessionEnded, SignInRequired
from app.accounts.finding import find_caller_by_cookie, find_caller_by_token
from app.api.wire import CursorWrong, Page, PageOf, Wire, cursor_of, get_page, read_cursor
from app.db import Database
from app.errors import Lang
from app.settings import Settings

__all__ = [
    "COOKIE",
    "CallerDep",
    "CursorWrong",
    "DbDep",
    "LangDep",
    "OptionalCallerDep",
    "Page",
    "PageDep",
    "PageOf",
    "SettingsDep",
    "Wire",
    "address_of",
    "cursor_of",
    "find_caller",
    "language_of",
    "own_origin",
    "read_cursor",
    "require_own_origin",
]

COOKIE = "market_session"
CSRF_HEADER = "X-CSRF-Token"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_LANGUAGE = re.compile(r"\s*([A-Za-z*]{1,8})(?:-[A-Za-z0-9-]*)?\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?))?\s*")

# They read nothing themselves: they put the two ways of signing in into the OpenAPI file.
_cookie_scheme = APIKeyCookie(
    name=COOKIE, auto_error=False, scheme_name="session", description="浏览器会话 / session"
)
_bearer_scheme = HTTPBearer(
    auto_error=False, scheme_name="token", description="个人令牌 mkt_… / personal token"
)


def get_db(connection: HTTPConnection) -> Database:
    """The database of this application."""
    db: Database = connection.app.state.db
    return db


def get_settings(connection: HTTPConnection) -> Settings:
    """The settings of this application."""
    settings: Settings = connection.app.state.settings
    return settings


def language_of(connection: HTTPConnection) -> Lang:
    """Chinese, unless the caller's Accept-Language prefers English to it (RFC 9110 section 12.5.4)."""
    weights: dict[str, float] = {}
    for part in connection.headers.get("accept-language", "")[:1000].split(","):
        match = _LANGUAGE.fullmatch(part)
        if match:
            tag, weight = match.group(1).lower(), float(match.group(2) or 1)
            weights[tag] = max(weight, weights.get(tag, 0.0))
    return "en" if weights.get("en", 0.0) > weights.get("zh", 0.0) else "zh"


def require_own_origin(connection: HTTPConnection, settings: Settings) -> None:
    """Raises OriginForeign when a browser says that another site's page sends this; programs send no Origin."""
    origin = connection.headers.get("origin")
    if origin is None:
        return
    host = connection.headers.get("host", "")
    # Compared as text: an Origin need not be a well-formed address.
    if origin.partition("://")[2].lower() == host.lower() or origin == _origin_of(settings.public_url):
        return
    raise OriginForeign(origin=origin[:200])


def _origin_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def bearer_of(connection: HTTPConnection) -> str | None:
    """The token in the Authorization header, if there is one."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


async def find_caller(connection: HTTPConnection) -> Caller | None:
    """Finds who asks, for routes and sockets: by token first, then by cookie; None for a guest.

    On methods that change something, and for sockets, a cookie counts only with our own origin, and on such
    methods only with its CSRF token. A cookie whose session has ended is a guest's: public pages stay open. A
    token that is not valid is an error: a program should know.
    """
    db, settings = get_db(connection), get_settings(connection)
    bearer = bearer_of(connection)
    cookie = connection.cookies.get(COOKIE)
    caller: Caller | None = None
    if bearer is not None:
        caller = await find_caller_by_token(db, bearer)
    elif cookie:
        method = connection.scope.get("method")  # None for a socket, which cannot send headers of its own
        if method not in _SAFE_METHODS:
            require_own_origin(connection, settings)
        caller = await find_caller_by_cookie(db, settings, cookie)
        if caller is not None and method is not None and method not in _SAFE_METHODS:
            given = connection.headers.get(CSRF_HEADER, "")
            if not csrf_token_is_right(settings, cookie, given):
                raise CsrfTokenWrong
    if caller is not None:
        structlog.contextvars.bind_contextvars(person_id=str(caller.person_id))
    return caller


async def _optional_caller(
    connection: HTTPConnection,
    _cookie: Annotated[object, Security(_cookie_scheme)],
    _bearer: Annotated[object, Security(_bearer_scheme)],
) -> Caller | None:
    return await find_caller(connection)


async def _caller(
    connection: HTTPConnection, caller: Annotated[Caller | None, Depends(_optional_caller)]
) -> Caller:
    if caller is None:
        raise SessionEnded if connection.cookies.get(COOKIE) else SignInRequired
    return caller


async def _own_origin(connection: HTTPConnection) -> None:
    require_own_origin(connection, get_settings(connection))


def address_of(connection: HTTPConnection) -> str:
    """The caller's network address, as the server or its trusted proxy gives it."""
    return connection.client.host if connection.client else "unknown"


# FastAPI takes a dependency that is not async to a thread, which costs more than all that these do.
async def _db(connection: HTTPConnection) -> Database:
    return get_db(connection)


async def _settings(connection: HTTPConnection) -> Settings:
    return get_settings(connection)


async def _language(connection: HTTPConnection) -> Lang:
    return language_of(connection)


DbDep = Annotated[Database, Depends(_db)]
SettingsDep = Annotated[Settings, Depends(_settings)]
LangDep = Annotated[Lang, Depends(_language)]
PageDep = Annotated[Page, Depends(get_page)]
OptionalCallerDep = Annotated[Caller | None, Depends(_optional_caller)]
CallerDep = Annotated[Caller, Depends(_caller)]
# For routes that a guest may change something with: no CSRF token exists yet, so the Origin alone tells.
own_origin = Depends(_own_origin)
