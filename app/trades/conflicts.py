"""Who may not buy at a listing (不得受让的人): the seller, its agents, the exchange's people, defaulters, restricted parties."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.accounts.queries import list_organisations
from app.brokers.mandates import find_broker_of
from app.trades.defaults import require_not_excluded
from app.trades.errors import ExchangeMayNotBuy, SellerMayNotBuy
from app.trades.errors_intents import SellersAgentMayNotBuy
from app.trades.export_gate import require_export_cleared
from app.trades.restrictions import require_unrestricted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from app.db import Session
    from app.trades.models import Listing


async def require_may_buy(session: Session, listing: Listing, organisation_ids: Sequence[UUID]) -> None:
    """Raises for the first of these organisations that may not buy, alone or as a partner.

    Raises SellerMayNotBuy, ExchangeMayNotBuy, SellersAgentMayNotBuy, DefaulterExcluded, PartyRestricted, ExportNotCleared.
    Locks the patents where one of them is foreign. Source: 拍卖法 articles 22 and 30, 法释〔2016〕18号 article 24, 技术进出口
    管理条例 article 2.
    """
    parties = await list_organisations(session, organisation_ids)
    broker_id = await find_broker_of(session, listing.seller_id, listing.id)
    for party_id in organisation_ids:
        if party_id == listing.seller_id:
            raise SellerMayNotBuy
        if parties[party_id].kind == "exchange":
            raise ExchangeMayNotBuy
        if party_id == broker_id:
            raise SellersAgentMayNotBuy(parties[party_id].name)
        await require_not_excluded(session, listing, party_id)
    await require_unrestricted(session, organisation_ids)
    await require_export_cleared(session, listing, organisation_ids)
