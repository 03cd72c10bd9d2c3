"""Published keys: every process publishes its own once, and a period that ended stays as it was written."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.auction.protocol.heads import Signer
from app.auction.protocol.keys import load_signer
from app.auction.protocol.publishing import (
    SigningKeyInUse,
    SigningKeyMissing,
    SigningKeyRetired,
    list_keys,
    publish_key,
    retire_key,
)
from app.commands.keys import carry_out
from app.commands.serving import CannotServeError
from app.commands.signing import open_signer
from app.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from httpx2 import AsyncClient

    from app.db import Database, Session


def new_signer() -> Signer:
    return Signer(Ed25519PrivateKey.generate())


async def test_two_processes_at_once_publish_one_key_once(db: Database) -> None:
    signer = new_signer()
    await asyncio.gather(*(db.write(publish_key, signer) for _ in range(6)))
    (key,) = await db.read(list_keys)
    assert (key.key_id, key.public_key, key.retired_at) == (signer.key_id, signer.public_key, None)


async def test_a_retired_key_stays_published_and_signs_no_more(session: Session) -> None:
    old, new = new_signer(), new_signer()
    await publish_key(session, old)
    await publish_key(session, new)
    retired = await retire_key(session, old.key_id, new)
    assert retired.retired_at is not None
    assert {key.key_id for key in await list_keys(session)} == {old.key_id, new.key_id}
    for refused in (publish_key(session, old), retire_key(session, old.key_id, new)):
        with pytest.raises(SigningKeyRetired):
            await refused


async def test_the_key_in_use_and_an_unknown_one_are_not_retired(session: Session) -> None:
    signer = new_signer()
    await publish_key(session, signer)
    with pytest.raises(SigningKeyInUse):
        await retire_key(session, signer.key_id, signer)
    with pytest.raises(SigningKeyMissing):
        await retire_key(session, "0" * 16, signer)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE signing_key SET valid_from = valid_from - interval '1 day'",
        "UPDATE signing_key SET public_key = decode(repeat('00', 32), 'hex')",
        "UPDATE signing_key SET retired_at = NULL",
        "UPDATE signing_key SET retired_at = retired_at + interval '1 day'",
        "DELETE FROM signing_key",
    ],
)
async def test_what_was_published_cannot_be_changed_or_removed(session: Session, change: str) -> None:
    old = new_signer()
    await publish_key(session, old)
    await retire_key(session, old.key_id, new_signer())
    with pytest.raises(DBAPIError, match="append-only"):
        await session.execute(text(change))


async def test_a_command_refuses_to_start_with_a_retired_key(db: Database, tmp_path: Path) -> None:
    settings = Settings()
    signer = await open_signer(settings, db, tmp_path)
    await db.write(retire_key, signer.key_id, new_signer())
    with pytest.raises(CannotServeError, match="retired"):
        await open_signer(settings, db, tmp_path)


async def test_keys_are_changed_and_retired_from_the_command_line(
    db: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MARKET_SIGNING_KEY", raising=False)
    old = load_signer(None, tmp_path)
    await carry_out(db.url, Namespace(act="rotate", data=tmp_path))
    new = load_signer(None, tmp_path)
    assert f"market keys retire {old.key_id}" in capsys.readouterr().out
    assert {key.key_id for key in await db.read(list_keys)} == {old.key_id, new.key_id} != {old.key_id}
    await carry_out(db.url, Namespace(act="retire", data=tmp_path, key_id=old.key_id))
    await carry_out(db.url, Namespace(act="show", data=tmp_path, json=False))
    shown = capsys.readouterr().out
    assert new.public_key.hex() in shown
    assert old.public_key.hex() in shown


async def test_everybody_reads_the_published_keys(client: AsyncClient, db: Database) -> None:
    signer = new_signer()
    await db.write(publish_key, signer)
    found = (await client.get("/api/v1/signing-keys")).json()["keys"]
    assert signer.key_id in {key["key_id"] for key in found}
    assert {len(key["public_key"]) for key in found} == {64}
