"""The ledger (分录账): read by finance and the supervisor, corrected by two people of finance."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Path, Query
from pydantic import Field

from app.accounts.caller import Caller
from app.api.asking import asks
from app.api.deps import CallerDep, DbDep, PageDep, PageOf, Wire
from app.api.idempotency import MoneyKeyDep, once
from app.api.problems import problems
from app.api.routing import Router
from app.db import Session
from app.lists import Asked
from app.payments.correcting import NewCorrection, decide_correction, propose_correction
from app.payments.errors_corrections import CorrectionPartyUnfit
from app.payments.list_shapes import TRANSFERS
from app.payments.queries import TransferFilter, TransferView, read_accounts, read_transfers
from app.payments.rules import Account, AccountKind, Currency, TransferKind

router = Router(prefix="/ledger", tags=["ledger"])
Kind = AccountKind
State = Literal["pending", "posted", "voided", "expired"]


class LedgerEntryOut(Wire):
    """One side of a transfer: a debit (借) is positive, a credit (贷) negative."""

    account_id: UUID
    account_kind: Kind
    party_id: UUID | None
    party_name: str | None
    deal_id: UUID | None
    amount_fen: int = Field(examples=[1000000])


class LedgerTransferOut(Wire):
    """A transfer; ``person_name`` is null where the market itself moved the money after a close.

    A pending one reserves and does not count yet; ``second_name`` approved it, or posted or voided it.
    """

    id: UUID
    client_id: str = Field(examples=["0199c7a0-0000-7000-8000-000000000001"])
    kind: TransferKind
    state: State
    subject_kind: str = Field(examples=["deposit"])
    subject_id: UUID
    deposit_id: UUID | None
    deposit_reference: str | None = Field(examples=["BZ123456786"])
    reason: str = Field(examples=["保证金到账"])
    at: datetime
    settled_at: datetime | None
    person_name: str | None
    is_mine: bool = Field(description="是我经办的，须由别人复核 / I made it, so another person decides")
    second_name: str | None
    entries: list[LedgerEntryOut]


class LedgerAccountOut(Wire):
    """An account with its posted sums; ``balance_fen`` is debits less credits, ``reserved_fen`` is not in it."""

    id: UUID
    kind: Kind
    currency: Currency
    party_id: UUID | None
    party_name: str | None
    deal_id: UUID | None
    debit_fen: int
    credit_fen: int
    balance_fen: int
    reserved_fen: int


def _transfer_out(view: TransferView, caller: Caller) -> LedgerTransferOut:
    plain = {name: getattr(view, name) for name in LedgerTransferOut.model_fields if name != "is_mine"}
    plain["entries"] = [LedgerEntryOut.model_validate(entry) for entry in view.entries]
    return LedgerTransferOut(**plain, is_mine=view.person_id == caller.person_id)


@router.get("/transfers", operation_id="list_ledger_transfers", responses=problems(401, 403, 422))
async def transfers(
    db: DbDep,
    caller: CallerDep,
    page: PageDep,
    asked: Annotated[Asked, asks(TRANSFERS)],
    deposit_id: Annotated[UUID | None, Query()] = None,
    subject_id: Annotated[
        UUID | None, Query(description="转账所为的保证金、应缴款等 / what it is for")
    ] = None,
    account_id: Annotated[UUID | None, Query(description="经过的科目 / an account it touches")] = None,
    kind: Annotated[TransferKind | None, Query()] = None,
    state: Annotated[State | None, Query()] = None,
) -> PageOf[LedgerTransferOut]:
    """Lists transfers with their entries, the newest first or as asked: all, or those behind one number."""
    wanted = TransferFilter(deposit_id, subject_id, account_id, kind, state)
    rows = await db.read(read_transfers, caller, wanted, asked.at(page.after, page.fetch))
    shown, next_cursor = page.cut(rows, lambda row: TRANSFERS.key(row, asked))
    items = [_transfer_out(row, caller) for row in shown]
    return PageOf[LedgerTransferOut](items=items, next_cursor=next_cursor)


@router.get("/accounts", operation_id="list_ledger_accounts", responses=problems(401, 403, 422))
async def accounts(
    db: DbDep, caller: CallerDep, page: PageDep, kind: Annotated[Kind | None, Query()] = None
) -> PageOf[LedgerAccountOut]:
    """Lists accounts with their sums, the oldest first."""
    rows = await db.read(read_accounts, caller, kind=kind, after_id=page.after_id, limit=page.fetch)
    shown, next_cursor = page.cut(rows, lambda row: row.id)
    items = [LedgerAccountOut.model_validate(row) for row in shown]
    return PageOf[LedgerAccountOut](items=items, next_cursor=next_cursor)


class CorrectedAccountIn(Wire):
    """An account by what it is for; ``party_id`` where it is somebody's."""

    kind: Literal["bank", "stripe_clearing", "refund_due", "seller_due", "fee_income", "commission_due"]
    party_id: UUID | None = None


class CorrectionIn(Wire):
    """A correction (更正) of a posted transfer: what is moved, from the credited account to the debited one."""

    transfer_id: UUID = Field(examples=["0198f2a4-7c11-7d0e-8a53-5f1f0a7be001"])
    debit: CorrectedAccountIn
    credit: CorrectedAccountIn
    amount_fen: int = Field(examples=[1500])
    reason: str = Field(examples=["银行手续费漏记，按 9 月回单补记。"])


class CorrectionDecisionIn(Wire):
    """What the second person decides."""

    approves: bool = Field(examples=[True])


class CorrectionOut(Wire):
    """The correction's transfer; the list of transfers shows it with its state and its two people."""

    id: UUID


def _account(given: CorrectedAccountIn) -> Account:
    try:
        return Account(AccountKind(given.kind), given.party_id)
    except ValueError as error:
        raise CorrectionPartyUnfit(given.kind) from error


@router.post(
    "/corrections",
    status_code=201,
    operation_id="propose_correction",
    responses=problems(400, 401, 403, 404, 409, 422),
)
async def propose(body: CorrectionIn, db: DbDep, caller: CallerDep, key: MoneyKeyDep) -> CorrectionOut:
    """Proposes a correction; it counts once another person of finance has approved it."""
    new = NewCorrection(
        body.transfer_id, _account(body.debit), _account(body.credit), body.amount_fen, body.reason
    )

    async def make(session: Session) -> UUID:
        return await propose_correction(session, caller, new)

    made = await db.write(once, caller, key, "propose_correction", body, make)
    return CorrectionOut(id=made)


@router.post(
    "/corrections/{correction_id}/decisions",
    status_code=201,
    operation_id="decide_correction",
    responses=problems(400, 401, 403, 404, 409, 422),
)
async def decide(
    correction_id: Annotated[UUID, Path(description="更正 / the correction's transfer")],
    body: CorrectionDecisionIn,
    db: DbDep,
    caller: CallerDep,
    key: MoneyKeyDep,
) -> CorrectionOut:
    """Approves a correction that somebody else proposed, or declines it, which gives back what it reserved."""

    async def make(session: Session) -> UUID:
        return await decide_correction(session, caller, correction_id, approves=body.approves)

    made = await db.write(once, caller, key, "decide_correction", body, make, subject=correction_id)
    return CorrectionOut(id=made)
