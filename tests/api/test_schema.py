"""The whole API against its own description: whatever is sent, no answer is a 5xx or breaks what is described.

Schemathesis makes requests that fit the description and requests that do not; each goes out as a guest, as a party
with all roles and as all desks in one, once with invented ids and once with ids of things that exist.
"""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any, cast

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.python import asgi
from schemathesis.specs.openapi import checks

from app.api.wire import Wire
from app.db import Database
from app.main import create_app
from tests.database import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemathesis import BaseSchema, Case

    from tests.api.conftest import OpenMarket

DESCRIBED = json.loads((ROOT / "frontend" / "openapi.json").read_text("utf-8"))["paths"]
OPERATIONS = [f"{method.upper()} {path}" for path, item in DESCRIBED.items() for method in item]
EXAMPLES = 5
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
# The thing of the world that stands for each id in a path or body.
KNOWN = {
    "organisation_id": "S",
    "person_id": "person",
    "token_id": "token",
    "patent_id": "patent",
    "import_id": "import",
    "number": "number",
    "listing_id": "draft",
    "intent_id": "intent",
    "deposit_id": "deposit_due",
    "auction_id": "auction",
    "bid_id": "bid",
    "deal_id": "deal",
    "contract_id": "contract",
    "registration_id": "registration",
    "verification_code": "code",
    "notice_id": "notice",
    "objection_id": "objection",
    "proposal_id": "rule_proposal",
}


def _wires(kind: type[Wire] = Wire) -> Iterator[type[Wire]]:
    for child in kind.__subclasses__():
        # A page of something is made anew by each route that has one.
        if "[" not in child.__name__:
            yield child
        yield from _wires(child)


def test_no_two_wire_models_share_a_name() -> None:
    """Of two that did, the description would call each by its module, and the pages' client with it."""
    places: dict[str, set[str]] = {}
    for kind in _wires():
        if kind.__module__.startswith("app.") and not kind.__name__.startswith("_"):
            places.setdefault(kind.__name__, set()).add(kind.__module__)
    assert len(places) > 100
    assert {name: found for name, found in places.items() if len(found) > 1} == {}
    described = json.loads((ROOT / "frontend" / "openapi.json").read_text("utf-8"))
    assert [name for name in described["components"]["schemas"] if "__" in name] == []


class Market:
    """The application in process, its description, and who calls it."""

    def __init__(self, market: OpenMarket) -> None:
        """Reads the description without the answer for 'any other problem', which would allow every status."""
        assert market.settings.database_url
        app = create_app(market.settings, Database(market.settings.database_url))
        described = copy.deepcopy(app.openapi())
        for item in described["paths"].values():
            for operation in item.values():
                operation["responses"].pop("default", None)
        self.schema: BaseSchema = schemathesis.openapi.from_dict(described)
        self.schema.app = app
        self.app = app
        self.market = market

    def send(self, case: Case[Any], client: asgi.ASGIClient, *, is_known: bool) -> None:
        """Sends one request as everybody and compares the answers with the description."""
        if is_known:
            self._name_things(case.path_parameters)
            self._name_things(case.body)
        for headers in self.market.callers.values():
            case.headers.pop("Authorization", None)
            case.headers.update(headers)
            case.cookies = {}
            response = case.call(session=client)
            case.validate_response(response, checks=CHECKS)

    def _name_things(self, values: Any) -> None:
        if isinstance(values, dict):
            for name in KNOWN.keys() & values.keys():
                values[name] = self.market.world.ids[KNOWN[name]]


@pytest.fixture(scope="module")
def market(open_market: OpenMarket) -> Market:
    return Market(open_market)


@pytest.fixture(scope="module")
def client(market: Market) -> Iterator[asgi.ASGIClient]:
    with asgi.get_client(cast("asgi.ASGIApp", market.app)) as opened:
        yield opened
    asgi.shutdown_lifespans()
    asgi._get_portal().call(market.app.state.db.close)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_no_request_breaks_the_description(operation: str, market: Market, client: asgi.ASGIClient) -> None:
    method, _, path = operation.partition(" ")
    described = market.schema[path][method]

    def requests(mode: GenerationMode) -> st.SearchStrategy[Case[Any]]:
        return described.as_strategy(generation_mode=mode)

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data(), is_known=st.booleans())
    def run(data: st.DataObject, mode: GenerationMode, *, is_known: bool) -> None:
        case = data.draw(requests(mode))
        market.send(case, client, is_known=is_known)

    run(mode=GenerationMode.POSITIVE)
    # Where nothing can be sent, nothing wrong can be.
    if DESCRIBED[path][method.lower()].keys() & {"parameters", "requestBody"}:
        run(mode=GenerationMode.NEGATIVE)
