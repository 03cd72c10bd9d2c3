"""Packages: exact allocations, splits to the last fen, own results only; demands; and both by API."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.accounts.errors import NotPermitted
from app.accounts.permissions import Role
from app.audit import AuditRecord
from app.catalog.demands import get_demand_for, list_demands, post_demand
from app.catalog.errors_lots import (
    AllocationOff,
    DemandMissing,
    ItemExpired,
    ItemNotYours,
    ItemTwice,
    PackageMissing,
    PackageTooLarge,
    PackageTooSmall,
    ShareOff,
)
from app.catalog.lot_models import Package, PackageItem
from app.catalog.package_rules import Share, check_allocation, percent_of, split_price
from app.catalog.packages import get_package_for, list_packages, make_package
from app.errors import MarketError
from app.ids import uuid7
from tests.make_accounts import headers_of, make_caller
from tests.make_trades import make_patent_of, make_seller

if TYPE_CHECKING:
    from httpx2 import AsyncClient

    from app.accounts.caller import Caller
    from app.db import Database, Session

API = "/api/v1"


def table(*shares: int) -> list[Share]:
    """An allocation of invented assets."""
    return [Share(f"asset {n}", share) for n, share in enumerate(shares)]


@pytest.mark.parametrize(
    ("shares", "refusal"),
    [
        (table(), PackageTooSmall),
        (table(10_000), PackageTooSmall),
        (table(*[200] * 51), PackageTooLarge),
        ([Share("a", 5_000), Share("a", 5_000)], ItemTwice),
        (table(10_000, 0), ShareOff),
        (table(10_100, -100), ShareOff),
        (table(3_333, 3_333, 3_333), AllocationOff),
        (table(5_000, 5_001), AllocationOff),
    ],
)
def test_an_allocation_that_is_not_whole_is_refused(shares: list[Share], refusal: type[MarketError]) -> None:
    with pytest.raises(refusal):
        check_allocation(shares)


def test_the_refusal_says_what_is_missing() -> None:
    with pytest.raises(AllocationOff) as caught:
        check_allocation(table(3_333, 3_333, 3_333))
    assert (caught.value.total, caught.value.rest) == ("99.99", "0.01")
    assert "99.99%" in caught.value.detail("zh")
    assert [percent_of(share) for share in (6_000, 3_350, 3_333, -1)] == ["60", "33.5", "33.33", "-0.01"]


def test_the_largest_remainder_gets_the_fen_and_of_equal_ones_the_earlier_item() -> None:
    assert split_price(100, table(3_334, 3_333, 3_333)) == [34, 33, 33]
    assert split_price(1, table(5_000, 5_000)) == [1, 0]
    assert split_price(10_001, table(2_500, 7_500)) == [2_500, 7_501]


SHARES = st.lists(st.integers(1, 9_999), min_size=1, max_size=20).map(
    lambda cuts: [
        high - low for low, high in zip([0, *sorted(set(cuts))], [*sorted(set(cuts)), 10_000], strict=True)
    ]
)


@given(price=st.integers(0, 10**15), shares=SHARES)
def test_a_split_loses_no_fen_and_no_part_is_off_by_one(price: int, shares: list[int]) -> None:
    parts = split_price(price, table(*shares))
    assert sum(parts) == price
    for part, share in zip(parts, shares, strict=True):
        assert abs(part * 10_000 - price * share) < 10_000


async def _own(session: Session, seller: Caller, *shares: int, **over: Any) -> list[Share]:
    return [
        Share((await make_patent_of(session, seller.organisation_id, **over)).id, share) for share in shares
    ]


async def test_a_package_holds_its_items_in_their_order_and_is_recorded(session: Session) -> None:
    seller = await make_seller(session)
    shares = await _own(session, seller, 6_000, 2_500, 1_500)
    package_id = await make_package(session, seller, "温控成果包", shares)
    view = await get_package_for(session, seller, package_id)
    assert view.shares() == shares
    assert [package.id for package in await list_packages(session, seller)] == [package_id]
    query = select(AuditRecord.detail).where(AuditRecord.subject_id == str(package_id))
    detail = (await session.execute(query)).scalar_one()
    assert [item["share_bp"] for item in detail["items"]] == [6_000, 2_500, 1_500]


async def test_only_own_patents_in_force_are_bundled(session: Session) -> None:
    seller, other = await make_seller(session), await make_seller(session)
    (mine,) = await _own(session, seller, 5_000)
    (foreign,) = await _own(session, other, 5_000)
    (old,) = await _own(session, seller, 5_000, filing_on=date(2001, 3, 2))
    for wrong, refusal in (
        (foreign, ItemNotYours),
        (Share(uuid7(), 5_000), ItemNotYours),
        (old, ItemExpired),
    ):
        with pytest.raises(refusal):
            await make_package(session, seller, "包", [mine, wrong])


async def test_strangers_do_not_see_a_package_and_the_exchange_does(session: Session) -> None:
    seller, other = await make_seller(session), await make_seller(session)
    package_id = await make_package(session, seller, "包", await _own(session, seller, 5_000, 5_000))
    with pytest.raises(PackageMissing):
        await get_package_for(session, other, package_id)
    assert await list_packages(session, other) == []
    desk = await make_caller(session, Role.REVIEWER)
    assert (await get_package_for(session, desk, package_id)).id == package_id
    with pytest.raises(NotPermitted):
        await make_package(session, desk, "包", [])


async def test_the_database_refuses_an_allocation_that_is_not_whole_or_changes(db: Database) -> None:
    async def make(session: Session) -> tuple[Caller, list[Share]]:
        seller = await make_seller(session)
        return seller, await _own(session, seller, 6_000, 4_000)

    seller, shares = await db.write(make)

    async def bypass(session: Session, bp: int) -> None:
        package = Package(
            owner_organisation_id=seller.organisation_id, title="包", created_by=seller.person_id
        )
        session.add(package)
        await session.flush()
        session.add_all(
            PackageItem(package_id=package.id, place=place, patent_id=share.asset, share_bp=bp)
            for place, share in enumerate(shares)
        )

    async def run(session: Session, statement: str) -> None:
        await session.execute(text(statement))

    with pytest.raises(IntegrityError):
        await db.write(bypass, 4_999)
    await db.write(bypass, 5_000)
    for change in ("UPDATE package_item SET share_bp = 1", "DELETE FROM package_item"):
        with pytest.raises(DBAPIError):
            await db.write(run, change)


async def test_a_demand_is_its_organisations_and_the_exchanges(session: Session) -> None:
    owner, other = await make_seller(session), await make_seller(session)
    demand_id = await post_demand(session, owner, title="涂层", description="防积雪。", ceiling_fen=5_000_000)
    assert (await get_demand_for(session, owner, demand_id)).ceiling_fen == 5_000_000
    assert [demand.id for demand in await list_demands(session, owner)] == [demand_id]
    with pytest.raises(DemandMissing):
        await get_demand_for(session, other, demand_id)
    assert await list_demands(session, other) == []
    desk = await make_caller(session, Role.REVIEWER)
    assert demand_id in [demand.id for demand in await list_demands(session, desk)]


async def test_a_package_is_made_and_split_by_api(client: AsyncClient, db: Database) -> None:
    async def make(session: Session) -> tuple[Caller, list[Share]]:
        seller = await make_seller(session)
        return seller, await _own(session, seller, 3_333, 6_667)

    seller, shares = await db.write(make)
    headers = await headers_of(db, seller)
    items = [{"patent_id": str(share.asset), "share_bp": share.share_bp} for share in shares]
    wrong = await client.post(f"{API}/packages", json={"title": "包", "items": items[:1]}, headers=headers)
    assert (wrong.status_code, wrong.json()["code"]) == (422, "package-too-small")
    made = await client.post(f"{API}/packages", json={"title": "包", "items": items}, headers=headers)
    assert made.status_code == 201, made.text
    assert [item["share_percent"] for item in made.json()["items"]] == ["33.33", "66.67"]
    path = f"{API}/packages/{made.json()['id']}"
    split = (await client.get(f"{path}?price_fen=100", headers=headers)).json()
    assert [item["amount_fen"] for item in split["items"]] == [33, 67]
    assert UUID(split["items"][0]["patent"]["id"]) == shares[0].asset


async def test_a_demand_is_posted_and_read_by_api(client: AsyncClient, db: Database) -> None:
    headers = await headers_of(db, await db.write(make_seller))
    body = {"title": " 涂层 ", "description": "防积雪。", "ceiling_fen": 5_000_000}
    made = await client.post(f"{API}/demands", json=body, headers=headers)
    assert (made.status_code, made.json()["title"]) == (201, "涂层")
    listed = (await client.get(f"{API}/demands", headers=headers)).json()["items"]
    assert listed == [(await client.get(f"{API}/demands/{made.json()['id']}", headers=headers)).json()]
    wrong = await client.post(f"{API}/demands", json={**body, "ceiling_fen": 0}, headers=headers)
    assert wrong.status_code == 422
