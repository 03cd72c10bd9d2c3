"""The socket's description, docs/asyncapi.yaml, against real frames of a running market and against the code."""

from __future__ import annotations

import ast
import json
import secrets
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
import yaml  # type: ignore[import-untyped]
from websockets.asyncio.client import connect

from app.accounts.permissions import Role
from app.api import auction_room, auction_socket, socket_protocol
from app.api.auction_wire import SnapshotOut
from app.api.bid_wire import BidAnswerOut, BidIn
from app.auction.bidding import place_bids
from app.auction.closing import advance_auction
from app.auction.rules.game import SECRET_KINDS, Kind
from app.ids import uuid7
from app.live import hub
from tests.database import ROOT
from tests.live.rooms import address_of, app, frames_until, make_bidder, watching
from tests.make_accounts import token_headers
from tests.make_auction import START_FEN, STEP_FEN, make_sale, request
from tests.make_sealed import make_master, make_sealed_sale

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapi import FastAPI
    from websockets.asyncio.client import ClientConnection

    from app.db import Database
    from tests.conftest import SetNow

__all__ = ["app"]
DOCUMENT: dict[str, Any] = yaml.safe_load((ROOT / "docs" / "asyncapi.yaml").read_text("utf-8"))
ROOM = DOCUMENT["channels"]["room"]
SCHEMAS = DOCUMENT["components"]["schemas"]


def check(schema: str, value: object) -> list[str]:
    """What is wrong with a value by one of the document's schemas."""
    whole = {"$ref": f"#/components/schemas/{schema}", "components": DOCUMENT["components"]}
    return [error.message for error in jsonschema_rs.Draft7Validator(whole).iter_errors(value)]


def resolve(reference: str) -> Any:
    """What a local reference points to; KeyError when that is nothing."""
    found: Any = DOCUMENT
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return found


def schema_of(kind: str) -> str:
    """The schema that the document gives a type of frame."""
    for message in DOCUMENT["components"]["messages"].values():
        name: str = message["payload"]["$ref"].rpartition("/")[2]
        types = {
            found["properties"]["type"]["const"]
            for found in (resolve(part["$ref"]) for part in SCHEMAS[name].get("oneOf", []) if "$ref" in part)
        } or {SCHEMAS[name]["properties"]["type"]["const"]}
        if kind in types:
            return name
    raise KeyError(kind)


def references(value: object) -> Iterator[str]:
    """All references in a part of the document."""
    if isinstance(value, dict):
        for name, part in value.items():
            if name == "$ref":
                yield part
            else:
                yield from references(part)
    elif isinstance(value, list):
        for part in value:
            yield from references(part)


def test_the_document_is_of_version_3_and_every_reference_leads_somewhere() -> None:
    assert DOCUMENT["asyncapi"] == "3.0.0"
    assert {"info", "channels", "operations", "components"} <= set(DOCUMENT)
    for reference in references(DOCUMENT):
        resolve(reference)
    for operation in DOCUMENT["operations"].values():
        assert operation["action"] in {"send", "receive"}
        assert operation["messages"]


def test_no_schema_is_there_for_nothing_and_every_message_has_its_operation() -> None:
    used = set(references(DOCUMENT))
    assert {f"#/components/schemas/{name}" for name in SCHEMAS} <= used
    assert {f"#/components/messages/{name}" for name in DOCUMENT["components"]["messages"]} <= used
    assert {f"#/channels/room/messages/{name}" for name in ROOM["messages"]} <= used


def test_every_type_of_frame_in_the_code_is_described() -> None:
    sources = [
        ROOT / "app/live/frames.py",
        ROOT / "app/api/auction_socket.py",
        ROOT / "app/api/auction_room.py",
    ]
    types = {"events", "own_events", "host_events"} | {
        str(value.value)
        for path in sources
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Dict)
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant) and key.value == "type" and isinstance(value, ast.Constant)
    }
    assert types >= {"snapshot", "tick", "reload", "answer", "error", "pong"}
    assert set(ROOM["messages"]) == types | {"bid", "ping"}


def test_every_close_code_in_the_code_is_described() -> None:
    codes = {
        value
        for module in (auction_room, auction_socket, socket_protocol, hub)
        for name, value in vars(module).items()
        if name.startswith("CLOSE_")
    }
    assert len(codes) >= 6
    assert codes <= set(ROOM["x-close-codes"])


def test_members_and_kinds_are_those_of_the_api() -> None:
    assert set(SCHEMAS["SnapshotFrame"]["properties"]) == {
        "type",
        "own_head",
        "host_head",
        *SnapshotOut.model_fields,
    }
    assert set(SCHEMAS["Accepted"]["properties"]) == {"type", *BidAnswerOut.model_fields}
    assert set(SCHEMAS["BidFrame"]["properties"]) == {"type", *BidIn.model_fields}
    assert set(SCHEMAS["Kind"]["enum"]) == {kind.value for kind in Kind}


async def take(socket: ClientConnection, until: str) -> dict[str, Any]:
    """Reads up to a type of frame; each frame on the way is held against its schema."""
    frames = await frames_until(socket, until)
    for found in frames:
        assert check(schema_of(found["type"]), found) == [], found
        taken.setdefault(found["type"], []).append(found)
    return frames[-1]


