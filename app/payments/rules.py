"""Pure rules of double entry (复式记账) and of a deposit's life (保证金).

A positive amount is a debit (借), a negative one a credit (贷). Entries are never changed: a correction is
a new transfer. Source for what a deposit may become: 网络司法拍卖规定 articles 17 and 23.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from app.payments.errors import (
    DepositStateForbids,
    PayerIsNotTheBuyer,
    ReceiptDiffersFromDeposit,
    TransferUnbalanced,
)

if TYPE_CHECKING:
    from uuid import UUID


class AccountKind(StrEnum):
    """Kinds of ledger account (科目)."""

    BANK = "bank"  # 资金结算账户: the exchange's account at the bank
    DEPOSIT_HELD = "deposit_held"  # 保证金: what is held for one party
    REFUND_DUE = "refund_due"  # 应退: what must be paid back to one party
    PRICE_ESCROW = "price_escrow"  # 价款: what is held for one deal


class TransferKind(StrEnum):
    """What a transfer records."""

    DEPOSIT_RECEIVED = "deposit_received"  # 保证金到账
    DEPOSIT_RELEASED = "deposit_released"  # 保证金释放, to be refunded
    DEPOSIT_CAPTURED = "deposit_captured"  # 保证金转作价款


class DepositStatus(StrEnum):
    """The life of a deposit."""

    DUE = "due"  # 待缴
    HELD = "held"  # 已到账
    RELEASED = "released"  # 已释放
    CAPTURED = "captured"  # 已转作价款
    CANCELLED = "cancelled"  # 已取消: never paid, no longer wanted


_STATUS_WORDS = {
    DepositStatus.DUE: ("待缴", "due"),
    DepositStatus.HELD: ("已到账", "held"),
    DepositStatus.RELEASED: ("已释放", "released"),
    DepositStatus.CAPTURED: ("已转作价款", "made part of the price"),
    DepositStatus.CANCELLED: ("已取消", "cancelled"),
}

_NEXT: dict[DepositStatus, frozenset[DepositStatus]] = {
    DepositStatus.DUE: frozenset({DepositStatus.HELD, DepositStatus.CANCELLED}),
    DepositStatus.HELD: frozenset({DepositStatus.RELEASED, DepositStatus.CAPTURED}),
    DepositStatus.RELEASED: frozenset(),
    DepositStatus.CAPTURED: frozenset(),
    DepositStatus.CANCELLED: frozenset(),
}


@dataclass(frozen=True)
class Account:
    """An account by what it is for: its kind with the party or the deal."""

    kind: AccountKind
    party_id: UUID | None = None
    deal_id: UUID | None = None

    def __post_init__(self) -> None:
        needs_party = self.kind in {AccountKind.DEPOSIT_HELD, AccountKind.REFUND_DUE}
        needs_deal = self.kind is AccountKind.PRICE_ESCROW
        if (self.party_id is not None) != needs_party or (self.deal_id is not None) != needs_deal:
            message = f"account {self.kind} with party {self.party_id} and deal {self.deal_id}"
            raise ValueError(message)


@dataclass(frozen=True)
class Entry:
    """One side of a transfer: debit positive, credit negative, in fen."""

    account: Account
    amount_fen: int


@dataclass(frozen=True)
class Transfer:
    """Entries that belong together and sum to zero."""

    kind: TransferKind
    entries: tuple[Entry, ...]


def check_transfer(transfer: Transfer) -> Transfer:
    """Returns the transfer if it has two or more entries, none empty, one for an account, summing to zero."""
    total = sum(entry.amount_fen for entry in transfer.entries)
    accounts = {entry.account for entry in transfer.entries}
    has_empty = any(entry.amount_fen == 0 for entry in transfer.entries)
    if len(transfer.entries) < 2 or len(accounts) < len(transfer.entries) or has_empty or total:  # noqa: PLR2004
        raise TransferUnbalanced(total_fen=total, entries=len(transfer.entries))
    return transfer


def _move(kind: TransferKind, debit: Account, credit: Account, amount_fen: int) -> Transfer:
    return check_transfer(Transfer(kind, (Entry(debit, amount_fen), Entry(credit, -amount_fen))))


def receive_deposit(party_id: UUID, amount_fen: int) -> Transfer:
    """Money came to the bank account and is held for the party (借 资金结算账户, 贷 保证金)."""
    bank, held = Account(AccountKind.BANK), Account(AccountKind.DEPOSIT_HELD, party_id)
    return _move(TransferKind.DEPOSIT_RECEIVED, bank, held, amount_fen)


def release_deposit(party_id: UUID, amount_fen: int) -> Transfer:
    """A deposit no longer held is owed back to the party (网络司法拍卖规定 23: to those who did not win)."""
    held, owed = Account(AccountKind.DEPOSIT_HELD, party_id), Account(AccountKind.REFUND_DUE, party_id)
    return _move(TransferKind.DEPOSIT_RELEASED, held, owed, amount_fen)


def capture_deposit(party_id: UUID, deal_id: UUID, amount_fen: int) -> Transfer:
    """The winner's deposit becomes part of the price (网络司法拍卖规定 23: 充抵价款)."""
    held = Account(AccountKind.DEPOSIT_HELD, party_id)
    escrow = Account(AccountKind.PRICE_ESCROW, deal_id=deal_id)
    return _move(TransferKind.DEPOSIT_CAPTURED, held, escrow, amount_fen)


def check_deposit_step(present: DepositStatus, wanted: DepositStatus) -> None:
    """Raises DepositStateForbids unless a deposit may go from ``present`` to ``wanted``."""
    if wanted not in _NEXT[present]:
        present_zh, present_en = _STATUS_WORDS[present]
        wanted_zh, wanted_en = _STATUS_WORDS[wanted]
        raise DepositStateForbids(
            deposit_status=present.value,
            wanted=wanted.value,
            present_zh=present_zh,
            present_en=present_en,
            wanted_zh=wanted_zh,
            wanted_en=wanted_en,
        )


def check_receipt(*, due_fen: int, amount_fen: int, buyer_name: str, payer_name: str) -> None:
    """Raises unless exactly the deposit came, from the buyer's own account.

    Source: 招标投标法实施条例 articles 26 and 40(六), the payer's account must be the bidder's own.
    """
    if amount_fen != due_fen:
        raise ReceiptDiffersFromDeposit(due_fen=due_fen, amount_fen=amount_fen)
    if plain_name(payer_name) != plain_name(buyer_name):
        raise PayerIsNotTheBuyer(payer_name=payer_name, buyer_name=buyer_name)


def plain_name(name: str) -> str:
    """A name as banks print it: full-width brackets and letters made plain, spaces dropped, letters lowered."""
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()
