"""Pure rules of what a buyer declares with his intent: relations, who stands behind it, partners and shares.

Sources: 拍卖法 articles 22 and 30 (staff, seller and their agents do not buy), 招标投标法 article 31 (partners of a consortium
agree on their parts, and none takes part twice), 促进科技成果转化 rules of the provinces that flag related buyers.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from app.trades.errors_intents import PartnersUnfit, RelatedToExchange, RelationUnsaid

if TYPE_CHECKING:
    from collections.abc import Iterable

WHOLE_BP = 10_000
MOST_PARTNERS = 9
_SHORTEST, _LONGEST = 5, 500
_TOO_MANY = ("成员太多", "there are too many")
NAMED_TWICE = ("同一单位写了两次", "an organisation is named twice")
WHOM = {
    "seller": ("转让方", "seller"),
    "inventor": ("发明人", "inventors"),
    "exchange": ("交易机构", "exchange"),
}


@dataclass(frozen=True)
class Relation:
    """Whether the buyer is related to somebody, and in which words."""

    is_related: bool
    words: str = ""


@dataclass(frozen=True)
class Partner:
    """A partner by its credit code, with its share in basis points."""

    uscc: str
    share_bp: int


@dataclass(frozen=True)
class Declaration:
    """What a buyer declares; ``lead_share_bp`` is the whole for whoever comes alone."""

    relations: dict[str, Relation] = field(default_factory=dict)
    beneficial_owners: tuple[str, ...] = ()
    lead_share_bp: int = WHOLE_BP
    partners: tuple[Partner, ...] = ()

    def relations_json(self) -> dict[str, Any]:
        """The relations as they are kept."""
        return {
            whom: {"is_related": said.is_related, "words": said.words.strip()}
            for whom, said in sorted(self.relations.items())
        }


def check_declaration(said: Declaration) -> None:
    """Raises RelationUnsaid for a relation without words, RelatedToExchange, PartnersUnfit."""
    for whom, relation in said.relations.items():
        if relation.is_related and not _SHORTEST <= len(relation.words.strip()) <= _LONGEST:
            raise RelationUnsaid(whom, *WHOM[whom])
    if "exchange" in said.relations and said.relations["exchange"].is_related:
        raise RelatedToExchange
    _check_shares(said)


def _check_shares(said: Declaration) -> None:
    codes = [partner.uscc for partner in said.partners]
    shares = [said.lead_share_bp, *(partner.share_bp for partner in said.partners)]
    if len(codes) > MOST_PARTNERS:
        raise PartnersUnfit(*_TOO_MANY)
    if len(set(codes)) < len(codes):
        raise PartnersUnfit(*NAMED_TWICE)
    if min(shares) <= 0 or sum(shares) != WHOLE_BP:
        raise PartnersUnfit(*_sum_words(sum(shares)))


def _sum_words(total_bp: int) -> tuple[str, str]:
    percent = f"{total_bp // 100}.{total_bp % 100:02d}%"
    return f"份额合计 {percent}", f"the shares make {percent}"


def plain_owner(name: str) -> str:
    """A name as owners are compared: compatible forms, without blanks and case."""
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()


def shared_owners(one: Iterable[str], other: Iterable[str]) -> list[str]:
    """The names that stand behind both intents (同一实际控制人), as the first one wrote them."""
    known = {plain_owner(name) for name in other}
    return sorted({name.strip() for name in one if plain_owner(name) in known})
