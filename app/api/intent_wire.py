"""Intents to buy on the wire: what a buyer declares, and what he and the desk read."""

from datetime import datetime
from typing import Annotated, Literal, TypedDict
from uuid import UUID

from pydantic import Field, StringConstraints

from app.accounts.caller import Caller
from app.api.wire import Wire
from app.trades.consortium import MemberView
from app.trades.declaring_rules import Declaration, Partner, Relation
from app.trades.intent_cases import IntentCase
from app.trades.states import OPEN_INTENTS
from app.trades.withdrawing import deadline_of

IntentState = Literal["submitted", "qualified", "rejected", "paid", "admitted", "won", "lost", "withdrawn"]
OwnerName = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]


class _Declared(TypedDict):
    claims_priority: bool
    said: Declaration


class RelationIn(Wire):
    """Whether there is a relation, and which."""

    is_related: bool = Field(examples=[True])
    words: str = Field(default="", max_length=500, examples=["法定代表人为发明人之配偶"])


class RelationsIn(Wire):
    """The three relations that are asked for."""

    seller: RelationIn
    inventor: RelationIn
    exchange: RelationIn


class PartnerIn(Wire):
    """A partner of a consortium by its credit code, with its share."""

    uscc: str = Field(min_length=18, max_length=30, examples=["91330100000000019T"])
    share_bp: int = Field(ge=1, le=10_000, examples=[4_000])


class IntentIn(Wire):
    """The rules that the buyer has read and accepts, by the fingerprint from the auction's rules."""

    accept_rules_sha256: str = Field(
        pattern="^[0-9a-f]{64}$", examples=["9f86d081884c7d659a2feaa0c55ad015" * 2]
    )
    claims_priority: bool = Field(
        default=False,
        description="主张公布的优先购买权，由审核岗认定 / claims the announced right of first refusal",
        examples=[False],
    )
    relations: RelationsIn | None = Field(
        default=None,
        description="与转让方、发明人、交易机构的关联 / relations to seller, inventors and exchange",
    )
    beneficial_owners: list[OwnerName] = Field(
        default_factory=list,
        max_length=20,
        examples=[["甲某某"]],
        description="实际控制人或受益所有人 / who stands behind the buyer",
    )
    lead_share_bp: int = Field(
        default=10_000,
        ge=1,
        le=10_000,
        description="本单位份额，万分比 / the own share, in basis points",
        examples=[6_000],
    )
    partners: list[PartnerIn] = Field(
        default_factory=list,
        max_length=20,
        description="联合体其他成员 / the other members of a consortium",
        examples=[[{"uscc": "91330100000000019T", "share_bp": 4_000}]],
    )

    def declared(self) -> _Declared:
        """What is declared beside the rules, as the operation takes it."""
        said = {} if self.relations is None else self.relations.model_dump()
        declaration = Declaration(
            relations={whom: Relation(**relation) for whom, relation in said.items()},
            beneficial_owners=tuple(self.beneficial_owners),
            lead_share_bp=self.lead_share_bp,
            partners=tuple(Partner(one.uscc, one.share_bp) for one in self.partners),
        )
        return {"claims_priority": self.claims_priority, "said": declaration}


class IntentMemberOut(Wire):
    """A member of a consortium, or the buyer alone, with its share and its answer."""

    organisation_id: UUID
    name: str
    uscc: str | None
    share_bp: int
    is_lead: bool
    answer: Literal["open", "consented", "declined"]


class IntentListingOut(Wire):
    """The listing that the intent is for."""

    id: UUID
    listing_no: str = Field(examples=["T2026-0001"])
    title: str
    status: str
    is_demonstration: bool
    start_price_fen: int
    method: Literal["auction", "listed", "negotiated"]
    notice_ends_at: datetime | None
    deposit_fen: int | None
    opens_at: datetime | None
    auction_id: UUID | None
    priority: Literal["none", "in_field", "post"]
    priority_holders: list[str]


