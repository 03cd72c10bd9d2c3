"""A window's socket whose messages to the market can be held back for a moment, as a slow line does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.async_api import WebSocketRoute

    from tests.browser.window import Window

_SOCKET = re.compile("/socket")


class HeldLine:
    """What comes from the market passes at once; what goes to it waits while it is held."""

    def __init__(self) -> None:
        """Holds nothing yet."""
        self._held: list[str | bytes] = []
        self._server: WebSocketRoute | None = None
        self._is_holding = False

    async def put(self, window: Window) -> None:
        """Puts itself between this window and the market, from its next connection on."""
        await window.page.route_web_socket(_SOCKET, self._connect)

    def _connect(self, page: WebSocketRoute) -> None:
        server = page.connect_to_server()
        self._server = server
        page.on_message(self._pass)
        server.on_message(page.send)

    def _pass(self, message: str | bytes) -> None:
        if self._is_holding or self._server is None:
            self._held.append(message)
        else:
            self._server.send(message)

    def hold(self) -> None:
        """From now on messages to the market wait."""
        self._is_holding = True

    def release(self) -> None:
        """Sends what waited, in order."""
        self._is_holding = False
        for message in self._held:
            self._pass(message)
        self._held.clear()
