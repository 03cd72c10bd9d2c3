"""The exchange's signer for a command that serves or works: loaded or made, and its public key published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.auction.protocol.keys import SigningKeyUnusableError, load_signer
from app.auction.protocol.publishing import SigningKeyRetired, publish_key
from app.commands.serving import CannotServeError

if TYPE_CHECKING:
    from pathlib import Path

    from app.auction.protocol.heads import Signer
    from app.db import Database
    from app.settings import Settings


def find_signer(settings: Settings, folder: Path) -> Signer:
    """The signer of MARKET_SIGNING_KEY, else of the data folder's file; raises CannotServeError."""
    given = settings.signing_key
    try:
        return load_signer(given.get_secret_value() if given else None, folder)
    except SigningKeyUnusableError as error:
        raise CannotServeError(str(error)) from error


async def open_signer(settings: Settings, database: Database, folder: Path) -> Signer:
    """The same, with its public key published; raises CannotServeError when it must not sign."""
    signer = find_signer(settings, folder)
    try:
        await database.write(publish_key, signer)
    except SigningKeyRetired as retired:
        message = f"{retired.detail('zh')}\n{retired.detail('en')}"
        raise CannotServeError(message) from retired
    return signer
