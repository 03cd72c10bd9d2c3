"""Steps that only read: what a market answers to everybody, and the record of a sale that has ended."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from app.smoke.actor import OK
from app.smoke.chain import check_chain
from app.smoke.steps import Step, expect, expect_equal

if TYPE_CHECKING:
    from app.smoke.journey import Journey

_PAGE = 1000


async def meet(journey: Journey) -> None:
    """The market says its name, its time and whether it is a demonstration."""
    journey.market = await journey.guest.get("market")
    journey.now_at_start = datetime.fromisoformat(journey.market["server_time"])
    expect(bool(journey.market["name_zh"]), "a name", journey.market)


async def probe(journey: Journey) -> None:
    """The server is alive, its database answers, and its API is described."""
    alive = await journey.guest.send("GET", f"{journey.base_url}/healthz")
    expect_equal(alive.status_code, OK, "GET /healthz")
    ready = (await journey.guest.send("GET", f"{journey.base_url}/readyz")).json()["checks"]
    # The pages may be missing where only the API is deployed; the others may not.
    failed = [name for name, holds in ready.items() if not holds and name != "frontend"]
    expect(not failed, "database, migrations and clock ready", failed)
    described = await journey.guest.get("openapi.json")
    expect(described["openapi"].startswith("3.1"), "OpenAPI 3.1", described["openapi"])


async def look(journey: Journey) -> None:
    """Public lists are open, private ones ask for a sign-in, unknown things are not found."""
    for path in ("listings", "auctions", "patents"):
        expect("items" in await journey.guest.get(path), f"a page of {path}", path)
    for path in ("deals", "deposits", "intents", "contracts", "audit-records", "ledger/transfers"):
        await journey.guest.refused("GET", path, 401)
    await journey.guest.refused("GET", "certificates/ZZZZ-ZZZZ-ZZZZ-ZZZZ", 404, "certificate-not-found")
    await journey.guest.refused("GET", "no-such-thing", 404)


async def verify(journey: Journey) -> None:
    """The record of the last sale that has ended, if there is one, is computed anew."""
    ended = (await journey.guest.get("auctions", status="ended", limit=1))["items"]
    for sale in ended:
        path = f"auctions/{sale['id']}/events"
        events: list[dict[str, Any]] = []
        while page := (await journey.guest.get(path, after=len(events), limit=_PAGE))["events"]:
            events += page
        check_chain(sale["id"], events)


MEETING = (Step("市场名称、时间与标记", "the market's name, time and mark", meet),)
STEPS = (
    Step("存活与就绪，接口描述", "alive and ready, the API described", probe),
    Step("公开页面可读，私有内容需登录", "public pages open, private ones ask for a sign-in", look),
    Step("复算最近一场竞价的记录", "the record of the last ended sale is computed anew", verify),
)
