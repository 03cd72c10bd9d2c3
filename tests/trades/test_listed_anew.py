"""What is listed anew, asked for and ended: a licence with its plan, a petition's words, a notice whose sale is terminated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.trades.announced_models import AnnouncedPlan
from app.trades.bulletins import Said
from app.trades.errors import ReservedWord
from app.trades.listings import change_listing, submit_listing
from app.trades.models import Listing
from app.trades.petitions import ask_desk
from app.trades.publication import publish_listing
from app.trades.relisting import relist
from app.trades.reviewing import review_listing
from app.trades.terminating import terminate_listing
from tests.make_licences import make_ordinary
from tests.make_lifecycle import SAID, make_desk
from tests.make_notices import get_row, make_noticed
from tests.make_trades import make_listing, make_patent_of, make_seller

if TYPE_CHECKING:
    from app.db import Session


async def test_a_licence_listing_is_listed_anew_with_its_plan_of_payment(session: Session) -> None:
    seller = await make_seller(session)
    patent = await make_patent_of(session, seller.organisation_id)
    listing = await make_ordinary(session, seller=seller, patent_id=patent.id, status="draft")
    words = {
        "kind": "staged",
        "plan": {"parts": [], "royalty": None},
        "words_zh": "分期",
        "words_en": "staged",
    }
    session.add(AnnouncedPlan(listing_id=listing.id, written_by=seller.person_id, **words))
    desk = await make_desk(session)
    await submit_listing(session, seller, listing.id)
    await review_listing(session, desk, listing.id, "accept")
    await publish_listing(session, desk, listing.id)
    # Another licence of the same patent is on offer meanwhile, which is in nobody's way.
    await make_ordinary(session, seller=seller, patent_id=patent.id)
    await terminate_listing(session, desk, listing.id, SAID, ground="withdrawal")
    draft = await session.get_one(Listing, await relist(session, seller, listing.id))
    assert (draft.rights, draft.territory, draft.licence_to) == ("ordinary", "CN", listing.licence_to)
    plan = await session.get_one(AnnouncedPlan, draft.id)
    assert {name: getattr(plan, name) for name in words} == words
    await change_listing(session, seller, draft.id, {"rights_declared": True})
    await submit_listing(session, seller, draft.id)


async def test_a_petition_bears_no_word_of_licensed_business(session: Session) -> None:
    seller = await make_seller(session)
    listing = await make_listing(session, seller=seller, status="listed")
    for said in (
        Said("改由拍 卖公司办理，请中止。", "A reason."),
        Said("请中止本项目。", "to the 拍卖 house"),
    ):
        with pytest.raises(ReservedWord):
            await ask_desk(session, seller, listing.id, "suspend", said)


@pytest.mark.parametrize("status", ["draft", "running"])
async def test_a_notice_ends_with_the_sale_that_is_terminated(session: Session, status: str) -> None:
    made = await make_noticed(session, status=status)
    await terminate_listing(session, await make_desk(session), made.listing.id, SAID, ground="obstacle")
    notice = await get_row(session, made.notice_id)
    assert (notice.status, notice.end_reason) == ("withdrawn", SAID.reason_zh)
    assert (notice.counted_from, notice.ends_at) == (None, None)
