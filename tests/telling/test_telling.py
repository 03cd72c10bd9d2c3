"""Who is told of which act: the right side, the right roles, once, and nothing that has been done meanwhile."""

from __future__ import annotations

import ast
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from app.accounts.permissions import Role
from app.audit import TELL, TOLD
from app.contracts.drafting import draft_contract
from app.contracts.signing import sign_contract
from app.tasks import TaskRow
from app.telling.models import MailAddress, Notification, OutgoingMail
from app.telling.reading import mark_read
from app.telling.tell import tell_of_act
from app.telling.words import KINDS, TELLINGS, told
from app.trades.intents import qualify_intent
from app.trades.reviewing import review_listing
from tests.database import ROOT
from tests.make_accounts import make_caller, make_person
from tests.make_contracts import OFFICE, make_application, make_registered
from tests.make_trades import make_buyer, make_deal, make_intent, make_listing, make_seller

if TYPE_CHECKING:
    from app.accounts.caller import Caller
    from app.db import Session


async def keep(session: Session) -> None:
    """The worker keeps all promises to tell, those that were kept already too: telling twice tells once."""
    for task in (await session.scalars(select(TaskRow).where(TaskRow.name == TELL))).all():
        await tell_of_act(session, task.payload)


async def heard(session: Session, caller: Caller) -> list[str]:
    """The kinds of what somebody was told, the oldest first."""
    query = select(Notification.kind).where(Notification.person_id == caller.person_id)
    return list(await session.scalars(query.order_by(Notification.id)))


async def text_for(session: Session, caller: Caller, kind: str) -> str:
    """What somebody reads of one kind."""
    query = select(Notification).where(Notification.person_id == caller.person_id, Notification.kind == kind)
    row = (await session.scalars(query)).one()
    assert told(row.kind, row.members, "en")
    return f"{told(row.kind, row.members, 'zh')} -> {row.link}"


async def test_the_desk_is_told_of_what_waits_for_it_and_the_seller_of_what_became_of_it(
    session: Session,
) -> None:
    seller, reviewer = await make_seller(session), await make_caller(session, Role.REVIEWER)
    registrar = await make_caller(session, Role.REGISTRAR)
    listing = await make_listing(session, status="in_review", seller=seller)
    await keep(session)
    assert await heard(session, reviewer) == ["review_wanted"]
    assert await heard(session, registrar) == []
    assert await heard(session, seller) == []
    await review_listing(session, reviewer, listing.id, "return", "请补充实施情况，再次提交。")
    await keep(session)
    assert await heard(session, seller) == ["listing_returned"]
    assert await text_for(session, seller, "listing_returned") == (
        f"{listing.listing_no} 被退回补正：请补充实施情况，再次提交。 -> /seller/listings/{listing.id}"
    )


async def test_what_was_done_before_it_could_be_told_is_asked_of_nobody(session: Session) -> None:
    reviewer = await make_caller(session, Role.REVIEWER)
    listing = await make_listing(session, status="listed")
    await make_intent(session, listing, status="admitted")
    await keep(session)
    assert await heard(session, reviewer) == []


async def test_a_buyer_is_told_to_pay_and_then_that_he_may_bid(session: Session) -> None:
    listing = await make_listing(session, status="listed")
    buyer = await make_buyer(session)
    signatory = await make_person(session, await _organisation(session, buyer), [Role.SIGNATORY])
    intent = await make_intent(session, listing, buyer=buyer)
    await qualify_intent(session, await make_caller(session, Role.REVIEWER), intent.id, "qualify")
    await keep(session)
    assert await heard(session, buyer) == ["deposit_wanted"]
    assert "请缴纳保证金 10,000.00 元" in await text_for(session, buyer, "deposit_wanted")
    only_signs = select(Notification).where(Notification.person_id == signatory.id)
    assert (await session.scalars(only_signs)).all() == []


async def _organisation(session: Session, caller: Caller) -> Any:
    from app.accounts.queries import get_organisation  # noqa: PLC0415

    return await get_organisation(session, caller.organisation_id)


