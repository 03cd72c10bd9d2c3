"""The web application: routes, problems, middleware, the desk, the hub and the built pages."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from app import __version__
from app.api import (
    auction_decisions,
    auction_socket,
    auctions,
    audit_records,
    bank_statements,
    calendar,
    card_payments,
    certificates,
    contracts,
    deals,
    defaults,
    demand_awards,
    demands,
    deposits,
    desks,
    distributions,
    finance,
    forfeitures,
    histories,
    intent_documents,
    intents,
    ledger,
    licence_sales,
    licences,
    listing_course,
    listings,
    mandates,
    market,
    negotiation_socket,
    negotiations,
    notices,
    notifications,
    open_licences,
    organisations,
    packages,
    paid_lines,
    panels,
    papers,
    patent_imports,
    patent_number_checks,
    patents,
    payables,
    payment_hooks,
    payment_orders,
    payment_plans,
    payout_accounts,
    people,
    protocol_checks,
    protocols,
    registrations,
    restrictions,
    rights,
    royalties,
    rulebook,
    sessions,
    settlements,
    signing_keys,
    statement_previews,
    successors,
    suspicions,
    tokens,
    trading_rules,
    workbooks,
)
from app.api.deps import language_of
from app.api.middleware import install_middleware
from app.api.problems import install_problems, plain_problem, problem_response
from app.api.protocol_checks import Checks
from app.api.rate import BidRate
from app.api.session_watch import SessionWatch
from app.api.sign_in_rate import SignInRate
from app.auction.desk import Desk
from app.auction.protocol.heads import Signer
from app.auction.protocol.publishing import publish_key
from app.live.hub import Hub
from app.live.relay import LocalRelay, RedisRelay
from app.pages import ASSETS, Pages, is_page

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from app.db import Database
    from app.settings import Settings

ROUTERS = (
    market,
    calendar,
    rulebook,
    trading_rules,
    organisations,
    people,
    sessions,
    tokens,
    notifications,
    patents,
    payables,
    payment_orders,
    payout_accounts,
    patent_imports,
    patent_number_checks,
    demands,
    packages,
    listings,
    listing_course,
    notices,
    intents,
    intent_documents,
    suspicions,
    restrictions,
    rights,
    deposits,
    desks,
    card_payments,
    payment_hooks,
    auctions,
    bank_statements,
    statement_previews,
    paid_lines,
    finance,
    auction_decisions,
    panels,
    deals,
    demand_awards,
    negotiations,
    licences,
    licence_sales,
    open_licences,
    contracts,
    registrations,
    certificates,
    papers,
    protocols,
    protocol_checks,
    signing_keys,
    mandates,
    settlements,
    royalties,
    forfeitures,
    payment_plans,
    defaults,
    successors,
    distributions,
    histories,
    ledger,
    audit_records,
    workbooks,
)


def create_app(settings: Settings, database: Database, signer: Signer | None = None) -> FastAPI:
    """Puts the application together over a database; the caller keeps and closes the database.

    Without a ``signer`` whose key is published it signs with a key of its own, which ends with it: for tests and for
    the API's description.
    """
    app = FastAPI(
        title=f"{settings.exchange_name_zh} {settings.exchange_name_en}",
        version=__version__,
        summary="技术交易市场接口：专利挂牌、网络竞价、成交、合同与登记",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
    )
    app.state.settings = settings
    app.state.db = database
    app.state.signer = signer or Signer(Ed25519PrivateKey.generate())
    app.state.publishes_key = signer is None
    app.state.hub = Hub(database)
    app.state.relay = (
        RedisRelay(settings.redis_url, app.state.hub.hint)
        if settings.redis_url
        else LocalRelay(app.state.hub.hint)
    )
    app.state.desk = Desk(
        database, app.state.relay.publish, app.state.signer, queue_limit=settings.desk_queue
    )
    app.state.bid_rate = BidRate(settings)
    app.state.session_watch = SessionWatch(database, settings)
    app.state.socket_bids = set()
    app.state.sign_in_rate = SignInRate(settings)
    app.state.protocol_checks = Checks()
    install_problems(app)
    install_middleware(app, settings)
    for module in ROUTERS:
        module.router.serve(app, "/api/v1")
    auction_socket.router.serve(app, "/api/v1")
    negotiation_socket.router.serve(app, "/api/v1")
    market.probes.serve(app)
    _serve_pages(app, settings)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    if isinstance(app.state.relay, RedisRelay):
        app.state.relay.listen()
    if app.state.publishes_key:
        await app.state.db.write(publish_key, app.state.signer)
    yield
    # Bids that were taken get their answers before the process ends.
    await app.state.desk.drain()
    await app.state.session_watch.close()
    await app.state.hub.close()
    await app.state.relay.close()
    await app.state.sign_in_rate.close()
    await app.state.bid_rate.close()


def _serve_pages(app: FastAPI, settings: Settings) -> None:
    """Serves the built pages, and says of the rest that it leads nowhere."""
    pages = Pages(settings.frontend_dir)
    if pages.assets is not None:
        app.mount(ASSETS, pages.assets, name="assets")

    async def page(request: Request) -> Response:
        if not is_page(request.url.path):
            return problem_response(
                request, plain_problem(404, language_of(request), instance=request.url.path)
            )
        return pages.answer(request.path_params["path"])

    app.router.add_route("/{path:path}", page, methods=["GET", "HEAD"], include_in_schema=False)
