"""``market master-key``: shows, checks and changes the key that keeps sealed bids shut until their deadline."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import InterfaceError, ProgrammingError

from app.auction.envelopes import make_private_key
from app.auction.master_keys import (
    VARIABLE,
    MasterKeyUnusableError,
    as_text,
    load_ring,
    make_ring,
    rotate_file,
)
from app.auction.sealing import list_master_keys
from app.chain import instant
from app.commands.opening import data_folder, open_server
from app.db import Database
from app.embedded import EmbeddedServerError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.auction.master_keys import MasterRing
    from app.auction.sealing import MasterKeyUse

_NOT_MIGRATED = (
    "这个数据库还没有建表，或版本较旧。先运行 market run 或 market migrate。\n"
    "This database has no tables yet, or older ones. First: market run or market migrate.\n"
)
_IN_THE_SETTING = """主密钥在 {variable} 中，此命令不能改它。新密钥（只显示这一次，请妥善保管）：
The master key is in {variable}, which this command cannot change. A new one, shown this once:

{text}

接下来 / then:
  1. 备份新密钥 / back the new key up
  2. {variable}=新密钥,旧密钥 / the new key, a comma, and the old ones; restart all workers
  3. MARKET_MASTER_PUBLIC_KEY={public}，重启所有 web 进程 / restart all web processes
  4. market master-key check
"""
_IN_THE_FILE = """新主密钥 / new master key: {name}  ({public})
接下来 / then:
  1. 备份 {file} / back it up
  2. 重启；设置了 MARKET_MASTER_PUBLIC_KEY 的，改为上面的公钥 / restart; where MARKET_MASTER_PUBLIC_KEY is set, set it to the above
  3. market master-key check
"""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="market master-key", description="密封报价的主密钥 / the master key"
    )
    acts = parser.add_subparsers(dest="act", required=True, metavar="{show,check,rotate}")
    for name, text in (
        ("show", "登记过的主密钥 / the master keys that were registered"),
        ("check", "未结束的密封场次能否开启 / whether every sealed sale that has not ended can be opened"),
        ("rotate", "换用新密钥，保留旧密钥 / change to a new key and keep the old ones"),
    ):
        acts.add_parser(name, help=text).add_argument("--data", type=Path, help="数据目录 / data folder")
    return parser


def _line(use: MasterKeyUse, ring: MasterRing | None) -> str:
    here = "有 / here" if ring is not None and use.id in ring.keys else "无 / not here"
    return f"{use.id}  {use.public_key.hex()}  {instant(use.registered_at)}  {use.waiting:>4}  {here}\n"


async def _read(url: str) -> list[MasterKeyUse]:
    database = Database(url, pool_size=1)
    try:
        return await database.read(list_master_keys)
    finally:
        await database.close()


def _read_uses(data: Path | None) -> list[MasterKeyUse]:
    server = open_server(data)
    try:
        return asyncio.run(_read(server.url))
    finally:
        server.close()


def _show(data: Path | None, ring: MasterRing | None) -> int:
    sys.stdout.write("编号、公钥、登记时间、未结束的场次 / id, public key, registered at, sales not ended\n")
    sys.stdout.writelines(_line(use, ring) for use in _read_uses(data))
    return 0


def _check(data: Path | None, ring: MasterRing | None) -> int:
    """Compares names only: nothing is unwrapped before its deadline, not even for a check."""
    kept = {} if ring is None else ring.keys
    uses = _read_uses(data)
    missing = [use for use in uses if use.waiting and use.id not in kept]
    for use in missing:
        sys.stdout.write(
            f"缺少主密钥 {use.id}，{use.waiting} 场密封报价将无法开启\n"
            f"the master key {use.id} is missing: {use.waiting} sealed sales cannot be opened\n"
        )
    idle = sorted(set(kept) - {use.id for use in uses if use.waiting} - ({ring.key_id} if ring else set()))
    if idle:
        sys.stdout.write(f"不再需要的旧密钥 / older keys that nothing needs now: {', '.join(idle)}\n")
    if not missing:
        sys.stdout.write("未结束的密封场次都能开启 / every sealed sale that has not ended can be opened\n")
    return 1 if missing else 0


def _rotate(folder: Path) -> int:
    if VARIABLE in os.environ:
        key = make_private_key()
        public = make_ring(key).public_key.hex()
        sys.stdout.write(_IN_THE_SETTING.format(variable=VARIABLE, text=as_text(key), public=public))
        return 0
    ring = rotate_file(folder)
    public = ring.public_key.hex()
    sys.stdout.write(_IN_THE_FILE.format(name=ring.key_id, public=public, file=folder / "master.key"))
    return 0


def main(argv: Sequence[str]) -> int:
    """Carries out one act: 0 when done, 1 when a key is missing, 2 when it could not be done, with the reason."""
    options = _parser().parse_args(argv)
    folder = data_folder(options.data)
    try:
        ring = load_ring(folder)
        if options.act == "rotate":
            return _rotate(folder)
        return (_show if options.act == "show" else _check)(options.data, ring)
    except MasterKeyUnusableError as error:
        sys.stderr.write(f"{error}\n")
    except EmbeddedServerError as error:
        sys.stderr.write(f"数据库没有启动 / the database did not start: {error}\n")
    except ProgrammingError:
        sys.stderr.write(_NOT_MIGRATED)
    except (OSError, InterfaceError) as error:
        sys.stderr.write(f"数据库连不上 / the database cannot be reached: {error}\n")
    return 2
