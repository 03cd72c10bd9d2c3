"""Reading deposits and the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import aliased

from app.accounts.models import Organisation, Person
from app.accounts.permissions import Permission
from app.lists import NEWEST, Asked, Shape
from app.payments.errors import DepositMissing
from app.payments.ledger import find_accounts, read_balances
from app.payments.list_shapes import DEPOSITS, TRANSFERS
from app.payments.models import (
    Deposit,
    LedgerAccount,
    LedgerEntry,
    LedgerOutcome,
    LedgerTransfer,
    Receipt,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from uuid import UUID

    from sqlalchemy import ColumnElement

    from app.accounts.caller import Caller
    from app.db import AnySession
    from app.payments.rules import Account


async def get_deposit(session: AnySession, deposit_id: UUID) -> Deposit:
    """Reads a deposit; raises DepositMissing."""
    found = (await session.execute(select(Deposit).where(Deposit.id == deposit_id))).scalar_one_or_none()
    if found is None:
        raise DepositMissing
    return found


async def list_deposits(
    session: AnySession,
    *,
    party_id: UUID | None = None,
    status: str | None = None,
    reference: str | None = None,
    asked: Asked = NEWEST,
    shape: Shape = DEPOSITS,
) -> list[Deposit]:
    """Lists deposits, the newest first or as asked; ``shape`` may search in more than money knows of."""
    query = shape.ask(select(Deposit), asked)
    if party_id is not None:
        query = query.where(Deposit.party_id == party_id)
    if status is not None:
        query = query.where(Deposit.status == status)
    if reference is not None:
        query = query.where(Deposit.reference == reference)
    return list((await session.execute(query)).scalars())


@dataclass(frozen=True)
class ReceiptView:
    """A recorded line of the bank statement with the name of who recorded it."""

    id: UUID
    deposit_id: UUID
    amount_fen: int
    payer_name: str
    bank_reference: str
    received_on: date
    recorded_by_name: str
    recorded_at: datetime


async def map_receipts(session: AnySession, deposit_ids: Sequence[UUID]) -> dict[UUID, ReceiptView]:
    """Reads the receipts of deposits, by deposit."""
    if not deposit_ids:
        return {}
    query = (
        select(Receipt, Person.name)
        .join(Person, Person.id == Receipt.recorded_by)
        .where(Receipt.deposit_id.in_(deposit_ids))
    )
    return {
        row.deposit_id: ReceiptView(
            row.id,
            row.deposit_id,
            row.amount_fen,
            row.payer_name,
            row.bank_reference,
            row.received_on,
            name,
            row.recorded_at,
        )
        for row, name in (await session.execute(query))
    }


async def get_balance(session: AnySession, account: Account) -> int:
    """Sums what is posted on an account in fen: debits less credits; an account never used stands at zero."""
    ids = await find_accounts(session, [account])
    if account not in ids:
        return 0
    balance = (await read_balances(session, [ids[account]])).get(ids[account])
    return balance.posted_fen if balance else 0


@dataclass(frozen=True)
class AccountView:
    """An account with its party's name and its posted sums; ``balance_fen`` is debits less credits.

    ``reserved_fen`` is what pending transfers draw on it, which no posted sum counts.
    """

    id: UUID
    kind: str
    currency: str
    party_id: UUID | None
    party_name: str | None
    deal_id: UUID | None
    debit_fen: int
    credit_fen: int
    balance_fen: int
    reserved_fen: int


async def list_accounts(
    session: AnySession, *, kind: str | None = None, after_id: UUID | None = None, limit: int = 50
) -> list[AccountView]:
    """Lists the ledger's accounts with their sums, the oldest first."""
    amount, is_pending = LedgerEntry.amount_fen, LedgerEntry.is_pending
    is_posted = or_(~is_pending, LedgerOutcome.outcome == "posted")
    is_reserved = and_(is_pending, LedgerOutcome.outcome.is_(None), amount > 0)
    query = (
        select(
            LedgerAccount,
            Organisation.name,
            func.coalesce(func.sum(amount).filter(amount > 0, is_posted), 0),
            func.coalesce(-func.sum(amount).filter(amount < 0, is_posted), 0),
            func.coalesce(func.sum(amount).filter(is_reserved), 0),
        )
        .outerjoin(Organisation, Organisation.id == LedgerAccount.party_id)
        .outerjoin(LedgerEntry, LedgerEntry.account_id == LedgerAccount.id)
        .outerjoin(LedgerOutcome, and_(is_pending, LedgerOutcome.transfer_id == LedgerEntry.transfer_id))
        .group_by(LedgerAccount.id, Organisation.name)
        .order_by(LedgerAccount.id)
        .limit(limit)
    )
    if kind is not None:
        query = query.where(LedgerAccount.kind == kind)
    if after_id is not None:
        query = query.where(LedgerAccount.id > after_id)
    return [
        AccountView(
            id=row.id,
            kind=row.kind,
            currency=row.currency,
            party_id=row.party_id,
            party_name=name,
            deal_id=row.deal_id,
            debit_fen=int(debit),
            credit_fen=int(credit),
            balance_fen=int(debit) - int(credit),
            reserved_fen=int(reserved),
        )
        for row, name, debit, credit, reserved in (await session.execute(query))
    ]


