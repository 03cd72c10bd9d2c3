"""The running server as its own postmaster.pid tells it, checked against the processes that really are there."""

from __future__ import annotations

import contextlib
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

_LINES = 8  # pid, folder, start, port, socket folder, address, shared memory, status


@dataclass(frozen=True)
class Postmaster:
    """What postmaster.pid says."""

    pid: int
    port: int | None
    status: str

    @property
    def is_ready(self) -> bool:
        """Whether it says that it takes connections."""
        return self.status == "ready" and self.port is not None


def read_postmaster(cluster: Path) -> Postmaster | None:
    """Reads postmaster.pid; None when there is none or it is only half written."""
    try:
        lines = (cluster / "postmaster.pid").read_text("ascii", "replace").splitlines()
    except OSError:
        return None
    if not lines or not lines[0].strip().isdigit():
        return None
    lines += [""] * (_LINES - len(lines))
    port = lines[3].strip()
    return Postmaster(int(lines[0]), int(port) if port.isdigit() else None, lines[7].strip())


def is_serving(pid: int, cluster: Path) -> bool:
    """Whether this process is alive, no zombie, and a PostgreSQL on this folder.

    A number in postmaster.pid alone proves nothing: the process may be a zombie that nobody reaps (process 1 of a
    container often reaps nothing), or the number may belong to another program by now.
    """
    process = Path("/proc") / str(pid)
    if Path("/proc/self/stat").exists():
        try:
            state = (process / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()[0]
            command = (process / "cmdline").read_bytes().split(b"\0")
        except (OSError, IndexError):
            return False
        return state not in "ZX" and os.fsencode(cluster) in command
    shown = subprocess.run(
        ["ps", "-o", "state=,command=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.strip()
    return bool(shown) and not shown.startswith("Z") and str(cluster) in shown


def forget_dead_postmaster(cluster: Path) -> int | None:
    """Removes a postmaster.pid whose server is gone; returns the process of one that still runs."""
    found = read_postmaster(cluster)
    if found is not None and is_serving(found.pid, cluster):
        return found.pid
    with contextlib.suppress(FileNotFoundError):
        (cluster / "postmaster.pid").unlink()
    return None
