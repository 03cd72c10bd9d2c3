"""The register of licences: golden tests 16 and 17, the rule's corners, and the database behind it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.exc import DBAPIError

from app.accounts.errors import NotPermitted
from app.accounts.permissions import Role
from app.catalog.errors import PatentMissing
from app.errors import MarketError
from app.ids import uuid7
from app.trades import licences
from app.trades.errors_licences import (
    EarlierLicenceInTheWay,
    LicenceBeyondPatent,
    LicenceOverlaps,
    LicencePeriodWrong,
    SelfLicence,
    TerritoryUnknown,
)
from app.trades.licence_models import Licence
from app.trades.licence_rules import Grant, check_grant, check_overlap, overlaps
from app.trades.licences import NewLicence, list_licences, record_licence
from tests.make_accounts import make_caller
from tests.make_trades import make_patent_of, make_seller
from tests.races import meeting
from tests.trades.test_trades_races import both, meet_after, refusals

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import Database, Session


def grant(kind: Any, first: int, last: int | None = None, territory: str = "CN", field: str = "") -> Grant:
    """A licence of whole years."""
    return Grant(kind, territory, field, date(first, 1, 1), date(last or first, 12, 31))


def test_an_exclusive_licence_leaves_no_room_for_an_ordinary_one() -> None:
    """Golden test 16: exclusive CN 2026-2028, new ordinary CN 2027: refused."""
    with pytest.raises(LicenceOverlaps):
        check_overlap(grant("ordinary", 2027), [grant("exclusive", 2026, 2028)])


def test_a_licence_does_not_outlive_its_patent() -> None:
    """Golden test 17: a term beyond the patent's end is refused (民法典 865)."""
    check_grant(grant("ordinary", 2039), application_no="CN1", expires_on=date(2040, 1, 1))
    with pytest.raises(LicenceBeyondPatent):
        check_grant(grant("ordinary", 2039), application_no="CN1", expires_on=date(2039, 12, 31))


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        (grant("sole", 2026), grant("sole", 2027), False),
        (grant("sole", 2026, 2027), grant("sole", 2027), True),
        (grant("sole", 2026, territory="CN-33"), grant("sole", 2026), True),
        (grant("sole", 2026, territory="CN-33"), grant("sole", 2026, territory="CN-37"), False),
        (grant("sole", 2026, territory="WW"), grant("sole", 2026, territory="US"), True),
        (grant("sole", 2026, field="农业"), grant("sole", 2026, field="医药"), False),
        (grant("sole", 2026, field="农业"), grant("sole", 2026), True),
    ],
)
def test_licences_meet_in_territory_field_and_time(one: Grant, other: Grant, *, meet: bool) -> None:
    assert overlaps(one, other) == overlaps(other, one) == meet


def test_beside_ordinary_licences_stand_others_and_an_exclusive_one_only_if_that_is_accepted() -> None:
    earlier = [grant("ordinary", 2026, 2030)]
    check_overlap(grant("ordinary", 2027), earlier)
    with pytest.raises(EarlierLicenceInTheWay):
        check_overlap(grant("exclusive", 2027), earlier)
    check_overlap(grant("exclusive", 2027), earlier, accepts_earlier=True)
    with pytest.raises(LicenceOverlaps):
        check_overlap(grant("ordinary", 2027), [grant("sole", 2027)], accepts_earlier=True)


async def _seller(session: Session) -> tuple[Caller, UUID]:
    seller = await make_seller(session)
    return seller, (await make_patent_of(session, seller.organisation_id)).id


def _new(patent_id: UUID, wanted: Grant, **over: Any) -> NewLicence:
    return NewLicence(patent_id, "被许可有限公司", wanted, **over)


async def test_an_owner_records_its_licences_and_reads_them(session: Session) -> None:
    seller, patent_id = await _seller(session)
    await record_licence(session, seller, _new(patent_id, grant("exclusive", 2026, 2028)))
    with pytest.raises(LicenceOverlaps):
        await record_licence(session, seller, _new(patent_id, grant("ordinary", 2027)))
    await record_licence(session, seller, _new(patent_id, grant("ordinary", 2029)))
    found = await list_licences(session, seller, patent_id=patent_id)
    assert [row.kind for row in found] == ["ordinary", "exclusive"]
    assert found[0].expires_on == date(2040, 3, 2)
    assert await list_licences(session, await make_seller(session)) == []
    assert len(await list_licences(session, await make_caller(session, Role.REVIEWER))) == 2


async def test_a_licence_that_cannot_be_is_refused(session: Session) -> None:
    seller, patent_id = await _seller(session)
    good = grant("ordinary", 2027)
    for caller, new, error in (
        (await make_seller(session), _new(patent_id, good), PatentMissing),
        (await make_caller(session, Role.BIDDER), _new(patent_id, good), NotPermitted),
        (seller, NewLicence(patent_id, seller.organisation_name, good), SelfLicence),
        (seller, _new(patent_id, grant("ordinary", 2027, territory="china")), TerritoryUnknown),
        (seller, _new(patent_id, grant("ordinary", 2027, 2026)), LicencePeriodWrong),
        (seller, _new(patent_id, grant("ordinary", 2027, 2040)), LicenceBeyondPatent),
    ):
        with pytest.raises(error):
            await record_licence(session, caller, new)


@pytest.mark.parametrize(
    ("earlier", "later", "over"),
    [
        (grant("exclusive", 2026, 2028), grant("ordinary", 2027), {}),
        (grant("ordinary", 2026, 2028), grant("sole", 2027), {}),
        (grant("sole", 2026, territory="CN-33"), grant("ordinary", 2026), {"accepts_earlier": True}),
        (grant("sole", 2026, territory="WW"), grant("ordinary", 2026, field="农业"), {}),
    ],
)
async def test_the_database_itself_refuses_an_overlap(
    session: Session, earlier: Grant, later: Grant, over: dict[str, Any]
) -> None:
    seller, patent_id = await _seller(session)
    await record_licence(session, seller, _new(patent_id, earlier))
    values = {**vars(later), "expires_on": date(2040, 3, 2), **over}
    session.add(
        Licence(
            id=uuid7(),
            patent_id=patent_id,
            licensor_id=seller.organisation_id,
            licensee_name="另一家",
            recorded_by=seller.person_id,
            **values,
        )
    )
    with pytest.raises(DBAPIError, match="in the way"):
        await session.flush()


async def two_licences_at_once(db: Database, patch: pytest.MonkeyPatch) -> None:
    """Of two exclusive licences at once one is recorded, and the other is told of it."""
    seller, patent_id = await db.write(_seller)
    meet_after(patch, licences, "list_grants")
    new = _new(patent_id, grant("exclusive", 2027))
    answers = await both(*(db.write(record_licence, seller, new) for _ in range(2)))
    assert refusals(answers) == [LicenceOverlaps]


async def _unlocked(session: Session, patent_ids: Sequence[UUID]) -> None:
    del session, patent_ids


async def test_under_the_lock_one_of_two_licences_is_recorded(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await two_licences_at_once(db, monkeypatch)


async def test_without_the_lock_only_the_database_is_left_to_refuse(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(licences, "lock_patents", _unlocked)
    monkeypatch.setattr(meeting, "_PATIENCE_SECONDS", 10)
    with pytest.raises((AssertionError, DBAPIError)) as broken:
        await two_licences_at_once(db, monkeypatch)
    assert not isinstance(broken.value, MarketError)
