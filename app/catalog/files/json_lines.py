"""JSON Lines: one object a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

import orjson

from app.catalog.columns import is_heading
from app.catalog.errors import RowUnreadable
from app.catalog.files.rows import Limits, Reason, Row
from app.catalog.files.text import GB18030, decode, read_lines, storable

if TYPE_CHECKING:
    from collections.abc import Iterator

_SHOWN = 2000


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and not any(isinstance(item, list | dict) for item in value):
        return ";".join(_cell(item) for item in value)
    return orjson.dumps(value).decode()


def _unreadable(line_no: int, line: str, why_zh: str, why_en: str) -> Row:
    return Row(line_no, {"line": storable(line.strip()[:_SHOWN])}, Reason.of(RowUnreadable(why_zh, why_en)))


def _read(line_no: int, line: bytes, encoding: str) -> Row:
    text = decode(line, encoding)
    try:
        # GB18030 is decoded here; for UTF-8 the parser itself refuses bytes that are none.
        value = orjson.loads(text if encoding == GB18030 else line.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        if not _is_utf8(text):
            return _unreadable(line_no, text, "不是 UTF-8 编码", "it is not UTF-8")
        return _unreadable(
            line_no,
            text,
            f"不是完整的 JSON（第 {error.colno} 个字符处）",
            f"it is no whole JSON (character {error.colno})",
        )
    if not isinstance(value, dict):
        return _unreadable(line_no, text, "每行应是一个 JSON 对象", "each line should be one JSON object")
    try:
        cells = {name: _cell(item) for name, item in value.items()}
    except orjson.JSONEncodeError:
        return _unreadable(
            line_no, text, "嵌套过深，每个字段应是文字", "it is nested too deeply; a field is a text"
        )
    if not any(is_heading(name) for name in cells):
        odd = RowUnreadable("没有一个认识的字段名，如 申请号", "it has no known field such as application_no")
        return Row(line_no, cells, Reason.of(odd))
    return Row(line_no, cells)


def _is_utf8(text: str) -> bool:
    return not any("\udc80" <= character <= "\udcff" for character in text)


def read_json_lines(file: BinaryIO, encoding: str, limits: Limits) -> Iterator[Row]:
    """Reads the rows of a JSON Lines file; blank lines are no rows."""
    for line_no, line in enumerate(read_lines(file, limits), 1):
        if line.strip():
            yield _read(line_no, line, encoding)
