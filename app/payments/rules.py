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
    AccountOverdrawn,
    CorrectionNotOfTwo,
    DepositStateForbids,
    PayerIsNotTheBuyer,
    ReceiptDiffersFromDeposit,
    TransferIdUsed,
    TransferSettled,
    TransferUnbalanced,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID


class Currency(StrEnum):
    """Currencies (币种) that accounts are kept in; the market trades in one."""

    CNY = "CNY"  # 人民币


class AccountKind(StrEnum):
    """What a ledger account is for (科目)."""

    BANK = "bank"  # 资金结算账户: the exchange's account at the bank
    STRIPE_CLEARING = "stripe_clearing"  # 卡收款在途: what the card gateway owes the exchange
    CARD_DISPUTED = "card_disputed"  # 卡争议款: taken back by cards' banks until the dispute is decided
    DEPOSIT_HELD = "deposit_held"  # 保证金: what is held for one party
    REFUND_DUE = "refund_due"  # 应退: what must be paid back to one party
    PRICE_ESCROW = "price_escrow"  # 价款: what is held for one deal
    SELLER_DUE = "seller_due"  # 应付出让方: released, to be paid out to one party
    FEE_INCOME = "fee_income"  # 交易服务费收入
    COMMISSION_DUE = "commission_due"  # 应付佣金: of one broker
    DISTRIBUTION_POOL = "distribution_pool"  # 待分配收益: of one deal
    FORFEITED = "forfeited"  # 没收保证金: of one defaulter, until it is applied
    SUSPENSE = "suspense"  # 待查款项: came to the bank and is not matched yet


# The exchange's own assets stand in debit; all others say what it owes or has earned, and stand in credit.
ASSETS = frozenset({AccountKind.BANK, AccountKind.STRIPE_CLEARING, AccountKind.CARD_DISPUTED})
OF_A_PARTY = frozenset(
    {
        AccountKind.DEPOSIT_HELD,
        AccountKind.REFUND_DUE,
        AccountKind.SELLER_DUE,
        AccountKind.COMMISSION_DUE,
        AccountKind.FORFEITED,
    }
)
OF_A_DEAL = frozenset({AccountKind.PRICE_ESCROW, AccountKind.DISTRIBUTION_POOL})
# What is kept for somebody may not be overdrawn. The other accounts have no limit and take no lock; a bank line's
# part of the suspense account is guarded by the line's own row.
LIMITED = OF_A_PARTY | OF_A_DEAL


class TransferKind(StrEnum):
    """What a transfer records (业务类型)."""

    DEPOSIT_RECEIVED = "deposit_received"  # 保证金到账
    DEPOSIT_RELEASED = "deposit_released"  # 保证金释放, to be refunded
    DEPOSIT_CAPTURED = "deposit_captured"  # 保证金转作价款
    DEPOSIT_FORFEITED = "deposit_forfeited"  # 保证金没收
    REFUND_FORFEITED = "refund_forfeited"  # 应退保证金没收: released before, and not paid back yet
    DEPOSIT_LAPSED = "deposit_lapsed"  # 保证金授权失效: the card's hold ended
    LINE_RECEIVED = "line_received"  # 银行来款: into suspense
    PAYABLE_RECEIVED = "payable_received"  # 应缴款到账
    OVERPAYMENT = "overpayment"  # 多付转应退
    LINE_RETURNED = "line_returned"  # 来款退回: a line that pays nothing is sent back
    PRICE_RELEASED = "price_released"  # 价款放款
    PRICE_RETURNED = "price_returned"  # 价款退回买方
    PRICE_FORFEITED = "price_forfeited"  # 价款中的保证金没收
    FORFEIT_APPLIED = "forfeit_applied"  # 没收款使用
    FEE_CHARGED = "fee_charged"  # 收取服务费
    COMMISSION_EARNED = "commission_earned"  # 佣金计提
    DISTRIBUTION_MADE = "distribution_made"  # 收益分配
    PAYMENT_EXECUTED = "payment_executed"  # 付款执行
    PAYMENT_RETURNED = "payment_returned"  # 付款退票: the bank sent an executed payment back
    CARD_RECEIVED = "card_received"  # 卡收款
    CARD_REFUNDED = "card_refunded"  # 卡退款
    CARD_SETTLED = "card_settled"  # 卡收款入账: the gateway paid the exchange's bank account
    CARD_DISPUTED = "card_disputed"  # 卡争议: the card's bank took the payment back
    DISPUTE_WON = "dispute_won"  # 卡争议胜出: the money came back
    DISPUTE_LOST = "dispute_lost"  # 卡争议败诉: the exchange bears it
    DEPOSIT_INTEREST = "deposit_interest"  # 保证金利息: of a tender, paid by the exchange
    CORRECTION = "correction"  # 更正


