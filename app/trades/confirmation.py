"""Confirmations (成交确认书, 中选确认书): what was agreed, in a fixed form with a fingerprint; pure.

Source: 拍卖法 article 52 and 法释〔2016〕18号 article 22 (a confirmation with the buyer's real name after the close).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.catalog.package_rules import split_price
from app.chain import canonical, instant
from app.clock import market_date
from app.money import capital
from app.trades.licence_rules import KIND_WORDS, LICENCES, grant_of, sold_grant
from app.trades.method import LISTED, METHOD_WORDS, method_words

if TYPE_CHECKING:
    from datetime import datetime

    from app.accounts.models import Organisation
    from app.auction.queries import SaleView
    from app.catalog.lot_models import Demand
    from app.catalog.packages import PackageView
    from app.catalog.queries import PatentView
    from app.trades.licence_rules import Grant
    from app.trades.models import Intent, Listing
    from app.trades.subjects import Subject


def _party(party: Organisation) -> dict[str, Any]:
    return {"id": str(party.id), "name": party.name, "uscc": party.uscc, "kind": party.kind}


def _listing(listing: Listing) -> dict[str, Any]:
    return {
        "listing_no": listing.listing_no,
        "title": listing.title,
        "rights": listing.rights,
        "encumbrances": listing.encumbrances,
    }


def _licence(made: Concluded) -> dict[str, Any] | None:
    """The licence that was bought, by kind, place, field and term; none of an assignment (技术合同解释 article 25)."""
    if made.listing.rights not in LICENCES:
        return None
    grant = bought_grant(made)
    kind_zh, kind_en = KIND_WORDS[grant.kind]
    return {
        "kind": grant.kind,
        "kind_zh": kind_zh,
        "kind_en": kind_en,
        "territory": grant.territory,
        "field": grant.field,
        "starts_on": grant.starts_on.isoformat(),
        "ends_on": grant.ends_on.isoformat(),
        "sublicence": bool(made.listing.sublicence),
        "accepts_earlier": made.listing.accepts_earlier,
    }


def bought_grant(made: Concluded) -> Grant:
    """The licence that a deal gives, from its own day on, within what the listing offered."""
    agreed = made.agreed or {}
    return sold_grant(
        grant_of(made.listing),
        market_date(made.confirmed_at),
        territory=agreed.get("territory"),
        term_months=agreed.get("term_months"),
    )


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


def _package(package: PackageView, price_fen: int) -> dict[str, Any]:
    """The items with the allocation that was fixed before publication, and what each gets of the price."""
    amounts = split_price(price_fen, package.shares())
    return {
        "title": package.title,
        "items": [
            {**_patent(item.patent), "share_bp": item.share_bp, "amount_fen": amount}
            for item, amount in zip(package.items, amounts, strict=True)
        ],
    }


@dataclass(frozen=True)
class MemberFacts:
    """A member of the consortium that bought (联合体成员), with its share in basis points."""

    organisation: Organisation
    share_bp: int
    is_lead: bool


@dataclass(frozen=True)
class Concluded:
    """What a confirmation is written about: the listing with its subject, the two sides, and how it came to be.

    ``sale`` is there where bids were made, ``intent`` where a deposit was paid, ``agreed`` what was negotiated.
    """

    number: str
    listing: Listing
    subject: Subject
    owner: Organisation
    winner: Organisation
    exchange_name: str | None
    sale: SaleView | None
    intent: Intent | None
    price_fen: int
    closed_at: datetime
    confirmed_at: datetime
    agreed: dict[str, Any] | None = None
    members: tuple[MemberFacts, ...] = ()


def _common(made: Concluded) -> dict[str, Any]:
    """What every confirmation says; every value is text, an integer or null, so that its hash is stable."""
    listing, sale, intent = made.listing, made.sale, made.intent
    method_zh, method_en = _way(made)
    return {
        "exchange": made.exchange_name,
        "is_demonstration": listing.is_demonstration,
        "listing": _listing(listing),
        "licence": _licence(made),
        "bidder_code": intent.bidder_code if intent is not None else None,
        "method": listing.method,
        "method_zh": method_zh,
        "method_en": method_en,
        "format": listing.format if sale is not None else None,
        "start_price_fen": listing.start_price_fen,
        "price_fen": made.price_fen,
        "price_capital": capital(made.price_fen),
        "deposit_fen": _deposit(made),
        "bids": sale.state.sequence if sale is not None else 0,
        "bidders": sale.bidder_count if sale is not None else 0,
        "closed_at": instant(made.closed_at),
        "confirmed_at": instant(made.confirmed_at),
        "rules_sha256": intent.rules_sha256 if intent is not None else None,
        "has_priority": intent is not None and intent.has_priority,
        "agreed": made.agreed,
        "record": _record(sale) if sale is not None else None,
    }


def _way(made: Concluded) -> tuple[str, str]:
    """How the deal came to be, in words (成交方式)."""
    listing = made.listing
    way_zh, way_en = METHOD_WORDS[listing.method]
    if made.agreed is not None and "replaces_deal_no" in made.agreed:
        return (
            f"{way_zh}（原受让方违约后，与下一位竞买人另行协议）",
            f"{way_en} (a new agreement with the next bidder after a default)",
        )
    if made.sale is None:
        if listing.method == LISTED and made.intent is not None:
            return (
                f"{way_zh}（公告期满只有一家，按挂牌价成交）",
                f"{way_en} (one buyer at the end of the notice)",
            )
        return way_zh, way_en
    bid_zh, bid_en = method_words(listing.format, listing.direction)
    if listing.method == LISTED:
        return f"{way_zh}，{bid_zh}", f"{way_en}, then {bid_en}"
    return bid_zh, bid_en


def _deposit(made: Concluded) -> int:
    """What was paid as a deposit and counts as part of the price; 0 where there was none."""
    return made.listing.deposit_fen or 0 if made.intent is not None else 0


def _record(sale: SaleView) -> dict[str, Any]:
    return {
        "auction_id": str(sale.auction.id),
        "number": sale.number,
        "head_sha256": sale.head_hash.hex(),
    }


def write_confirmation(made: Concluded) -> dict[str, Any]:
    """Writes the facts of a sale to the one who won it: the winner pays, the deposit is a part of the price."""
    package = made.subject.package
    return {
        "document": "deal_confirmation",
        "title_zh": "成交确认书",
        "title_en": "Deal confirmation",
        "deal_no": made.number,
        **_common(made),
        "patent": _patent(made.subject.patents[0]),
        "package": None if package is None else _package(package, made.price_fen),
        "seller": _party(made.owner),
        "buyer": _party(made.winner),
        "remaining_fen": made.price_fen - _deposit(made),
        **_consortium(made),
    }


def _consortium(made: Concluded) -> dict[str, Any]:
    """All members of a consortium by name and share; nothing where the buyer came alone."""
    if not made.members:
        return {}
    return {
        "consortium": [
            {**_party(member.organisation), "share_bp": member.share_bp, "is_lead": member.is_lead}
            for member in made.members
        ]
    }


def write_award(made: Concluded, demand: Demand) -> dict[str, Any]:
    """Writes the facts of a demand's award: whoever put the demand out pays, the deposit stays as security.

    Source: 招标投标法实施条例 articles 27 and 57 (ceiling, the winner's deposit after the contract).
    """
    return {
        "document": "demand_award",
        "title_zh": "中选确认书",
        "title_en": "Award of a demand",
        "award_no": made.number,
        **_common(made),
        "demand": {"title": demand.title, "ceiling_fen": demand.ceiling_fen},
        "payer": _party(made.owner),
        "provider": _party(made.winner),
        "deposit_is": "performance_security",
    }


def fingerprint(document: dict[str, Any]) -> str:
    """The SHA-256 of the document in canonical form: sorted keys, no blanks, UTF-8."""
    return hashlib.sha256(canonical(document).encode()).hexdigest()
