"""Counting in one process: never more than the limit in any window, and nobody is kept who is quiet."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from limits import parse

from app.api import own_windows
from app.api.own_windows import OwnWindows


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    moved = Clock()
    monkeypatch.setattr(own_windows, "monotonic", moved)
    monkeypatch.setattr(own_windows, "time", moved)
    return moved


def test_the_limit_holds_in_the_moving_window_and_for_each_alone(clock: Clock) -> None:
    windows, limit = OwnWindows(), parse("2/minute")
    assert windows.hit(limit, "a")
    clock.now += 40
    assert windows.hit(limit, "a")
    assert not windows.hit(limit, "a")
    assert windows.hit(limit, "b")
    assert windows.free_at(limit, "a") == clock.now + 20
    clock.now += 20
    assert windows.hit(limit, "a")
    assert not windows.hit(limit, "a")


def test_whoever_is_quiet_is_forgotten(clock: Clock) -> None:
    windows, limit = OwnWindows(), parse("5/second")
    for number in range(1000):
        windows.hit(limit, str(number))
    clock.now += 31
    windows.hit(limit, "late")
    assert len(windows._windows) == 1


def test_whoever_was_not_counted_may_come_at_once(clock: Clock) -> None:
    assert OwnWindows().free_at(parse("5/second"), "new") == clock.now


@given(st.lists(st.floats(0, 3), max_size=60), st.integers(1, 5))
def test_no_window_ever_has_more_than_the_limit(pauses: list[float], amount: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        clock = Clock()
        patch.setattr(own_windows, "monotonic", clock)
        windows, limit = OwnWindows(), parse(f"{amount}/2 seconds")
        taken: list[float] = []
        for pause in pauses:
            clock.now += pause
            if windows.hit(limit, "a"):
                taken.append(clock.now)
            # A refusal is right: as many as are allowed lie within the window.
            elif sum(clock.now - 2 < moment for moment in taken) < amount:
                raise AssertionError(taken)
        assert all(later - first >= 2 for first, later in zip(taken, taken[amount:], strict=False))
