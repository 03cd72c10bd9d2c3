"""Pure rule of technology export (技术出口): who is foreign sees the public page alone until the class allows more.

Source: 技术进出口管理条例 articles 2 and 29 to 36 (an assignment or a licence to a foreign party is an export; prohibited, restricted
with a letter of intent before any substantial negotiation, free), 出口管制法 article 12.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from app.trades.errors_rights import ExportFindingWrong, ExportNotCleared

if TYPE_CHECKING:
    from collections.abc import Iterable

ExportClass = Literal["unknown", "free", "restricted", "prohibited"]
CLASS_WORDS = {
    "unknown": ("尚未认定", "not found yet"),
    "free": ("自由出口", "free"),
    "restricted": ("限制出口", "restricted"),
    "prohibited": ("禁止出口", "prohibited"),
}
_RANK = ("free", "restricted", "unknown", "prohibited")
LONGEST_CODE, LONGEST_LICENCE_NO = 40, 100
SHORTEST_EVIDENCE, LONGEST_EVIDENCE = 5, 1000
_EVIDENCE = ("依据要写 5 到 1000 个字", "say what it is based on, 5 to 1000 characters")
_CODE = ("限制、禁止出口的要写目录编号", "name the catalogue's code of what is restricted or prohibited")
_LICENCE = ("只有限制出口的才有许可证号", "only what is restricted has a licence number")
_TOO_LONG = (
    "目录编号至多 40 个字，许可证号至多 100 个字",
    "a code has at most 40, a licence's number 100 characters",
)


@dataclass(frozen=True)
class Classed:
    """A patent with its export class, and the letter of intent or licence that was recorded for a restricted one."""

    application_no: str
    export_class: ExportClass
    licence_no: str = ""

    @property
    def is_cleared(self) -> bool:
        """Whether somebody foreign may negotiate about it."""
        return self.export_class == "free" or (self.export_class == "restricted" and bool(self.licence_no))


def check_export(party_name: str, patents: Iterable[Classed], *, is_foreign: bool) -> None:
    """Raises ExportNotCleared for a foreign party, of all patents that are not cleared for the gravest one."""
    stopped = [patent for patent in patents if not patent.is_cleared]
    if is_foreign and stopped:
        worst = max(stopped, key=lambda patent: _RANK.index(patent.export_class))
        words = CLASS_WORDS[worst.export_class]
        raise ExportNotCleared(party_name, worst.application_no, worst.export_class, *words)


def check_finding(export_class: str, catalogue_code: str, evidence: str, licence_no: str) -> None:
    """Raises ExportFindingWrong: no evidence, a licence of what needs none, a catalogue's hit without its code."""
    if not SHORTEST_EVIDENCE <= len(evidence) <= LONGEST_EVIDENCE:
        raise ExportFindingWrong(*_EVIDENCE)
    if export_class != "free" and not catalogue_code:
        raise ExportFindingWrong(*_CODE)
    if licence_no and export_class != "restricted":
        raise ExportFindingWrong(*_LICENCE)
    if len(catalogue_code) > LONGEST_CODE or len(licence_no) > LONGEST_LICENCE_NO:
        raise ExportFindingWrong(*_TOO_LONG)
