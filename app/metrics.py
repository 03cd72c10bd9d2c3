"""What the market tells Prometheus: requests, bids, batches of the desk, sockets, lateness of closing."""

from __future__ import annotations

from datetime import datetime

from prometheus_client import Counter, Gauge, Histogram

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
SOCKETS = Gauge("market_sockets", "Open sockets")
SOCKETS_CLOSED = Counter("market_sockets_closed_total", "Sockets closed by the market, by reason", ["reason"])
CLOSING_LATENESS = Histogram(
    "market_closing_lateness_seconds",
    "How long after its end a sale was closed",
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 30, 60),
)
TASKS_FAILED = Counter("market_tasks_failed_total", "Attempts of tasks that failed", ["name"])


def count_bid(outcome: object) -> None:
    """Counts one judged bid by its outcome's name; a stop before judgement counts under the error's name."""
    refusal = getattr(outcome, "refusal", outcome)
    if refusal is None:
        BIDS.labels("accepted").inc()
        return
    BIDS.labels(type(refusal).__name__).inc()
    ended_at, received_at = getattr(refusal, "ended_at", None), getattr(outcome, "received_at", None)
    if ended_at is not None and received_at is not None and received_at < _as_instant(ended_at):
        BIDS_LATE_AT_THE_LOCK.inc()


def _as_instant(value: datetime | str) -> datetime:
    return datetime.fromisoformat(value) if isinstance(value, str) else value
