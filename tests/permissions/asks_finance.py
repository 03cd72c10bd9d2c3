"""What is asked of the desk of finance: statements looked at, money that went, what waits, lists as workbooks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tests.permissions.asking import at_desk, bought_by, dealt, open_to_all
from tests.permissions.asks_money import STATEMENT, owed_by

if TYPE_CHECKING:
    from tests.permissions.asking import Ask

API = "/api/v1"
FINANCE_ASKS: dict[str, Ask] = {
    f"POST {API}/bank-statement-previews": replace(at_desk("finance"), file=STATEMENT),
    f"GET {API}/paid-lines": at_desk("finance"),
    f"GET {API}/paid-lines/{{line_id}}": at_desk("finance", "paid_line"),
    f"POST {API}/paid-lines/{{line_id}}/matches": at_desk(
        "finance", "paid_line", body=lambda world: {"order_id": world.ids["payment_order_exported"]}
    ),
    f"GET {API}/finance": at_desk("finance"),
    f"GET {API}/releases": at_desk("finance"),
    f"GET {API}/workbooks/listings": open_to_all(),
    f"GET {API}/workbooks/intents": bought_by(scope="read"),
    f"GET {API}/workbooks/deals": dealt(),
    f"GET {API}/workbooks/deposits": bought_by(scope="read"),
    f"GET {API}/workbooks/payables": owed_by(),
    f"GET {API}/workbooks/payment-orders": at_desk("finance"),
    f"GET {API}/workbooks/bank-lines": at_desk("finance"),
    f"GET {API}/workbooks/paid-lines": at_desk("finance"),
    f"GET {API}/workbooks/releases": at_desk("finance"),
    f"GET {API}/workbooks/ledger-entries": at_desk("finance"),
    f"GET {API}/workbooks/defaults": dealt(),
    f"GET {API}/workbooks/audit-records": at_desk("supervisor"),
    f"GET {API}/workbooks/contracts": dealt(),
    f"GET {API}/workbooks/registrations": dealt(),
    f"GET {API}/workbooks/notices": open_to_all(),
    f"GET {API}/workbooks/bank-statements": at_desk("finance"),
}
