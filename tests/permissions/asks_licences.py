"""What is asked for of licences that are sold."""

from __future__ import annotations

from tests.permissions.asking import Ask, bought_by

API = "/api/v1"
LICENCE_ASKS: dict[str, Ask] = {
    f"POST {API}/listings/{{listing_id}}/licences": bought_by(
        "ordinary", body=lambda world: {"accept_terms_sha256": world.ids["licence_terms"]}
    ),
}
