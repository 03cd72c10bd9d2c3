"""Pure rules of corrections (更正): between which accounts money may be moved by hand, and by how much."""

from __future__ import annotations

from app.money import MAX_FEN
from app.payments.errors import TransferSettled
from app.payments.errors_corrections import CorrectionAmountUnfit, CorrectionElsewhere, CorrectionReasonUnfit
from app.payments.rules import (
    Account,
    AccountKind,
    Entry,
    Transfer,
    TransferKind,
    TransferState,
    check_transfer,
)

# What is held of a deposit, in escrow, in suspense or in dispute follows rows that say the same: there the row's own
# act corrects, and a correction of the ledger alone would set the two against each other.
_BY_HAND = frozenset(
    {
        AccountKind.BANK,
        AccountKind.STRIPE_CLEARING,
        AccountKind.REFUND_DUE,
        AccountKind.SELLER_DUE,
        AccountKind.FEE_INCOME,
        AccountKind.COMMISSION_DUE,
    }
)
_SHORTEST, _LONGEST = 5, 500


def check_correction(state: TransferState, debit: Account, credit: Account, amount_fen: int) -> Transfer:
    """The transfer of a correction. Raises TransferSettled unless what was wrong counts, and what does not fit.

    CorrectionElsewhere for an account that follows rows, CorrectionAmountUnfit, TransferUnbalanced for one account twice.
    """
    if state is not TransferState.POSTED:
        raise TransferSettled(transfer_state=state.value, wanted=TransferKind.CORRECTION.value)
    for account in (debit, credit):
        if account.kind not in _BY_HAND:
            raise CorrectionElsewhere(account=account.kind.value)
    if not 0 < amount_fen <= MAX_FEN:
        raise CorrectionAmountUnfit(amount_fen=amount_fen)
    return check_transfer(
        Transfer(TransferKind.CORRECTION, (Entry(debit, amount_fen), Entry(credit, -amount_fen)))
    )


def check_reason(reason: str) -> str:
    """The reason, which stands with the entry for ever; raises CorrectionReasonUnfit."""
    plain = reason.strip()
    if not _SHORTEST <= len(plain) <= _LONGEST:
        raise CorrectionReasonUnfit(shortest=_SHORTEST, longest=_LONGEST)
    return plain