TRANSFER_ZH: dict[TransferKind, str] = {
    TransferKind.DEPOSIT_RECEIVED: "保证金到账",
    TransferKind.DEPOSIT_RELEASED: "保证金释放",
    TransferKind.DEPOSIT_CAPTURED: "保证金转作价款",
    TransferKind.DEPOSIT_FORFEITED: "保证金没收",
    TransferKind.REFUND_FORFEITED: "应退保证金没收",
    TransferKind.DEPOSIT_LAPSED: "保证金授权失效",
    TransferKind.LINE_RECEIVED: "银行来款",
    TransferKind.PAYABLE_RECEIVED: "应缴款到账",
    TransferKind.OVERPAYMENT: "多付转应退",
    TransferKind.LINE_RETURNED: "来款退回",
    TransferKind.PRICE_RELEASED: "价款放款",
    TransferKind.PRICE_RETURNED: "价款退回买方",
    TransferKind.PRICE_FORFEITED: "价款中的保证金没收",
    TransferKind.FORFEIT_APPLIED: "没收款使用",
    TransferKind.FEE_CHARGED: "收取服务费",
    TransferKind.COMMISSION_EARNED: "佣金计提",
    TransferKind.DISTRIBUTION_MADE: "收益分配",
    TransferKind.PAYMENT_EXECUTED: "付款执行",
    TransferKind.PAYMENT_RETURNED: "付款退票",
    TransferKind.CARD_RECEIVED: "卡收款",
    TransferKind.CARD_REFUNDED: "卡退款",
    TransferKind.CARD_SETTLED: "卡收款入账",
    TransferKind.CARD_DISPUTED: "卡争议",
    TransferKind.DISPUTE_WON: "卡争议胜出",
    TransferKind.DISPUTE_LOST: "卡争议败诉",
    TransferKind.DEPOSIT_INTEREST: "保证金利息",
    TransferKind.CORRECTION: "更正",
}


class TransferState(StrEnum):
    """The life of a transfer (转账状态): one that is pending reserves and does not count yet."""

    PENDING = "pending"  # 预留
    POSTED = "posted"  # 已入账
    VOIDED = "voided"  # 已撤销
    EXPIRED = "expired"  # 已过期


class DepositStatus(StrEnum):
    """The life of a deposit."""

    DUE = "due"  # 待缴
    HELD = "held"  # 已到账
    RELEASED = "released"  # 已释放
    CAPTURED = "captured"  # 已转作价款
    FORFEITED = "forfeited"  # 已没收
    LAPSED = "lapsed"  # 授权已失效: the card's hold ended before the sale did
    CANCELLED = "cancelled"  # 已取消: never paid, no longer wanted


_STATUS_WORDS = {
    DepositStatus.DUE: ("待缴", "due"),
    DepositStatus.HELD: ("已到账", "held"),
    DepositStatus.RELEASED: ("已释放", "released"),
    DepositStatus.CAPTURED: ("已转作价款", "made part of the price"),
    DepositStatus.FORFEITED: ("已没收", "forfeited"),
    DepositStatus.LAPSED: ("授权已失效", "lapsed with the card's hold"),
    DepositStatus.CANCELLED: ("已取消", "cancelled"),
}