async def test_of_a_sale_each_side_is_told_its_own_and_the_losers_where_their_money_goes(
    session: Session,
) -> None:
    seller, buyer, loser = [await make(session) for make in (make_seller, make_buyer, make_buyer)]
    listing = await make_listing(session, status="listed", seller=seller)
    await make_intent(session, listing, status="admitted", buyer=loser)
    deal = await make_deal_of(session, listing, buyer)
    await keep(session)
    assert (await heard(session, seller))[-1] == "sold"
    assert (await heard(session, buyer))[-1] == "bought"
    assert (await heard(session, loser))[-1] == "not_won"
    assert "bought" not in await heard(session, loser)
    assert (await text_for(session, buyer, "bought")).endswith(
        f"128,000.00 元成交，请起草合同 -> /deals/{deal}"
    )


async def make_deal_of(session: Session, listing: Any, buyer: Caller) -> Any:
    """Sells a listing to somebody by the real award."""
    from app.trades.award import award_auction  # noqa: PLC0415
    from app.trades.models import Deal  # noqa: PLC0415
    from tests.make_trades import close_sale  # noqa: PLC0415

    intent = await make_intent(session, listing, status="admitted", buyer=buyer)
    await close_sale(session, listing, intent, 12_800_000)
    await award_auction(session, {"auction_id": str(listing.auction_id)})
    return await session.scalar(select(Deal.id).where(Deal.listing_id == listing.id))


async def test_both_sides_are_asked_to_sign_but_not_whoever_drew_it_up(session: Session) -> None:
    seller, buyer = await make_seller(session), await make_buyer(session)
    deal = await make_deal(session, seller=seller, buyer=buyer)
    contract = await draft_contract(session, seller, deal.id, OFFICE)
    await keep(session)
    assert "signature_wanted" not in await heard(session, seller)
    assert (await heard(session, buyer))[-1] == "signature_wanted"
    await sign_contract(session, seller, contract.id, contract.document_sha256)


async def test_the_registrar_and_then_the_seller_are_told_of_a_registration(session: Session) -> None:
    registrar = await make_caller(session, Role.REGISTRAR)
    await make_application(session)
    await keep(session)
    assert await heard(session, registrar) == ["registration_wanted"]
    agreed, registration = await make_registered(session)
    await keep(session)
    assert str(registration.registration_no) in await text_for(session, agreed.seller, "registered")


async def test_whoever_gave_an_address_gets_one_mail_with_the_same_words(session: Session) -> None:
    reviewer = await make_caller(session, Role.REVIEWER)
    session.add(MailAddress(person_id=reviewer.person_id, address="review@example.com"))
    await make_listing(session, status="in_review")
    await keep(session)
    await keep(session)
    mail = (await session.scalars(select(OutgoingMail))).one()
    assert (mail.address, mail.sent_at) == ("review@example.com", None)
    assert mail.subject == (await text_for(session, reviewer, "review_wanted")).partition(" -> ")[0]
    assert mail.link.startswith("/desk/listings/")


async def test_reading_one_reads_all_older_ones_and_nobody_else_s(session: Session) -> None:
    first, second = [await make_caller(session, Role.REVIEWER) for _ in range(2)]
    for _ in range(3):
        await make_listing(session, status="in_review")
    await keep(session)
    own = select(Notification.id).where(Notification.person_id == first.person_id)
    ids = list(await session.scalars(own.order_by(Notification.id)))
    assert await mark_read(session, first, ids[1]) == 1
    others = select(Notification.read_at).where(Notification.person_id == second.person_id)
    assert list(await session.scalars(others)) == [None, None, None]


def test_every_act_that_is_told_has_words_and_every_kind_is_named_once() -> None:
    assert set(TELLINGS) == TOLD
    everywhere = [telling for tellings in TELLINGS.values() for telling in tellings]
    assert {telling.kind for telling in everywhere} == set(KINDS)
    by_words = {(telling.kind, telling.zh, telling.en) for telling in everywhere}
    assert len(by_words) == len(KINDS)


@cache
def _said() -> frozenset[str]:
    """All texts of the program but the lists of what is told."""
    return frozenset(
        node.value
        for path in (ROOT / "app").rglob("*.py")
        if path.name not in ("audit.py", "words.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


@pytest.mark.parametrize("action", sorted(TOLD))
def test_every_act_that_is_told_is_recorded_somewhere(action: str) -> None:
    said = _said()
    # Some acts are named after the status that they lead to.
    kind, _, status = action.partition(".")
    assert action in said or (status in said and f"{kind}." in said)
