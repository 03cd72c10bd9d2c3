"""Who the callers of a row are by name, for each kind of route.

People are named by their organisation (S sells, B buys, X has no part, E is the exchange) and their roles there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.permissions.world import World

    Body = Callable[[World], dict[str, Any]]

ALL = "admin+bidder+seller+signatory"


@dataclass(frozen=True)
class Ask:
    """A request; ``ids`` name the things in its path, ``right`` is for whom the route is made (else the owner)."""

    owner: str
    colleague: str
    counterparty: str
    scope: str | None
    ids: tuple[str, ...] = ()
    body: Body | None = None
    query: str = ""
    file: bytes | None = None
    right: str = ""
    address: str = "127.0.0.1"

    @property
    def holder(self) -> str:
        """Whose tokens are tried."""
        return self.right or self.owner


def open_to_all(*ids: str, body: Body | None = None, query: str = "") -> Ask:
    """Routes that ask for no role."""
    return Ask("S/seller", "S/admin+bidder+signatory", f"B/{ALL}", None, ids, body, query)


def managed(*ids: str, body: Body | None = None) -> Ask:
    """Routes of an organisation's admin."""
    return Ask("S/admin", "S/bidder+seller+signatory", f"B/{ALL}", None, ids, body)


def sold_by(
    *ids: str, body: Body | None = None, scope: str = "sell", query: str = "", file: bytes | None = None
) -> Ask:
    """Routes of the seller's people."""
    return Ask("S/seller", "S/admin+bidder+signatory", f"B/{ALL}", scope, ids, body, query, file)


def own_listing(*ids: str, query: str = "") -> Ask:
    """Reading an own listing: all roles may but a bidder's."""
    return Ask("S/signatory", "S/bidder", f"B/{ALL}", "read", ids, query=query)


def decided_by(*ids: str, body: Body | None = None) -> Ask:
    """What a signatory of the selling unit decides."""
    return Ask("S/signatory", "S/admin+bidder+seller", f"B/{ALL}", "sign", ids, body)


def bought_by(*ids: str, body: Body | None = None, scope: str = "buy") -> Ask:
    """Routes of the buyer's people."""
    return Ask("B/bidder", "B/admin+seller+signatory", f"S/{ALL}", scope, ids, body)


def dealt(*ids: str, body: Body | None = None, scope: str = "read") -> Ask:
    """Reading a deal and what follows it: all roles of both sides may but an admin's."""
    return Ask("S/seller", "S/admin", f"B/{ALL}", scope, ids, body)


def at_desk(desk: str, *ids: str, body: Body | None = None, is_of_buyer: bool = False) -> Ask:
    """Routes of a desk; the owner is whoever's thing it is, and may not."""
    owner, colleague, other = (
        ("B/bidder", "B/admin+seller+signatory", f"S/{ALL}")
        if is_of_buyer
        else ("S/seller", "S/admin+bidder+signatory", f"B/{ALL}")
    )
    return Ask(owner, colleague, other, "desk", ids, body, right=f"E/{desk}")
