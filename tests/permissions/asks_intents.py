"""What is asked of intents with all that belongs to them, and of bidders who are asked after a default."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.permissions.asking import bought_by, dealt, sold_by

if TYPE_CHECKING:
    from tests.permissions.asking import Ask
    from tests.permissions.world import World


def new_successor_offer(world: World) -> dict[str, Any]:
    """A time for the answer."""
    return {"expires_at": world.closes_at.isoformat(), "words": "按贵方最后报价另行签约。"}


API = "/api/v1"
INTENT_ASKS: dict[str, Ask] = {
    f"GET {API}/deals/{{deal_id}}/succession": sold_by("askable_deal"),
    f"POST {API}/deals/{{deal_id}}/successor-offers": sold_by("askable_deal", body=new_successor_offer),
    f"GET {API}/successor-offers": dealt(),
    f"GET {API}/successor-offers/{{offer_id}}": dealt("successor_offer"),
    f"POST {API}/successor-offers/{{offer_id}}/answers": bought_by(
        "successor_offer", body=lambda _: {"accepts": True}
    ),
}
