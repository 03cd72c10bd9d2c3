"""The market's trading rules (交易规则): the general ones, each format's by an example, and a draft's own before it is listed."""

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from app.api.deps import DbDep, SettingsDep, Wire
from app.api.problems import problems
from app.api.routing import Router
from app.api.wire import storable
from app.auction.rules.engine import publish
from app.auction.rules.formats import FORMATS
from app.auction.rules.terms import AuctionTerms
from app.auction.rules.words import write_rules
from app.clock import market_date, market_now
from app.db import AnySession
from app.money import MAX_FEN
from app.trades.errors_method import FormatUnknown
from app.trades.method import FORMAT_WORDS
from app.trades.queries import get_board_rules
from app.trades.rules import MAXIMUM_EXTENSION_SECONDS, STANDARD, BoardRules
from app.trades.trading_rules import Section, example_terms, write_general_rules

router = Router(prefix="/trading-rules", tags=["market"])

_DEEPEST, _MOST = 4, 200
_NOT_WHOLE = PydanticCustomError("options_not_whole", "Numbers in options are whole numbers")
_TOO_MUCH = PydanticCustomError("options_too_large", "The options hold too much")


def _check_options(value: Any, depth: int = 0) -> int:  # noqa: ANN401 - JSON
    """Counts the values of options; refuses what is deep, large, no whole number, or cannot be stored."""
    if depth > _DEEPEST:
        raise _TOO_MUCH
    if isinstance(value, dict):
        inner = [*value, *value.values()]
    elif isinstance(value, list):
        inner = value
    else:
        if isinstance(value, float):
            raise _NOT_WHOLE
        if isinstance(value, str):
            storable(value)
        return 1
    count = 1 + sum(_check_options(item, depth + 1) for item in inner)
    if count > _MOST:
        raise _TOO_MUCH
    return count


def _options(value: dict[str, Any]) -> dict[str, Any]:
    _check_options(value)
    return value


Options = Annotated[
    dict[str, Any],
    AfterValidator(_options),
    Field(
        description="竞价方式自己的参数，空为默认 / the format's own parameters, empty for its defaults",
        examples=[{}],
    ),
]
Fen = Annotated[int, Field(gt=0, le=MAX_FEN, examples=[10000000])]
Seconds = Annotated[int, Field(ge=1, le=MAXIMUM_EXTENSION_SECONDS, examples=[300])]


class RuleSectionOut(Wire):
    """One section of the general rules."""

    key: str = Field(examples=["time"])
    title_zh: str
    title_en: str
    sentences_zh: list[str]
    sentences_en: list[str]


class FormatOut(Wire):
    """A format that a sale can be scheduled with."""

    name: str = Field(examples=["english"])
    name_zh: str
    name_en: str
    extends: bool = Field(description="临近结束的出价会延时 / a late bid moves the end")
    is_free: bool = Field(description="期间内随时可以出价 / bids may come at any moment of the period")
    needs_seal: bool = Field(description="密封报价 / amounts are sealed")


class SentencesOut(Wire):
    """Rules in words, in both languages; ``sha256`` is their fingerprint together with the terms."""

    zh: list[str]
    en: list[str]
    sha256: str
    terms: dict[str, Any]


class TradingRulesOut(Wire):
    """The general rules and the formats; ``example`` shows the asked-for format with example parameters."""

    sections: list[RuleSectionOut]
    formats: list[FormatOut]
    example: SentencesOut | None


class DraftTermsIn(Wire):
    """The terms of a sale that is being thought of; whether it has a reserve, never the reserve itself."""

    format: str = Field(max_length=40, examples=["english"])
    direction: Literal["forward", "reverse"] = "forward"
    start_price_fen: Fen
    step_fen: Fen
    deposit_fen: Fen
    has_reserve: bool = Field(default=False, examples=[True])
    opens_at: datetime = Field(examples=["2026-12-01T01:00:00Z"])
    closes_at: datetime = Field(examples=["2026-12-02T01:00:00Z"])
    hard_end_at: datetime | None = Field(default=None, examples=["2026-12-02T03:00:00Z"])
    trigger_seconds: Seconds = 300
    extension_seconds: Seconds = 300
    min_bidders: int = Field(default=1, ge=1, le=100, examples=[2])
    priority: Literal["none", "in_field", "post"] = "none"
    priority_seconds: int = Field(default=0, ge=0, le=10 * 86400, examples=[259200])
    options: Options = Field(default_factory=dict)


def _sentences(terms: AuctionTerms) -> SentencesOut:
    return SentencesOut(**write_rules(terms), terms=terms.as_json())


def _format(name: str) -> FormatOut:
    words, chosen = FORMAT_WORDS[name], FORMATS[name]
    return FormatOut(
        name=name,
        name_zh=words.zh,
        name_en=words.en,
        extends=words.extends,
        is_free=words.is_free,
        needs_seal=chosen.needs_seal,
    )


async def _board(session: AnySession) -> BoardRules:
    return await get_board_rules(session, STANDARD, on=market_date(await market_now(session)))


@router.get("", operation_id="get_trading_rules", responses=problems(404, 422))
async def get(
    db: DbDep,
    settings: SettingsDep,
    format_name: Annotated[
        str | None, Query(alias="format", max_length=40, description="竞价方式 / a format's name")
    ] = None,
    direction: Literal["forward", "reverse"] = "forward",
) -> TradingRulesOut:
    """The general trading rules in words, and with ``format`` that format's rules by example parameters."""
    board = await db.read(_board)
    example = None
    if format_name is not None:
        words = FORMAT_WORDS.get(format_name)
        if words is None:
            raise FormatUnknown(format_name, sorted(FORMAT_WORDS))
        terms = example_terms(format_name, words, board, is_reverse=direction == "reverse")
        example = _sentences(terms)
    sections: list[Section] = write_general_rules(board, settings.interruption_seconds)
    return TradingRulesOut(
        sections=[RuleSectionOut.model_validate(section) for section in sections],
        formats=[_format(name) for name in FORMAT_WORDS],
        example=example,
    )


@router.post("/previews", operation_id="preview_rules", responses=problems(422))
async def preview(body: DraftTermsIn) -> SentencesOut:
    """The rules of a sale in words before it is listed, written and checked by the rules that would play it."""
    terms = AuctionTerms(**body.model_dump())
    publish(terms)
    return _sentences(terms)
