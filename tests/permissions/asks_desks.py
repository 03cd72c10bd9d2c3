"""What is asked for of desks."""

from __future__ import annotations

from tests.permissions.asking import ALL, Ask, at_desk, bought_by, dealt, open_to_all, own_listing, sold_by

API = "/api/v1"
DESK_ASKS: dict[str, Ask] = {
    f"GET {API}/desks/seller": own_listing(),
    f"GET {API}/desks/buyer": Ask("B/bidder", "B/admin", f"S/{ALL}", "read"),
    f"GET {API}/desks/exchange": at_desk("supervisor"),
    f"GET {API}/listings/{{listing_id}}/history": open_to_all("open"),
    f"GET {API}/listings/{{listing_id}}/history #draft": own_listing("draft"),
    f"GET {API}/notices/{{notice_id}}/certificate.pdf": open_to_all("notice_done"),
    f"GET {API}/notices/{{notice_id}}/history": open_to_all("notice_done"),
    f"GET {API}/notices/{{notice_id}}/history #draft": sold_by("notice_draft"),
    f"GET {API}/intents/{{intent_id}}/history": bought_by("intent", scope="read"),
    f"GET {API}/deals/{{deal_id}}/history": dealt("deal"),
    f"GET {API}/settlements/{{settlement_id}}/history": dealt("settlement"),
}
