"""What a command gives to the worker and to the taking of bids: the master key to the one, a heart to the other."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING

from app.auction.heartbeats import Heart
from app.auction.master_keys import VARIABLE, MasterKeyUnusableError, load_ring
from app.auction.sealing import SealedOpener, register_master_key
from app.auction.suspending import sweep
from app.commands.serving import CannotServeError
from app.telling.post import FolderPost, SmtpPost
from app.worker import Keeper, Mail

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from uuid import UUID

    from fastapi import FastAPI

    from app.auction.master_keys import MasterRing
    from app.auction.protocol.heads import Signer
    from app.db import Database
    from app.settings import Settings


async def open_ring(database: Database, folder: Path, *, make: bool = False) -> MasterRing | None:
    """The worker's master keys, the one in use registered, so that sealed sales can be scheduled.

    With ``make`` a data folder without a master key gets one. Raises CannotServeError.
    """
    try:
        ring = load_ring(folder, make=make)
    except MasterKeyUnusableError as error:
        raise CannotServeError(str(error)) from error
    if ring is not None:
        await database.write(register_master_key, ring.public_key)
    return ring


async def open_keeper(
    settings: Settings, database: Database, folder: Path, signer: Signer, *, make: bool = False
) -> Keeper:
    """What only a worker has; see ``open_ring``."""
    ring = await open_ring(database, folder, make=make)
    longest = timedelta(seconds=settings.interruption_seconds)
    return Keeper(signer, SealedOpener(ring), longest, _open_mail(settings, folder))


def _open_mail(settings: Settings, folder: Path) -> Mail:
    """A mail server if one is configured, else a folder beside the data. Raises CannotServeError."""
    try:
        post = (
            SmtpPost(settings.smtp_url.get_secret_value())
            if settings.smtp_url
            else FolderPost(folder / "outbox")
        )
    except ValueError as error:
        message = f"MARKET_SMTP_URL: {error}"
        raise CannotServeError(message) from error
    return Mail(post, settings.mail_from, settings.public_url)


def refuse_master_key() -> None:
    """Raises CannotServeError where a web process was given what only workers may have."""
    if VARIABLE in os.environ:
        message = (
            f"{VARIABLE} 只能交给 market worker，不能出现在 market web 的环境里。\n"
            f"{VARIABLE} is for market worker alone and must not be in the environment of market web."
        )
        raise CannotServeError(message)


async def start_heart(app: FastAPI, signer: Signer, after_commit: Callable[[UUID], None]) -> Heart:
    """Starts the heart of a process that takes bids; its desk takes none while the heart stands still.

    What an interruption before this start has spoilt is suspended first.
    """
    settings: Settings = app.state.settings
    database: Database = app.state.db
    longest = timedelta(seconds=settings.interruption_seconds)

    async def suspend_spoilt() -> None:
        for auction_id in await sweep(database, signer, longest):
            after_commit(auction_id)

    heart = Heart(
        database, suspend_spoilt, every=settings.heartbeat_seconds, longest=settings.interruption_seconds
    )
    app.state.desk.guard = heart.require_steady
    app.state.desk.longest_interruption = longest
    await heart.start()
    return heart
