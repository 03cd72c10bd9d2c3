"""Somebody who acts in the journey: a guest, a signed-in person or a program with a token; and what he expects."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from httpx2 import AsyncClient

from app.ids import uuid7
from app.smoke.steps import StepFailedError, expect

if TYPE_CHECKING:
    from httpx2 import Response

OK, CREATED, ACCEPTED, NO_CONTENT = 200, 201, 202, 204
_SECONDS = 20
SCOPES = ["read", "sell", "buy", "sign", "desk"]


class Actor:
    """A client of its own, with its cookies, and with a token once it has made one."""

    def __init__(self, base_url: str, name: str = "guest") -> None:
        """Starts as a guest who reads Chinese."""
        self.base_url, self.name = base_url, name
        self.http = AsyncClient(base_url=f"{base_url}/api/v1", timeout=_SECONDS, trust_env=False)
        self.http.headers["Accept-Language"] = "zh-CN"
        self.organisation_id, self.organisation_name = "", ""
        self.token: str | None = None
        self.requests, self.seconds = 0, 0.0

    async def send(self, method: str, path: str, **request: Any) -> Response:  # noqa: ANN401 - httpx2's own
        """Sends one request, what makes something under a key of its own, and takes the time of it."""
        if method == "POST":
            request["headers"] = {"Idempotency-Key": str(uuid7()), **request.get("headers", {})}
        began = time.perf_counter()
        response = await self.http.request(method, path, **request)
        self.requests += 1
        self.seconds += time.perf_counter() - began
        return response

    async def get(self, path: str, **query: str | int | bool) -> Any:  # noqa: ANN401 - JSON
        """Reads; anything but 200 fails the step."""
        return _json(await self.send("GET", path, params=query), OK)

    async def post(self, path: str, body: dict[str, Any] | None = None, status: int = CREATED) -> Any:  # noqa: ANN401
        """Makes something; anything but ``status`` fails the step."""
        return _json(await self.send("POST", path, json=body), status)

    async def patch(self, path: str, body: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        """Changes something; anything but 200 fails the step."""
        return _json(await self.send("PATCH", path, json=body), OK)

    async def refused(
        self,
        method: str,
        path: str,
        status: int,
        *codes: str,
        body: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Expects a refusal with this status and one of these codes, as a problem document that explains itself."""
        response = await self.send(method, path, json=body)
        problem = _problem(response)
        wanted = f"{method} {path}: {status} {' / '.join(codes)}"
        expect(response.status_code == status, wanted, f"{response.status_code} {problem}")
        expect(not codes or problem.get("code") in codes, wanted, f"{response.status_code} {problem}")
        expect(bool(problem.get("detail")), f"{wanted} with a detail", problem)
        return problem

    async def sign_in(self, login: str, password: str) -> dict[str, Any]:
        """Begins a session; from now on unsafe requests carry its CSRF token."""
        session: dict[str, Any] = await self.post("sessions", {"login": login, "password": password})
        self.http.headers["X-CSRF-Token"] = session["csrf_token"]
        self.organisation_id = session["organisation"]["id"]
        self.organisation_name = session["organisation"]["name"]
        return session

    async def use_token(self, scopes: list[str] | None = None) -> str:
        """Makes a personal token, signs out, and goes on with the token."""
        made = await self.post("tokens", {"name": "smoke", "scopes": scopes or SCOPES})
        response = await self.send("DELETE", "sessions/current")
        expect(response.status_code == NO_CONTENT, f"sign out: {NO_CONTENT}", response.status_code)
        self.http.cookies.clear()
        self.http.headers.pop("X-CSRF-Token", None)
        self.token = str(made["token"])
        self.http.headers["Authorization"] = f"Bearer {self.token}"
        return self.token

    async def close(self) -> None:
        """Closes the connections."""
        await self.http.aclose()


def _problem(response: Response) -> dict[str, Any]:
    try:
        problem = response.json()
    except ValueError:
        return {"detail": response.text[:200]}
    return problem if isinstance(problem, dict) else {"detail": str(problem)}


def _json(response: Response, status: int) -> Any:  # noqa: ANN401 - JSON
    if response.status_code != status:
        wanted = f"{response.request.method} {response.request.url.path}: {status}"
        raise StepFailedError(wanted, f"{response.status_code} {response.text[:400]}")
    return response.json()
