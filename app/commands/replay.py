"""``market replay FILE``: plays a file of requests by the rules of any format, with no database."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.auction.protocol.playing import play

if TYPE_CHECKING:
    from collections.abc import Iterator

_EPILOG = """第一行是竞价参数，以后每行一个请求或主持人动作，格式见 docs/protocol.md。FILE 为 - 时读标准输入。
The first line is the parameters, each further line one request or act of the host: see docs/protocol.md. - reads
standard input.

退出码 / exit code: 0 已重放 / replayed; 2 某行无法读取 / a line cannot be read."""


def main(arguments: list[str]) -> int:
    """Replays; 0 when all lines were read, 2 when one could not be."""
    parser = argparse.ArgumentParser(
        prog="market replay",
        description="按规则重放 / play a file by the rules",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", metavar="FILE", help="JSON Lines")
    options = parser.parse_args(arguments)
    try:
        lines = _lines(options.file)
    except OSError as error:
        sys.stderr.write(f"文件无法读取 / the file cannot be read: {error}\n")
        return 2
    is_read = True
    for told in play(lines):
        _tell(told)
        is_read = is_read and "unreadable" not in told
    return 0 if is_read else 2


def _lines(name: str) -> Iterator[str]:
    if name == "-":
        return iter(sys.stdin)
    return iter(Path(name).read_text("utf-8").splitlines())


def _tell(told: dict[str, Any]) -> None:
    print(json.dumps(told, ensure_ascii=False))
