"""The trading rules of one sale in words, made from the parameters that the engine uses."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import TYPE_CHECKING, Any

from app.chain import canonical
from app.clock import to_shanghai
from app.money import yuan

if TYPE_CHECKING:
    from app.auction.rules.terms import AuctionTerms
    from app.errors import Lang


def _moment(moment: datetime) -> str:
    return f"{to_shanghai(moment):%Y-%m-%d %H:%M:%S}"


def _period(seconds: int, lang: Lang) -> str:
    minutes, rest = divmod(seconds, 60)
    if rest == 0 and minutes:
        return f"{minutes} 分钟" if lang == "zh" else f"{minutes} min"
    return f"{seconds} 秒" if lang == "zh" else f"{seconds} s"


def _chinese(terms: AuctionTerms) -> list[str]:
    hard_end = f"任何延时都不超过 {_moment(terms.hard_end_at)}。" if terms.hard_end_at else "延时次数不限。"
    reserve = (
        "转让方设有保留价，竞价中只公布是否达到；最高出价未达到保留价的，不成交。"
        "结束后公布保留价，供各方核验。"
        if terms.has_reserve
        else "本场不设保留价，有一次有效出价即可成交。"
    )
    return [
        (
            f"出价：首次出价不低于起始价 {yuan(terms.start_price_fen)} 元，"
            f"以后每次在当前价上加 {yuan(terms.step_fen)} 元或其整数倍。"
        ),
        (
            f"时间：{_moment(terms.opens_at)} 开始，{_moment(terms.closes_at)} 结束（北京时间）。"
            "以市场时钟判定出价的时刻为准，到达结束时刻或之后判定的出价不生效，即使此前已经收到。"
        ),
        (
            f"延时：结束前 {_period(terms.trigger_seconds, 'zh')}内有人出价的，"
            f"结束时间改为该次出价后 {_period(terms.extension_seconds, 'zh')}，但不早于原定结束时间。{hard_end}"
        ),
        f"成交：价高者得，按自己的出价付款。{reserve}",
        "不能撤回：出价一经接受即有约束力，出现更高的有效出价时失效。",
        f"保证金：{yuan(terms.deposit_fen)} 元，到账后发给竞买号。未竞得的退还，竞得的转为价款的一部分。",
        "身份：结束前只显示竞买号；结束后由交易机构出具成交确认书。转让方和交易机构工作人员不得出价。",
        "可验证：每次出价、延时和结果按序编号，并用散列值相连，事后可以核验。",
    ]


def _english(terms: AuctionTerms) -> list[str]:
    hard_end = (
        f"No extension goes past {_moment(terms.hard_end_at)}." if terms.hard_end_at else "There is no limit."
    )
    reserve = (
        "The seller has set a hidden reserve; only whether it is met is shown, and a highest bid below it does not buy. "
        "After the close the reserve is published, so that everybody can check."
        if terms.has_reserve
        else "There is no reserve: one valid bid is enough."
    )
    return [
        (
            f"Bids: the first is at least the start price of CNY {yuan(terms.start_price_fen)}; "
            f"each further one adds CNY {yuan(terms.step_fen)} or a multiple of it to the current price."
        ),
        (
            f"Time: from {_moment(terms.opens_at)} to {_moment(terms.closes_at)} (Beijing). The market's clock at the "
            "moment of judgement decides; a bid judged at or after the end has no effect, even if received before it."
        ),
        (
            f"Extension: a bid in the last {_period(terms.trigger_seconds, 'en')} moves the end to "
            f"{_period(terms.extension_seconds, 'en')} after that bid, if that is later. {hard_end}"
        ),
        f"Result: the highest bid wins and pays its own amount. {reserve}",
        "No withdrawal: an accepted bid binds until a higher valid bid is accepted.",
        (
            f"Deposit: CNY {yuan(terms.deposit_fen)}; a bidder code is given once it has arrived. "
            "It is returned to those who do not win and becomes part of the winner's price."
        ),
        (
            "Identity: until the end only bidder codes are shown; afterwards the exchange issues a deal confirmation. "
            "The seller and the exchange's staff may not bid."
        ),
        "Proof: every bid, extension and result is numbered and chained by hashes, so that it can be checked later.",
    ]


def write_rules(terms: AuctionTerms) -> dict[str, Any]:
    """The rules of a sale as they are published with it: sentences in both languages and their fingerprint.

    They are written once and kept with the sale, so that a later wording never changes what a buyer accepted.
    """
    sentences = {"zh": _chinese(terms), "en": _english(terms)}
    digest = hashlib.sha256(canonical({**sentences, "terms": terms.as_json()}).encode()).hexdigest()
    return {**sentences, "sha256": digest}
