"""What travels over the wire about plans of payment: royalties, their reports and corrections, milestones."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from app.api.wire import Wire
from app.money import MAX_FEN, capital
from app.settlement.plan_models import MilestoneStatement, ReportCorrection, RoyaltyReport
from app.settlement.plan_queries import PeriodView, RoyaltyView
from app.settlement.plan_rules import Part, RoyaltyBase, RoyaltyTerms

PlanName = Literal["one_off", "instalments", "royalty", "entry_fee_plus_royalty", "deferred", "staged"]
Base = Literal["sales", "profit", "output"]
_MOST_PERIODS = 240
_MOST_DAYS = 36_500


class RoyaltyTermsWire(Wire):
    """A royalty: which share of what, for which periods; amounts in fen."""

    base: Base = Field(examples=["sales"])
    rate_bp: int = Field(ge=1, le=10_000, description="提成率（基点） / rate in basis points", examples=[300])
    period_months: Literal[1, 3, 6, 12] = Field(examples=[6])
    periods: int = Field(ge=1, le=_MOST_PERIODS, examples=[10])
    lead_months: int = Field(default=0, ge=0, le=_MOST_PERIODS, examples=[12])
    report_days: int = Field(default=30, ge=1, le=_MOST_DAYS, examples=[30])
    pay_days: int = Field(default=10, ge=1, le=_MOST_DAYS, examples=[10])
    minimum_fen: int = Field(default=0, ge=0, le=MAX_FEN, examples=[0])
    cap_fen: int | None = Field(default=None, ge=1, le=MAX_FEN, examples=[None])
    may_inspect: bool = Field(
        default=True, description="可查阅账目 / the seller may inspect accounts", examples=[True]
    )

    def terms(self) -> RoyaltyTerms:
        """As the rules know it."""
        return RoyaltyTerms(**{**self.model_dump(), "base": RoyaltyBase(self.base)})


class PlanPartWire(Wire):
    """A part of a price that is not known yet: a share, days after effect, perhaps a condition."""

    share_bp: int = Field(ge=1, le=10_000, examples=[10_000])
    due_days: int = Field(ge=1, le=_MOST_DAYS, examples=[400])
    condition: str | None = Field(
        default=None, min_length=2, max_length=300, examples=["首次取得产品销售收入"]
    )

    def part(self) -> Part:
        """As the rules know it."""
        return Part(self.share_bp, self.due_days, self.condition)


class AnnouncedPlanIn(Wire):
    """How a draft's price will be paid; ``one_off`` takes an earlier plan back."""

    kind: PlanName = Field(examples=["entry_fee_plus_royalty"])
    parts: list[PlanPartWire] = Field(default=[], max_length=24, examples=[[]])
    royalty: RoyaltyTermsWire | None = None


class AnnouncedPlanOut(Wire):
    """The plan announced with a listing, in its terms and in words."""

    listing_id: UUID
    kind: PlanName
    parts: list[PlanPartWire]
    royalty: RoyaltyTermsWire | None
    words_zh: str
    words_en: str
    allowed: list[PlanName] = Field(description="按卖方制度和权利可用的付款方式 / plans that are allowed")


class RoyaltyReportIn(Wire):
    """A period's base; ``reason`` where it replaces the report that is there."""

    period: int = Field(ge=1, le=_MOST_PERIODS, examples=[1])
    base_fen: int = Field(ge=0, le=MAX_FEN, examples=[50_000_000])
    note: str = Field(default="", max_length=1000, examples=["销售 1,200 台，附销售明细表"])
    reason: str | None = Field(default=None, max_length=1000, examples=[None])


class ReportAnswerIn(Wire):
    """Whether a report is accepted; an objection says why not."""

    accepts: bool = Field(examples=[True])
    objection: str | None = Field(default=None, max_length=1000, examples=[None])


class ReportCorrectionIn(Wire):
    """Another base for a report that was objected to."""

    base_fen: int = Field(ge=0, le=MAX_FEN, examples=[62_000_000])
    reason: str = Field(max_length=1000, examples=["查阅账目后核对的销售额"])


class CorrectionAnswerIn(Wire):
    """Whether a corrected base is agreed to."""

    agrees: bool = Field(examples=[True])


