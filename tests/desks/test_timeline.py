"""The time line of a case: whoever sees the case sees what was done, and the public what was published."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.accounts.permissions import Role
from app.audit import AuditRecord
from app.contracts.signing import sign_contract
from app.desks.acts import ACTS, PUBLIC
from app.desks.timeline import (
    read_deal_history,
    read_intent_history,
    read_listing_history,
    read_notice_history,
    read_settlement_history,
)
from app.settlement.releasing import request_release
from app.trades.errors import DealMissing, IntentMissing
from app.trades.notice_models import NoticeObjection
from app.trades.objections import decide_objection, file_objection
from app.trades.reviewing import review_listing
from tests.make_accounts import make_caller
from tests.make_contracts import make_contract
from tests.make_notices import OBJECTION, REJECTED, make_noticed
from tests.make_settlements import make_settled_contract, record_rights
from tests.make_trades import make_buyer, make_intent, make_listing, make_seller

if TYPE_CHECKING:
    from app.db import Session
    from app.desks.timeline import CaseAct


def told(acts: list[CaseAct]) -> list[tuple[str, str]]:
    return [(each.action, each.side) for each in acts]


async def test_a_listing_shows_its_seller_all_and_the_public_what_was_published(session: Session) -> None:
    seller, reviewer = await make_seller(session), await make_caller(session, Role.REVIEWER)
    listing = await make_listing(session, status="listed", seller=seller)
    await make_intent(session, listing)
    inside = await read_listing_history(session, seller, listing.id)
    assert told(inside) == [
        ("listing.created", "seller"),
        ("listing.submitted", "seller"),
        ("listing.accepted", "exchange"),
        ("listing.published", "exchange"),
    ]
    assert told(await read_listing_history(session, reviewer, listing.id)) == told(inside)
    assert told(await read_listing_history(session, None, listing.id)) == [("listing.published", "exchange")]


async def test_only_the_inside_reads_a_reason(session: Session) -> None:
    seller, reviewer = await make_seller(session), await make_caller(session, Role.REVIEWER)
    listing = await make_listing(session, status="in_review", seller=seller)
    await review_listing(session, reviewer, listing.id, "return", "请补充实施情况，再次提交。")
    record = (
        await session.scalars(select(AuditRecord).where(AuditRecord.action == "listing.returned"))
    ).one()
    last = (await read_listing_history(session, seller, listing.id))[-1]
    assert last.reason == record.detail.get("reason")


async def test_an_objection_stands_in_the_time_line_of_notice_and_listing_without_its_objector(
    session: Session,
) -> None:
    made = await make_noticed(session)
    objector = await make_caller(session, Role.SELLER)
    await file_objection(session, objector, made.notice_id, OBJECTION)
    query = select(NoticeObjection.id).where(NoticeObjection.notice_id == made.notice_id)
    objection_id = (await session.scalars(query)).one()
    await decide_objection(session, await make_caller(session, Role.REVIEWER), objection_id, REJECTED)
    public = await read_notice_history(session, None, made.notice_id)
    assert told(public) == [
        ("notice.published", "seller"),
        ("objection.filed", "other"),
        ("objection.reject", "exchange"),
    ]
    assert all(each.reason is None for each in public)
    assert ("objection.filed", "other") in told(await read_listing_history(session, None, made.listing.id))


async def test_an_intent_is_its_buyer_s_and_the_desk_s(session: Session) -> None:
    buyer, stranger = await make_buyer(session), await make_buyer(session)
    listing = await make_listing(session, status="listed")
    intent = await make_intent(session, listing, status="admitted", buyer=buyer)
    assert told(await read_intent_history(session, buyer, intent.id)) == [
        ("intent.declared", "buyer"),
        ("intent.qualified", "exchange"),
        ("deposit.received", "exchange"),
    ]
    with pytest.raises(IntentMissing):
        await read_intent_history(session, stranger, intent.id)


async def test_a_deal_runs_from_the_sale_to_the_release(session: Session) -> None:
    made = await make_settled_contract(session)
    await record_rights(session, made)
    await request_release(session, made.first, made.settlement_id, 400_000)
    acts = told(await read_deal_history(session, made.agreed.buyer, made.deal_id))
    assert acts == [
        ("listing.sold", "market"),
        ("contract.drafted", "seller"),
        ("contract.signed", "seller"),
        ("contract.signed", "buyer"),
        ("settlement.opened", "buyer"),
        ("recordal.submitted", "seller"),
        ("recordal.reviewed", "exchange"),
        ("release.requested", "exchange"),
    ]
    settled = told(await read_settlement_history(session, made.agreed.seller, made.settlement_id))
    assert settled == acts[4:]
    with pytest.raises(DealMissing):
        await read_deal_history(session, await make_buyer(session), made.deal_id)


async def test_what_has_no_words_is_left_out(session: Session) -> None:
    agreed = await make_contract(session)
    await sign_contract(session, agreed.seller, agreed.contract.id, agreed.contract.document_sha256)
    shown = await read_deal_history(session, agreed.seller, agreed.contract.deal_id)
    assert {each.action for each in shown} <= set(ACTS)
    assert set(ACTS) >= PUBLIC
