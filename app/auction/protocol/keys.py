"""The exchange's signing key (签名私钥): from the setting, or from a file in the data folder that the first start makes."""

from __future__ import annotations

import base64
import binascii
import os
import stat
import tempfile
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.auction.protocol.heads import Signer

FILE_NAME = "signing.key"
_SEED_BYTES = 32
_FOREIGN_BITS = stat.S_IRWXG | stat.S_IRWXO


class SigningKeyUnusableError(RuntimeError):
    """The exchange cannot sign with what it was given; the text says why and what to do, in both languages."""


def read_private_key(text: str) -> Ed25519PrivateKey:
    """Reads an Ed25519 private key: PEM (PKCS #8), or its 32 bytes in base64. Raises SigningKeyUnusableError."""
    try:
        if "BEGIN" in text:
            found = serialization.load_pem_private_key(text.encode(), password=None)
            if isinstance(found, Ed25519PrivateKey):
                return found
        else:
            seed = base64.b64decode(text.strip(), validate=True)
            if len(seed) == _SEED_BYTES:
                return Ed25519PrivateKey.from_private_bytes(seed)
    except (binascii.Error, ValueError, TypeError, UnsupportedAlgorithm):
        pass
    message = (
        "签名私钥无法读取。应为 PEM 格式的 Ed25519 私钥，或 32 字节的 base64：openssl rand -base64 32\n"
        "The signing key cannot be read. Give an Ed25519 private key as PEM, or 32 bytes as base64: "
        "openssl rand -base64 32"
    )
    raise SigningKeyUnusableError(message)


def make_key_text() -> str:
    """Makes a new private key, as the setting and the file hold it."""
    return base64.b64encode(os.urandom(_SEED_BYTES)).decode()


def load_signer(given: str | None, folder: Path) -> Signer:
    """The signer of the setting, or of the data folder's file; two processes that make the file at once share one.

    Raises SigningKeyUnusableError.
    """
    if given is not None:
        return Signer(read_private_key(given))
    file = folder / FILE_NAME
    try:
        if not file.exists():
            _make_file(file)
        return Signer(read_private_key(_read_own(file)))
    except OSError as error:
        message = (
            f"签名私钥文件无法读写：{error}。请设置 MARKET_SIGNING_KEY。\n"
            f"The file of the signing key cannot be used: {error}. Set MARKET_SIGNING_KEY."
        )
        raise SigningKeyUnusableError(message) from error


def replace_key(folder: Path) -> Signer:
    """Puts a new private key into the data folder's file; the old one is gone with it."""
    folder.mkdir(parents=True, exist_ok=True)
    made = _written_beside(folder / FILE_NAME)
    made.replace(folder / FILE_NAME)
    return load_signer(None, folder)


def _make_file(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    made = _written_beside(file)
    try:
        # A link is made whole or not at all: the process that comes second finds the first one's key.
        os.link(made, file)
    except FileExistsError:
        pass
    finally:
        made.unlink()


def _written_beside(file: Path) -> Path:
    """A new key in a file of its own beside the wanted one, on the disk, for its owner alone."""
    descriptor, name = tempfile.mkstemp(prefix=f".{FILE_NAME}.", dir=file.parent)  # mode 0600
    with os.fdopen(descriptor, "w", encoding="ascii") as opened:
        opened.write(make_key_text() + "\n")
        opened.flush()
        os.fsync(opened.fileno())
    return Path(name)


def _read_own(file: Path) -> str:
    if os.name == "posix" and file.stat().st_mode & _FOREIGN_BITS:
        message = (
            f"签名私钥文件 {file} 对他人可读。请执行 chmod 600 {file}\n"
            f"Others may read the signing key's file {file}: chmod 600 {file}"
        )
        raise SigningKeyUnusableError(message)
    return file.read_text("ascii")
