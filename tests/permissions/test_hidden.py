"""What lists and rooms tell to whom, and that the search for secrets would find them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from httpx2 import ASGITransport, AsyncClient
from sqlalchemy import text

from tests.permissions.asks import ALL
from tests.permissions.hidden import secrets_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from fastapi import FastAPI

    from tests.permissions.undone import UndoneDatabase
    from tests.permissions.world import World

API = "/api/v1"


class Reader:
    """Reads the API as one person after another."""

    def __init__(self, http: AsyncClient, world: World) -> None:
        """Takes the client and the world's people."""
        self.http, self.world = http, world

    async def text(self, person: str | None, path: str) -> str:
        """The answer as text."""
        headers = self.world.headers[person] if person else {}
        answer = await self.http.get(API + path, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.text

    async def body(self, person: str | None, path: str) -> Any:
        """The answer as JSON."""
        headers = self.world.headers[person] if person else {}
        return (await self.http.get(API + path, headers=headers)).json()


@pytest.fixture
async def reader(app: FastAPI, world: World, world_database: UndoneDatabase) -> AsyncIterator[Reader]:
    async with (
        world_database.undoing(),
        AsyncClient(transport=ASGITransport(app=app), base_url="http://market.test") as http,
    ):
        yield Reader(http, world)


async def test_the_search_finds_what_it_looks_for(reader: Reader, world: World) -> None:
    own = await reader.text("S/seller", f"/listings/{world.ids['open']}")
    assert secrets_in(own, world, None) == ["the reserve of a sale that has not closed"]
    assert secrets_in(own, world, "S/seller") == []
    paid = await reader.text("E/finance", "/deposits?limit=100")
    assert {"who Y is", "who Z is", "the deposit of Y open"} <= set(secrets_in(paid, world, None))
    assert secrets_in(paid, world, "E/finance") == []
    assert secrets_in(world.secrets[0], world, "E/supervisor") == ["a credential"]


@pytest.mark.parametrize("path", ["/listings", "/listings?status=draft", "/patents"])
async def test_lists_hold_nothing_private_of_another_organisation(
    path: str, reader: Reader, world: World
) -> None:
    private = {world.ids[name] for name in ("draft", "in_review", "accepted", "patent")}
    for person in (None, f"X/{ALL}", f"B/{ALL}"):
        shown = await reader.body(person, path)
        assert not private & {item["id"] for item in shown["items"]}
    mine = await reader.body(f"S/{ALL}", f"{path.partition('?')[0]}?limit=100")
    assert private & {item["id"] for item in mine["items"]}


@pytest.mark.parametrize(
    "path", ["/intents", "/deposits", "/deals", "/contracts", "/registrations", "/listings?mine=true"]
)
async def test_lists_of_ones_own_are_empty_for_who_has_no_part(path: str, reader: Reader) -> None:
    assert (await reader.body(f"X/{ALL}", path))["items"] == []


@pytest.mark.parametrize("path", ["/intents", "/deposits"])
async def test_a_seller_sees_nobody_who_wants_to_buy(path: str, reader: Reader) -> None:
    assert (await reader.body(f"S/{ALL}", path))["items"] == []


async def test_before_the_close_no_desk_reads_who_is_behind_a_code(reader: Reader, world: World) -> None:
    for desk in ("E/reviewer", "E/supervisor"):
        intents = (await reader.body(desk, f"/intents?listing_id={world.ids['open']}"))["items"]
        assert {item["buyer"]["name"] for item in intents} == {"暗渡竞买有限公司", "北辰材料有限公司"}
        assert {item["bidder_code"] for item in intents} == {None}
    codes = {world.codes["Y open"], world.codes["B open"]}
    listing_no = world.listings["open"].listing_no
    told: list[str] = []
    for kind in ("listing", "intent", "deposit"):
        path = f"/audit-records?limit=100&subject_kind={kind}"
        records = (await reader.body("E/supervisor", path))["items"]
        told += [str(record) for record in records if record["detail"].get("listing_no") == listing_no]
    assert told
    assert not [record for record in told if any(f"'{code}'" in record for code in codes)]


async def test_the_room_tells_each_one_his_own_code_only(reader: Reader, world: World) -> None:
    path = f"/auctions/{world.ids['auction']}"
    guest = await reader.body(None, path)
    assert (guest["me"], guest["leader_code"]) == (None, world.codes["B open"])
    bidder = (await reader.body("B/bidder", path))["me"]
    assert (bidder["bidder_code"], bidder["leading"]) == (world.codes["B open"], True)
    for person in ("S/seller", f"X/{ALL}", "E/host", "E/supervisor"):
        me = (await reader.body(person, path))["me"]
        assert (me["bidder_code"], me["can_bid"], me["my_highest_fen"]) == (None, False, None)


async def test_public_events_name_codes_and_no_parties(reader: Reader, world: World) -> None:
    events = (await reader.body(None, f"/auctions/{world.ids['auction']}/events"))["events"]
    bids = [event["body"] for event in events if event["kind"] == "bid_accepted"]
    assert [bid["bidder"] for bid in bids] == [world.codes["Y open"], world.codes["B open"]]
    assert set(bids[0]) == {
        *("bidder", "amount_fen", "sequence", "ends_at", "extensions", "received_at", "reserve_met")
    }


async def test_the_stream_of_refused_bids_is_no_sale_that_anybody_reads(
    reader: Reader, world: World, world_database: UndoneDatabase
) -> None:
    async with world_database.reading() as session:
        query = text("SELECT host_stream_id FROM auction WHERE id = :id")
        stream_id = (await session.execute(query, {"id": world.ids["auction"]})).scalar_one()
    for person in (None, "E/host", "E/supervisor", "B/bidder"):
        for path in (f"/auctions/{stream_id}/events", f"/auctions/{stream_id}"):
            assert (await reader.body(person, path))["code"] == "auction-missing"
    for named in ("draft", "contract", "deal"):
        path = f"/auctions/{world.ids[named]}/events"
        assert (await reader.body(None, path))["code"] == "auction-missing"