async def give(socket: ClientConnection, **frame: Any) -> dict[str, Any]:
    """Sends a request that the document allows and reads its answer."""
    sent = {"type": "bid", "bid_id": str(uuid7()), **frame}
    assert check("BidFrame", sent) == []
    await socket.send(json.dumps(sent))
    answer = await take(socket, "answer")
    assert answer["bid_id"] == sent["bid_id"]
    return answer


taken: dict[str, list[dict[str, Any]]] = {}


async def test_real_frames_of_an_open_sale_are_as_described(
    app: FastAPI, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken.clear()
    monkeypatch.setattr(hub, "_TICK_EVERY_SWEEPS", 1)
    sale = await db.write(make_sale, reserve_fen=START_FEN, options={"automatic": True})
    _, token, _ = await db.write(make_bidder, sale.id)
    async with watching(app, sale, token, after=0, own_after=0) as socket:
        await take(socket, "snapshot")
        assert (await give(socket, amount_fen=START_FEN))["ok"]
        maximum = await give(
            socket, kind="maximum", amount_fen=START_FEN + 9 * STEP_FEN, key=secrets.token_hex(32)
        )
        assert (maximum["ok"], maximum["stream"]) == (True, "own")
        assert not (await give(socket, amount_fen=START_FEN - 1))["ok"]
        assert not (await give(socket, kind="waive"))["ok"]
        await socket.send('{"type":"ping"}')
        await take(socket, "pong")
        await socket.send("nonsense")
        await take(socket, "error")
        await take(socket, "tick")
    async with watching(app, sale, after=99) as late:
        await take(late, "snapshot")
    assert set(taken) == {
        *("snapshot", "events", "own_events", "answer", "pong", "error", "tick", "reload"),
    }


async def test_real_frames_of_the_hosts_desk_are_as_described(app: FastAPI, db: Database) -> None:
    sale = await db.write(make_sale)
    headers = await token_headers(db, Role.HOST)
    url = address_of(app, sale.id, audience="host")
    async with connect(url, additional_headers=headers, proxy=None) as desk:
        assert (await take(desk, "snapshot"))["host_head"] is not None
        low = [request(sale.bidders[0], START_FEN - 1)]
        await db.write(place_bids, sale.id, low, app.state.signer)
        await take(desk, "host_events")


async def test_the_answer_to_a_sealed_bid_is_as_described_and_repeats_no_amount(
    app: FastAPI, db: Database
) -> None:
    await db.write(make_master)
    sale = await db.write(make_sealed_sale)
    _, token, _ = await db.write(make_bidder, sale.id)
    async with watching(app, sale, token, own_after=0) as socket:
        await take(socket, "snapshot")
        sealed = await give(socket, kind="seal", amount_fen=START_FEN, key=secrets.token_hex(32))
        assert (sealed["ok"], sealed["stream"], sealed["amount_fen"]) == (True, "own", None)
        taken_back = await give(socket, kind="withdraw")
        assert (taken_back["ok"], taken_back["amount_fen"]) == (True, None)


async def test_the_end_of_a_sale_is_as_described(app: FastAPI, db: Database, now_is: SetNow) -> None:
    sale = await db.write(make_sale, reserve_fen=START_FEN)
    async with watching(app, sale) as socket:
        await take(socket, "snapshot")
        await db.write(place_bids, sale.id, [request(sale.bidders[0], START_FEN)], app.state.signer)
        await now_is(db, sale.ends_at)
        await db.write(advance_auction, sale.id, app.state.signer)
        app.state.hub.hint(sale.id)
        await take(socket, "events")
    async with watching(app, sale) as late:
        snapshot = await take(late, "snapshot")
    assert snapshot["result"]["outcome"] == "sold"


@pytest.mark.parametrize(
    "frame",
    [
        {"kind": "bid"},
        {"kind": "bid", "amount_fen": 1, "key": "0" * 64},
        {"kind": "maximum", "amount_fen": 1},
        {"kind": "seal", "key": "0" * 64},
        {"kind": "waive", "amount_fen": 1},
        {"kind": "shout", "amount_fen": 1},
        {"amount_fen": 0},
        {"amount_fen": 1.5},
        {"amount_fen": "1"},
        {"amount_fen": 1, "extra": 1},
        {"amount_fen": 1, "if_number": -1},
    ],
)
def test_what_the_document_forbids_the_socket_refuses(frame: dict[str, Any]) -> None:
    bid = {"bid_id": str(uuid7()), **frame}
    assert check("BidFrame", {"type": "bid", **bid})
    with pytest.raises(ValueError, match="validation error"):
        BidIn.model_validate_json(json.dumps(bid))


def test_every_kind_has_its_place_among_the_requests() -> None:
    groups = [set(part["properties"]["kind"]["enum"]) for part in SCHEMAS["BidFrame"]["oneOf"]]
    assert sorted(name for group in groups for name in group) == sorted(kind.value for kind in Kind)
    assert groups[1] == {kind.value for kind in SECRET_KINDS}
