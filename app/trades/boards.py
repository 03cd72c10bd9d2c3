"""The market's boards (板块): which there are, and what each admits, as rows of the rulebook."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from app.accounts.models import REGIMES
from app.accounts.queries import get_organisation
from app.calendar_days import Period, period_end
from app.clock import market_date, market_now
from app.dated_rules import DatedRule, get_rule
from app.deployment import is_demonstration
from app.holidays import read_calendar
from app.trades.errors_lifecycle import BoardDoesNotAdmit, NoticeTooShort
from app.trades.lifecycle_rules import period_words
from app.trades.method import METHOD_WORDS
from app.trades.rules import DEMO

if TYPE_CHECKING:
    from datetime import date, datetime

    from app.db import AnySession
    from app.trades.models import Listing

RIGHTS_WORDS = {
    "assignment": ("专利权转让", "assignment"),
    "exclusive": ("独占许可", "exclusive licence"),
    "sole": ("排他许可", "sole licence"),
    "ordinary": ("普通许可", "ordinary licence"),
    "development": ("技术开发", "development"),
}


@dataclass(frozen=True)
class Board:
    """A board as it is on a day: its names, whom and what it admits, and its least notice."""

    key: str
    zh: str
    en: str
    sellers: list[str]
    rights: list[str]
    methods: list[str]
    notice: Period


async def read_board(session: AnySession, key: str, *, on: date) -> Board:
    """Reads a board's admission rules in force on a day. Raises RuleMissing."""
    name = await get_rule(session, "board.name", board=key, on=on)
    sellers, rights, methods = [
        list(await get_rule(session, f"board.{part}", board=key, on=on))
        for part in ("sellers", "rights", "methods")
    ]
    notice = Period.from_json(await get_rule(session, "board.notice", board=key, on=on))
    return Board(key, str(name["zh"]), str(name["en"]), sellers, rights, methods, notice)


async def list_boards(session: AnySession) -> list[Board]:
    """Lists the boards that are open today; the demonstration's only where nothing is real."""
    today = market_date(await market_now(session))
    query = select(DatedRule.board).where(
        DatedRule.key == "board.name",
        DatedRule.valid_from <= today,
        or_(DatedRule.valid_to.is_(None), DatedRule.valid_to > today),
    )
    keys = sorted((await session.execute(query)).scalars(), key=lambda key: (key != "standard", key))
    shows_demo = await is_demonstration(session)
    return [
        await read_board(session, key, on=today) for key in dict.fromkeys(keys) if shows_demo or key != DEMO
    ]


async def require_admitted(session: AnySession, listing: Listing, now: datetime) -> None:
    """Raises BoardDoesNotAdmit unless the board takes this kind of seller, of rights and of method."""
    board = await read_board(session, listing.board, on=market_date(now))
    regime = (await get_organisation(session, listing.seller_id)).regime
    for value, allowed, words in (
        (regime, board.sellers, {key: (zh, key) for key, zh in REGIMES.items()}),
        (listing.rights, board.rights, RIGHTS_WORDS),
        (listing.method, board.methods, METHOD_WORDS),
    ):
        if value not in allowed:
            named = [words.get(one, (one, one)) for one in allowed]
            zh, en = words.get(value, (value, value))
            raise BoardDoesNotAdmit(
                board.key,
                board.zh,
                board.en,
                zh,
                en,
                "、".join(zh for zh, _ in named),
                ", ".join(en for _, en in named),
            )


async def require_notice(
    session: AnySession, listing: Listing, deadline_at: datetime, published_at: datetime
) -> None:
    """Raises NoticeTooShort unless the notice lasts as long from its publication as the board asks."""
    board = await read_board(session, listing.board, on=market_date(published_at))
    if not board.notice.count:
        return
    earliest = period_end(published_at, board.notice, await read_calendar(session))
    if deadline_at < earliest:
        raise NoticeTooShort(board.zh, board.en, " / ".join(period_words(board.notice)), earliest)
