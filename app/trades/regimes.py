"""What a seller's regime asks of a sale: which ways of pricing it may take, and whether a notice comes first.

Source: 促进科技成果转化法 (2015) articles 16 and 18, 企业国有资产法 article 54, 事业单位国有资产 rules, 民法典 848; each as
a row of the rulebook.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.accounts.models import REGIMES
from app.accounts.queries import get_organisation
from app.clock import market_date, market_now
from app.dated_rules import get_rule
from app.errors import Conflict
from app.trades.kept_rules import get_kept_rule
from app.trades.method import METHOD_WORDS

if TYPE_CHECKING:
    from datetime import date

    from app.db import AnySession
    from app.trades.models import Listing


@dataclass(eq=False)
class MethodNotAllowed(Conflict):
    """The seller's regime does not allow this way of pricing."""

    zh = "{regime_zh}不能采用{method_zh}；可以采用：{allowed_zh}。"
    en = "A seller under the regime {regime} cannot sell by {method_en}; it may sell by: {allowed_en}."
    regime: str
    regime_zh: str
    method: str
    method_zh: str
    method_en: str
    allowed: list[str]
    allowed_zh: str
    allowed_en: str


async def regime_of(session: AnySession, listing: Listing) -> str:
    """The seller's regime as the sale keeps it, or as it is now before the publication."""
    if listing.seller_regime is not None:
        return listing.seller_regime
    return (await get_organisation(session, listing.seller_id)).regime


async def require_method_allowed(session: AnySession, listing: Listing, method: str, *, on: date) -> None:
    """Raises MethodNotAllowed unless the seller's regime allows the way of pricing: auction, listed or negotiated."""
    regime = await regime_of(session, listing)
    allowed = list(await get_rule(session, f"seller.methods.{regime}", board=listing.board, on=on))
    if method in allowed:
        return
    words = [METHOD_WORDS.get(name, (name, name)) for name in allowed]
    zh, en = METHOD_WORDS.get(method, (method, method))
    raise MethodNotAllowed(
        regime=regime,
        regime_zh=REGIMES[regime],
        method=method,
        method_zh=zh,
        method_en=en,
        allowed=allowed,
        allowed_zh="、".join(zh for zh, _ in words),
        allowed_en=", ".join(en for _, en in words),
    )


async def needs_notice(session: AnySession, listing: Listing, method: str) -> bool:
    """Whether the sale's regime asks for a public notice before a contract made in this way (转化法 18)."""
    regime = await regime_of(session, listing)
    today = market_date(await market_now(session))
    return method in list(await get_kept_rule(session, listing, f"seller.notice.{regime}", on=today))
