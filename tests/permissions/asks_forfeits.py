"""What is asked of deposits that are not to be given back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.permissions.asking import at_desk, bought_by

if TYPE_CHECKING:
    from tests.permissions.asking import Ask
    from tests.permissions.world import World


def new_claim(_: World) -> dict[str, Any]:
    """A ground that was announced, with what proves it."""
    return {
        "ground": "false_documents",
        "reason": "资信证明系伪造，银行回函否认。",
        "evidence": "银行回函第三号扫描件。",
    }


API = "/api/v1"
FORFEIT_ASKS: dict[str, Ask] = {
    f"GET {API}/forfeitures": bought_by(scope="read"),
    f"POST {API}/intents/{{intent_id}}/forfeitures": at_desk(
        "reviewer", "intent", body=new_claim, is_of_buyer=True
    ),
    f"POST {API}/forfeitures/{{forfeiture_id}}/answers": bought_by(
        "forfeiture", body=lambda _: {"words": "材料由代办机构提供。"}
    ),
    f"POST {API}/forfeitures/{{forfeiture_id}}/decisions": at_desk(
        "finance",
        "forfeiture",
        body=lambda _: {"confirms": False, "reason": "申辩成立，予以退还。"},
        is_of_buyer=True,
    ),
}
