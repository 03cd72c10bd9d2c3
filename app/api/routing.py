"""Routes that are read from their functions once, when they are first asked for.

Reading a route, its parameters and its models takes FastAPI some milliseconds, and it reads a route of an included
router twice. A market has more than a hundred of them, and most starts never need most of them at once.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute, APIWebSocketRoute
from pydantic.warnings import UnsupportedFieldAttributeWarning
from starlette.routing import Match, compile_path

from app.api.idempotency import answering_once

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from fastapi.params import Depends
    from starlette.types import Scope

    from app.api.idempotency import Handler

_READING = {"GET", "HEAD"}


class Late:
    """A route that knows its address from the start, and all else when it is asked for."""

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        **options: Any,  # noqa: ANN401 - FastAPI's own
    ) -> None:
        """Keeps what was declared, and makes ready what finding the route by an address needs."""
        self.path = path
        self.endpoint = endpoint
        self.path_regex, self.path_format, self.param_convertors = compile_path(path)
        self.literal = path.partition("{")[0]
        self.options = options
        self.is_read = False

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever FastAPI keeps in a route
        """Comes here only for what the route does not know yet."""
        if self.is_read:
            raise AttributeError(name, name=name, obj=self)
        self.read()
        return getattr(self, name)

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Looks closer only where the address begins as this one does: a hundred others are passed by at once."""
        if not scope["path"].startswith(self.literal) and not scope.get("root_path"):
            return Match.NONE, {}
        # The other base is FastAPI's route.
        found: tuple[Match, Scope] = super().matches(scope)  # type: ignore[misc]
        return found

    def read(self) -> None:
        """Reads the function, its parameters and its models."""
        self.is_read = True
        # The other base is FastAPI's route.
        super().__init__(self.path, self.endpoint, **self.options)  # type: ignore[call-arg]


class LateRoute(Late, APIRoute):
    """A late route of requests."""

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        methods: Collection[str] | None = None,
        **options: Any,  # noqa: ANN401 - FastAPI's own
    ) -> None:
        """Knows its methods too: they are looked at to find it."""
        self.methods = set(methods or {"GET"})
        super().__init__(path, endpoint, methods=self.methods, **options)

    def get_route_handler(self) -> Handler:
        """FastAPI's own, whose answers to what changes something are kept with their keys."""
        handler = super().get_route_handler()
        return handler if set(self.methods or ()) <= _READING else answering_once(handler)

    def read(self) -> None:
        """Reads all, so that the first request finds its models made."""
        super().read()
        with warnings.catch_warnings():
            # FastAPI silences it where it makes a field; pydantic puts the making off to the first use, which is here.
            warnings.simplefilter("ignore", UnsupportedFieldAttributeWarning)
            for field in (self.body_field, self.response_field):
                if field is not None:
                    field.validate(None)


class LateSocketRoute(Late, APIWebSocketRoute):
    """A late route of sockets."""


class Router(APIRouter):
    """The routes of one file, declared there and read by the application that serves them."""

    def __init__(
        self, *, prefix: str = "", tags: Collection[str] = (), include_in_schema: bool = True
    ) -> None:
        """Makes its routes late ones."""
        super().__init__(
            prefix=prefix, tags=list(tags), include_in_schema=include_in_schema, route_class=LateRoute
        )

    def add_api_websocket_route(
        self,
        path: str,
        endpoint: Callable[..., Any],
        name: str | None = None,
        *,
        dependencies: Sequence[Depends] | None = None,
    ) -> None:
        """Declares a route of sockets."""
        route = LateSocketRoute(self.prefix + path, endpoint, name=name, dependencies=dependencies)
        self.routes.append(route)

    def serve(self, app: FastAPI, prefix: str = "") -> None:
        """Puts the routes into an application itself: an included router would be searched, and read, apart."""
        for route in self.routes:
            if isinstance(route, LateRoute | LateSocketRoute):
                options = {**route.options, "dependency_overrides_provider": app}
                app.router.routes.append(type(route)(prefix + route.path, route.endpoint, **options))


def unread_routes(app: FastAPI) -> Iterator[Late]:
    """The routes that nobody has asked for yet."""
    return (route for route in app.routes if isinstance(route, Late) and not route.is_read)
