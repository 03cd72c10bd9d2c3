"""The readable record: made from the bundle alone, the same bytes for the same bundle, with every request in it."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from app.chain import canonical
from app.contracts.records import printed, render_record
from tests.protocol.make_record import SALES

WHERE = ("技术交易市场", "Technology Trading Market", "https://market.example")


@pytest.mark.parametrize("name", SALES)
def test_a_record_is_set_as_pdf_and_the_same_bundle_gives_the_same_bytes(name: str) -> None:
    bundle = SALES[name]().bundle()
    pdf = render_record(bundle, *WHERE)
    assert pdf.startswith(b"%PDF")
    assert render_record(bundle, *WHERE) == pdf


def paper(name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    bundle = SALES[name]().bundle()
    return bundle, printed(bundle, *WHERE)


def test_the_paper_names_the_bundle_that_it_was_made_from() -> None:
    bundle, data = paper("open")
    assert data["bundle_sha256"] == hashlib.sha256(canonical(bundle).encode()).hexdigest()
    assert data["check_url"] == "https://market.example/protocol-check"


def test_requests_stand_in_their_order_with_the_price_after_each() -> None:
    _, data = paper("automatic")
    assert [row["turn"] for row in data["requests"]] == list(range(1, 8))
    assert [row["price"] for row in data["requests"]][:3] == ["1,000.00", "1,210.00", "1,210.00"]
    assert data["requests"][0]["amount"].startswith("≥")
    assert data["requests"][2]["answer"] == "bid-too-low"


def test_openings_are_printed_with_their_keys() -> None:
    bundle, data = paper("open")
    assert data["openings"] == [{"what": "保留价", "amount": "1,020.00", "key": bundle["reserve"]["key"]}]
    assert len(paper("sealed")[1]["openings"]) == 2


def test_a_void_sale_s_paper_says_why() -> None:
    _, data = paper("suspended")
    assert {"zh": "作废原因", "en": "Reason", "value": "数据错误", "kind": "text"} in data["rows"]
    assert [row["words"] for row in data["course"]][-1] == "竞价结束　数据错误"
