"""A guard: a small process that runs one program and ends it with whoever started the guard, however he ends.

Its standard input is a pipe that the starter alone holds. The first line are the orders; then nothing comes any more,
and the kernel closes the pipe with the starter, even by SIGKILL. Should the guard itself be killed, the kernel ends
the program.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

from app.embedded.owner import end_with_parent

_STOP_SECONDS = 5.0
_ROOT = Path(__file__).resolve().parent.parent.parent
_PROGRAM = "import sys; sys.path.insert(0, sys.argv.pop()); from app.embedded.guard import main; main()"


class Guarded:
    """A program under a guard, as its starter sees it."""

    def __init__(self, command: list[str], text: str, log: Path) -> None:
        """Starts the program with a text on its standard input and its output added to a log."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        with log.open("ab") as output:
            self._guard = subprocess.Popen(
                # The log's name is for whoever looks at the processes.
                [sys.executable, "-I", "-S", "-c", _PROGRAM, str(log), str(_ROOT)],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                env=kept,
                cwd="/",
                # The terminal's Ctrl-C is the starter's alone.
                start_new_session=True,
            )
        self._tell(f"{json.dumps([command, text])}\n".encode())

    @property
    def pid(self) -> int:
        """The guard's process; the program is its child."""
        return self._guard.pid

    def is_running(self) -> bool:
        """Whether the program runs."""
        return self._guard.poll() is None

    def close(self) -> None:
        """Ends the program and waits until it is gone."""
        if self._guard.stdin is not None:
            with contextlib.suppress(OSError):
                self._guard.stdin.close()
        self._guard.wait()

    def _tell(self, orders: bytes) -> None:
        pipe = self._guard.stdin
        if pipe is not None:
            # A guard that died at once is seen as a program that does not run.
            with contextlib.suppress(OSError):
                pipe.write(orders)
                pipe.flush()


def _end_with_starter(child: subprocess.Popen[bytes]) -> None:
    # Returns when nobody holds the other end any more. Not by sys.stdin, whose lock the guard's own end would want.
    os.read(0, 1)
    child.terminate()
    try:
        child.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()


def main() -> None:
    """Runs the program of the first line until it ends or the starter does."""
    orders = sys.stdin.buffer.readline()
    if not orders:
        return
    command, text = json.loads(orders)
    guard = os.getpid()
    child = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        start_new_session=True,
        # The guard has one thread as yet, so code between fork and exec is safe here.
        preexec_fn=lambda: end_with_parent(signal.SIGKILL, guard),  # noqa: PLW1509
    )
    if child.stdin is not None:
        with contextlib.suppress(OSError), child.stdin as pipe:
            pipe.write(text.encode())
    threading.Thread(target=_end_with_starter, args=[child], daemon=True).start()
    sys.exit(0 if child.wait() == 0 else 1)
