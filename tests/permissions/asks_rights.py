"""What is asked of the rights in the way, their consents, and the export class."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.permissions.asking import Ask, at_desk, managed, open_to_all, own_listing, sold_by

if TYPE_CHECKING:
    from tests.permissions.world import World


def new_right(_: World) -> dict[str, Any]:
    """Another pledge than the one that the world has."""
    return {"kind": "pledge", "holder_name": "另一家虚构银行", "since_on": "2025-06-03"}


def new_consent(world: World) -> dict[str, Any]:
    """A consent of the co-owner, who has given none yet."""
    return {
        "right_id": world.ids["co_owner"],
        "given_by": "虚构合作研究院",
        "given_on": world.today.isoformat(),
    }


def found(_: World) -> dict[str, Any]:
    """A finding with its evidence."""
    return {"export_class": "free", "evidence": "对照目录逐项核对，未列入。"}


API = "/api/v1"
RIGHTS_ASKS: dict[str, Ask] = {
    f"GET {API}/listings/{{listing_id}}/rights": open_to_all("sold"),
    f"GET {API}/listings/{{listing_id}}/rights #draft": own_listing("encumbered"),
    f"POST {API}/patents/{{patent_id}}/rights": sold_by("encumbered_patent", body=new_right),
    f"POST {API}/rights/{{right_id}}/ends": sold_by(
        "co_owner", body=lambda _: {"reason": "份额已转让，见登记簿副本。"}
    ),
    f"POST {API}/listings/{{listing_id}}/consents": replace(
        sold_by("encumbered", body=new_consent), file=b"%PDF-1.7 invented"
    ),
    f"POST {API}/consents/{{consent_id}}/decisions": at_desk(
        "reviewer", "consent", body=lambda _: {"decision": "verify"}
    ),
    f"GET {API}/consents/{{consent_id}}/document": own_listing("consent"),
    f"POST {API}/patents/{{patent_id}}/export-findings": at_desk("reviewer", "encumbered_patent", body=found),
    f"PUT {API}/organisations/foreign-declaration": managed(),
}
