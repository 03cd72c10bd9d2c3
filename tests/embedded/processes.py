"""What the launcher's tests need to know about processes."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.database import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_PROGRAM = "import sys; sys.path.insert(0, sys.argv[1]); del sys.argv[1]; import runpy; "
_PROGRAM += "runpy.run_module('tests.embedded.user_program', run_name='__main__')"


class User:
    """A process that uses a server."""

    def __init__(self, *arguments: Path, before: tuple[str, ...] = ()) -> None:
        self.process = subprocess.Popen(
            [*before, sys.executable, "-c", _PROGRAM, str(ROOT), *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def answer(self) -> dict[str, Any]:
        """What it says once it has the server, or has failed to get it."""
        assert self.process.stdout is not None
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def leave(self) -> int:
        """Lets it close and end."""
        self.process.communicate(timeout=30)
        return self.process.returncode

    def kill(self) -> None:
        """Kills it outright."""
        self.process.kill()
        self.process.communicate()


@contextlib.contextmanager
def using(*arguments: Path, before: tuple[str, ...] = ()) -> Iterator[User]:
    """A user that is gone at the end, whatever happened."""
    user = User(*arguments, before=before)
    try:
        yield user
    finally:
        if user.process.poll() is None:
            user.kill()


def is_alive(pid: int) -> bool:
    """Whether the process runs; a zombie does not."""
    return _stat(pid, 0) not in {"", "Z", "X"}


def parent_of(pid: int) -> int:
    """Its parent: for PostgreSQL, the keeper."""
    return int(_stat(pid, 1))


def _stat(pid: int, field: int) -> str:
    try:
        return Path("/proc", str(pid), "stat").read_text("ascii").rpartition(")")[2].split()[field]
    except OSError:
        return ""


def processes_naming(folder: Path) -> list[int]:
    """All live processes whose command line names the folder: the server and its keeper."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            with contextlib.suppress(OSError):
                if str(folder).encode() in (entry / "cmdline").read_bytes() and is_alive(int(entry.name)):
                    found.append(int(entry.name))
    return found


def wait_until(holds: Callable[[], object], seconds: float = 10.0) -> float:
    """Waits until something holds; returns how long that took, and fails when it takes too long."""
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < seconds, "it did not come to hold in time"
        time.sleep(0.01)
    return time.monotonic() - began


def kill(pid: int) -> None:
    """Kills a process outright and waits until it is gone."""
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not is_alive(pid))
