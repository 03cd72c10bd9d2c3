"""What a seller declares with a listing: the rights in the way and the secrecy review."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from app.api.deps import Wire
from app.trades.secrecy_rules import LONGEST_REVIEWER

SecrecyReviewer = Annotated[
    str,
    Field(
        max_length=LONGEST_REVIEWER,
        description="保密审查人，不公开 / who reviewed, not public",
        examples=["科研处"],
    ),
]
SecrecyDay = Annotated[date, Field(description="审查日期 / its day", examples=["2026-11-02"])]
SecrecyResult = Annotated[
    Literal["public", "internal", "classified"],
    Field(
        description="结论：public 公开, internal 内部, classified 涉密（不予受理）/ what is classified is refused",
        examples=["public"],
    ),
]


class DeclaredIn(Wire):
    """The declarations of a listing; all are needed before it is submitted."""

    rights_declared: bool = Field(
        default=False,
        description="声明：除已申报的共有人、质押和在先许可外没有其他 / no other right is in the way",
        examples=[True],
    )
    secrecy_reviewer: SecrecyReviewer | None = None
    secrecy_on: SecrecyDay | None = None
    secrecy_result: SecrecyResult | None = None


class DeclaredPatch(Wire):
    """Changes to the declarations of a draft."""

    rights_declared: bool | None = Field(default=None, examples=[True])
    secrecy_reviewer: SecrecyReviewer | None = None
    secrecy_on: SecrecyDay | None = None
    secrecy_result: SecrecyResult | None = None
