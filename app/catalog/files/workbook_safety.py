"""Looks at an Excel file as a zip archive before anything opens it as a workbook."""

from __future__ import annotations

import zipfile
import zlib
from typing import BinaryIO
from xml.parsers import expat

from app.catalog.errors import ArchiveUnsafe, FileFormatUnknown, FileUnreadable
from app.catalog.files.rows import MEBIBYTE, Limits

_MOST_ENTRIES = 500
_MOST_RATIO = 150  # real workbooks pack to a tenth or so; a bomb, to a thousandth
_RATIO_COUNTS_FROM = 4 * MEBIBYTE
_CHUNK = 256 * 1024
# Office Open XML has no document type declarations (ECMA-376 part 2), and entities are declared in nothing else.
_DECLARATIONS = (b"<!DOCTYPE", b"<!ENTITY")
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")
# An element of a few bytes becomes an object of some hundred: memory is bounded by their number, not by the file's size.
_MOST_ELEMENTS = 4_000_000
_MOST_OTHER_ELEMENTS = 200_000  # in parts that are neither sheets nor texts: styles, names, relations
_LARGE_PARTS = ("xl/worksheets/", "xl/sharedStrings.xml")
_LAST_COLUMN = 16_384  # XFD


def _check_sizes(archive: zipfile.ZipFile, limits: Limits) -> None:
    entries = archive.infolist()
    if len(entries) > _MOST_ENTRIES:
        raise ArchiveUnsafe(why_zh=f"内含 {len(entries)} 个文件", why_en=f"it holds {len(entries)} files")
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise FileUnreadable(why_zh="它有密码，请去掉密码", why_en="it has a password; remove it")
    unpacked = sum(entry.file_size for entry in entries)
    packed = max(sum(entry.compress_size for entry in entries), 1)
    if unpacked > limits.unpacked_bytes:
        mebibytes = unpacked // MEBIBYTE
        raise ArchiveUnsafe(why_zh=f"解压后有 {mebibytes} MiB", why_en=f"it unpacks to {mebibytes} MiB")
    if unpacked > _RATIO_COUNTS_FROM and unpacked / packed > _MOST_RATIO:
        ratio = unpacked // packed
        raise ArchiveUnsafe(why_zh=f"压缩比高达 {ratio} 倍", why_en=f"it unpacks to {ratio} times its size")


class _Elements:
    """Counts the elements of a part as it is read, and the cells of each row: a row is held as a whole when it is read."""

    def __init__(self, most: int) -> None:
        self._left = most
        self._cells = 0
        self._rows = 0
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    def read(self, chunk: bytes, *, is_last: bool = False) -> None:
        """Counts on; raises ArchiveUnsafe beyond the bounds, ExpatError for what is no XML."""
        self._parser.Parse(chunk, is_last)

    def _start(self, name: str, _attributes: object) -> None:
        self._left -= 1
        local = name.rpartition(" ")[2]
        if local == "row":
            self._rows += 1
        elif local == "c" and self._rows:
            self._cells += 1
        if self._left < 0 or self._cells > _LAST_COLUMN:
            raise ArchiveUnsafe(
                why_zh="单元格或内部元素过多", why_en="it has too many cells in a row, or elements in a part"
            )

    def _end(self, name: str) -> None:
        if name.rpartition(" ")[2] == "row":
            self._rows -= 1
            if not self._rows:
                self._cells = 0


def _check_xml(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Reads one part to its end: its checksum, size and number of elements are verified on the way."""
    tail = b""
    is_large = entry.filename.startswith(_LARGE_PARTS)
    elements = _Elements(_MOST_ELEMENTS if is_large else _MOST_OTHER_ELEMENTS)
    # Drawings of comments (VML) need not be well-formed, and nothing here reads them.
    is_counted = not entry.filename.endswith(".vml")
    with archive.open(entry) as part:
        while chunk := part.read(_CHUNK):
            if not tail and chunk.startswith(_UTF16_MARKS):
                raise ArchiveUnsafe(why_zh="内部文件不是 UTF-8", why_en="a part of it is not UTF-8")
            window = tail + chunk
            if any(word in window for word in _DECLARATIONS):
                raise ArchiveUnsafe(
                    why_zh="内部声明了外部实体或文档类型",
                    why_en="a part of it declares entities or a document type",
                )
            tail = chunk[-16:]
            if is_counted:
                elements.read(chunk)
    if is_counted:
        elements.read(b"", is_last=True)


def check_workbook(file: BinaryIO, limits: Limits) -> None:
    """Refuses what is no workbook (FileFormatUnknown), broken (FileUnreadable) or a bomb (ArchiveUnsafe)."""
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            _check_sizes(archive, limits)
            names = set(archive.namelist())
            if "[Content_Types].xml" not in names or "xl/workbook.xml" not in names:
                raise FileFormatUnknown(
                    why_zh="是 zip 压缩包，不是 Excel 工作簿",
                    why_en="it is a zip archive and no Excel workbook",
                )
            for entry in archive.infolist():
                if entry.filename.endswith((".xml", ".rels", ".vml")):
                    _check_xml(archive, entry)
    except (
        zipfile.BadZipFile,
        zlib.error,
        expat.ExpatError,
        EOFError,
        NotImplementedError,
        OSError,
    ) as error:
        raise FileUnreadable(
            why_zh="Excel 文件已损坏或不完整", why_en="the workbook is broken or cut off"
        ) from error
    finally:
        file.seek(0)
