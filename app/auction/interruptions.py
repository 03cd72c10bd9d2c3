"""Interruptions of the taking of bids (受理中断): which sales one spoils, so that they are suspended before any award.

The rule: nobody could bid for longer than the setting, by the end that is asked about, and part of that time lies where
the format says that it counts (``Format.watched_since``). How late a worker is does not enter into it. Source:
法释〔2016〕18号 articles 28 and 31, with the exchange's own measure.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from app.auction.rules.game import PRIORITY_STAGE, Format, Game, State
from app.clock import to_shanghai

if TYPE_CHECKING:
    import asyncpg

    from app.auction.rules.engine import Fold

DEFAULT_LONGEST = timedelta(seconds=30)
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

# The gaps on record, and the one under way: since the last heartbeat of any process. A market that has never taken
# bids has no heartbeat, and so no gap.
READ_GAPS = """
SELECT began_at, ended_at FROM bidding_gap WHERE ended_at > $1 AND ended_at - began_at > $2
UNION ALL
SELECT beats.last, beats.now
  FROM (SELECT max(beat_at) AS last, market_now() AS now FROM heartbeat) AS beats
 WHERE beats.now - beats.last > $2
 ORDER BY 1
"""

# What lies before a sale's last resumption was decided about by two posts and does not count again.
READ_RESUMPTIONS = """
SELECT decided.auction_id, max(decided.settled_at)
  FROM decided_auction AS decided JOIN auction_decision AS decision ON decision.id = decided.decision_id
 WHERE decided.auction_id = ANY($1) AND decision.act = 'resume' AND decided.failure IS NULL
 GROUP BY decided.auction_id
"""


class Gap(NamedTuple):
    """A time in which no process took bids, by the market's clock."""

    began_at: datetime
    ended_at: datetime

    def reasons(self) -> tuple[str, str]:
        """Why a sale is suspended for it, in both languages, as it is published."""
        began, ended = (f"{to_shanghai(moment):%Y-%m-%d %H:%M:%S}" for moment in self)
        seconds = int((self.ended_at - self.began_at).total_seconds())
        zh = f"{began} 至 {ended}（北京时间）系统未能受理出价，共 {seconds} 秒，本场中止，等待处置决定。"
        en = (
            f"No bids could be taken from {began} to {ended} (Beijing), {seconds} seconds; "
            "the sale is suspended until it is decided how to go on."
        )
        return zh, en


async def find_interruptions(
    raw: asyncpg.Connection[Any], folds: dict[UUID, Fold], longest: timedelta
) -> dict[UUID, Gap]:
    """Which of these sales are to be suspended rather than carried on now, and for which gap.

    One query for any number of sales, and a second one only when there was a gap that could matter. Needs the sales'
    locks.
    """
    since = {
        auction_id: watched_since(fold.rules, fold.game, state)
        for auction_id, fold in folds.items()
        if (state := _running(fold)) is not None
    }
    if not since:
        return {}
    gaps = [Gap(*row) for row in await raw.fetch(READ_GAPS, min(since.values()), longest)]
    if not gaps:
        return {}
    resumed = dict(await raw.fetch(READ_RESUMPTIONS, list(since)))
    found = {
        auction_id: find_spoiling_gap(folds[auction_id], later, longest)
        for auction_id in since
        if (later := [gap for gap in gaps if gap.ended_at > resumed.get(auction_id, _LONG_AGO)])
    }
    return {auction_id: gap for auction_id, gap in found.items() if gap is not None}


def find_gap(gaps: Sequence[Gap], since: datetime, until: datetime, longest: timedelta) -> Gap | None:
    """The first gap that was longer than ``longest`` by ``until`` and lies partly between the two instants."""
    for gap in gaps:
        if gap.ended_at > since and min(gap.ended_at, until) - gap.began_at > longest:
            return gap
    return None


def find_spoiling_gap(fold: Fold, gaps: Sequence[Gap], longest: timedelta) -> Gap | None:
    """The gap for which a sale is suspended as it stands, before anything that is due is carried out.

    Where time alone moves the sale on, a gap counts up to now: no tick or turn passes in which nobody could bid. An end
    is judged by the gap up to that end, so that the hour at which it is looked at changes nothing.
    """
    state = _running(fold)
    if state is None:
        return None
    since = watched_since(fold.rules, fold.game, state)
    if moves_by_itself(fold.rules, fold.game, state, fold.now):
        return find_gap(gaps, since, fold.now, longest)
    return find_gap(gaps, since, state.ends_at, longest) if fold.now >= state.ends_at else None


def _running(fold: Fold) -> State | None:
    """A sale's state while it runs; of one whose opening is due, the state right after it."""
    state = fold.state
    if state.phase == "scheduled" and fold.now >= fold.game.terms.opens_at:
        return fold.rules.open(fold.game, state)
    return state if state.phase == "open" else None


def watched_since(rules: Format, game: Game, state: State) -> datetime:
    """From when an interruption counts for the present stage of a sale."""
    if state.stage == PRIORITY_STAGE:
        return state.ends_at - timedelta(seconds=game.terms.priority_seconds)
    return rules.watched_since(game, state)


def moves_by_itself(rules: Format, game: Game, state: State, now: datetime) -> bool:
    """Whether time alone carries the present stage on: a tick, a turn, a next period."""
    due_at = None if state.stage == PRIORITY_STAGE else rules.due_at(game, state)
    if due_at is None:
        return False
    after, events = rules.advance(game, state, max(due_at, now))
    return bool(events) or after != state
