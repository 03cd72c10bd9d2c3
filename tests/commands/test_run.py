"""``market run``: started, stopped, killed, healed and refused."""

from __future__ import annotations

import signal
import socket
from typing import TYPE_CHECKING

import pytest

from app.embedded.postmaster import read_postmaster
from tests.commands.program import fetch, fetch_text, started
from tests.embedded.processes import kill, processes_naming, wait_until

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a market without demonstration."""
    folder = tmp_path_factory.mktemp("market") / "data"
    with started("run", "--data", str(folder), "--port", "0", "--no-demo") as program:
        market = fetch(f"{program.address()}/api/v1/market")[1]
        assert market["is_demonstration"] is False
        assert market["demo_accounts"] == []
        assert program.stop(signal.SIGTERM)[0] == 0
    return folder


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_everything_soon_with_exit_code_zero(data: Path, number: int) -> None:
    with started("run", "--data", str(data), "--port", "0") as program:
        address = program.address()
        assert fetch(f"{address}/healthz") == (200, {"status": "alive"})
        checks = fetch(f"{address}/readyz")[1]["checks"]
        assert checks | {"frontend": True} == dict.fromkeys(
            ("frontend", "clock", "database", "migrations"), True
        )
        code, seconds = program.stop(number)
        assert code == 0, program.said()
        assert seconds < 6
    wait_until(lambda: processes_naming(data) == [])


def test_a_killed_program_leaves_nothing_running_and_its_data_whole(data: Path) -> None:
    with started("run", "--data", str(data), "--port", "0") as program:
        before = fetch(f"{program.address()}/api/v1/market")[1]["deployment_id"]
        program.process.kill()
        program.process.wait()
    assert wait_until(lambda: processes_naming(data) == []) < 5
    with started("run", "--data", str(data), "--port", "0") as program:
        assert fetch(f"{program.address()}/api/v1/market")[1]["deployment_id"] == before


def test_a_killed_database_is_started_again_under_the_running_program(data: Path) -> None:
    with started("run", "--data", str(data), "--port", "0") as program:
        address = program.address()
        assert fetch(f"{address}/api/v1/market")[0] == 200
        found = read_postmaster(data / "postgres" / "cluster")
        assert found is not None
        kill(found.pid)
        wait_until(lambda: "started again" in program.said())
        wait_until(lambda: fetch(f"{address}/api/v1/market")[0] == 200)
        assert program.stop(signal.SIGTERM)[0] == 0


def test_the_pages_are_served_with_their_assets_and_unknown_addresses_of_the_api_are_problems(
    data: Path, tmp_path: Path
) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<html>page</html>")
    (tmp_path / "assets" / "a-1.js").write_text("1")
    with started("run", "--data", str(data), "--port", "0", MARKET_FRONTEND_DIR=str(tmp_path)) as program:
        address = program.address()
        for path in ("/", "/auctions/1", "/../../etc/passwd"):
            assert fetch_text(f"{address}{path}") == (200, "<html>page</html>")
        assert fetch_text(f"{address}/assets/a-1.js") == (200, "1")
        assert fetch(f"{address}/api/v1/nothing")[0] == 404
        assert fetch(f"{address}/readyz")[1]["status"] == "ready"


def test_a_taken_port_is_said_with_what_to_do(data: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        with started("run", "--data", str(data), "--port", port) as program:
            assert program.ends() == 1
            assert "--port" in program.said()
            assert "Traceback" not in program.said()
    wait_until(lambda: processes_naming(data) == [])


def test_a_demonstration_does_not_leave_the_machine_unless_told(tmp_path: Path) -> None:
    arguments = ("run", "--data", str(tmp_path / "data"), "--port", "0", "--host", "0.0.0.0")  # noqa: S104
    with started(*arguments) as program:
        assert program.ends() == 1
        assert "--expose" in program.said()
    wait_until(lambda: processes_naming(tmp_path) == [])


def test_production_refuses_the_secrets_of_development(data: Path) -> None:
    with started("run", "--data", str(data), "--port", "0", MARKET_ENVIRONMENT="production") as program:
        assert program.ends() == 1
        assert "MARKET_SECRET_KEY" in program.said()
    wait_until(lambda: processes_naming(data) == [])
