"""The worker: opens and closes sales on time and keeps the promises that operations wrote."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from app.api.idempotency_models import forget_expired_keys
from app.auction.closing import EnvelopeOpener, advance_auctions, find_next_due, list_due
from app.auction.decisions import carry_out_decisions
from app.auction.interruptions import DEFAULT_LONGEST
from app.catalog import tasks as patent_imports
from app.clock import market_now
from app.contracts import certificate
from app.db import DATABASE_ERRORS
from app.demo import history, sales
from app.payments import outcomes
from app.payments.connect_errands import connect_errands
from app.settlement import collecting, expecting, registering
from app.tasks import keep_due_errand, keep_due_task
from app.telling import tell
from app.telling.deadlines import tell_deadlines
from app.telling.mailing import send_due_mail
from app.trades import (
    award,
    card_admission,
    confirming,
    halting,
    notice_completion,
    notice_end,
    refunds,
    successors,
)
from app.trades.card_errands import card_errands

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from uuid import UUID

    from app.auction.protocol.heads import Signer
    from app.db import AnySession, Database
    from app.payments.gateway import CardGateway
    from app.tasks import Errand
    from app.telling.mailing import Post

# Importing these registers their handlers; the worker is the one place that knows them all.
HANDLING_MODULES = (
    patent_imports,
    certificate,
    award,
    confirming,
    halting,
    notice_end,
    notice_completion,
    refunds,
    successors,
    sales,
    history,
    outcomes,
    card_admission,
    collecting,
    expecting,
    registering,
    tell,
)
_LONGEST_WAIT_SECONDS = 0.25
_AFTER_A_FAILURE_SECONDS = 1.0
_MAIL_EVERY_SECONDS = 2.0
_DEADLINES_EVERY_SECONDS = 30.0
_FORGET_EVERY_SECONDS = 60.0
_SALES_AT_ONCE = 250
# More than one, so that a long import does not keep a deal waiting.
_PROMISES_AT_ONCE = 3
_ERRANDS_AT_ONCE = 3
_log = structlog.get_logger()


@dataclass(frozen=True)
class Mail:
    """How mail goes out: by which post, from whom, and where its links lead."""

    post: Post
    sender: str
    public_url: str


@dataclass(frozen=True)
class Keeper:
    """What only the worker has: the exchange's signature, what opens sealed envelopes, and the post."""

    signer: Signer
    opener: EnvelopeOpener
    longest_interruption: timedelta = DEFAULT_LONGEST
    mail: Mail | None = None


async def run_worker(
    database: Database,
    stop: asyncio.Event,
    keeper: Keeper,
    after_commit: Callable[[UUID], None] = lambda _: None,
    gateway: CardGateway | None = None,
) -> None:
    """Works until ``stop`` is set; a database that is away for a while is waited for.

    Without a card gateway its errands wait for a worker that has one.
    """
    errands = {} if gateway is None else _errands(database, gateway)
    await asyncio.gather(
        *(_repeat(lambda: _run_errands(database, errands), stop) for _ in range(_ERRANDS_AT_ONCE) if errands),
        _repeat(lambda: carry_on_due(database, keeper, after_commit), stop),
        _repeat(lambda: _carry_out_decisions(database, keeper, after_commit), stop),
        *(_repeat(lambda: _keep_promises(database), stop) for _ in range(_PROMISES_AT_ONCE)),
        _repeat(lambda: _send_mail(database, keeper.mail), stop),
        _repeat(lambda: _tell_deadlines(database), stop),
        _repeat(lambda: _forget_keys(database), stop),
    )


def _errands(database: Database, gateway: CardGateway) -> dict[str, Errand]:
    return card_errands(database, gateway) | connect_errands(database, gateway.connect)


async def _repeat(step: Callable[[], Awaitable[float]], stop: asyncio.Event) -> None:
    """Repeats a step, each time after the pause it asks for."""
    while not stop.is_set():
        try:
            pause = await step()
        except DATABASE_ERRORS as error:
            _log.warning("worker_step_failed", error=repr(error))
            pause = _AFTER_A_FAILURE_SECONDS
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), pause)