_NEXT: dict[DepositStatus, frozenset[DepositStatus]] = {
    DepositStatus.DUE: frozenset({DepositStatus.HELD, DepositStatus.CANCELLED}),
    DepositStatus.HELD: frozenset(
        {DepositStatus.RELEASED, DepositStatus.CAPTURED, DepositStatus.FORFEITED, DepositStatus.LAPSED}
    ),
    # Until the money is on its way to the bank, what is found out may still keep it back.
    DepositStatus.RELEASED: frozenset({DepositStatus.FORFEITED}),
    DepositStatus.CAPTURED: frozenset(),
    DepositStatus.FORFEITED: frozenset(),
    DepositStatus.LAPSED: frozenset(),
    DepositStatus.CANCELLED: frozenset(),
}


@dataclass(frozen=True)
class Account:
    """An account by what it is for: its kind with the party or the deal, in one currency."""

    kind: AccountKind
    party_id: UUID | None = None
    deal_id: UUID | None = None
    currency: Currency = Currency.CNY

    def __post_init__(self) -> None:
        needs_party, needs_deal = self.kind in OF_A_PARTY, self.kind in OF_A_DEAL
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


@dataclass(frozen=True)
class Balance:
    """What an account has: the sum of what is posted, and what pending transfers reserve of it."""

    posted_fen: int = 0
    reserved_fen: int = 0

    @property
    def available_fen(self) -> int:
        """What can still be drawn on an account that stands in credit."""
        return -self.posted_fen - self.reserved_fen


def drawn_fen(entries: Iterable[Entry]) -> dict[Account, int]:
    """What entries draw on each account that has a limit: its debits."""
    drawn: dict[Account, int] = {}
    for entry in entries:
        if entry.account.kind in LIMITED and entry.amount_fen > 0:
            drawn[entry.account] = drawn.get(entry.account, 0) + entry.amount_fen
    return drawn


def check_drawing(account: Account, balance: Balance, amount_fen: int) -> None:
    """Raises AccountOverdrawn unless what is posted less what is reserved covers the amount."""
    if balance.available_fen < amount_fen:
        raise AccountOverdrawn(
            account=account.kind.value, balance_fen=balance.available_fen, amount_fen=amount_fen
        )


@dataclass(frozen=True)
class Content:
    """What a transfer says, whoever wrote it and when: a client's id stands for one content only."""

    subject_kind: str
    subject_id: UUID
    kind: str
    is_pending: bool
    entries: frozenset[tuple[Account, int]]


def check_same(client_id: str, first: Content, repeated: Content) -> None:
    """Raises TransferIdUsed unless a repeated client-made id comes with the content it came with first."""
    if first != repeated:
        raise TransferIdUsed(client_id=client_id)


def check_two_people(kind: TransferKind, maker: UUID | None, approver: UUID | None) -> None:
    """Raises CorrectionNotOfTwo unless a correction has two people, and never one person twice."""
    if (kind is TransferKind.CORRECTION and (maker is None or approver is None)) or (
        approver is not None and (maker is None or maker == approver)
    ):
        raise CorrectionNotOfTwo


def check_outcome(
    present: TransferState, wanted: TransferState, *, expires_at: datetime | None, now: datetime
) -> bool:
    """Says whether an outcome is still to be written; a pending transfer has one, and is posted before it expires.

    False where it has that outcome already. Raises TransferSettled.
    """
    if present is wanted:
        return False
    is_late = expires_at is not None and now >= expires_at
    is_early = wanted is TransferState.EXPIRED and not is_late
    if present is not TransferState.PENDING or is_early or (wanted is TransferState.POSTED and is_late):
        # Past its time a transfer is expired, whether or not that has been written down yet.
        shown = TransferState.EXPIRED if present is TransferState.PENDING and is_late else present
        raise TransferSettled(transfer_state=shown.value, wanted=wanted.value)
    return True


