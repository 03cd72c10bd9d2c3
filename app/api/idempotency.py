"""Idempotency-Key: a request that is sent twice is carried out once, and both get the same answer.

Source: draft-ietf-httpapi-idempotency-key-header: the same key with the same content gets the same answer, also when that
was a refusal; other content is 422; while the first is under way 409; a missing key where one is required is 400. Keys
are a person's own and an operation's own, and are kept for as long as the setting says.
"""

import contextlib
import hashlib
import re
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Header
from fastapi.requests import HTTPConnection, Request
from fastapi.responses import Response
from pydantic import BaseModel
from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.dialects.postgresql import insert

from app.accounts.caller import Caller
from app.api.deps import get_db, get_settings, language_of
from app.api.idempotency_errors import IdempotencyKeyReused, RequestInFlight
from app.api.idempotency_models import IdempotencyKey
from app.api.problems import problem_of, problem_response
from app.db import DATABASE_ERRORS, Session
from app.errors import MarketError

# The draft writes a key as a string of RFC 8941, in quotes; programs write it without as well. Both are one key.
_WRITTEN = r'^("([\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])+"|[\x21\x23-\x7e][\x21-\x7e]*)$'
_LONGEST = 200
_SERVER_FAILED = 500
_KEPT_HEADERS = ("content-type", "content-language", "location", "etag")
_IN_SCOPE = "market.idempotency_key"


@dataclass(eq=False)
class Key:
    """A key as it came: its value, how long it is kept, whose request it is; and its row once that is known."""

    value: str
    lasts: timedelta = timedelta(hours=24)
    connection: HTTPConnection | None = None
    row: ColumnElement[bool] | None = None


class AnsweredBeforeError(Exception):
    """Not a failure: the answer is there already, whole as it was given, and only has to be given again."""

    def __init__(self, status: int, headers: dict[str, str], body: bytes) -> None:
        """Keeps the answer."""
        super().__init__(status)
        self.response = Response(body, status, headers={**headers, "Idempotency-Replayed": "true"})


def _header(words: str) -> Any:  # noqa: ANN401 - FastAPI's own
    return Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=_LONGEST,
        pattern=_WRITTEN,
        description=words,
        examples=["0198f2a4-7c11-7d0e-8a53-5f1f0a7be001"],
    )


_WORDS = (
    "同一键和同一内容只办理一次：重发得到同一答复（拒绝亦同），内容不同为 422，正在办理为 409；键保留 24 小时（MARKET_IDEMPOTENCY_HOURS）"
    " / the same key with the same body is carried out once: a repeat gets the same answer, a refusal too; other content"
    " is 422, still under way 409; kept for 24 hours (MARKET_IDEMPOTENCY_HOURS)"
)


async def _given(
    connection: HTTPConnection, value: Annotated[str | None, _header(_WORDS)] = None
) -> Key | None:
    if value is None:
        return None
    plain = re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value
    key = Key(plain, timedelta(hours=get_settings(connection).idempotency_hours), connection)
    connection.scope[_IN_SCOPE] = key
    return key


async def _required(
    connection: HTTPConnection,
    value: Annotated[str, _header(f"必填，没有即为 400。 / Required, else 400. {_WORDS}")],
) -> Key | None:
    return await _given(connection, value)


IdempotencyKeyDep = Annotated[Key | None, Depends(_given)]
# For calls that move money: who sends one twice without knowing must not be able to.
MoneyKeyDep = Annotated[Key | None, Depends(_required)]