class IntentSaleOut(Wire):
    """The sale as it stands."""

    id: UUID
    status: Literal["scheduled", "open", "suspended", "sold", "unsold", "void"]
    ends_at: datetime


class BuyerOut(Wire):
    """Who wants to buy."""

    id: UUID
    name: str
    kind: str


class IntentDepositOut(Wire):
    """The intent's deposit in short; how to pay it is with the deposit itself."""

    id: UUID
    amount_fen: int
    status: Literal["due", "held", "released", "captured", "forfeited", "lapsed", "cancelled"]
    reference: str = Field(examples=["BZ123456786"])


class IntentOut(Wire):
    """An intent; ``bidder_code`` is shown to the buyer himself, and to the desk only after the close."""

    id: UUID
    status: IntentState
    listing: IntentListingOut
    auction: IntentSaleOut | None
    buyer: BuyerOut
    rules_sha256: str
    claims_priority: bool
    has_priority: bool
    needs_confirmation: bool = Field(
        description="项目已变更并重新公告，须在公告截止前重新确认 / the listing was announced anew: confirm before its deadline"
    )
    reason: str | None
    relations: RelationsIn | None
    beneficial_owners: list[str]
    members: list[IntentMemberOut]
    my_part: Literal["lead", "partner"] | None = Field(
        description="本单位是牵头方还是成员 / what the caller's organisation is in it"
    )
    is_held: bool = Field(description="有串通嫌疑，待认定 / held for a suspicion that the desk decides on")
    withdraw_until: datetime
    withdrawn_at: datetime | None
    deposit: IntentDepositOut | None
    bidder_code: str | None = Field(examples=["E05"])
    created_at: datetime
    decided_at: datetime | None
    admitted_at: datetime | None


def intent_out(case: IntentCase, caller: Caller) -> IntentOut:
    """Writes an intent for this caller."""
    view = case.view
    intent, auction = view.intent, view.auction
    # Until the close nobody but the buyer knows who is behind a code (法释〔2016〕18号 article 18).
    is_told = intent.buyer_id == caller.organisation_id or (
        auction is not None and auction.closed_at is not None
    )
    sale = None
    if auction is not None:
        sale = IntentSaleOut(id=auction.id, status=auction.phase, ends_at=auction.ends_at)
    return IntentOut(
        id=intent.id,
        status=intent.status,
        listing=IntentListingOut.model_validate(view.listing),
        auction=sale,
        buyer=BuyerOut.model_validate(view.buyer),
        rules_sha256=intent.rules_sha256,
        claims_priority=intent.claims_priority,
        has_priority=intent.has_priority,
        needs_confirmation=intent.status in OPEN_INTENTS and intent.announcement < view.listing.announcement,
        reason=intent.reason,
        relations=RelationsIn.model_validate(intent.relations) if intent.relations else None,
        beneficial_owners=intent.beneficial_owners,
        members=[_member_out(member) for member in case.members],
        my_part=_part_of(case, caller),
        is_held=case.is_held,
        withdraw_until=deadline_of(view.listing),
        withdrawn_at=intent.withdrawn_at,
        deposit=None if view.deposit is None else IntentDepositOut.model_validate(view.deposit),
        bidder_code=intent.bidder_code if is_told else None,
        created_at=intent.created_at,
        decided_at=intent.decided_at,
        admitted_at=intent.admitted_at,
    )


def _member_out(view: MemberView) -> IntentMemberOut:
    member = view.member
    consented = "consented" if member.consented_at is not None else "open"
    return IntentMemberOut(
        organisation_id=member.organisation_id,
        name=view.organisation.name,
        uscc=view.organisation.uscc,
        share_bp=member.share_bp,
        is_lead=member.is_lead,
        answer="declined" if member.declined_at is not None else consented,
    )


def _part_of(case: IntentCase, caller: Caller) -> Literal["lead", "partner"] | None:
    if case.view.intent.buyer_id == caller.organisation_id:
        return "lead"
    own = caller.organisation_id
    return "partner" if any(member.organisation.id == own for member in case.members) else None
