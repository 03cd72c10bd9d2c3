"""Which floors bind an organisation: its regime (卖方制度类别) and its jurisdiction (适用地区)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.accounts.models import Organisation

_STATE_KINDS = frozenset({"university", "institute"})
_PROVINCES = {"11": "CN-BJ", "31": "CN-SH", "33": "CN-ZJ", "37": "CN-SD"}


def regime_of(organisation: Organisation) -> str:
    """Universities and institutes are the state's unless they say otherwise, all others private."""
    return "state_research" if organisation.kind in _STATE_KINDS else "private_entity"


def jurisdiction_of(organisation: Organisation) -> str:
    """The province by the first two digits of the region code (GB/T 2260), in ISO 3166-2; else the nation."""
    return _PROVINCES.get((organisation.region_code or "")[:2], "CN")
