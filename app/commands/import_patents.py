"""``market import patents FILE``: brings a file of patents into the exchange's own catalogue."""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from sqlalchemy.exc import SQLAlchemyError

from app.catalog.files import Limits, open_patent_file
from app.catalog.files.rows import MEBIBYTE
from app.catalog.importing import finish_import, in_pages, start_catalogue_import, take_rows
from app.catalog.queries import list_refusals, list_refused_headings
from app.catalog.refused_rows import heading_line, refusal_line
from app.commands.opening import open_server
from app.db import Database
from app.embedded import EmbeddedServerError
from app.errors import MarketError
from app.migrate import is_current

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from app.catalog.models import PatentImport

# The operator's own files: larger than what a page takes, and still bounded.
_LIMITS = Limits(rows=5_000_000, unpacked_bytes=8192 * MEBIBYTE)
_BAR = 30
_FORMATS = {"json_lines": "JSON Lines", "csv": "CSV", "excel": "Excel"}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="market import", description="导入 / bring records in")
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="patents")
    patents = kinds.add_parser("patents", help="专利清单 / a list of patents: JSON Lines (.gz), CSV, Excel")
    patents.add_argument("file", type=Path, help="文件 / the file")
    patents.add_argument(
        "--refused",
        type=Path,
        help="未受理行写到这个 CSV / write refused rows to this CSV (default: ./FILE.refused.csv)",
    )
    patents.add_argument("--data", type=Path, help="数据目录 / data folder of the embedded server")
    return parser


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


class _Progress:
    """A bar on a terminal, and a line for each tenth elsewhere."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._tenth = 0

    def show(self, done: int) -> None:
        share = done / self._total
        if sys.stdout.isatty():
            bar = "█" * round(share * _BAR)
            end = "\n" if done == self._total else ""
            sys.stdout.write(f"\r{bar:░<{_BAR}} {done:,} / {self._total:,}{end}")
            sys.stdout.flush()
        elif int(share * 10) > self._tenth:
            self._tenth = int(share * 10)
            _say(f"  {done:,} / {self._total:,}")


async def import_patents(db: Database, path: Path, file: BinaryIO) -> PatentImport:
    """Takes all rows of a file, a page a transaction, and shows how far it is.

    The file is read through first: one that is broken somewhere is refused before anything is taken.
    """
    patents = open_patent_file(file, _LIMITS)
    total = patents.count_rows()
    shown = _FORMATS[patents.file_format] + (f", {patents.encoding}" if patents.encoding else "")
    _say(f"{path.name}: {shown}, {total:,} 行 / rows")
    import_id: UUID = await db.write(start_catalogue_import, path.name, _sha256(file), patents, total)
    progress = _Progress(total)
    for page in in_pages(patents.rows()):
        progress.show((await db.write(take_rows, import_id, page)).done)
    return await db.write(finish_import, import_id)


def _sha256(file: BinaryIO) -> str:
    file.seek(0)
    digest = hashlib.sha256()
    while chunk := file.read(MEBIBYTE):
        digest.update(chunk)
    return digest.hexdigest()


async def write_refused(db: Database, import_id: UUID, path: Path) -> None:
    """Writes the refused rows of an import, with their reasons, as CSV."""
    headings = await db.read(list_refused_headings, import_id)
    with path.open("w", encoding="utf-8", newline="") as target:
        target.write(heading_line(headings))
        after = 0
        while rows := await db.read(list_refusals, import_id, after=after):
            target.writelines(refusal_line(row, headings) for row in rows)
            after = rows[-1].line_no


def _summary(done: PatentImport, seconds: float) -> str:
    counts = (
        f"新增 {done.accepted:,}，已有且相同 {done.unchanged:,}，未受理 {done.refused:,}（{seconds:.1f} 秒）\n"
        f"{done.accepted:,} new, {done.unchanged:,} there already, {done.refused:,} refused ({seconds:.1f} s)"
    )
    if done.accepted == 0 and done.refused == 0:
        return f"{counts}\n这份文件没有带来任何变化。/ This file changed nothing."
    return counts


async def import_file(url: str, path: Path, refused: Path) -> int:
    """Imports one file into the database at ``url``; 0 when every row was taken or there already, 1 otherwise."""
    started = time.monotonic()
    db = Database(url, pool_size=2)
    try:
        with path.open("rb") as file:
            done = await import_patents(db, path, file)
        _say(_summary(done, time.monotonic() - started))
        if done.refused:
            await write_refused(db, done.id, refused)
            _say(f"未受理的行和原因 / refused rows with reasons: {refused}")
        return 1 if done.refused else 0
    finally:
        await db.close()


async def _run(url: str, path: Path, refused: Path) -> int:
    if not await is_current(url):
        _complain(
            "数据库还没有建好或版本较旧。请先运行一次 ./market run（真实服务器用 ./market migrate），再导入。",
            "The database is not made yet or is older. Run ./market run once (./market migrate for a real server) first.",
        )
        return 2
    return await import_file(url, path, refused)


def _complain(zh: str, en: str) -> None:
    sys.stderr.write(f"{zh}\n{en}\n")


def _import(options: argparse.Namespace) -> int:
    path: Path = options.file
    refused: Path = options.refused or Path.cwd() / f"{path.name}.refused.csv"
    with path.open("rb"):  # a file that is not there is said before a server is started
        pass
    server = open_server(options.data)
    try:
        return asyncio.run(_run(server.url, path, refused))
    finally:
        server.close()


def main(argv: Sequence[str]) -> int:
    """Imports a file: 0 when all rows are in, 1 when some were refused, 2 when nothing could be done."""
    options = _parser().parse_args(argv)
    try:
        return _import(options)
    except MarketError as error:
        _complain(error.detail("zh"), error.detail("en"))
    except EmbeddedServerError as error:
        _complain(f"数据库没有启动：{error}", f"The database did not start: {error}")
    except OSError as error:
        _complain(f"打不开：{error}", f"It cannot be opened: {error}")
    except SQLAlchemyError as error:
        _complain(
            f"数据库出错，已完成的批次保留：{error}",
            f"The database failed; pages that were done stay: {error}",
        )
    except KeyboardInterrupt:
        _complain(
            "\n已停下。再运行一次即可，已导入的不会重复。",
            "Stopped. Run it again: what is in does not go in twice.",
        )
    return 2
