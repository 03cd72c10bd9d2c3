"""The patent licence contract (技术许可合同·专利实施许可) as bilingual sections; written for this market from the law."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from app.contracts import articles
from app.contracts import licence_articles as licence
from app.contracts.clauses import head_of, number_articles

if TYPE_CHECKING:
    from app.contracts.licence_terms import LicenceContractTerms

LICENCE_FORMAT: Final = "patent-licence/1"


def write_licence_contract(terms: LicenceContractTerms) -> dict[str, Any]:
    """Writes the whole document; the same terms give the same document, to the byte of its canonical form."""
    drafts = [
        licence.parties(terms),
        licence.grant(terms),
        licence.facts(terms),
        licence.warranties(terms),
        licence.price(terms),
        licence.delivery(terms),
        licence.upkeep(),
        licence.recordal(),
        articles.confidentiality(),
        articles.improvements(),
        licence.infringement(),
        licence.breach(terms),
        articles.disputes(),
        licence.form_and_effect(),
        licence.registration(terms),
    ]
    if terms.is_demonstration:
        drafts.append(articles.demonstration())
    return {
        "format": LICENCE_FORMAT,
        "title_zh": "技术许可合同（专利实施许可）",
        "title_en": "Technology Licence Contract (Patent Licence)",
        "contract_type": "licence",
        "subtype": "patent_licence",
        **head_of(terms),
        "licence": terms.licence(),
        "sections": number_articles(drafts),
    }
