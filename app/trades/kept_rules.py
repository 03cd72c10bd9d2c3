"""The rules that a sale keeps: those in force for its board and its seller's jurisdiction when it was published."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select, text

from app.clock import market_date
from app.dated_rules import NATION, DatedRule, get_rule
from app.trades.models import KeptRule, Listing

if TYPE_CHECKING:
    from datetime import date, datetime

    from app.accounts.models import Organisation
    from app.db import AnySession, Session


# Of each rule one row, found as a single rule is found: the board's own first, then the province's own. A patent's term
# follows its filing date, not the sale's.
KEEP = text("""
INSERT INTO kept_rule (listing_id, key, rule_id)
SELECT DISTINCT ON (key) CAST(:listing_id AS uuid), key, id
  FROM dated_rule
 WHERE board IN (:board, 'standard') AND jurisdiction IN (:jurisdiction, 'CN')
   AND valid_from <= :on AND (valid_to IS NULL OR valid_to > :on) AND NOT starts_with(key, 'patent.')
 ORDER BY key, board = :board DESC, jurisdiction = :jurisdiction DESC
""")


async def keep_rules(session: Session, listing: Listing, seller: Organisation, at: datetime) -> None:
    """Records under which rows of the rulebook, which regime and whose law a sale is published.

    Needs the listing's lock. What is changed in the rulebook later concerns later sales.
    """
    listing.seller_regime, listing.seller_jurisdiction = seller.regime, seller.jurisdiction
    binds = {
        "listing_id": listing.id,
        "board": listing.board,
        "jurisdiction": seller.jurisdiction,
        "on": market_date(at),
    }
    await session.execute(KEEP, binds)


async def get_kept_rule(session: AnySession, listing: Listing, key: str, *, on: date) -> Any:  # noqa: ANN401 - a rule's value
    """Reads a rule's value for a sale: the one that it was published under, else the one in force on the day.

    The day counts for a sale that is not published yet, and for a rule that did not exist when it was. Raises
    RuleMissing.
    """
    query = select(DatedRule.value).join(KeptRule, KeptRule.rule_id == DatedRule.id)
    row = (await session.execute(query.where(KeptRule.listing_id == listing.id, KeptRule.key == key))).first()
    if row is not None:
        return row.value
    jurisdiction = listing.seller_jurisdiction or NATION
    return await get_rule(session, key, board=listing.board, jurisdiction=jurisdiction, on=on)
