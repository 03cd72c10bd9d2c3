"""``market bench NAME``: measures something; the last line is one JSON object."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

_BENCHES = Path(__file__).resolve().parent.parent.parent / "bench"


def main(arguments: list[str]) -> int:
    """Runs a bench as a program; it exits 0 only when it measured."""
    names = sorted(
        path.stem.replace("_", "-")
        for path in _BENCHES.glob("*.py")
        if '__name__ == "__main__"' in path.read_text("utf-8")
    )
    if not arguments or arguments[0] not in names:
        sys.stderr.write(f"用法 / usage: market bench {{{','.join(names)}}}\n")
        return 2
    name, *rest = arguments
    sys.argv = [f"market bench {name}", *rest]
    runpy.run_module(f"bench.{name.replace('-', '_')}", run_name="__main__", alter_sys=True)
    return 0
