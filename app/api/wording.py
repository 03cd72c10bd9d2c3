"""The wording of what is wrong with a request's fields: what pydantic found, said in the caller's language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.errors import Lang

# pydantic's error types; the fields in braces are pydantic's own context. English is given where pydantic's is unclear.
_ZH: dict[str, str] = {
    "missing": "必填。",
    "extra_forbidden": "没有这个字段，请删去。",
    "json_invalid": "请求体不是有效的 JSON（{error}）。",
    "json_type": "应为 JSON 文本。",
    "string_type": "应为文字。",
    "string_too_short": "至少 {min_length} 个字符。",
    "string_too_long": "至多 {max_length} 个字符。",
    "string_pattern_mismatch": "格式不对，应符合 {pattern}。",
    "string_unicode": "应为有效的 UTF-8 文字。",
    "string_unstorable": "含有无法保存的字符（空字符或不完整的 Unicode 字符），请删去。",
    "int_type": "应为整数（不加引号，不带小数点）；金额以分为单位。",
    "int_parsing": "应为整数。",
    "int_parsing_size": "整数过大。",
    "int_from_float": "应为整数，不能带小数；金额以分为单位。",
    "float_type": "应为数字。",
    "float_parsing": "应为数字。",
    "finite_number": "应为有限的数字。",
    "bool_type": "应为 true 或 false。",
    "bool_parsing": "应为 true 或 false。",
    "greater_than": "应大于 {gt}。",
    "greater_than_equal": "应不小于 {ge}。",
    "less_than": "应小于 {lt}。",
    "less_than_equal": "应不大于 {le}。",
    "multiple_of": "应为 {multiple_of} 的整数倍。",
    "literal_error": "应为以下之一：{expected}。",
    "enum": "应为以下之一：{expected}。",
    "uuid_type": "应为 UUID，例如 0198f2a4-7c11-7d0e-8a53-5f1f0a7be001。",
    "uuid_parsing": "应为 UUID，例如 0198f2a4-7c11-7d0e-8a53-5f1f0a7be001。",
    "date_type": "应为日期，例如 2026-12-01。",
    "date_parsing": "应为日期，例如 2026-12-01。",
    "date_from_datetime_parsing": "应为日期，例如 2026-12-01。",
    "date_from_datetime_inexact": "应为日期，不带时间，例如 2026-12-01。",
    "datetime_type": "应为带时区的时间，例如 2026-12-01T17:00:00+08:00。",
    "datetime_parsing": "应为带时区的时间，例如 2026-12-01T17:00:00+08:00。",
    "datetime_from_date_parsing": "应为带时区的时间，例如 2026-12-01T17:00:00+08:00。",
    "datetime_object_invalid": "应为带时区的时间，例如 2026-12-01T17:00:00+08:00。",
    "timezone_aware": "时间要带时区，例如 2026-12-01T17:00:00+08:00。",
    "temporal_text": "日期写作 2026-12-01，时间写作 2026-12-01T17:00:00+08:00。",
    "temporal_year": "年份应在 1900 至 2199 之间。",
    "list_type": "应为列表。",
    "too_short": "至少 {min_length} 项。",
    "too_long": "至多 {max_length} 项。",
    "set_type": "应为不重复的列表。",
    "dict_type": "应为 JSON 对象。",
    "model_type": "应为 JSON 对象。",
    "model_attributes_type": "应为 JSON 对象。",
    "none_required": "应为 null。",
    "amount_missing": "这种请求要写金额 amount_fen（以分为单位的整数）。",
    "amount_not_wanted": "这种请求不带金额，请删去 amount_fen。",
    "key_missing": "保密的请求要带 key：你的程序随机生成的 32 字节，写成 64 位小写十六进制。",
    "key_not_wanted": "公开的请求不带 key，请删去。",
    "value_error": "{error}",
    "assertion_error": "{error}",
}
_EN: dict[str, str] = {
    "missing": "Required.",
    "extra_forbidden": "There is no such field; leave it out.",
    "int_type": "Must be a whole number, without quotes or decimals; amounts are in fen.",
    "int_from_float": "Must be a whole number; amounts are in fen.",
    "timezone_aware": "A time needs its zone, e.g. 2026-12-01T17:00:00+08:00.",
    "model_attributes_type": "Must be a JSON object.",
    "json_invalid": "The body is not valid JSON ({error}).",
    "amount_missing": "This kind of request needs amount_fen, a whole number of fen.",
    "amount_not_wanted": "This kind of request has no amount; leave amount_fen out.",
    "key_missing": "A secret request needs key: 32 random bytes of your program as 64 lower-case hexadecimal digits.",
    "key_not_wanted": "A public request has no key; leave it out.",
}
_PLACES = frozenset({"body", "query", "path", "header", "cookie"})


def explain(error: dict[str, Any], lang: Lang) -> dict[str, str]:
    """Says one thing that is wrong: the field as a dotted path, and what would be right."""
    context = {key: str(value) for key, value in (error.get("ctx") or {}).items()}
    template = (_ZH if lang == "zh" else _EN).get(error["type"])
    if template is None and lang == "zh":
        template = "内容不对。"
    try:
        message = template.format(**context) if template else f"{error['msg']}."
    except (KeyError, IndexError):
        message = str(error["msg"])
    return {"field": _field(error["loc"]), "message": message}


def _field(location: tuple[str | int, ...]) -> str:
    """``("body", "admin", "login")`` is ``admin.login``; the whole body is ``body``."""
    if location and location[0] == "body" and len(location) > 1 and isinstance(location[1], int):
        return "body"  # where JSON broke off: a position, not a field
    parts = [str(part) for part in location]
    if len(parts) > 1 and parts[0] in _PLACES:
        parts = parts[1:]
    return ".".join(parts)
