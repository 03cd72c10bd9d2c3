"""A worker that kills itself, as ``kill -9`` would, at one point of a close: ``python -m tests.trouble.dying_worker POINT``.

What is patched is patched here, from outside: the program has no such switch.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app import tasks, worker
from app.auction import closing, recording
from app.auction.master_keys import MasterSettings, read_ring
from app.auction.protocol.heads import Signer
from app.auction.recording import AWARD_TASK
from app.auction.sealing import SealedOpener
from app.db import Database
from app.settings import Settings
from app.tasks import HANDLERS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Step = Callable[..., Awaitable[Any]]


def die() -> None:
    """Ends this process at once, with nothing cleaned up."""
    os.kill(os.getpid(), signal.SIGKILL)


def before(_: Step) -> Step:
    """Dies instead of the step."""

    async def dying(*_: Any, **__: Any) -> Any:
        die()

    return dying


def after(step: Step) -> Step:
    """Carries the step out, and dies."""

    async def dying(*args: Any, **named: Any) -> Any:
        await step(*args, **named)
        die()

    return dying


def after_something(step: Step) -> Step:
    """Carries the step out, and dies if it found something."""

    async def dying(*args: Any, **named: Any) -> Any:
        found = await step(*args, **named)
        if found is not None:
            die()
        return found

    return dying


def _patch(module: Any, name: str, way: Callable[[Step], Step]) -> Callable[[], None]:
    return lambda: setattr(module, name, way(getattr(module, name)))


def _patch_opener(way: Callable[[Step], Step]) -> Callable[[], None]:
    return lambda: setattr(SealedOpener, "__call__", way(SealedOpener.__call__))


def _patch_award(way: Callable[[Step], Step]) -> Callable[[], None]:
    return lambda: HANDLERS.__setitem__(AWARD_TASK, way(HANDLERS[AWARD_TASK]))


POINTS: dict[str, Callable[[], None]] = {
    "locked": _patch(closing, "lock_sales", after),
    "unsettled": _patch(closing, "_settle", before),
    "unwrapped": _patch_opener(after),
    "settled": _patch(closing, "write_works", before),
    "unpromised": _patch(recording, "_promise_awards", before),
    "uncommitted": _patch(closing, "write_works", after),
    "committed": lambda: None,
    "award_taken": _patch(tasks, "lock_due_task", after_something),
    "award_begun": _patch_award(before),
    "award_uncommitted": _patch_award(after),
    "award_committed": lambda: None,
}
"""Where it dies, in the order of a close; right after a commit by what is told then, see ``main``."""


class DyingDatabase(Database):
    """A database whose process dies right after it has kept a promise."""

    async def write(self, operation: Any, *args: Any, **named: Any) -> Any:
        """Carries the operation out and commits it; dies if it was a promise."""
        done = await super().write(operation, *args, **named)
        if operation is worker.keep_due_task and done:
            die()
        return done


async def main(point: str) -> None:
    """Works on DATABASE_URL until it dies."""
    url = Settings().database_url
    assert url is not None
    database = (DyingDatabase if point == "award_committed" else Database)(url)
    key = MasterSettings().master_key
    ring = None if key is None else read_ring(key.get_secret_value())
    keeper = worker.Keeper(Signer(Ed25519PrivateKey.generate()), SealedOpener(ring))
    POINTS[point]()
    told = (lambda _: die()) if point == "committed" else (lambda _: None)
    await worker.run_worker(database, asyncio.Event(), keeper, told)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
