"""``market keys``: shows, changes and retires the key that signs the record of every sale."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import InterfaceError, ProgrammingError

from app.auction.protocol.keys import SigningKeyUnusableError, make_key_text, replace_key
from app.auction.protocol.publishing import list_keys, publish_key, retire_key
from app.chain import instant
from app.commands.opening import data_folder, open_server
from app.commands.serving import CannotServeError
from app.commands.signing import find_signer
from app.db import Database
from app.embedded import EmbeddedServerError
from app.errors import MarketError
from app.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.auction.protocol.models import SigningKeyRow

_NOT_MIGRATED = (
    "这个数据库还没有建表，或版本较旧。先运行 market run 或 market migrate。\n"
    "This database has no tables yet, or older ones. First: market run or market migrate.\n"
)
_IN_THE_SETTING = """私钥在 MARKET_SIGNING_KEY 中，此命令不能改它。新私钥（只显示这一次，请妥善保管）：
The private key is in MARKET_SIGNING_KEY, which this command cannot change. A new one, shown this once:

{text}

接下来 / then:
  1. 把它设为 MARKET_SIGNING_KEY，重启所有 web 与 worker 进程 / set it as MARKET_SIGNING_KEY and restart all processes
  2. market keys retire {old}
"""
_IN_THE_FILE = """新密钥 / new key: {new}
接下来 / then:
  1. 重启所有 web 与 worker 进程 / restart all web and worker processes
  2. market keys retire {old}
"""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="market keys", description="签名密钥 / the signing keys")
    acts = parser.add_subparsers(dest="act", required=True, metavar="{show,rotate,retire}")
    show = acts.add_parser("show", help="公布过的公钥 / the public keys that were published")
    show.add_argument(
        "--json",
        action="store_true",
        help="以 JSON 输出，可供 market verify --keys / as market verify reads it",
    )
    rotate = acts.add_parser("rotate", help="换用新密钥 / change to a new key")
    retire = acts.add_parser("retire", help="停用旧密钥 / end the period of an old key")
    retire.add_argument("key_id", help="编号 / the key's id")
    for act in (show, rotate, retire):
        act.add_argument("--data", type=Path, help="数据目录 / data folder")
    return parser


def _period(key: SigningKeyRow) -> str:
    return f"{instant(key.valid_from)} – {instant(key.retired_at) if key.retired_at else ''}"


async def _show(database: Database, options: argparse.Namespace) -> None:
    keys = await database.read(list_keys)
    if options.json:
        told = [
            {
                "key_id": key.key_id,
                "public_key": key.public_key.hex(),
                "valid_from": instant(key.valid_from),
                "retired_at": instant(key.retired_at) if key.retired_at else None,
            }
            for key in keys
        ]
        print(json.dumps({"keys": told}, indent=2))
        return
    for key in keys:
        print(f"{key.key_id}  {key.public_key.hex()}  {_period(key)}")
    if not keys:
        print("还没有公布过密钥 / no key was published yet")


async def _rotate(database: Database, options: argparse.Namespace) -> None:
    settings, folder = Settings(), data_folder(options.data)
    old = find_signer(settings, folder)
    if settings.signing_key is not None:
        print(_IN_THE_SETTING.format(text=make_key_text(), old=old.key_id), end="")
        return
    await database.write(publish_key, old)
    new = replace_key(folder)
    await database.write(publish_key, new)
    print(_IN_THE_FILE.format(new=new.key_id, old=old.key_id), end="")


async def _retire(database: Database, options: argparse.Namespace) -> None:
    in_use = find_signer(Settings(), data_folder(options.data))
    key = await database.write(retire_key, options.key_id, in_use)
    print(f"{key.key_id}  {_period(key)}")


_ACTS = {"show": _show, "rotate": _rotate, "retire": _retire}


async def carry_out(url: str, options: argparse.Namespace) -> None:
    """Carries one act out on the database at ``url``."""
    database = Database(url, pool_size=1)
    try:
        await _ACTS[options.act](database, options)
    finally:
        await database.close()


def main(arguments: Sequence[str]) -> int:
    """Shows, changes or retires; 0 when it was done."""
    options = _parser().parse_args(arguments)
    try:
        server = open_server(options.data)
        try:
            asyncio.run(carry_out(server.url, options))
        finally:
            server.close()
    except (CannotServeError, SigningKeyUnusableError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except MarketError as error:
        sys.stderr.write(f"{error.detail('zh')}\n{error.detail('en')}\n")
        return 1
    except EmbeddedServerError as error:
        sys.stderr.write(f"数据库未能启动 / the database did not start: {error}\n")
        return 1
    except (ProgrammingError, InterfaceError):
        sys.stderr.write(_NOT_MIGRATED)
        return 1
    return 0
