"""Negotiation: what an offer may say, who may accept or withdraw it, what follows, and who sees which document."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from app.accounts.errors import NotPermitted
from app.accounts.models import Organisation
from app.accounts.permissions import Role
from app.contracts.drafting import draft_contract
from app.db import Database
from app.events import list_events
from app.trades import rooms
from app.trades.agreement import confirm_agreement
from app.trades.errors import AmountNotPositive, ListingMissing, SellerMayNotBuy
from app.trades.errors_notices import NoticeNeeded
from app.trades.errors_rooms import (
    CurrencyNotTaken,
    DocumentMissing,
    DocumentSize,
    LicenceTermsWrong,
    NegotiationOver,
    NotAgreed,
    NotNegotiated,
    NotYourOffer,
    OfferExpired,
    OfferMissing,
    OfferNotOpen,
    OwnOffer,
    PlanWrong,
    RightsNotOffered,
    RoomExists,
    RoomMissing,
    RoomNotOpen,
    UndertakingDiffers,
    UndertakingNeeded,
    ValidityOutOfRange,
)
from app.trades.models import Deal, Listing
from app.trades.negotiating import Instalment, OfferTerms, check_terms, undertaking_sha256
from app.trades.notice_end import end_notice
from app.trades.room_documents import give_undertaking, lay_document, see_document
from app.trades.room_models import NegotiationOffer, NegotiationRoom
from app.trades.room_queries import get_room_view, list_documents, list_rooms
from app.trades.rooms import accept_offer, make_offer, open_room, withdraw_offer
from tests.make_accounts import make_caller
from tests.make_contracts import OFFICE
from tests.make_trades import make_buyer, make_listing, make_negotiated, make_seller
from tests.races import meeting
from tests.races.meeting import Meeting
from tests.trades.test_trades_races import both, unlocked_listing

if TYPE_CHECKING:
    from uuid import UUID

    from app.accounts.caller import Caller
    from app.db import AnySession, Session
    from tests.conftest import SetNow

NOW = datetime(2026, 6, 1, 2, tzinfo=UTC)
CLOSES = NOW + timedelta(days=30)
TERMS = OfferTerms(price_fen=9_000_000, valid_until=NOW + timedelta(days=3))


def _check(terms: OfferTerms, rights: str = "assignment") -> None:
    check_terms(terms, rights=rights, now=NOW, closes_at=CLOSES)


@pytest.mark.parametrize(
    ("over", "error"),
    [
        ({"price_fen": 0}, AmountNotPositive),
        ({"price_fen": -1}, AmountNotPositive),
        ({"price_fen": 2**53}, AmountNotPositive),
        ({"currency": "USD"}, CurrencyNotTaken),
        ({"valid_until": NOW}, ValidityOutOfRange),
        ({"valid_until": CLOSES + timedelta(seconds=1)}, ValidityOutOfRange),
        ({"rights": "exclusive"}, RightsNotOffered),
        ({"territory": "CN"}, LicenceTermsWrong),
        ({"instalments": [Instalment(9_999, 1)]}, PlanWrong),
        ({"instalments": [Instalment(10_000, 1), Instalment(0, 2)]}, PlanWrong),
        ({"instalments": [Instalment(5_000, 9), Instalment(5_000, 2)]}, PlanWrong),
    ],
)
def test_an_offer_that_cannot_be_is_refused(over: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        _check(replace(TERMS, **over))


def test_an_offer_may_be_paid_in_instalments_and_a_licence_names_territory_and_term() -> None:
    _check(replace(TERMS, instalments=[Instalment(3_000, 5), Instalment(7_000, 200)]))
    _check(replace(TERMS, valid_until=CLOSES))
    licence = replace(TERMS, rights="ordinary", territory="CN", term_months=36)
    _check(licence, "ordinary")
    for over in ({"territory": None}, {"term_months": None}, {"term_months": 241}, {"territory": " "}):
        with pytest.raises(LicenceTermsWrong):
            _check(replace(licence, **over), "ordinary")


async def _room(session: Session, **over: Any) -> tuple[Listing, Caller, Caller, UUID]:
    seller, buyer = await make_seller(session), await make_buyer(session)
    listing = await make_negotiated(session, seller=seller, **over)
    return listing, seller, buyer, await open_room(session, buyer, listing.id)


def _offer(listing: Listing, price_fen: int = 9_000_000, hours: int = 1) -> OfferTerms:
    return OfferTerms(price_fen=price_fen, valid_until=listing.closes_at - timedelta(hours=hours))


async def _statuses(session: AnySession, room_id: UUID) -> list[str]:
    query = select(NegotiationOffer.status).where(NegotiationOffer.room_id == room_id)
    return list((await session.execute(query.order_by(NegotiationOffer.number))).scalars())


async def test_who_opens_a_room(session: Session, now_is: SetNow) -> None:
    listing, seller, buyer, room_id = await _room(session)
    with pytest.raises(RoomExists) as again:
        await open_room(session, buyer, listing.id)
    assert again.value.room_id == room_id
    other = await make_buyer(session)
    with pytest.raises(NotNegotiated):
        await open_room(session, other, (await make_listing(session, status="listed")).id)
    with pytest.raises(ListingMissing):
        await open_room(session, other, (await make_negotiated(session, status="draft")).id)
    with pytest.raises(NotPermitted):
        await open_room(session, await make_caller(session, Role.SELLER), listing.id)
    own = replace(seller, roles=frozenset({"bidder"}))
    with pytest.raises(SellerMayNotBuy):
        await open_room(session, own, listing.id)
    await now_is(session, listing.closes_at)
    with pytest.raises(NegotiationOver):
        await open_room(session, other, listing.id)


async def test_a_counter_offer_takes_the_place_of_the_one_before(session: Session) -> None:
    listing, seller, buyer, room_id = await _room(session)
    await make_offer(session, buyer, room_id, _offer(listing, 8_000_000))
    await make_offer(session, seller, room_id, _offer(listing, 9_500_000))
    await make_offer(session, buyer, room_id, _offer(listing, 9_000_000))
    assert await _statuses(session, room_id) == ["replaced", "replaced", "open"]
    with pytest.raises(OfferNotOpen):
        await accept_offer(session, buyer, room_id, 2)
    with pytest.raises(OfferMissing):
        await accept_offer(session, seller, room_id, 4)
    kinds = [event.kind for event in await list_events(session, room_id)]
    assert kinds == ["room_opened", "offer_made", "offer_made", "offer_made"]
    numbers = [event.number for event in await list_events(session, room_id, after=2)]
    assert numbers == [3, 4]


async def test_only_the_right_side_accepts_or_withdraws(session: Session) -> None:
    listing, seller, buyer, room_id = await _room(session)
    await make_offer(session, buyer, room_id, _offer(listing))
    with pytest.raises(OwnOffer):
        await accept_offer(session, buyer, room_id, 1)
    with pytest.raises(NotYourOffer):
        await withdraw_offer(session, seller, room_id, 1)
    stranger = await make_caller(session, Role.SELLER, Role.BIDDER)
    for act in (accept_offer, withdraw_offer):
        with pytest.raises(RoomMissing):
            await act(session, stranger, room_id, 1)
    with pytest.raises(NotPermitted):
        await accept_offer(session, replace(seller, roles=frozenset({"bidder"})), room_id, 1)
    await withdraw_offer(session, buyer, room_id, 1)
    with pytest.raises(OfferNotOpen):
        await accept_offer(session, seller, room_id, 1)


async def test_an_offer_ends_at_its_moment(session: Session, now_is: SetNow) -> None:
    listing, seller, buyer, room_id = await _room(session)
    terms = _offer(listing)
    await make_offer(session, buyer, room_id, terms)
    await now_is(session, terms.valid_until)
    with pytest.raises(OfferExpired) as refusal:
        await accept_offer(session, seller, room_id, 1)
    assert refusal.value.valid_until == terms.valid_until
    late = replace(terms, valid_until=listing.closes_at)
    await make_offer(session, buyer, room_id, late)
    assert await _statuses(session, room_id) == ["lapsed", "open"]
    await now_is(session, listing.closes_at)
    with pytest.raises(NegotiationOver):
        await accept_offer(session, seller, room_id, 2)


async def test_an_acceptance_is_final_and_becomes_a_deal(session: Session, now_is: SetNow) -> None:
    listing, seller, buyer, room_id = await _room(session)
    other = await make_buyer(session)
    other_room = await open_room(session, other, listing.id)
    await make_offer(session, other, other_room, _offer(listing, 1_000_000))
    plan = [Instalment(4_000, 10), Instalment(6_000, 100)]
    await make_offer(session, buyer, room_id, replace(_offer(listing), instalments=plan))
    with pytest.raises(NotAgreed):
        await confirm_agreement(session, seller, room_id)
    await accept_offer(session, seller, room_id, 1)
    closed = await session.get_one(NegotiationRoom, other_room)
    assert (closed.status, await _statuses(session, other_room)) == ("closed", ["lapsed"])
    for act in (
        make_offer(session, buyer, room_id, _offer(listing)),
        withdraw_offer(session, buyer, room_id, 1),
        accept_offer(session, seller, other_room, 1),
    ):
        with pytest.raises(RoomNotOpen):
            await act
    # What was agreed in time stays agreed when the listing's own end has come.
    await now_is(session, listing.closes_at)
    await end_notice(session, {"listing_id": str(listing.id)})
    assert listing.status == "listed"
    await confirm_agreement(session, buyer, room_id)
    deal = (await session.execute(select(Deal).where(Deal.listing_id == listing.id))).scalar_one()
    assert (deal.method, deal.price_fen, deal.buyer_id) == ("negotiated", 9_000_000, buyer.organisation_id)
    assert (deal.auction_id, deal.deposit_id, listing.status) == (None, None, "sold")
    agreed = deal.confirmation["agreed"]
    assert (agreed["number"], agreed["payment_plan"]["instalments"][1]["due_days"]) == (1, 100)
    assert deal.confirmation["remaining_fen"] == 9_000_000
    with pytest.raises(NotAgreed):
        await confirm_agreement(session, seller, room_id)
    contract = await draft_contract(session, seller, deal.id, OFFICE)
    words = str(contract.body["sections"])
    assert "协议定价" in words
    assert "没有交纳保证金" in words
    assert "分 2 期" in words


async def test_a_state_seller_needs_a_completed_notice_before_the_deal_and_a_private_one_none(
    session: Session,
) -> None:
    """Golden test 2."""
    seller, buyer = await make_seller(session), await make_buyer(session)
    (await session.get_one(Organisation, seller.organisation_id)).regime = "state_research"
    listing = await make_negotiated(session, seller=seller)
    room_id = await open_room(session, buyer, listing.id)
    await make_offer(session, buyer, room_id, _offer(listing))
    await accept_offer(session, seller, room_id, 1)
    with pytest.raises(NoticeNeeded):
        await confirm_agreement(session, seller, room_id)
    assert (await session.execute(select(func.count()).select_from(Deal))).scalar_one() == 0
    private, owner, other, second = await _room(session)
    await make_offer(session, other, second, _offer(private))
    await accept_offer(session, owner, second, 1)
    await confirm_agreement(session, owner, second)
    assert private.status == "sold"


async def test_a_negotiation_without_agreement_closes_its_listing(session: Session, now_is: SetNow) -> None:
    listing, _, buyer, room_id = await _room(session)
    await make_offer(session, buyer, room_id, _offer(listing))
    await now_is(session, listing.closes_at)
    await end_notice(session, {"listing_id": str(listing.id)})
    room = await session.get_one(NegotiationRoom, room_id)
    assert (listing.status, room.status, await _statuses(session, room_id)) == (
        "unsold",
        "closed",
        ["lapsed"],
    )


@pytest.mark.parametrize(
    "change",
    [
        "price_fen = 1",
        "status = 'accepted', ended_at = made_at, ended_for = side",
        "status = 'accepted', ended_at = valid_until, ended_for = 'seller'",
        "status = 'withdrawn', ended_at = made_at, ended_for = 'seller'",
        "currency = 'USD'",
    ],
)
async def test_the_database_keeps_offers_as_they_were_made(session: Session, change: str) -> None:
    listing, _, buyer, room_id = await _room(session)
    await make_offer(session, buyer, room_id, _offer(listing))
    with pytest.raises(DBAPIError, match=r"stands as it was made|violates check"):
        await session.execute(text(f"UPDATE negotiation_offer SET {change}"))


async def test_documents_are_seen_under_an_undertaking_and_each_view_is_recorded(session: Session) -> None:
    _, seller, buyer, room_id = await _room(session)
    with pytest.raises(UndertakingNeeded):
        await lay_document(session, seller, room_id, "说明.txt", b"secret")
    with pytest.raises(UndertakingDiffers):
        await give_undertaking(session, seller, room_id, "0" * 64)
    for _ in range(2):
        await give_undertaking(session, seller, room_id, undertaking_sha256())
    for content in (b"", b"x" * (5 * 1024 * 1024 + 1)):
        with pytest.raises(DocumentSize):
            await lay_document(session, seller, room_id, "说明.txt", content)
    document_id = await lay_document(session, seller, room_id, "说明.txt", b"secret")
    with pytest.raises(UndertakingNeeded):
        await see_document(session, buyer, document_id)
    with pytest.raises(DocumentMissing):
        await see_document(session, await make_buyer(session), document_id)
    await give_undertaking(session, buyer, room_id, undertaking_sha256())
    assert (await see_document(session, buyer, document_id)).content == b"secret"
    await see_document(session, await make_caller(session, Role.SUPERVISOR), document_id)
    (found,) = await list_documents(session, seller, room_id)
    assert found.views[0].organisation_id == buyer.organisation_id
    assert len(found.views) == 2
    assert "secret" not in str([event.body for event in await list_events(session, room_id)])


async def test_rooms_are_their_parties_own(session: Session) -> None:
    _, seller, buyer, room_id = await _room(session)
    for caller in (seller, buyer, await make_caller(session, Role.REVIEWER)):
        assert (await get_room_view(session, caller, room_id)).room.id == room_id
        assert [view.room.id for view in await list_rooms(session, caller)] == [room_id]
    for stranger in (await make_buyer(session), await make_caller(session, Role.FINANCE)):
        with pytest.raises(RoomMissing):
            await get_room_view(session, stranger, room_id)
        assert await list_rooms(session, stranger) == []


# Accept against withdraw, with a twin.


async def _open_offer(session: Session) -> tuple[Caller, Caller, UUID]:
    listing, seller, buyer, room_id = await _room(session)
    await make_offer(session, buyer, room_id, _offer(listing))
    return seller, buyer, room_id


async def _kinds(session: AnySession, room_id: UUID) -> tuple[str, list[str]]:
    room = await session.get_one(NegotiationRoom, room_id)
    kinds = [event.kind for event in await list_events(session, room_id)]
    return room.status, [kind for kind in kinds if kind in {"offer_accepted", "offer_withdrawn"}]


async def accept_and_withdraw(db: Database, patch: pytest.MonkeyPatch) -> None:
    """Of an acceptance and a withdrawal at once exactly one has happened, and the room says which."""
    seller, buyer, room_id = await db.write(_open_offer)
    place, read = Meeting(), rooms.get_offer

    async def read_and_meet(session: AnySession, room_id: UUID, number: int) -> NegotiationOffer:
        found = await read(session, room_id, number)
        await place.arrive()
        return found

    patch.setattr(rooms, "get_offer", read_and_meet)
    answers = await both(
        db.write(accept_offer, seller, room_id, 1), db.write(withdraw_offer, buyer, room_id, 1)
    )
    refused = [type(answer) for answer in answers if isinstance(answer, Exception)]
    assert len(refused) == 1
    status, kinds = await db.read(_kinds, room_id)
    assert (status, kinds) in [("agreed", ["offer_accepted"]), ("open", ["offer_withdrawn"])]


async def _unlocked_room(session: Session, room_id: UUID) -> NegotiationRoom:
    return await session.get_one(NegotiationRoom, room_id, populate_existing=True)


async def test_under_the_lock_an_offer_is_accepted_or_withdrawn(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await accept_and_withdraw(db, monkeypatch)


async def test_without_the_lock_it_would_be_both(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rooms, "lock_listing", unlocked_listing)
    monkeypatch.setattr(rooms, "lock_room", _unlocked_room)
    monkeypatch.setattr(meeting, "_PATIENCE_SECONDS", 10)
    with pytest.raises((AssertionError, DBAPIError)):
        await accept_and_withdraw(db, monkeypatch)


async def test_a_listing_comes_to_one_agreement(db: Database) -> None:
    async def two(session: Session) -> tuple[Caller, list[UUID]]:
        listing, seller, buyer, room_id = await _room(session)
        other = await make_buyer(session)
        other_id = await open_room(session, other, listing.id)
        await make_offer(session, buyer, room_id, _offer(listing))
        await make_offer(session, other, other_id, _offer(listing))
        return seller, [room_id, other_id]

    seller, room_ids = await db.write(two)
    answers = await asyncio.gather(
        *(db.write(accept_offer, seller, room_id, 1) for room_id in room_ids), return_exceptions=True
    )
    assert [type(answer) for answer in answers if isinstance(answer, Exception)] == [RoomNotOpen]

    async def agreed(session: AnySession) -> int:
        query = select(func.count()).select_from(NegotiationRoom).where(NegotiationRoom.status == "agreed")
        return (await session.execute(query)).scalar_one()

    assert await db.read(agreed) == 1
