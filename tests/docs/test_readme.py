"""What both READMEs name exists: commands, options, settings, pages, accounts, files and pictures."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr
from pydantic_core import PydanticUndefined

from app.__main__ import COMMANDS
from app.commands.bench import main as bench
from app.demo.accounts import DEMO_ACCOUNTS
from app.settings import Settings
from tests.database import ROOT
from tests.docs.reading import anchor, blocks, headings, links, named, read

if TYPE_CHECKING:
    from pathlib import Path

READMES = {name: read(ROOT / name) for name in ("README.md", "README.zh-CN.md")}
DOCUMENTS = [*(ROOT / name for name in READMES), *sorted((ROOT / "docs").rglob("*.md"))]
LARGEST_PICTURE = 250_000
_COMMAND = re.compile(r"\./market ([a-z]+)((?: [^`|&\n]+)?)")
_SETTING = re.compile(
    r"^\| `((?:MARKET_\w+)|(?:STRIPE_\w+)|DATABASE_URL|REDIS_URL)` \| (?:`([^`]+)`)? ?\|", re.MULTILINE
)
_FOLDERS = ("app/", "bench/", "docs/", "frontend/", "migrations/", "requirements/", "tests/", ".ci/")
_NOT_IN_A_CLONE = {"frontend/dist", "frontend/node_modules"}

both = pytest.mark.parametrize("name", sorted(READMES))


def _environment_name(field: str) -> str:
    is_its_own = field in {"database_url", "redis_url"} or field.startswith("stripe_")
    return field.upper() if is_its_own else f"MARKET_{field.upper()}"


def _shown(field: str) -> str:
    """A setting's default as the table shows it; empty for none and for the development secret."""
    value: Any = Settings.model_fields[field].default
    if value in (None, PydanticUndefined) or isinstance(value, SecretStr):
        return ""
    if field == "frontend_dir":
        return str(value.relative_to(ROOT))
    return str(value).lower() if isinstance(value, bool) else str(value)


@cache
def _help(command: str) -> str:
    """What a command says of its options, and of those of its own commands."""
    words = {"import": ["import", "patents"], "staff": ["staff", "add"]}.get(command, [command])
    told = subprocess.run(
        [sys.executable, "-P", "-m", "app", *words, "--help"],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    return told.stdout + told.stderr


@both
def test_every_setting_stands_in_the_table_with_its_default(name: str) -> None:
    written = dict(_SETTING.findall(READMES[name]))
    assert written == {_environment_name(field): _shown(field) for field in Settings.model_fields}


@both
def test_every_command_and_option_that_is_named_exists(name: str) -> None:
    text = READMES[name]
    calls = _COMMAND.findall("\n".join([*named(text), *blocks(text, "sh")]))
    assert {command for command, _ in calls} >= {"run", "test", "smoke", "bench", "import", "openapi"}
    for command, arguments in calls:
        assert command in COMMANDS
        for option in re.findall(r"--[a-z-]+", arguments):
            assert option in _help(command), f"market {command} has no {option}"
    for option in ("--data", "--port", "--host", "--no-demo", "--expose", "--processes"):
        assert option in text
        assert option in _help("run")


@both
def test_every_bench_stands_in_the_table(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench([]) != 0
    (list_of_names,) = re.findall(r"\{(.*)\}", capsys.readouterr().err)
    for one in list_of_names.split(","):
        assert f"`./market bench {one}`" in READMES[name]


@both
def test_every_page_that_is_named_is_a_route(name: str) -> None:
    routes = "\n".join(read(path) for path in sorted((ROOT / "frontend/src/routes").glob("*.ts")))
    found = set(re.findall(r"path: '([^']+)'", routes))
    known = {re.sub(r"/?:\w+\?", "", path) for path in found} | {
        re.sub(r":(\w+)\??", r"{\1}", path) for path in found
    }
    pages = {word for word in named(READMES[name]) if re.fullmatch(r"/[a-z{}/-]*", word)}
    served = {"/metrics", "/healthz", "/readyz"}
    assert "/auctions/{id}" in pages
    assert pages - served <= known


@both
def test_every_account_that_is_named_exists_and_none_is_forgotten(name: str) -> None:
    logins = {word for word in named(READMES[name]) if word.startswith("demo-")}
    assert logins == {account.login for account in DEMO_ACCOUNTS}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_that_is_named_or_linked_exists(path: Path) -> None:
    text = read(path)
    for word in named(text):
        if word.startswith(_FOLDERS) and not set(word) & set("*{ …") and word not in _NOT_IN_A_CLONE:
            assert (ROOT / word).exists(), f"{word} does not exist"
    for link in links(text):
        target, _, fragment = link.partition("#")
        file = (path.parent / target) if target else path
        assert file.exists(), f"{link} leads nowhere"
        if fragment:
            assert fragment in {anchor(words) for _, words in headings(read(file))}, f"{link} leads nowhere"


def test_the_readmes_have_the_same_parts() -> None:
    english, chinese = READMES.values()
    assert [depth for depth, _ in headings(english)] == [depth for depth, _ in headings(chinese)]
    assert blocks(english, "sh") == blocks(chinese, "sh")
    assert english.count("\n| ") == chinese.count("\n| ")
    assert english.count("\n* ") == chinese.count("\n* ")


def test_the_pictures_are_there_and_small() -> None:
    pictures = [link for link in links(READMES["README.md"]) if "images/" in link]
    assert pictures == [link for link in links(READMES["README.zh-CN.md"]) if "images/" in link]
    assert len(pictures) >= 3
    for picture in pictures:
        assert (ROOT / picture).stat().st_size <= LARGEST_PICTURE
