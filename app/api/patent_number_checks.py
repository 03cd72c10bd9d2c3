"""Checks of patent application numbers: for a form while it is filled in."""

from typing import Annotated, Literal

from fastapi import Path
from pydantic import Field

from app.api.deps import LangDep, Wire
from app.api.problems import problems
from app.api.routing import Router
from app.catalog.errors import CheckDigitMissing, CheckDigitWrong
from app.catalog.patent_number import parse_application_number
from app.errors import Invalid

router = Router(prefix="/patent-number-checks", tags=["patents"])


class NumberProblem(Wire):
    """Why a number is not right."""

    code: str = Field(examples=["check-digit-wrong"])
    detail: str = Field(examples=["申请号“89103229.2”的校验位应为 0，写的是 2。"])


class NumberCheckOut(Wire):
    """What a number says, or what is wrong with it."""

    written: str = Field(examples=["ZL201710601862.3"])
    valid: bool = Field(examples=[True])
    normalised: str | None = Field(
        description="规范写法；校验位有误时为可能的正确写法 / normal form; with a wrong check digit, what may be meant",
        examples=["CN201710601862.3"],
    )
    patent_type: Literal["invention", "utility_model", "design"] | None = Field(examples=["invention"])
    is_pct: bool = Field(examples=[False])
    expected_check: str | None = Field(
        description="应有的校验位 / the check digit there should be", examples=["3"]
    )
    warnings: list[str] = Field(
        description="kind_unknown 种类位不认识, no_check_digit 1989 年以前无校验位", examples=[[]]
    )
    problem: NumberProblem | None = Field(examples=[None])


def _wrong(number: str, error: Invalid, lang: LangDep) -> NumberCheckOut:
    digit = error if isinstance(error, CheckDigitWrong | CheckDigitMissing) else None
    return NumberCheckOut(
        written=number,
        valid=False,
        normalised=digit.corrected if digit else None,
        patent_type=None,
        is_pct=False,
        expected_check=digit.expected if digit else None,
        warnings=[],
        problem=NumberProblem(code=error.code, detail=error.detail(lang)),
    )


@router.get("/{number}", operation_id="check_patent_number", responses=problems(422))
async def check(
    number: Annotated[
        str,
        Path(
            min_length=1,
            max_length=60,
            description="申请号 / application number",
            examples=["ZL201710601862.3"],
        ),
    ],
    lang: LangDep,
) -> NumberCheckOut:
    """Reads an application number and verifies its check digit; a wrong one is an answer, not an error."""
    try:
        found = parse_application_number(number)
    except Invalid as error:
        return _wrong(number, error, lang)
    warnings = {"kind_unknown": found.patent_type is None, "no_check_digit": not found.has_check_digit}
    return NumberCheckOut(
        written=number,
        valid=True,
        normalised=found.text,
        patent_type=found.patent_type.value if found.patent_type else None,
        is_pct=found.is_pct,
        expected_check=found.text[-1] if found.has_check_digit else None,
        warnings=[warning for warning, holds in warnings.items() if holds],
        problem=None,
    )
