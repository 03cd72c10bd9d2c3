"""What must not be read, and by whom it may: looked for as plain text in every answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.money import yuan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.permissions.world import World

# Never told to anybody, whatever he may do.
_NEVER = ("$argon2", "password_hash", "token_hash", "reserve_key", "csrf:")
_SEES_RESERVE = frozenset({"admin", "seller", "signatory"})
_SEES_BUYERS = frozenset({"E/reviewer", "E/finance", "E/supervisor"})


def _needles(world: World, reader: str | None) -> Iterator[tuple[str, str]]:
    """What this reader must not find, with the name of the secret."""
    letter, _, roles = (reader or "").partition("/")
    if not (letter == "S" and _SEES_RESERVE & set(roles.split("+"))):
        for written in (str(world.reserve_fen), yuan(world.reserve_fen)):
            yield "the reserve of a sale that has not closed", written
    if reader not in _SEES_BUYERS:
        for rival in ("Y", "Z"):
            organisation = world.organisations[rival]
            yield f"who {rival} is", organisation.name
            yield f"who {rival} is", str(organisation.id)
        for whose, reference in world.references.items():
            if whose[0] != letter:
                yield f"the deposit of {whose}", reference
    for text in (*_NEVER, *world.secrets):
        yield "a credential", text


def secrets_in(text: str, world: World, reader: str | None) -> list[str]:
    """The names of what this reader finds in an answer and must not."""
    return sorted({name for name, needle in _needles(world, reader) if needle in text})
