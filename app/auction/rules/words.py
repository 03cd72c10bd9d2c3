"""The trading rules of one sale in words: its format's sentences, then those that hold for every sale, and a digest."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from app.auction.rules.formats import FORMATS
from app.auction.rules.game import Kind
from app.auction.rules.wording import amount, moment, period
from app.chain import canonical

if TYPE_CHECKING:
    from app.auction.rules.game import Format
    from app.auction.rules.terms import AuctionTerms


def _chinese(terms: AuctionTerms, rules: Format) -> list[str]:
    is_reverse = terms.direction == "reverse"
    seller = "需求方" if is_reverse else "转让方"
    sentences = [
        (
            f"时间：{moment(terms.opens_at)} 开始（北京时间）。以市场时钟判定请求的时刻为准，"
            "到达结束时刻或之后判定的请求不生效，即使此前已经收到；分阶段的，按判定时所在的阶段处理。"
            "收到的时刻另行记录并告知。"
        ),
        f"保证金：{amount(terms.deposit_fen, 'zh')}，到账后发给竞买号。未成交的退还，成交的按公告转为价款或履约保证。",
        f"身份：结束前只显示竞买号；结束后由交易机构出具成交确认书。{seller}和交易机构工作人员不得出价。",
    ]
    if Kind.WITHDRAW not in rules.kinds:
        sentences.append(
            "不能撤回：出价一经接受即有约束力，出现更优的有效出价时失效（拍卖法第三十六条的规则，本市场同样适用）。"
        )
    if terms.has_reserve:
        sentences.append(
            "保留价的核验：发布时公布保留价的承诺值，结束后公开保留价和密钥，任何人都可以核对它没有变过。"
        )
    sentences.append(_priority_chinese(terms))
    return [
        *(sentence for sentence in sentences if sentence),
        (
            "中止和恢复：出价受理中断超过市场公布的时限，且可能影响最后的延时窗口、限时周期、轮次或价格档次的，"
            "先中止竞价，不计算也不显示结果，由两名不同岗位的人员决定恢复或作废；交易机构也可以公布原因后中止。"
            "恢复后的时间按本场的竞价方式计算并公布，不超过重新公布的最迟结束时间。结算稍迟本身不改变结果。"
        ),
        (
            "作废：有严重的说明错误、系统故障或数据错误影响结果、恶意串通、竞得人不具备资格、违法排除他人的，"
            "由两人决定作废并公布原因，记录保留；第二名只可被询问，不受约束。"
        ),
        (
            "可核验：每个被判定的请求、阶段变化和结果按序编号，以散列值相连并由市场签名；每次答复都是带签名的回执。"
            "结束后公布核验包，任何人可以用公布的程序重算出同一结果，并核对自己的回执。"
        ),
    ]


def _priority_chinese(terms: AuctionTerms) -> str:
    if terms.priority != "post":
        return ""
    return (
        "优先购买权（事后行使）：结束时由他人领先的，先不公布结果，询问登记的优先购买权人是否按该价成交，"
        f"答复时间为 {period(terms.priority_seconds, 'zh')}；逾期不答复视为放弃，顺序相同的先答复者得。"
    )


def _english(terms: AuctionTerms, rules: Format) -> list[str]:
    is_reverse = terms.direction == "reverse"
    seller = "buyer who asks for offers" if is_reverse else "seller"
    sentences = [
        (
            f"Time: it opens at {moment(terms.opens_at)} (Beijing). The market's clock at the moment of judgement decides: a "
            "request judged at or after the end has no effect, even if received before it, and where there are stages it is "
            "judged by the stage that runs then. The time of receipt is recorded and told as well."
        ),
        (
            f"Deposit: {amount(terms.deposit_fen, 'en')}; a bidder code is given once it has arrived. It is returned to those "
            "who do not win and becomes part of the price or the security for performance, as announced."
        ),
        (
            "Identity: until the end only bidder codes are shown; afterwards the exchange issues a deal confirmation. "
            f"The {seller} and the exchange's staff may not bid."
        ),
    ]
    if Kind.WITHDRAW not in rules.kinds:
        sentences.append(
            "No withdrawal: an accepted bid binds until a better valid bid is accepted (the rule of Auction Law article 36 "
            "holds here too)."
        )
    if terms.has_reserve:
        sentences.append(
            "Checking the reserve: a commitment to it is published with the sale; after the close the reserve and its key "
            "are opened, so that anybody can check that it never changed."
        )
    sentences.append(_priority_english(terms))
    return [
        *(sentence for sentence in sentences if sentence),
        (
            "Suspension and resumption: if the taking of bids was interrupted for longer than the market's announced limit, "
            "where that may have touched the last extension window, a limited cycle, a turn or a step of the price, the sale "
            "is suspended before any result is computed or shown, and two people of different posts decide to resume or "
            "void it. The exchange may also suspend with a published reason. What remains on resumption follows from the "
            "way of this sale and is published, never past a re-announced hard end. Late settlement alone changes no result."
        ),
        (
            "Void: for a serious misdescription, a fault or false data that touched the result, collusion, an unqualified "
            "winner or an unlawful exclusion, two people may void the sale with a published reason; its record is kept. "
            "The second best bidder may be asked, and is not bound."
        ),
        (
            "Proof: every judged request, change of stage and result is numbered, chained by hashes and signed by the market; "
            "each answer is a signed receipt. After the end a bundle is published from which anybody can compute the same "
            "result with the published program, and check a receipt."
        ),
    ]


def _priority_english(terms: AuctionTerms) -> str:
    if terms.priority != "post":
        return ""
    return (
        "Right of first refusal, afterwards: if somebody else leads at the end, no result is published before the registered "
        f"holders are asked whether they take it at that price, within {period(terms.priority_seconds, 'en')}. Silence "
        "waives; among holders of one rank the first to answer has it."
    )


def write_rules(terms: AuctionTerms) -> dict[str, Any]:
    """The rules of a sale as they are published with it: sentences in both languages and their fingerprint.

    They are written once and kept with the sale, so that a later wording never changes what a buyer accepted.
    """
    rules = FORMATS[terms.format]
    options = rules.read_options(terms.options)
    sentences = {
        "zh": [*rules.words(terms, options, "zh"), *_chinese(terms, rules)],
        "en": [*rules.words(terms, options, "en"), *_english(terms, rules)],
    }
    digest = hashlib.sha256(canonical({**sentences, "terms": terms.as_json()}).encode()).hexdigest()
    return {**sentences, "sha256": digest}
