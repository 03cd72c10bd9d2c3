"""What a reader may ask of a list, as the parameters of its route: made of the list's own description."""

import inspect
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import Depends, Query
from pydantic import AfterValidator, BeforeValidator

from app.api.wire import storable, temporal
from app.lists import Asked, Shape
from app.money import MAX_FEN

_WORDS = Annotated[
    str,
    AfterValidator(storable),
    Query(max_length=200, description="搜索词，空格隔开的都要有 / words, all of which must be found"),
]
_DAY = Annotated[
    Annotated[date, BeforeValidator(temporal)] | None,
    Query(description="日期范围，含当日 / a range of days, both ends within"),
]
_FEN = Annotated[int | None, Query(ge=0, le=MAX_FEN, description="金额范围，分 / a range of amounts, in fen")]


def asks(shape: Shape) -> Any:  # noqa: ANN401 - FastAPI's own
    """Makes the dependency that reads what is asked of a list: only what the list can answer is a parameter."""

    async def read(**given: Any) -> Asked:  # noqa: ANN401 - the parameters below
        given["words"] = given.pop("q", "")
        return Asked(**given)

    # A type that is made of the list's own names, which no type checker can read.
    sorts: Any = Literal.__getitem__(shape.sort_names)
    order: Any = Annotated[
        sorts | None, Query(description="排序，- 为从大到小；不填为最新在前 / - for largest first")
    ]
    parameters: list[tuple[str, Any, object]] = [("sort", order, None)]
    if shape.words:
        parameters.append(("q", _WORDS, ""))
    if shape.on is not None:
        parameters += [("from_on", _DAY, None), ("to_on", _DAY, None)]
    if shape.fen is not None:
        parameters += [("least_fen", _FEN, None), ("most_fen", _FEN, None)]
    read.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=kind, default=default)
            for name, kind, default in parameters
        ],
        return_annotation=Asked,
    )
    return Depends(read)
