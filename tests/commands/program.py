"""Starting the program and talking to it from outside."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

from tests.database import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator


# The program's own settings, and the wish for no compiled files, which ./market does not pass on either.
_NOT_PASSED_ON = ("MARKET_", "DATABASE_", "REDIS_", "PYTHON")


class Program:
    """A started command of the program, its output in a file."""

    def __init__(self, *arguments: str, **environment: str) -> None:
        self.output = tempfile.NamedTemporaryFile("w+", suffix=".log")  # noqa: SIM115 - closed with the program
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_NOT_PASSED_ON)}
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "app", *arguments],
            env={**kept, "PYTHONPATH": str(ROOT), **environment},
            stdout=self.output,
            stderr=subprocess.STDOUT,
            cwd="/",
        )

    def said(self) -> str:
        """All its output so far."""
        self.output.flush()
        with open(self.output.name, encoding="utf-8") as file:  # noqa: PTH123 - a name that tempfile gave
            return file.read()

    def address(self, seconds: float = 60.0) -> str:
        """The address that it prints when it serves."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            found = re.search(r"http://127\.0\.0\.1:\d+", self.said())
            if found:
                return found.group()
            assert self.process.poll() is None, self.said()
            time.sleep(0.02)
        raise AssertionError(self.said())

    def ends(self, seconds: float = 30.0) -> int:
        """Its exit code, once it has ended by itself."""
        return self.process.wait(seconds)

    def stop(self, number: int) -> tuple[int, float]:
        """Sends a signal; returns the exit code and the seconds it took."""
        began = time.monotonic()
        self.process.send_signal(number)
        return self.process.wait(30), time.monotonic() - began


@contextlib.contextmanager
def started(*arguments: str, **environment: str) -> Iterator[Program]:
    """A program that is gone at the end."""
    program = Program(*arguments, **environment)
    try:
        yield program
    finally:
        if program.process.poll() is None:
            program.process.kill()
            program.process.wait()
        program.output.close()


def fetch(url: str) -> tuple[int, Any]:
    """Gets a JSON resource: its status and content; 0 when nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read())
    except OSError:
        return 0, None


def fetch_text(url: str) -> tuple[int, str]:
    """Gets a page: its status and text."""
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
