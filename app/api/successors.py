"""Asking the next bidder after a default (递补征询): the seller asks, the bidder answers, the desks look on."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path
from pydantic import Field

from app.accounts.caller import Caller
from app.api.deals import DealListingOut, SideOut
from app.api.deps import CallerDep, DbDep, PageDep, PageOf, Wire
from app.api.idempotency import IdempotencyKeyDep, once
from app.api.problems import problems
from app.api.routing import Router
from app.trades.rules import LONGEST_REASON
from app.trades.successor_queries import (
    SuccessorOfferView,
    get_successor_offer,
    get_written_successor_offer,
    list_successor_offers,
)
from app.trades.successors import answer_successor_offer, ask_successor, get_succession

router = Router(tags=["successor-offers"])
OfferId = Annotated[UUID, Path(description="征询 / the offer's id")]
DealId = Annotated[UUID, Path(description="违约的成交 / the deal in default")]


class SuccessionOut(Wire):
    """Who may be asked, by code, at his own last bid; his name is told when he has accepted."""

    deal_id: UUID
    bidder_code: str = Field(examples=["E05"])
    price_fen: int = Field(examples=[12_700_000])
    longest_days: int = Field(
        examples=[15], description="答复期限最长天数 / the longest time for an answer, in days"
    )


class SuccessorOfferIn(Wire):
    """Until when the offer stands; it is not revoked before."""

    expires_at: datetime = Field(examples=["2026-12-01T09:00:00Z"])
    words: str = Field(default="", max_length=LONGEST_REASON, examples=["按贵方最后报价另行签约。"])


class SuccessorAnswerIn(Wire):
    """Whether the bidder takes the offer."""

    accepts: bool = Field(examples=[True])


class SuccessorOfferOut(Wire):
    """An offer to the next bidder; the seller reads his name once he has accepted, until then his code."""

    id: UUID
    listing: DealListingOut
    default_deal_id: UUID
    default_deal_no: str = Field(examples=["CJ2026-0001"])
    seller: SideOut
    bidder: SideOut | None
    bidder_code: str = Field(examples=["E05"])
    my_side: Literal["seller", "bidder"] | None
    price_fen: int
    words: str
    status: Literal["open", "accepted", "declined", "lapsed"]
    asked_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    deal_id: UUID | None = Field(description="同意后的新成交 / the deal that it became")


def _out(view: SuccessorOfferView, caller: Caller) -> SuccessorOfferOut:
    offer = view.offer
    is_bidder = caller.organisation_id == offer.bidder_id
    is_told = is_bidder or caller.is_exchange or offer.status == "accepted"
    side: Literal["seller", "bidder"] | None = "bidder" if is_bidder else None
    if caller.organisation_id == offer.seller_id:
        side = "seller"
    return SuccessorOfferOut(
        id=offer.id,
        listing=DealListingOut.model_validate(view.listing),
        default_deal_id=offer.default_deal_id,
        default_deal_no=view.defaulted.deal_no,
        seller=SideOut.model_validate(view.seller),
        bidder=SideOut.model_validate(view.bidder) if is_told else None,
        bidder_code=offer.bidder_code,
        my_side=side,
        price_fen=offer.price_fen,
        words=offer.words,
        status=offer.status,
        asked_at=offer.asked_at,
        expires_at=offer.expires_at,
        ended_at=offer.ended_at,
        deal_id=offer.deal_id,
    )


@router.get(
    "/deals/{deal_id}/succession", operation_id="get_succession", responses=problems(401, 403, 404, 409, 422)
)
async def read_succession(deal_id: DealId, db: DbDep, caller: CallerDep) -> SuccessionOut:
    """Says for the seller whom he may ask after this deal's default; a refusal says why nobody."""
    found = await db.read(get_succession, caller, deal_id)
    return SuccessionOut(
        deal_id=deal_id,
        bidder_code=found.bid.code,
        price_fen=found.bid.amount_fen,
        longest_days=found.announced.longest_days,
    )


@router.post(
    "/deals/{deal_id}/successor-offers",
    status_code=201,
    operation_id="ask_successor",
    responses=problems(401, 403, 404, 409, 422),
)
async def ask(
    deal_id: DealId, body: SuccessorOfferIn, db: DbDep, caller: CallerDep, key: IdempotencyKeyDep = None
) -> SuccessorOfferOut:
    """Offers the next bidder a new agreement at his own last bid; the offer is not revoked."""
    made = await db.write(
        once,
        caller,
        key,
        "ask_successor",
        body,
        lambda session: ask_successor(session, caller, deal_id, body.expires_at, body.words),
        subject=deal_id,
    )
    return _out(await db.read(get_written_successor_offer, made), caller)


@router.get("/successor-offers", operation_id="list_successor_offers", responses=problems(401, 403, 422))
async def list_(db: DbDep, caller: CallerDep, page: PageDep) -> PageOf[SuccessorOfferOut]:
    """Lists the offers that one's organisation made or was made, or all for a desk, the newest first."""
    rows = await db.read(list_successor_offers, caller, before_id=page.after_id, limit=page.fetch)
    shown, next_cursor = page.cut(rows, lambda view: view.offer.id)
    return PageOf[SuccessorOfferOut](items=[_out(view, caller) for view in shown], next_cursor=next_cursor)


@router.get(
    "/successor-offers/{offer_id}",
    operation_id="get_successor_offer",
    responses=problems(401, 403, 404, 422),
)
async def get(offer_id: OfferId, db: DbDep, caller: CallerDep) -> SuccessorOfferOut:
    """Reads an offer, for its two sides and the desks."""
    return _out(await db.read(get_successor_offer, caller, offer_id), caller)


@router.post(
    "/successor-offers/{offer_id}/answers",
    status_code=201,
    operation_id="answer_successor_offer",
    responses=problems(401, 403, 404, 409, 422),
)
async def answer(
    offer_id: OfferId, body: SuccessorAnswerIn, db: DbDep, caller: CallerDep, key: IdempotencyKeyDep = None
) -> SuccessorOfferOut:
    """Answers as the bidder who was asked; accepted, a new deal takes the place of the one in default."""
    done = await db.write(
        once,
        caller,
        key,
        "answer_successor_offer",
        body,
        lambda session: answer_successor_offer(session, caller, offer_id, accepts=body.accepts),
        subject=offer_id,
    )
    return _out(await db.read(get_written_successor_offer, done), caller)
