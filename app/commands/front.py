"""What stands before the application while it is loaded: pages are answered at once, all else waits for it."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from starlette.routing import BaseRoute, Mount, Route, Router

from app.pages import ASSETS, Pages, is_page, security_headers

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import Message, Receive, Scope, Send

    from app.settings import Settings


class Front:
    """An ASGI application that is there before the market's own, and gives every request to it once it is open.

    Loading the application takes longer than a database needs to start. Meanwhile a browser already reads the pages.
    """

    def __init__(self, settings: Settings) -> None:
        """Needs a loop; nothing is loaded yet."""
        self._pages = Pages(settings.frontend_dir)
        self._router = Router(_routes(self._pages))
        self._headers = [
            (name.lower().encode(), value.encode()) for name, value in security_headers(settings).items()
        ]
        self._application: FastAPI | None = None
        self._is_open = asyncio.Event()
        self._lifespan = AsyncExitStack()

    async def open(self, application: FastAPI) -> None:
        """Starts the application and lets all in that waited for it."""
        await self._lifespan.enter_async_context(application.router.lifespan_context(application))
        self._application = application
        self._is_open.set()

    async def opened(self) -> FastAPI:
        """The application, as soon as it is open."""
        await self._is_open.wait()
        if self._application is None:
            message = "open without an application"
            raise RuntimeError(message)
        return self._application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request, or lives through the server's start and end."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        if self._is_shown(scope):
            await self._router(scope, receive, self._with_headers(send))
            return
        application = self._application or await self.opened()
        await application(scope, receive, send)

    def _is_shown(self, scope: Scope) -> bool:
        """Whether the pages alone can answer."""
        return (
            self._application is None
            and scope["type"] == "http"
            and scope["method"] in ("GET", "HEAD")
            and is_page(scope["path"])
            and self._pages.are_built
        )

    def _with_headers(self, send: Send) -> Send:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message.setdefault("headers", []).extend(self._headers)
            await send(message)

        return send_with_headers

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._lifespan.aclose()
        await send({"type": "lifespan.shutdown.complete"})


def _routes(pages: Pages) -> list[BaseRoute]:
    async def page(request: Request) -> Response:
        return pages.answer(request.path_params["path"])

    routes: list[BaseRoute] = [Route("/{path:path}", page)]
    return routes if pages.assets is None else [Mount(ASSETS, pages.assets), *routes]
