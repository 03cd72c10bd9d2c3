"""What is asked of sellers' accounts at the card gateway, and of finance's choice of a payout's way.

An account is its organisation's admin's, in person; nobody has one here, where no gateway answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.payments.orders import cancel_order
from tests.make_statements import make_order
from tests.permissions.asking import at_desk, managed, own_listing

if TYPE_CHECKING:
    from app.accounts.caller import Caller
    from app.db import Session
    from tests.permissions.asking import Ask

API = "/api/v1"
CONNECT_ASKS: dict[str, Ask] = {
    f"GET {API}/payout-account": own_listing(),
    f"POST {API}/payout-account": managed(),
    f"PUT {API}/payout-account/looks": managed(),
    f"POST {API}/payout-account/links": managed(),
    f"GET {API}/payment-orders/{{order_id}}/connect": at_desk("finance", "payment_order"),
    f"POST {API}/payment-orders/{{order_id}}/ways": at_desk(
        "finance", "payment_order_new", body=lambda _: {"way": "bank"}
    ),
    f"POST {API}/payment-orders/{{order_id}}/repetitions": at_desk("finance", "payment_order_cancelled"),
}


async def order_payouts(session: Session, person: Caller) -> dict[str, str]:
    """A payout whose way may still be chosen, and one that was cancelled."""
    new, cancelled = await make_order(session), await make_order(session)
    await cancel_order(session, person, cancelled.id, reason="账号待核实。")
    return {"payment_order_new": str(new.id), "payment_order_cancelled": str(cancelled.id)}
