"""What the market tells Prometheus: requests, bids, batches of the desk, sockets, lateness of closing."""

from __future__ import annotations

import os
from collections import Counter as Counts
from datetime import datetime
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

if TYPE_CHECKING:
    from collections.abc import Sequence

REQUESTS = Counter(
    "market_http_requests_total", "HTTP requests by method, route and status", ["method", "route", "status"]
)
REQUEST_SECONDS = Histogram(
    "market_http_request_seconds", "Time to answer an HTTP request", ["method", "route"]
)
BIDS = Counter("market_bids_total", "Bids judged, by outcome", ["outcome"])
BIDS_LATE_AT_THE_LOCK = Counter(
    "market_bids_received_before_judged_after_end_total",
    "Bids received before the end and judged at or after it",
)
DESK_BATCH = Histogram(
    "market_desk_batch_size", "Bids handed over in one batch", buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
)
SOCKETS = Gauge("market_sockets", "Open sockets", multiprocess_mode="livesum")
SOCKETS_CLOSED = Counter("market_sockets_closed_total", "Sockets closed by the market, by reason", ["reason"])
CLOSING_LATENESS = Histogram(
    "market_closing_lateness_seconds",
    "How long after its end a sale was closed",
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 30, 60),
)
TASKS_FAILED = Counter("market_tasks_failed_total", "Attempts of tasks that failed", ["name"])


def show() -> bytes:
    """The figures of this process, or of all that add theirs up in one folder, as Prometheus reads them."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest()
    # Most processes are alone and need not load it.
    from prometheus_client.multiprocess import MultiProcessCollector  # noqa: PLC0415

    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


def count_bids(outcomes: Sequence[object]) -> None:
    """Counts a batch's outcomes by name: accepted, a refusal, or what stopped a bid before its judgement."""
    names: Counts[str] = Counts()
    for outcome in outcomes:
        refusal = getattr(outcome, "refusal", outcome)
        names["accepted" if refusal is None else type(refusal).__name__] += 1
        if refusal is not None and _came_before_the_end(outcome, refusal):
            BIDS_LATE_AT_THE_LOCK.inc()
    for name, count in names.items():
        BIDS.labels(name).inc(count)


def _came_before_the_end(outcome: object, refusal: object) -> bool:
    """Whether a bid was received before the end that its judgement came after."""
    ended_at, received_at = getattr(refusal, "ended_at", None), getattr(outcome, "received_at", None)
    if ended_at is None or received_at is None:
        return False
    end = datetime.fromisoformat(ended_at) if isinstance(ended_at, str) else ended_at
    return bool(received_at < end)
