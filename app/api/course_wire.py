"""What a listing's course looks like to its readers, and what is sent to change it."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from app.api.deps import Wire
from app.api.listings import Fen, Moment
from app.trades.bulletins import Said
from app.trades.rules import (
    LONGEST_DESCRIPTION,
    LONGEST_ENCUMBRANCES,
    LONGEST_REASON,
    LONGEST_TITLE,
    SHORTEST_REASON,
)

WordsZh = Annotated[
    str,
    Field(min_length=SHORTEST_REASON, max_length=LONGEST_REASON, examples=["专利权属出现争议，待核实。"]),
]
WordsEn = Annotated[
    str,
    Field(
        min_length=SHORTEST_REASON,
        max_length=LONGEST_REASON,
        examples=["The title to the patent is disputed."],
    ),
]


class ReasonedIn(Wire):
    """Why, as everybody reads it, in both languages."""

    reason_zh: WordsZh
    reason_en: WordsEn

    @property
    def said(self) -> Said:
        """The reason as the operations take it."""
        return Said(self.reason_zh, self.reason_en)


class ResumptionIn(ReasonedIn):
    """Why it goes on, and until when buyers may come in; the earliest deadline where none is chosen."""

    deadline_at: Moment | None = None


class TerminationIn(ReasonedIn):
    """Why it ends: an obstacle that cannot be removed, or its seller withdraws it."""

    ground: Literal["obstacle", "withdrawal"] = Field(
        description="obstacle 障碍不能消除, withdrawal 转让方撤回", examples=["obstacle"]
    )


class ChangesIn(Wire):
    """What is to change; what is left out stays, and times that are left out move with the notice."""

    title: str | None = Field(default=None, max_length=LONGEST_TITLE, examples=["一种绳网的编织方法"])
    description: str | None = Field(
        default=None, max_length=LONGEST_DESCRIPTION, examples=["补充披露：已在两地试用。"]
    )
    encumbrances: str | None = Field(default=None, max_length=LONGEST_ENCUMBRANCES, examples=["无质押。"])
    start_price_fen: Fen | None = None
    step_fen: Fen | None = None
    notice_ends_at: Moment | None = None
    opens_at: Moment | None = None
    closes_at: Moment | None = None
    hard_end_at: Moment | None = None
    method: str | None = Field(
        default=None, max_length=40, description="发布后不能改变 / never changes once published"
    )
    format: str | None = Field(default=None, max_length=40, description="发布后不能改变 / never changes")
    deposit_fen: Fen | None = Field(default=None, description="发布后不能改变 / never changes")
    reserve_price_fen: Fen | None = Field(default=None, description="发布后不能改变 / never changes")

    def wanted(self) -> dict[str, Any]:
        """The fields that were sent; those that never change are refused in words further on."""
        return self.model_dump(exclude_none=True)


class PetitionIn(ReasonedIn):
    """What the seller asks the listing desk for."""

    kind: Literal["suspend", "terminate", "change"] = Field(
        description="suspend 中止, terminate 撤回（终结）, change 变更并重新公告", examples=["suspend"]
    )
    changes: ChangesIn | None = None


class PetitionDecisionIn(Wire):
    """The desk's decision; a refusal needs a reason, which the seller reads as it is."""

    decision: Literal["approve", "refuse"]
    reason: str = Field(default="", max_length=LONGEST_REASON, examples=["请补交内部决策文件。"])


class PetitionOut(Wire):
    """A seller's petition and what became of it; one whose listing ended meanwhile has lapsed."""

    id: UUID
    kind: Literal["suspend", "terminate", "change"]
    reason_zh: str
    reason_en: str
    changes: dict[str, Any]
    asked_at: datetime
    decision: Literal["approve", "refuse", "lapse"] | None
    decision_reason: str
    decided_at: datetime | None


class PetitionsOut(Wire):
    """All petitions of a listing, the oldest first."""

    items: list[PetitionOut]


class BulletinOut(Wire):
    """What was announced about a listing; ``changes`` has each changed field's old and new value."""

    number: int
    kind: Literal["suspended", "resumed", "terminated", "changed", "prolonged"]
    ground: Literal["obstacle", "withdrawal"] | None
    reason_zh: str
    reason_en: str
    at: datetime
    until_at: datetime | None = Field(description="中止最长至 / how long a suspension lasts at most")
    deadline_before: datetime
    deadline_after: datetime | None
    announcement: int
    changes: dict[str, Any]
    voided_auction_id: UUID | None
    auction_id: UUID | None


class KinOut(Wire):
    """The listing before or after this one."""

    id: UUID
    listing_no: str
    start_price_fen: int


class CourseOut(Wire):
    """The bulletins of a listing, its present deadline, and its former and following listing."""

    bulletins: list[BulletinOut]
    announcement: int
    deadline_at: datetime | None = Field(description="公告截止 / until when the notice lasts")
    earliest_deadline_at: datetime | None = Field(
        description="现在恢复时最早的公告截止 / the earliest deadline if it were resumed now"
    )
    former: KinOut | None
    follower: KinOut | None


class ConfirmationIn(Wire):
    """The rules of the announcement in force, by their fingerprint."""

    accept_rules_sha256: str = Field(
        pattern="^[0-9a-f]{64}$", examples=["9f86d081884c7d659a2feaa0c55ad015" * 2]
    )


class BoardNoticeOut(Wire):
    """A board's least notice."""

    count: int
    unit: Literal["day", "working_day", "month", "second"]


class BoardOut(Wire):
    """A board with what it admits."""

    key: str = Field(examples=["standard"])
    zh: str
    en: str
    sellers: list[str]
    rights: list[str]
    methods: list[str]
    notice: BoardNoticeOut


class BoardsOut(Wire):
    """The boards that are open today."""

    items: list[BoardOut]
