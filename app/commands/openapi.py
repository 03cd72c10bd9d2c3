"""``market openapi``: the API's description, from which the pages' client is made."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from app.db import Database
from app.main import create_app
from app.settings import Settings


def main(arguments: list[str]) -> int:
    """Prints the description, or writes it to a file."""
    parser = argparse.ArgumentParser(
        prog="market openapi", description="接口描述 / the API's description (OpenAPI 3.1)"
    )
    parser.add_argument("--output", type=Path, help="写入文件 / write to this file")
    options = parser.parse_args(arguments)
    text = json.dumps(describe(), ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    if options.output is None:
        sys.stdout.write(text)
    else:
        options.output.write_text(text, "utf-8")
    return 0


def describe() -> dict[str, object]:
    """Makes the description; nothing is connected."""
    description: dict[str, object] = create_app(
        Settings(), Database("postgresql+asyncpg://nowhere/market")
    ).openapi()
    return description
