"""The entry script: what it makes, what it takes for made, and how it gets round a tool that fails."""

from __future__ import annotations

import hashlib
import importlib.machinery
import importlib.util
import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.database import ROOT

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def market(tmp_path: Path) -> Any:
    """The script as a module, for a clone that is an empty folder."""
    loader = importlib.machinery.SourceFileLoader("market_script", str(ROOT / "market"))
    spec = importlib.util.spec_from_loader("market_script", loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    for name in ("WORK", "FRONTEND", "DIST", "NODE_ENV"):
        setattr(module, name, tmp_path / name.lower())
        getattr(module, name).mkdir()
    setattr(module, "LOG", module.WORK / "install.log")  # noqa: B010 - the checker knows no such module
    return module


def _made_clone(folder: Path) -> Path:
    """A clone whose environment is made already; its interpreter is the one of these tests."""
    shutil.copy(ROOT / "market", folder)
    (folder / "app").symlink_to(ROOT / "app")
    shutil.copytree(ROOT / "requirements", folder / "requirements")
    python = folder / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    lock = (folder / "requirements" / "runtime.lock").read_bytes()
    stamp = {"runtime": hashlib.sha256(lock + b"\0").hexdigest()}
    (folder / ".venv" / "market-stamp.json").write_text(json.dumps(stamp))
    return folder / "market"


def test_it_runs_from_any_folder_and_hands_over_arguments_and_exit_code(tmp_path: Path) -> None:
    script = _made_clone(tmp_path)
    done = subprocess.run([script, "walk", "on"], cwd="/", capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "no such command: walk" in done.stderr
    assert not (tmp_path / ".installing").exists()


def test_it_needs_nothing_but_the_standard_library() -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import runpy; runpy.run_path({str(ROOT / 'market')!r})"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_a_stamp_counts_only_when_it_is_whole(market: Any) -> None:
    assert market.stamped(market.DIST) == {}
    (market.DIST / market.STAMP).write_text('{"pages": "12')
    assert market.stamped(market.DIST) == {}
    market.stamp(market.DIST, {"pages": "1"})
    assert market.stamped(market.DIST) == {"pages": "1"}


def test_the_pages_are_built_anew_only_when_a_source_changes(market: Any) -> None:
    source = market.FRONTEND / "src" / "main.ts"
    source.parent.mkdir()
    source.write_text("1")
    before = market.pages_digest()
    (market.FRONTEND / "node_modules").mkdir()
    (market.FRONTEND / "node_modules" / "any.js").write_text("1")
    assert market.pages_digest() == before
    source.write_text("2")
    assert market.pages_digest() != before


def test_without_a_registry_it_goes_on_without_pages_but_not_in_ci(
    market: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails() -> None:
        message = "no registry"
        raise market.Failed(message)

    monkeypatch.setattr(market, "find_node", fails)
    monkeypatch.delenv("CI", raising=False)
    assert market.ensure_pages("run") is None
    assert "no registry" in capsys.readouterr().err
    monkeypatch.setenv("CI", "true")
    with pytest.raises(market.Failed):
        market.ensure_pages("run")


def test_another_way_is_tried_when_one_fails_and_the_last_failure_is_told(market: Any) -> None:
    tried = []

    def fails(text: str) -> None:
        tried.append(text)
        market.call(sys.executable, "-c", f"raise SystemExit('{text}')")

    market.first_that_works(lambda: fails("first"), lambda: tried.append("second"), lambda: fails("third"))
    assert tried == ["first", "second"]
    with pytest.raises(market.Failed, match="last"):
        market.first_that_works(lambda: fails("first"), lambda: fails("last"))


@pytest.mark.parametrize(
    ("version", "is_fit"),
    [
        ("v20.20.2", False),
        ("v22.17.0", False),
        ("v22.18.0", True),
        ("v23.9.0", False),
        ("v24.11.0", True),
        ("v26.0.0", True),
    ],
)
def test_a_system_s_node_is_used_only_when_it_is_fit(
    market: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: str, *, is_fit: bool
) -> None:
    for name in ("node", "npm"):
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\necho {version}\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(market, "node_from_wheel", lambda: market.NODE_ENV)
    assert market.find_node() == (tmp_path / "bin" if is_fit else market.NODE_ENV)
