"""A file has at most 400 lines and a function at most 50: what grows past that is two things."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import pytest

from tests.database import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FILE_LINES = 400
FUNCTION_LINES = 50
# A revision is one act, generated from the models and kept as it is: revisions are not measured.
PYTHON_FOLDERS = ("app", "bench", "tests")
PAGES_FOLDERS = ("src", "tests")
# One line each of data or of words: their length is no complexity.
TABLES_OF_WORDS = ("i18n", "schema.d.ts")

# A composable (useRoom) is the setup of a component in a file of its own: its inner functions are measured.
_COMPOSABLE = re.compile(r"function use[A-Z]")
_OPENS_FUNCTION = re.compile(r"(\bfunction\b[^;]*\{|=>\s*\{)\s*$")
_BLANKED = re.compile(
    r"'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\"|`(?:\\.|[^`\\])*`|//[^\n]*|/\*.*?\*/", re.DOTALL
)


def python_files() -> Iterator[Path]:
    """The program's Python, with the entry script."""
    yield ROOT / "market"
    for folder in PYTHON_FOLDERS:
        yield from sorted((ROOT / folder).rglob("*.py"))


def pages_files() -> Iterator[Path]:
    """The pages' sources."""
    for folder in PAGES_FOLDERS:
        for path in sorted((ROOT / "frontend" / folder).rglob("*")):
            if path.suffix in {".ts", ".vue"} and not any(part in path.parts for part in TABLES_OF_WORDS):
                yield path


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _long_python_functions(source: str) -> list[str]:
    functions = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    lengths = {node.name: (node.end_lineno or node.lineno) - node.lineno + 1 for node in functions}
    return [f"{name}: {length} lines" for name, length in lengths.items() if length > FUNCTION_LINES]


def _long_script_functions(source: str, suffix: str) -> list[str]:
    """Functions of TypeScript by their braces; a component's template and style are not functions."""
    if suffix == ".vue":
        source = "\n".join(re.findall(r"<script[^>]*>(.*?)</script>", source, re.DOTALL))
    plain = _BLANKED.sub(lambda match: "\n" * match.group().count("\n"), source)
    too_long, opened = [], []
    depth = 0
    for number, line in enumerate(plain.splitlines(), 1):
        if _OPENS_FUNCTION.search(line):
            opened.append((depth, number, line.strip()))
        depth += line.count("{") - line.count("}")
        while opened and depth <= opened[-1][0]:
            _, start, text = opened.pop()
            if number - start + 1 > FUNCTION_LINES and not _COMPOSABLE.search(text):
                too_long.append(f"{text}: {number - start + 1} lines")
    return too_long


@pytest.mark.parametrize("path", [*python_files(), *pages_files()], ids=_name)
def test_a_file_and_its_functions_are_short(path: Path) -> None:
    source = path.read_text("utf-8")
    assert source.count("\n") <= FILE_LINES, f"{_name(path)} has {source.count(chr(10))} lines"
    is_python = path.suffix in {".py", ""}
    assert (
        _long_python_functions(source) if is_python else _long_script_functions(source, path.suffix)
    ) == []


def test_a_long_function_is_found() -> None:
    body = "    x = 1\n" * FUNCTION_LINES
    assert _long_python_functions(f"def short():\n    return 1\n\ndef long():\n{body}") == ["long: 51 lines"]
    script = (
        "export function long(): void {\n"
        + "  call('}')\n" * FUNCTION_LINES
        + "}\nconst f = () => {\n  g()\n}\n"
    )
    assert _long_script_functions(script, ".ts") == ["export function long(): void {: 52 lines"]
