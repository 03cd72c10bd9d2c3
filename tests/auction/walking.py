"""A walk through a sale: requests of every kind, time that jumps, a worker that is late, a host who interferes.

Drawn from a seed, so that each walk is always the same. Mostly it does what the sale offers, so that it gets to the end.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from app.auction.rules.game import ENDED, PRIORITY_STAGE, Kind
from tests.auction.twin_sale import NO_AMOUNT, START_FEN, STEP_FEN, Ask

if TYPE_CHECKING:
    from random import Random

    from tests.auction.twin_sale import TwinSale

_STEPS = 45
_LATE = (0,) * 7 + (0.01, 3, 3, 200, 4000)


class Walk:
    """One walk; ``finish`` brings the sale to its end whatever happened before."""

    def __init__(self, twin: TwinSale, random: Random) -> None:
        """Takes a sale that has not opened yet."""
        self.twin = twin
        self.random = random
        self.sign = 1 if twin.fold.game.terms.direction == "forward" else -1

    def amount(self, steps: int) -> int:
        """So many steps beyond the start price."""
        return START_FEN + self.sign * steps * STEP_FEN

    async def run(self) -> None:
        """Walks, then finishes."""
        for _ in range(_STEPS):
            if self.twin.state.phase in ENDED:
                break
            await self._step()
        await self._finish()

    async def _step(self) -> None:
        twin, random = self.twin, self.random
        if twin.state.phase == "suspended":
            await (twin.ask(self._ask()) if random.random() < 0.3 else self._decide())
            return
        draw = random.random()
        if draw < 0.5 and self._is_idle():
            await self._jump()
        elif draw < 0.6:
            await twin.ask(*(self._ask() for _ in range(random.choice((1, 1, 1, 2, 5)))))
        elif draw < 0.66:
            await twin.at(twin.now + timedelta(seconds=random.random() * 30))
        elif draw < 0.86:
            await self._jump()
        elif draw < 0.95:
            await twin.work()
        elif draw < 0.98:
            await twin.suspend()
        elif self._may_lock():
            await self._lock_scores()

    def _is_idle(self) -> bool:
        """Whether nobody may do anything now."""
        fold = self.twin.fold
        offers = (fold.rules.offer(fold.game, fold.state, code, fold.now) for code in self.twin.codes)
        is_asked = fold.state.stage == PRIORITY_STAGE
        return not is_asked and (fold.state.phase == "scheduled" or not any(offer.kinds for offer in offers))

    async def _jump(self) -> None:
        """To what is due next, or a while after it; the worker may not have noticed."""
        due_at = self.twin.fold.due_at()
        if due_at is not None:
            late = timedelta(seconds=self.random.choice(_LATE))
            await self.twin.at(max(self.twin.now, due_at + late))
        if self.random.random() < 0.7:
            await self.twin.work()

    async def _decide(self) -> None:
        """Two posts end the standstill, with a new hard end where it is needed."""
        twin, state = self.twin, self.twin.state
        await twin.at(twin.now + timedelta(seconds=self.random.randrange(1, 400)))
        if self.random.random() < 0.05:
            await twin.decide("void")
            return
        hard_end_at = state.hard_end_at
        if hard_end_at is not None:
            hard_end_at = max(hard_end_at, state.ends_at, twin.now + timedelta(seconds=302))
        if state.stage == PRIORITY_STAGE:
            hard_end_at = None
        await twin.decide("resume", hard_end_at)

    def _may_lock(self) -> bool:
        fold = self.twin.fold
        is_open = fold.state.phase == "open" and fold.state.stage != PRIORITY_STAGE
        return bool(fold.rules.acts) and is_open and fold.state.detail is None

    async def _lock_scores(self) -> None:
        """A panel's scores by chance, at times with a rejection."""
        random, codes = self.random, list(self.twin.codes)
        random.shuffle(codes)
        rejected = {codes.pop(): "无资质"} if random.random() < 0.4 else {}
        scores = {code: {"technique": [str(random.randrange(61)) for _ in range(5)]} for code in codes}
        experts = [f"专家{number}" for number in range(5)]
        members = {"experts": experts, "scores": scores, "rejected": rejected, "key": "ab" * 32}
        await self.twin.act("scores_locked", members)

    async def _finish(self) -> None:
        twin = self.twin
        for _ in range(200):
            if twin.state.phase in ENDED:
                break
            due_at = twin.fold.due_at()
            if twin.state.phase == "suspended":
                await self._decide()
            elif due_at is None:
                await self._lock_scores()
            else:
                await twin.at(max(due_at, twin.now))
                await twin.work()
        await twin.finish()

    def _ask(self) -> Ask:
        """Mostly what the sale offers a bidder, else anything."""
        twin, random = self.twin, self.random
        place = random.randrange(len(twin.codes))
        if random.random() < 0.8 and twin.state.phase == "open":
            offered = self._asked() if twin.state.stage == PRIORITY_STAGE else self._offered(place)
            if offered is not None:
                return offered
        kind = random.choice(list(Kind))
        amount = self.amount(random.randrange(-2, 6)) + random.choice((0, 0, 0, 1, -1))
        seen = random.choice((None, None, None, 3))
        return Ask(place, kind, None if kind in NO_AMOUNT else amount, random.choice((None, 0, 1, 2)), seen)

    def _asked(self) -> Ask:
        """What the holder of priority is asked about, or at times another price."""
        price = self.twin.state.price_fen
        kind = self.random.choice((Kind.MATCH, Kind.MATCH, Kind.WAIVE))
        amount = price if self.random.random() < 0.7 else price + 1
        return Ask(len(self.twin.codes) - 1, kind, None if kind in NO_AMOUNT else amount)

    def _offered(self, place: int) -> Ask | None:
        """One of the requests that the sale offers to this bidder, with an amount at the limit or beyond it."""
        twin, random = self.twin, self.random
        offer = twin.fold.rules.offer(twin.fold.game, twin.state, twin.codes[place], twin.now)
        if not offer.kinds:
            return None
        kind = random.choice(offer.kinds)
        limit = offer.limit_fen or START_FEN
        beyond = self.sign * STEP_FEN * random.choice((0, 0, 1, 2, 3, 9))
        amount = random.choice((limit, *offer.amounts_fen, limit + beyond))
        if kind == Kind.SEAL:
            # Few amounts, so that some tie.
            amount = limit + self.sign * STEP_FEN * random.choice((0, 3, 3))
        if kind in (Kind.MAXIMUM, Kind.TURN, Kind.SEAL) and random.random() < 0.15:
            amount += self.sign * random.randrange(STEP_FEN)
        if kind in (Kind.TAKE, Kind.ACCEPT):
            amount = limit
        if kind == Kind.RAISE:
            amount = limit + self.sign * STEP_FEN * random.randrange(1, 4)
        if kind == Kind.MATCH:
            amount = twin.state.price_fen
        detail = getattr(twin.state.detail, "clock", twin.state.detail)
        step = getattr(detail, "step", getattr(detail, "number", None))
        newest = twin.fold.streams["public"].number
        seen = newest - random.choice((0, 0, 1, 2)) if random.random() < 0.2 else None
        return Ask(place, kind, None if kind in NO_AMOUNT else max(1, amount), step, seen)
