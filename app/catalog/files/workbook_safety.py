"""Looks at an Excel file as a zip archive before anything opens it as a workbook."""

from __future__ import annotations

import zipfile
import zlib
from typing import BinaryIO

from app.catalog.errors import ArchiveUnsafe, FileFormatUnknown, FileUnreadable
from app.catalog.files.rows import MEBIBYTE, Limits

_MOST_ENTRIES = 500
_MOST_RATIO = 150  # real workbooks pack to a tenth or so; a bomb, to a thousandth
_RATIO_COUNTS_FROM = 4 * MEBIBYTE
_CHUNK = 256 * 1024
# Office Open XML has no document type declarations (ECMA-376 part 2), and entities are declared in nothing else.
_DECLARATIONS = (b"<!DOCTYPE", b"<!ENTITY")
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")


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


def _check_xml(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Reads one part to its end: its checksum and size are verified on the way."""
    tail = b""
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
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise FileUnreadable(
            why_zh="Excel 文件已损坏或不完整", why_en="the workbook is broken or cut off"
        ) from error
    finally:
        file.seek(0)
