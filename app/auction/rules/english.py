"""English auction with soft close (增价竞价, 延时结束), rising or falling: a late change of price moves the end.

Source: 法释〔2016〕18号 (网络司法拍卖规定) article 20: the first bid is at least the start price, each further one adds
at least the step, a bid in the last minutes moves the end to its own time plus the extension, the highest last bid
wins; multiples of the step as exchanges announce them. The official time is the market's clock read under the lock.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from app.auction.rules.course import OPEN_OPTIONS, OpenOptions, check_course, read_open_options
from app.auction.rules.open_bidding import OpenBidding
from app.auction.rules.open_words import open_sentences, soft_close_sentences
from app.auction.rules.options import known_only

if TYPE_CHECKING:
    from app.auction.rules.terms import AuctionTerms
    from app.errors import Lang


class English(OpenBidding):
    """Open bids with an end that a late change of price or leader moves."""

    name = "english"

    def read_options(self, raw: Mapping[str, Any]) -> OpenOptions:
        """Reads ``automatic``, ``multiples_only`` and ``ladder``."""
        known_only(raw, *OPEN_OPTIONS)
        return read_open_options(raw)

    def check(self, terms: AuctionTerms, options: Any) -> None:  # noqa: ANN401 - of the shape
        """Refuses steps that do not fit the start price."""
        check_course(terms, options)

    def words(self, terms: AuctionTerms, options: Any, lang: Lang) -> list[str]:  # noqa: ANN401 - of the shape
        """How to bid, when the end moves, who wins; then automatic bidding and priority where there are any."""
        return open_sentences(terms, options, lang, clock=soft_close_sentences(terms))
