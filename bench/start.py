"""``market bench start``: seconds from the command to the first page, on a market that was made before.

The program is started as a person starts it, with a data folder of its own that goes away afterwards. The first
start, which makes and furnishes the market, is named beside the warm ones; so is the first answer of the API, which is
loaded while the browser reads the page.
"""

from __future__ import annotations

import json
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
WARM_STARTS = 3
LONGEST_START_SECONDS = 60.0
LONGEST_STOP_SECONDS = 20.0


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str, word: bytes) -> bool:
    """Whether what is there is whole."""
    try:
        with urllib.request.urlopen(url, timeout=LONGEST_START_SECONDS) as answer:  # noqa: S310 - our own address
            return word in answer.read()
    except (urllib.error.URLError, OSError):
        return False


class Start(NamedTuple):
    """Seconds from the command to the first page and to the first answer of the API, and from the signal to the end."""

    page: float
    answer: float
    stop: float


def start_once(data: Path) -> Start:
    """Starts the market, waits for its first page and its first answer, and stops it."""
    port = free_port()
    command = [str(ROOT / "market"), "run", "--data", str(data), "--port", str(port)]
    began = time.perf_counter()
    program = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=sys.stderr)
    try:
        while not answers(f"http://127.0.0.1:{port}/", b"</html>"):
            if program.poll() is not None or time.perf_counter() - began > LONGEST_START_SECONDS:
                message = "the market did not show a page"
                raise RuntimeError(message)
            time.sleep(0.005)
        page = time.perf_counter() - began
        if not answers(f"http://127.0.0.1:{port}/api/v1/market", b"name_zh"):
            message = "the market did not answer"
            raise RuntimeError(message)
        answer = time.perf_counter() - began
    finally:
        program.send_signal(signal.SIGTERM)
        stopping = time.perf_counter()
        code = program.wait(LONGEST_STOP_SECONDS)
    if code != 0:
        message = f"the market ended with {code}"
        raise RuntimeError(message)
    return Start(page, answer, time.perf_counter() - stopping)


def main() -> int:
    """Measures and prints one line."""
    data = Path(tempfile.mkdtemp(prefix="market-bench-"))
    try:
        first = start_once(data)
        warm = [start_once(data) for _ in range(WARM_STARTS)]
    finally:
        shutil.rmtree(data, ignore_errors=True)
    result = {
        "bench": "start",
        "unit": "seconds from the command to the first page, warm",
        "ours": round(statistics.median(start.page for start in warm), 2),
        "reference": None,
        "ratio": None,
        "slowest": round(max(start.page for start in warm), 2),
        "first_answer": round(statistics.median(start.answer for start in warm), 2),
        "first_start": round(first.page, 2),
        "stop": round(max(start.stop for start in warm), 2),
    }
    print(json.dumps(result))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
