"""What a public notice looks like over the wire, and what is sent to make one."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from app.api.wire import Line, Wire
from app.calendar_days import Period, Unit
from app.money import MAX_FEN
from app.trades.notice_models import NoticeObjection
from app.trades.notice_queries import NoticeView
from app.trades.notices import NoticeContent

NoticeStatusName = Literal["draft", "running", "suspended", "completed", "terminated", "withdrawn", "void"]
Mode = Literal["assign", "license", "joint_implement", "invest_in_kind", "other"]
Relation = Literal["unit_member", "interested_party", "inventor"]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]
Told = Annotated[str, StringConstraints(strip_whitespace=True, min_length=10, max_length=2000)]
Proof = Annotated[str, StringConstraints(strip_whitespace=True, min_length=5, max_length=2000)]


class PeriodWire(Wire):
    """How long a notice runs; ``second`` on the demonstration's board alone."""

    count: Annotated[int, Field(ge=1, le=100_000)]
    unit: Literal["day", "working_day", "second"]


class NoticeIn(Wire):
    """What a notice says; what the seller's jurisdiction does not ask for may be left out."""

    achievement_name: Line = Field(examples=["一种绳网的编织方法"])
    price_fen: Annotated[int, Field(gt=0, le=MAX_FEN, description="分 / fen", examples=[12800000])]
    transferee_id: UUID | None = Field(
        default=None,
        description="受让方，或填统一社会信用代码 / the transferee, or its credit code",
        examples=["0198f2a4-7c11-7d0e-8a53-5f1f0a7be001"],
    )
    transferee_uscc: str | None = Field(default=None, max_length=60, examples=["91110000600037341L"])
    transfer_mode: Mode = "assign"
    abstract: Text = Field(default="", examples=["用于温室大棚的绳网编织方法。"])
    payment_terms: Text = Field(default="", examples=["合同生效后 10 日内一次付清。"])
    pricing_basis: Text = Field(default="", examples=["院长办公会纪要〔2026〕3号。"])
    is_related: bool = Field(
        default=False, description="受让方是完成人或利害关系人 / related", examples=[False]
    )
    relation: Text = Field(default="", examples=["受让方与完成人无关联。"])
    involved: Annotated[list[Line], Field(max_length=50, examples=[["发明人甲"]])] = Field(
        default_factory=list, description="完成人和利害关系人姓名 / inventors and those related to them"
    )
    posted_at_unit: Text = Field(default="", examples=["本单位官网公示栏、科研楼一层公告栏"])
    objection_channel: Text = Field(default="", examples=["成果转化办公室，科研楼 301 室"])
    objection_procedure: Text = Field(
        default="", examples=["实名书面提出，成果转化领导小组 10 个工作日内书面答复。"]
    )
    is_cleared: bool = Field(
        default=False, description="已通过保密审查 / the secrecy check was passed", examples=[True]
    )
    on_market: bool = Field(
        default=True, description="同时在本市场公示 / on the market's board too", examples=[True]
    )
    period: PeriodWire | None = Field(default=None, examples=[{"count": 15, "unit": "day"}])

    def content(self) -> NoticeContent:
        """As the operation takes it."""
        period = Period(self.period.count, Unit(self.period.unit)) if self.period else None
        return NoticeContent(**{**dict(self), "period": period})


class DraftIn(NoticeIn):
    """A notice of one of the caller's own published sales."""

    listing_id: UUID = Field(examples=["0198f2a4-7c11-7d0e-8a53-5f1f0a7be001"])


class ObjectionIn(Wire):
    """An objection in the caller's own name: what he has to do with it, why he objects, and what proves it."""

    relation: Relation
    reason: Told = Field(examples=["本人是该成果的完成人之一，公示的完成人名单有遗漏。"])
    evidence: Proof = Field(examples=["项目任务书第 3 页，实验记录本 2025-04 册。"])