async def once(
    session: Session,
    caller: Caller,
    key: Key | None,
    operation_id: str,
    payload: BaseModel | None,
    make: Callable[[Session], Awaitable[UUID]],
    *,
    subject: UUID | None = None,
) -> UUID:
    """Carries out ``make`` unless this caller's key has done so before; answers with the id of what was made.

    ``subject`` is the id in the path, where there is one: the same key on another thing is another request. Nobody
    waits: of two at once the second is told that the first is under way. A refusal by a rule is kept with its key, so
    the transaction is committed here, with nothing else in it. Takes an advisory lock on the key. Raises
    RequestInFlight, IdempotencyKeyReused, AnsweredBeforeError.
    """
    if key is None:
        return await make(session)
    row = (
        (IdempotencyKey.person_id == caller.person_id)
        & (IdempotencyKey.operation_id == operation_id)
        & (IdempotencyKey.key == key.value)
    )
    await lock_key(session, f"{caller.person_id} {operation_id} {key.value}")
    digest = _digest(payload, subject)
    values = {"payload_sha256": digest, "expires_at": func.market_now() + key.lasts}
    if not await _claim(session, caller, operation_id, key.value, values):
        query = select(IdempotencyKey).where(row).execution_options(populate_existing=True)
        before = (await session.execute(query)).scalar_one()
        if before.payload_sha256 != digest:
            raise IdempotencyKeyReused
        if before.answer_status is not None:
            raise AnsweredBeforeError(
                before.answer_status, before.answer_headers or {}, before.answer_body or b""
            )
        # Made, and lost before it was answered: the edge reads it and answers now.
        key.row = row
        return _known(before.made_id)
    try:
        async with session.begin_nested():
            made = await make(session)
    except MarketError as error:
        await _keep_refusal(session, key, row, error)
        raise
    await session.execute(update(IdempotencyKey).where(row).values(made_id=made))
    key.row = row
    return made


async def _keep_refusal(session: Session, key: Key, row: ColumnElement[bool], error: MarketError) -> None:
    if error.status >= _SERVER_FAILED or key.connection is None:
        return
    document = problem_of(error, language_of(key.connection), instance=key.connection.url.path)
    answer = problem_response(key.connection, document)
    await session.execute(update(IdempotencyKey).where(row).values(**_answer(answer)))
    await session.commit()


async def lock_key(session: Session, name: str) -> None:
    """Takes the lock of a key until the transaction's end without waiting for it; raises RequestInFlight."""
    free = select(func.pg_try_advisory_xact_lock(func.hashtextextended(name, 0)))
    if not (await session.execute(free)).scalar_one():
        raise RequestInFlight


async def _claim(
    session: Session, caller: Caller, operation_id: str, key: str, values: dict[str, Any]
) -> bool:
    """Writes the key's row; one whose time is over counts as absent. False where one stands."""
    new = insert(IdempotencyKey).values(
        person_id=caller.person_id, operation_id=operation_id, key=key, **values
    )
    fresh = {**values, "made_id": None, "created_at": func.clock_timestamp()}
    anew = {**fresh, "answer_status": None, "answer_headers": None, "answer_body": None}
    claim = new.on_conflict_do_update(
        index_elements=["person_id", "operation_id", "key"],
        set_=anew,
        where=IdempotencyKey.expires_at <= func.market_now(),
    )
    return (await session.execute(claim.returning(IdempotencyKey.key))).first() is not None


def _known(made_id: UUID | None) -> UUID:
    # A row without an answer was committed with what it made.
    if made_id is None:
        raise RequestInFlight
    return made_id


def _answer(response: Response) -> dict[str, Any]:
    headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    return {
        "answer_status": response.status_code,
        "answer_headers": headers,
        "answer_body": bytes(response.body),
    }


Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def answering_once(handler: Handler) -> Handler:
    """A route's handler whose answer is kept with its key, and given again to a repeat."""

    async def answer(request: Request) -> Response:
        try:
            response = await handler(request)
        except AnsweredBeforeError as before:
            return before.response
        key: Key | None = request.scope.get(_IN_SCOPE)
        if key is None or key.row is None or response.status_code >= _SERVER_FAILED:
            return response
        # What was asked for is done: if its answer cannot be kept now, a repeat reads it anew.
        with contextlib.suppress(*DATABASE_ERRORS):
            return await get_db(request).write(_keep, key.row, response)
        return response

    return answer


async def _keep(session: Session, row: ColumnElement[bool], response: Response) -> Response:
    """Keeps an answer, and returns it; the one that a repeat has kept meanwhile goes before."""
    free = row & IdempotencyKey.answer_status.is_(None)
    kept = update(IdempotencyKey).where(free).values(**_answer(response)).returning(IdempotencyKey.key)
    if (await session.execute(kept)).first() is not None:
        return response
    before = (await session.execute(select(IdempotencyKey).where(row))).scalar_one_or_none()
    if before is None or before.answer_status is None:
        return response
    return Response(before.answer_body, before.answer_status, headers=before.answer_headers)


def _digest(payload: BaseModel | None, subject: UUID | None) -> bytes:
    """Hashes what was asked for; the model's own JSON makes blanks and the order of fields not matter."""
    body = payload.model_dump_json() if payload is not None else ""
    return hashlib.sha256(f"{subject}\n{body}".encode()).digest()
