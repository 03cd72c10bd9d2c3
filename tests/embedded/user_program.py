"""A program that uses the embedded server, to be started, watched and killed by the tests.

Prints one line of JSON when it has the server, and leaves when its standard input ends.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from app.embedded import EmbeddedServerError, start_server


def main(folder: str, binaries: str | None = None) -> int:
    """Uses the server of the folder until told to leave."""
    try:
        server = start_server(Path(folder), durable=False, binaries=Path(binaries) if binaries else None)
    except EmbeddedServerError as error:
        print(json.dumps({"error": str(error)}), flush=True)  # noqa: T201 - read by the test
        return 3
    print(json.dumps({"pid": server.pid, "port": server.port, "uid": os.geteuid()}), flush=True)  # noqa: T201
    sys.stdin.read()
    server.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
