"""The parts of a deployment: ``web``, ``worker`` and ``migrate`` on a real server; and the command line itself."""

from __future__ import annotations

import json
import signal
from typing import TYPE_CHECKING

import pytest

from app.__main__ import COMMANDS, main
from app.commands.openapi import describe
from app.commands.opening import configured_url
from app.commands.serving import is_loopback
from tests.commands.program import fetch, started
from tests.embedded.processes import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from app.embedded import RunningServer


@pytest.fixture(scope="module")
def real_server(server: RunningServer) -> Iterator[str]:
    """The address of an empty database, as an administrator writes it."""
    name = "of_a_deployment"
    server.drop_database(name)
    yield server.create_database(name).replace("postgresql+asyncpg", "postgresql")
    server.drop_database(name)


def test_a_deployment_migrates_then_serves_then_works(real_server: str, tmp_path: Path) -> None:
    environment = {"DATABASE_URL": real_server, "MARKET_DATA_DIR": str(tmp_path)}
    with started("web", "--port", "0", DATABASE_URL=real_server) as program:
        assert program.ends() == 1
        assert "market migrate" in program.said()
    for said in ("migrated", "already current"):
        with started("migrate", DATABASE_URL=real_server) as program:
            assert program.ends() == 0, program.said()
            assert said in program.said()
    with (
        started("web", "--port", "0", **environment) as web,
        started("worker", "--metrics-port", "0", **environment) as worker,
    ):
        assert fetch(f"{web.address()}/api/v1/market")[1]["is_demonstration"] is False
        wait_until(lambda: "worker" in worker.said(), 30)
        # Both sign with the one key that the first of them made.
        (key,) = fetch(f"{web.address()}/api/v1/signing-keys")[1]["keys"]
        with started("keys", "show", "--json", **environment) as keys:
            assert keys.ends() == 0, keys.said()
            assert json.loads(keys.said())["keys"][0]["key_id"] == key["key_id"]
        assert web.stop(signal.SIGTERM)[0] == 0, web.said()
        assert worker.stop(signal.SIGTERM)[0] == 0, worker.said()


@pytest.mark.parametrize("command", ["web", "worker", "migrate"])
def test_a_part_without_a_database_says_what_it_needs(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert main([command]) == 1
    assert "DATABASE_URL" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["web", "worker"])
def test_an_unreachable_database_is_said_without_a_trace(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://market@127.0.0.1:9/market")
    assert main([command]) == 1
    assert "cannot reach the database" in capsys.readouterr().err


def test_the_usage_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert all(f"  {name} " in capsys.readouterr().out for name in ["run"])
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert all(f"\n  {name}" in shown for name in COMMANDS)
    assert main(["walk"]) == 2
    assert "walk" in capsys.readouterr().err


def test_the_description_is_openapi_3_1_with_stable_operation_ids() -> None:
    description = json.loads(json.dumps(describe()))
    assert description["openapi"].startswith("3.1")
    operations = [operation for path in description["paths"].values() for operation in path.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(names) == len(set(names))
    assert all(name.replace("_", "").isalnum() and name.islower() for name in names)


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("postgres://u:p@h/d", "postgresql+asyncpg://u:p@h/d"),
        ("postgresql://u@h:1/d", "postgresql+asyncpg://u@h:1/d"),
        ("postgresql+asyncpg://u@h/d", "postgresql+asyncpg://u@h/d"),
    ],
)
def test_the_usual_forms_of_an_address_are_understood(
    monkeypatch: pytest.MonkeyPatch, given: str, read: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", given)
    assert configured_url() == read


@pytest.mark.parametrize(
    ("host", "is_local"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("market.test", False)],  # noqa: S104
)
def test_only_loopback_addresses_count_as_this_machine(host: str, *, is_local: bool) -> None:
    assert is_loopback(host) is is_local
