"""The keeper: a process of its own that makes, starts and watches one PostgreSQL, and stops it with its last user.

It is PostgreSQL's parent, so it reaps it; it waits for the users' lock, so it learns of a user's end even by
SIGKILL; and the kernel interrupts PostgreSQL should the keeper itself be killed. Nothing is left running.
Its standard input is the keeper's lock, its standard output tells the starter how far it is.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Never

from app.embedded.binaries import binaries_for
from app.embedded.errors import EmbeddedServerError
from app.embedded.files import Home, open_lock
from app.embedded.owner import Owner, adopt_orphans, choose_owner, end_with_parent
from app.embedded.postmaster import forget_dead_postmaster, read_postmaster

SUPERUSER = "market"
_LOCALES = ("C.UTF-8", "en_US.UTF-8", "zh_CN.UTF-8")  # macOS may lack the first
_START_ATTEMPTS_SECONDS = 15.0
_LONGEST_RECOVERY_SECONDS = 1800.0
_CLEAN_STOP_SECONDS = 60.0
_ORPHAN_SECONDS = 1.0
_LOOK_SECONDS = 0.005
_ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}


@dataclass(frozen=True)
class Orders:
    """What the starter asks for."""

    home: str
    binaries: str
    durable: bool
    options: dict[str, str]


class _ServerGoneError(Exception):
    pass


def tell(kind: str, text: str = "") -> None:
    """Tells the starter; one who has died already is no reason to stop half way."""
    with contextlib.suppress(OSError):
        os.write(1, f"{json.dumps([kind, text])}\n".encode())


def keep(orders: Orders) -> None:
    """Keeps the server from its making to its stop."""
    home, owner = Home(Path(orders.home)), choose_owner(Home(Path(orders.home)).cluster)
    _let_pass(home, owner)
    binaries = binaries_for(owner, Path(orders.binaries), home.path)
    _wait_for_predecessor(home)
    if not (home.cluster / "PG_VERSION").exists():
        tell("step", "initdb")
        make_cluster(home, binaries, owner, durable=orders.durable)
    server = start(home, orders, binaries, owner)
    tell("ready")
    # The starter must see the end of this pipe even if it forgets to close its side.
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), 1)
    users = open_lock(home.users_lock)
    if wait_until_unused(users, server):
        stop(server)
    end_orphans()
    # In this order: who finds the users' lock free must not find this keeper's lock still held.
    os.close(0)
    os.close(users)


def _let_pass(home: Home, owner: Owner) -> None:
    """Another user than the folder's needs to pass through it, not to read it."""
    if os.geteuid() == 0 and owner.uid != 0:
        home.path.chmod(0o711)
        if not owner.can(lambda: os.access(home.path, os.X_OK)):
            message = (
                f"PostgreSQL cannot run as root, and user {owner.uid} cannot reach {home.path}. "
                "Choose a data folder that every user may pass through (--data), or start as an ordinary user."
            )
            raise EmbeddedServerError(message)
        if home.cluster.exists() and home.cluster.stat().st_uid != owner.uid:
            for path in (home.cluster, *home.cluster.rglob("*")):
                owner.give(path)


def _wait_for_predecessor(home: Home) -> None:
    """Waits for a server whose keeper was killed: the kernel has told it to stop, elsewhere than Linux we do."""
    if forget_dead_postmaster(home.cluster) is None:
        return
    tell("step", "wait")
    until = time.monotonic() + _CLEAN_STOP_SECONDS
    while (pid := forget_dead_postmaster(home.cluster)) is not None:
        if time.monotonic() > until:
            message = f"An older PostgreSQL (process {pid}) still runs on {home.cluster} and does not stop."
            raise EmbeddedServerError(message)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT)
        time.sleep(0.05)


def make_cluster(home: Home, binaries: Path, owner: Owner, *, durable: bool) -> None:
    """Makes the cluster under another name and renames it when it is whole; what a crash left half made is removed."""
    for leftover in home.path.glob("cluster.new*"):
        shutil.rmtree(leftover, ignore_errors=True)
    unfinished = home.path / "cluster.new"
    unfinished.mkdir(mode=0o700)
    owner.give(unfinished)
    home.password.write_text(secrets.token_urlsafe(24), "ascii")
    home.password.chmod(0o600)
    readable = home.path / "password.new"
    readable.write_bytes(home.password.read_bytes())
    readable.chmod(0o600)
    owner.give(readable)
    try:
        for locale in _LOCALES:
            code = _run_initdb(binaries, owner, unfinished, readable, locale, durable=durable)
            if code == 0 or "invalid locale name" not in home.log_tail(3):
                break
        if code != 0:
            message = f"initdb failed:\n{home.log_tail()}"
            raise EmbeddedServerError(message)
    finally:
        readable.unlink()
    if not durable:
        home.not_durable.touch()
    unfinished.replace(home.cluster)
    if durable:
        _sync_folder(home.path)


