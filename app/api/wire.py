"""What travels over the wire: strict models, pages with cursors, and the problem document's schema."""

import base64
import binascii
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Generic, TypeVar
from uuid import UUID

import orjson
from fastapi import Query
from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler, StringConstraints
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from app.errors import Invalid

T = TypeVar("T")
_JSON_SAFE = 2**53 - 1  # larger integers lose digits in browsers
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # PostgreSQL text holds neither NUL nor half a surrogate pair
_YEARS = range(1900, 2200)


_UNSTORABLE_TEXT = PydanticCustomError("string_unstorable", "The text has a character that cannot be stored")
_NOT_ISO = PydanticCustomError(
    "temporal_text", "Write dates and times in ISO 8601, e.g. 2026-12-01T09:00:00Z"
)
_YEAR_FAR_OFF = PydanticCustomError("temporal_year", "The year must lie between 1900 and 2199")
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def storable(value: str) -> str:
    """The text as it is, unless it holds a character that the database cannot keep."""
    if _UNSTORABLE.search(value):
        raise _UNSTORABLE_TEXT
    return value


def temporal(value: object) -> object:
    """Refuses numbers, which pydantic would take for seconds since 1970, and years no trade can have."""
    if isinstance(value, str):
        if not _ISO_DAY.match(value):
            raise _NOT_ISO
        year = int(value[:4])
    elif isinstance(value, date):
        year = value.year
    else:
        raise _NOT_ISO
    if year not in _YEARS:
        raise _YEAR_FAR_OFF
    return value


def _tighten(schema: Any) -> Any:  # noqa: ANN401 - core schemas are nested plain dicts
    """Makes numbers and booleans strict, bounds integers, and guards texts and times, at any depth of a schema."""
    if isinstance(schema, list | tuple):
        return type(schema)(_tighten(item) for item in schema)
    if not isinstance(schema, dict):
        return schema
    tight = {key: value if key in _OPAQUE else _tighten(value) for key, value in schema.items()}
    kind = schema.get("type")
    if kind in ("int", "float", "bool"):
        tight["strict"] = True
    if kind == "int":
        tight.setdefault("le", _JSON_SAFE)
        if "gt" not in tight:
            tight.setdefault("ge", -_JSON_SAFE)
    if kind == "str":
        return core_schema.no_info_after_validator_function(storable, tight)
    if kind == "datetime":
        tight["tz_constraint"] = "aware"
    if kind in ("date", "datetime"):
        return core_schema.no_info_before_validator_function(temporal, tight)
    return tight


# Parts of a core schema that hold values, classes or functions, not schemas.
_OPAQUE = frozenset(
    {"metadata", "cls", "function", "serialization", "config", "default", "expected", "members", "ref"}
)


class Wire(BaseModel):
    """A request or answer body: unknown fields are refused, and nothing is taken for a number that is not one."""

    # Each model's checks are made when its route is read, or the model itself is first used: not at every start.
    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", from_attributes=True, defer_build=True)

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[BaseModel], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Tightens what pydantic made of the fields; the OpenAPI file shows the bounds too."""
        tight: CoreSchema = _tighten(handler(source))
        return tight


# One line of text that people read: a name, a title.
Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$"),
]


class PageOf(Wire, Generic[T]):
    """One page of a list; ``next_cursor`` is null on the last."""

    items: list[T]
    next_cursor: str | None


@dataclass(eq=False)
class CursorWrong(Invalid):
    """The cursor is not one of this list's."""

    zh = "cursor 不对。请用上一页返回的 next_cursor，第一页不要带 cursor。"
    en = "The cursor is wrong. Use the next_cursor of the page before, or none for the first page."


@dataclass(frozen=True)
class Page:
    """Which part of a list is wanted: ``after`` is the key of the last row seen, ``limit`` the page's size."""

    after: tuple[str, ...] | None
    limit: int

    @property
    def fetch(self) -> int:
        """How many rows to ask for: one more than shown, to know whether there is a next page."""
        return self.limit + 1

    @property
    def after_id(self) -> UUID | None:
        """The key of a list that is ordered by id alone. Raises CursorWrong."""
        if self.after is None:
            return None
        try:
            (last,) = self.after
            return UUID(last)
        except ValueError:
            raise CursorWrong from None

    @property
    def after_moment(self) -> tuple[datetime, UUID] | None:
        """The key of a list that is ordered by an instant and an id. Raises CursorWrong."""
        if self.after is None:
            return None
        try:
            moment, last = self.after
            key = datetime.fromisoformat(moment), UUID(last)
        except ValueError:
            raise CursorWrong from None
        if key[0].tzinfo is None:
            raise CursorWrong
        return key

    def cut(self, rows: Sequence[T], key: Callable[[T], object]) -> tuple[list[T], str | None]:
        """Cuts the rows fetched to the page's size and makes the cursor of the next page from the last row's key."""
        shown = list(rows[: self.limit])
        if len(rows) <= self.limit or not shown:
            return shown, None
        last = key(shown[-1])
        return shown, cursor_of(*(last if isinstance(last, tuple) else (last,)))


def cursor_of(*key: object) -> str:
    """Writes a row's key as an opaque cursor."""
    parts = [item.isoformat() if isinstance(item, datetime | date) else str(item) for item in key]
    return base64.urlsafe_b64encode(orjson.dumps(parts)).decode().rstrip("=")


def read_cursor(cursor: str) -> tuple[str, ...]:
    """Reads a cursor back into the key's parts as text. Raises CursorWrong."""
    try:
        parts = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError):
        raise CursorWrong from None
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
        raise CursorWrong
    return tuple(parts)


async def get_page(
    cursor: Annotated[
        str | None,
        Query(max_length=500, description="上一页返回的 next_cursor / next_cursor of the page before"),
    ] = None,
    limit: Annotated[int, Query(ge=1, le=100, description="每页条数 / rows a page")] = 20,
) -> Page:
    """Reads the paging parameters of a list; async only because FastAPI would take it to a thread otherwise."""
    return Page(after=read_cursor(cursor) if cursor else None, limit=limit)
