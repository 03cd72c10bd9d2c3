"""The trading rules of a price clock, alone or before sealed and best bids, in words from its parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.auction.rules.sealed_words import opening_words, secrecy_words
from app.auction.rules.wording import amount, moment, period

if TYPE_CHECKING:
    from app.auction.rules.dutch import ClockOptions
    from app.auction.rules.dutch_sealed import HybridOptions
    from app.auction.rules.terms import AuctionTerms
    from app.errors import Lang


def dutch_words(terms: AuctionTerms, options: ClockOptions, lang: Lang) -> list[str]:
    """All sentences of a price clock alone."""
    return [
        _clock(terms, options, lang),
        _take(lang, ends_it=True),
        _untaken(terms, options, lang),
        _suspension(lang),
    ]


def hybrid_words(terms: AuctionTerms, options: HybridOptions, lang: Lang) -> list[str]:
    """All sentences of a price clock that sealed and best bids follow."""
    return [
        _clock(terms, options.clock, lang),
        _take(lang, ends_it=False),
        _untaken(terms, options.clock, lang),
        _sealed(terms, options, lang),
        *secrecy_words(lang),
        opening_words(lang),
        _best(terms, options, lang),
        _result(terms, lang),
        _suspension(lang),
    ]


def _clock(terms: AuctionTerms, options: ClockOptions, lang: Lang) -> str:
    falls = terms.direction == "forward"
    start, step = amount(terms.start_price_fen, lang), amount(terms.step_fen, lang)
    last, tick = amount(options.last_price_fen, lang), period(options.tick_seconds, lang)
    opens, ends = moment(terms.opens_at), moment(terms.closes_at)
    if lang == "zh":
        name, verb, end = ("减价", "降低", "底价") if falls else ("升价", "升高", "最高价")
        return (
            f"{name}：{opens}（北京时间）从 {start}开始，每 {tick}{verb} {step}，直到{end} {last}；"
            f"{end}也停留 {tick}，{ends} 走完。每一档的时刻事先确定，系统迟延不改变它。"
        )
    verb, end = ("falls", "floor") if falls else ("rises", "ceiling")
    return (
        f"Clock: from {opens} (Beijing) the price {verb} from {start} by {step} every {tick} to the {end} of {last}; the "
        f"{end} stands for {tick} too, until {ends}. The instant of each step is fixed in advance and no lateness of "
        "the system moves it."
    )


def _take(lang: Lang, *, ends_it: bool) -> str:
    if lang == "zh":
        rest = "竞价随即结束，按该价成交" if ends_it else "价格时钟随即停止"
        return (
            f"应价：先应价者得，{rest}。应价写明看到的档次和价格，与市场时钟判定时的不同的，不生效，并告知两个价格；"
            "同一档有几人应价的，先判定者得。应价一经接受不能撤回。"
        )
    rest = "ends the sale at that price" if ends_it else "stops the clock"
    return (
        f"Taking: the first take wins and {rest}. It names the step and price that were seen; if they are not those of "
        "the market's clock when it is judged, it has no effect and is answered with both prices. Of several takes in "
        "one step the one judged first wins. An accepted take cannot be withdrawn."
    )


def _untaken(terms: AuctionTerms, options: ClockOptions, lang: Lang) -> str:
    last = amount(options.last_price_fen, lang)
    at = moment(terms.closes_at)
    if lang == "zh":
        return f"无人应价：{last}停留到 {at} 仍无人应价的，不成交。不延时，不另设保留价。"
    return f"Untaken: if nobody has taken {last} by {at}, the sale ends unsold. Nothing extends it; there is no reserve."


def _suspension(lang: Lang) -> str:
    if lang == "zh":
        return "中止：恢复后从中止时的那一档价格重新计足一档时间，其余各档顺延；已被接受的应价仍然有效。"
    return (
        "Suspension: after one the price goes on where it stood, for a full step, and the others follow; an accepted "
        "take stays valid."
    )


def _sealed(terms: AuctionTerms, options: HybridOptions, lang: Lang) -> str:
    length, step = period(options.sealed_seconds, lang), amount(terms.step_fen, lang)
    is_forward = terms.direction == "forward"
    if lang == "zh":
        side = "高" if is_forward else "低"
        grid = "，与应价之差为它的整数倍" if options.multiples_only else ""
        return (
            f"密封报价：有人应价后，其他竞买人在 {length}内密封报价，至少比应价{side} {step}{grid}；"
            "截止前可以更换或撤回，以最后一次收下的为准，迟到的不收；应价人本阶段不报价。"
        )
    side = "above" if is_forward else "below"
    grid = " and a multiple of it away" if options.multiples_only else ""
    return (
        f"Sealed bids: once the price is taken, all others may seal a bid within {length}, at least {step} {side} the "
        f"price taken{grid}; until the deadline it may be replaced or withdrawn, the last one accepted counts, and late "
        "ones are not taken in. Whoever took the price does not bid here."
    )


def _best(terms: AuctionTerms, options: HybridOptions, lang: Lang) -> str:
    length, step = period(options.best_seconds, lang), amount(terms.step_fen, lang)
    is_forward = terms.direction == "forward"
    if lang == "zh":
        best, side = ("最高", "高") if is_forward else ("最低", "低")
        grid = "，按幅度的整数倍" if options.multiples_only else ""
        return (
            f"最优报价：开启后有有效密封报价的，公布金额，应价人在 {length}内可以报一次价，"
            f"至少比{best}的密封报价{side} {step}{grid}；报出或放弃到期，本阶段结束。没有有效密封报价的，不进入本阶段。"
        )
    best, side = ("highest", "above") if is_forward else ("lowest", "below")
    grid = ", in whole steps" if options.multiples_only else ""
    return (
        f"Best bid: if there are valid sealed bids, their amounts are published, and whoever took the price may bid "
        f"once within {length}, at least {step} {side} the {best} sealed bid{grid}; that bid, or the end of the time, "
        "ends the stage. Without a valid sealed bid there is no such stage."
    )


def _result(terms: AuctionTerms, lang: Lang) -> str:
    is_forward = terms.direction == "forward"
    if lang == "zh":
        best = "最高" if is_forward else "最低"
        return f"成交：{best}报价者得，按自己的报价成交；密封报价相同的，先收下者为先；没有密封报价的，应价人按应价成交。"
    best = "highest" if is_forward else "lowest"
    return (
        f"Result: the {best} bid wins at its own amount; of equal sealed bids the one accepted earlier is better; without "
        "a sealed bid whoever took the price has it at that price."
    )
