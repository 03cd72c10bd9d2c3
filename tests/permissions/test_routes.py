"""Every route with every kind of caller gives what the table says, and no answer tells what its reader may not know."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount, WebSocketRoute

from tests.permissions.asks import ASKS
from tests.permissions.calls import call, name_of
from tests.permissions.expected import read_table, route_of
from tests.permissions.hidden import secrets_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI

    from tests.permissions.undone import UndoneDatabase
    from tests.permissions.world import World

EXPECTED = read_table()


def routes_of(app: FastAPI) -> Iterator[str]:
    """Every route of the application by method and path; HEAD is GET without its body."""
    for route in iter_route_contexts(app.routes):
        kind = route.original_route
        if isinstance(kind, Mount):
            yield f"MOUNT {kind.path}"
        elif isinstance(kind, WebSocketRoute):
            yield f"WEBSOCKET {route.path}"
        else:
            for method in sorted(set(route.methods or ()) - {"HEAD"}):
                yield f"{method} {route.path}"


def test_every_route_has_a_row_and_every_row_a_route(app: FastAPI) -> None:
    routes = list(routes_of(app))
    assert len(routes) == len(set(routes))
    assert {route_of(row) for row in EXPECTED} == set(routes)


def test_every_row_has_its_request_and_all_its_callers() -> None:
    assert set(ASKS) == set(EXPECTED)
    for row, cells in EXPECTED.items():
        assert ("fit" in cells) == (ASKS[row].scope is not None), row


@pytest.mark.parametrize("row", EXPECTED)
async def test_the_route_gives_each_caller_what_the_table_says(
    row: str, app: FastAPI, world: World, world_database: UndoneDatabase
) -> None:
    given: dict[str, int] = {}
    told: dict[str, list[str]] = {}
    for caller in EXPECTED[row]:
        async with world_database.undoing():
            reply = await call(app, world, row, ASKS[row], caller)
        given[caller] = reply.status
        if found := secrets_in(reply.text, world, name_of(ASKS[row], caller)):
            told[caller] = found
    assert given == EXPECTED[row]
    assert told == {}
