"""What is asked of settlements, defaults, mandates and distributions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.permissions.asking import at_desk, dealt, decided_by, own_listing, sold_by

if TYPE_CHECKING:
    from tests.permissions.asking import Ask
    from tests.permissions.world import World


def recordal(world: World) -> dict[str, Any]:
    """The document of the recordal."""
    return {"recordal_no": "2026112000123450", "recordal_on": world.today.isoformat(), "sha256": "a" * 64}


def new_mandate(world: World) -> dict[str, Any]:
    """A mandate to an organisation that has no part in any sale."""
    return {
        "broker_id": world.ids["M"],
        "listing_id": world.ids["open"],
        "rate_bp": 300,
        "valid_from": world.today.isoformat(),
        "valid_to": "2030-01-01",
    }


def new_default(_: World) -> dict[str, Any]:
    """A ground that was announced."""
    return {"ground": "breach_after_award", "reason": "买受人成交后毁约。", "loss_fen": 0}


def new_contributor(_: World) -> dict[str, Any]:
    """Somebody who is not on the deal's list yet."""
    return {"name": "贡献人乙", "part": "contributor", "work": "conversion", "is_main": False}


def new_distribution(world: World) -> dict[str, Any]:
    """All of a receipt's half to the one who is on the deal's list."""
    return {
        "receipt_fen": 1_000_000,
        "basis": "statutory",
        "rate_bp": 5000,
        "shares": [{"contributor_id": world.ids["contributor"], "share_bp": 10_000}],
    }


API = "/api/v1"
SETTLEMENT_ASKS: dict[str, Ask] = {
    f"GET {API}/settlements": dealt(),
    f"GET {API}/settlements/{{settlement_id}}": dealt("settlement"),
    f"GET {API}/settlements/{{settlement_id}}/papers/{{paper}}": dealt("settlement", "settlement_paper"),
    f"GET {API}/deals/{{deal_id}}/settlement": dealt("settled_deal"),
    f"POST {API}/deals/{{deal_id}}/settlement": dealt(
        "unsettled_deal", body=lambda _: {"kind": "one_off"}, scope="sign"
    ),
    f"POST {API}/settlements/{{settlement_id}}/plan-answers": dealt(
        "settlement_proposed", body=lambda _: {"accepts": True}, scope="sign"
    ),
    f"POST {API}/settlements/{{settlement_id}}/recordals": sold_by("settlement", body=recordal),
    f"POST {API}/settlements/{{settlement_id}}/recordal-reviews": at_desk("registrar", "settlement"),
    f"POST {API}/settlements/{{settlement_id}}/releases": at_desk(
        "finance", "settlement_recorded", body=lambda _: {"amount_fen": 1_000}
    ),
    f"POST {API}/releases/{{release_id}}/decisions": at_desk(
        "finance", "release", body=lambda _: {"approves": True}
    ),
    f"POST {API}/settlements/{{settlement_id}}/completion": at_desk("finance", "settlement_released"),
    f"GET {API}/mandates": dealt(),
    f"POST {API}/mandates": decided_by(body=new_mandate),
    f"POST {API}/mandates/{{mandate_id}}/signatures": replace(decided_by("mandate"), right="M/signatory"),
    f"GET {API}/defaults": dealt(),
    f"POST {API}/deals/{{deal_id}}/defaults": at_desk("host", "unsettled_deal", body=new_default),
    f"POST {API}/defaults/{{default_id}}/decisions": at_desk(
        "reviewer", "default", body=lambda _: {"confirms": True}
    ),
    f"GET {API}/deals/{{deal_id}}/contributors": own_listing("deal"),
    f"POST {API}/deals/{{deal_id}}/contributors": sold_by("deal", body=new_contributor),
    f"POST {API}/deals/{{deal_id}}/distributions": sold_by("deal", body=new_distribution),
    f"GET {API}/distributions": own_listing(),
    f"GET {API}/distributions/{{distribution_id}}": own_listing("distribution"),
    f"GET {API}/distributions/{{distribution_id}}/sheet": own_listing("distribution"),
    f"POST {API}/distributions/{{distribution_id}}/steps": decided_by(
        "distribution", body=lambda _: {"step": "decide"}
    ),
    f"POST {API}/distributions/{{distribution_id}}/steps #paid": sold_by(
        "distribution_approved", body=lambda _: {"step": "pay"}
    ),
}
