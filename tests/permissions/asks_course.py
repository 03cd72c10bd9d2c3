"""What is asked for of a listing after its publication, and what it is asked about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.make_lifecycle import SAID
from tests.make_trades import rules_of
from tests.permissions.asking import Ask, at_desk, bought_by, open_to_all, own_listing, sold_by

if TYPE_CHECKING:
    from tests.permissions.world import World

API = "/api/v1"
ONE = f"{API}/listings/{{listing_id}}"


def said(world: World) -> dict[str, Any]:
    """Why, in both languages."""
    del world
    return {"reason_zh": SAID.reason_zh, "reason_en": SAID.reason_en}


COURSE_ASKS: dict[str, Ask] = {
    f"GET {API}/boards": open_to_all(),
    f"GET {ONE}/bulletins": open_to_all("halted"),
    f"POST {ONE}/suspensions": at_desk("reviewer", "scheduled", body=said),
    f"POST {ONE}/resumptions": at_desk("reviewer", "halted", body=said),
    f"POST {ONE}/terminations": at_desk(
        "reviewer", "halted", body=lambda world: {**said(world), "ground": "obstacle"}
    ),
    f"GET {ONE}/petitions": own_listing("petitioned"),
    f"POST {ONE}/petitions": sold_by("scheduled", body=lambda world: {**said(world), "kind": "suspend"}),
    f"POST {ONE}/petitions/{{petition_id}}/decision": at_desk(
        "reviewer", "petitioned", "petition", body=lambda _: {"decision": "approve"}
    ),
    f"POST {ONE}/relistings": sold_by("over"),
    f"POST {API}/intents/{{intent_id}}/confirmations": bought_by(
        "intent_unconfirmed",
        body=lambda world: {"accept_rules_sha256": rules_of(world.listings["changed"])},
    ),
}
