"""Checking a stranger's record in a process of its own: bounded in time and memory, whatever was crafted into it.

``python -m app.auction.protocol.checking KEYS`` reads ``{"bundle", "receipts", "heads"}`` from standard input and writes
the report as JSON; KEYS is what the exchange publishes. Exit code 3: what came is not such an object.
"""

from __future__ import annotations

import json
import sys

import orjson

from app.auction.protocol.findings import Unreadable
from app.auction.protocol.reading import read_list, read_object
from app.auction.protocol.trust import read_keys
from app.auction.protocol.verifying import verify

UNREADABLE = 3
_CPU_SECONDS = 30
_MEMORY_BYTES = 2 << 30


def main() -> int:
    """Checks one record."""
    _bind_resources()
    try:
        given = read_object(orjson.loads(sys.stdin.buffer.read()), "body")
        receipts = read_list(given.get("receipts", []), "receipts")
        heads = read_list(given.get("heads", []), "heads")
        bundle = read_object(given.get("bundle"), "bundle")
    except (Unreadable, ValueError):
        return UNREADABLE
    report = verify(bundle, read_keys(orjson.loads(sys.argv[1])), receipts, heads)
    json.dump(report.wire(), sys.stdout, ensure_ascii=False)
    return 0


def _bind_resources() -> None:
    """A crafted sale can have years of one-second ticks: the system ends the process, not our patience."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - not there on Windows

    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))


if __name__ == "__main__":
    sys.exit(main())
