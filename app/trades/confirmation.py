"""The deal confirmation (成交确认书): what was agreed, in a fixed form with a fingerprint; pure.

Source: 拍卖法 article 52 and 法释〔2016〕18号 article 22 (a confirmation with the buyer's real name after the close).
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from app.chain import canonical, instant
from app.money import capital
from app.trades.method import method_words

if TYPE_CHECKING:
    from datetime import datetime

    from app.accounts.models import Organisation
    from app.auction.queries import SaleView
    from app.catalog.queries import PatentView
    from app.trades.models import Intent, Listing


def _party(party: Organisation) -> dict[str, Any]:
    return {"id": str(party.id), "name": party.name, "uscc": party.uscc, "kind": party.kind}


def _listing(listing: Listing) -> dict[str, Any]:
    return {
        "listing_no": listing.listing_no,
        "title": listing.title,
        "rights": listing.rights,
        "encumbrances": listing.encumbrances,
    }


def _patent(patent: PatentView) -> dict[str, Any]:
    return {
        "application_no": patent.application_no,
        "patent_no": patent.patent_no,
        "title": patent.title,
        "patent_type": patent.patent_type,
        "filing_on": patent.filing_on.isoformat(),
        "expires_on": patent.expires_on.isoformat(),
        "ipc_main": patent.ipc_main,
        "applicant": patent.applicant,
    }


def write_confirmation(
    *,
    deal_no: str,
    listing: Listing,
    patent: PatentView,
    seller: Organisation,
    buyer: Organisation,
    exchange_name: str | None,
    sale: SaleView,
    intent: Intent,
    price_fen: int,
    deposit_fen: int,
    closed_at: datetime,
    confirmed_at: datetime,
) -> dict[str, Any]:
    """Writes the document's facts; every value is text, an integer or null, so that its hash is stable."""
    method_zh, method_en = method_words(listing.format, listing.direction)
    return {
        "document": "deal_confirmation",
        "title_zh": "成交确认书",
        "title_en": "Deal confirmation",
        "deal_no": deal_no,
        "exchange": exchange_name,
        "is_demonstration": listing.is_demonstration,
        "listing": _listing(listing),
        "patent": _patent(patent),
        "seller": _party(seller),
        "buyer": _party(buyer),
        "bidder_code": intent.bidder_code,
        "method_zh": method_zh,
        "method_en": method_en,
        "start_price_fen": listing.start_price_fen,
        "price_fen": price_fen,
        "price_capital": capital(price_fen),
        "deposit_fen": deposit_fen,
        "remaining_fen": price_fen - deposit_fen,
        "bids": sale.state.sequence,
        "bidders": sale.bidder_count,
        "closed_at": instant(closed_at),
        "confirmed_at": instant(confirmed_at),
        "rules_sha256": intent.rules_sha256,
        "record": {
            "auction_id": str(sale.auction.id),
            "number": sale.number,
            "head_sha256": sale.head_hash.hex(),
        },
    }


def fingerprint(document: dict[str, Any]) -> str:
    """The SHA-256 of the document in canonical form: sorted keys, no blanks, UTF-8."""
    return hashlib.sha256(canonical(document).encode()).hexdigest()
