"""Standing in for workers that are away: a web process opens sales and carries on what time alone brings.

Ends stay with the workers, which alone may open envelopes; a late end gives the result it would have given in time. A
late opening would not: an envelope or a turn that comes before it is refused, since a secret request moves nothing that
others see, and so does not open the sale itself.
"""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from app.auction.closing import advance_auctions, list_overdue
from app.db import DATABASE_ERRORS

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from app.auction.protocol.heads import Signer
    from app.db import Database

_PATIENCE = timedelta(seconds=0.2)
"""A worker that is there is never later than this by itself; only then somebody else looks."""
_LOOK_SECONDS = 0.2
_log = structlog.get_logger()


async def carry_on_overdue(
    database: Database, signer: Signer, after_commit: Callable[[UUID], None], longest: timedelta
) -> int:
    """Carries on what no worker has in time, as far as time alone goes; returns how many sales moved."""
    overdue = await database.read(list_overdue, _PATIENCE)
    if not overdue:
        return 0
    carried = await database.drive(
        advance_auctions, overdue, signer, None, only_free=True, settles=False, longest=longest
    )
    moved = [auction_id for auction_id, (_, has_moved) in carried.items() if has_moved]
    for auction_id in moved:
        after_commit(auction_id)
    return len(moved)


async def stand_in(
    database: Database,
    signer: Signer,
    after_commit: Callable[[UUID], None],
    longest: timedelta,
    stop: asyncio.Event,
) -> None:
    """Looks again and again until ``stop`` is set; a database that is away for a while is waited for."""
    while not stop.is_set():
        try:
            moved = await carry_on_overdue(database, signer, after_commit, longest)
            if moved:
                _log.warning("stood_in_for_workers", sales=moved)
        except DATABASE_ERRORS as error:
            _log.warning("standing_in_failed", error=repr(error))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), _LOOK_SECONDS)
