"""What is asked of intents with all that belongs to them, and of bidders who are asked after a default."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.permissions.asking import at_desk, bought_by, dealt, sold_by

if TYPE_CHECKING:
    from tests.permissions.asking import Ask
    from tests.permissions.world import World


def new_successor_offer(world: World) -> dict[str, Any]:
    """A time for the answer."""
    return {"expires_at": world.closes_at.isoformat(), "words": "按贵方最后报价另行签约。"}


def new_restriction(world: World) -> dict[str, Any]:
    """A restriction of an organisation that has no part in any sale."""
    return {
        "party": world.ids["restricted"],
        "ground": "dishonest",
        "source": "失信被执行人名单，示例法院决定书第一号",
        "begins_on": world.today.isoformat(),
    }


def decision(_: World) -> dict[str, Any]:
    """What the desk decides on a suspicion."""
    return {"clears": True, "reason": "同名不同人，已核对证件。"}


API = "/api/v1"
INTENT_ASKS: dict[str, Ask] = {
    f"GET {API}/deals/{{deal_id}}/succession": sold_by("askable_deal"),
    f"POST {API}/deals/{{deal_id}}/successor-offers": sold_by("askable_deal", body=new_successor_offer),
    f"GET {API}/successor-offers": dealt(),
    f"GET {API}/successor-offers/{{offer_id}}": dealt("successor_offer"),
    f"POST {API}/successor-offers/{{offer_id}}/answers": bought_by(
        "successor_offer", body=lambda _: {"accepts": True}
    ),
    f"POST {API}/intents/{{intent_id}}/consents": bought_by("joined", body=lambda _: {"consents": True}),
    f"POST {API}/intents/{{intent_id}}/withdrawal": bought_by("intent_submitted"),
    f"GET {API}/intents/{{intent_id}}/documents": bought_by("intent_submitted", scope="read"),
    f"POST {API}/intents/{{intent_id}}/documents": replace(
        bought_by("intent_submitted"), file=b"%PDF-1.7 invented"
    ),
    f"GET {API}/intent-documents/{{document_id}}": bought_by("intent_document", scope="read"),
    f"GET {API}/intents/{{intent_id}}/suspicions": at_desk("reviewer", "joined", is_of_buyer=True),
    f"POST {API}/suspicions/{{suspicion_id}}/decisions": at_desk("reviewer", "suspicion", body=decision),
    f"GET {API}/restrictions": at_desk("reviewer"),
    f"POST {API}/restrictions": at_desk("reviewer", body=new_restriction),
    f"POST {API}/restrictions/{{restriction_id}}/decisions": at_desk(
        "reviewer", "restriction", body=lambda _: {"confirms": True}
    ),
    f"POST {API}/restrictions/{{restriction_id}}/liftings": at_desk(
        "reviewer", "restriction_effective", body=lambda _: {"reason": "履行完毕，已移出名单。"}
    ),
}
