"""Figures of several processes together: whichever of them is asked, Prometheus is shown the sum."""

from __future__ import annotations

import contextlib
import os
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"  # prometheus_client's own; app/metrics.py shows what lies there


@contextlib.contextmanager
def added_up(data: Path) -> Iterator[None]:
    """Lets this process and those it starts add up their figures in a folder, until it ends.

    To be entered before prometheus_client is loaded, which looks at the environment only then.
    """
    of_all = data / "metrics"
    folder = of_all / str(os.getpid())
    for old in [*of_all.glob("*"), folder]:
        if old == folder or not _runs(old.name):
            shutil.rmtree(old, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ[_VARIABLE] = str(folder)
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def forget(pid: int) -> None:
    """Takes away what a process that has ended had open; what it has counted stays."""
    from prometheus_client.multiprocess import mark_process_dead  # noqa: PLC0415 - not before ``added_up``

    if _VARIABLE in os.environ:
        mark_process_dead(pid)  # type: ignore[no-untyped-call]


def _runs(name: str) -> bool:
    try:
        os.kill(int(name), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        pass
    return True
