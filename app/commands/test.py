"""``market test``: every check and test; with arguments, pytest alone with those arguments."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent.parent
_WORKERS = "2"


@dataclass(frozen=True)
class Check:
    """A check that is a program."""

    name: str
    command: list[str]
    folder: Path = _ROOT


def main(arguments: list[str]) -> int:
    """Runs the checks, then the tests, so that pytest's own summary comes last; fails when any of them did."""
    if not (_ROOT / "tests").is_dir():
        print("测试只在源码目录中运行 / the tests are run in a clone of the sources", file=sys.stderr)
        return 2
    if arguments:
        return _pytest(arguments)
    failed = [check.name for check in _checks() if not _passes(check)]
    code = _pytest(["-n", os.environ.get("MARKET_TEST_WORKERS", _WORKERS)])
    if failed:
        print(f"未通过的检查 / failed checks: {', '.join(failed)}", flush=True)
        return 1
    return code


def _checks() -> list[Check]:
    python = sys.executable
    checks = [
        Check("ruff", [python, "-m", "ruff", "check", "."]),
        Check("format", [python, "-m", "ruff", "format", "--check", "."]),
        Check("mypy", [python, "-m", "mypy"]),
        Check("imports", [python, "-c", "from importlinter.cli import lint_imports_command as run; run()"]),
    ]
    npm = shutil.which("npm")
    if npm is not None and (_ROOT / "frontend" / "node_modules").is_dir():
        checks.append(Check("frontend", [npm, "run", "--silent", "check"], _ROOT / "frontend"))
    elif os.environ.get("CI"):
        checks.append(Check("frontend", [python, "-c", "raise SystemExit('npm is missing')"]))
    else:
        print(
            "页面的检查没有运行：没有 npm / the frontend's checks were not run: there is no npm", flush=True
        )
    return checks


def _passes(check: Check) -> bool:
    """Runs a check; its output is shown only when it fails."""
    began = time.monotonic()
    print(f"{check.name:<10}", end="", flush=True)
    done = subprocess.run(
        check.command,
        cwd=check.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    verdict = "通过 / passed" if done.returncode == 0 else "未通过 / failed"
    print(f"{verdict}  {time.monotonic() - began:.1f} s", flush=True)
    if done.returncode != 0:
        print(done.stdout, flush=True)
    return done.returncode == 0


def _pytest(arguments: list[str]) -> int:
    """Runs pytest from the clone's root, where its configuration and the tests are."""
    return subprocess.run([sys.executable, "-m", "pytest", *arguments], cwd=_ROOT, check=False).returncode
