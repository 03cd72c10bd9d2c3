"""What travels over the wire about settlements."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from app.accounts.caller import Caller
from app.api.deals import DealListingOut, SideOut
from app.api.plan_wire import PlanName, RoyaltyTermsWire
from app.api.wire import Wire
from app.money import MAX_FEN, capital
from app.settlement.queries import SettlementView
from app.settlement.rules import MOST_INSTALMENTS

Status = Literal[
    "proposed",
    "contracted",
    "escrow_partial",
    "escrow_full",
    "rights_recorded",
    "released",
    "completed",
    "defaulted",
]
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$", examples=["0" * 64])]


class TermIn(Wire):
    """A part of the price with its last day; a condition that is met makes it due sooner."""

    amount_fen: int = Field(ge=1, le=MAX_FEN, examples=[4_000_000])
    due_on: date = Field(examples=["2026-12-20"])
    condition: str | None = Field(default=None, min_length=2, max_length=300, examples=[None])


class PlanIn(Wire):
    """How the price is paid; one payment needs no terms, other terms are the price with the deposit.

    A royalty has its own terms; a plan that was announced with the listing needs its kind alone.
    """

    kind: PlanName = Field(examples=["one_off"])
    terms: list[TermIn] = Field(default=[], max_length=MOST_INSTALMENTS, examples=[[]])
    royalty: RoyaltyTermsWire | None = None


class AnswerIn(Wire):
    """Whether the other side's plan is accepted."""

    accepts: bool = Field(examples=[True])


class AnswerOut(Wire):
    """What was answered; a declined plan leaves the deal without one."""

    id: UUID
    accepts: bool


class RecordalIn(Wire):
    """The document of the recordal, with the fingerprint of its file."""

    recordal_no: str = Field(min_length=2, max_length=60, examples=["2026112000123450"])
    recordal_on: date = Field(examples=["2026-11-20"])
    sha256: Sha256


class EscrowReleaseIn(Wire):
    """How much of the escrow is released."""

    amount_fen: int = Field(ge=1, le=MAX_FEN, examples=[12_800_000])


class ReleaseDecisionIn(Wire):
    """Whether the second person approves."""

    approves: bool = Field(examples=[True])


class TermOut(Wire):
    """A part of the price with its last day and its condition."""

    place: int = Field(examples=[1])
    amount_fen: int = Field(examples=[11_800_000])
    due_on: date
    condition: str | None


class RecordalOut(Wire):
    """The document of the recordal and whether it was found in order."""

    recordal_no: str = Field(examples=["2026112000123450"])
    recordal_on: date
    sha256: Sha256
    reviewed_at: datetime | None


class ReleaseOut(Wire):
    """A release with its parts, and its two people by name for the desks."""

    id: UUID
    amount_fen: int = Field(examples=[12_800_000])
    seller_fen: int = Field(examples=[12_544_000])
    fee_fen: int = Field(examples=[256_000])
    commission_fen: int = Field(examples=[0])
    status: Literal["requested", "approved", "rejected"]
    requested_at: datetime
    requested_by_name: str | None
    decided_at: datetime | None
    decided_by_name: str | None


class SettlementOut(Wire):
    """A settlement: what is due, what has come, what has gone."""

    id: UUID
    deal_id: UUID
    deal_no: str = Field(examples=["CJ2026-0001"])
    listing: DealListingOut
    seller: SideOut
    buyer: SideOut
    my_side: Literal["seller", "buyer"] | None
    proposer_side: Literal["seller", "buyer"]
    kind: PlanName
    status: Status
    began_on: date
    price_fen: int = Field(examples=[12_800_000])
    due_fen: int = Field(description="迄今应付总额 / all that is owed so far", examples=[12_800_000])
    is_open: bool = Field(
        description="还有提成期未结 / a period of royalties is still open", examples=[False]
    )
    price_capital: str = Field(examples=["人民币壹拾贰万捌仟元整"])
    deposit_fen: int = Field(examples=[1_000_000])
    received_fen: int = Field(examples=[1_000_000])
    released_fen: int = Field(examples=[0])
    escrow_fen: int = Field(examples=[1_000_000])
    fee_fen: int = Field(examples=[256_000])
    buyer_fee_fen: int = Field(examples=[128_000])
    commission_bp: int = Field(examples=[0])
    terms: list[TermOut]
    recordal: RecordalOut | None
    releases: list[ReleaseOut]
    completed_at: datetime | None
    created_at: datetime


def _side(view: SettlementView, organisation_id: UUID) -> Literal["seller", "buyer"] | None:
    if organisation_id == view.settlement.seller_id:
        return "seller"
    return "buyer" if organisation_id == view.settlement.buyer_id else None


def _recordal(view: SettlementView) -> RecordalOut | None:
    row = view.settlement
    if row.recordal_no is None or row.recordal_on is None or row.recordal_sha256 is None:
        return None
    return RecordalOut(
        recordal_no=row.recordal_no,
        recordal_on=row.recordal_on,
        sha256=row.recordal_sha256,
        reviewed_at=row.reviewed_at,
    )


def _releases(view: SettlementView, caller: Caller) -> list[ReleaseOut]:
    columns = [name for name in ReleaseOut.model_fields if not name.endswith("_name")]
    return [
        ReleaseOut(
            **{name: getattr(each.release, name) for name in columns},
            # Who of the exchange's people did it is the exchange's own affair.
            requested_by_name=each.requested_by_name if caller.is_exchange else None,
            decided_by_name=each.decided_by_name if caller.is_exchange else None,
        )
        for each in view.releases
    ]


def show_settlement(view: SettlementView, caller: Caller) -> SettlementOut:
    """Shows a settlement to a caller; who of the exchange released is for the desks."""
    row = view.settlement
    columns = {name for name in SettlementOut.model_fields if name in row.__table__.columns}
    return SettlementOut(
        **{name: getattr(row, name) for name in columns},
        deal_no=view.deal.deal_no,
        listing=DealListingOut.model_validate(view.listing),
        seller=SideOut.model_validate(view.seller),
        buyer=SideOut.model_validate(view.buyer),
        my_side=_side(view, caller.organisation_id),
        proposer_side=_side(view, row.proposer_id) or "seller",
        price_capital=capital(row.price_fen),
        escrow_fen=row.received_fen - row.released_fen,
        terms=[TermOut.model_validate(term) for term in view.terms],
        recordal=_recordal(view),
        releases=_releases(view, caller),
    )
