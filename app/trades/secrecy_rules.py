"""Pure rules of the secrecy review of what is offered (保密审查): who reviewed it, when, and what came out.

Source: 保守国家秘密法 articles 34 and 35 (a unit reviews before it publishes; on suspicion nothing is passed on).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.trades.errors_rights import (
    NotForPublication,
    SecrecyIncomplete,
    SecrecyReviewAhead,
    SecrecyReviewMissing,
    SecretNotHere,
)

if TYPE_CHECKING:
    from datetime import date

    from app.trades.rules import Offer

PUBLIC, INTERNAL, CLASSIFIED = "public", "internal", "classified"
LONGEST_REVIEWER = 100


def check_secrecy(offer: Offer) -> None:
    """Raises SecretNotHere for what is classified, SecrecyIncomplete for half a declaration."""
    if offer.secrecy_result == CLASSIFIED:
        raise SecretNotHere
    reviewer = (offer.secrecy_reviewer or "").strip()
    given = [bool(reviewer), offer.secrecy_on is not None, offer.secrecy_result is not None]
    if any(given) and not all(given):
        raise SecrecyIncomplete
    if len(reviewer) > LONGEST_REVIEWER or offer.secrecy_result not in (None, PUBLIC, INTERNAL):
        raise SecrecyIncomplete


def require_secrecy_answer(offer: Offer, today: date) -> None:
    """Raises SecrecyReviewMissing, SecrecyReviewAhead or NotForPublication: only what is found public is put up.

    A demand says what is wanted, and nothing of an invention.
    """
    if offer.direction != "forward":
        return
    if offer.secrecy_result is None or offer.secrecy_on is None:
        raise SecrecyReviewMissing
    if offer.secrecy_on > today:
        raise SecrecyReviewAhead(offer.secrecy_on, today)
    if offer.secrecy_result != PUBLIC:
        raise NotForPublication
