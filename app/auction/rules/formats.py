"""The formats that a sale can be scheduled with; a new one is a file of its own and a line here."""

from __future__ import annotations

from app.auction.rules.dutch import Dutch
from app.auction.rules.dutch_sealed import DutchSealed
from app.auction.rules.english import English
from app.auction.rules.free_limited import FreeThenLimited
from app.auction.rules.game import Format
from app.auction.rules.raise_or_accept import RaiseOrAccept
from app.auction.rules.rounds import Rounds
from app.auction.rules.scored_tender import ScoredTender
from app.auction.rules.sealed import FirstPrice, Vickrey

FORMATS: dict[str, Format] = {
    chosen.name: chosen
    for chosen in (
        English(),
        FreeThenLimited(),
        FirstPrice(),
        Vickrey(),
        Dutch(),
        DutchSealed(),
        Rounds(),
        RaiseOrAccept(),
        ScoredTender(),
    )
}
