"""A sale that is called off before it opens: its record says why and can be verified as any other."""

from __future__ import annotations

import orjson
import pytest

from app.auction.protocol.verifying import verify
from tests.protocol.make_record import KEYS, YUAN, PlayedSale, at, make_terms


@pytest.mark.parametrize("bidders", [0, 2])
def test_the_record_of_a_sale_that_never_opened_holds(bidders: int) -> None:
    sale = PlayedSale(make_terms(has_reserve=True), reserve_fen=5000 * YUAN)
    for code in ("K07", "E05")[:bidders]:
        sale.admit(code)
    sale.void(at(-600))
    bundle = orjson.loads(orjson.dumps(sale.bundle()))
    report = verify(bundle, KEYS, [], [head.wire() for head, _ in sale.heads])
    assert report.holds, report.findings
    assert "auction_opened" not in orjson.dumps(bundle).decode()
