"""Two posts decide about sales that stand still; each is carried out alone, and one that refuses is named."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.accounts.errors import NotPermitted
from app.accounts.permissions import Role
from app.auction.bidding import Answer, place_bids
from app.auction.closing import advance_auction
from app.auction.decision_queries import get_decision, list_suspended
from app.auction.decisions import (
    DecisionApproved,
    DecisionMissing,
    HardEndPassed,
    NotDecidable,
    OwnDecision,
    approve_decision,
    carry_out_decision,
    carry_out_decisions,
    propose_decision,
)
from app.auction.errors import AuctionMissing, AuctionSuspended
from app.auction.models import Auction
from app.auction.queries import get_auction
from app.auction.recording import AWARD_TASK
from app.auction.sale import driver
from app.auction.suspending import NotRunning, suspend_auction
from app.audit import AuditRecord
from app.clock import market_now
from app.ids import uuid7
from app.tasks import TaskRow
from tests.make_accounts import caller_for, make_organisation, make_person
from tests.make_auction import START_FEN, STEP_FEN, make_sale, request
from tests.trouble.making import gap, kinds_of, last_body

if TYPE_CHECKING:
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import Database, Session
    from tests.conftest import SetNow

WHY: dict[str, Any] = {"reason_zh": "机房断电，无法出价。", "reason_en": "The power failed."}


async def make_desk(session: Session, *roles: Role) -> Caller:
    """A person at desks of the exchange."""
    exchange = await make_organisation(session, kind="exchange")
    return await caller_for(session, await make_person(session, exchange, list(roles)))


async def make_desks(session: Session) -> tuple[Caller, Caller]:
    """A host and a reviewer of one exchange."""
    exchange = await make_organisation(session, kind="exchange")
    return (
        await caller_for(session, await make_person(session, exchange, [Role.HOST])),
        await caller_for(session, await make_person(session, exchange, [Role.REVIEWER])),
    )


async def decide(session: Session, sales: list[UUID], act: Any, **over: Any) -> UUID:
    """A decision that was proposed and approved."""
    host, reviewer = await make_desks(session)
    made = await propose_decision(session, host, auction_ids=sales, act=act, **{**WHY, **over})
    return await approve_decision(session, reviewer, made)


async def carry_out(session: Session, decision_id: UUID, *sales: UUID) -> None:
    """Carries a decision out in the session's own transaction."""
    raw = await driver(session)
    await session.flush()
    for sale_id in sales:
        assert await carry_out_decision(raw, decision_id, sale_id, None)


async def suspended_sale(session: Session, now_is: SetNow, **over: Any) -> Any:
    """A sale with one bid, that the host suspends a minute later; its clock stands there."""
    sale = await make_sale(session, **over)
    now = await market_now(session)
    await now_is(session, now)
    await place_bids(session, sale.id, [request(sale.bidders[0], START_FEN)])
    await now_is(session, now + timedelta(minutes=1))
    await suspend_auction(session, await make_desk(session, Role.HOST), sale.id, **WHY)
    return sale, now


async def test_the_host_stops_a_sale_with_a_reason_that_everybody_reads(
    session: Session, now_is: SetNow
) -> None:
    sale, _ = await suspended_sale(session, now_is)
    told = await last_body(session, sale.id)
    assert (told["cause"], told["reason_zh"], told["reason_en"]) == ("host", *WHY.values())
    (answer,) = await place_bids(session, sale.id, [request(sale.bidders[1], START_FEN + STEP_FEN)])
    assert isinstance(answer, Answer)
    assert isinstance(answer.refusal, AuctionSuspended)
    kept = select(AuditRecord.detail).where(AuditRecord.action == "auction.suspended")
    assert (await session.execute(kept)).scalar_one() == WHY
    (waiting,) = await list_suspended(session, await make_desk(session, Role.SUPERVISOR))
    assert (waiting.auction_id, waiting.cause) == (sale.id, "host")
    assert waiting.decide_by - waiting.suspended_at == timedelta(days=5)