class ObjectionDecisionIn(Wire):
    """What the unit decided, by which of its bodies; whoever records it declares that he is not involved."""

    decision: Literal["reject", "uphold"]
    text: Told = Field(examples=["经核查任务书与实验记录，完成人名单无遗漏，异议不成立。"])
    body: Line = Field(examples=["成果转化领导小组"])
    is_unrelated: bool = Field(examples=[True])


class ObjectionOut(Wire):
    """An objection; who objected and why is for the seller, the desks and the objector himself."""

    id: UUID
    number: int = Field(examples=[1])
    filed_at: datetime
    relation: Relation
    objector_name: str | None
    reason: str | None
    evidence: str | None
    decision: Literal["reject", "uphold"] | None
    decision_text: str | None
    decided_body: str | None
    decided_at: datetime | None


class NoticeOut(Wire):
    """A notice; ``ends_at`` is null while it stands still, ``remaining`` counts in the period's unit."""

    id: UUID
    notice_no: str = Field(examples=["GS2026-0001"])
    version: int
    status: NoticeStatusName
    listing_id: UUID
    listing_no: str = Field(examples=["T2026-0001"])
    listing_title: str
    is_demonstration: bool
    seller_id: UUID
    seller_name: str
    jurisdiction: str | None
    achievement_name: str
    abstract: str
    transfer_mode: Mode
    price_fen: int
    payment_terms: str
    pricing_basis: str
    transferee_id: UUID
    transferee_name: str
    is_related: bool
    relation: str
    involved: list[str]
    posted_at_unit: str
    objection_channel: str
    objection_procedure: str
    is_cleared: bool
    on_market: bool
    publishes_result: bool
    period: PeriodWire
    elapsed: int
    remaining: int
    counted_from: datetime | None
    ends_at: datetime | None
    published_at: datetime | None
    completed_at: datetime | None
    certificate_sha256: str | None
    end_reason: str = Field(description="项目终结的理由 / why its sale was terminated")
    objections: list[ObjectionOut]


class NoticeCertificateOut(Wire):
    """The certificate of a completed notice; its fingerprint is the SHA-256 of its canonical form."""

    document: dict[str, Any]
    sha256: str


class TimelineEventOut(Wire):
    """Something that happened to a listing; numbers have no gap."""

    number: int
    kind: str = Field(examples=["notice_published"])
    at: datetime
    body: dict[str, Any]


class TimelineOut(Wire):
    """What happened to a listing, the oldest first."""

    items: list[TimelineEventOut]


def _objection_out(view: NoticeView, one: NoticeObjection) -> ObjectionOut:
    tells = view.sees(one)
    # What was decided is published where the seller's jurisdiction asks for it.
    tells_result = tells or view.notice.publishes_result
    return ObjectionOut(
        id=one.id,
        number=one.number,
        filed_at=one.filed_at,
        relation=one.relation,
        objector_name=one.objector_name if tells else None,
        reason=one.reason if tells else None,
        evidence=one.evidence if tells else None,
        decision=one.decision,
        decision_text=one.decision_text if tells_result and one.decision else None,
        decided_body=one.decided_body if tells_result and one.decision else None,
        decided_at=one.decided_at,
    )


def notice_out(view: NoticeView) -> NoticeOut:
    """A notice as its reader may see it."""
    notice = view.notice
    plain = NoticeOut.model_fields.keys() & {column.name for column in notice.__table__.columns}
    return NoticeOut(
        **{name: getattr(notice, name) for name in plain},
        listing_no=view.listing.listing_no,
        listing_title=view.listing.title,
        is_demonstration=view.listing.is_demonstration,
        seller_name=view.seller.name,
        jurisdiction=view.listing.seller_jurisdiction,
        period=PeriodWire(count=notice.period_count, unit=notice.period_unit),
        remaining=notice.period_count - notice.elapsed,
        objections=[_objection_out(view, one) for one in view.objections],
    )
