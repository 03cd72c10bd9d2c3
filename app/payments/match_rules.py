"""Pure rules of matching: what a line of the statement may pay, and what it probably pays."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from app.payments.errors import LineStateForbids, PayerIsNotTheBuyer, Underpaid
from app.payments.reference import find_references
from app.payments.rules import Account, AccountKind, Entry, Transfer, TransferKind, check_transfer, plain_name

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID


class PayablePurpose(StrEnum):
    """What a party pays for (应缴款用途)."""

    PRICE = "price"  # 成交价款
    ROYALTY = "royalty"  # 提成费
    FEE = "fee"  # 交易服务费
    SHORTFALL = "shortfall"  # 违约差额


class TargetKind(StrEnum):
    """What a line may pay."""

    DEPOSIT = "deposit"  # 保证金
    PAYABLE = "payable"  # 应缴款


class Ground(StrEnum):
    """Why a second person has to look before a match holds."""

    THIRD_PARTY = "third_party"  # 第三方代付
    SAME_ACCOUNT = "same_account"  # 同一账户为两个竞买人付款


class LineStatus(StrEnum):
    """Where the money of a line is."""

    OPEN = "open"  # 待匹配: in suspense
    HELD = "held"  # 待核: in suspense, a proposed match waits for a second person
    MATCHED = "matched"  # 已匹配
    RETURNED = "returned"  # 退回: an order sends it back


@dataclass(frozen=True)
class Incoming:
    """What matching looks at of a line."""

    amount_fen: int
    payer_name: str
    remark: str


@dataclass(frozen=True)
class Target:
    """Something that is due, and who owes it."""

    kind: TargetKind
    id: UUID
    reference: str
    amount_fen: int
    party_id: UUID
    party_name: str


@dataclass(frozen=True)
class Suggestion:
    """A target that a line may pay, why it is thought so, and what would be missing or left over."""

    target: Target
    has_reference: bool
    has_amount: bool
    has_name: bool

    @property
    def score(self) -> int:
        """The reference is worth more than all else; amount and payer's name decide among the rest."""
        return 4 * self.has_reference + 2 * self.has_amount + self.has_name


def suggest(line: Incoming, targets: Iterable[Target], limit: int = 5) -> list[Suggestion]:
    """The likeliest targets of a line, best first."""
    references = set(find_references(line.remark))
    found = [
        Suggestion(
            target,
            target.reference in references,
            target.amount_fen == line.amount_fen,
            plain_name(target.party_name) == plain_name(line.payer_name),
        )
        for target in targets
    ]
    ranked = sorted((one for one in found if one.score), key=lambda one: (-one.score, one.target.reference))
    return ranked[:limit]


def judge_match(line: Incoming, target: Target) -> Ground | None:
    """Says whether a second person is needed; raises Underpaid, PayerIsNotTheBuyer.

    Another than the buyer never pays a deposit (招标投标法实施条例 articles 26 and 40(六)); for what is due after a deal
    a third party may pay when a second person has seen why. Part of an amount settles nothing: it stays in suspense.
    """
    if line.amount_fen < target.amount_fen:
        raise Underpaid(amount_fen=line.amount_fen, due_fen=target.amount_fen)
    if plain_name(line.payer_name) == plain_name(target.party_name):
        return None
    if target.kind is TargetKind.DEPOSIT:
        raise PayerIsNotTheBuyer(payer_name=line.payer_name, buyer_name=target.party_name)
    return Ground.THIRD_PARTY


def check_line_open(present: str, allowed: LineStatus = LineStatus.OPEN) -> None:
    """Raises LineStateForbids unless the line is as it has to be."""
    if present != allowed:
        raise LineStateForbids(line_status=present)


def _from_suspense(kind: TransferKind, credit: Account, amount_fen: int) -> Transfer:
    suspense = Account(AccountKind.SUSPENSE)
    return check_transfer(Transfer(kind, (Entry(suspense, amount_fen), Entry(credit, -amount_fen))))


def receive_line(amount_fen: int) -> Transfer:
    """Money came to the bank, for what is not known yet (借 资金结算账户, 贷 待查款项)."""
    bank, suspense = Account(AccountKind.BANK), Account(AccountKind.SUSPENSE)
    return check_transfer(
        Transfer(TransferKind.LINE_RECEIVED, (Entry(bank, amount_fen), Entry(suspense, -amount_fen)))
    )


def match_deposit(party_id: UUID, amount_fen: int) -> Transfer:
    """A line turned out to be a deposit (借 待查款项, 贷 保证金)."""
    return _from_suspense(
        TransferKind.DEPOSIT_RECEIVED, Account(AccountKind.DEPOSIT_HELD, party_id), amount_fen
    )


def account_of_payable(purpose: PayablePurpose, party_id: UUID, deal_id: UUID | None) -> Account:
    """Where what is paid belongs: a price into its deal's escrow, a fee to the exchange, a shortfall to what is forfeited."""
    if purpose in {PayablePurpose.PRICE, PayablePurpose.ROYALTY}:
        return Account(AccountKind.PRICE_ESCROW, deal_id=deal_id)
    if purpose is PayablePurpose.FEE:
        return Account(AccountKind.FEE_INCOME)
    return Account(AccountKind.FORFEITED, party_id)


def match_payable(account: Account, amount_fen: int) -> Transfer:
    """A line paid what was due (借 待查款项, 贷 where it belongs)."""
    return _from_suspense(TransferKind.PAYABLE_RECEIVED, account, amount_fen)


def return_overpayment(party_id: UUID, amount_fen: int) -> Transfer:
    """What came above the amount due is owed back (借 待查款项, 贷 应退)."""
    return _from_suspense(TransferKind.OVERPAYMENT, Account(AccountKind.REFUND_DUE, party_id), amount_fen)