class MilestoneIn(Wire):
    """That the condition of a part is met, and by what this is seen."""

    place: int = Field(ge=1, le=24, examples=[1])
    statement: str = Field(max_length=1000, examples=["首批产品已交付客户并开票，附发票号。"])


class MilestoneAnswerIn(Wire):
    """Whether the other side confirms; a refusal says why."""

    confirms: bool = Field(examples=[True])
    reason: str | None = Field(default=None, max_length=1000, examples=[None])


class MadeOut(Wire):
    """The id of what was made or answered."""

    id: UUID


class ReportCorrectionOut(Wire):
    """A corrected base with who is to answer it or did."""

    id: UUID
    report_id: UUID
    side: Literal["seller", "buyer", "desk"]
    base_fen: int
    reason: str
    status: Literal["proposed", "agreed", "declined"]
    proposed_at: datetime
    answered_at: datetime | None
    is_mine: bool = Field(description="是否本人提出 / whether the reader proposed it")


class ReportOut(Wire):
    """A report as it was made, and what became of it."""

    id: UUID
    period: int
    base_fen: int
    note: str
    status: Literal["submitted", "objected", "accepted", "replaced"]
    reason: str | None
    reported_at: datetime
    objection: str | None
    objected_at: datetime | None
    accepted_base_fen: int | None
    royalty_fen: int | None
    royalty_capital: str | None = Field(examples=["人民币壹万伍仟元整"])
    payable_fen: int | None
    pay_by: date | None
    accepted_at: datetime | None


class RoyaltyPeriodOut(Wire):
    """A period with its last day to report, where it stands, its reports and corrected amounts."""

    number: int
    from_on: date
    to_on: date
    due_on: date
    state: Literal["coming", "due", "overdue", "submitted", "objected", "accepted"]
    reports: list[ReportOut]
    corrections: list[ReportCorrectionOut]


class StatementOut(Wire):
    """A statement that a part's condition is met."""

    id: UUID
    place: int
    side: Literal["seller", "buyer"]
    statement: str
    status: Literal["stated", "confirmed", "refused"]
    stated_at: datetime
    reason: str | None
    due_on: date | None


class RoyaltyOut(Wire):
    """A settlement's royalty with its periods, and its milestones' statements."""

    terms: RoyaltyTermsWire | None
    starts_on: date | None
    periods: list[RoyaltyPeriodOut]
    statements: list[StatementOut]


def _report(row: RoyaltyReport) -> ReportOut:
    plain = {name: getattr(row, name) for name in ReportOut.model_fields if name != "royalty_capital"}
    words = None if row.royalty_fen is None else capital(row.royalty_fen)
    return ReportOut(**plain, royalty_capital=words)


def _correction(row: ReportCorrection, person_id: UUID) -> ReportCorrectionOut:
    plain = {name: getattr(row, name) for name in ReportCorrectionOut.model_fields if name != "is_mine"}
    return ReportCorrectionOut(**plain, is_mine=row.proposed_by == person_id)


def _period(view: PeriodView, person_id: UUID) -> RoyaltyPeriodOut:
    plain = {name: getattr(view, name) for name in ("number", "from_on", "to_on", "due_on", "state")}
    return RoyaltyPeriodOut(
        **plain,
        reports=[_report(row) for row in view.reports],
        corrections=[_correction(row, person_id) for row in view.corrections],
    )


def _statement(place: int, row: MilestoneStatement) -> StatementOut:
    plain = {name: getattr(row, name) for name in StatementOut.model_fields if name != "place"}
    return StatementOut(**plain, place=place)


def show_royalty(view: RoyaltyView, person_id: UUID) -> RoyaltyOut:
    """Shows a royalty to a reader."""
    terms = None
    if view.plan is not None:
        terms = RoyaltyTermsWire(**{name: getattr(view.plan, name) for name in RoyaltyTermsWire.model_fields})
    return RoyaltyOut(
        terms=terms,
        starts_on=view.plan.starts_on if view.plan else None,
        periods=[_period(each, person_id) for each in view.periods],
        statements=[_statement(place, row) for place, row in view.statements],
    )
