"""What is asked for of desks."""

from __future__ import annotations

from tests.permissions.asking import ALL, Ask, at_desk, own_listing

API = "/api/v1"
DESK_ASKS: dict[str, Ask] = {
    f"GET {API}/desks/seller": own_listing(),
    f"GET {API}/desks/buyer": Ask("B/bidder", "B/admin", f"S/{ALL}", "read"),
    f"GET {API}/desks/exchange": at_desk("supervisor"),
}
