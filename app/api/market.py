"""The market itself: its name, its mark, its clock; and whether this process is alive and ready."""

import hmac
from datetime import datetime
from ipaddress import ip_address
from typing import Any
from uuid import UUID

from fastapi import Request, Response
from prometheus_client import CONTENT_TYPE_LATEST
from sqlalchemy.sql import text

from app.api.deps import DbDep, SettingsDep, Wire, address_of
from app.api.routing import Router
from app.clock import market_now
from app.db import DATABASE_ERRORS, AnySession
from app.demo.accounts import DEMO_ACCOUNTS
from app.deployment import get_deployment
from app.errors import Missing
from app.metrics import show
from app.migrate import is_current

router = Router(tags=["market"])
probes = Router(tags=["probes"], include_in_schema=False)

# The whole body of the clock as migrations define it; readiness refuses a server whose clock was replaced.
_CLOCK_BODY = "SELECT clock_timestamp()"


class DemoAccountOut(Wire):
    """An account of the demonstration market; it exists only under the mark."""

    login: str
    password: str
    role_zh: str
    role_en: str
    organisation: str


class MarketOut(Wire):
    """What a page needs to know of the market before anything else."""

    name_zh: str
    name_en: str
    is_demonstration: bool
    deployment_id: UUID
    boards: list[str]
    server_time: datetime
    demo_accounts: list[DemoAccountOut]


async def _read_market(session: AnySession) -> dict[str, Any]:
    deployment = await get_deployment(session)
    return {"deployment": deployment, "now": await market_now(session)}


@router.get("/market", operation_id="get_market")
async def market(db: DbDep, settings: SettingsDep) -> MarketOut:
    """Tells the market's name, whether it is a demonstration, and the official time; open to everybody."""
    found = await db.read(_read_market)
    is_demonstration = found["deployment"].is_demonstration
    accounts = [DemoAccountOut(**vars(account)) for account in DEMO_ACCOUNTS] if is_demonstration else []
    return MarketOut(
        name_zh=settings.exchange_name_zh,
        name_en=settings.exchange_name_en,
        is_demonstration=is_demonstration,
        deployment_id=found["deployment"].id,
        boards=["standard", "demo"] if is_demonstration else ["standard"],
        server_time=found["now"],
        demo_accounts=accounts,
    )


@probes.get("/healthz")
async def alive() -> dict[str, str]:
    """Says that the process answers."""
    return {"status": "alive"}


async def _clock_body(session: AnySession) -> str:
    query = text("SELECT prosrc FROM pg_proc WHERE proname = 'market_now'")
    return str((await session.execute(query)).scalar_one()).strip()


@probes.get("/readyz")
async def ready(request: Request, response: Response, db: DbDep, settings: SettingsDep) -> dict[str, Any]:
    """Says whether the database answers, its schema is current, its clock is the real one, and the pages are built."""
    checks: dict[str, bool] = {"frontend": (settings.frontend_dir / "index.html").exists()}
    try:
        checks["clock"] = await db.read(_clock_body) == _CLOCK_BODY
        checks["database"] = True
        # The schema cannot become older while this process runs: one look is enough.
        if not getattr(request.app.state, "schema_is_current", False):
            request.app.state.schema_is_current = await is_current(db.url)
        checks["migrations"] = request.app.state.schema_is_current
    except DATABASE_ERRORS:
        checks["database"] = False
    is_ready = all(checks.values())
    response.status_code = 200 if is_ready else 503
    return {"status": "ready" if is_ready else "not ready", "checks": checks}


@probes.get("/metrics")
async def metrics(request: Request, settings: SettingsDep) -> Response:
    """Shows the figures to Prometheus: on this machine, or to whoever has the token for it."""
    token = settings.metrics_token
    if token is None:
        is_allowed = is_loopback(address_of(request))
    else:
        given = request.headers.get("authorization", "")
        is_allowed = hmac.compare_digest(given.encode(), f"Bearer {token.get_secret_value()}".encode())
    if not is_allowed:
        raise Missing
    return Response(show(), media_type=CONTENT_TYPE_LATEST)


def is_loopback(address: str) -> bool:
    """Whether an address is this machine's own."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
