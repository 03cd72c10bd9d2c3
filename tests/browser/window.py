"""A browser window of one person: its own cookies, and an ear for everything that goes wrong in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from playwright.async_api import expect

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Response

Scheme = Literal["light", "dark"]
Lang = Literal["zh", "en"]
DESK, PHONE = (1440, 900), (390, 844)
_FAILED = 500
_CHOOSE_LANGUAGE = "if (location.host) localStorage.setItem('market.lang', '{}')"


class Window:
    """One page in a profile of its own. ``faults`` are told at the end of the test, except what was forgiven."""

    def __init__(self, name: str, context: BrowserContext, page: Page, base_url: str) -> None:
        """Listens from the first moment."""
        self.name, self.context, self.page, self.base_url = name, context, page, base_url
        self._faults: list[str] = []
        self._forgiven: list[str] = []
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self._fault(f"page error: {error}"))
        page.on("response", self._on_response)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._fault(f"console: {message.text} ({message.location.get('url', '')})")

    def _on_response(self, response: Response) -> None:
        if response.status >= _FAILED:
            self._fault(f"{response.status} from {response.url}")

    def _fault(self, what: str) -> None:
        self._faults.append(f"{self.name}, {self.page.url}: {what}")

    def forgive(self, pattern: str) -> None:
        """Expects an error that belongs to the test, as a refused connection while the line is cut."""
        self._forgiven.append(pattern)

    @property
    def faults(self) -> list[str]:
        """What went wrong and was not expected."""
        return [fault for fault in self._faults if not any(re.search(one, fault) for one in self._forgiven)]

    async def go(self, path: str) -> None:
        """Opens a page by its address and waits for its heading."""
        await self.page.goto(f"{self.base_url}{path}")
        await expect(self.page.get_by_role("heading", level=1).first).to_be_attached()

    async def arrive(self, pattern: str) -> None:
        """Waits until the address matches."""
        await expect(self.page).to_have_url(re.compile(pattern))

    async def sign_in(self, login: str, next_path: str = "") -> None:
        """Signs in with one press on a demonstration account, as a visitor does."""
        await self.go(f"/sign-in?next={next_path}" if next_path else "/sign-in")
        await self.page.locator(f"[data-account='{login}']").click()
        await self.arrive(rf"{re.escape(self.base_url)}/(?!sign-in)")

    def button(self, name: str) -> Locator:
        """A button by its words."""
        return self.page.get_by_role("button", name=name, exact=True)

    def link(self, name: str) -> Locator:
        """A link by its words."""
        return self.page.get_by_role("link", name=name, exact=True)

    async def press(self, name: str) -> None:
        """Presses a button by its words."""
        await self.button(name).click()

    async def press_twice(self, name: str, again: str) -> None:
        """Presses, reads the second question in the same place, and presses again."""
        await self.press(name)
        await self.press(again)

    async def fill(self, label: str, value: str) -> None:
        """Types into a field and leaves it, which is when pages check."""
        field = self.page.get_by_label(label, exact=True)
        await field.fill(value)
        await field.blur()

    async def sees(self, text: str | re.Pattern[str]) -> None:
        """Waits until somebody who looks at the page reads this."""
        await expect(self.page.get_by_text(text).locator("visible=true").first).to_be_visible()

    async def sees_in(self, region: str, text: str | re.Pattern[str]) -> None:
        """Waits until a named region says this."""
        await expect(self.page.get_by_label(region, exact=True)).to_contain_text(text)


class Windows:
    """All windows of one test."""

    def __init__(self, chromium: Browser, base_url: str) -> None:
        """Opens none yet."""
        self._chromium, self._base_url = chromium, base_url
        self._opened: list[Window] = []

    async def open(
        self,
        name: str,
        *,
        login: str | None = None,
        size: tuple[int, int] = DESK,
        lang: Lang = "zh",
        scheme: Scheme = "light",
        base_url: str | None = None,
    ) -> Window:
        """Opens a window in a new profile; signs somebody in when asked."""
        context = await self._chromium.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme=scheme,
            locale="zh-CN" if lang == "zh" else "en-GB",
            timezone_id="Asia/Shanghai",
            has_touch=size == PHONE,
            is_mobile=size == PHONE,
        )
        await context.add_init_script(_CHOOSE_LANGUAGE.format(lang))
        window = Window(name, context, await context.new_page(), base_url or self._base_url)
        self._opened.append(window)
        if login is not None:
            await window.sign_in(login)
        return window

    async def picture(self, folder: Path, name: str) -> None:
        """Takes a picture of every window."""
        for window in self._opened:
            await window.page.screenshot(path=folder / f"{name}-{window.name}.png")

    async def close(self) -> list[str]:
        """Closes all; gives what went wrong in any of them."""
        faults = [fault for window in self._opened for fault in window.faults]
        for window in self._opened:
            await window.context.close()
        return faults
