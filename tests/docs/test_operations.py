"""Metrics and log lines of the program are described in docs/operations.md."""

from __future__ import annotations

import ast
import re

from prometheus_client.metrics import MetricWrapperBase

from app import metrics
from tests.database import ROOT
from tests.docs.reading import DOCS, named, read

OPERATIONS = read(DOCS / "operations.md")
_LEVELS = {"warning", "error", "exception"}
_DEMONSTRATION = re.compile(r"simulation_|demonstration_")


def test_every_metric_is_described() -> None:
    words = named(OPERATIONS)
    for metric in vars(metrics).values():
        if isinstance(metric, MetricWrapperBase):
            (family,) = metric.describe()
            assert {family.name, f"{family.name}_total"} & words, f"{family.name} is not described"


def test_every_line_that_warns_is_described() -> None:
    lines = {
        str(node.args[0].value)
        for path in (ROOT / "app").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _LEVELS
        if node.args and isinstance(node.args[0], ast.Constant)
    }
    assert "unknown_error" in lines
    assert {line for line in lines if not _DEMONSTRATION.match(line)} <= named(OPERATIONS)
