"""The public API as a program uses it: personal tokens, JSON, and refusals as problems (RFC 9457)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from httpx2 import AsyncClient

from app.demo.accounts import PASSWORD
from app.ids import uuid7

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from httpx2 import AsyncBaseTransport

_UNAUTHENTICATED, _FIRST_REFUSAL = 401, 400
_SCOPES = ["read", "sell", "buy", "desk"]
_TOKEN_HOLDS = timedelta(days=2)


class RefusedError(Exception):
    """The API refused a request; ``code`` is the problem's own word for it."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        """Keeps the problem as it came."""
        self.status = status
        self.code = str(problem.get("code") or problem.get("type") or status)
        super().__init__(f"{status} {self.code}: {problem.get('detail', '')}")


class PublicApi:
    """A client that acts for demonstration accounts, each by a token that it makes when it is first needed."""

    def __init__(self, base_url: str, transport: AsyncBaseTransport | None = None) -> None:
        """Connects to nothing yet; by another ``transport`` than the network if one is given."""
        self._transport = transport
        # The market answers on this machine: a proxy of the environment has no part in it.
        self._http = AsyncClient(
            base_url=f"{base_url.rstrip('/')}/api/v1", timeout=15, trust_env=False, transport=transport
        )
        self._tokens: dict[str, str] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def get(self, path: str, login: str | None = None, **query: str | int | bool) -> Any:  # noqa: ANN401 - JSON
        """Reads as a guest or for an account. Raises RefusedError and httpx2's errors."""
        headers = await self._headers(login)
        return await self._answer(login, await self._http.get(path, params=query, headers=headers))

    async def post(self, path: str, login: str, body: dict[str, Any] | None = None) -> Any:  # noqa: ANN401 - JSON
        """Does something for an account. Raises RefusedError and httpx2's errors."""
        headers = {**await self._headers(login), "Idempotency-Key": str(uuid7())}
        return await self._answer(login, await self._http.post(path, json=body, headers=headers))

    async def patch(self, path: str, login: str, body: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        """Changes something for an account. Raises RefusedError and httpx2's errors."""
        headers = await self._headers(login)
        return await self._answer(login, await self._http.patch(path, json=body, headers=headers))

    async def put(self, path: str, login: str, body: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
        """Puts something in the place of what was there, for an account. Raises RefusedError and httpx2's errors."""
        headers = await self._headers(login)
        return await self._answer(login, await self._http.put(path, json=body, headers=headers))

    async def _headers(self, login: str | None) -> dict[str, str]:
        if login is None:
            return {}
        if login not in self._tokens:
            self._tokens[login] = await self._make_token(login)
        return {"Authorization": f"Bearer {self._tokens[login]}"}

    async def _make_token(self, login: str) -> str:
        """Signs in as a person would, makes a token of two days, and signs out again."""
        async with AsyncClient(
            base_url=str(self._http.base_url), timeout=15, trust_env=False, transport=self._transport
        ) as person:
            credentials = {"login": login, "password": PASSWORD}
            session = await self._answer(None, await person.post("sessions", json=credentials))
            headers = {"X-CSRF-Token": session["csrf_token"]}
            wanted = {
                "name": "演示模拟程序",
                "scopes": _SCOPES,
                "expires_at": (datetime.now(UTC) + _TOKEN_HOLDS).isoformat(),
            }
            made = await self._answer(None, await person.post("tokens", json=wanted, headers=headers))
            await person.delete("sessions/current", headers=headers)
            return str(made["token"])

    async def _answer(self, login: str | None, response: Any) -> Any:  # noqa: ANN401 - JSON
        if response.status_code < _FIRST_REFUSAL:
            return response.json()
        if response.status_code == _UNAUTHENTICATED and login is not None:
            # Expired or revoked: the next request makes another.
            self._tokens.pop(login, None)
        try:
            problem = response.json()
        except ValueError:
            problem = {"detail": response.text[:200]}
        raise RefusedError(response.status_code, problem)
