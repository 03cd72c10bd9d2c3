"""Deadlines are told before, on the day and when they are over: once each, to those who may act, by page and mail."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from app.accounts.models import Organisation
from app.accounts.permissions import Role
from app.contracts.drafting import draft_contract
from app.contracts.signing import sign_contract
from app.desks.gathering import list_waiting
from app.telling import deadlines
from app.telling.deadlines import list_untold, tell_deadline, tell_deadlines
from app.telling.models import DeadlineTold, MailAddress, Notification, OutgoingMail
from app.telling.words import told
from app.trades.models import Deal
from tests.make_accounts import make_caller
from tests.make_contracts import OFFICE
from tests.make_settlements import make_settled_contract
from tests.make_trades import make_buyer, make_deal, make_seller

if TYPE_CHECKING:
    from app.accounts.caller import Caller
    from app.db import Database, Session
    from tests.conftest import SetNow

SHANGHAI = ZoneInfo("Asia/Shanghai")


async def look(session: Session) -> int:
    """One look of the worker, in the test's own transaction."""
    return sum([await tell_deadline(session, item, stage) for item, stage in await list_untold(session)])


async def heard(session: Session, caller: Caller) -> list[str]:
    query = select(Notification).where(Notification.person_id == caller.person_id).order_by(Notification.id)
    return [told(row.kind, row.members, "zh") for row in await session.scalars(query)]


async def test_a_contract_that_nobody_signs_is_told_of_three_times_and_then_no_more(
    session: Session, now_is: SetNow
) -> None:
    seller, buyer = await make_seller(session), await make_buyer(session)
    deal = await make_deal(session, seller=seller, buyer=buyer)
    (item,) = await list_waiting(session, seller.organisation_id)
    assert item.due_at is not None
    last = (item.due_at - timedelta(seconds=1)).astimezone(SHANGHAI)
    contract = await draft_contract(session, seller, deal.id, OFFICE)
    await sign_contract(session, buyer, contract.id, contract.document_sha256)
    for moment in (last - timedelta(days=20), last - timedelta(days=2), last, last + timedelta(days=2)):
        await now_is(session, moment)
        await look(session)
        assert await look(session) == 0
    day = last.date().isoformat()
    said = f"合同 {contract.contract_no}（{contract.project_name}）等你方签署"
    assert [text for text in await heard(session, seller) if contract.contract_no in text] == [
        f"{said}。截止 {day}",
        f"今天到期：{said}。截止 {day}",
        f"已过期限：{said}。期限为 {day}",
    ]
    assert await heard(session, buyer) == []


async def test_only_those_who_may_act_are_told_and_their_addresses_get_one_mail(
    session: Session, now_is: SetNow
) -> None:
    made = await make_settled_contract(session)
    buyer = made.agreed.buyer
    organisation = await session.get_one(Organisation, buyer.organisation_id)
    admin = await make_caller(session, Role.ADMIN, organisation=organisation)
    for person in (buyer, admin):
        session.add(MailAddress(person_id=person.person_id, address="office@buyer.test"))
    await session.flush()
    due_at = min(
        each.due_at for each in await list_waiting(session, buyer.organisation_id) if each.due_at is not None
    )
    await now_is(session, due_at)
    await look(session)
    texts = await heard(session, buyer)
    assert len(texts) == len(list(await session.scalars(select(OutgoingMail))))
    assert all(text.startswith("已过期限：") and "应付" in text for text in texts)
    assert await heard(session, admin) == []


async def test_a_deadline_that_moves_is_another_one(session: Session, now_is: SetNow) -> None:
    seller = await make_seller(session)
    await make_deal(session, seller=seller)
    found = [each for each in await list_waiting(session, seller.organisation_id) if each.due_at]
    assert found[0].due_at is not None
    await now_is(session, found[0].due_at)
    await look(session)
    before = await session.scalar(select(func.count(DeadlineTold.id)))
    query = select(DeadlineTold).where(DeadlineTold.party_id == seller.organisation_id)
    row = (await session.scalars(query)).one()
    row.due_at -= timedelta(days=1)
    await session.flush()
    await look(session)
    assert await session.scalar(select(func.count(DeadlineTold.id))) == (before or 0) + 1


async def _deal(session: Session) -> Deal:
    return await make_deal(session)


async def _notified(session: Any) -> int:
    query = select(func.count(Notification.id)).where(Notification.kind.startswith("due."))
    return int((await session.execute(query)).scalar_one())


async def test_a_worker_that_dies_while_it_tells_has_told_nothing_and_the_next_look_tells(
    db: Database, now_is: SetNow, monkeypatch: pytest.MonkeyPatch
) -> None:
    await db.write(_deal)
    await now_is(db, datetime.now(SHANGHAI) + timedelta(days=60))
    whole = deadlines.promise_mail

    async def dies(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(deadlines, "promise_mail", dies)
    assert await tell_deadlines(db) == 0
    assert await db.read(_notified) == 0
    monkeypatch.setattr(deadlines, "promise_mail", whole)
    assert await tell_deadlines(db) > 0
    told_once = await db.read(_notified)
    assert told_once > 0
    assert await tell_deadlines(db) == 0
    assert await db.read(_notified) == told_once
