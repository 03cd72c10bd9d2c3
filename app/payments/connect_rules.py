"""Pure rules of paying sellers by the card gateway (通道付款): when an account may receive, which way an order may go.

An account may receive when its capability for transfers is active and its payouts are not held up. Source: Stripe,
"Account capabilities" and "Separate charges and transfers".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from app.payments.errors_connect import (
    ClearingTooLow,
    OrderNotByConnect,
    PayoutAccountNotReady,
    TransferDiffers,
    WayIsSettled,
)
from app.payments.order_rules import OrderPurpose, OrderStatus, Way
from app.payments.rules import Account, AccountKind, Entry, Transfer, TransferKind, check_transfer

if TYPE_CHECKING:
    from uuid import UUID


class PayoutState(StrEnum):
    """How far a party's account at the gateway is (收款账户状态)."""

    NONE = "none"  # 未开通
    OPENING = "opening"  # 开立中: promised, not known at the gateway yet
    REFUSED = "refused"  # 通道未受理
    ONBOARDING = "onboarding"  # 待填资料: the party has to tell the gateway about itself
    IN_REVIEW = "in_review"  # 通道审核中
    RESTRICTED = "restricted"  # 受限: the gateway wants more, or has stopped it
    READY = "ready"  # 可收款


STATE_WORDS: dict[PayoutState, tuple[str, str]] = {
    PayoutState.NONE: ("未开通", "not opened"),
    PayoutState.OPENING: ("开立中", "being opened"),
    PayoutState.REFUSED: ("通道未受理", "refused by the gateway"),
    PayoutState.ONBOARDING: ("待填资料", "waiting for the seller's particulars"),
    PayoutState.IN_REVIEW: ("通道审核中", "under review at the gateway"),
    PayoutState.RESTRICTED: ("受限", "restricted by the gateway"),
    PayoutState.READY: ("可收款", "ready"),
}


@dataclass(frozen=True)
class AccountFacts:
    """What the rules look at of an account: as the gateway had it when it was last seen."""

    account_id: str | None
    transfers: str | None = None
    is_submitted: bool = False
    has_payouts: bool = False
    disabled_reason: str | None = None
    refusal: str | None = None


def state_of(account: AccountFacts | None) -> PayoutState:
    """Where an account stands; only one that is READY may be paid to."""
    if account is None:
        return PayoutState.NONE
    if account.account_id is None:
        return PayoutState.OPENING if account.refusal is None else PayoutState.REFUSED
    if account.transfers == "active" and account.has_payouts:
        return PayoutState.READY
    if not account.is_submitted:
        return PayoutState.ONBOARDING
    return PayoutState.RESTRICTED if account.disabled_reason is not None else PayoutState.IN_REVIEW


def check_ready(account: AccountFacts | None) -> str:
    """The id of an account that may be paid to; raises PayoutAccountNotReady."""
    state = state_of(account)
    if account is None or account.account_id is None or state is not PayoutState.READY:
        raise PayoutAccountNotReady(state.value, *STATE_WORDS[state])
    return account.account_id


def check_way(
    reference: str, purpose: OrderPurpose, status: OrderStatus, way: Way, *, has_approval: bool
) -> None:
    """Raises unless an order's way may still be chosen: a payout's, before the first of two has approved it.

    Raises OrderNotByConnect, WayIsSettled.
    """
    if way is Way.CONNECT and purpose is not OrderPurpose.PAYOUT:
        raise OrderNotByConnect(reference)
    if status is not OrderStatus.PENDING or has_approval:
        raise WayIsSettled(reference)


def check_clearing(clearing_fen: int, amount_fen: int) -> None:
    """Raises ClearingTooLow unless the gateway owes the exchange what is to be paid from there."""
    if clearing_fen < amount_fen:
        raise ClearingTooLow(clearing_fen, amount_fen)


def take_back(party_id: UUID, amount_fen: int) -> Transfer:
    """A transfer was reversed: the gateway has the money, and the seller is owed it again."""
    clearing, owed = Account(AccountKind.STRIPE_CLEARING), Account(AccountKind.SELLER_DUE, party_id)
    entries = (Entry(clearing, amount_fen), Entry(owed, -amount_fen))
    return check_transfer(Transfer(TransferKind.PAYMENT_RETURNED, entries))


def check_same_transfer(ours: tuple[str, int, str | None], seen: tuple[str, int, str]) -> None:
    """Raises TransferDiffers unless what the gateway has is the transfer that was asked for, and no second one.

    Each is the account paid to, the amount, and the gateway's id, which ours may not know yet.
    """
    if ours[:2] != seen[:2] or ours[2] not in {None, seen[2]}:
        raise TransferDiffers(asked_fen=ours[1], seen_fen=seen[1], gateway_id=seen[2])
