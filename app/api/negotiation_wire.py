"""What a negotiation room looks like to its parties and the operator."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from app.accounts.caller import Caller
from app.api.deps import Wire
from app.api.listings import Fen
from app.trades.negotiating import (
    LATEST_DUE_DAYS,
    LONGEST_TERM_MONTHS,
    LONGEST_WORDS,
    MOST_INSTALMENTS,
    UNDERTAKING_EN,
    UNDERTAKING_ZH,
    WHOLE_BP,
    Instalment,
    OfferTerms,
    undertaking_sha256,
)
from app.trades.room_models import NegotiationOffer
from app.trades.room_queries import DocumentView, RoomView, side_of

SideName = Literal["seller", "buyer"]
Rights = Literal["assignment", "exclusive", "sole", "ordinary"]


class InstalmentWire(Wire):
    """A part of the price, in hundredths of a per cent, and when it is due after the contract takes effect."""

    share_bp: int = Field(ge=1, le=WHOLE_BP, examples=[5000])
    due_days: int = Field(ge=0, le=LATEST_DUE_DAYS, examples=[10])


class OfferIn(Wire):
    """An offer; without instalments the price is paid in one sum. Territory and term belong to licences."""

    price_fen: Fen
    currency: str = Field(default="CNY", max_length=3, examples=["CNY"])
    valid_until: datetime = Field(examples=["2026-12-01T01:00:00Z"])
    instalments: list[InstalmentWire] = Field(
        default_factory=list,
        max_length=MOST_INSTALMENTS,
        description="分期付款，合计 10000；一次付清则不写 / instalments that make 10000; none for one sum",
        examples=[[{"share_bp": 5000, "due_days": 10}, {"share_bp": 5000, "due_days": 100}]],
    )
    rights: Rights = "assignment"
    territory: str | None = Field(default=None, max_length=100, examples=[None])
    term_months: int | None = Field(default=None, ge=1, le=LONGEST_TERM_MONTHS, examples=[None])
    words: str = Field(default="", max_length=LONGEST_WORDS, examples=["含一年技术指导。"])

    def terms(self) -> OfferTerms:
        """The offer as the rules read it."""
        plain = self.model_dump(exclude={"instalments"})
        plan = [Instalment(one.share_bp, one.due_days) for one in self.instalments]
        return OfferTerms(**plain, instalments=plan)


class UndertakingIn(Wire):
    """The fingerprint of the undertaking's text as it was read."""

    text_sha256: str = Field(pattern="^[0-9a-f]{64}$", examples=["0" * 64])


class RoomOfferOut(Wire):
    """An offer of the room by its number."""

    number: int
    side: SideName
    price_fen: int
    currency: str
    instalments: list[InstalmentWire]
    rights: Rights
    territory: str | None
    term_months: int | None
    words: str
    made_at: datetime
    valid_until: datetime
    status: Literal["open", "accepted", "withdrawn", "replaced", "lapsed"]
    ended_at: datetime | None


class RoomPartyOut(Wire):
    """A party of the room."""

    id: UUID
    name: str
    kind: str


class RoomListingOut(Wire):
    """What is negotiated about."""

    id: UUID
    listing_no: str
    title: str
    rights: Rights
    territory: str | None = Field(description="挂牌的许可地域 / where the licence is offered")
    status: str
    asking_price_fen: int
    closes_at: datetime
    is_demonstration: bool


class UndertakingStateOut(Wire):
    """The confidentiality undertaking, and which sides have given it."""

    text_zh: str
    text_en: str
    text_sha256: str
    given_by: list[SideName]


class RoomOut(Wire):
    """A negotiation room; ``my_side`` is null for the operator."""

    id: UUID
    listing: RoomListingOut
    seller: RoomPartyOut
    buyer: RoomPartyOut
    my_side: SideName | None
    status: Literal["open", "agreed", "closed"]
    opened_at: datetime
    ended_at: datetime | None
    deal_id: UUID | None
    offers: list[RoomOfferOut]
    undertaking: UndertakingStateOut


class DocumentViewOut(Wire):
    """Who saw a document when."""

    person_id: UUID
    organisation_id: UUID
    seen_at: datetime


class RoomDocumentOut(Wire):
    """A document that a side laid before the other, and everybody who saw it."""

    id: UUID
    side: SideName
    name: str
    sha256: str
    laid_at: datetime
    views: list[DocumentViewOut]


class RoomDocumentsOut(Wire):
    """All documents of a room."""

    items: list[RoomDocumentOut]


def offer_out(offer: NegotiationOffer) -> RoomOfferOut:
    """Writes an offer."""
    own = {name: getattr(offer, name) for name in RoomOfferOut.model_fields if name != "instalments"}
    plan = offer.payment_plan.get("instalments", [])
    return RoomOfferOut(**own, instalments=[InstalmentWire(**one) for one in plan])


def room_out(view: RoomView, caller: Caller) -> RoomOut:
    """Writes a room for this caller."""
    room, listing = view.room, view.listing
    return RoomOut(
        id=room.id,
        listing=RoomListingOut(
            id=listing.id,
            listing_no=listing.listing_no,
            title=listing.title,
            rights=listing.rights,
            territory=listing.territory,
            status=listing.status,
            asking_price_fen=listing.start_price_fen,
            closes_at=listing.closes_at,
            is_demonstration=listing.is_demonstration,
        ),
        seller=RoomPartyOut.model_validate(view.seller),
        buyer=RoomPartyOut.model_validate(view.buyer),
        my_side=side_of(room, caller.organisation_id),
        status=room.status,
        opened_at=room.opened_at,
        ended_at=room.ended_at,
        deal_id=room.deal_id,
        offers=[offer_out(offer) for offer in view.offers],
        undertaking=UndertakingStateOut(
            text_zh=UNDERTAKING_ZH,
            text_en=UNDERTAKING_EN,
            text_sha256=undertaking_sha256(),
            given_by=[one.side for one in view.undertakings],
        ),
    )


def document_out(view: DocumentView) -> RoomDocumentOut:
    """Writes a document without its content."""
    document = view.document
    return RoomDocumentOut(
        id=document.id,
        side=document.side,
        name=document.name,
        sha256=document.sha256,
        laid_at=document.laid_at,
        views=[DocumentViewOut.model_validate(one) for one in view.views],
    )
