"""Carrying sales on by the worker: openings, stages and ends, under the same locks, clock and rules as a bid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from uuid import UUID

from sqlalchemy import select

from app import metrics
from app.auction.interruptions import DEFAULT_LONGEST, find_interruptions
from app.auction.models import Auction
from app.auction.recording import Work, write_works
from app.auction.rules.game import PRIORITY_STAGE
from app.auction.sale import driver, lock_sales
from app.clock import market_now
from app.errors import Busy, MarketError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    import asyncpg

    from app.auction.protocol.heads import Signer
    from app.auction.rules.game import Opening
    from app.db import AnySession, Session


# The result does not hang on the hour, and nobody else waits for this sale.
LOOK_LATER = "UPDATE auction SET due_at = market_now() + interval '10 s' WHERE id = ANY($1)"


@dataclass(eq=False)
class EnvelopesLost(MarketError):
    """The sealed envelopes of this sale cannot be opened."""

    zh = "本场密封报价无法开启：{reason_zh}"
    en = "The sealed envelopes of this sale cannot be opened: {reason_en}"
    reason_zh: str
    reason_en: str


@dataclass(eq=False)
class EnvelopesAway(Busy):
    """This worker has not the key of these envelopes; another one may have it."""

    zh = "本进程没有编号为 {master_key_id} 的主密钥，密封报价待有此密钥的进程开启。"
    en = "This process has no master key {master_key_id}: the envelopes wait for one that has it."
    master_key_id: str


class EnvelopeOpener(Protocol):
    """Opens the sealed envelopes of a sale whose deadline has passed; only the worker has one that can."""

    async def __call__(self, raw: asyncpg.Connection[Any], auction_id: UUID) -> list[Opening]:
        """Opens the envelopes that were neither replaced nor withdrawn, under the sale's lock.

        Raises EnvelopesLost when they cannot be opened any more, EnvelopesAway while another worker may have the key.
        """


class Carried(NamedTuple):
    """What became of a sale: the phase it is in, and whether anything moved."""

    phase: str
    has_moved: bool


async def advance_auctions(
    raw: asyncpg.Connection[Any],
    auction_ids: Sequence[UUID],
    signer: Signer | None,
    opener: EnvelopeOpener | None,
    *,
    only_free: bool = False,
    settles: bool = True,
    longest: timedelta = DEFAULT_LONGEST,
) -> dict[UUID, Carried]:
    """Opens, carries on or ends sales whose time has come; safe to run twice and by several workers at once.

    Needs a transaction on the driver's connection. An end writes the result, its event and the promise of what follows
    (a deal) in this one transaction. ``opener`` is None where no sale is sealed, ``only_free`` leaves out sales that
    somebody else holds, and without ``settles`` ends are left to whoever may open envelopes. Where nobody could bid for
    ``longest`` at a time that counts, the sale is suspended instead. Returns what became of each sale looked at.
    """
    sales = await lock_sales(raw, auction_ids, only_free=only_free)
    works = [Work(sale, sale.fold()) for sale in sales]
    gaps = await find_interruptions(raw, {work.sale.id: work.fold for work in works}, longest)
    away: list[UUID] = []
    for work in works:
        gap = gaps.get(work.sale.id)
        if gap is not None:
            # Before anything that is due is carried out: nobody loses a turn, and no award is computed.
            work.fold.open_if_due()
            work.fold.suspend(*gap.reasons(), cause="interruption")
            continue
        work.fold.advance()
        if settles and work.fold.state.phase == "open" and work.fold.now >= work.fold.state.ends_at:
            try:
                await _settle(raw, work, opener)
            except EnvelopesAway:
                away.append(work.sale.id)
    # A sale in which time alone moved nothing is left as it is: writing it would only say so.
    written = [work for work in works if any(stream.fresh for stream in work.fold.streams.values())]
    if written:
        await write_works(raw, written, signer)
    if away:
        await raw.execute(LOOK_LATER, away)
    moved = {work.sale.id for work in written}
    return {work.sale.id: Carried(work.fold.state.phase, work.sale.id in moved) for work in works}


async def _settle(raw: asyncpg.Connection[Any], work: Work, opener: EnvelopeOpener | None) -> None:
    """Ends one stage, or voids a sale whose envelopes cannot be opened any more."""
    fold, ended_at = work.fold, work.fold.state.ends_at
    try:
        openings = await _open_envelopes(raw, work, opener)
    except EnvelopesLost as lost:
        fold.void(lost.reason_zh, lost.reason_en)
        return
    fold.settle(openings)
    if fold.has_ended:
        metrics.CLOSING_LATENESS.observe((fold.now - ended_at).total_seconds())


async def _open_envelopes(
    raw: asyncpg.Connection[Any], work: Work, opener: EnvelopeOpener | None
) -> list[Opening]:
    """The amounts of the envelopes that count, where the rules want to know them now."""
    rules, game, state = work.fold.rules, work.fold.game, work.fold.state
    is_sealed = rules.needs_seal and state.stage != PRIORITY_STAGE
    if opener is None or not is_sealed or not rules.wants_openings(game, state):
        return []
    return await opener(raw, work.sale.id)


async def advance_auction(
    session: Session, auction_id: UUID, signer: Signer | None = None, opener: EnvelopeOpener | None = None
) -> str | None:
    """Carries one sale on in a session's own transaction; returns its phase, or None when there is no such sale."""
    carried = await advance_auctions(await driver(session), [auction_id], signer, opener)
    return carried[auction_id].phase if auction_id in carried else None


async def list_overdue(session: AnySession, by: timedelta, limit: int = 100) -> list[UUID]:
    """The sales that a worker should have carried on before now, those that came due last first.

    What waits for a worker's own part, such as an end, stays overdue: it must not keep an opening waiting.
    """
    overdue = Auction.due_at <= await market_now(session) - by
    query = select(Auction.id).where(overdue).order_by(Auction.due_at.desc()).limit(limit)
    return list((await session.execute(query)).scalars())


async def list_due(session: AnySession, limit: int = 500) -> list[UUID]:
    """The sales that the worker has to carry on now, the most overdue first."""
    now = await market_now(session)
    query = select(Auction.id).where(Auction.due_at <= now).order_by(Auction.due_at).limit(limit)
    return list((await session.execute(query)).scalars())


async def find_next_due(session: AnySession) -> datetime | None:
    """When the next sale has to be carried on."""
    query = select(Auction.due_at).where(Auction.due_at.is_not(None)).order_by(Auction.due_at).limit(1)
    moment: datetime | None = (await session.execute(query)).scalar_one_or_none()
    return moment
