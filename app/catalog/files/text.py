"""Text files: the surrounding gzip, the encoding, and lines with a bound on their length."""

from __future__ import annotations

import gzip
import re
import zlib
from typing import TYPE_CHECKING, BinaryIO, cast

from app.catalog.errors import FileFormatUnknown, FileTooLarge, FileUnreadable
from app.catalog.files.rows import MEBIBYTE, Limits

if TYPE_CHECKING:
    from collections.abc import Iterator

GZIP_MAGIC = b"\x1f\x8b"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
UTF8, UTF8_SIG, GB18030 = "utf-8", "utf-8-sig", "gb18030"


def unpack(file: BinaryIO) -> BinaryIO:
    """Opens the gzip around a text file, or gives the file itself from its start."""
    file.seek(0)
    is_packed = file.read(2) == GZIP_MAGIC
    file.seek(0)
    return cast("BinaryIO", gzip.GzipFile(fileobj=file)) if is_packed else file


def read_lines(file: BinaryIO, limits: Limits) -> Iterator[bytes]:
    """Reads the lines of a file that may be packed, from its start.

    Raises FileUnreadable when the gzip is broken and FileTooLarge at the bounds: a small file may unpack to a huge
    one, so that the bounds are held while it is read.
    """
    unpacked, size = unpack(file), 0
    try:
        while line := unpacked.readline(limits.line_bytes + 1):
            size += len(line)
            if len(line) > limits.line_bytes:
                raise FileTooLarge(what_zh="一行的字节数", what_en="bytes in a line", most=limits.line_bytes)
            if size > limits.unpacked_bytes:
                raise FileTooLarge(
                    what_zh="解压后的 MiB 数", what_en="MiB unpacked", most=limits.unpacked_bytes // MEBIBYTE
                )
            yield line
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise FileUnreadable(
            why_zh="gzip 压缩包已损坏或不完整，请重新压缩或重新下载",
            why_en="its gzip is broken or cut off; pack or fetch it again",
        ) from error


def detect_encoding(file: BinaryIO, limits: Limits) -> str:
    """Tells the encoding from the whole file: UTF-8 with or without mark, or GB18030 (which holds GBK and GB2312).

    Lines decide by majority, so that one damaged line in a UTF-8 file does not turn all others into nonsense. A line
    of GB18030 is almost never also UTF-8. Raises FileFormatUnknown for UTF-16 and for what is no text.
    """
    good = bad = 0
    is_marked = False
    for number, line in enumerate(read_lines(file, limits)):
        if number == 0:
            if line.startswith(_UTF16_MARKS):
                raise FileFormatUnknown(
                    why_zh="UTF-16 编码的文本，请另存为 UTF-8",
                    why_en="it is text in UTF-16; save it as UTF-8",
                )
            is_marked = line.startswith(b"\xef\xbb\xbf")
        if line.isascii():
            continue
        if _decodes(line, UTF8):
            good += 1
        else:
            bad += 1
    if is_marked:
        return UTF8_SIG
    return UTF8 if good >= bad else GB18030


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def decode(line: bytes, encoding: str) -> str:
    """Decodes a line; bytes that do not fit become halves of surrogate pairs, which no fact accepts."""
    return line.decode(encoding, errors="surrogateescape")


_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """Replaces what PostgreSQL's text and JSON cannot hold (NUL, lone surrogates) by the replacement character."""
    return _UNSTORABLE.sub("\ufffd", text)
