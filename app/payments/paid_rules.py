"""Pure rules of money that went: which order a line of the statement executes, and which it probably does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.payments.errors_statement import OrderNotWithBank, PaidAmountDiffers, PayeeDiffers
from app.payments.order_rules import OrderStatus, Way
from app.payments.reference import find_references
from app.payments.rules import plain_name

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID


@dataclass(frozen=True)
class Outgoing:
    """What matching looks at of a line of money that went."""

    amount_fen: int
    payee_name: str
    payee_account: str
    remark: str


@dataclass(frozen=True)
class Ordered:
    """What matching looks at of a payment order."""

    id: UUID
    reference: str
    status: OrderStatus
    amount_fen: int
    payee_name: str
    payee_account: str
    way: Way = Way.BANK


@dataclass(frozen=True)
class PaidSuggestion:
    """An order that a line may have executed, and why it is thought so."""

    order: Ordered
    has_reference: bool
    has_amount: bool
    has_account: bool
    has_name: bool

    @property
    def score(self) -> int:
        """The reference is worth more than all else, then the account, then the amount."""
        return 8 * self.has_reference + 4 * self.has_account + 2 * self.has_amount + self.has_name

    @property
    def is_certain(self) -> bool:
        """Whether the bank repeated all that the order says: reference, account and amount."""
        return self.has_reference and self.has_account and self.has_amount


def check_paid(line: Outgoing, order: Ordered) -> bool:
    """Says whether the line executes the order now; False where the order was marked as executed by hand before.

    Raises OrderNotWithBank, PaidAmountDiffers, PayeeDiffers: the amount and the account are the order's, to the fen
    and to the digit; where the bank printed no account, the payee's name is.
    """
    if order.status not in {OrderStatus.EXPORTED, OrderStatus.EXECUTED} or order.way is not Way.BANK:
        raise OrderNotWithBank(reference=order.reference, order_status=order.status.value)
    if line.amount_fen != order.amount_fen:
        raise PaidAmountDiffers(
            reference=order.reference, ordered_fen=order.amount_fen, paid_fen=line.amount_fen
        )
    if not _same_payee(line, order):
        raise PayeeDiffers(
            reference=order.reference,
            ordered=order.payee_account or order.payee_name,
            paid=line.payee_account or line.payee_name,
        )
    return order.status is OrderStatus.EXPORTED


def suggest_orders(line: Outgoing, orders: Iterable[Ordered], limit: int = 5) -> list[PaidSuggestion]:
    """The likeliest orders of a line, best first; one of which only the amount fits comes last."""
    references = set(find_references(line.remark))
    found = [
        PaidSuggestion(
            order,
            order.reference in references,
            order.amount_fen == line.amount_fen,
            bool(line.payee_account) and order.payee_account == line.payee_account,
            plain_name(order.payee_name) == plain_name(line.payee_name),
        )
        for order in orders
    ]
    ranked = sorted((one for one in found if one.score), key=lambda one: (-one.score, one.order.reference))
    return ranked[:limit]


def _same_payee(line: Outgoing, order: Ordered) -> bool:
    if line.payee_account:
        return line.payee_account == order.payee_account
    return plain_name(line.payee_name) == plain_name(order.payee_name)
