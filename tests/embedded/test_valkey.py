"""The relay's own server and its guard, with real processes really killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from redis import Redis
from redis.exceptions import AuthenticationError

from app.embedded import EmbeddedServerError
from app.embedded import valkey as valkey_module
from app.embedded.guard import Guarded
from app.embedded.valkey import RunningValkey, find_valkey
from tests.database import ROOT
from tests.embedded.processes import is_alive, kill, processes_naming, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

_USER = """
import sys
from pathlib import Path
from app.embedded.valkey import RunningValkey
running = RunningValkey(Path(sys.argv[1]))
print(running.guard_pid, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[RunningValkey]:
    with RunningValkey(tmp_path / "valkey") as running:
        yield running


def _child(guard: int) -> int:
    return int(Path("/proc", str(guard), "task", str(guard), "children").read_text("ascii"))


def test_it_asks_for_a_password_that_no_command_line_and_no_file_shows(valkey: RunningValkey) -> None:
    with Redis.from_url(valkey.url) as client:
        assert client.ping()
        assert client.config_get("save") == {"save": ""}
    with Redis(port=valkey.port) as stranger, pytest.raises(AuthenticationError):
        stranger.ping()
    password = valkey.url.split(":")[2].partition("@")[0].encode()
    for pid in (valkey.guard_pid, _child(valkey.guard_pid)):
        assert password not in Path("/proc", str(pid), "cmdline").read_bytes()
        assert password not in Path("/proc", str(pid), "environ").read_bytes()
    for file in valkey._folder.iterdir():
        assert password not in file.read_bytes()


def test_a_killed_server_is_started_again_at_the_same_address(valkey: RunningValkey) -> None:
    url = valkey.url
    assert not valkey.ensure_running()
    kill(_child(valkey.guard_pid))
    wait_until(lambda: not valkey.is_running())
    assert valkey.ensure_running()
    assert valkey.url == url
    with Redis.from_url(url) as client:
        assert client.ping()


def test_a_killed_guard_takes_its_server_with_it(valkey: RunningValkey) -> None:
    server = _child(valkey.guard_pid)
    os.kill(valkey.guard_pid, signal.SIGKILL)
    # The kernel ends the server a moment before the guard's last thread is gone.
    wait_until(lambda: not is_alive(server) and not valkey.is_running())
    assert valkey.ensure_running()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_it_ends_with_its_starter_however_he_ends(tmp_path: Path, number: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _USER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as user:
        assert user.stdout is not None
        guard = int(user.stdout.readline())
        server = _child(guard)
        user.send_signal(number)
        user.wait()
        wait_until(lambda: not is_alive(server) and not is_alive(guard))
    assert processes_naming(tmp_path) == []


def test_closing_it_leaves_no_process(tmp_path: Path) -> None:
    with RunningValkey(tmp_path) as running:
        assert len(processes_naming(tmp_path)) == 2
    assert not running.is_running()
    assert processes_naming(tmp_path) == []


def test_a_program_that_ignores_the_wish_to_end_is_ended(tmp_path: Path) -> None:
    ignoring = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); signal.pause()"
    log = tmp_path / "log"
    guarded = Guarded([sys.executable, "-c", ignoring], "", log)
    wait_until(lambda: "ready" in log.read_text())
    child = _child(guarded.pid)
    guarded.close()
    assert not is_alive(child)


def test_a_port_that_is_taken_is_told_with_the_logs_end(valkey: RunningValkey, tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(valkey_module, "_free_port", lambda: valkey.port)
        # Whoever answers at the port is not ours: the server that was started has ended.
        with pytest.raises(EmbeddedServerError, match="Address already in use"):
            RunningValkey(tmp_path / "other")


def test_without_the_wheel_it_says_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_valkey().name == "valkey-server"
    monkeypatch.setattr(valkey_module, "_WHEEL", "no-such-wheel")
    with pytest.raises(EmbeddedServerError, match="REDIS_URL"):
        find_valkey()
