"""Moving windows of this process alone: no thread, no task, and nothing kept of whoever has been quiet for a while.

The library that counts in Redis has such a store too, but it sends a task and a thread after each count.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from time import monotonic, time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from limits import RateLimitItem

_FORGET_EVERY_SECONDS = 30.0


@dataclass(slots=True)
class _Window:
    """The moments that count, the oldest first; never more of them than the limit allows."""

    seconds: int
    moments: deque[float] = field(default_factory=deque)

    def turn(self, now: float) -> None:
        """Lets go what lies behind the window."""
        moments, oldest = self.moments, now - self.seconds
        while moments and moments[0] <= oldest:
            moments.popleft()


class OwnWindows:
    """Counts by limit and by who it is."""

    def __init__(self) -> None:
        """Starts with nothing counted."""
        self._windows: dict[tuple[object, ...], _Window] = {}
        self._forgot_at = monotonic()

    def hit(self, limit: RateLimitItem, *who: str) -> bool:
        """Counts once; False when the limit is reached, and then nothing is counted."""
        now = monotonic()
        self._forget(now)
        window = self._windows.get(_key(limit, who))
        if window is None:
            window = self._windows[_key(limit, who)] = _Window(limit.get_expiry())
        window.turn(now)
        if len(window.moments) >= limit.amount:
            return False
        window.moments.append(now)
        return True

    def free_at(self, limit: RateLimitItem, *who: str) -> float:
        """When somebody who has reached the limit may come again, as seconds since the epoch."""
        window = self._windows.get(_key(limit, who))
        if window is None or len(window.moments) < limit.amount:
            return time()
        return time() + window.moments[0] + window.seconds - monotonic()

    def _forget(self, now: float) -> None:
        if now - self._forgot_at < _FORGET_EVERY_SECONDS:
            return
        self._forgot_at = now
        for key, window in list(self._windows.items()):
            window.turn(now)
            if not window.moments:
                del self._windows[key]


def _key(limit: RateLimitItem, who: tuple[str, ...]) -> tuple[object, ...]:
    return (limit.namespace, limit.amount, limit.get_expiry(), *who)
