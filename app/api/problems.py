"""Errors as problem documents (RFC 9457): one place turns every kind of error into application/problem+json."""

from typing import Any, cast

import orjson
import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from app.api.deps import language_of
from app.api.idempotency_errors import IdempotencyKeyMissing
from app.api.wording import explain
from app.errors import Lang, MarketError

MEDIA_TYPE = "application/problem+json"
_SCHEMA = {"$ref": "#/components/schemas/Problem"}

# status: (code, title zh, title en, detail zh, detail en) of problems that no error class speaks for
_PLAIN: dict[int, tuple[str, str, str, str, str]] = {
    400: (
        "bad-request",
        "请求无法读取",
        "The request cannot be read",
        "请求的格式有误，请检查请求体是否完整、编码是否为 UTF-8。",
        "The request is malformed. Check that its body is whole and in UTF-8.",
    ),
    401: ("unauthenticated", "请先登录", "Sign in first", "这一步要先登录。", "Sign in first."),
    402: ("payment-due", "请先付款", "A payment is due first", "请先付款。", "A payment is due first."),
    403: ("forbidden", "没有权限", "Not allowed", "你不能做这一步。", "This is not allowed for you."),
    404: (
        "no-such-address",
        "没有这个地址",
        "There is nothing at this address",
        "没有这个地址，请检查路径。接口都在 /api/v1 之下。",
        "There is nothing at this address. Check the path; the API is under /api/v1.",
    ),
    405: (
        "method-not-allowed",
        "不支持这种方法",
        "This method is not allowed here",
        "这个地址不支持这种 HTTP 方法，支持的方法见 Allow 头。",
        "This address does not take this HTTP method. The Allow header names those it takes.",
    ),
    409: (
        "conflict",
        "与现状冲突",
        "Conflict",
        "现在的状态不允许这一步。",
        "The present state does not allow this.",
    ),
    413: (
        "body-too-large",
        "内容过大",
        "The body is too large",
        "请求体过大：一般请求不超过 1 MiB，核验的竞价记录不超过 16 MiB，导入文件不超过 64 MiB。",
        "The body is too large: at most 1 MiB, 16 MiB for a record to be checked, 64 MiB for an import.",
    ),
    422: (
        "request-invalid",
        "内容不对",
        "The request is not right",
        "有 {count} 处需要改正，见 errors。",
        "{count} thing(s) need correction, see errors.",
    ),
    429: (
        "too-many-requests",
        "请求过多",
        "Too many requests",
        "请求过多，请稍后再试。",
        "Too many. Try again later.",
    ),
    500: (
        "internal-error",
        "系统出错",
        "The market failed",
        "系统出错，这一步没有完成。请把 request_id 告诉运营方。",
        "The market failed and did not complete this. Tell its operator the request_id.",
    ),
    503: (
        "busy",
        "繁忙",
        "Busy",
        "系统繁忙，过几秒再试。",
        "The market is busy. Try again in a few seconds.",
    ),
}

# A commit whose answer was lost is not undone: nobody may be told that nothing happened.
_DATABASE_AWAY: dict[Lang, tuple[str, str]] = {
    "zh": (
        "数据库暂时不可用",
        "数据库暂时不可用，正在恢复。如果刚才提交了内容，它可能已经生效，也可能没有：请过几秒刷新查看后再决定是否重新提交。",
    ),
    "en": (
        "The database is away",
        (
            "The database is away and coming back. What you have just sent may or may not have been done: look again "
            "in a few seconds before you send it anew."
        ),
    ),
}


def request_id_of(connection: HTTPConnection) -> str | None:
    """The id that the request's log lines carry."""
    value: str | None = connection.scope.get("market.request_id")
    return value


def problem_of(error: MarketError, lang: Lang, *, instance: str | None = None) -> dict[str, Any]:
    """Writes an error as a problem document; sockets send the same members."""
    document: dict[str, Any] = {
        "type": f"/problems/{error.code}",
        "title": error.title(lang),
        "status": error.status,
        "detail": error.detail(lang),
        "code": error.code,
    }
    if instance is not None:
        document["instance"] = instance
    return {**error.members(), **document}


def plain_problem(status: int, lang: Lang, *, instance: str | None = None, count: int = 0) -> dict[str, Any]:
    """Writes the problem of a status that no error class speaks for."""
    known = _PLAIN.get(status) or _PLAIN[500 if status >= 500 else 400]  # noqa: PLR2004 - HTTP's own classes
    code, title_zh, title_en, detail_zh, detail_en = known
    document: dict[str, Any] = {
        "type": f"/problems/{code}",
        "title": title_zh if lang == "zh" else title_en,
        "status": status,
        "detail": (detail_zh if lang == "zh" else detail_en).format(count=count),
        "code": code,
    }
    if instance is not None:
        document["instance"] = instance
    return document


