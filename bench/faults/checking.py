"""What has to be true afterwards, whatever was killed when."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import select, text

from app.auction.models import Auction
from app.auction.protocol.export import build_bundle, read_sale_rows
from app.auction.protocol.publishing import list_keys
from app.auction.protocol.trust import TrustedKey
from app.auction.protocol.verifying import verify
from app.auction.queries import get_result
from app.payments.checking import find_faults

if TYPE_CHECKING:
    from app.auction.protocol.trust import TrustedKeys
    from app.db import AnySession, Database
    from bench.faults.bidders import Sent

# Each gives the rows that ought not to be there.
WRONG = {
    "numbers have a gap": """
        SELECT stream.name FROM event_stream AS stream LEFT JOIN event ON event.stream_id = stream.id
         GROUP BY stream.id HAVING count(event.number) <> stream.head_number
             OR coalesce(max(event.number), 0) <> stream.head_number OR min(event.number) <> 1""",
    "a sale has not ended": "SELECT listing_no || ' ' || phase FROM auction WHERE closed_at IS NULL",
    "a sale ended more or less than once": """
        SELECT auction.listing_no FROM auction LEFT JOIN event ON event.stream_id = auction.id
           AND event.kind = 'auction_closed' GROUP BY auction.id HAVING count(event.number) <> 1""",
    "a promise was not kept": "SELECT name || ' ' || coalesce(last_error, '') FROM task WHERE done_at IS NULL",
    "a decision was not carried out": "SELECT auction_id::text FROM decided_auction WHERE settled_at IS NULL"
    " AND decision_id IN (SELECT id FROM auction_decision WHERE approved_at IS NOT NULL)",
    "a gap was not dealt with": "SELECT began_at::text FROM bidding_gap WHERE swept_at IS NULL",
    "a sold sale has no deal, or an unsold one has": """
        SELECT auction.listing_no FROM auction LEFT JOIN deal ON deal.auction_id = auction.id
         GROUP BY auction.id HAVING count(deal.id) <> (auction.phase = 'sold')::int""",
    "a deposit is where it does not belong": """
        SELECT deposit.reference || ' ' || deposit.status FROM deposit
          JOIN listing ON listing.id = deposit.listing_id JOIN auction ON auction.listing_id = listing.id
          LEFT JOIN deal ON deal.deposit_id = deposit.id
         WHERE deposit.status <> CASE WHEN deal.id IS NULL THEN 'released' ELSE 'captured' END""",
}


async def find_wrong(session: AnySession) -> list[str]:
    """What the tables contradict themselves in."""
    found: list[str] = []
    for what, query in WRONG.items():
        rows = (await session.execute(text(query))).scalars().all()
        found += [f"{what}: {row}" for row in rows[:5]]
    # All that the ledger promises, by the same questions as `market ledger check`.
    return found + [f"{fault.invariant.name}: {fault.what}" for fault in await find_faults(session, most=5)]


async def check_sale(database: Database, keys: TrustedKeys, auction_id: UUID, sent: list[Sent]) -> list[str]:
    """Replays one sale's record by the rules alone, with every receipt, and compares it with what bidders know."""
    bundle = build_bundle(await database.read(read_sale_rows, auction_id))
    receipts = [{**request.answer, "auction_id": str(auction_id)} for request in sent if request.is_accepted]
    report = verify(bundle, keys, receipts)
    name = bundle["parameters"]["listing_no"]
    found = [f"{name}: {item.text('en')}" for item in report.findings[:5]]
    stored = await database.read(get_result, auction_id)
    result = bundle["result"]
    if (stored.outcome, stored.price_fen) != (result["outcome"], result["price_fen"]):
        found.append(f"{name}: the stored result is another one than the record's")
    return found + [f"{name}: {difference}" for difference in compare(bundle["acts"], sent)]


def compare(acts: list[dict[str, Any]], sent: list[Sent]) -> Iterator[str]:
    """Differences between the judged requests of a record and what bidders sent and were told."""
    judged = [act for act in acts if act["act"] == "request"]
    counted = Counter(act["bid_id"] for act in judged)
    known = {request.bid_id: request for request in sent}
    yield from (f"{bid_id} is in the record {times} times" for bid_id, times in counted.items() if times > 1)
    for act in judged:
        request = known.get(act["bid_id"])
        if request is None:
            yield f"{act['bid_id']} was sent by nobody"
        elif request.is_accepted != (act["refusal"] is None) and request.status is not None:
            yield f"{act['bid_id']} was answered {request.status} and is recorded as {act['refusal'] or 'accepted'}"
        elif request.is_refused and request.answer.get("code") != act["refusal"]:
            yield f"{act['bid_id']} was refused as {request.answer.get('code')}, recorded as {act['refusal']}"
    yield from (
        f"{request.bid_id} was acknowledged and is not in the record"
        for request in sent
        if request.is_accepted and request.bid_id not in counted
    )


async def _list_sales(session: AnySession) -> list[UUID]:
    return list((await session.execute(select(Auction.id).order_by(Auction.id))).scalars())


async def check_everything(database: Database, sent: list[Sent]) -> list[str]:
    """All that is wrong, or nothing."""
    by_sale: dict[UUID, list[Sent]] = {sale: [] for sale in await database.read(_list_sales)}
    for request in sent:
        by_sale[UUID(request.auction_id)].append(request)
    return await database.read(find_wrong) + await check_records(database, by_sale)


async def check_records(database: Database, by_sale: dict[UUID, list[Sent]]) -> list[str]:
    """All that is wrong with the records of these sales, each with what bidders sent to it."""
    published = await database.read(list_keys)
    keys = {key.key_id: TrustedKey(key.public_key, key.valid_from, key.retired_at) for key in published}
    found: list[str] = []
    for auction_id, sent in by_sale.items():
        found += await check_sale(database, keys, auction_id, sent)
    return found