async def carry_on_due(database: Database, keeper: Keeper, after_commit: Callable[[UUID], None]) -> float:
    """Carries on what is due; returns the pause until the next sale is."""
    due = await database.read(list_due)
    groups = [due[start : start + _SALES_AT_ONCE] for start in range(0, len(due), _SALES_AT_ONCE)]
    # The rules of one group are carried out while the database writes another.
    advances = (_advance(database, keeper, group, after_commit, only_free=True) for group in groups)
    done = {
        auction_id: moved for part in await asyncio.gather(*advances) for auction_id, moved in part.items()
    }
    failed = False
    for auction_id in due:
        # Those that somebody held, or that failed together with others, are carried on one by one.
        if auction_id not in done:
            done |= (alone := await _advance(database, keeper, [auction_id], after_commit))
            failed = failed or not alone
    has_moved = any(done.values())
    if failed:
        return _AFTER_A_FAILURE_SECONDS
    if has_moved:
        return 0.0
    seconds = await database.read(_seconds_to_next)
    # What is due and waits for something else, such as a panel's scores, is looked at again after the longest pause.
    return max(0.005, min(seconds, _LONGEST_WAIT_SECONDS)) if not due else _LONGEST_WAIT_SECONDS


async def _advance(
    database: Database,
    keeper: Keeper,
    group: list[UUID],
    after_commit: Callable[[UUID], None],
    *,
    only_free: bool = False,
) -> dict[UUID, bool]:
    """Carries on sales in one transaction; returns which, and whether they moved. A failure is logged and spoils no other."""
    try:
        carried = await database.drive(
            advance_auctions,
            group,
            keeper.signer,
            keeper.opener,
            only_free=only_free,
            longest=keeper.longest_interruption,
        )
    except Exception:  # noqa: BLE001 - the worker loop is the edge of a close: each sale is then tried alone
        _log.exception("auctions_not_advanced", count=len(group), first=str(group[0]))
        return {}
    moved = [auction_id for auction_id, (_, has_moved) in carried.items() if has_moved]
    for auction_id in moved:
        after_commit(auction_id)
    if moved:
        # One line for all: what became of each sale is in its own record.
        _log.info("auctions_advanced", count=len(moved), first=str(moved[0]), phase=carried[moved[0]].phase)
    return {auction_id: has_moved for auction_id, (_, has_moved) in carried.items()}


async def _carry_out_decisions(
    database: Database, keeper: Keeper, after_commit: Callable[[UUID], None]
) -> float:
    """Carries out what two posts have decided about sales; returns the pause until it is looked at again."""
    settled = await carry_out_decisions(database, keeper.signer, after_commit)
    return 0.0 if settled else _LONGEST_WAIT_SECONDS


async def _send_mail(database: Database, mail: Mail | None) -> float:
    """Sends mail that is due; at once more if some went out."""
    if mail is None:
        return _MAIL_EVERY_SECONDS
    sent = await send_due_mail(database, mail.post, mail.sender, mail.public_url)
    return 0.0 if sent else _MAIL_EVERY_SECONDS


async def _forget_keys(database: Database) -> float:
    """Forgets keys of repeated requests whose time is over; at once more if there were some."""
    return 0.0 if await database.write(forget_expired_keys) else _FORGET_EVERY_SECONDS


async def _tell_deadlines(database: Database) -> float:
    """Tells of deadlines that are near or over; returns the pause until they are looked at again."""
    await tell_deadlines(database)
    return _DEADLINES_EVERY_SECONDS


async def _seconds_to_next(session: AnySession) -> float:
    due = await find_next_due(session)
    if due is None:
        return _LONGEST_WAIT_SECONDS
    return (due - await market_now(session)).total_seconds()


async def _keep_promises(database: Database) -> float:
    """Keeps one promise; at once another if there was one."""
    return 0.0 if await database.write(keep_due_task) else _LONGEST_WAIT_SECONDS


async def _run_errands(database: Database, errands: dict[str, Errand]) -> float:
    """Carries out one errand outside of any transaction; at once another if there was one."""
    return 0.0 if await keep_due_errand(database, errands) else _LONGEST_WAIT_SECONDS