def _move(kind: TransferKind, debit: Account, credit: Account, amount_fen: int) -> Transfer:
    return check_transfer(Transfer(kind, (Entry(debit, amount_fen), Entry(credit, -amount_fen))))


def receive_deposit(party_id: UUID, amount_fen: int, into: AccountKind = AccountKind.BANK) -> Transfer:
    """Money came and is held for the party (借 资金结算账户 or, by card, 卡收款在途, 贷 保证金)."""
    asset, held = Account(into), Account(AccountKind.DEPOSIT_HELD, party_id)
    return _move(TransferKind.DEPOSIT_RECEIVED, asset, held, amount_fen)


def release_deposit(party_id: UUID, amount_fen: int, *, by_card: bool = False) -> Transfer:
    """A deposit no longer held is owed back to the party (网络司法拍卖规定 23: to those who did not win).

    What was paid by card goes back by the gateway that took it, so that no bank payment is made for it as well.
    """
    held, owed = Account(AccountKind.DEPOSIT_HELD, party_id), Account(AccountKind.REFUND_DUE, party_id)
    back = Account(AccountKind.STRIPE_CLEARING) if by_card else owed
    return _move(TransferKind.DEPOSIT_RELEASED, held, back, amount_fen)


def forfeit_deposit(party_id: UUID, amount_fen: int, *, is_released: bool) -> Transfer:
    """A deposit is lost to its party: taken from what is held for it, or from what is owed back to it already."""
    source = AccountKind.REFUND_DUE if is_released else AccountKind.DEPOSIT_HELD
    kind = TransferKind.REFUND_FORFEITED if is_released else TransferKind.DEPOSIT_FORFEITED
    return _move(kind, Account(source, party_id), Account(AccountKind.FORFEITED, party_id), amount_fen)


def pay_interest(party_id: UUID, amount_fen: int) -> Transfer:
    """Interest on a tender's deposit is the exchange's own cost (借 交易服务费收入, 贷 应退; 招标投标法实施条例 57)."""
    income, owed = Account(AccountKind.FEE_INCOME), Account(AccountKind.REFUND_DUE, party_id)
    return _move(TransferKind.DEPOSIT_INTEREST, income, owed, amount_fen)


def open_dispute(amount_fen: int) -> Transfer:
    """The card's bank took a payment back: the gateway owes it no more until the dispute is decided."""
    disputed, clearing = Account(AccountKind.CARD_DISPUTED), Account(AccountKind.STRIPE_CLEARING)
    return _move(TransferKind.CARD_DISPUTED, disputed, clearing, amount_fen)


def close_dispute(amount_fen: int, *, is_won: bool) -> Transfer:
    """A dispute is decided: won, the gateway owes the money again; lost, the exchange bears it."""
    disputed, clearing = Account(AccountKind.CARD_DISPUTED), Account(AccountKind.STRIPE_CLEARING)
    if is_won:
        return _move(TransferKind.DISPUTE_WON, clearing, disputed, amount_fen)
    return _move(TransferKind.DISPUTE_LOST, Account(AccountKind.FEE_INCOME), disputed, amount_fen)


def lapse_deposit(party_id: UUID, amount_fen: int) -> Transfer:
    """The card's hold ended before anything was taken: nothing is held, and the gateway owes nothing."""
    held, clearing = Account(AccountKind.DEPOSIT_HELD, party_id), Account(AccountKind.STRIPE_CLEARING)
    return _move(TransferKind.DEPOSIT_LAPSED, held, clearing, amount_fen)


def return_card_refund(party_id: UUID, amount_fen: int) -> Transfer:
    """A refund to a card came back from its bank: the gateway has the money, and the party is still owed it."""
    clearing, owed = Account(AccountKind.STRIPE_CLEARING), Account(AccountKind.REFUND_DUE, party_id)
    return _move(TransferKind.PAYMENT_RETURNED, clearing, owed, amount_fen)


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
