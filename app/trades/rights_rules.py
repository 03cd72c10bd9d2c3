"""Pure rules of the rights in a listing's way (权利负担): whose consent is needed, and when it is there.

Source: 专利法 article 14 (without an agreement a co-owner alone may only work the patent or grant an ordinary licence), 民法典
article 444 (a pledged patent is neither assigned nor licensed without the pledgee's consent), 专利法 article 50 with 14 (an
open licence of a co-owned patent is declared by all).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from app.trades.errors_rights import (
    ConsentNotVerified,
    ConsentOutOfTime,
    ConsentsMissing,
    HolderUnclear,
    RightsNotDeclared,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from app.trades.rules import Offer

RightKind = Literal["co_owner", "pledge"]
ConsentState = Literal["none", "waiting", "verified", "refused"]
RIGHT_WORDS = {"co_owner": ("共有人", "co-owner"), "pledge": ("质权人", "pledgee")}
OPEN, ORDINARY = "open", "ordinary"
SHORTEST_NAME, LONGEST_NAME, LONGEST_NO = 2, 200, 100
_NAME = (
    "权利人的全称写 2 到 200 个字，登记号至多 100 个字",
    "write the holder's full name in 2 to 200 characters and the registration's number in at most 100",
)
_ITSELF = ("权利人不能是申报单位自己", "the holder cannot be your own organisation")
_NO_DAY = ("质押要写明登记日期", "a pledge needs the day of its registration")
_DAY_AHEAD = ("起始日还没有到", "its day is still to come")
_GIVER = ("写明谁出具的同意，2 到 200 个字", "say who gave the consent, 2 to 200 characters")


@dataclass(frozen=True)
class InTheWay:
    """A right that stands in a patent of the listing, and how far its holder's consent to the offer has come."""

    kind: str
    holder_name: str
    application_no: str
    consent: ConsentState


def scope_of(rights: str, *, is_open: bool) -> str:
    """What is consented to: the kind of right that is offered, or the open licence of it."""
    return OPEN if is_open else rights


def needs_consent(kind: str, scope: str) -> bool:
    """Whether a holder has to consent: a pledgee always, a co-owner but for an ordinary licence by one alone."""
    return kind == "pledge" or scope != ORDINARY


def missing_consents(rights: Iterable[InTheWay], scope: str, *, verified: bool) -> list[InTheWay]:
    """The rights whose holder's consent is still missing; with ``verified`` one that only waits is missing too."""
    enough = ("verified",) if verified else ("verified", "waiting")
    return [one for one in rights if needs_consent(one.kind, scope) and one.consent not in enough]


def check_consents(rights: Sequence[InTheWay], scope: str, *, verified: bool) -> None:
    """Raises ConsentsMissing where none was laid, ConsentNotVerified where the desk has not verified it."""
    if unlaid := missing_consents(rights, scope, verified=False):
        raise ConsentsMissing(*_named(unlaid))
    if verified and (waiting := missing_consents(rights, scope, verified=True)):
        raise ConsentNotVerified(*_named(waiting))


def _named(rights: Sequence[InTheWay]) -> tuple[list[str], str, str]:
    names = [one.holder_name for one in rights]
    zh = "、".join(f"{RIGHT_WORDS[one.kind][0]}{one.holder_name}（{one.application_no}）" for one in rights)
    en = ", ".join(f"{RIGHT_WORDS[one.kind][1]} {one.holder_name} ({one.application_no})" for one in rights)
    return names, zh, en


def require_rights_answer(offer: Offer) -> None:
    """Raises RightsNotDeclared until the seller declares that every right in the way is named; none of a demand."""
    if offer.direction == "forward" and not offer.rights_declared:
        raise RightsNotDeclared


def check_right(
    kind: str, holder_name: str, own_name: str, since_on: date | None, register_no: str, today: date
) -> None:
    """Raises HolderUnclear: no name, the owner itself, a pledge without its day, or a day to come."""
    if not SHORTEST_NAME <= len(holder_name) <= LONGEST_NAME or len(register_no) > LONGEST_NO:
        raise HolderUnclear(*_NAME)
    if holder_name == own_name:
        raise HolderUnclear(*_ITSELF)
    if kind == "pledge" and since_on is None:
        raise HolderUnclear(*_NO_DAY)
    if since_on is not None and since_on > today:
        raise HolderUnclear(*_DAY_AHEAD)


def check_consent(given_by: str, given_on: date, today: date) -> None:
    """Raises HolderUnclear without who gave it, ConsentOutOfTime for a day to come."""
    if not SHORTEST_NAME <= len(given_by) <= LONGEST_NAME:
        raise HolderUnclear(*_GIVER)
    if given_on > today:
        raise ConsentOutOfTime(given_on, today)
