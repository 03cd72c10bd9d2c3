"""The formats that a sale can be scheduled with; a new one is a file of its own and a line here."""

from __future__ import annotations

from app.auction.rules.english import English
from app.auction.rules.game import Format

FORMATS: dict[str, Format] = {chosen.name: chosen for chosen in (English(),)}
