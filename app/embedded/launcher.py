"""Starting, sharing and leaving an embedded server. Standard library only; no thread, no event loop."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Self

from app.embedded.binaries import find_binaries
from app.embedded.errors import EmbeddedServerError
from app.embedded.files import Home, holding, is_held, open_lock, try_lock
from app.embedded.keeper import SUPERUSER, Orders
from app.embedded.postmaster import Postmaster, is_serving, read_postmaster

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

_LOOK_SECONDS = 0.01
_LONGEST_START_SECONDS = 1800.0
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_ROOT = Path(__file__).resolve().parent.parent.parent
_KEEPER = "import sys; sys.path.insert(0, sys.argv.pop()); from app.embedded.keeper import main; main()"


class RunningServer:
    """One use of a running server; the server stops when its last user has closed or died."""

    def __init__(self, home: Home, orders: Orders, users: int, postmaster: Postmaster) -> None:
        """Made by start_server; holds the shared users' lock."""
        self._home = home
        self._orders = orders
        self._users: int | None = users
        self._postmaster = postmaster
        self._password = home.password.read_text("ascii")

    @property
    def pid(self) -> int:
        """PostgreSQL's process."""
        return self._postmaster.pid

    @property
    def port(self) -> int:
        """Its port on 127.0.0.1."""
        return self._postmaster.port or 0

    @property
    def url(self) -> str:
        """The address of the maintenance database."""
        return self.database_url("postgres")

    def database_url(self, name: str) -> str:
        """The address of one database, for SQLAlchemy with asyncpg."""
        return f"postgresql+asyncpg://{SUPERUSER}:{self._password}@127.0.0.1:{self.port}/{name}"

    def is_running(self) -> bool:
        """Whether the server of this use is alive."""
        return is_serving(self.pid, self._home.cluster)

    def ensure_running(self) -> bool:
        """Starts the server anew if it died (on the same port where that is free); True when it had to."""
        if self._users is None:
            message = "this use of the server is closed"
            raise EmbeddedServerError(message)
        if self.is_running() and is_held(self._home.keeper_lock):
            return False
        with holding(self._home.starting_lock):
            self._postmaster = _find_or_start(self._home, self._orders, _say_nothing)
        return True

    def has_database(self, name: str) -> bool:
        """Whether a database of this name exists."""
        return self.sql(f"SELECT 1 FROM pg_database WHERE datname = '{_checked(name)}'") == "1"

    def create_database(self, name: str, template: str | None = None) -> str:
        """Makes a database, empty or as a copy of another, and returns its address."""
        copied = f" TEMPLATE {_checked(template)}" if template else ""
        self.sql(f"CREATE DATABASE {_checked(name)}{copied}")
        return self.database_url(name)

    def drop_database(self, name: str) -> None:
        """Removes a database with whatever connections it has."""
        self.sql(f"DROP DATABASE IF EXISTS {_checked(name)} WITH (FORCE)")

    def sql(self, statement: str, database: str = "postgres") -> str:
        """Runs one statement as the superuser, in autocommit, and returns its rows as plain text."""
        command = [str(Path(self._orders.binaries) / "psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]
        command += ["-h", "127.0.0.1", "-p", str(self.port), "-U", SUPERUSER, "-d", database, "-c", statement]
        environment = {"PATH": os.environ.get("PATH", ""), "PGPASSWORD": self._password}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise EmbeddedServerError(done.stderr.strip() or f"psql ended with {done.returncode}")
        return done.stdout.strip()

    def close(self) -> None:
        """Leaves the server; the last one to leave waits until it has stopped."""
        if self._users is None:
            return
        users, self._users = self._users, None
        with holding(self._home.starting_lock):
            fcntl.flock(users, fcntl.LOCK_UN)
            is_last = try_lock(users, fcntl.LOCK_EX)
            # If neither lock can be had it is the keeper that holds it: it is stopping the server already.
            is_last = is_last or not try_lock(users, fcntl.LOCK_SH)
            os.close(users)
            while is_last and is_held(self._home.keeper_lock):
                time.sleep(_LOOK_SECONDS)
        _reap_keepers(ending=self._home if is_last else None)

    def __enter__(self) -> Self:
        """Gives the server itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leaves the server."""
        self.close()


def start_server(
    data_dir: Path,
    *,
    durable: bool = True,
    binaries: Path | None = None,
    options: Mapping[str, str] | None = None,
    say: Callable[[str], None] | None = None,
) -> RunningServer:
    """Starts the server of a folder, or joins the one that runs there; makes the cluster on the first start.

    ``durable=False`` is for tests alone: nothing is synced, and such a cluster is never opened as a durable one.
    ``options`` are PostgreSQL's own; ``say`` hears "initdb" and "wait" when a start takes longer for that.
    Raises EmbeddedServerError with the reason and the log's end.
    """
    home = Home(data_dir.expanduser().resolve())
    orders = Orders(str(home.path), str(find_binaries(binaries)), durable, dict(options or {}))
    try:
        home.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        with holding(home.starting_lock):
            if durable and home.not_durable.exists():
                message = (
                    f"{home.path} was made for tests, without syncing; it must not hold anything of worth."
                )
                raise EmbeddedServerError(message)
            users = open_lock(home.users_lock)
            try:
                fcntl.flock(users, fcntl.LOCK_SH)
                postmaster = _find_or_start(home, orders, say or _say_nothing)
                return RunningServer(home, orders, users, postmaster)
            except BaseException:
                os.close(users)
                raise
    except PermissionError as error:
        message = f"{home.path} belongs to another user or cannot be written: {error}"
        raise EmbeddedServerError(message) from error


def _say_nothing(_: str) -> None:
    pass


def _checked(name: str) -> str:
    """A database's name that needs no quoting."""
    if not _NAME.fullmatch(name):
        message = f"{name!r} is no name for a database here: small letters, digits and underscores"
        raise ValueError(message)
    return name


def _find_or_start(home: Home, orders: Orders, say: Callable[[str], None]) -> Postmaster:
    """Returns the server that runs, or starts a keeper; the caller holds the starting and the users' lock."""
    _reap_keepers()
    until = time.monotonic() + _LONGEST_START_SECONDS
    while time.monotonic() < until:
        lock = open_lock(home.keeper_lock)
        try:
            if try_lock(lock, fcntl.LOCK_EX):
                _start_keeper(home, orders, lock, say)
        finally:
            os.close(lock)  # a keeper that was started has its own hold on the lock
        found = read_postmaster(home.cluster)
        if found is not None and found.is_ready and is_serving(found.pid, home.cluster):
            return found
        # A keeper of somebody who died while starting is still at work, or a server has just died under its keeper.
        time.sleep(_LOOK_SECONDS)
    message = f"PostgreSQL on {home.path} did not become ready:\n{home.log_tail()}"
    raise EmbeddedServerError(message)


_keepers: dict[int, Home] = {}


def _reap_keepers(*, ending: Home | None = None) -> None:
    """Collects keepers of this process that have ended, so that none stays as a zombie; waits for one that ends."""
    for pid, home in list(_keepers.items()):
        with contextlib.suppress(ChildProcessError):
            if os.waitpid(pid, 0 if home == ending else os.WNOHANG)[0] == 0:
                continue
        _keepers.pop(pid, None)


def _start_keeper(home: Home, orders: Orders, lock: int, say: Callable[[str], None]) -> None:
    """Starts a keeper that holds the lock, and returns when the server is ready."""
    home.turn_log()
    listening, telling = os.pipe()
    log = os.open(home.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    # The three become the keeper's standard streams; from 10 on none can be in the way of another.
    given = [fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 10) for fd in (lock, telling, log)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "PYTHON"))}
    try:
        pid = os.posix_spawn(
            sys.executable,
            [sys.executable, "-I", "-S", "-c", _KEEPER, json.dumps(asdict(orders)), str(_ROOT)],
            environment,
            file_actions=[(os.POSIX_SPAWN_DUP2, fd, number) for number, fd in enumerate(given)],
        )
        _keepers[pid] = home
    finally:
        for descriptor in (*given, telling, log):
            os.close(descriptor)
    with os.fdopen(listening, encoding="utf-8") as report:
        for line in report:
            kind, text = json.loads(line)
            if kind == "ready":
                return
            if kind == "failed":
                os.waitpid(pid, 0)
                _keepers.pop(pid, None)
                raise EmbeddedServerError(text)
            say(text)
    message = f"The keeper of {home.path} ended without a word:\n{home.log_tail()}"
    raise EmbeddedServerError(message)
