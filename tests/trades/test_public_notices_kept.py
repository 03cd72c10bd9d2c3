"""Who sees which notices, and what the database itself keeps of a notice and of an objection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.accounts.permissions import Role
from app.trades.errors_notices import NoticeMissing
from app.trades.notice_queries import get_notice, list_notices
from app.trades.objections import file_objection
from tests.make_accounts import make_caller
from tests.make_notices import OBJECTION, make_noticed

if TYPE_CHECKING:
    from uuid import UUID

    from app.db import Session


async def test_who_sees_which_notices_and_who_objected(session: Session) -> None:
    draft = await make_noticed(session, status="draft")
    quiet = await make_noticed(session, on_market=False)
    public = await make_noticed(session, jurisdiction="370000")
    objector, reviewer = await make_caller(session), await make_caller(session, Role.REVIEWER)
    objection = await file_objection(session, objector, public.notice_id, OBJECTION)

    async def seen(caller: Any, **wanted: Any) -> set[UUID]:
        return {view.notice.id for view in await list_notices(session, caller, **wanted)}

    assert await seen(None) == await seen(objector) == {public.notice_id}
    assert await seen(quiet.seller) == {public.notice_id, quiet.notice_id}
    assert await seen(draft.seller, is_mine=True) == {draft.notice_id}
    assert await seen(reviewer) == {draft.notice_id, quiet.notice_id, public.notice_id}
    assert (await get_notice(session, objector, quiet.notice_id)).notice.id == quiet.notice_id
    for caller, notice_id in ((None, quiet.notice_id), (None, draft.notice_id), (objector, draft.notice_id)):
        with pytest.raises(NoticeMissing):
            await get_notice(session, caller, notice_id)
    for caller, sees in ((None, False), (quiet.seller, False), (objector, True), (public.seller, True)):
        view = await get_notice(session, caller, public.notice_id)
        assert view.sees(view.objections[0]) is sees, caller
    assert (await get_notice(session, reviewer, public.notice_id)).objections[0].id == objection


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE public_notice SET price_fen = price_fen - 1",
        (
            "UPDATE public_notice SET status = 'completed', completed_at = market_now(), certificate = '{}', "
            "certificate_sha256 = repeat('0', 64)"
        ),
        "UPDATE public_notice SET status = 'terminated'",
        "UPDATE public_notice SET transferee_id = seller_id",
        "UPDATE public_notice SET period_count = 1",
        "DELETE FROM public_notice",
    ],
)
async def test_the_database_keeps_a_running_notice(session: Session, statement: str) -> None:
    await make_noticed(session)
    with pytest.raises(DBAPIError):
        await session.execute(text(statement))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE public_notice SET status = 'running', counted_from = market_now(), ends_at = market_now()",
        "UPDATE notice_objection SET reason = 'something else entirely'",
        (
            "UPDATE notice_objection SET decision = 'reject', decided_by = objector_id, decided_at = market_now(), "
            "decision_text = 'long enough a text', decided_body = 'x', is_unrelated = true"
        ),
        "DELETE FROM notice_objection",
    ],
)
async def test_the_database_keeps_an_objection(session: Session, statement: str) -> None:
    made = await make_noticed(session)
    await file_objection(session, await make_caller(session), made.notice_id, OBJECTION)
    with pytest.raises(DBAPIError):
        await session.execute(text(statement))
