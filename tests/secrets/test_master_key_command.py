"""``market master-key``: what is registered, whether everything can be opened, and a change that loses nothing."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from app.auction.closing import advance_auction
from app.auction.master_keys import FILE_NAME, VARIABLE, as_text, load_ring
from app.auction.sealing import SealedOpener, register_master_key
from app.commands import master_key
from tests.make_auction import START_FEN
from tests.make_sealed import make_sealed_sale, post_sealed

if TYPE_CHECKING:
    from pathlib import Path

    from app.auction.master_keys import MasterRing
    from app.db import Database
    from tests.conftest import SetNow


@pytest.fixture(autouse=True)
def _elsewhere(db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command finds the tests' database, and an empty data folder."""
    monkeypatch.setenv("DATABASE_URL", db.engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("MARKET_DATA_DIR", str(tmp_path))
    monkeypatch.delenv(VARIABLE, raising=False)


async def run(*arguments: str) -> int:
    """Runs the command beside the tests' loop."""
    return await asyncio.to_thread(master_key.main, list(arguments))


def ring_of(folder: Path) -> MasterRing:
    """The ring in the folder's file, made if need be."""
    ring = load_ring(folder, make=True)
    assert ring is not None
    return ring


def names_in(folder: Path) -> list[str]:
    """What lies in a folder."""
    return sorted(path.name for path in folder.iterdir())


async def test_after_a_change_sales_of_both_keys_can_be_opened(
    db: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str], now_is: SetNow
) -> None:
    first = ring_of(tmp_path)
    async with db.transaction() as session:
        await register_master_key(session, first.public_key)
        before = await make_sealed_sale(session)
        await post_sealed(session, before.id, before.bidders[0], START_FEN)
    assert await run("rotate") == 0
    ring = ring_of(tmp_path)
    assert ring.key_id in capsys.readouterr().out
    async with db.transaction() as session:
        await register_master_key(session, ring.public_key)
        after = await make_sealed_sale(session)
        await post_sealed(session, after.id, after.bidders[0], START_FEN)
    assert await run("show") == 0
    shown = capsys.readouterr().out
    assert [line.split()[0] for line in shown.splitlines()[1:]] == [ring.key_id, first.key_id]
    assert all(as_text(key) not in shown for key in ring.keys.values())
    assert await run("check") == 0
    await now_is(db, after.ends_at)
    async with db.transaction() as session:
        for sale in (before, after):
            assert await advance_auction(session, sale.id, None, SealedOpener(ring)) == "sold"
    capsys.readouterr()
    assert await run("check") == 0
    assert first.key_id in capsys.readouterr().out, "the older key is not needed any more"


async def test_a_check_names_the_key_that_is_missing(
    db: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lost = ring_of(tmp_path)
    async with db.transaction() as session:
        await register_master_key(session, lost.public_key)
        await make_sealed_sale(session)
    (tmp_path / FILE_NAME).unlink()
    assert await run("check") == 1
    assert lost.key_id in capsys.readouterr().out
    ring_of(tmp_path)
    assert await run("check") == 1


async def test_a_restored_copy_of_the_file_opens_what_was_sealed(
    db: Database, tmp_path: Path, now_is: SetNow
) -> None:
    file = tmp_path / FILE_NAME
    async with db.transaction() as session:
        await register_master_key(session, ring_of(tmp_path).public_key)
        sale = await make_sealed_sale(session)
        await post_sealed(session, sale.id, sale.bidders[0], START_FEN)
    copy = file.read_bytes()
    file.unlink()
    file.write_bytes(copy)
    file.chmod(0o600)
    assert await run("check") == 0
    await now_is(db, sale.ends_at)
    async with db.transaction() as session:
        assert await advance_auction(session, sale.id, None, SealedOpener(load_ring(tmp_path))) == "sold"


async def test_a_key_in_the_setting_is_not_changed_but_a_new_one_is_shown_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, as_text(bytes(range(32))))
    assert await run("rotate") == 0
    shown = capsys.readouterr().out
    assert VARIABLE in shown
    assert "MARKET_MASTER_PUBLIC_KEY=" in shown
    assert names_in(tmp_path) == []


async def test_a_file_that_others_may_read_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ring_of(tmp_path)
    (tmp_path / FILE_NAME).chmod(0o644)
    assert await run("check") == 2
    assert "chmod 600" in capsys.readouterr().err
