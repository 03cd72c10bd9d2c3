"""The order of a list by one of its columns: allowed columns only, and pages that neither repeat nor lose a row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from sqlalchemy import Select, tuple_

from app.payments.errors_statement import SortCursorWrong

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import InstrumentedAttribute

_Query = TypeVar("_Query", bound=Select[*tuple[Any, ...]])


@dataclass(frozen=True)
class Sort:
    """By which column, largest first where ``-`` stands before it, and the key of the last row seen."""

    by: str | None = None
    after: tuple[str, ...] | None = None


NEWEST = Sort()


def sort_rows(
    query: _Query,
    identity: InstrumentedAttribute[UUID],
    columns: Mapping[str, InstrumentedAttribute[Any]],
    sort: Sort,
) -> _Query:
    """Puts a query in order: by the column, then by id, from after the last row on; the newest first without a column.

    The columns must hold no nulls. Raises SortCursorWrong, KeyError for a column that is not allowed.
    """
    if sort.by is None:
        if sort.after is not None:
            query = query.where(identity < _read(UUID, sort.after, 1)[0])
        return query.order_by(identity.desc())
    falls, column = sort.by.startswith("-"), columns[sort.by.removeprefix("-")]
    if sort.after is not None:
        value, last = _read(column.type.python_type, sort.after, 2)
        key, seen = tuple_(column, identity), tuple_(value, last)
        query = query.where(key < seen if falls else key > seen)
    return query.order_by(*(one.desc() if falls else one.asc() for one in (column, identity)))


def key_of(row: object, sort: Sort) -> tuple[object, ...]:
    """The key of a row that a cursor is made of."""
    identity: object = getattr(row, "id")  # noqa: B009 - any row of a list has one
    return (identity,) if sort.by is None else (getattr(row, sort.by.removeprefix("-")), identity)


def _read(kind: type, after: tuple[str, ...], parts: int) -> tuple[Any, ...]:
    if len(after) != parts:
        raise SortCursorWrong
    try:
        last = UUID(after[-1])
        if parts == 1:
            return (last,)
        read = kind.fromisoformat if kind in {date, datetime} else kind
        return read(after[0]), last
    except ValueError:
        raise SortCursorWrong from None
