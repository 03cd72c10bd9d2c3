"""``market smoke``: drives the whole journey against a running market and says at which step it stopped."""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from dataclasses import asdict
from typing import TYPE_CHECKING

from app.smoke import (
    bidding,
    closing,
    entering,
    licensing,
    listing,
    looking,
    papers,
    parties,
    patents,
    proving,
    ways,
)
from app.smoke.journey import Journey
from app.smoke.steps import Outcome, Step, carry_out

if TYPE_CHECKING:
    from collections.abc import Callable

_JOURNEY: tuple[Step, ...] = (
    *parties.STEPS,
    *patents.STEPS,
    *listing.STEPS,
    *entering.STEPS,
    *bidding.STEPS,
    *closing.STEPS,
    *papers.STEPS,
    *ways.STEPS,
    *proving.STEPS,
    *licensing.STEPS,
)
_READ_ONLY = (
    "这不是演示市场：只做只读检查，不登记、不出价。\n"
    "This is no demonstration market: read-only checks, nothing is registered and no bid is placed."
)


def main(arguments: list[str]) -> int:
    """Runs the steps; 0 when all went as expected."""
    parser = argparse.ArgumentParser(
        prog="market smoke", description="在运行中的市场上走完整个流程 / drive the whole journey"
    )
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="市场地址 / address (%(default)s)")
    parser.add_argument("--json", action="store_true", help="以 JSON 输出 / answer in JSON")
    options = parser.parse_args(arguments)
    return asyncio.run(_drive(options.url, is_json=options.json))


async def _drive(url: str, *, is_json: bool) -> int:
    def say(text: str) -> None:
        if not is_json:
            print(text, flush=True)

    began = time.perf_counter()
    journey = Journey(url)
    try:
        outcomes = await carry_out(looking.MEETING, journey, _teller(say, 0))
        is_demonstration = bool(journey.market.get("is_demonstration"))
        if outcomes[-1].is_ok:
            if not is_demonstration:
                say(_READ_ONLY)
            steps = (*looking.STEPS, *(_JOURNEY if is_demonstration else ()))
            outcomes += await carry_out(steps, journey, _teller(say, len(outcomes)))
    finally:
        await journey.close()
    seconds = time.perf_counter() - began
    is_ok = outcomes[-1].is_ok
    if is_json:
        told = {"ok": is_ok, "url": url, "is_demonstration": is_demonstration, "seconds": round(seconds, 3)}
        print(json.dumps({**told, "steps": [asdict(item) for item in outcomes]}, ensure_ascii=False))
    elif is_ok:
        say(f"\n{len(outcomes)} 步全部通过，用时 {seconds:.1f} 秒 / all steps passed in {seconds:.1f} s")
    else:
        say(f"\n第 {len(outcomes)} 步未通过 / step {len(outcomes)} failed")
    return 0 if is_ok else 1


def _teller(say: Callable[[str], None], before: int) -> Callable[[int, Outcome], None]:
    def tell(number: int, outcome: Outcome) -> None:
        mark = "✓" if outcome.is_ok else "✗"
        say(f"{mark} {before + number:>2}  {outcome.seconds:6.2f} s  {outcome.zh} / {outcome.en}")
        if not outcome.is_ok:
            say(f"      应为 / expected: {outcome.expected}\n      实为 / came:     {outcome.came}")

    return tell
