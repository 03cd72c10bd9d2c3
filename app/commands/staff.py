"""``market staff``: gives somebody a place at the exchange's desks, or shuts a person out; no page and no route can."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import secrets
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.exc import InterfaceError, ProgrammingError

from app.accounts.passwords import hash_password, read_login, require_strong
from app.accounts.people import retire_person
from app.accounts.permissions import DESKS, ROLE_ZH
from app.accounts.registering import create_exchange_person
from app.commands.opening import open_server
from app.db import Database
from app.embedded import EmbeddedServerError
from app.errors import Invalid, MarketError
from app.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

_NOT_MIGRATED = (
    "这个数据库还没有建表。先运行 market run --no-demo（自带数据库），或 market migrate（DATABASE_URL）。",
    "This database has no tables yet. First: market run --no-demo (its own), or market migrate (DATABASE_URL).",
)


@dataclass(eq=False)
class PasswordsDiffer(Invalid):
    """The two passwords differ."""

    zh = "两次输入的密码不同，请重新运行。"
    en = "The two passwords differ. Run the command again."


@dataclass(frozen=True)
class NewStaff:
    """Who is to be added; without a password one is made and shown once."""

    login: str
    name: str
    roles: list[str]
    password: str | None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="market staff", description="交易所人员 / people of the exchange")
    acts = parser.add_subparsers(dest="act", required=True, metavar="{add,retire}")
    add = acts.add_parser("add", help="添加岗位人员 / give somebody a place at the desks")
    add.add_argument("--login", required=True, help="登录名 / login")
    add.add_argument("--name", required=True, help="姓名 / name")
    desks = ", ".join(f"{role} {ROLE_ZH[role]}" for role in sorted(DESKS))
    add.add_argument(
        "--role",
        required=True,
        action="append",
        choices=sorted(DESKS),
        help=f"岗位，可多次给出 / desk, may be given again: {desks}",
    )
    add.add_argument(
        "--generate",
        action="store_true",
        help="不询问密码，生成一个并显示一次 / make a password and show it once",
    )
    add.add_argument("--data", type=Path, help="数据目录 / data folder of the embedded server")
    retire = acts.add_parser("retire", help="停用人员 / shut a person out, of the exchange or of a party")
    retire.add_argument("--login", required=True, help="登录名 / login")
    retire.add_argument("--data", type=Path, help="数据目录 / data folder of the embedded server")
    return parser


def _ask_password() -> str:
    """Asks twice for the password, unseen. Raises PasswordsDiffer."""
    first = getpass.getpass("密码 / password: ")
    if getpass.getpass("再输一次 / again: ") != first:
        raise PasswordsDiffer
    return first


async def add(url: str, settings: Settings, staff: NewStaff) -> str | None:
    """Adds the person and commits; returns the password if one was made. Raises what the operation raises."""
    password = staff.password or secrets.token_urlsafe(12)
    require_strong(password, read_login(staff.login))
    password_hash = await hash_password(settings, password)
    db = Database(url, pool_size=1)
    try:
        await db.write(
            create_exchange_person,
            login=staff.login,
            name=staff.name,
            password_hash=password_hash,
            roles=staff.roles,
            exchange_name=settings.exchange_name_zh,
        )
    finally:
        await db.close()
    return None if staff.password else password


def _complain(zh: str, en: str) -> int:
    sys.stderr.write(f"{zh}\n{en}\n")
    return 2


async def retire(url: str, login: str) -> None:
    """Shuts the person out and commits. Raises LoginUnknown."""
    db = Database(url, pool_size=1)
    try:
        await db.write(retire_person, login)
    finally:
        await db.close()


def _add(options: argparse.Namespace, url: str) -> None:
    asked = None if options.generate or not sys.stdin.isatty() else _ask_password()
    staff = NewStaff(options.login, options.name, options.role, asked)
    made = asyncio.run(add(url, Settings(), staff))
    sys.stdout.write(f"已添加 / added: {staff.login} ({', '.join(staff.roles)})\n")
    if made is not None:
        sys.stdout.write(f"密码（只显示这一次）/ password (shown this once): {made}\n")


def _retire(options: argparse.Namespace, url: str) -> None:
    asyncio.run(retire(url, options.login))
    sys.stdout.write(f"已停用 / shut out: {options.login}\n")


def main(argv: Sequence[str]) -> int:
    """Adds or retires one person: 0 when done, 2 when not, with the reason."""
    options = _parser().parse_args(argv)
    try:
        server = open_server(options.data)
        try:
            (_add if options.act == "add" else _retire)(options, server.url)
        finally:
            server.close()
    except MarketError as error:
        return _complain(error.detail("zh"), error.detail("en"))
    except EmbeddedServerError as error:
        return _complain(f"数据库没有启动：{error}", f"The database did not start: {error}")
    except ProgrammingError:
        return _complain(*_NOT_MIGRATED)
    except (OSError, InterfaceError) as error:
        return _complain(f"数据库连不上：{error}", f"The database cannot be reached: {error}")
    return 0
