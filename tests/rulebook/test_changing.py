"""A dated rule's way from a proposal to its day in force, and what no hand may do to it."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.accounts.errors import NotPermitted
from app.accounts.permissions import Role
from app.clock import market_date, market_now
from app.dated_rules import DatedRule, RuleMissing, find_rule, get_rule
from app.rulebook import changing
from app.rulebook.changing import NewRule, decide_proposal, propose_rule
from app.rulebook.errors import (
    OwnProposal,
    ProposalDecided,
    RejectionUnexplained,
    RuleDayTaken,
    RuleInThePast,
    RuleKeyUnknown,
    RuleValueUnfit,
)
from app.rulebook.models import RuleProposal
from app.rulebook.queries import list_proposals, list_rules
from app.rulebook.rules import check_value
from tests.make_accounts import make_caller
from tests.races.meeting import Meeting

if TYPE_CHECKING:
    from uuid import UUID

    from app.db import Database, Session
    from tests.conftest import SetNow

KEY = "notice.period"
TWENTY = {"count": 20, "unit": "day"}
SOURCE = "示例省促进科技成果转化条例第二十条"
TODAY = date(2026, 6, 1)
NOON = datetime(2026, 6, 1, 4, tzinfo=UTC)


def new_rule(**over: Any) -> NewRule:
    """A longer notice in an invented province from July on."""
    return NewRule(**{"key": KEY, "value": TWENTY, "valid_from": date(2026, 7, 1), "source": SOURCE, **over})


async def make_rule(session: Session, **over: Any) -> UUID:
    """A rule proposed by one person and approved by another."""
    made = await propose_rule(session, await make_caller(session, Role.HOST), new_rule(**over))
    return await decide_proposal(session, await make_caller(session, Role.REVIEWER), made, "approve")


async def test_an_approved_rule_follows_its_predecessor_on_its_day(session: Session, now_is: SetNow) -> None:
    await now_is(session, NOON)
    made = await propose_rule(session, await make_caller(session, Role.HOST), new_rule())
    assert await get_rule(session, KEY, on=date(2026, 7, 1)) == {"count": 15, "unit": "day"}
    await decide_proposal(session, await make_caller(session, Role.REVIEWER), made, "approve")
    assert await get_rule(session, KEY, on=date(2026, 6, 30)) == {"count": 15, "unit": "day"}
    assert await get_rule(session, KEY, on=date(2026, 7, 1)) == TWENTY
    shown = [rule for rule in await list_rules(session, KEY) if rule.board == "standard"]
    assert [(rule.standing, rule.valid_to) for rule in shown] == [
        ("in_force", date(2026, 7, 1)),
        ("coming", None),
    ]


async def test_a_rule_between_two_ends_where_the_later_one_begins(session: Session, now_is: SetNow) -> None:
    await now_is(session, NOON)
    await make_rule(session, valid_from=date(2026, 9, 1))
    await make_rule(session, valid_from=date(2026, 8, 1), value={"count": 18, "unit": "day"})
    counts = [(await get_rule(session, KEY, on=date(2026, month, 1)))["count"] for month in (7, 8, 9)]
    assert counts == [15, 18, 20]
    with pytest.raises(RuleDayTaken):
        await make_rule(session, valid_from=date(2026, 8, 1))


async def test_a_province_and_a_board_have_rows_of_their_own(session: Session, now_is: SetNow) -> None:
    await now_is(session, NOON)
    await make_rule(session, jurisdiction="440000")
    july = date(2026, 7, 2)
    assert await get_rule(session, KEY, jurisdiction="440000", on=july) == TWENTY
    assert (await get_rule(session, KEY, jurisdiction="330000", on=july))["count"] == 15
    assert (await get_rule(session, KEY, board="demo", jurisdiction="440000", on=july))["unit"] == "second"
    with pytest.raises(RuleMissing):
        await get_rule(session, KEY, on=date(2010, 1, 1))


@pytest.mark.parametrize("ahead", [-400, -1, 0])
async def test_a_rule_never_takes_effect_in_the_past(session: Session, now_is: SetNow, ahead: int) -> None:
    await now_is(session, NOON)
    with pytest.raises(RuleInThePast, match="2026-06-02"):
        await make_rule(session, valid_from=TODAY + timedelta(days=ahead))


async def test_an_approval_that_comes_on_the_day_itself_is_too_late(session: Session, now_is: SetNow) -> None:
    await now_is(session, NOON)
    made = await propose_rule(session, await make_caller(session, Role.HOST), new_rule())
    await now_is(session, datetime(2026, 6, 30, 16, tzinfo=UTC))  # 1 July 00:00 in Shanghai
    with pytest.raises(RuleInThePast):
        await decide_proposal(session, await make_caller(session, Role.REVIEWER), made, "approve")
    rule = await find_rule(session, KEY, on=TODAY)
    assert rule is not None
    statement = text(
        "UPDATE rule_proposal SET decision = 'approve', decided_by = :person, decided_at = market_now(), "
        "rule_id = :rule"
    )
    binds = {"person": (await make_caller(session, Role.REVIEWER)).person_id, "rule": rule.id}
    with pytest.raises(DBAPIError, match="later day"):
        await session.execute(statement, binds)


async def test_two_people_are_needed_and_a_proposal_is_decided_once(session: Session, now_is: SetNow) -> None:
    await now_is(session, NOON)
    host, reviewer = await make_caller(session, Role.HOST), await make_caller(session, Role.REVIEWER)
    made = await propose_rule(session, host, new_rule())
    with pytest.raises(OwnProposal):
        await decide_proposal(session, host, made, "approve")
    with pytest.raises(RejectionUnexplained):
        await decide_proposal(session, reviewer, made, "reject", " 不 ")
    await decide_proposal(session, reviewer, made, "reject", "来源条款已经废止。")
    with pytest.raises(ProposalDecided):
        await decide_proposal(session, reviewer, made, "approve")
    (view,) = await list_proposals(session, reviewer)
    assert (view.proposed_by, view.decided_by) == (host.name, reviewer.name)
    assert await list_proposals(session, reviewer, is_open=True) == []
    with pytest.raises(NotPermitted):
        await propose_rule(session, await make_caller(session, Role.FINANCE), new_rule())


@pytest.mark.parametrize(
    ("over", "error"),
    [
        ({"key": "notice.unheard_of"}, RuleKeyUnknown),
        ({"value": 20}, RuleValueUnfit),
        ({"value": {"count": -1, "unit": "day"}}, RuleValueUnfit),
        ({"value": {"count": 3, "unit": "fortnight"}}, RuleValueUnfit),
        ({"key": "listing.deposit_max_bp", "value": 10_001}, RuleValueUnfit),
        ({"key": "notice.on_market", "value": 1}, RuleValueUnfit),
        ({"key": "contract.periods", "value": {"payment_days": 10}}, RuleValueUnfit),
    ],
)
async def test_a_value_of_another_kind_is_refused(
    session: Session, over: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await make_rule(session, **{"valid_from": date(2100, 1, 1), **over})


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE dated_rule SET value = '1' WHERE key = 'notice.period'",
        "UPDATE dated_rule SET valid_to = '2026-06-01' WHERE key = 'notice.period'",
        "DELETE FROM dated_rule WHERE key = 'notice.period'",
        "INSERT INTO dated_rule (key, value, valid_from, source) VALUES ('notice.period', '1', '2030-01-01', 'x')",
    ],
)
async def test_the_database_keeps_the_rules(session: Session, now_is: SetNow, statement: str) -> None:
    await now_is(session, NOON)
    with pytest.raises(DBAPIError):
        await session.execute(text(statement))


@given(st.integers() | st.booleans() | st.text() | st.lists(st.text()))
def test_a_value_fits_its_own_kind_or_is_refused(value: Any) -> None:
    for present in (15, True, "text", ["a"]):
        is_same = type(value) is type(present)
        is_right = is_same and (not isinstance(value, int) or value >= 0) and value != ""
        if is_right and not (isinstance(value, str) and not value.strip()):
            check_value("any", present, value)
        else:
            with pytest.raises(RuleValueUnfit):
                check_value("any", present, value)


async def race_of_two_approvals(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two values of one rule are approved at once: the one ends where the other begins."""
    async with db.transaction() as session:
        today = market_date(await market_now(session))
        host, reviewer = await make_caller(session, Role.HOST), await make_caller(session, Role.REVIEWER)
        made = [
            await propose_rule(
                session, host, new_rule(jurisdiction="650000", valid_from=today + timedelta(days=days))
            )
            for days in (10, 20)
        ]
    monkeypatch.setattr(changing, "list_rows", _meeting_after(changing.list_rows))
    await asyncio.gather(*(db.write(decide_proposal, reviewer, each, "approve") for each in made))
    async with db.reading() as reading:
        query = select(DatedRule).where(DatedRule.jurisdiction == "650000").order_by(DatedRule.valid_from)
        first, second = (await reading.execute(query)).scalars()
    assert (first.valid_to, second.valid_to) == (second.valid_from, None)


