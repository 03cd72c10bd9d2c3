"""Checking a sale's record for anybody who asks (核验竞价记录): the same verifier as on one's own computer, apart and bounded."""

import asyncio
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import Request
from limits import parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter
from pydantic import Field

import app
from app.api.deps import DbDep, Wire, address_of
from app.api.problems import problems
from app.api.routing import Router
from app.api.signing_keys import SigningKeysOut, signing_key_of
from app.auction.protocol.checking import UNREADABLE
from app.auction.protocol.publishing import list_keys
from app.errors import Busy, Invalid, TooMany

router = Router(tags=["protocol"])
LIMIT = "30/minute"
_MOST_WAITING = 8
_CHECK_SECONDS = 60.0
_RECEIPT = {"bid_id": "01938c6e-7b1c-7aaa-8b8b-2f4d5e6f7a8b", "number": 4, "hash": "d46d…"}
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["bundle"],
                    "properties": {
                        "bundle": {
                            "type": "object",
                            "description": "竞价记录包 / what download_auction_bundle gives",
                            "examples": [{"format": "sale-record/1"}],
                        },
                        "receipts": {
                            "type": "array",
                            "items": {"type": "object"},
                            "description": "自己的回执 / answers to own requests",
                            "examples": [[_RECEIPT]],
                        },
                        "heads": {
                            "type": "array",
                            "items": {"type": "object"},
                            "description": "看到过的链头 / signed heads that were seen",
                            "examples": [[]],
                        },
                    },
                }
            }
        },
    }
}


@dataclass(eq=False)
class ChecksTooFast(TooMany):
    """Too many records are checked from this address."""

    zh = "核验过于频繁（上限 {limit}），请稍后再试，或在自己的计算机上运行 market verify。"
    en = "Too many checks (limit {limit}). Try again later, or run market verify on your own computer."
    limit: str
    retry_after_seconds: int = 60


@dataclass(eq=False)
class CheckBodyUnreadable(Invalid):
    """What was sent is not a record with receipts."""

    zh = "内容不是 JSON 对象。应为 bundle（竞价记录包）、receipts（回执列表）和 heads（链头列表）。"
    en = "This is no JSON object with bundle (a sale's record), receipts (a list) and heads (a list)."


@dataclass(eq=False)
class CheckTooLong(Invalid):
    """The check of this record took too long."""

    zh = "核验用时超过限度，已停下。请在自己的计算机上运行 market verify。"
    en = "The check took longer than is allowed here and was stopped. Run market verify on your own computer."


@dataclass(eq=False)
class ChecksWaiting(Busy):
    """Too many checks wait; this one was not begun."""

    zh = "等待核验的记录过多，这次没有开始。请稍后再试。"
    en = "Too many records wait to be checked; this one was not begun. Try again later."


class FindingOut(Wire):
    """One thing that is wrong with a record, or one note, in both languages."""

    code: str = Field(examples=["event-altered"])
    zh: str
    en: str
    values: dict[str, Any]


class ProtocolCheckOut(Wire):
    """What the verifier found; the same as ``market verify --json``."""

    holds: bool
    findings: list[FindingOut]
    notes: list[FindingOut]
    result: dict[str, Any] | None
    counts: dict[str, int]


class Checks:
    """Runs the verifier in a process of its own, one at a time, for so many at a time and no more."""

    def __init__(self, limit: str = LIMIT, *, seconds: float = _CHECK_SECONDS) -> None:
        """Takes the limit for one address, counted by each web process for itself, and the longest that one may take."""
        self._limit = limit
        self._parsed = parse(limit)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._seconds = seconds
        self._turn = asyncio.Semaphore(1)
        self._waiting = 0

    async def count(self, address: str) -> None:
        """Counts one check from an address; raises ChecksTooFast."""
        if not await self._limiter.hit(self._parsed, "protocol-checks", address):
            raise ChecksTooFast(self._limit)

    async def check(self, body: bytes, keys: str) -> dict[str, Any]:
        """Checks one record; raises ChecksWaiting, CheckBodyUnreadable, CheckTooLong."""
        if self._waiting >= _MOST_WAITING:
            raise ChecksWaiting
        self._waiting += 1
        try:
            async with self._turn:
                return await self._run(body, keys)
        finally:
            self._waiting -= 1

    async def _run(self, body: bytes, keys: str) -> dict[str, Any]:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "app.auction.protocol.checking",
            keys,
            cwd=Path(app.__file__).parent.parent,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            async with asyncio.timeout(self._seconds):
                told, _ = await process.communicate(body)
        except TimeoutError:
            raise CheckTooLong from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode == UNREADABLE:
            raise CheckBodyUnreadable
        if process.returncode != 0:
            raise CheckTooLong
        report: dict[str, Any] = json.loads(told)
        return report


@router.post(
    "/protocol-checks",
    operation_id="check_protocol",
    openapi_extra=_BODY,
    responses=problems(413, 422, 429, 503),
)
async def check(request: Request, db: DbDep) -> ProtocolCheckOut:
    """Checks a record, with own receipts and seen heads, against the published keys; open to everybody."""
    checks: Checks = request.app.state.protocol_checks
    await checks.count(address_of(request))
    keys = SigningKeysOut(keys=[signing_key_of(key) for key in await db.read(list_keys)])
    # The body is read by the other process: its size would keep everybody here waiting.
    report = await checks.check(await request.body(), keys.model_dump_json())
    return ProtocolCheckOut(
        holds=report["holds"],
        findings=[_finding_out(item) for item in report["findings"]],
        notes=[_finding_out(item) for item in report["notes"]],
        result=report["result"],
        counts=report["counts"],
    )


def _finding_out(item: dict[str, Any]) -> FindingOut:
    plain = ("code", "zh", "en")
    values = {name: value for name, value in item.items() if name not in plain}
    return FindingOut(**{name: item[name] for name in plain}, values=values)
