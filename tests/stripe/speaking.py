"""The stand-in over HTTP: an ASGI application with forms, idempotency keys, lists, errors and signed webhooks."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Awaitable, Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from tests.stripe.objects import Json, listing
from tests.stripe.refusing import Refused
from tests.stripe.stand_in import StandIn

SECRET_KEY = "sk_test_standin"
WEBHOOK_SECRET = "whsec_standin"
_LONGEST_PAGE = 100


@dataclass
class Exchange:
    """One request with its answer."""

    method: str
    path: str
    asked: Json
    key: str | None
    status: int = 0
    answer: Json = field(default_factory=dict)
    version: str | None = None


class ConnectionLost(Exception):
    """The answer never arrives."""


class Speaking:
    """The ASGI application. ``trouble`` is asked before each answer and may raise ConnectionLost."""

    def __init__(self, state: StandIn | None = None) -> None:
        """Serves one account's state."""
        self.state = state or StandIn()
        self.exchanges: list[Exchange] = []
        self.in_flight: set[str] = set()
        self.kept: dict[str, tuple[str, int, Json]] = {}
        self.before: Callable[[Exchange], Awaitable[None]] | None = None
        self.after: Callable[[Exchange], Awaitable[None]] | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answers one request."""
        if scope["type"] != "http":
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        form = body if scope["method"] == "POST" else scope["query_string"]
        asked = unfold(parse_qsl(form.decode(), keep_blank_values=True))
        exchange = Exchange(scope["method"], scope["path"], asked, headers.get("idempotency-key"))
        exchange.version = headers.get("stripe-version")
        self.exchanges.append(exchange)
        if self.before is not None:
            await self.before(exchange)
        replayed = await self._answer(exchange, headers)
        if self.after is not None:
            await self.after(exchange)
        told = [(b"content-type", b"application/json"), (b"request-id", b"req_standin")]
        told += [(b"idempotent-replayed", b"true")] if replayed else []
        await send({"type": "http.response.start", "status": exchange.status, "headers": told})
        await send({"type": "http.response.body", "body": json.dumps(exchange.answer).encode()})

    async def _answer(self, exchange: Exchange, headers: dict[str, str]) -> bool:
        """Answers under the key's rules; True when the answer was kept from an earlier request."""
        key = exchange.key if exchange.method == "POST" else None
        try:
            if headers.get("authorization") != f"Bearer {SECRET_KEY}":
                raise Refused("Invalid API Key provided.", status=401)
            if key is None:
                exchange.status, exchange.answer = self._carry_out(exchange)
                return False
            print_ = hashlib.sha256(json.dumps([exchange.path, exchange.asked]).encode()).hexdigest()
            if key in self.in_flight:
                text = f"There is currently another in-progress request using this Idempotency Key ({key})."
                raise Refused(text, "idempotency_key_in_use", "idempotency_error", 409)
            if key in self.kept:
                first, exchange.status, answer = self.kept[key]
                if first != print_:
                    text = "Keys for idempotent requests can only be used with the same parameters."
                    raise Refused(text, None, "idempotency_error")
                exchange.answer = deepcopy(answer)
                return True
            exchange.status, exchange.answer = self._carry_out(exchange)
            self.kept[key] = (print_, exchange.status, deepcopy(exchange.answer))
        except Refused as error:
            exchange.status, exchange.answer = error.status, error.body()
        return False

    def _carry_out(self, exchange: Exchange) -> tuple[int, Json]:
        """What the route does: its answer, an error of the money's own included, is kept under the key."""
        self.state.key = exchange.key
        self.state.let_time_pass()
        try:
            for method, pattern, act in ROUTES:
                match = re.fullmatch(pattern, exchange.path)
                if match and method == exchange.method:
                    found = deepcopy(act(self.state, *match.groups(), exchange.asked))
                    return 200, self._expand(found, exchange.asked.get("expand") or [])
        except Refused as error:
            return error.status, error.body()
        raise Refused(f"Unrecognized request URL ({exchange.method}: {exchange.path}).", status=404)

    def _expand(self, item: Json, names: Iterable[str]) -> Json:
        for name in names:
            if name.startswith("data."):
                item["data"] = [self._expand(each, [name.removeprefix("data.")]) for each in item["data"]]
            elif name == "latest_charge" and item.get(name):
                item[name] = deepcopy(self.state.charges[item[name]])
        return item

    def webhook(
        self, event: Json, *, at: int | None = None, secret: str = WEBHOOK_SECRET
    ) -> tuple[bytes, str]:
        """An event's body and its Stripe-Signature header."""
        body = json.dumps(event).encode()
        stamp = int(self.state.now()) if at is None else at
        mark = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        return body, f"t={stamp},v1={mark}"