def _meeting_after(read: Any) -> Any:
    """Both have read what stands before either writes."""
    place = Meeting()

    async def stopped(*args: Any) -> Any:
        found = await read(*args)
        await place.arrive()
        return found

    return stopped


async def _forget(db: Database) -> None:
    """The rulebook is a seeded table, which no fixture empties: what the race wrote goes by the owner's hand."""
    async with db.transaction() as session:
        await session.execute(text("ALTER TABLE dated_rule DISABLE TRIGGER dated_rule_is_not_removed"))
        await session.execute(text("ALTER TABLE rule_proposal DISABLE TRIGGER rule_proposal_is_not_removed"))
        await session.execute(delete(RuleProposal))
        await session.execute(delete(DatedRule).where(DatedRule.jurisdiction == "650000"))
        await session.execute(text("ALTER TABLE dated_rule ENABLE TRIGGER dated_rule_is_not_removed"))
        await session.execute(text("ALTER TABLE rule_proposal ENABLE TRIGGER rule_proposal_is_not_removed"))


async def test_two_approvals_at_once_leave_one_value_for_each_day(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await race_of_two_approvals(db, monkeypatch)
    await _forget(db)


async def test_without_the_lock_two_approvals_overlap_and_the_constraint_refuses(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unlocked(*_: object) -> None:
        return None

    monkeypatch.setattr(changing, "lock_rule_name", unlocked)
    with pytest.raises((IntegrityError, AssertionError)):
        await race_of_two_approvals(db, monkeypatch)
    await _forget(db)
