"""Lists: narrowed by what a reader asks, in the order he asks for, and cut into pages by key.

One description (``Shape``) says for a list what may be searched and by what it may be ordered; whoever reads the list
gives what he asks (``Asked``). A page begins after the key of the last row seen, so pages neither repeat nor lose a row
that was there all the time, and a cursor of one order is refused in another.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Self, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, Select, func, literal, or_, tuple_

from app.clock import SHANGHAI
from app.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

_Query = TypeVar("_Query", bound=Select[*tuple[Any, ...]])

_MOST_WORDS = 8
_LARGEST = 2**63 - 1
# What stands for an empty value in an order: it comes last whichever way the list runs.
_FIRST: dict[type, object] = {
    int: -_LARGEST,
    date: date(1900, 1, 1),
    datetime: datetime(1900, 1, 1, tzinfo=UTC),
}
_LAST: dict[type, object] = {
    int: _LARGEST,
    date: date(2199, 12, 31),
    datetime: datetime(2199, 12, 31, tzinfo=UTC),
}


@dataclass(eq=False)
class SortCursorWrong(Invalid):
    """The cursor belongs to another order of the list."""

    zh = "cursor 不属于这种排序。换了排序请从第一页开始，不带 cursor。"
    en = "The cursor belongs to another order of this list. After changing the order begin anew, without a cursor."


@dataclass(eq=False)
class RangeTurned(Invalid):
    """A range ends before it begins."""

    zh = "范围写反了：从 {begins} 到 {ends}。请把较小的写在前面。"
    en = "The range is turned round: from {begins} to {ends}. Put the smaller one first."
    begins: str
    ends: str


@dataclass(frozen=True)
class Key:
    """What a list may be ordered by: the column, and where its value is in a row (``deal.price_fen``)."""

    column: Any
    path: str
    is_optional: bool = False

    @property
    def kind(self) -> type:
        """The Python type of the value."""
        found: type = self.column.type.python_type
        return found

    def ordered(self, *, falls: bool) -> Any:  # noqa: ANN401 - a column of any type
        """The column as it is ordered: empty values come last."""
        if not self.is_optional:
            return self.column
        return func.coalesce(self.column, literal(self._empty(falls=falls), self.column.type))

    def value(self, row: object, *, falls: bool) -> object:
        """The value of a row, as the order sees it."""
        found: object = row
        for name in self.path.split("."):
            found = None if found is None else getattr(found, name)
        return self._empty(falls=falls) if found is None else found

    def read(self, text: str) -> object:
        """Reads a value back from a cursor. Raises ValueError."""
        if self.kind is datetime:
            moment = datetime.fromisoformat(text)
            if moment.tzinfo is None:
                raise ValueError(text)
            return moment
        if self.kind is date:
            return date.fromisoformat(text)
        if self.kind is int:
            number = int(text)
            if abs(number) > _LARGEST:
                raise ValueError(text)
            return number
        if self.kind is UUID:
            return UUID(text)
        if "\0" in text:
            raise ValueError(text)
        return text

    def _empty(self, *, falls: bool) -> object:
        return (_FIRST if falls else _LAST)[self.kind]


@dataclass(frozen=True)
class Asked:
    """What a reader asks of a list; without a sort the newest come first.

    ``from_on`` and ``to_on`` are days at the exchange, both within the range. Raises RangeTurned.
    """

    words: str = ""
    from_on: date | None = None
    to_on: date | None = None
    least_fen: int | None = None
    most_fen: int | None = None
    sort: str | None = None
    after: tuple[str, ...] | None = None
    limit: int = 50

    def __post_init__(self) -> None:
        """Refuses a range that is turned round."""
        for begins, ends in ((self.from_on, self.to_on), (self.least_fen, self.most_fen)):
            if begins is not None and ends is not None and begins > ends:  # type: ignore[operator]
                raise RangeTurned(str(begins), str(ends))

    def at(self, after: tuple[str, ...] | None, limit: int) -> Self:
        """The same list from after a key on."""
        return replace(self, after=after, limit=limit)

    @property
    def falls(self) -> bool:
        """Whether the largest come first."""
        return self.sort is None or self.sort.startswith("-")


NEWEST = Asked()


@dataclass(frozen=True)
class Shape:
    """A list: its id, what its words are searched in, which day and amount its ranges are about, and its orders."""

    id: Key
    sorts: Mapping[str, Key]
    words: tuple[Any, ...] = ()
    on: Any = None
    fen: Any = None

    @property
    def sort_names(self) -> tuple[str, ...]:
        """What may be asked as a sort: every column both ways, ``-`` for the largest first."""
        return tuple(sign + name for name in self.sorts for sign in ("", "-"))

    def ask(self, query: _Query, asked: Asked) -> _Query:
        """Narrows a query, puts it in order and cuts it to the page.

        Raises SortCursorWrong; KeyError for a sort that is not the list's.
        """
        query = query.where(*self._narrowing(asked))
        keys = [self.id] if asked.sort is None else [self.sorts[asked.sort.removeprefix("-")], self.id]
        columns = [key.ordered(falls=asked.falls) for key in keys]
        if asked.after is not None:
            seen = self._read(keys, asked)
            ours, theirs = tuple_(*columns), tuple_(*(literal(value, key.column.type) for key, value in seen))
            query = query.where(ours < theirs if asked.falls else ours > theirs)
        query = query.order_by(*(one.desc() if asked.falls else one.asc() for one in columns))
        return query.limit(asked.limit)

    def key(self, row: object, asked: Asked) -> tuple[object, ...]:
        """The key of a row that a cursor is made of; it names its order."""
        last = self.id.value(row, falls=asked.falls)
        if asked.sort is None:
            return (last,)
        value = self.sorts[asked.sort.removeprefix("-")].value(row, falls=asked.falls)
        return (asked.sort, value, last)

    def _narrowing(self, asked: Asked) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = [
            or_(*(column.icontains(word, autoescape=True) for column in self.words))
            for word in asked.words.split()[:_MOST_WORDS]
            if self.words
        ]
        if self.on is not None:
            found += _days(self.on, asked)
        if self.fen is not None:
            if asked.least_fen is not None:
                found.append(self.fen >= asked.least_fen)
            if asked.most_fen is not None:
                found.append(self.fen <= asked.most_fen)
        return found

    @staticmethod
    def _read(keys: list[Key], asked: Asked) -> list[tuple[Key, object]]:
        after = asked.after or ()
        given = after if asked.sort is None else after[1:]
        if len(given) != len(keys) or (asked.sort is not None and after[0] != asked.sort):
            raise SortCursorWrong
        try:
            return [(key, key.read(text)) for key, text in zip(keys, given, strict=True)]
        except ValueError:
            raise SortCursorWrong from None


def _days(on: Any, asked: Asked) -> list[ColumnElement[bool]]:  # noqa: ANN401 - a column of days or instants
    begins: Any = asked.from_on
    ends: Any = asked.to_on
    if not isinstance(on.type, DateTime):
        return [
            *([on >= begins] if begins is not None else []),
            *([on <= ends] if ends is not None else []),
        ]
    found: list[ColumnElement[bool]] = []
    if begins is not None:
        found.append(on >= datetime.combine(begins, time(), SHANGHAI))
    if ends is not None:
        # The last day is within the range to its end.
        found.append(on < datetime.combine(ends + timedelta(days=1), time(), SHANGHAI))
    return found
