"""What is particular to one licence contract (专利实施许可合同): who licenses what, where, for what and how long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from app.contracts.terms import AssignmentTerms

# What each kind leaves to the licensor and to others (技术合同解释 article 25).
_KINDS: dict[str, tuple[str, str, str, str]] = {
    "exclusive": (
        "独占实施许可",
        "an exclusive licence",
        "在约定的地域、领域和期间内，该专利仅由被许可人实施，许可人依约定不得实施，也不得许可他人实施",
        (
            "within the agreed territory, field and term the licensee alone works the patent; the licensor neither works it "
            "nor licenses anybody else"
        ),
    ),
    "sole": (
        "排他实施许可",
        "a sole licence",
        "在约定的地域、领域和期间内，该专利仅由被许可人实施，许可人可以自行实施，但不得许可他人实施",
        (
            "within the agreed territory, field and term the licensee works the patent; the licensor may work it too but "
            "licenses nobody else"
        ),
    ),
    "ordinary": (
        "普通实施许可",
        "an ordinary licence",
        "被许可人可以在约定的地域、领域和期间内实施该专利，许可人可以自行实施，也可以许可他人实施",
        (
            "the licensee may work the patent within the agreed territory, field and term; the licensor may work it and "
            "license others"
        ),
    ),
}
_TERRITORIES = {"WW": ("全球", "the whole world"), "CN": ("中国境内", "China")}


@dataclass(frozen=True, kw_only=True)
class LicenceContractTerms(AssignmentTerms):
    """The terms of a licence beside those that every contract of a sale has."""

    kind: str
    territory: str
    field: str
    starts_on: str
    ends_on: str
    sublicence: bool
    accepts_earlier: bool = False
    # Of an open licence: under which announcement, and the fee's standard as it was announced.
    announcement: str = ""
    fee_standard: str = ""

    @property
    def kind_words(self) -> tuple[str, str, str, str]:
        """The kind's name and what it means, in both languages."""
        return _KINDS[self.kind]

    @property
    def territory_words(self) -> tuple[str, str]:
        """Where it is licensed; a country or province is named by its code."""
        code = f"代码 {self.territory} 的国家或者地区"
        return _TERRITORIES.get(self.territory, (code, f"the country or region {self.territory}"))

    @property
    def field_words(self) -> tuple[str, str]:
        """For which field of use."""
        return (self.field or "全部使用领域", self.field or "all fields of use")

    def licence(self) -> dict[str, Any]:
        """The licence as the document holds it, beside its words."""
        names = ("kind", "territory", "field", "starts_on", "ends_on", "sublicence", "accepts_earlier")
        return {name: getattr(self, name) for name in names}
