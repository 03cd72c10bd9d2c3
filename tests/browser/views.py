"""The main pages, and what a person's eyes would check on each: width, heading, words, contrast."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from playwright.async_api import Error

from tests.browser.live_sale import BUYER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.async_api import Response

    from tests.browser.window import Window

_SELLER = "demo-seller"


@dataclass(frozen=True)
class View:
    """A page, who opens it, and the control that decides something on it; words in Chinese and English."""

    name: str
    path: str
    login: str | None = None
    decisive: tuple[str, str] | None = None
    is_in_first_screen: bool = True


VIEWS = (
    View("home", "/", decisive=("搜索", "Search")),
    View("hall", "/auctions"),
    View("listing", "/listings/{listing}", decisive=("登录后登记受让意向", "Sign in to declare an intent")),
    View("room", "/auctions/{auction}", BUYER, ("data-rung=1", "data-rung=1")),
    View("sign-in", "/sign-in", decisive=("登录", "Sign in")),
    View("listing-form", "/seller/listings/new", _SELLER, ("去填第一项", "Go to the first")),
    View("deposits", "/my/deposits", BUYER),
    View(
        "contract",
        "/contracts/{contract}",
        BUYER,
        ("签署合同", "Sign the contract"),
        is_in_first_screen=False,  # who signs has read to the end
    ),
)

# An element with little text of its own, its colour and the first background behind it that is not transparent.
CONTRAST = """element => {
  const parse = text => (text.match(/[\\d.]+/g) ?? []).map(Number)
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0)
  let behind = element, ground = [0, 0, 0, 0]
  while (behind) {
    const colour = parse(getComputedStyle(behind).backgroundColor)
    if (colour.length === 3 || colour[3] === 1) { ground = colour; break }
    behind = behind.parentElement
  }
  const [a, b] = [light(parse(getComputedStyle(element).color)), light(ground)]
  return (Math.max(a, b) + .05) / (Math.min(a, b) + .05)
}"""

# Every text that a reader or a screen reader meets, except what is marked as being in Chinese.
_TEXTS = """() => {
  const found = []
  const isChinese = node => node.closest('[lang]')?.lang.startsWith('zh')
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const parent = node.parentElement
    if (node.data.trim() && parent.checkVisibility() && !isChinese(parent)) found.push(node.data)
  }
  for (const element of document.body.querySelectorAll('[aria-label], [placeholder], [title], [alt]')) {
    if (!isChinese(element)) found.push(...['aria-label', 'placeholder', 'title', 'alt'].map(name => element.getAttribute(name) ?? ''))
  }
  return found
}"""
_HAN = re.compile(r"[\u4e00-\u9fff]")
_KEY = re.compile(
    r"\b(?:common|public|room|seller|buyer|trade|desk|format|hall|method|panels|proof)\.[a-z]+(?:_[a-z]+)*\b"
)
_BRACES = re.compile(r"\{[a-z_]+\}")


class Data:
    """Collects the texts that the server sent as data, which stand on a page in whatever language they have."""

    def __init__(self, window: Window) -> None:
        """Listens to every answer of the API and every frame of a sale's socket."""
        self.texts: set[str] = set()
        self._answers: list[Response] = []
        window.page.on("response", self._hear)
        window.page.on("websocket", lambda socket: socket.on("framereceived", self._hear_frame))

    def _hear(self, answer: Response) -> None:
        self._answers.append(answer)

    def _hear_frame(self, frame: str | bytes) -> None:
        self.texts.update(_strings(json.loads(frame)))

    async def read(self) -> set[str]:
        """The texts so far; what the server itself translates (``*_zh``) is no data."""
        for answer in self._answers:
            if "/api/v1/" in answer.url and "json" in (answer.headers.get("content-type") or ""):
                with suppress(Error):  # of a page that was left meanwhile
                    self.texts.update(_strings(await answer.json()))
        self._answers.clear()
        return self.texts


def _strings(value: Any, name: str = "") -> Iterator[str]:
    if isinstance(value, str):
        if _HAN.search(value) and not name.endswith("zh"):
            yield value
            yield from value.split()
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item, name)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key not in {"zh", "detail"}:
                yield from _strings(item, key)


async def texts_of(window: Window) -> list[str]:
    """All texts of a page outside what is marked as Chinese."""
    found: list[str] = await window.page.evaluate(_TEXTS)
    return found


def untranslated(texts: list[str]) -> list[str]:
    """Keys and placeholders that were shown instead of words."""
    return [text for text in texts if _KEY.search(text) or _BRACES.search(text)]


def chinese_words(texts: list[str], data: set[str]) -> list[str]:
    """What is Chinese on an English page and is no data."""
    ordered = sorted(data, key=len, reverse=True)
    left: list[str] = []
    for text in texts:
        rest = text
        for known in ordered:
            rest = rest.replace(known, "")
        # A name may be set in parts, so that it breaks well.
        if _HAN.search(rest) and not any(text.strip() in known for known in ordered):
            left.append(rest.strip())
    return left
