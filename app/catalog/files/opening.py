"""Opens a file of patents: tells its format and encoding, then reads its rows lazily."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Literal

from app.catalog.errors import FileEmpty, FileFormatUnknown, FileTooLarge
from app.catalog.files.csv_rows import read_csv
from app.catalog.files.excel import read_workbook
from app.catalog.files.json_lines import read_json_lines
from app.catalog.files.rows import Limits, Row
from app.catalog.files.text import detect_encoding, read_lines
from app.catalog.files.workbook_safety import check_workbook

if TYPE_CHECKING:
    from collections.abc import Iterator

FileFormat = Literal["json_lines", "csv", "excel"]
_ZIP_MAGIC = b"PK\x03\x04"
_OLE_MAGIC = b"\xd0\xcf\x11\xe0"
_HEAD = 4096


@dataclass(frozen=True)
class PatentFile:
    """A file whose format and encoding are known; ``encoding`` is None for Excel."""

    file: BinaryIO
    file_format: FileFormat
    encoding: str | None
    limits: Limits

    def rows(self) -> Iterator[Row]:
        """Reads the rows from the start, one after the other; raises the faults of the file as a whole when met."""
        rows = _read_rows(self.file, self.file_format, self.encoding, self.limits)
        for number, row in enumerate(rows, 1):
            if number > self.limits.rows:
                raise FileTooLarge(what_zh="行数", what_en="rows", most=self.limits.rows)
            yield row

    def count_rows(self) -> int:
        """Reads the file through, so that all its faults are found before any row is taken; counts the rows."""
        return sum(1 for _ in self.rows())


def _read_rows(
    file: BinaryIO, file_format: FileFormat, encoding: str | None, limits: Limits
) -> Iterator[Row]:
    if file_format == "excel":
        return read_workbook(file, limits)
    if file_format == "csv":
        return read_csv(file, encoding or "utf-8", limits)
    return read_json_lines(file, encoding or "utf-8", limits)


def detect_format(file: BinaryIO, limits: Limits) -> FileFormat:
    """Tells the format from the content, never from the name. Raises FileFormatUnknown, FileEmpty, FileUnreadable."""
    file.seek(0)
    head = file.read(_HEAD)
    if head.startswith(_ZIP_MAGIC):
        return "excel"
    if head.startswith(_OLE_MAGIC):
        raise FileFormatUnknown(
            why_zh="旧版 Excel（.xls）或有密码的工作簿，请另存为无密码的 .xlsx",
            why_en="it is an old Excel file (.xls) or has a password; save it as .xlsx without one",
        )
    first = next((line for line in read_lines(file, limits) if line.strip()), b"")
    text = first.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text:
        raise FileEmpty
    if text.startswith(b"["):
        raise FileFormatUnknown(
            why_zh="是一个 JSON 数组，请改成每行一个对象",
            why_en="it is one JSON array; write one object a line instead",
        )
    if b"\x00" in first and not first.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise FileFormatUnknown(why_zh="不是文本", why_en="it is no text")
    return "json_lines" if text.startswith(b"{") else "csv"


def open_patent_file(file: BinaryIO, limits: Limits | None = None) -> PatentFile:
    """Recognises a seekable file and reads as far as its first row.

    Raises FileEmpty, FileFormatUnknown, FileUnreadable, FileTooLarge, ColumnsUnknown or ArchiveUnsafe.
    """
    bounds = limits or Limits()
    file_format = detect_format(file, bounds)
    encoding = None
    if file_format == "excel":
        check_workbook(file, bounds)
    else:
        encoding = detect_encoding(file, bounds)
    opened = PatentFile(file, file_format, encoding, bounds)
    if next(opened.rows(), None) is None:
        raise FileEmpty
    return opened
