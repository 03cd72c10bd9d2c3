"""The embedded server, case by case, with real processes really killed."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from app.embedded import EmbeddedServerError, start_server
from app.embedded.files import is_held
from tests.embedded.processes import User, is_alive, kill, parent_of, processes_naming, using, wait_until

_BUSY = "SELECT sum(random()) FROM generate_series(1, 1000000000)"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The folder of a server that does not exist yet."""
    return tmp_path / "server"


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A server's folder with a table of 1000 rows, stopped; tests work on copies."""
    home = tmp_path_factory.mktemp("stopped") / "server"
    with start_server(home, durable=False) as server:
        server.sql("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
    return home


@pytest.fixture
def old_home(stopped: Path, tmp_path: Path) -> Path:
    """The folder of a server that was used before."""
    shutil.copytree(stopped, tmp_path / "server")
    return tmp_path / "server"


def _count(home: Path) -> str:
    with start_server(home, durable=False) as server:
        return server.sql("SELECT count(*) FROM kept")


def test_a_durable_server_syncs_everything(home: Path) -> None:
    with start_server(home) as server:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            assert server.sql(f"SHOW {name}") == "on"
        assert server.sql("SHOW server_version").startswith("18.")
    assert not (home / "not-durable").exists()


def test_it_listens_on_the_loopback_address_only_and_asks_for_the_password(old_home: Path) -> None:
    with start_server(old_home, durable=False) as server:
        assert server.sql("SHOW listen_addresses") == "127.0.0.1"
        assert server.sql("SELECT DISTINCT auth_method FROM pg_hba_file_rules") == "scram-sha-256"
        assert (old_home / "password").stat().st_mode & 0o077 == 0
        server._password = "wrong"
        with pytest.raises(EmbeddedServerError, match="password authentication failed"):
            server.sql("SELECT 1")


def test_it_can_search_chinese_text(old_home: Path) -> None:
    with start_server(old_home, durable=False) as server:
        server.sql("CREATE EXTENSION pg_trgm")
        assert server.sql("SELECT similarity('碳化硅外延片', '碳化硅外延') > 0.3") == "t"
        assert server.sql("SELECT to_tsvector('simple', '芯片 电池') @@ '芯片'::tsquery") == "t"
        assert server.sql("SHOW server_encoding") == "UTF8"


def test_the_last_user_to_leave_stops_it_and_leaves_no_process(old_home: Path) -> None:
    first = start_server(old_home, durable=False)
    second = start_server(old_home, durable=False)
    assert second.pid == first.pid
    first.close()
    assert second.sql("SELECT 1") == "1"
    second.close()
    second.close()
    assert processes_naming(old_home) == []
    assert not (old_home / "cluster" / "postmaster.pid").exists()


def test_a_second_process_joins_the_server_and_can_outlive_the_first(old_home: Path) -> None:
    with using(old_home) as first, using(old_home) as second:
        assert first.answer()["pid"] == (pid := second.answer()["pid"])
        assert first.leave() == 0
        assert is_alive(pid)
        assert second.leave() == 0
        assert not is_alive(pid)


def test_several_processes_that_start_at_once_on_an_empty_folder_share_one_server(home: Path) -> None:
    users = [User(home) for _ in range(4)]
    try:
        assert len({user.answer()["pid"] for user in users}) == 1
        assert [user.leave() for user in users] == [0, 0, 0, 0]
    finally:
        for user in users:
            if user.process.poll() is None:
                user.kill()
    wait_until(lambda: processes_naming(home) == [])


def test_killing_the_program_stops_the_server_soon_and_loses_nothing(old_home: Path) -> None:
    with using(old_home) as user:
        pid = user.answer()["pid"]
        user.kill()
        assert wait_until(lambda: processes_naming(old_home) == []) < 5
        assert not is_alive(pid)
    assert _count(old_home) == "1000"


def test_killing_one_of_two_programs_leaves_the_server_to_the_other(old_home: Path) -> None:
    with start_server(old_home, durable=False) as server, using(old_home) as user:
        assert user.answer()["pid"] == server.pid
        user.kill()
        assert server.sql("SELECT 1") == "1"


@pytest.mark.parametrize("seconds", [0.02, 0.1, 0.3, 0.6])
def test_killing_the_program_while_it_starts_leaves_nothing_running_and_nothing_half_made(
    home: Path, seconds: float
) -> None:
    with using(home) as user:
        wait_until(home.exists)
        with pytest.raises(subprocess.TimeoutExpired):
            user.process.wait(seconds)
        user.kill()
    wait_until(lambda: processes_naming(home) == [])
    with start_server(home, durable=False) as server:
        assert server.sql("SELECT 1") == "1"


def test_a_killed_postgres_is_started_again_where_it_was(old_home: Path) -> None:
    with start_server(old_home, durable=False) as server:
        port = server.port
        assert not server.ensure_running()
        kill(server.pid)
        assert server.ensure_running()
        assert server.port == port
        assert server.sql("SELECT count(*) FROM kept") == "1000"


def test_a_killed_postgres_with_busy_sessions_is_started_again(old_home: Path) -> None:
    with start_server(old_home, durable=False) as server:
        where = ("-h", "127.0.0.1", "-p", str(server.port), "-U", "market", "-d", "postgres")
        busy = subprocess.Popen(
            [Path(server._orders.binaries) / "psql", *where, "-c", _BUSY],
            env={"PGPASSWORD": server._password},
            stderr=subprocess.DEVNULL,
        )
        wait_until(
            lambda: server.sql("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%sum(random%'") == "2"
        )
        kill(server.pid)
        assert server.ensure_running()
        assert server.sql("SELECT 1") == "1"
        busy.wait(10)


def test_a_killed_keeper_takes_the_server_with_it_and_the_next_start_waits_for_that(old_home: Path) -> None:
    with start_server(old_home, durable=False) as server:
        old = server.pid
        kill(parent_of(old))
        assert server.ensure_running()
        assert server.pid != old
        assert not is_alive(old)
        assert server.sql("SELECT count(*) FROM kept") == "1000"


def test_killing_the_program_and_the_keeper_at_once_leaves_nothing_running(old_home: Path) -> None:
    with using(old_home) as user:
        pid = user.answer()["pid"]
        keeper = parent_of(pid)
        os.kill(keeper, 9)
        user.kill()
        wait_until(lambda: processes_naming(old_home) == [])


def test_a_start_after_everything_was_killed_recovers_every_row(old_home: Path) -> None:
    with using(old_home) as user:
        pid = user.answer()["pid"]
        for process in (parent_of(pid), pid):
            os.kill(process, 9)
        user.kill()
    assert (old_home / "cluster" / "postmaster.pid").exists()
    assert _count(old_home) == "1000"


@pytest.mark.parametrize("whose", ["another program's", "nobody's", "a zombie's"])
def test_a_stale_postmaster_pid_does_not_hinder_a_start(old_home: Path, whose: str) -> None:
    zombie = subprocess.Popen([sys.executable, "-c", ""])
    wait_until(lambda: not is_alive(zombie.pid))
    pid = {"another program's": os.getpid(), "nobody's": 2**22 - 1, "a zombie's": zombie.pid}[whose]
    lines = f"{pid}\n{old_home}/cluster\n1\n5432\n\n127.0.0.1\n\nready   \n"
    (old_home / "cluster" / "postmaster.pid").write_text(lines)
    assert _count(old_home) == "1000"
    zombie.wait()


def test_a_half_made_cluster_of_a_crash_is_made_anew(home: Path) -> None:
    (home / "cluster.new" / "base").mkdir(parents=True)
    with start_server(home, durable=False) as server:
        assert server.sql("SELECT 1") == "1"
    assert not (home / "cluster.new").exists()


def test_another_port_is_taken_when_the_last_one_is_in_use(old_home: Path) -> None:
    with start_server(old_home, durable=False) as server:
        port = server.port
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
        taken.listen()
        with start_server(old_home, durable=False) as server:
            assert server.port != port
            assert server.sql("SELECT 1") == "1"


def test_a_cluster_made_for_tests_is_refused_as_a_durable_one(old_home: Path) -> None:
    with pytest.raises(EmbeddedServerError, match="without syncing"):
        start_server(old_home)
    assert not is_held(old_home / "users.lock")


def test_a_folder_without_programs_is_refused_with_the_setting_s_name(home: Path, tmp_path: Path) -> None:
    with pytest.raises(EmbeddedServerError, match="MARKET_POSTGRES_BIN"):
        start_server(home, binaries=tmp_path)


def test_a_cluster_that_cannot_start_is_explained_with_the_log(old_home: Path) -> None:
    (old_home / "cluster" / "PG_VERSION").write_text("9\n")
    with pytest.raises(EmbeddedServerError, match="incompatible"):
        start_server(old_home, durable=False)
    assert processes_naming(old_home) == []


def test_databases_are_copied_and_dropped(old_home: Path) -> None:
    with start_server(old_home, durable=False) as server:
        url = server.create_database("one")
        assert url.startswith("postgresql+asyncpg://market:")
        server.sql("CREATE TABLE t AS SELECT 1 AS n", database="one")
        server.create_database("two", template="one")
        assert server.sql("SELECT n FROM t", database="two") == "1"
        server.drop_database("two")
        assert server.has_database("one")
        assert not server.has_database("two")
        with pytest.raises(ValueError, match="no name"):
            server.drop_database("two; DROP DATABASE one")
