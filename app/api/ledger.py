"""The ledger (分录账) for finance and the supervisor: read only."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import Field

from app.api.deps import CallerDep, DbDep, PageDep, PageOf, Wire
from app.api.problems import problems
from app.api.routing import Router
from app.payments.queries import TransferFilter, read_accounts, read_transfers
from app.payments.rules import AccountKind, Currency, TransferKind

router = Router(prefix="/ledger", tags=["ledger"])
Kind = AccountKind


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
    state: Literal["pending", "posted", "voided", "expired"]
    subject_kind: str = Field(examples=["deposit"])
    subject_id: UUID
    deposit_id: UUID | None
    deposit_reference: str | None = Field(examples=["BZ123456786"])
    reason: str = Field(examples=["保证金到账"])
    at: datetime
    settled_at: datetime | None
    person_name: str | None
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


@router.get("/transfers", operation_id="list_ledger_transfers", responses=problems(401, 403, 422))
async def transfers(
    db: DbDep,
    caller: CallerDep,
    page: PageDep,
    deposit_id: Annotated[UUID | None, Query()] = None,
    subject_id: Annotated[
        UUID | None, Query(description="转账所为的保证金、应缴款等 / what it is for")
    ] = None,
    account_id: Annotated[UUID | None, Query(description="经过的科目 / an account it touches")] = None,
    kind: Annotated[TransferKind | None, Query()] = None,
) -> PageOf[LedgerTransferOut]:
    """Lists transfers with their entries, the newest first: all, or those behind one number."""
    wanted = TransferFilter(deposit_id, subject_id, account_id, kind)
    rows = await db.read(read_transfers, caller, wanted, before_id=page.after_id, limit=page.fetch)
    shown, next_cursor = page.cut(rows, lambda row: row.id)
    items = [LedgerTransferOut.model_validate(row) for row in shown]
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
