"""Whatever happens in a sale of whatever format, its record holds: replay equals live."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.auction.protocol.verifying import verify
from app.auction.rules.game import ENDED, SECRET_KINDS, Kind
from app.auction.rules.terms import AuctionTerms, commit_amount
from tests.protocol.make_record import KEYS, START, YUAN, PlayedSale, ask, at, key_of, make_terms, opening_of

CODES = ("A11", "B22", "C33")
OPEN: dict[str, Any] = {"closes_at": at(600), "trigger_seconds": 120, "extension_seconds": 120}
CLOSED: dict[str, Any] = {"closes_at": at(600), "trigger_seconds": 0, "extension_seconds": 0}


def clock_terms(**over: Any) -> AuctionTerms:
    options = {"tick_seconds": 60, "floor_price_fen": 900 * YUAN, **over.pop("options", {})}
    return make_terms(**CLOSED | {"closes_at": at(11 * 60), "options": options} | over)


TERMS: dict[str, AuctionTerms] = {
    "english": make_terms(**OPEN, has_reserve=True, min_bidders=2),
    "english reverse": make_terms(**OPEN, direction="reverse"),
    "automatic": make_terms(**OPEN, options={"automatic": True}, has_reserve=True),
    "automatic reverse": make_terms(**OPEN, options={"automatic": True}, direction="reverse"),
    "priority in field": make_terms(**OPEN, options={"automatic": True}, priority="in_field"),
    "priority afterwards": make_terms(**OPEN, priority="post", priority_seconds=300),
    "free and limited": make_terms(
        **OPEN, format="free_limited", options={"cycle_seconds": 60, "automatic": True}
    ),
    "entry confirmed": make_terms(
        **OPEN,
        format="free_limited",
        options={"cycle_seconds": 60, "entry": "free_bidders", "entry_seconds": 60},
    ),
    "sealed": make_terms(**CLOSED, format="sealed_first_price", min_bidders=2),
    "vickrey": make_terms(
        **CLOSED,
        format="vickrey",
        has_reserve=True,
        options={"tie_rule": "extra_round", "extra_seconds": 120},
        priority="post",
        priority_seconds=300,
    ),
    "dutch": clock_terms(format="dutch"),
    "dutch and sealed": clock_terms(
        format="dutch_sealed_best", options={"sealed_seconds": 120, "best_seconds": 60}
    ),
    "raise or accept": make_terms(**CLOSED | {"closes_at": at(180)}, format="raise_or_accept"),
    "three rounds": make_terms(**CLOSED, format="prozorro_rounds", min_bidders=2),
}
RESERVE_FEN = 1020 * YUAN


@st.composite
def requests(draw: st.DrawFn) -> dict[str, Any]:
    """One request, mostly near the price, sometimes nonsense."""
    kind = draw(st.sampled_from(sorted(Kind)))
    steps = draw(st.integers(-3, 40))
    return {
        "bidder": draw(st.sampled_from((*CODES, ""))),
        "kind": kind,
        "amount_fen": draw(st.sampled_from((1000 + 10 * steps, 1000 + steps))) * YUAN,
        "step": draw(st.integers(0, 12)),
        "if_number": draw(st.one_of(st.none(), st.none(), st.integers(1, 12))),
    }


Turn = tuple[int, str, list[dict[str, Any]]]
TURNS = st.lists(
    st.tuples(
        st.integers(0, 150),
        st.sampled_from(("bids", "bids", "bids", "work", "suspend", "interruption", "resume")),
        st.lists(requests(), min_size=1, max_size=4),
    ),
    max_size=12,
)


def bid(sale: PlayedSale, wanted: dict[str, Any]) -> Any:
    """A request as the edge lets it pass: near to what the sale offers, where the kind is one of its kinds."""
    kind, code = wanted["kind"], wanted["bidder"]
    offered = sorted(sale.published.format.kinds)
    if kind not in offered and wanted["step"] % 3:
        kind = offered[wanted["step"] % len(offered)]
    amount = None if kind in (Kind.WITHDRAW, Kind.WAIVE, Kind.ENTER) else wanted["amount_fen"]
    detail = getattr(sale.state.detail, "clock", sale.state.detail)
    if kind == Kind.TAKE and amount is not None and hasattr(detail, "asking_fen"):
        amount, wanted = detail.asking_fen, {**wanted, "step": detail.step}
    made = ask(code, amount, kind, step=wanted["step"], if_number=wanted["if_number"])
    if kind in SECRET_KINDS and amount is not None:
        assert made.commitment == commit_amount(made.bid_id, amount, key_of(made.bid_id))
    if kind == Kind.SEAL and amount is not None:
        sale.sealed[made.bid_id] = opening_of(made, amount)
    return made._replace(has_priority=sale.bidders.get(code, False))


def play(sale: PlayedSale, turns: list[Turn]) -> None:
    """Plays what was drawn, with a worker that is sometimes late, and brings the sale to its end."""
    now = START - timedelta(seconds=60)
    for seconds, what, wanted in turns:
        now += timedelta(seconds=seconds)
        phase = sale.state.phase
        if what == "bids":
            sale.batch(now, *(bid(sale, item) for item in wanted))
        elif what == "work":
            sale.work(now)
        elif what == "resume" and phase == "suspended":
            sale.resume(now)
        elif what == "suspend" and sale.runs(now):
            sale.suspend(now)
        elif what == "interruption" and phase == "open" and now < sale.state.ends_at:
            sale.suspend(now, "interruption")
    finish(sale, now)


def finish(sale: PlayedSale, now: datetime) -> None:
    """The worker carries the sale to its end; one that stands still is voided."""
    for _ in range(200):
        if sale.state.phase in ENDED:
            return
        due = sale.due_at()
        if due is None:
            sale.void(now)
            return
        now = max(now, due)
        sale.work(now)
    message = "the sale does not end"
    raise AssertionError(message)


@pytest.mark.parametrize("name", TERMS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(turns=TURNS)
def test_the_record_of_any_sale_holds_with_every_receipt(name: str, turns: list[Turn]) -> None:
    terms = TERMS[name]
    sale = PlayedSale(terms, RESERVE_FEN if terms.has_reserve else None)
    sale.admit(*CODES[:2])
    sale.admit(CODES[2], has_priority=terms.priority != "none")
    play(sale, turns)
    bundle = orjson.loads(orjson.dumps(sale.bundle()))
    receipts = [sale.receipt(turn) for turn in range(1, len(sale.requests) + 1)]
    report = verify(bundle, KEYS, receipts, [head.wire() for head, _ in sale.heads])
    assert report.holds, [item.text("en") for item in report.findings]
    withheld = [act for act in bundle["acts"] if act.get("replaced")]
    sign = -1 if terms.direction == "reverse" else 1
    for act in withheld:
        assert sign * act["amount_fen"] <= sign * sale.requests[act["turn"] - 1]["amount_fen"]
        assert act["bidder"] == sale.state.leader
