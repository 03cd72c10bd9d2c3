"""The desk: collects bids that arrive while a sale's transaction is under way and hands them over as one batch."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

import structlog

from app import metrics
from app.auction.bidding import Answer, BidRequest, judge_requests
from app.auction.errors import DeskBusy, OutcomeUnknown
from app.auction.interruptions import DEFAULT_LONGEST
from app.db import DATABASE_ERRORS
from app.errors import Busy, MarketError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from app.auction.protocol.heads import Signer
    from app.db import Database

LARGEST_BATCH = 512
_RETRY_PAUSE_SECONDS = 0.05
_GIVE_UP_AFTER = 3
_log = structlog.get_logger()

Outcome = Answer | MarketError


@dataclass(slots=True)
class _Waiting:
    request: BidRequest
    answer: asyncio.Future[Outcome]


@dataclass(slots=True)
class _Lane:
    """What waits for one sale, and the task that serves it."""

    waiting: deque[_Waiting] = field(default_factory=deque)
    server: asyncio.Task[None] | None = None


def _received_at(waiting: _Waiting) -> datetime:
    return waiting.request.received_at


def _let_in() -> None:
    """Nothing forbids the taking of bids."""


class Desk:
    """Serves each sale by one lane: batches follow one another, so a hot sale pays for one commit a batch.

    ``after_commit`` is told each stream that may have new events; it must not block and may be lost.
    """

    def __init__(
        self,
        database: Database,
        after_commit: Callable[[UUID], None],
        signer: Signer | None,
        *,
        queue_limit: int,
    ) -> None:
        """Makes an empty desk; ``queue_limit`` bounds what may wait for one sale, ``signer`` signs the receipts."""
        self._database = database
        self._signer = signer
        self._after_commit = after_commit
        self._queue_limit = queue_limit
        self._lanes: dict[UUID, _Lane] = {}
        self.guard: Callable[[], None] = _let_in
        """Raises what forbids the taking of bids just now; asked before a request is taken, and before a batch runs."""
        self.longest_interruption = DEFAULT_LONGEST
        """A request that comes after a longer one, before anybody has looked at the sale, finds it suspended."""

    async def submit(self, auction_id: UUID, request: BidRequest) -> Answer:
        """Judges one bid and answers after its commit; raises its refusal, DeskBusy or OutcomeUnknown.

        A caller who goes away cancels nothing: the bid is judged all the same, and its id can be asked for.
        """
        self.guard()
        lane = self._lanes.setdefault(auction_id, _Lane())
        if len(lane.waiting) >= self._queue_limit:
            raise DeskBusy
        waiting = _Waiting(request, asyncio.get_running_loop().create_future())
        lane.waiting.append(waiting)
        if lane.server is None:
            lane.server = asyncio.create_task(self._serve(auction_id, lane))
        # A caller who is cancelled here leaves only his future; the lane judges the bid all the same.
        outcome = await waiting.answer
        if isinstance(outcome, MarketError):
            raise outcome
        if outcome.refusal is not None:
            raise outcome.refusal
        return outcome

    async def drain(self) -> None:
        """Waits until every bid that was taken has its answer; for a calm stop."""
        servers = [lane.server for lane in self._lanes.values() if lane.server is not None]
        await asyncio.gather(*servers, return_exceptions=True)

    async def _serve(self, auction_id: UUID, lane: _Lane) -> None:
        """Hands over batches until nothing waits, then leaves the lane."""
        try:
            while lane.waiting:
                batch = [lane.waiting.popleft() for _ in range(min(len(lane.waiting), LARGEST_BATCH))]
                # The look at who is signed in lets one request overtake another; time goes before that (时间优先).
                batch.sort(key=_received_at)
                await self._carry_out(auction_id, batch)
                # Those just answered may bid again at once: let them join the next batch.
                await asyncio.sleep(0)
        finally:
            lane.server = None
            if lane.waiting:
                lane.server = asyncio.create_task(self._serve(auction_id, lane))
            else:
                self._lanes.pop(auction_id, None)

    async def _carry_out(self, auction_id: UUID, batch: list[_Waiting]) -> None:
        """Runs one batch; when it fails, each bid runs alone, so that one bad bid harms no other."""
        metrics.DESK_BATCH.observe(len(batch))
        try:
            self.guard()
            outcomes = await self._place(auction_id, batch)
        except Busy as busy:
            _settle(batch, [busy] * len(batch))
        except DATABASE_ERRORS as error:
            _log.warning("desk_batch_failed", auction_id=str(auction_id), size=len(batch), error=repr(error))
            await self._carry_out_singly(auction_id, batch)
        except Exception:  # noqa: BLE001 - the edge of the lane: nobody may be left without an answer
            _log.exception("desk_batch_broke", auction_id=str(auction_id), size=len(batch))
            await self._carry_out_singly(auction_id, batch)
        else:
            _settle(batch, outcomes)
            # What follows for everybody is on the public stream; a hint to one where nothing is new moves nothing.
            touched = {answer.stream_id for answer in outcomes if isinstance(answer, Answer)}
            for stream_id in touched - {str(auction_id)}:
                self._after_commit(UUID(stream_id))
        self._after_commit(auction_id)

    async def _carry_out_singly(self, auction_id: UUID, batch: list[_Waiting]) -> None:
        """Runs bids one by one. The lost commit may have come through: each id is looked up under the lock first.

        After several failures in a row the database is taken for lost, and the rest is told that it is not known. So it
        is where the taking of bids was interrupted meanwhile: what became of the batch only the id tells.
        """
        failures = 0
        for waiting in batch:
            outcome: Outcome = OutcomeUnknown(waiting.request.bid_id)
            if failures < _GIVE_UP_AFTER:
                try:
                    self.guard()
                    (outcome,) = await self._place(auction_id, [waiting])
                    failures = 0
                except Busy:
                    failures = _GIVE_UP_AFTER
                except DATABASE_ERRORS as error:
                    failures += 1
                    _log.warning("desk_bid_failed", bid_id=str(waiting.request.bid_id), error=repr(error))
                    await asyncio.sleep(_RETRY_PAUSE_SECONDS)
                except Exception:  # noqa: BLE001 - as above: those behind this one wait for their answers too
                    failures += 1
                    _log.exception("desk_bid_broke", bid_id=str(waiting.request.bid_id))
            _settle([waiting], [outcome])

    async def _place(self, auction_id: UUID, batch: list[_Waiting]) -> list[Outcome]:
        requests = [waiting.request for waiting in batch]
        place, longest = self._database.drive, self.longest_interruption
        return list(await place(judge_requests, auction_id, requests, self._signer, longest))


def _settle(batch: list[_Waiting], outcomes: list[Outcome]) -> None:
    metrics.count_bids(outcomes)
    for waiting, outcome in zip(batch, outcomes, strict=True):
        if not waiting.answer.done():
            waiting.answer.set_result(outcome)