def problem_response(
    connection: HTTPConnection, document: dict[str, Any], headers: dict[str, str] | None = None
) -> Response:
    """Answers with a problem document, and the headers its status asks for."""
    document = {**document, "request_id": request_id_of(connection)}
    headers = dict(headers or {})
    status = int(document["status"])
    if status == 401:  # noqa: PLR2004 - RFC 9110 section 15.5.2 asks for the header
        headers.setdefault("WWW-Authenticate", 'Bearer realm="market"')
    if "retry_after_seconds" in document:
        headers["Retry-After"] = str(document["retry_after_seconds"])
    elif status == 503:  # noqa: PLR2004
        headers.setdefault("Retry-After", "2")
    headers["Content-Language"] = language_of(connection)
    return Response(orjson.dumps(document), status, headers=headers, media_type=MEDIA_TYPE)


async def _market_error(request: Request, error: Exception) -> Response:
    market_error = cast("MarketError", error)
    document = problem_of(market_error, language_of(request), instance=request.url.path)
    return problem_response(request, document)


async def _validation_error(request: Request, error: Exception) -> Response:
    lang = language_of(request)
    wrong = cast("RequestValidationError", error).errors()
    if any((item["type"], item["loc"]) == ("missing", ("header", "Idempotency-Key")) for item in wrong):
        return await _market_error(request, IdempotencyKeyMissing())
    errors = [explain(item, lang) for item in wrong]
    document = plain_problem(422, lang, instance=request.url.path, count=len(errors))
    return problem_response(request, {**document, "errors": errors})


async def _http_error(request: Request, error: Exception) -> Response:
    http_error = cast("HTTPException", error)
    document = plain_problem(http_error.status_code, language_of(request), instance=request.url.path)
    return problem_response(request, document, dict(http_error.headers or {}))


def database_away(connection: HTTPConnection, error: Exception) -> Response:
    """Answers 503 while the database is away, and says that the step may have been done all the same."""
    structlog.get_logger("market.api").warning("database_away", path=connection.url.path, error=repr(error))
    lang = language_of(connection)
    title, detail = _DATABASE_AWAY[lang]
    document = plain_problem(503, lang, instance=connection.url.path)
    code = "database-away"
    document |= {"type": f"/problems/{code}", "code": code, "title": title, "detail": detail}
    return problem_response(connection, document)


def unknown_error(connection: HTTPConnection) -> Response:
    """Logs an exception nobody foresaw, once, and answers 500 without telling what it was."""
    structlog.get_logger("market.api").exception("unknown_error", path=connection.url.path)
    return problem_response(
        connection, plain_problem(500, language_of(connection), instance=connection.url.path)
    )


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Declares for the OpenAPI file which problems a route answers with, each with an example."""
    return {status: _declared(status) for status in statuses}


def _declared(status: int) -> dict[str, Any]:
    example = {**plain_problem(status, "zh", instance="/api/v1/...", count=1), "request_id": "01JZ3V6X"}
    if status == 422:  # noqa: PLR2004
        example["errors"] = [{"field": "name", "message": "必填。"}]
    title = _PLAIN.get(status, _PLAIN[500])[2]
    return {"description": title, "content": {MEDIA_TYPE: {"schema": _SCHEMA, "example": example}}}


_PROBLEM_SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "description": "RFC 9457 problem document; further members depend on its code.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "additionalProperties": True,
    "properties": {
        "type": {"type": "string", "description": "/problems/<code>"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {
            "type": "string",
            "description": "What was wrong and what would be right, in your language",
        },
        "code": {"type": "string", "description": "The stable name of the problem"},
        "instance": {"type": "string"},
        "request_id": {"type": ["string", "null"]},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}


def _describe(document: dict[str, Any]) -> dict[str, Any]:
    """Puts the problem document into the OpenAPI file, in place of FastAPI's own 422 and as every default answer."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    schemas["Problem"] = _PROBLEM_SCHEMA
    for path in document.get("paths", {}).values():
        for operation in path.values():
            responses = operation.setdefault("responses", {})
            # What is refused before any route: an address with NUL, a body that is no text or too large.
            if operation.get("parameters") or "requestBody" in operation:
                responses.setdefault("400", _declared(400))
            if "requestBody" in operation:
                responses.setdefault("413", _declared(413))
            if any(found["name"] == "Idempotency-Key" for found in operation.get("parameters", ())):
                responses.setdefault("409", _declared(409))
            if "422" in responses:
                responses["422"] = _declared(422)
            responses.setdefault("default", {**_declared(500), "description": "Any other problem"})
    return document


def install_problems(app: FastAPI) -> None:
    """Makes every error of the application a problem document, and describes it in its OpenAPI file."""
    app.add_exception_handler(MarketError, _market_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)
    made = app.openapi

    def openapi() -> dict[str, Any]:
        return made() if app.openapi_schema else _describe(made())

    app.openapi = openapi  # type: ignore[method-assign]
