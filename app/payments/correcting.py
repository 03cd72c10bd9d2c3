"""Corrections (更正): a posted transfer is never changed; another one, of two people, moves what it put in the wrong place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from app.accounts.permissions import Permission
from app.accounts.queries import get_organisation
from app.audit import audit
from app.payments.correction_rules import check_correction, check_reason
from app.payments.errors_corrections import NotACorrection
from app.payments.ledger import Posting, Subject, post_transfers
from app.payments.outcomes import get_state, post_pending, void_pending
from app.payments.rules import TransferKind

if TYPE_CHECKING:
    from app.accounts.caller import Caller
    from app.db import Session
    from app.payments.rules import Account


@dataclass(frozen=True)
class NewCorrection:
    """What is proposed: which transfer was wrong, what is moved from where to where, and why."""

    transfer_id: UUID
    debit: Account
    credit: Account
    amount_fen: int
    reason: str


async def propose_correction(session: Session, caller: Caller, new: NewCorrection) -> UUID:
    """Proposes a correction of a posted transfer; what it draws is reserved until another person decides. Returns its id.

    Locks the account that it draws on. Raises NotPermitted, TransferMissing, OrganisationMissing, CorrectionElsewhere,
    CorrectionAmountUnfit, CorrectionReasonUnfit, AccountOverdrawn. Source: 会计法 article 15, 会计基础工作规范 article 62
    (errors are corrected by a new entry that says why, never by erasing).
    """
    caller.require(Permission.PAYMENT_ORDER)
    wrong, state = await get_state(session, new.transfer_id)
    for account in (new.debit, new.credit):
        if account.party_id is not None:
            await get_organisation(session, account.party_id)
    transfer = check_correction(state, new.debit, new.credit, new.amount_fen)
    posting = Posting(
        Subject("ledger_transfer", wrong.id), transfer, reason=check_reason(new.reason), is_pending=True
    )
    (made,) = await post_transfers(session, [posting], person_id=caller.person_id)
    detail = {"transfer_id": str(wrong.id), "amount_fen": new.amount_fen}
    await audit(
        session, caller, "correction.proposed", subject_kind="ledger_transfer", subject_id=made, detail=detail
    )
    return made


async def decide_correction(session: Session, caller: Caller, correction_id: UUID, *, approves: bool) -> UUID:
    """Lets a proposed correction count, as another person than who proposed it, or declines it; returns its id.

    Of two who decide at once one does, by the transfer's one outcome. Raises NotPermitted, TransferMissing,
    NotACorrection, CorrectionNotOfTwo, TransferSettled.
    """
    caller.require(Permission.PAYMENT_ORDER)
    proposed, _ = await get_state(session, correction_id)
    if proposed.kind != TransferKind.CORRECTION:
        raise NotACorrection
    settle = post_pending if approves else void_pending
    await settle(session, correction_id, person_id=caller.person_id)
    action = "correction.approved" if approves else "correction.declined"
    await audit(session, caller, action, subject_kind="ledger_transfer", subject_id=correction_id)
    return correction_id
