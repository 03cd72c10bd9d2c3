"""Suspending sales (中止竞价): by the host with a published reason, or because nobody could bid when it counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import func, select

from app.accounts.permissions import Permission
from app.auction.errors import AuctionMissing
from app.auction.interruptions import find_interruptions
from app.auction.models import Auction
from app.auction.recording import Work, write_works
from app.auction.rules.formats import FORMATS
from app.auction.rules.game import ENDED, Format
from app.auction.sale import driver, lock_sale, lock_sales
from app.audit import audit
from app.errors import Conflict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    import asyncpg

    from app.accounts.caller import Caller
    from app.auction.protocol.heads import Signer
    from app.db import AnySession, Database, Session

_AT_ONCE = 250


@dataclass(eq=False)
class NotRunning(Conflict):
    """Only a sale that runs can be suspended."""

    zh = "本场现在不在竞价中（{phase}），不能中止。只有已开始且未到结束时间的场次可以中止。"
    en = "This sale is not running ({phase}) and cannot be suspended; only one between its opening and its end can."
    phase: str


@dataclass(frozen=True)
class Suspension:
    """A suspension as it was published."""

    auction_id: UUID
    reason_zh: str
    reason_en: str
    at: datetime


async def suspend_auction(
    session: Session,
    caller: Caller,
    auction_id: UUID,
    reason_zh: str,
    reason_en: str,
    signer: Signer | None = None,
) -> Suspension:
    """Stops a sale's clock at once, under its lock; its reason is published with it. For the host's desk.

    Raises NotPermitted, AuctionMissing, NotRunning. Source: 法释〔2016〕18号 article 28 (暂缓、中止).
    """
    caller.require(Permission.AUCTION_HOST)
    sale = await lock_sale(session, auction_id)
    if sale is None:
        raise AuctionMissing(auction_id)
    fold = sale.fold()
    fold.advance()
    if fold.state.phase != "open" or fold.now >= fold.state.ends_at:
        ended = fold.state.phase == "open" or fold.state.phase in ENDED
        raise NotRunning("ended" if ended else fold.state.phase)
    fold.suspend(reason_zh, reason_en, cause="host")
    await write_works(await driver(session), [Work(sale, fold)], signer)
    await audit(
        session,
        caller,
        "auction.suspended",
        subject_kind="auction",
        subject_id=auction_id,
        detail={"reason_zh": reason_zh, "reason_en": reason_en},
    )
    return Suspension(auction_id, reason_zh, reason_en, fold.now)


async def suspend_interrupted(
    raw: asyncpg.Connection[Any], auction_ids: Sequence[UUID], signer: Signer | None, longest: timedelta
) -> list[UUID]:
    """Suspends those of these sales that an interruption spoilt, as they stood; returns which. Safe to run twice.

    Needs a transaction on the driver's connection.
    """
    sales = await lock_sales(raw, auction_ids)
    works = [Work(sale, sale.fold()) for sale in sales]
    gaps = await find_interruptions(raw, {work.sale.id: work.fold for work in works}, longest)
    hit = [work for work in works if work.sale.id in gaps]
    for work in hit:
        work.fold.open_if_due()
        work.fold.suspend(*gaps[work.sale.id].reasons(), cause="interruption")
    if hit:
        await write_works(raw, hit, signer)
    return [work.sale.id for work in hit]


async def sweep(database: Database, signer: Signer | None, longest: timedelta) -> list[UUID]:
    """Suspends every sale that time alone would carry on over an interruption; returns which.

    The others wait for their end, where the worker looks at the gap: whoever extends their end in the meantime gives
    everybody a whole window again.
    """
    hit: list[UUID] = []
    waiting = await database.read(list_moving)
    for start in range(0, len(waiting), _AT_ONCE):
        group = waiting[start : start + _AT_ONCE]
        hit += await database.drive(suspend_interrupted, group, signer, longest)
    return hit


async def list_moving(session: AnySession) -> list[UUID]:
    """The running sales, or those that are due to open, whose format has steps, turns or periods that time brings."""
    moving = [name for name, rules in FORMATS.items() if type(rules).advance is not Format.advance]
    is_due = (Auction.phase == "scheduled") & (Auction.opens_at <= func.market_now())
    query = select(Auction.id).where((Auction.phase == "open") | is_due, Auction.format.in_(moving))
    return list((await session.execute(query.order_by(Auction.id))).scalars())
