"""Steps: what each does in two languages, how long it took, and how one fails."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from httpx2 import HTTPError
from websockets.exceptions import WebSocketException

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from app.smoke.journey import Journey

_SHOWN = 600


class StepFailedError(Exception):
    """What was expected did not come."""

    def __init__(self, expected: object, came: object) -> None:
        """Says both."""
        self.expected, self.came = str(expected)[:_SHOWN], str(came)[:_SHOWN]
        super().__init__(f"expected {self.expected}; came {self.came}")


@dataclass(frozen=True)
class Step:
    """One step of the journey."""

    zh: str
    en: str
    run: Callable[[Journey], Awaitable[None]]


@dataclass(frozen=True)
class Outcome:
    """How a step went; ``expected`` and ``came`` are set when it failed."""

    zh: str
    en: str
    seconds: float
    expected: str | None = None
    came: str | None = None

    @property
    def is_ok(self) -> bool:
        """Whether what was expected came."""
        return self.expected is None


def expect(is_right: bool, expected: object, came: object) -> None:  # noqa: FBT001 - reads like an assertion
    """Raises StepFailedError unless the condition holds."""
    if not is_right:
        raise StepFailedError(expected, came)


def expect_equal(came: Any, expected: Any, what: str = "") -> None:  # noqa: ANN401 - any two values
    """Raises StepFailedError unless both are equal."""
    expect(came == expected, f"{what} {expected!r}".strip(), repr(came))


async def carry_out(
    steps: Sequence[Step], journey: Journey, tell: Callable[[int, Outcome], None]
) -> list[Outcome]:
    """Carries out steps in their order up to the first that fails."""
    outcomes: list[Outcome] = []
    for number, step in enumerate(steps, 1):
        began = time.perf_counter()
        expected: str | None = None
        came: str | None = None
        try:
            await step.run(journey)
        except StepFailedError as failure:
            expected, came = failure.expected, failure.came
        except (HTTPError, WebSocketException, OSError, TimeoutError) as error:
            expected, came = "an answer / 有应答", repr(error)
        except (KeyError, IndexError, TypeError, ValueError, StopIteration) as error:
            expected, came = "an answer of the agreed form / 约定格式的应答", repr(error)
        outcome = Outcome(step.zh, step.en, time.perf_counter() - began, expected, came)
        outcomes.append(outcome)
        tell(number, outcome)
        if not outcome.is_ok:
            break
    return outcomes
