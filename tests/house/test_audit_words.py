"""Every act that is recorded has words in the supervisor's page, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.audit import TOLD

ROOT = Path(__file__).resolve().parent.parent.parent
_RECORDED = re.compile(r'audit\(\s*\w+,\s*[\w.]+,\s*"([a-z_-]+\.[a-z_-]+)"')
_KIND = re.compile(r'subject_kind="([a-z_]+)"')


def _found(pattern: re.Pattern[str]) -> set[str]:
    sources = (ROOT / "app").rglob("*.py")
    return {word for source in sources for word in pattern.findall(source.read_text("utf-8"))}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_act_and_subject_of_the_audit_record_has_words(lang: str) -> None:
    words = (ROOT / "frontend" / "src" / "i18n" / lang / "acts.ts").read_text("utf-8")
    known = set(re.findall(r"^  (\w+):", words, re.MULTILINE))
    acts = {f"act_{re.sub('[.-]', '_', act)}" for act in _found(_RECORDED) | set(TOLD)}
    kinds = {f"kind_{kind}" for kind in _found(_KIND)}
    assert len(acts) > 100
    assert acts - known == set()
    assert kinds - known == set()
