"""The folder of one embedded server: what lies where, and the locks that tell who uses it."""

from __future__ import annotations

import contextlib
import fcntl
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOG_LIMIT_BYTES = 5_000_000


@dataclass(frozen=True)
class Home:
    """The folder of one server.

    Three locks (flock, so the kernel drops them with the process that held them, however it ends):
    ``starting.lock`` one starter or leaver at a time; ``users.lock`` shared by every process that uses the server,
    and taken exclusively by the keeper when nobody does any more; ``keeper.lock`` held by the keeper for its life.
    """

    path: Path

    @property
    def cluster(self) -> Path:
        """PostgreSQL's own data folder."""
        return self.path / "cluster"

    @property
    def password(self) -> Path:
        """The superuser's password, made with the cluster."""
        return self.path / "password"

    @property
    def port(self) -> Path:
        """The port of the last start: it is taken again, so that a restarted server is found where it was."""
        return self.path / "port"

    @property
    def log(self) -> Path:
        """What PostgreSQL and the keeper say."""
        return self.path / "postgres.log"

    @property
    def not_durable(self) -> Path:
        """Exists when the cluster was made without syncing, for tests only."""
        return self.path / "not-durable"

    @property
    def starting_lock(self) -> Path:
        """Held while a server is looked for, started or left."""
        return self.path / "starting.lock"

    @property
    def users_lock(self) -> Path:
        """Held shared by each user."""
        return self.path / "users.lock"

    @property
    def keeper_lock(self) -> Path:
        """Held by the keeper."""
        return self.path / "keeper.lock"

    def log_tail(self, lines: int = 12) -> str:
        """The last lines of the log, for an error's text."""
        try:
            text = self.log.read_text("utf-8", "replace")
        except OSError:
            return ""
        return "\n".join(text.splitlines()[-lines:])

    def turn_log(self) -> None:
        """Keeps one old log when the log has grown past its limit."""
        with contextlib.suppress(OSError):
            if self.log.stat().st_size > LOG_LIMIT_BYTES:
                self.log.replace(self.log.with_suffix(".log.1"))


def open_lock(path: Path) -> int:
    """Opens a lock file, not inherited by programs that are started."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def try_lock(descriptor: int, kind: int) -> bool:
    """Takes the lock if that is possible at once."""
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextlib.contextmanager
def holding(path: Path) -> Iterator[None]:
    """Holds a lock file exclusively; waits for it."""
    descriptor = open_lock(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def is_held(path: Path) -> bool:
    """Whether some process holds the lock file exclusively now."""
    descriptor = open_lock(path)
    try:
        return not try_lock(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)
