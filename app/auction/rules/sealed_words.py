"""The trading rules of sealed bidding in words, from the parameters that the engine uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.auction.rules.wording import amount, moment, period

if TYPE_CHECKING:
    from app.auction.rules.sealed import SealedOptions
    from app.auction.rules.terms import AuctionTerms
    from app.errors import Lang


def sealed_words(
    terms: AuctionTerms, options: SealedOptions, lang: Lang, *, is_second_price: bool
) -> list[str]:
    """All sentences of a sealed sale, in the order in which a bidder meets them."""
    sentences = [
        _amounts(terms, options, lang),
        _deadline(terms, lang),
        _changing(options, lang),
        *secrecy_words(lang),
        opening_words(lang),
    ]
    if terms.min_bidders > 1:
        sentences.append(_few(terms, lang))
    return [*sentences, _result(terms, lang, is_second_price=is_second_price), _ties(terms, options, lang)]


def secrecy_words(lang: Lang) -> list[str]:
    """What is kept from whom until the opening, and what is not promised."""
    if lang == "zh":
        return [
            (
                "保密：开启之前，是否有人密封报价、谁报了、报了几次、报多少，除报价人本人外任何人都看不到，"
                "包括转让方、其他竞买人和交易机构的工作人员；公开的记录和计数也不因密封报价而变化。"
            ),
            (
                "保密的范围：金额用本场的公钥加密保存，私钥在截止后才由后台结算程序启用，启用有记录。"
                "由此防止从数据库、日志、备份和工作页面看到金额。"
                "对掌握结算服务器最高权限的人，以及在你报价时已被入侵的接收程序，不作此承诺。"
            ),
        ]
    return [
        (
            "Secrecy: until the opening nobody but the bidder can see whether anybody has sealed a bid, who, how often "
            "or how much: not the seller, not other bidders, not the exchange's staff. No public record or count moves "
            "because of a sealed bid."
        ),
        (
            "What is promised: amounts are kept encrypted under a public key of this sale; its private key is used by the "
            "settling program after the deadline only, and that is recorded. So nobody reads amounts from the "
            "database, logs, backups or staff pages. It is not promised against whoever has full control of the "
            "settling machine, nor against a receiving program that has been broken into while you bid."
        ),
    ]


def opening_words(lang: Lang) -> str:
    """How envelopes are opened, and what happens when one does not open."""
    if lang == "zh":
        return (
            "开启：截止后由系统将计入的密封报价一次全部开启，并公布开启记录（竞买号、金额、承诺值的密钥、收下时间），"
            "任何人都可以核验；已被更换或撤回的不开启，结束后只随核验包公布其竞买号、承诺值和时间。"
            "有一份未能开启或与其承诺值不符的，本场作废，不成交，并公布原因。"
        )
    return (
        "Opening: after the deadline the system opens all envelopes that count at once and publishes the record (bidder "
        "code, amount, key of the commitment, time of acceptance), so that anybody can check it; what was replaced or "
        "withdrawn is not opened; only its bidder code, commitment and time are in the bundle that is published after the "
        "end. If one does not open, or not to what was committed to, the sale is void, nobody wins, and the reason is "
        "published."
    )


def _amounts(terms: AuctionTerms, options: SealedOptions, lang: Lang) -> str:
    start, step = amount(terms.start_price_fen, lang), amount(terms.step_fen, lang)
    is_forward = terms.direction == "forward"
    if lang == "zh":
        side = f"不低于起始价 {start}" if is_forward else f"不高于最高限价 {start}"
        grid = f"，与它的差额为 {step}的整数倍" if options.multiples_only else ""
        return f"密封报价：每位竞买人密封报一个价，{side}{grid}。"
    side = f"at least the start price of {start}" if is_forward else f"not above the ceiling price of {start}"
    grid = f", a multiple of {step} away from it" if options.multiples_only else ""
    return f"Sealed bids: each bidder seals one amount, {side}{grid}."


def _deadline(terms: AuctionTerms, lang: Lang) -> str:
    at = moment(terms.closes_at)
    if lang == "zh":
        return (
            f"截止：{at}（北京时间），不因报价延长；迟到的报价不收。"
            "竞价中止后恢复的，已收下的报价仍然有效，本阶段重新计足全部时间，因为最后一份何时报出是保密的。"
        )
    return (
        f"Deadline: {at} (Beijing); no bid moves it, and late ones are not taken in. After a suspension the envelopes "
        "that are in remain valid, and the stage is given its full time again, because when the last one came is secret."
    )


def _changing(options: SealedOptions, lang: Lang) -> str:
    if options.one_shot:
        return (
            "一次报价：只能报一次，收下后不能更换，也不能撤回。"
            if lang == "zh"
            else "One shot: a bid can be sealed once; it can neither be replaced nor withdrawn."
        )
    return (
        "更换和撤回：截止前可以更换或撤回，以最后一次收下的为准；排先后也按最后一次收下的时间。"
        if lang == "zh"
        else (
            "Changing: until the deadline a bid may be replaced or withdrawn; the last one accepted counts, also for "
            "its place in time."
        )
    )


def _few(terms: AuctionTerms, lang: Lang) -> str:
    least = terms.min_bidders
    if lang == "zh":
        return (
            f"人数：密封报价少于 {least} 份的，全部不开启，本场不成交；"
            "只公布这些报价的竞买号、承诺值和收下时间，金额不公布。"
        )
    return (
        f"Number: with fewer than {least} envelopes none is opened and the sale ends unsold; only their bidder codes, "
        "commitments and times are published, never their amounts."
    )


def _result(terms: AuctionTerms, lang: Lang, *, is_second_price: bool) -> str:
    is_forward = terms.direction == "forward"
    start = amount(terms.start_price_fen, lang)
    if lang == "zh":
        best, second = ("最高", "第二高") if is_forward else ("最低", "第二低")
        floor = ("起始价" if is_forward else "最高限价") + f" {start}"
        reserve = (
            f"设有保留价，结束后公布；{'低于' if is_forward else '高于'}保留价的报价不生效，没有其他有效报价的不成交。"
            if terms.has_reserve
            else "不设保留价。"
        )
        alone = "保留价" if terms.has_reserve else floor
        price = (
            f"按{second}的有效报价成交；只有一份有效报价的，按{alone}成交。"
            if is_second_price
            else "按自己的报价成交。"
        )
        return f"成交：{best}的有效报价者得，{price}{reserve}"
    best, second = ("highest", "second highest") if is_forward else ("lowest", "second lowest")
    floor = (f"start price of {start}") if is_forward else (f"ceiling price of {start}")
    reserve = (
        f"There is a hidden reserve, published after the close: a bid {'below' if is_forward else 'above'} it has no "
        "effect, and without another valid one the sale ends unsold."
        if terms.has_reserve
        else "There is no reserve."
    )
    alone = "reserve" if terms.has_reserve else floor
    price = (
        f"at the {second} valid bid; with only one valid bid at the {alone}"
        if is_second_price
        else "at its own amount"
    )
    return f"Result: the {best} valid bid wins {price}. {reserve}"


def _ties(terms: AuctionTerms, options: SealedOptions, lang: Lang) -> str:
    step, is_forward = amount(terms.step_fen, lang), terms.direction == "forward"
    if options.tie_rule == "earliest":
        return (
            "同价：报价相同的，先收下者为先。"
            if lang == "zh"
            else "Ties: of equal bids the one accepted earlier is better."
        )
    length = period(options.extra_seconds, lang)
    if lang == "zh":
        better = "高" if is_forward else "低"
        return (
            f"同价：并列第一的，公布开启记录后只在这些竞买人之间加密封一轮，时间 {length}；"
            f"报价至少比同价{better} {step}，不报的保留原报价。仍然相同的，先收下者为先。"
        )
    better = "above" if is_forward else "below"
    return (
        f"Ties: if the best amount is shared, the record is published and those tied seal once more, within {length}, at "
        f"least {step} {better} it; whoever does not keeps the first amount. Of bids that are still equal the one "
        "accepted earlier is better."
    )
