"""Routes that are read from their functions once, when they are first asked for.

Reading a route, its parameters and its models takes FastAPI some milliseconds, and it reads a route of an included
router twice. A market has more than a hundred of them, and most starts never need most of them at once.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from pydantic.warnings import UnsupportedFieldAttributeWarning
from starlette.routing import compile_path

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator


class LateRoute(APIRoute):
    """A route that knows its address from the start, and all else when it is asked for."""

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        *,
        methods: Collection[str] | None = None,
        **options: Any,  # noqa: ANN401 - FastAPI's own
    ) -> None:
        """Keeps what was declared, and makes ready what finding the route by an address needs."""
        self.path = path
        self.endpoint = endpoint
        self.methods = set(methods or {"GET"})
        self.path_regex, self.path_format, self.param_convertors = compile_path(path)
        self.options = options
        self.is_read = False

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever FastAPI keeps in a route
        """Comes here only for what the route does not know yet."""
        if self.is_read:
            raise AttributeError(name, name=name, obj=self)
        self.read()
        return getattr(self, name)

    def read(self) -> None:
        """Reads the function, its parameters and its models; a second time it does nothing."""
        if self.is_read:
            return
        self.is_read = True
        super().__init__(self.path, self.endpoint, methods=self.methods, **self.options)
        with warnings.catch_warnings():
            # FastAPI silences it where it makes a field; pydantic puts the making off to the first use, which is here.
            warnings.simplefilter("ignore", UnsupportedFieldAttributeWarning)
            for field in (self.body_field, self.response_field):
                if field is not None:
                    field.validate(None)


class Router(APIRouter):
    """The routes of one file, declared there and read by the application that serves them."""

    def __init__(
        self, *, prefix: str = "", tags: Collection[str] = (), include_in_schema: bool = True
    ) -> None:
        """Makes its routes late ones."""
        super().__init__(
            prefix=prefix, tags=list(tags), include_in_schema=include_in_schema, route_class=LateRoute
        )

    def serve(self, app: FastAPI, prefix: str = "") -> None:
        """Puts the routes into an application itself: an included router would be searched, and read, apart."""
        for route in _late(self):
            declared = {**route.options, "methods": route.methods}
            del declared["dependency_overrides_provider"]
            app.router.add_api_route(
                prefix + route.path, route.endpoint, route_class_override=LateRoute, **declared
            )


def _late(routes: APIRouter) -> Iterator[LateRoute]:
    return (route for route in routes.routes if isinstance(route, LateRoute))


def unread_routes(app: FastAPI) -> Iterator[LateRoute]:
    """The routes that nobody has asked for yet."""
    return (route for route in _late(app.router) if not route.is_read)
