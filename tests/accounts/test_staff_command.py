"""``market staff add``: the one way to the exchange's desks."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

import pytest

from app.accounts.errors import WrongPassword
from app.accounts.finding import caller_of, find_caller_by_cookie
from app.accounts.queries import find_person_by_login
from app.accounts.signing_in import sign_in
from app.commands import staff

if TYPE_CHECKING:
    from app.db import Database
    from app.settings import Settings

PERSON = ["add", "--login", "Wang", "--name", "虚构王五", "--generate"]


@pytest.fixture
def on_the_tests_database(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    monkeypatch.setenv("DATABASE_URL", settings.database_url or "")
    monkeypatch.setenv("MARKET_PASSWORD_TIME_COST", "1")
    monkeypatch.setenv("MARKET_PASSWORD_MEMORY_KIB", "64")


async def run(*argv: str) -> int:
    """Runs the command beside the tests' loop, as it starts one of its own."""
    return await asyncio.to_thread(staff.main, argv)


@pytest.mark.usefixtures("on_the_tests_database")
async def test_staff_is_added_and_signs_in_with_the_password_shown(
    db: Database, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await run(*PERSON, "--role", "reviewer", "--role", "host") == 0
    shown = re.search(r"shown this once\): (\S+)", capsys.readouterr().out)
    assert shown
    signed_in = await sign_in(db, settings, "wang", shown[1])
    assert signed_in.caller.is_exchange
    assert signed_in.caller.roles == {"reviewer", "host"}
    assert await run(*PERSON, "--role", "finance") == 2
    assert "已被使用" in capsys.readouterr().err
    person = await db.read(find_person_by_login, "wang")
    assert person is not None
    assert (await db.read(caller_of, person.id)).roles == {"reviewer", "host"}


@pytest.mark.usefixtures("on_the_tests_database")
async def test_a_partys_role_is_refused_by_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        staff.main([*PERSON, "--role", "bidder"])
    assert caught.value.code == 2
    assert "bidder" in capsys.readouterr().err


@pytest.mark.usefixtures("on_the_tests_database")
async def test_an_odd_login_is_refused_by_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    odd = ["add", "--login", "王五", "--name", "虚构王五", "--generate", "--role", "host"]
    assert await run(*odd) == 2
    assert "登录名应为" in capsys.readouterr().err


@pytest.mark.usefixtures("on_the_tests_database")
async def test_a_retired_person_is_shut_out_at_once(
    db: Database, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await run(*PERSON, "--role", "reviewer") == 0
    shown = re.search(r"shown this once\): (\S+)", capsys.readouterr().out)
    assert shown
    signed_in = await sign_in(db, settings, "wang", shown[1])
    assert await find_caller_by_cookie(db, settings, signed_in.token) is not None
    assert await run("retire", "--login", "Wang") == 0
    assert await find_caller_by_cookie(db, settings, signed_in.token) is None
    with pytest.raises(WrongPassword):
        await sign_in(db, settings, "wang", shown[1])
    assert await run("retire", "--login", "nobody") == 2
    assert "nobody" in capsys.readouterr().err
