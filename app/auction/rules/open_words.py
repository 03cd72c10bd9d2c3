"""The trading rules of open bidding in words, from the parameters that the engine uses.

Every point in which auction engines disagree is said here: the price after the first bid, equal maxima, a leader who
raises the maximum, a capped price, a hidden reserve, and what moves the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from app.auction.rules.wording import amount, moment, period

if TYPE_CHECKING:
    from app.auction.rules.course import OpenOptions
    from app.auction.rules.terms import AuctionTerms
    from app.errors import Lang


class Sentence(NamedTuple):
    """One rule in both languages."""

    zh: str
    en: str


class _Way(NamedTuple):
    """The words that turn round with the direction."""

    start: Sentence
    least: Sentence
    move: Sentence
    past: Sentence
    best: Sentence
    better: Sentence
    maximum: Sentence
    raised: Sentence
    seller: Sentence


_RISING = _Way(
    start=Sentence("起始价", "start price"),
    least=Sentence("不低于", "at least"),
    move=Sentence("加", "adds"),
    past=Sentence("高于", "above"),
    best=Sentence("最高", "highest"),
    better=Sentence("更高", "higher"),
    maximum=Sentence("自动出价上限", "maximum"),
    raised=Sentence("提高", "raised"),
    seller=Sentence("转让方", "seller"),
)
_FALLING = _Way(
    start=Sentence("最高限价", "ceiling price"),
    least=Sentence("不高于", "at most"),
    move=Sentence("减", "takes off"),
    past=Sentence("低于", "below"),
    best=Sentence("最低", "lowest"),
    better=Sentence("更低", "lower"),
    maximum=Sentence("自动报价下限", "limit"),
    raised=Sentence("降低", "lowered"),
    seller=Sentence("需求方", "buyer"),
)


def _way(terms: AuctionTerms) -> _Way:
    return _FALLING if terms.direction == "reverse" else _RISING


def open_sentences(
    terms: AuctionTerms, options: OpenOptions, lang: Lang, *, clock: Sequence[Sentence]
) -> list[str]:
    """All sentences of an open sale, in the order in which a bidder meets them; ``clock`` says when it ends."""
    sentences = [_bids(terms, options), *clock, _result(terms)]
    if terms.min_bidders > 1:
        sentences.append(_least_number(terms))
    if options.automatic:
        sentences += [*_mechanism(terms, options), *_secrecy(terms)]
    if terms.priority == "in_field":
        sentences.append(_priority(terms, options))
    sentences += [_one_press(), _resumption(options)]
    return [sentence.zh if lang == "zh" else sentence.en for sentence in sentences]


def soft_close_sentences(terms: AuctionTerms) -> list[Sentence]:
    """When the end moves, and that nothing else moves it (法释〔2016〕18号 article 20)."""
    trigger, extension = terms.trigger_seconds, terms.extension_seconds
    return [
        Sentence(
            (
                f"结束和延时：{moment(terms.closes_at)} 结束（北京时间）。结束前 {period(trigger, 'zh')}内当前价或领先者"
                f"有变化的，结束时间改为变化时刻后 {period(extension, 'zh')}，但不早于原定结束时间。"
                f"{_hard_end(terms).zh}没有改变当前价或领先者的请求和被拒绝的出价不延时。"
            ),
            (
                f"End and extension: it ends at {moment(terms.closes_at)} (Beijing). A change of price or leader in the last "
                f"{period(trigger, 'en')} moves the end to {period(extension, 'en')} after that change, if that is later. "
                f"{_hard_end(terms).en} What changes neither price nor leader, and what is refused, moves nothing."
            ),
        )
    ]


def _hard_end(terms: AuctionTerms) -> Sentence:
    if terms.hard_end_at is None:
        return Sentence("延时次数不限。", "There is no limit to extensions.")
    at = moment(terms.hard_end_at)
    return Sentence(f"任何延时都不超过 {at}。", f"No extension goes past {at}.")


def cycle_sentences(terms: AuctionTerms, options: OpenOptions) -> list[Sentence]:
    """How the free period and the limited cycles follow one another, and who takes part."""
    cycle_zh, cycle_en = (period(int(options.cycle.total_seconds()), lang) for lang in ("zh", "en"))
    at = moment(terms.closes_at)
    hard_end = terms.hard_end_at
    free = Sentence(
        f"自由报价期：到 {at}（北京时间）为止，可以多次报价，报价不延长这一阶段。",
        f"Free period: until {at} (Beijing), with any number of bids; no bid moves its end.",
    )
    limited = Sentence(
        (
            f"限时报价期：{'确认时间结束' if options.must_enter else '自由报价期结束'}后，限时报价立即开始，一个周期为 "
            f"{cycle_zh}；当前价或领先者有变化的，即从变化时刻起重新计一个完整周期。"
            "一个周期内没有变化的，竞价结束。没有改变当前价或领先者的请求和被拒绝的报价不重新计时。"
            + (f"任何周期都不超过 {moment(hard_end)}。" if hard_end else "周期次数不限。")
        ),
        (
            f"Limited period: it begins at once after the {'entry' if options.must_enter else 'free period'}, with a cycle "
            f"of {cycle_en}. A change of price or leader starts a new full cycle from that change; a cycle without one "
            "ends the sale. What changes neither price nor leader, and what is refused, starts nothing. "
            + (f"No cycle goes past {moment(hard_end)}." if hard_end else "There is no limit to cycles.")
        ),
    )
    return [free, _entry(terms, options), limited]


def _entry(terms: AuctionTerms, options: OpenOptions) -> Sentence:
    way = _way(terms)
    if not options.must_enter:
        return Sentence(
            "参加限时报价：所有取得竞买号的人都可以参加，不要求在自由报价期报过价。",
            "Taking part in the limited period: every admitted bidder may, also without a bid in the free period.",
        )
    seconds = int(options.entry.total_seconds())
    return Sentence(
        (
            f"参加限时报价：只有在自由报价期有过有效报价的人可以参加，并要在自由报价期结束后 {period(seconds, 'zh')}"
            "内确认进入，期间不接受报价；逾期未确认的不能再报价，已设的自动报价也不再应价。"
            f"无人确认的，不进行限时报价，自由报价期的{way.best.zh}报价为最终报价。"
        ),
        (
            "Taking part in the limited period: only who made a valid bid in the free period may, and has to confirm within "
            f"{period(seconds, 'en')} after it, while no bids are taken. Whoever does not confirm bids no more, and an "
            f"automatic bid set before answers no more. If nobody confirms, the {way.best.en} bid of the free period is "
            "final without any cycle."
        ),
    )


def _bids(terms: AuctionTerms, options: OpenOptions) -> Sentence:
    way = _way(terms)
    start_zh, start_en = (amount(terms.start_price_fen, lang) for lang in ("zh", "en"))
    step_zh, step_en = _step(terms, options)
    zh_multiple, en_multiple = (
        (
            "或其整数倍（首次从" + way.start.zh + "起算）",
            " or a multiple of it (the first counts from the " + way.start.en + ")",
        )
        if options.multiples_only
        else ("或更多，不要求整数倍", " or more, not only multiples")
    )
    return Sentence(
        (
            f"公开报价：首次报价{way.least.zh}{way.start.zh} {start_zh}，以后每次在当前价上{way.move.zh}"
            f"{step_zh}{zh_multiple}。报价一经接受即成为当前价，报价人领先。"
        ),
        (
            f"Open bids: the first is {way.least.en} the {way.start.en} of {start_en}; each further one {way.move.en} "
            f"{step_en}{en_multiple}. An accepted bid becomes the price and its bidder leads."
        ),
    )


def _step(terms: AuctionTerms, options: OpenOptions) -> Sentence:
    """The step, or the whole ladder; the step belongs to the price that is left."""
    if options.ladder is None:
        return Sentence(" " + amount(terms.step_fen, "zh"), amount(terms.step_fen, "en"))
    rows = options.ladder.rows()
    zh = "；".join(f"{amount(floor, 'zh')}起每档 {amount(step, 'zh')}" for floor, step in rows)
    en = "; ".join(f"from {amount(floor, 'en')} {amount(step, 'en')}" for floor, step in rows)
    return Sentence(f"一档（按出价前的当前价所在一行：{zh}）", f"a step (by the price before the bid: {en})")


def _result(terms: AuctionTerms) -> Sentence:
    way = _way(terms)
    if not terms.has_reserve:
        enough = terms.min_bidders == 1
        return Sentence(
            f"成交：结束时领先者得，即{way.best.zh}的有效报价，按当前价成交。不设保留价"
            + ("，有一次有效报价即可成交。" if enough else "。"),
            f"Result: whoever leads at the end, with the {way.best.en} valid bid, wins at the price. There is no reserve"
            + (": one valid bid is enough." if enough else "."),
        )
    short = "未达到" if terms.direction == "forward" else "高于"
    return Sentence(
        (
            f"成交：结束时领先者得，即{way.best.zh}的有效报价，按当前价成交。{way.seller.zh}设有保留价，"
            f"竞价中只公布已达到或未达到；结束时的价格{short}保留价的，报价不生效，不成交。"
        ),
        (
            f"Result: whoever leads at the end, with the {way.best.en} valid bid, wins at the price. The {way.seller.en} has "
            "set a hidden reserve; during bidding only whether it is met is shown, and a final price that does not meet "
            "it has no effect."
        ),
    )


def _least_number(terms: AuctionTerms) -> Sentence:
    least = terms.min_bidders
    return Sentence(
        f"人数：有效报价的竞买人少于 {least} 个的，不成交。",
        f"Number: with valid bids of fewer than {least} bidders the sale ends unsold.",
    )


def _mechanism(terms: AuctionTerms, options: OpenOptions) -> list[Sentence]:
    """Automatic bidding, one sentence for each point in which engines differ."""
    way = _way(terms)
    top = way.maximum
    sentences = [
        Sentence(
            (
                f"自动报价：竞买人可以设{top.zh}，数额从当前可接受的出价起任意，不要求整数倍；他人报价后，系统代领先者"
                f"按一档应价，以{top.zh}为止。第一个{top.zh}使当前价为{way.start.zh}，不会更{way.past.zh[0]}；"
                "直接报价则按其数额成为当前价，再由自动报价应价。"
            ),
            (
                f"Automatic bidding: a bidder may set a {top.en}, any amount from the next bid accepted on, not only a multiple. The "
                f"system then answers others' bids for the leader by one step, up to the {top.en}. The first {top.en} "
                f"makes the {way.start.en} the price and no more; an exact bid becomes the price at its own amount and is "
                "then answered."
            ),
        ),
        Sentence(
            f"相同的{top.zh}：先设的领先，当前价为该数额；直接报价与先设的{top.zh}相同的也一样。",
            f"Equal amounts: of two equal ones the {top.en} set earlier leads and the price is that amount; so too against "
            "an exact bid.",
        ),
        Sentence(
            (
                f"不足一档：{top.zh}不够在对手报价上再{way.move.zh}一档的，当前价就是该{top.zh}，可以不在档位上，"
                "被超过的幅度可以小于一档。"
            ),
            (
                f"Less than a step: where a {top.en} does not reach a full step past the rival, the price is that {top.en}; it "
                "may be off the step, and the lead may be won by less than a step."
            ),
        ),
        Sentence(
            (
                f"改{top.zh}：只能{way.raised.zh}，不能撤回或往回改。领先者{way.raised.zh}自己的{top.zh}时，当前价不变；"
                f"只有当前价此前因{top.zh}不足一档的，才补足到对手报价再{way.move.zh}一档。直接报价得到的价格不因此变动。"
            ),
            (
                f"Changing it: a {top.en} can only be {way.raised.en}, never taken back. When the leader does so the price "
                f"stays, except that a price that was less than a step past the rival for want of a further {top.en} "
                "moves to the full step. "
                "The price of an exact bid never moves so."
            ),
        ),
    ]
    return [*sentences, *_mechanism_at_odds(terms, options, top.zh, top.en)]


def _mechanism_at_odds(terms: AuctionTerms, options: OpenOptions, top_zh: str, top_en: str) -> list[Sentence]:
    """What automatic bidding does with a reserve, and with a price that is off the step."""
    sentences: list[Sentence] = []
    if terms.has_reserve:
        sentences.append(
            Sentence(
                f"保留价与自动报价：领先者的{top_zh}达到保留价时，当前价立即变为保留价，由此显示已达到；未达到的照常按一档应价。",
                f"Reserve and automatic bidding: once the leader's {top_en} meets the reserve the price becomes the reserve at "
                "once and is shown as met; until then it moves by steps as usual.",
            )
        )
    if options.multiples_only:
        sentences.append(
            Sentence(
                "当前价不在档位上时，下一次直接报价的整数倍从当前价起算。",
                "When the price is off the step, multiples of the next exact bid count from the price.",
            )
        )
    return sentences


def _secrecy(terms: AuctionTerms) -> list[Sentence]:
    """What is kept from whom, what is opened after the close, and what is not promised."""
    top = _way(terms).maximum
    return [
        Sentence(
            (
                f"{top.zh}的保密和公开：结束前只有本人看得到自己的{top.zh}，没有改变当前价和领先者的设定也不公布。"
                "结束后在核验包中按竞买号公开各人设过的数额和承诺值的密钥，供各方核验；"
                f"成交人最后一次的{top.zh}以得到同样过程的最小幅度数额代替，原数额只向监督人员出示。设定前请知悉。"
            ),
            (
                f"Secrecy and opening: until the close nobody else sees your {top.en}, and setting one that changes neither "
                "price nor leader is not published. After the close the amounts that were set are opened under bidder "
                "codes, with the keys of their commitments, so that everybody can check; the winner's last one is replaced "
                "by the least that gives the same course, and the original is shown to a supervisor only. Know this "
                "before you set one."
            ),
        ),
        Sentence(
            (
                f"保密的范围：系统要随时用{top.zh}应价，所以它存放在单独的受限数据中，不进入公开记录、日志和工作页面；"
                "对掌握服务器或数据库最高权限的人不作此承诺。"
            ),
            (
                f"What is promised: the system has to answer with your {top.en} at any moment, so it is kept in restricted data "
                "of its own, out of public records, logs and staff pages; nothing is promised against whoever has full "
                "control of the server or its database."
            ),
        ),
    ]


def _priority(terms: AuctionTerms, options: OpenOptions) -> Sentence:
    way = _way(terms)
    answer_zh = (
        f"自动报价可以继续应价，数额与跟价相同的{way.maximum.zh}让位于优先购买权；"
        if options.automatic
        else ""
    )
    answer_en = (
        f" Automatic bidding may answer a match; a {way.maximum.en} of just that amount gives way to the right."
        if options.automatic
        else ""
    )
    return Sentence(
        (
            "优先购买权（场内行使）：登记的优先购买权人可以按当前价跟价，跟价是一次有效报价，跟价人即以该价领先，"
            f"并可引起延时或新的周期；其他人须再{way.move.zh}至少一档。{answer_zh}"
            "各优先购买权人顺序相同，先跟价的保持领先，后来的须报更优的价。结束时仍未跟价的，视为放弃。"
        ),
        (
            "Right of first refusal, in the field: a registered holder may match the price; a match is a valid bid, its holder "
            "leads at that price, and it may move the end or start a new cycle. Others have to bid at least a step "
            f"{way.better.en}.{answer_en} All holders have the same rank: the one who matched first keeps the lead, and the "
            "next has to better the price. Whoever has not matched by the end has waived."
        ),
    )


def _resumption(options: OpenOptions) -> Sentence:
    """What remains of the clock after an interruption (法释〔2016〕18号 article 28, with the exchange's own rule)."""
    if options.cycle:
        return Sentence(
            "恢复后：本阶段剩余时间为原结束时间减去此前最后一次变化（没有的，为本阶段开始）的时间，至少一个完整周期；"
            "确认进入的时间重新计足，已确认的有效。",
            "After a suspension: the stage has left what lay between the last change before it (or the stage's beginning) and "
            "its old end, at least one full cycle; the time of entry runs whole again and entries made stay valid.",
        )
    return Sentence(
        "恢复后：剩余时间为原结束时间减去此前最后一次变化（没有的，为开始）的时间，至少一个完整的延时时间。",
        "After a suspension: what is left is what lay between the last change before it (or the opening) and the old end, at "
        "least one full extension.",
    )


def _one_press() -> Sentence:
    return Sentence(
        (
            "一键报价：按钮带着你看到的最后编号；此后当前价或领先者有变化的，这次请求被拒绝并告知现价，不会按旧价报出。"
            "手工填写的数额只按数额判断。"
        ),
        (
            "One press: the button sends the last number that you saw; if price or leader changed since, the request is refused "
            "and you are told the price, so that nothing is bid on an old one. A typed amount is judged by the amount alone."
        ),
    )
