"""What surrounds every request: its id, log line and metrics, security headers, and the bound on its body."""

import re
import time
from datetime import UTC, datetime
from typing import Any

import structlog
from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.deps import language_of
from app.api.problems import database_away, plain_problem, problem_response, unknown_error
from app.db import is_away
from app.ids import uuid7
from app.metrics import REQUEST_SECONDS, REQUESTS
from app.pages import security_headers
from app.settings import Settings

BODY_BYTES = 1 << 20
IMPORT_BYTES = 64 << 20
IMPORT_PATHS = ("/api/v1/patent-imports", "/api/v1/bank-statement")
CHECK_BYTES = 16 << 20
CHECK_PATHS = ("/api/v1/protocol-checks",)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_log = structlog.get_logger("market.request")


class RequestEnvelope:
    """Gives each request its id and headers, counts and logs it, and answers 500 where nobody else answered."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        """Encodes the headers once."""
        self.app = app
        self.headers = [
            (name.lower().encode(), value.encode()) for name, value in security_headers(settings).items()
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wraps one request; a socket gets the id only, its edge logs it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        # Before anything is awaited: who was received first is judged first.
        scope["market.received_at"] = datetime.now(UTC)
        request_id = _request_id(scope)
        scope["market.request_id"] = request_id
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        if scope["type"] == "websocket":
            await self.app(scope, receive, send)
            return
        await self._answer(scope, receive, send, request_id)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        began = time.perf_counter()
        status = 0
        ours = [*self.headers, (b"x-request-id", request_id.encode())]

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = message.setdefault("headers", [])
                headers.extend(ours)
                if scope["path"].startswith("/api/"):
                    MutableHeaders(scope=message).setdefault("Cache-Control", "no-store")
            await send(message)

        try:
            if _has_nul(scope):
                refusal = _refuse(scope, 400)
                await refusal(scope, receive, send_with_headers)
            else:
                await self.app(scope, receive, send_with_headers)
        except Exception as error:
            if status:
                # Half an answer is out: the server has to cut the connection, and logs why.
                raise
            connection = HTTPConnection(scope)
            failure = database_away(connection, error) if is_away(error) else unknown_error(connection)
            await failure(scope, receive, send_with_headers)
        finally:
            _tell(scope, status, time.perf_counter() - began)


class BodyLimit:
    """Refuses a body above its bound: at once by its declared length, or when the bytes that come pass it."""

    def __init__(self, app: ASGIApp) -> None:
        """Wraps the application."""
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Counts the body's bytes as they are read."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS"):
            await self.app(scope, receive, send)
            return
        # Whoever does not even claim to be somebody may not make us read a large file first.
        is_import = scope["path"].startswith(IMPORT_PATHS) and _claims_somebody(scope)
        # A record is checked for anybody; of a longer one he runs the verifier himself.
        is_check = scope["path"].startswith(CHECK_PATHS)
        limit = IMPORT_BYTES if is_import else CHECK_BYTES if is_check else BODY_BYTES
        if _declared_length(scope) > limit:
            refusal = _refuse(scope, 413)
            await refusal(scope, receive, send)
            return
        read = 0

        async def receive_counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > limit:
                raise HTTPException(413)
            return message

        await self.app(scope, receive_counted, send)


def _claims_somebody(scope: Scope) -> bool:
    """Whether the request carries a token or a cookie; who it is, if anybody, is found later."""
    return any(name in (b"authorization", b"cookie") for name, _ in scope["headers"])


def _request_id(scope: Scope) -> str:
    """Takes the id that a proxy in front gave, or makes one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _REQUEST_ID.fullmatch(text := value.decode("latin-1")):
            return str(text)
    return uuid7().hex


def _declared_length(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
    return 0


def _has_nul(scope: Scope) -> bool:
    """PostgreSQL's text cannot hold NUL, so no address with one leads anywhere."""
    return "\x00" in scope["path"] or b"%00" in scope["query_string"]


def _refuse(scope: Scope, status: int) -> ASGIApp:
    connection = HTTPConnection(scope)
    return problem_response(
        connection,
        plain_problem(status, language_of(connection), instance=connection.url.path.replace("\x00", "")),
    )


def _tell(scope: Scope, status: int, seconds: float) -> None:
    """One log line and two metrics for each request; the route's pattern keeps ids out of the labels."""
    route: Any = scope.get("route")
    pattern = str(getattr(route, "path", "") or "unmatched")
    # A caller may invent methods; labels must stay few.
    method = scope["method"] if scope["method"] in _METHODS else "OTHER"
    REQUESTS.labels(method, pattern, str(status)).inc()
    REQUEST_SECONDS.labels(method, pattern).observe(seconds)
    _log.info(
        "request", method=method, path=scope["path"], status=status, milliseconds=round(seconds * 1000, 1)
    )


def install_middleware(app: FastAPI, settings: Settings) -> None:
    """Puts the envelope outside the bound on bodies, so that a refused body has an id and headers too."""
    app.add_middleware(BodyLimit)
    app.add_middleware(RequestEnvelope, settings=settings)
