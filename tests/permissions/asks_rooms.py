"""What is asked for of negotiation rooms and of the register of licences."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from app.trades.negotiating import undertaking_sha256
from tests.permissions.asking import ALL, Ask, bought_by, dealt, own_listing, sold_by

if TYPE_CHECKING:
    from tests.permissions.asking import Body
    from tests.permissions.world import World


def in_room(*ids: str, body: Body | None = None) -> Ask:
    """Acts of the seller's side in a negotiation with B."""
    return Ask("S/seller", "S/admin+bidder+signatory", f"B/{ALL}", "sell", ids, body)


def new_licence(world: World) -> dict[str, Any]:
    """An ordinary licence on the seller's free patent."""
    return {
        "patent_id": world.ids["patent"],
        "licensee_name": "被许可有限公司",
        "kind": "ordinary",
        "territory": "CN",
        "starts_on": "2027-01-01",
        "ends_on": "2028-12-31",
    }


def new_offer(world: World) -> dict[str, Any]:
    """An offer of a price below what was asked for."""
    return {"price_fen": 9_000_000, "valid_until": world.opens_at.isoformat()}


API = "/api/v1"
ROOM_ASKS: dict[str, Ask] = {
    f"GET {API}/negotiation-rooms": dealt(),
    f"GET {API}/negotiation-rooms/{{room_id}}": dealt("room"),
    f"WEBSOCKET {API}/negotiation-rooms/{{room_id}}/socket": dealt("room"),
    f"POST {API}/listings/{{listing_id}}/negotiation-rooms": bought_by("negotiable"),
    f"POST {API}/negotiation-rooms/{{room_id}}/offers": in_room("room", body=new_offer),
    f"POST {API}/negotiation-rooms/{{room_id}}/offers/{{number}}/acceptance": in_room("room", "offer"),
    f"POST {API}/negotiation-rooms/{{room_id}}/offers/{{number}}/withdrawal": in_room("own_room", "offer"),
    f"POST {API}/negotiation-rooms/{{room_id}}/deal": in_room("agreed_room"),
    f"POST {API}/negotiation-rooms/{{room_id}}/undertaking": in_room(
        "room", body=lambda _: {"text_sha256": undertaking_sha256()}
    ),
    f"GET {API}/negotiation-rooms/{{room_id}}/documents": dealt("room"),
    f"POST {API}/negotiation-rooms/{{room_id}}/documents": replace(in_room("room"), file=b"notes"),
    f"GET {API}/negotiation-documents/{{document_id}}": dealt("document"),
    f"GET {API}/licences": own_listing(),
    f"POST {API}/licences": sold_by(body=new_licence),
}
