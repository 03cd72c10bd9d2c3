"""What is asked for of the routes of money that comes and goes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.permissions.asking import ALL, Ask, at_desk

if TYPE_CHECKING:
    from tests.permissions.world import World

API = "/api/v1"
STATEMENT = "交易日期,收入金额,对方户名,对方账号,附言,流水号\n20260105,5.00,甲,1,,LS77\n".encode()


def owed_by(*ids: str) -> Ask:
    """Reading what the buyer owes: whoever sells, bids or signs there may."""
    return Ask("B/bidder", "B/admin", f"S/{ALL}", "read", ids)


def line_target(world: World) -> dict[str, Any]:
    """What the open line of the statement pays."""
    return {"target_kind": "payable", "target_id": world.ids["payable"]}


def bank_charge(world: World) -> dict[str, Any]:
    """A bank's charge that was forgotten with a transfer."""
    return {
        "transfer_id": world.ids["transfer"],
        "debit": {"kind": "fee_income"},
        "credit": {"kind": "bank"},
        "amount_fen": 1500,
        "reason": "银行手续费漏记，按回单补记。",
    }


MONEY_ASKS: dict[str, Ask] = {
    f"POST {API}/ledger/corrections": at_desk("finance", body=bank_charge),
    f"POST {API}/ledger/corrections/{{correction_id}}/decisions": at_desk(
        "finance", "correction", body=lambda _: {"approves": True}
    ),
    f"POST {API}/bank-statements": replace(at_desk("finance"), file=STATEMENT),
    f"GET {API}/bank-statements": at_desk("finance"),
    f"GET {API}/bank-lines": at_desk("finance"),
    f"GET {API}/bank-lines/{{line_id}}": at_desk("finance", "bank_line"),
    f"POST {API}/bank-lines/{{line_id}}/matches": at_desk("finance", "bank_line", body=line_target),
    f"POST {API}/bank-lines/{{line_id}}/returns": at_desk(
        "finance", "bank_line", body=lambda _: {"reason": "付错了户头。"}
    ),
    f"POST {API}/line-matches/{{match_id}}/decisions": at_desk(
        "finance", "line_match", body=lambda _: {"is_confirmed": True, "reason": "有代付协议。"}
    ),
    f"GET {API}/payables": owed_by(),
    f"GET {API}/payables/{{payable_id}}": owed_by("payable"),
    f"GET {API}/payment-orders": at_desk("finance"),
    f"GET {API}/payment-orders/{{order_id}}": at_desk("finance", "payment_order"),
    f"POST {API}/payment-approvals": at_desk(
        "finance", body=lambda world: {"order_ids": [world.ids["payment_order"]]}
    ),
    f"POST {API}/payment-orders/{{order_id}}/cancellations": at_desk(
        "finance", "payment_order", body=lambda _: {"reason": "账号待核实。"}
    ),
    f"POST {API}/payment-orders/{{order_id}}/outcomes": at_desk(
        "finance", "payment_order_exported", body=lambda _: {"outcome": "executed"}
    ),
    f"POST {API}/payment-exports": at_desk("finance", body=lambda _: {"order_ids": []}),
    f"GET {API}/payment-exports": at_desk("finance"),
    f"GET {API}/payment-exports/{{export_id}}/orders.csv": at_desk("finance", "payment_export"),
    f"POST {API}/payment-exports/{{export_id}}/executions": at_desk("finance", "payment_export"),
}
