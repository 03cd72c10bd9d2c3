"""The certificate of a notice as PDF: what was fixed, in figures and capitals, with a code that leads to the notice."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.accounts.permissions import Role
from app.settlement.notice_sheet import notice_sheet
from app.settlement.sheets import render_sheet
from app.trades.notice_models import NoticeObjection
from app.trades.objections import decide_objection, file_objection
from tests.make_accounts import make_caller
from tests.make_notices import OBJECTION, REJECTED, get_row, make_noticed, run_to

if TYPE_CHECKING:
    from app.db import Session
    from tests.conftest import SetNow

URL = "http://market.test/notices/1"


async def test_a_completed_notice_is_certified_on_paper_with_its_objections(
    session: Session, now_is: SetNow
) -> None:
    made = await make_noticed(session)
    await file_objection(session, await make_caller(session, Role.SELLER), made.notice_id, OBJECTION)
    query = select(NoticeObjection.id).where(NoticeObjection.notice_id == made.notice_id)
    objection_id = (await session.scalars(query)).one()
    await decide_objection(session, await make_caller(session, Role.REVIEWER), objection_id, REJECTED)
    row = await get_row(session, made.notice_id)
    assert row.ends_at is not None
    row = await run_to(session, now_is, made.notice_id, row.ends_at + timedelta(minutes=1))
    assert row.certificate is not None
    assert row.certificate_sha256 is not None
    sheet = notice_sheet(row.certificate, row.certificate_sha256, issuer_zh="技术交易市场", verify_url=URL)
    assert [each.value for each in sheet.rows][-1] == "1 件"
    assert sheet.lines[0][2:] == ["异议不成立", "成果转化领导小组"]
    assert sheet.amounts[0].fen == row.price_fen
    pdf = render_sheet(sheet)
    assert pdf.startswith(b"%PDF")
    assert URL.encode() in pdf
    assert pdf == render_sheet(sheet)
