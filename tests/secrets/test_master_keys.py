"""The master key: from the setting or a file of the owner alone, never told by accident, older keys kept."""

from __future__ import annotations

import stat
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from app.auction.envelopes import make_private_key
from app.auction.master_keys import (
    FILE_NAME,
    VARIABLE,
    MasterKeyUnusableError,
    as_text,
    load_ring,
    make_ring,
    read_ring,
    rotate_file,
)
from app.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path


def test_a_ring_does_not_show_its_keys() -> None:
    key = make_private_key()
    shown = repr(make_ring(key))
    assert as_text(key) not in shown
    assert key.hex() not in shown


def test_the_setting_names_the_newest_key_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    new, old = make_private_key(), make_private_key()
    monkeypatch.setenv(VARIABLE, f"{as_text(new)}, {as_text(old)}")
    monkeypatch.setenv("MARKET_LOST_KEY_SECONDS", "60")
    ring = load_ring(tmp_path, make=True)
    assert ring is not None
    assert list(ring.keys.values()) == [new, old]
    assert (ring.key_id, ring.lost_after) == (next(iter(ring.keys)), timedelta(seconds=60))
    assert not (tmp_path / FILE_NAME).exists()


@pytest.mark.parametrize("text", ["", "   ", "short", "a" * 44, "AAAA" * 11, f"{as_text(bytes(32))} x"])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(MasterKeyUnusableError, match="openssl rand"):
        read_ring(text)


def test_the_file_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    assert load_ring(tmp_path) is None
    made = load_ring(tmp_path, make=True)
    again = load_ring(tmp_path, make=True)
    assert made is not None
    assert again is not None
    assert made.keys == again.keys
    assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    load_ring(tmp_path, make=True)
    (tmp_path / FILE_NAME).chmod(0o640)
    with pytest.raises(MasterKeyUnusableError, match="chmod 600"):
        load_ring(tmp_path)


def test_a_rotation_puts_a_fresh_key_first_and_keeps_the_older_ones(tmp_path: Path) -> None:
    first = load_ring(tmp_path, make=True)
    rotated = rotate_file(tmp_path)
    kept = load_ring(tmp_path)
    assert first is not None
    assert kept is not None
    assert kept.keys == rotated.keys
    assert list(kept.keys)[1:] == list(first.keys)
    assert kept.key_id != first.key_id


def test_the_settings_of_web_processes_hold_no_master_key(monkeypatch: pytest.MonkeyPatch) -> None:
    key = as_text(make_private_key())
    monkeypatch.setenv(VARIABLE, key)
    settings = Settings()
    assert key not in settings.model_dump_json()
    assert "master_key" not in Settings.model_fields
