"""The ledger (分录账) for finance and the supervisor: read only."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import Field

from app.api.deps import CallerDep, DbDep, PageDep, PageOf, Wire
from app.api.problems import problems
from app.api.routing import Router
from app.payments.queries import read_accounts, read_transfers

router = Router(prefix="/ledger", tags=["ledger"])
Kind = Literal["bank", "deposit_held", "refund_due", "price_escrow"]


class LedgerEntryOut(Wire):
    """One side of a transfer: a debit (借) is positive, a credit (贷) negative."""

    account_id: UUID
    account_kind: Kind
    party_id: UUID | None
    party_name: str | None
    deal_id: UUID | None
    amount_fen: int = Field(examples=[1000000])


class LedgerTransferOut(Wire):
    """A transfer; ``person_name`` is null where the market itself moved the money after a close."""

    id: UUID
    kind: Literal["deposit_received", "deposit_released", "deposit_captured"]
    deposit_id: UUID
    deposit_reference: str
    at: datetime
    person_name: str | None
    entries: list[LedgerEntryOut]


class LedgerAccountOut(Wire):
    """An account with its sums; ``balance_fen`` is debits less credits."""

    id: UUID
    kind: Kind
    party_id: UUID | None
    party_name: str | None
    deal_id: UUID | None
    debit_fen: int
    credit_fen: int
    balance_fen: int


@router.get("/transfers", operation_id="list_ledger_transfers", responses=problems(401, 403, 422))
async def transfers(
    db: DbDep, caller: CallerDep, page: PageDep, deposit_id: Annotated[UUID | None, Query()] = None
) -> PageOf[LedgerTransferOut]:
    """Lists transfers with their entries, the newest first."""
    rows = await db.read(
        read_transfers, caller, deposit_id=deposit_id, before_id=page.after_id, limit=page.fetch
    )
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
