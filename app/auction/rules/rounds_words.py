"""The trading rules of rounds in words, from the parameters that the engine uses: raise or accept, and turns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.auction.rules.open_words import Sentence
from app.auction.rules.sealed_words import opening_words, secrecy_words
from app.auction.rules.wording import amount, moment, period

if TYPE_CHECKING:
    from app.auction.rules.raise_or_accept import RaiseOptions
    from app.auction.rules.rounds import RoundsOptions
    from app.auction.rules.terms import AuctionTerms
    from app.errors import Lang


def _say(sentences: list[Sentence], lang: Lang) -> list[str]:
    return [sentence.zh if lang == "zh" else sentence.en for sentence in sentences]


def _few(terms: AuctionTerms, what: Sentence) -> Sentence:
    least = terms.min_bidders
    return Sentence(
        f"人数：{what.zh}少于 {least} 人的，不成交。",
        f"Number: with fewer than {least} {what.en} the sale ends unsold.",
    )


def _reserve(terms: AuctionTerms) -> Sentence:
    if not terms.has_reserve:
        return Sentence("不设保留价。", "There is no reserve.")
    side_zh, side_en = ("高于", "above") if terms.direction == "reverse" else ("低于", "below")
    return Sentence(
        f"设有保留价，竞价中只公布是否达到，结束后公布数额；最终价{side_zh}保留价的，不成交。",
        "There is a hidden reserve: only whether it is met is shown, and the amount is published after the end; at a "
        f"last price {side_en} it the sale ends unsold.",
    )


def raise_or_accept_words(terms: AuctionTerms, options: RaiseOptions, lang: Lang) -> list[str]:
    """All sentences of rounds of raise or accept."""
    sentences = [*_answers(terms, options), _pause(options), _silence(terms), _reserve(terms)]
    if terms.min_bidders > 1:
        sentences.append(_few(terms, Sentence("应过价的", "bidders who have answered")))
    sentences.append(
        Sentence(
            "中止后恢复：被打断的一轮或暂停按全长重新进行。",
            "After a suspension the round or pause that was interrupted is repeated in full.",
        )
    )
    return _say(sentences, lang)


def _answers(terms: AuctionTerms, options: RaiseOptions) -> list[Sentence]:
    """At which price a round stands, and what ends it."""
    is_reverse = terms.direction == "reverse"
    start, step = (
        Sentence(amount(fen, "zh"), amount(fen, "en")) for fen in (terms.start_price_fen, terms.step_fen)
    )
    length = Sentence(period(options.round_seconds, "zh"), period(options.round_seconds, "en"))
    first_zh, first_en = ("最高限价", "the ceiling price") if is_reverse else ("起始价", "the start price")
    move_zh, move_en = ("减", "minus") if is_reverse else ("加", "plus")
    beyond_zh, beyond_en = ("低于", "below") if is_reverse else ("高于", "above")
    return [
        Sentence(
            f"轮次价：第一轮为{first_zh} {start.zh}，以后每轮为上一次成立的价格{move_zh} {step.zh}。",
            f"Round price: the first is {first_en}, {start.en}; each later one is the last price {move_en} {step.en}.",
        ),
        Sentence(
            (
                f"应价：每轮最长 {length.zh}。“接受”即按本轮价报价；“加价”即按{beyond_zh}本轮价 {step.zh}的整数倍报价。"
                "谁先被判定谁成立，成立后本轮立即结束。请求要写明看到的轮次和金额，轮次或金额已变的不生效，并告知两者。"
                "领先者本轮不用操作，也不能接受或加价。"
            ),
            (
                f"Answers: a round takes at most {length.en}. To accept is to bid the round price, to raise is to bid a multiple "
                f"of {step.en} {beyond_en} it. The first one judged holds, and ends the round at once. A request names the "
                "round and the amount that were seen; if either has changed it has no effect and is told both. "
                "Whoever leads need not answer, and can neither accept nor raise."
            ),
        ),
    ]


def _pause(options: RaiseOptions) -> Sentence:
    zh, en = period(options.pause_seconds, "zh"), period(options.pause_seconds, "en")
    return Sentence(
        f"暂停：每轮成立后暂停 {zh}，到时自动开始下一轮，暂停中不接受应价。",
        f"Pause: after each answer there is a pause of {en}, then the next round begins by itself; nothing is accepted "
        "during the pause.",
    )


def _silence(terms: AuctionTerms) -> Sentence:
    """When it ends, and that nothing goes past the hard stop."""
    stop = Sentence("不设最迟结束时间。", "There is no hard stop.")
    if terms.hard_end_at is not None:
        at = moment(terms.hard_end_at)
        stop = Sentence(
            f"最迟 {at} 结束：任何一轮都不超过它，到时领先者成交；暂停后已来不及开始下一轮的，立即结束。",
            f"Hard stop at {at}: no round goes past it and whoever leads then wins; if no round could begin before it after "
            "the pause, the sale is over at once.",
        )
    first = moment(terms.closes_at)
    return Sentence(
        f"结束：一轮之内无人应价的，竞价结束，最后应价者以其价格成交；第一轮（{first} 结束）无人应价的，不成交。{stop.zh}",
        "End: a round in which nobody answers ends the sale, and whoever answered last wins at that price; if nobody "
        f"answers in the first round, which ends at {first} (Beijing), nothing is sold. {stop.en}",
    )


def rounds_words(terms: AuctionTerms, options: RoundsOptions, lang: Lang) -> list[str]:
    """All sentences of a sale by turns."""
    sentences = [
        _initial(terms),
        *(Sentence(*both) for both in zip(secrecy_words("zh"), secrecy_words("en"), strict=True)),
        Sentence(opening_words("zh"), opening_words("en")),
        _timetable(terms, options),
        _turn(terms),
        _best(terms),
        _few(terms, Sentence("提交首次报价的", "initial amounts")),
        Sentence(
            "中止后恢复：被打断的一次报价时间或暂停按全长重新进行，此前收下的报价保留。",
            "After a suspension the turn or pause that was interrupted is repeated in full; what was taken in stays.",
        ),
    ]
    return _say(sentences, lang)


def _timetable(terms: AuctionTerms, options: RoundsOptions) -> Sentence:
    worst_zh, worst_en = ("最高", "highest") if terms.direction == "reverse" else ("最低", "lowest")
    slot_zh, slot_en = period(options.slot_seconds, "zh"), period(options.slot_seconds, "en")
    pauses_zh = "、".join(period(seconds, "zh") for seconds in options.pause_seconds)
    pauses_en = ", ".join(period(seconds, "en") for seconds in options.pause_seconds)
    count = len(options.pause_seconds)
    return Sentence(
        (
            f"轮次：首次报价开启的时刻起，共 {count} 轮，各轮开始前暂停 {pauses_zh}；"
            f"每轮由每位竞买人依次报价一次，每人 {slot_zh}。"
            f"一轮的顺序按轮次开始时的排名：{worst_zh}者先报，领先者最后报；报价相同的，后报者先报。"
            "全部时间在首次报价开启、人数确定后公布，以市场时钟为准，不延时。"
        ),
        (
            f"Rounds: from the opening of the initial amounts there are {count} rounds, after pauses of {pauses_en}; in each round "
            f"every bidder has one turn of {slot_en}. The order is by the ranking when the round begins: the {worst_en} amount "
            "first, the leader last; of equal amounts the later one first. The whole timetable is published at the "
            "opening, when the number of bidders is known; the market's clock decides and nothing extends it."
        ),
    )


def _turn(terms: AuctionTerms) -> Sentence:
    better_zh, better_en = ("低", "below") if terms.direction == "reverse" else ("高", "above")
    step_zh, step_en = amount(terms.step_fen, "zh"), amount(terms.step_fen, "en")
    return Sentence(
        (
            f"轮到时：新报价要比自己现在的报价至少{better_zh} {step_zh}（与他人的报价无关）。"
            "在自己的时间内可以改报或取消，最后一次有效；时间结束前只有本人能看到，结束时公布。不报的保留原报价。"
            "公布后的报价不能撤回。"
        ),
        (
            f"A turn: the new amount is at least {step_en} {better_en} the bidder's own present one, whatever the others bid. "
            "Within the turn it may be changed or cancelled, the last one counts; until the turn ends only its bidder can "
            "see it, then it is published. Without a bid the amount stays. What is published cannot be withdrawn."
        ),
    )


def _best(terms: AuctionTerms) -> Sentence:
    best_zh, best_en = ("最低", "lowest") if terms.direction == "reverse" else ("最高", "highest")
    reserve = _reserve(terms)
    return Sentence(
        f"成交：最后一次报价时间结束后，{best_zh}者以自己的报价成交；报价相同的，先达到者为先。{reserve.zh}",
        f"Result: after the last turn the {best_en} amount wins and is the price; of equal amounts the one that was "
        f"reached earlier. {reserve.en}",
    )


def _initial(terms: AuctionTerms) -> Sentence:
    at = moment(terms.closes_at)
    start = Sentence(amount(terms.start_price_fen, "zh"), amount(terms.start_price_fen, "en"))
    side_zh, side_en = (
        (f"不高于最高限价 {start.zh}", f"at most the ceiling price of {start.en}")
        if terms.direction == "reverse"
        else (f"不低于起始价 {start.zh}", f"at least the start price of {start.en}")
    )
    return Sentence(
        f"首次报价：{at}（北京时间）前每位竞买人密封报一个价，{side_zh}，截止前可以更换或撤回。不报的不参加轮次。",
        f"Initial amounts: until {at} (Beijing) each bidder seals one amount, {side_en}; it may be replaced or withdrawn "
        "until then. Whoever gives none takes no turns.",
    )