def _run_initdb(
    binaries: Path, owner: Owner, cluster: Path, password: Path, locale: str, *, durable: bool
) -> int:
    # LC_CTYPE must know Chinese letters, or pg_trgm and to_tsvector are blind to them; --locale=C would not do.
    command = [str(binaries / "initdb"), "-D", str(cluster), "-U", SUPERUSER, "-A", "scram-sha-256"]
    command += [f"--pwfile={password}", "-E", "UTF8", f"--locale={locale}", "--locale-provider=builtin"]
    command += ["--builtin-locale=C.UTF-8"] + ([] if durable else ["--no-sync"])
    child = _spawn(command, owner, signal.SIGKILL, {**_ENVIRONMENT, "LC_ALL": locale})
    return child.wait()


def start(home: Home, orders: Orders, binaries: Path, owner: Owner) -> subprocess.Popen[bytes]:
    """Starts the server and waits until it takes connections; raises with the log's end when it does not."""
    until = time.monotonic() + _START_ATTEMPTS_SECONDS
    while True:
        port = _free_port(home)
        server = _spawn(_command(home, orders, binaries, port), owner, signal.SIGINT, _ENVIRONMENT)
        if _becomes_ready(home, server):
            home.port.write_text(str(port), "ascii")
            return server
        # The port may have been taken meanwhile, and after a kill of the postmaster alone its children may
        # need a moment to notice: both pass.
        tail = home.log_tail(4)
        if time.monotonic() > until or not ("could not bind" in tail or "is still in use" in tail):
            message = f"PostgreSQL did not start on {home.cluster}:\n{home.log_tail()}"
            raise EmbeddedServerError(message)
        time.sleep(0.1)
        forget_dead_postmaster(home.cluster)


def _command(home: Home, orders: Orders, binaries: Path, port: int) -> list[str]:
    safe = "on" if orders.durable else "off"
    options = {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_checkpoints": "off",
        **orders.options,
        "port": str(port),
        "fsync": safe,
        "synchronous_commit": safe,
        "full_page_writes": safe,
    }
    command = [str(binaries / "postgres"), "-D", str(home.cluster)]
    for name, value in options.items():
        command += ["-c", f"{name}={value}"]
    return command


def _free_port(home: Home) -> int:
    """Finds a free port on the loopback address, the last one if it can be had: users reconnect by themselves."""
    with contextlib.suppress(OSError, ValueError), socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", int(home.port.read_text("ascii"))))
        return int(probe.getsockname()[1])
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _spawn(
    command: list[str], owner: Owner, end: signal.Signals, environment: dict[str, str]
) -> subprocess.Popen[bytes]:
    keeper = os.getpid()

    def prepare() -> None:
        owner.become()
        end_with_parent(end, keeper)

    # The keeper has one thread, so code between fork and exec is safe here; a session of its own keeps the
    # terminal's Ctrl-C from the server.
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=2,
        stderr=2,
        cwd="/",
        env=environment,
        start_new_session=True,
        preexec_fn=prepare,  # noqa: PLW1509 - one thread, see above
    )


def _becomes_ready(home: Home, server: subprocess.Popen[bytes]) -> bool:
    until = time.monotonic() + _LONGEST_RECOVERY_SECONDS
    while time.monotonic() < until:
        if server.poll() is not None:
            return False
        found = read_postmaster(home.cluster)
        if found is not None and found.pid == server.pid and found.is_ready:
            return True
        time.sleep(_LOOK_SECONDS)
    stop(server)
    return False


def wait_until_unused(users: int, server: subprocess.Popen[bytes]) -> bool:
    """Waits until no process holds the users' lock (True) or the server has ended by itself (False)."""

    def gone(*_: object) -> Never:
        raise _ServerGoneError

    previous = signal.signal(signal.SIGCHLD, gone)
    try:
        if server.poll() is not None:
            return False
        fcntl.flock(users, fcntl.LOCK_EX)
    except _ServerGoneError:
        return False
    finally:
        signal.signal(signal.SIGCHLD, previous)
    return True


def stop(server: subprocess.Popen[bytes]) -> None:
    """Stops the server: cleanly, and at once when that takes too long (it recovers at its next start)."""
    for how, seconds in (
        (signal.SIGINT, _CLEAN_STOP_SECONDS),
        (signal.SIGQUIT, 10.0),
        (signal.SIGKILL, 10.0),
    ):
        with contextlib.suppress(ProcessLookupError):
            server.send_signal(how)
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(seconds)
            return


def end_orphans() -> None:
    """Waits for what a killed postmaster left behind and ends it: the next start would find its memory in use."""
    until = time.monotonic() + _ORPHAN_SECONDS
    with contextlib.suppress(ChildProcessError):
        while True:
            if os.waitpid(-1, os.WNOHANG)[0] != 0:
                continue
            if time.monotonic() > until:
                for orphan in (
                    Path("/proc/self/task", str(os.getpid()), "children").read_text("ascii").split()
                ):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(int(orphan), signal.SIGKILL)
            time.sleep(_LOOK_SECONDS)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def main() -> None:
    """Runs the keeper with the orders of its first argument."""
    os.setsid()
    adopt_orphans()
    fcntl.fcntl(0, fcntl.F_SETFD, fcntl.FD_CLOEXEC)  # the lock is this process's alone
    try:
        keep(Orders(**json.loads(sys.argv[1])))
    except (EmbeddedServerError, OSError) as error:
        tell("failed", str(error))
        sys.exit(1)