async def test_only_a_sale_that_runs_can_be_stopped(session: Session, now_is: SetNow) -> None:
    host = await make_desk(session, Role.HOST)
    now = await market_now(session)
    early = await make_sale(session, opens_at=now + timedelta(hours=1), ends_in=7200)
    over = await make_sale(session)
    with pytest.raises(NotRunning):
        await suspend_auction(session, host, early.id, **WHY)
    await now_is(session, over.ends_at)
    with pytest.raises(NotRunning):
        await suspend_auction(session, host, over.id, **WHY)
    assert await advance_auction(session, over.id) == "unsold"
    with pytest.raises(NotRunning):
        await suspend_auction(session, host, over.id, **WHY)
    with pytest.raises(AuctionMissing):
        await suspend_auction(session, host, uuid7(), **WHY)


async def test_after_the_resumption_the_time_after_the_last_bid_runs_again(
    session: Session, now_is: SetNow
) -> None:
    sale, bid_at = await suspended_sale(session, now_is)
    decision = await decide(session, [sale.id], "resume")
    resumed_at = bid_at + timedelta(hours=5)
    await now_is(session, resumed_at)
    await carry_out(session, decision, sale.id)
    row = await get_auction(session, sale.id)
    await session.refresh(row)
    assert (row.phase, row.ends_at) == ("open", resumed_at + (sale.ends_at - bid_at))
    assert (await kinds_of(session, sale.id))[-1] == "auction_resumed"
    await now_is(session, row.ends_at)
    assert await advance_auction(session, sale.id) == "sold"


async def test_what_was_decided_about_does_not_suspend_the_sale_again(
    session: Session, now_is: SetNow
) -> None:
    # Without an extension the last five minutes count: they reach back over the resumption into the gap.
    sale = await make_sale(session, trigger_seconds=0, extension_seconds=0, ends_in=20)
    await gap(session, sale.ends_at - timedelta(seconds=60), sale.ends_at + timedelta(seconds=1))
    await now_is(session, sale.ends_at + timedelta(seconds=1))
    assert await advance_auction(session, sale.id) == "suspended"
    decision = await decide(session, [sale.id], "resume")
    await now_is(session, sale.ends_at + timedelta(seconds=2))
    await carry_out(session, decision, sale.id)
    row = await get_auction(session, sale.id)
    await session.refresh(row)
    assert row.ends_at == sale.ends_at + timedelta(seconds=23)
    await now_is(session, row.ends_at)
    assert await advance_auction(session, sale.id) == "unsold"


async def test_a_void_sale_has_no_winner_keeps_its_record_and_promises_what_follows(
    session: Session, now_is: SetNow
) -> None:
    sale, _ = await suspended_sale(session, now_is)
    decision = await decide(session, [sale.id], "void")
    await carry_out(session, decision, sale.id)
    row = await get_auction(session, sale.id)
    await session.refresh(row)
    assert (row.phase, row.closed_at is not None) == ("void", True)
    assert (await kinds_of(session, sale.id))[-3:] == ["bid_accepted", "auction_suspended", "auction_closed"]
    told = await last_body(session, sale.id)
    assert (told["outcome"], told["winner"], told["reason_zh"]) == ("void", None, WHY["reason_zh"])
    promised = select(TaskRow.payload).where(TaskRow.name == AWARD_TASK)
    assert (await session.execute(promised)).scalar_one() == {"auction_id": str(sale.id)}


@pytest.mark.parametrize("phase", ["scheduled", "open"])
async def test_a_sale_that_has_not_ended_can_be_voided_without_being_stopped_first(
    session: Session, phase: str
) -> None:
    now = await market_now(session)
    opens_at = now + timedelta(hours=1 if phase == "scheduled" else -1)
    sale = await make_sale(session, opens_at=opens_at, ends_in=7200)
    await advance_auction(session, sale.id)
    decision = await decide(session, [sale.id], "void")
    await carry_out(session, decision, sale.id)
    row = await get_auction(session, sale.id)
    await session.refresh(row)
    assert row.phase == "void"


async def test_whoever_proposes_does_not_approve_and_each_post_has_its_own_part(session: Session) -> None:
    both = await make_desk(session, Role.HOST, Role.REVIEWER)
    sale = await make_sale(session)
    made = await propose_decision(session, both, auction_ids=[sale.id], act="void", **WHY)
    with pytest.raises(OwnDecision):
        await approve_decision(session, both, made)
    with pytest.raises(DBAPIError, match="two_people"):
        async with session.begin_nested():
            await session.execute(
                text(
                    "UPDATE auction_decision SET approved_by = proposed_by, approved_at = now() WHERE id = :id"
                ),
                {"id": made},
            )
    for role in (Role.HOST, Role.SUPERVISOR, Role.FINANCE):
        with pytest.raises(NotPermitted):
            await approve_decision(session, await make_desk(session, role), made)
    reviewer = await make_desk(session, Role.REVIEWER)
    with pytest.raises(NotPermitted):
        await propose_decision(session, reviewer, auction_ids=[sale.id], act="void", **WHY)
    await approve_decision(session, reviewer, made)
    with pytest.raises(DecisionApproved):
        await approve_decision(session, await make_desk(session, Role.REVIEWER), made)
    with pytest.raises(DecisionMissing):
        await approve_decision(session, reviewer, uuid7())