def unfold(pairs: Iterable[tuple[str, str]]) -> Json:
    """Reads a form's brackets: a[b]=1 and a[0]=1."""
    root: Json = {}
    for name, value in pairs:
        steps = re.findall(r"[^\[\]]+", name)
        at = root
        for step in steps[:-1]:
            at = at.setdefault(step, {})
        at[steps[-1]] = value
    return {name: _lists(value) for name, value in root.items()}


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _lists(each) for name, each in value.items()}
    return list(inner.values()) if inner and all(name.isdigit() for name in inner) else inner


def _page(shelf: dict[str, Json], asked: Json, url: str, **match: str) -> Json:
    """A list, the newest first, from after an id on."""
    since = int(asked.get("created", {}).get("gte", 0))
    rows = [row for row in reversed(shelf.values()) if row["created"] >= since]
    rows = [row for row in rows if all(row[name] == value for name, value in match.items())]
    if "starting_after" in asked:
        rows = rows[[row["id"] for row in rows].index(asked["starting_after"]) + 1 :]
    limit = min(int(asked.get("limit", 10)), _LONGEST_PAGE)
    return listing(rows[:limit], url, has_more=len(rows) > limit)


def _only(asked: Json, *names: str) -> dict[str, str]:
    return {name: asked[name] for name in names if name in asked}


_ID = r"([A-Za-z0-9_]+)"
ROUTES: tuple[tuple[str, str, Callable[..., Json]], ...] = (
    ("POST", "/v1/payment_intents", lambda s, a: s.create_intent(a)),
    ("GET", "/v1/payment_intents", lambda s, a: _page(s.intents, a, "/v1/payment_intents")),
    ("GET", f"/v1/payment_intents/{_ID}", lambda s, i, _: s.find(s.intents, i, "payment_intent")),
    ("POST", f"/v1/payment_intents/{_ID}/confirm", lambda s, i, a: s.confirm(i, a)),
    ("POST", f"/v1/payment_intents/{_ID}/capture", lambda s, i, a: s.capture(i, a)),
    ("POST", f"/v1/payment_intents/{_ID}/cancel", lambda s, i, a: s.cancel(i, a)),
    ("POST", "/v1/refunds", lambda s, a: s.refund(a)),
    ("GET", "/v1/refunds", lambda s, a: _page(s.refunds, a, "/v1/refunds", **_only(a, "payment_intent"))),
    ("GET", f"/v1/refunds/{_ID}", lambda s, i, _: s.find(s.refunds, i, "refund")),
    ("POST", "/v1/transfers", lambda s, a: s.move(a)),
    (
        "GET",
        "/v1/transfers",
        lambda s, a: _page(s.transfers, a, "/v1/transfers", **_only(a, "transfer_group")),
    ),
    ("GET", f"/v1/transfers/{_ID}", lambda s, i, _: s.find(s.transfers, i, "transfer")),
    ("POST", f"/v1/transfers/{_ID}/reversals", lambda s, i, a: s.reverse(i, a)),
    (
        "GET",
        f"/v1/transfers/{_ID}/reversals",
        lambda s, i, a: _page(s.reversals, a, f"/v1/transfers/{i}/reversals", transfer=i),
    ),
    ("POST", "/v1/accounts", lambda s, a: s.open_account(a)),
    ("GET", "/v1/accounts", lambda s, a: _page(s.accounts, a, "/v1/accounts")),
    ("GET", f"/v1/accounts/{_ID}", lambda s, i, _: s.find(s.accounts, i, "account")),
    ("POST", "/v1/account_links", lambda s, a: s.link(a)),
    ("GET", f"/v1/charges/{_ID}", lambda s, i, _: s.find(s.charges, i, "charge")),
    ("GET", "/v1/events", lambda s, a: _page(s.events, a, "/v1/events")),
    ("GET", f"/v1/events/{_ID}", lambda s, i, _: s.find(s.events, i, "event")),
)
