"""What is asked for of licences that are sold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.permissions.asking import Ask, at_desk, bought_by, decided_by, open_to_all

if TYPE_CHECKING:
    from tests.permissions.world import World


def _declaration(_: World) -> dict[str, Any]:
    return {
        "fee_method": "one_off",
        "fee_standard": "一次付清许可使用费。",
        "annuity_paid_until": "2099-12-31",
        "is_suspended": False,
        "is_pledged": False,
    }


def _announcement(world: World) -> dict[str, Any]:
    return {"announcement_no": "KF20260001", "announced_on": world.today.isoformat()}


API = "/api/v1"
LICENCE_ASKS: dict[str, Ask] = {
    f"POST {API}/listings/{{listing_id}}/licences": bought_by(
        "ordinary", body=lambda world: {"accept_terms_sha256": world.ids["licence_terms"]}
    ),
    f"GET {API}/listings/{{listing_id}}/open-licence": open_to_all("opened"),
    f"PUT {API}/listings/{{listing_id}}/open-licence": decided_by("to_declare", body=_declaration),
    f"POST {API}/listings/{{listing_id}}/open-licence/announcement": at_desk(
        "reviewer", "to_announce", body=_announcement
    ),
    f"POST {API}/listings/{{listing_id}}/open-licence/withdrawal": decided_by("opened"),
}