async def test_nothing_happens_before_the_approval(session: Session) -> None:
    sale = await make_sale(session)
    host = await make_desk(session, Role.HOST)
    made = await propose_decision(session, host, auction_ids=[sale.id], act="void", **WHY)
    assert not await carry_out_decision(await driver(session), made, sale.id, None)


async def test_a_proposal_names_the_sales_that_it_does_not_fit(session: Session, now_is: SetNow) -> None:
    host = await make_desk(session, Role.HOST)
    running, over = await make_sale(session), await make_sale(session)
    await now_is(session, over.ends_at)
    await advance_auction(session, over.id)
    row = await get_auction(session, over.id)
    with pytest.raises(NotDecidable) as refused:
        await propose_decision(session, host, auction_ids=[running.id, over.id], act="void", **WHY)
    assert refused.value.listing_nos == row.listing_no
    with pytest.raises(NotDecidable):
        await propose_decision(session, host, auction_ids=[running.id], act="resume", **WHY)
    with pytest.raises(AuctionMissing):
        await propose_decision(session, host, auction_ids=[uuid7()], act="void", **WHY)


async def test_a_hard_end_that_leaves_no_whole_window_has_to_be_announced_anew(
    session: Session, now_is: SetNow
) -> None:
    hard_end_at = await market_now(session) + timedelta(hours=2)
    sale, bid_at = await suspended_sale(session, now_is, hard_end_at=hard_end_at)
    host = await make_desk(session, Role.HOST)
    resumed_at = hard_end_at - timedelta(seconds=299)
    await now_is(session, resumed_at)
    with pytest.raises(HardEndPassed):
        await propose_decision(
            session, host, auction_ids=[sale.id], act="resume", hard_end_at=resumed_at, **WHY
        )
    decision = await decide(session, [sale.id], "resume")
    await carry_out(session, decision, sale.id)
    (told,) = (await get_decision(session, host, decision)).auctions
    assert (told.status, told.failure) == ("suspended", "hard-end-too-soon")
    assert told.settled_at is not None
    anew = resumed_at + timedelta(minutes=30)
    decision = await decide(session, [sale.id], "resume", hard_end_at=anew)
    await carry_out(session, decision, sale.id)
    row = await get_auction(session, sale.id)
    await session.refresh(row)
    assert (row.phase, row.hard_end_at) == ("open", anew)
    assert row.ends_at == min(anew, resumed_at + (sale.ends_at - bid_at))


async def test_many_sales_at_once_are_settled_one_by_one_and_the_failed_one_is_named(db: Database) -> None:
    async with db.transaction() as session:
        host, reviewer = await make_desks(session)
        sales = [await make_sale(session) for _ in range(4)]
        for sale in sales:
            await suspend_auction(session, host, sale.id, **WHY)
        ids = [sale.id for sale in sales]
        void = await propose_decision(session, host, auction_ids=ids[:1], act="void", **WHY)
        made = await propose_decision(session, host, auction_ids=ids, act="resume", **WHY)
        await approve_decision(session, reviewer, void)
    assert await carry_out_decisions(db, None) == 1
    async with db.transaction() as session:
        await approve_decision(session, reviewer, made)
    told: list[UUID] = []
    assert await carry_out_decisions(db, None, told.append) == 4
    assert await carry_out_decisions(db, None) == 0
    async with db.reading() as session:
        view = await get_decision(session, reviewer, made)
        rows = await session.execute(select(Auction.id, Auction.phase))
        phases = {row.id: row.phase for row in rows}
    assert sorted(told) == sorted(ids)
    assert [phases[sale_id] for sale_id in ids] == ["void", "open", "open", "open"]
    failures = {item.auction_id: (item.failure, item.failure_zh) for item in view.auctions}
    assert failures.pop(ids[0])[0] == "not-suspended"
    assert set(failures.values()) == {(None, None)}
