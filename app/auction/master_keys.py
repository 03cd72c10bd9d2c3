"""The master key (主密钥) of the worker: from MARKET_MASTER_KEY, or from a file in the data folder; no web process reads it.

It is a ring: the first key is the one that sales are wrapped under from now on, the others are older and open what was
wrapped before. A ring is never written to the database or to a log.
"""

from __future__ import annotations

import base64
import binascii
import os
import stat
import tempfile
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.auction.envelopes import KEY_BYTES, key_id, make_private_key, public_half

FILE_NAME = "master.key"
VARIABLE = "MARKET_MASTER_KEY"
_FOREIGN_BITS = stat.S_IRWXG | stat.S_IRWXO


class MasterKeyUnusableError(RuntimeError):
    """The master key that was given cannot be used; the text says why and what to do, in both languages."""


class MasterSettings(BaseSettings):
    """What only the worker and the command ``master-key`` read; the settings of the web processes have none of it."""

    model_config = SettingsConfigDict(env_prefix="MARKET_", extra="ignore")

    master_key: SecretStr | None = None
    lost_key_seconds: int = 3600


@dataclass(frozen=True)
class MasterRing:
    """Master keys by their names, the one in use first; ``lost_after`` is how long a missing one is waited for."""

    keys: dict[str, bytes] = field(repr=False)
    lost_after: timedelta = timedelta(hours=1)

    @property
    def public_key(self) -> bytes:
        """The public half of the key in use."""
        return public_half(next(iter(self.keys.values())))

    @property
    def key_id(self) -> str:
        """The name of the key in use."""
        return next(iter(self.keys))


def make_ring(*keys: bytes, lost_after: timedelta = timedelta(hours=1)) -> MasterRing:
    """A ring of these private keys, the one in use first."""
    return MasterRing({key_id(public_half(key)): key for key in keys}, lost_after)


def read_ring(text: str, lost_after: timedelta = timedelta(hours=1)) -> MasterRing:
    """Reads keys of 32 bytes in base64, parted by blanks, commas or lines; raises MasterKeyUnusableError."""
    keys: list[bytes] = []
    for word in text.replace(",", " ").split():
        try:
            key = base64.b64decode(word, validate=True)
        except binascii.Error:
            key = b""
        if len(key) != KEY_BYTES:
            break
        keys.append(key)
    else:
        if keys:
            return make_ring(*keys, lost_after=lost_after)
    message = (
        "主密钥无法读取。应为 32 字节的 base64，新的在前，旧的在后，以逗号分隔：openssl rand -base64 32\n"
        "The master key cannot be read. Give 32 bytes as base64, the newest first, older ones after a comma: "
        "openssl rand -base64 32"
    )
    raise MasterKeyUnusableError(message)


def load_ring(folder: Path, *, make: bool = False) -> MasterRing | None:
    """The ring of the setting, else of the data folder's file; with ``make`` a missing file is made.

    None when there is neither: such a worker opens no envelopes. Raises MasterKeyUnusableError.
    """
    given = MasterSettings()
    lost_after = timedelta(seconds=given.lost_key_seconds)
    if given.master_key is not None:
        return read_ring(given.master_key.get_secret_value(), lost_after)
    file = folder / FILE_NAME
    try:
        if make and not file.exists():
            _make_file(file)
        return read_ring(_read_own(file), lost_after) if file.exists() else None
    except OSError as error:
        message = (
            f"主密钥文件无法读写：{error}。请设置 {VARIABLE}。\n"
            f"The file of the master key cannot be used: {error}. Set {VARIABLE}."
        )
        raise MasterKeyUnusableError(message) from error


def rotate_file(folder: Path) -> MasterRing:
    """Puts a fresh key before those of the data folder's file, which are kept; raises MasterKeyUnusableError."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / FILE_NAME
    older = read_ring(_read_own(file)) if file.exists() else None
    keys = [make_private_key(), *(older.keys.values() if older else ())]
    made = _written_beside(file, keys)
    made.replace(file)
    return make_ring(*keys)


def as_text(key: bytes) -> str:
    """A private key as the setting and the file hold it."""
    return base64.b64encode(key).decode()


def _make_file(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    made = _written_beside(file, [make_private_key()])
    try:
        # A link is made whole or not at all: the process that comes second finds the first one's key.
        os.link(made, file)
    except FileExistsError:
        pass
    finally:
        made.unlink()


def _written_beside(file: Path, keys: list[bytes]) -> Path:
    """The keys in a file of their own beside the wanted one, on the disk, for its owner alone."""
    descriptor, name = tempfile.mkstemp(prefix=f".{FILE_NAME}.", dir=file.parent)  # mode 0600
    with os.fdopen(descriptor, "w", encoding="ascii") as opened:
        opened.writelines(as_text(key) + "\n" for key in keys)
        opened.flush()
        os.fsync(opened.fileno())
    return Path(name)


def _read_own(file: Path) -> str:
    if os.name == "posix" and file.stat().st_mode & _FOREIGN_BITS:
        message = (
            f"主密钥文件 {file} 对他人可读。请执行 chmod 600 {file}\n"
            f"Others may read the master key's file {file}: chmod 600 {file}"
        )
        raise MasterKeyUnusableError(message)
    return file.read_text("ascii")
