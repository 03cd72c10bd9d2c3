"""What is particular to one assignment contract: its numbers, parties, facts, price and periods."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.money import capital

if TYPE_CHECKING:
    from app.contracts.rules import PatentFacts


@dataclass(frozen=True)
class Party:
    """A side of the contract by its legal name and unified social credit code (统一社会信用代码).

    Only an owner that is known by name alone, from the patent register, has no code.
    """

    name: str
    uscc: str | None

    @property
    def zh(self) -> str:
        """The party as a Chinese deed names it."""
        return f"{self.name}，统一社会信用代码 {self.uscc}" if self.uscc else self.name

    @property
    def en(self) -> str:
        """The party as the English text names it."""
        return f"{self.name}, unified social credit code {self.uscc}" if self.uscc else self.name


@dataclass(frozen=True)
class AssignmentTerms:
    """What is particular to one assignment; everything else is the same in every contract."""

    contract_no: str
    deal_no: str
    listing_no: str
    drafted_on: str
    exchange_zh: str
    exchange_en: str
    is_demonstration: bool
    seller: Party
    buyer: Party
    facts: PatentFacts
    encumbrances: str
    price_fen: int
    deposit_fen: int
    payment_days: int
    recordal_days: int
    # What the deal rests on: bidding, a listed price or a negotiation, and the papers that were published for it.
    way_zh: str = "网络竞价"
    way_en: str = "network bidding"
    papers_zh: str = "竞价文件"
    # Parts of the price in hundredths of a per cent with the days after the contract takes effect; none: one sum.
    instalments: tuple[tuple[int, int], ...] = ()
    # The plan of payment announced with the listing, in words; none: one sum or the instalments.
    plan: tuple[str, str] | None = None

    @property
    def price_capital(self) -> str:
        """The price in words (大写)."""
        return capital(self.price_fen)

    @property
    def balance_fen(self) -> int:
        """What remains to be paid once the deposit is counted into the price."""
        return max(self.price_fen - self.deposit_fen, 0)


@dataclass(frozen=True)
class Paragraph:
    """One paragraph in both languages."""

    zh: str
    en: str


@dataclass(frozen=True)
class Article:
    """An article before it is numbered."""

    title_zh: str
    title_en: str
    basis: str
    paragraphs: list[Paragraph]
