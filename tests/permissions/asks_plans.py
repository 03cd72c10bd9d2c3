"""What is asked of plans of payment: announced ones, royalties with their reports, milestones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.permissions.asking import bought_by, dealt, open_to_all, sold_by

if TYPE_CHECKING:
    from tests.permissions.asking import Ask
    from tests.permissions.world import World


def new_plan(_: World) -> dict[str, Any]:
    """An entry fee with a royalty on sales."""
    royalty = {"base": "sales", "rate_bp": 300, "period_months": 6, "periods": 3}
    return {"kind": "entry_fee_plus_royalty", "royalty": royalty}


def correction(_: World) -> dict[str, Any]:
    """Another base for the report that was objected to."""
    return {"base_fen": 3_000_000, "reason": "查账后核对的数额。"}


API = "/api/v1"
PLAN_ASKS: dict[str, Ask] = {
    f"PUT {API}/listings/{{listing_id}}/payment-plan": sold_by("draft", body=new_plan),
    f"GET {API}/listings/{{listing_id}}/payment-plan": open_to_all("planned_listing"),
    f"GET {API}/settlements/{{settlement_id}}/royalty": dealt("planned"),
    f"POST {API}/settlements/{{settlement_id}}/royalty-reports": bought_by(
        "planned", body=lambda _: {"period": 4, "base_fen": 1_000_000}
    ),
    f"POST {API}/royalty-reports/{{report_id}}/answers": sold_by(
        "royalty_report", body=lambda _: {"accepts": True}
    ),
    f"POST {API}/royalty-reports/{{report_id}}/corrections": dealt(
        "report_objected", body=correction, scope="sign"
    ),
    # The buyer proposed the one that is answered here, and stated the milestone.
    f"POST {API}/report-corrections/{{correction_id}}/answers": dealt(
        "report_correction", body=lambda _: {"agrees": True}, scope="sign"
    ),
    f"POST {API}/settlements/{{settlement_id}}/milestones": dealt(
        "planned", body=lambda _: {"place": 2, "statement": "中试样机验收通过，附报告。"}, scope="sign"
    ),
    f"POST {API}/milestones/{{statement_id}}/answers": dealt(
        "milestone", body=lambda _: {"confirms": True}, scope="sign"
    ),
}
