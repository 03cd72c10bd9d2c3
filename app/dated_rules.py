"""Dated rules: numbers that differ by board, jurisdiction or date are rows with their source, never constants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import CheckConstraint, func, or_, select, text
from sqlalchemy.dialects.postgresql import JSONB, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base
from app.errors import Conflict

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from app.db import AnySession


NATION = "CN"
# A rule's name (key, board, jurisdiction) as one number, for constraints and locks.
NAME_NUMBER = "hashtextextended(key || chr(31) || board || chr(31) || jurisdiction, 0)"


class DatedRule(Base):
    """A rule's value (规则取值) on a board from one date to another, with the law or decision that says so.

    No two rows of one key, board and jurisdiction hold on one day. A row is never changed, but its validity may be
    ended by the row that follows it, on a day that has not come.
    """

    __tablename__ = "dated_rule"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="order"),
        # Ranges of one number stand for equality: the plain way would need an extension of the server.
        ExcludeConstraint(
            (text(f"int8range({NAME_NUMBER}, {NAME_NUMBER}, '[]')"), "&&"),
            (text("daterange(valid_from, valid_to)"), "&&"),
            name="ex_dated_rule_one_at_a_time",
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())
    key: Mapped[str]
    board: Mapped[str] = mapped_column(server_default="standard")
    jurisdiction: Mapped[str] = mapped_column(server_default="CN")
    value: Mapped[Any] = mapped_column(JSONB)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    source: Mapped[str]


@dataclass(eq=False)
class RuleMissing(Conflict):
    """No rule is in force for this on that date."""

    zh = "{on} 没有适用于“{key}”的规则（板块 {board}）。请运营人员先补录规则。"
    en = "No rule for {key} is in force on {on} for the board {board}. An operator has to enter it first."
    key: str
    board: str
    on: date


async def find_rule(
    session: AnySession, key: str, *, board: str = "standard", jurisdiction: str = NATION, on: date
) -> DatedRule | None:
    """Finds the row in force on a date: the board's own before the standard board's, then the province's own.

    ``valid_to`` is the first day on which a row holds no more.
    """
    query = (
        select(DatedRule)
        .where(
            DatedRule.key == key,
            DatedRule.jurisdiction.in_([jurisdiction, NATION]),
            DatedRule.board.in_([board, "standard"]),
            DatedRule.valid_from <= on,
            or_(DatedRule.valid_to.is_(None), DatedRule.valid_to > on),
        )
        .order_by((DatedRule.board == board).desc(), (DatedRule.jurisdiction == jurisdiction).desc())
        .limit(1)
    )
    return (await session.execute(query)).scalar_one_or_none()


async def get_rule(
    session: AnySession, key: str, *, board: str = "standard", jurisdiction: str = NATION, on: date
) -> Any:  # noqa: ANN401 - a rule's value is a number, a text or a small object
    """Reads a rule's value in force on a date, found as ``find_rule`` finds it. Raises RuleMissing."""
    row = await find_rule(session, key, board=board, jurisdiction=jurisdiction, on=on)
    if row is None:
        raise RuleMissing(key, board, on)
    return row.value


async def list_in_force(
    session: AnySession, key: str, jurisdictions: Collection[str], *, on: date
) -> Sequence[DatedRule]:
    """Lists the rows of a key in force on a date in any of these jurisdictions: where several laws bind at once."""
    query = select(DatedRule).where(
        DatedRule.key == key,
        DatedRule.jurisdiction.in_(jurisdictions),
        DatedRule.board == "standard",
        DatedRule.valid_from <= on,
        or_(DatedRule.valid_to.is_(None), DatedRule.valid_to > on),
    )
    return (await session.execute(query)).scalars().all()