async def read_accounts(
    session: AnySession,
    caller: Caller,
    *,
    kind: str | None = None,
    after_id: UUID | None = None,
    limit: int = 50,
) -> list[AccountView]:
    """Lists the ledger's accounts for whoever may read the ledger. Raises NotPermitted."""
    caller.require(Permission.LEDGER_READ)
    return await list_accounts(session, kind=kind, after_id=after_id, limit=limit)


@dataclass(frozen=True)
class EntryView:
    """One side of a transfer, as finance reads it."""

    account_id: UUID
    account_kind: str
    party_id: UUID | None
    party_name: str | None
    deal_id: UUID | None
    amount_fen: int


@dataclass(frozen=True)
class TransferView:
    """A transfer with its entries, debits first; ``person_name`` is None when the market itself moved the money.

    ``second_name`` is who approved it, or who posted or voided a pending one.
    """

    id: UUID
    client_id: str
    kind: str
    state: str
    subject_kind: str
    subject_id: UUID
    deposit_id: UUID | None
    deposit_reference: str | None
    reason: str
    at: datetime
    settled_at: datetime | None
    person_id: UUID | None
    person_name: str | None
    second_name: str | None
    entries: list[EntryView]

    @property
    def amount_fen(self) -> int:
        """What it moves: the sum of its debits."""
        return sum(entry.amount_fen for entry in self.entries if entry.amount_fen > 0)


@dataclass(frozen=True)
class TransferFilter:
    """Which transfers are asked for: those of a deposit, of any subject, or on one account."""

    deposit_id: UUID | None = None
    subject_id: UUID | None = None
    account_id: UUID | None = None
    kind: str | None = None
    state: str | None = None


async def list_transfers(
    session: AnySession,
    *,
    deposit_id: UUID | None = None,
    wanted: TransferFilter | None = None,
    asked: Asked = NEWEST,
) -> list[TransferView]:
    """Lists transfers with their entries, the newest first or as asked."""
    wanted = wanted or TransferFilter(deposit_id=deposit_id)
    second = aliased(Person)
    query = (
        select(LedgerTransfer, LedgerOutcome, Deposit.reference, Person.name, second.name)
        .outerjoin(LedgerOutcome, LedgerOutcome.transfer_id == LedgerTransfer.id)
        .outerjoin(Deposit, Deposit.id == LedgerTransfer.deposit_id)
        .outerjoin(Person, Person.id == LedgerTransfer.person_id)
        .outerjoin(second, second.id == func.coalesce(LedgerTransfer.approved_by, LedgerOutcome.person_id))
    )
    query = TRANSFERS.ask(query, asked)
    if wanted.deposit_id is not None:
        query = query.where(LedgerTransfer.deposit_id == wanted.deposit_id)
    if wanted.subject_id is not None:
        query = query.where(LedgerTransfer.subject_id == wanted.subject_id)
    if wanted.account_id is not None:
        on_account = select(LedgerEntry.transfer_id).where(LedgerEntry.account_id == wanted.account_id)
        query = query.where(LedgerTransfer.id.in_(on_account))
    if wanted.kind is not None:
        query = query.where(LedgerTransfer.kind == wanted.kind)
    if wanted.state is not None:
        query = query.where(_state() == wanted.state)
    rows = (await session.execute(query)).all()
    entries = await _map_entries(session, [row.LedgerTransfer.id for row in rows])
    return [
        _transfer_view(head, outcome, reference, (name, second_name), entries[head.id])
        for head, outcome, reference, name, second_name in rows
    ]


def _state() -> ColumnElement[str]:
    """What a transfer's state is: its outcome, else whether it waits for one."""
    return func.coalesce(LedgerOutcome.outcome, case((LedgerTransfer.is_pending, "pending"), else_="posted"))


def _transfer_view(
    head: LedgerTransfer,
    outcome: LedgerOutcome | None,
    reference: str | None,
    names: tuple[str | None, str | None],
    entries: list[EntryView],
) -> TransferView:
    open_state = "pending" if head.is_pending else "posted"
    return TransferView(
        id=head.id,
        client_id=head.client_id,
        kind=head.kind,
        state=outcome.outcome if outcome else open_state,
        subject_kind=head.subject_kind,
        subject_id=head.subject_id,
        deposit_id=head.deposit_id,
        deposit_reference=reference,
        reason=head.reason,
        at=head.at,
        settled_at=outcome.at if outcome else None,
        person_id=head.person_id,
        person_name=names[0],
        second_name=names[1],
        entries=entries,
    )


async def read_transfers(
    session: AnySession,
    caller: Caller,
    wanted: TransferFilter,
    asked: Asked = NEWEST,
) -> list[TransferView]:
    """Lists transfers for whoever may read the ledger. Raises NotPermitted, SortCursorWrong."""
    caller.require(Permission.LEDGER_READ)
    return await list_transfers(session, wanted=wanted, asked=asked)


async def _map_entries(session: AnySession, transfer_ids: Sequence[UUID]) -> dict[UUID, list[EntryView]]:
    entries: dict[UUID, list[EntryView]] = {transfer_id: [] for transfer_id in transfer_ids}
    query = (
        select(LedgerEntry, LedgerAccount, Organisation.name)
        .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
        .outerjoin(Organisation, Organisation.id == LedgerAccount.party_id)
        .where(LedgerEntry.transfer_id.in_(transfer_ids))
        .order_by(LedgerEntry.amount_fen.desc())
    )
    for entry, account, name in await session.execute(query):
        entries[entry.transfer_id].append(
            EntryView(account.id, account.kind, account.party_id, name, account.deal_id, entry.amount_fen)
        )
    return entries
