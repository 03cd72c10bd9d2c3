"""The patent assignment contract (技术转让合同·专利权转让) as bilingual sections, and the digest that is signed.

Written for this market from what the law requires; no model contract's text is copied. The Chinese text prevails,
because the registration office reads Chinese. Every section names its articles.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson

from app.contracts import articles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.contracts.terms import Article, AssignmentTerms

FORMAT: Final = "patent-assignment/1"
_NUMERALS: Final = "〇一二三四五六七八九"
_TEN: Final = 10


@dataclass(frozen=True)
class Section:
    """One section: titles, paragraphs in both languages pair by pair, and the law it rests on."""

    title_zh: str
    title_en: str
    paragraphs_zh: list[str]
    paragraphs_en: list[str]
    basis: str


def write_contract(terms: AssignmentTerms) -> dict[str, Any]:
    """Writes the whole document; the same terms give the same document, to the byte of its canonical form."""
    return {
        "format": FORMAT,
        "title_zh": "技术转让合同（专利权转让）",
        "title_en": "Technology Transfer Contract (Assignment of a Patent)",
        "contract_type": "transfer",
        "subtype": "patent",
        **head_of(terms),
        "sections": number_articles(_drafts(terms)),
    }


def head_of(terms: AssignmentTerms) -> dict[str, Any]:
    """The members that every contract's document has beside its kind and its sections."""
    return {
        "contract_no": terms.contract_no,
        "deal_no": terms.deal_no,
        "listing_no": terms.listing_no,
        "drafted_on": terms.drafted_on,
        "exchange_zh": terms.exchange_zh,
        "exchange_en": terms.exchange_en,
        "is_demonstration": terms.is_demonstration,
        "seller": asdict(terms.seller),
        "buyer": asdict(terms.buyer),
        "patent_facts": asdict(terms.facts),
        "price_fen": terms.price_fen,
        "price_capital": terms.price_capital,
        "deposit_fen": terms.deposit_fen,
    }


def _drafts(terms: AssignmentTerms) -> list[Article]:
    drafts = [
        articles.parties(terms),
        articles.subject(terms),
        articles.facts(terms),
        articles.warranties(terms),
        articles.price(terms),
        articles.transfer_of_title(terms),
        articles.earlier_licences(),
        articles.confidentiality(),
        articles.improvements(),
        articles.invalidity_and_infringement(),
        articles.breach(terms),
        articles.disputes(),
        articles.form_and_effect(),
        articles.registration(terms),
    ]
    if terms.is_demonstration:
        drafts.append(articles.demonstration())
    return drafts


def number_articles(drafts: Sequence[Article]) -> list[dict[str, Any]]:
    """Numbers articles in both languages, as the sections of a document."""
    return [
        asdict(
            Section(
                title_zh=f"第{numeral(number)}条　{draft.title_zh}",
                title_en=f"Article {number}. {draft.title_en}",
                paragraphs_zh=[paragraph.zh for paragraph in draft.paragraphs],
                paragraphs_en=[paragraph.en for paragraph in draft.paragraphs],
                basis=draft.basis,
            )
        )
        for number, draft in enumerate(drafts, 1)
    ]


def numeral(number: int) -> str:
    """Writes 1 to 99 in Chinese as articles are numbered: 十二."""
    tens, ones = divmod(number, _TEN)
    if not tens:
        return _NUMERALS[ones]
    return ("" if tens == 1 else _NUMERALS[tens]) + "十" + (_NUMERALS[ones] if ones else "")


def canonical_document(document: dict[str, Any]) -> bytes:
    """The exact bytes that are hashed: JSON in UTF-8 with sorted keys and no blanks."""
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


def document_sha256(document: dict[str, Any]) -> str:
    """The digest (摘要) that both sides sign, in lower-case hexadecimal."""
    return hashlib.sha256(canonical_document(document)).hexdigest()
