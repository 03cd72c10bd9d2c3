"""Desks (工作台): what waits, live sales and money to come, for a seller, a buyer and the exchange's posts."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from app.api.deps import CallerDep, DbDep, LangDep, Wire
from app.api.problems import problems
from app.api.routing import Router
from app.desks.desks import read_buyer_desk, read_exchange_desk, read_seller_desk
from app.desks.money import MoneyToCome
from app.desks.stages import Waiting, last_day_of
from app.desks.words import link_of, press_of, sentence_of, watched_sentence
from app.errors import Lang

router = Router(prefix="/desks", tags=["desks"])


class WaitingOut(Wire):
    """Something that waits for the caller: a sentence, its deadline and the page where it is done."""

    kind: str = Field(examples=["contract_to_sign"])
    subject_id: UUID
    text: str = Field(examples=["合同 HT2026-0001（一种温控装置）等你方签署"])
    press: str = Field(examples=["去签署"])
    link: str = Field(examples=["/contracts/01938d2c-0000-7000-8000-000000000000"])
    amount_fen: int | None
    since: datetime
    due_at: datetime | None = Field(description="没有期限的为 null / null where there is no deadline")
    last_day: date | None = Field(description="最后一日 / the last day on which it can be done")


class MoneyToComeOut(Wire):
    """A deal whose price is not all with the seller yet, with the next payment that is due."""

    deal_id: UUID
    deal_no: str = Field(examples=["CJ2026-0001"])
    listing_no: str = Field(examples=["T2026-0001"])
    title: str
    buyer_name: str
    price_fen: int
    received_fen: int
    escrow_fen: int
    released_fen: int
    requested_fen: int = Field(
        description="待第二人批准的放款 / the release that waits for its second person"
    )
    next_fen: int | None
    next_due_on: date | None


class SellerDeskOut(Wire):
    """A seller's desk; ``sales`` counts the listings by state."""

    sales: dict[str, int] = Field(examples=[{"listed": 2, "sold": 1}])
    waiting: list[WaitingOut]
    money: list[MoneyToComeOut]


class LiveSaleOut(Wire):
    """A bidding that the buyer is admitted to."""

    auction_id: UUID
    listing_no: str = Field(examples=["T2026-0001"])
    title: str
    status: Literal["scheduled", "open", "suspended", "sold", "unsold", "void"]
    bidder_code: str = Field(examples=["E05"])
    price_fen: int | None
    is_leading: bool
    opens_at: datetime | None
    ends_at: datetime


class OpenRoomOut(Wire):
    """A negotiation that goes on, with its open offer."""

    id: UUID
    listing_no: str = Field(examples=["T2026-0001"])
    title: str
    seller_name: str
    offer_side: Literal["seller", "buyer"] | None
    offer_fen: int | None
    valid_until: datetime | None


class BuyerDeskOut(Wire):
    """A buyer's desk; ``intents`` counts them by state, ``held_fen`` is what is held of his deposits."""

    intents: dict[str, int] = Field(examples=[{"admitted": 1}])
    held_fen: int
    waiting: list[WaitingOut]
    sales: list[LiveSaleOut]
    rooms: list[OpenRoomOut]


class DealDeadlineOut(Wire):
    """A deadline of a deal, as a desk watches it."""

    deal_id: UUID
    kind: str = Field(examples=["contract_to_sign"])
    side: Literal["seller", "buyer"]
    subject_id: UUID
    text: str = Field(examples=["合同 HT2026-0001（一种温控装置）待受让方签署"])
    amount_fen: int | None
    since: datetime
    due_at: datetime | None
    last_day: date | None


class ExchangeDeskOut(Wire):
    """A desk of the exchange: what waits for its holder, and all deals whose deadlines run."""

    waiting: list[WaitingOut]
    deals: list[DealDeadlineOut]


def _waiting(items: list[Waiting], lang: Lang) -> list[WaitingOut]:
    return [
        WaitingOut(
            kind=each.kind,
            subject_id=each.subject_id,
            text=sentence_of(each, lang),
            press=press_of(each.kind, lang),
            link=link_of(each),
            amount_fen=each.amount_fen,
            since=each.since,
            due_at=each.due_at,
            last_day=None if each.due_at is None else last_day_of(each.due_at),
        )
        for each in items
    ]


def _deadline(item: Waiting, lang: Lang) -> DealDeadlineOut:
    return DealDeadlineOut(
        deal_id=item.members["deal_id"],
        kind=item.kind,
        side=item.side.value,
        subject_id=item.subject_id,
        text=watched_sentence(item, lang),
        amount_fen=item.amount_fen,
        since=item.since,
        due_at=item.due_at,
        last_day=None if item.due_at is None else last_day_of(item.due_at),
    )


def _money(item: MoneyToCome) -> MoneyToComeOut:
    return MoneyToComeOut(**{name: getattr(item, name) for name in MoneyToComeOut.model_fields})


@router.get("/seller", operation_id="get_seller_desk", responses=problems(401, 403))
async def seller(db: DbDep, caller: CallerDep, lang: LangDep) -> SellerDeskOut:
    """出让工作台：我的项目、待办、待收款 / The seller's desk: sales, what waits, money to come."""
    found = await db.read(read_seller_desk, caller)
    return SellerDeskOut(
        sales=found.sales,
        waiting=_waiting(found.waiting, lang),
        money=[_money(each) for each in found.money],
    )


@router.get("/buyer", operation_id="get_buyer_desk", responses=problems(401, 403))
async def buyer(db: DbDep, caller: CallerDep, lang: LangDep) -> BuyerDeskOut:
    """受让工作台：意向、保证金、待办、竞价、协商 / The buyer's desk: intents, deposits, what waits, sales, rooms."""
    found = await db.read(read_buyer_desk, caller)
    return BuyerDeskOut(
        intents=found.intents,
        held_fen=found.held_fen,
        waiting=_waiting(found.waiting, lang),
        sales=[LiveSaleOut.model_validate(each) for each in found.sales],
        rooms=[OpenRoomOut.model_validate(each) for each in found.rooms],
    )


@router.get("/exchange", operation_id="get_exchange_desk", responses=problems(401, 403))
async def exchange(db: DbDep, caller: CallerDep, lang: LangDep) -> ExchangeDeskOut:
    """岗位工作台：本岗待办、各成交的期限 / A post's desk: what waits for it, and the deadlines of all deals."""
    found = await db.read(read_exchange_desk, caller)
    return ExchangeDeskOut(
        waiting=_waiting(found.waiting, lang), deals=[_deadline(each, lang) for each in found.deals]
    )
