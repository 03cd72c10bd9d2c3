"""The exchange's signing key: from the setting or a file, made once, changed with the old one still published."""

from __future__ import annotations

import base64
import stat
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from app.auction.protocol.heads import Signer
from app.auction.protocol.keys import (
    FILE_NAME,
    SigningKeyUnusableError,
    load_signer,
    make_key_text,
    replace_key,
)
from app.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

SEED = bytes(range(32))


def test_a_key_is_read_as_base64_or_as_pem(tmp_path: Path) -> None:
    private = Ed25519PrivateKey.from_private_bytes(SEED)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    expected = Signer(private).key_id
    assert load_signer(base64.b64encode(SEED).decode() + "\n", tmp_path).key_id == expected
    assert load_signer(pem, tmp_path).key_id == expected
    assert not list(tmp_path.iterdir())


RSA_START = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"


@pytest.mark.parametrize("text", ["", "short", "AAAA", "中文", RSA_START], ids=str)
def test_a_key_that_cannot_be_read_is_refused_with_the_way_to_make_one(text: str, tmp_path: Path) -> None:
    with pytest.raises(SigningKeyUnusableError, match="openssl rand -base64 32"):
        load_signer(text, tmp_path)


def test_the_first_start_makes_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    first = load_signer(None, folder)
    assert stat.S_IMODE((folder / FILE_NAME).stat().st_mode) == 0o600
    assert load_signer(None, folder).key_id == first.key_id
    assert [file.name for file in folder.iterdir()] == [FILE_NAME]


def test_processes_that_start_at_once_share_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        signers = list(threads.map(lambda _: load_signer(None, tmp_path), range(8)))
    assert len({signer.key_id for signer in signers}) == 1


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    load_signer(None, tmp_path)
    (tmp_path / FILE_NAME).chmod(0o644)
    with pytest.raises(SigningKeyUnusableError, match="chmod 600"):
        load_signer(None, tmp_path)


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("no folder")
    with pytest.raises(SigningKeyUnusableError, match="MARKET_SIGNING_KEY"):
        load_signer(None, tmp_path / "data")


def test_a_replaced_key_is_another_one(tmp_path: Path) -> None:
    old = load_signer(None, tmp_path)
    new = replace_key(tmp_path)
    assert new.key_id != old.key_id
    assert load_signer(None, tmp_path).key_id == new.key_id
    assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600


def test_a_made_key_is_never_the_same() -> None:
    assert make_key_text() != make_key_text()


def test_production_refuses_to_start_without_the_setting() -> None:
    production = {
        "environment": "production",
        "secret_key": "s" * 32,
        "public_url": "https://market.example",
        "deposit_account_number": "1100 2233",
        "registration_office_name": "登记机构",
    }
    with pytest.raises(ValueError, match="MARKET_SIGNING_KEY must be set in production"):
        Settings.model_validate(production)
    set_key = Settings.model_validate({**production, "signing_key": make_key_text()})
    assert set_key.signing_key is not None
