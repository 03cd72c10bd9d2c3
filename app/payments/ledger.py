"""Posting to the ledger: all transfers of an operation at once, the accounts that may run dry locked by id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, func, insert, or_, select
from sqlalchemy.dialects.postgresql import insert as upsert

from app.ids import uuid7
from app.payments.errors import AccountOverdrawn
from app.payments.models import LedgerAccount, LedgerEntry, LedgerTransfer
from app.payments.rules import Account, AccountKind, Transfer, check_transfer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from uuid import UUID

    from app.db import AnySession, Session


@dataclass(frozen=True)
class Posting:
    """A transfer with the deposit that it is for."""

    deposit_id: UUID
    transfer: Transfer


async def post_transfers(
    session: Session, postings: Sequence[Posting], *, person_id: UUID | None
) -> list[UUID]:
    """Writes transfers and returns their ids; raises TransferUnbalanced, AccountOverdrawn.

    Locks the accounts that are drawn on, in the order of their ids. Bank, refunds and escrow are only added to
    here, so they are not locked and no two deposits wait for each other at the bank account.
    """
    entries = [entry for posting in postings for entry in check_transfer(posting.transfer).entries]
    ids = await _find_or_open(session, {entry.account for entry in entries})
    drawn: dict[Account, int] = {}
    for entry in entries:
        if entry.account.kind is not AccountKind.BANK and entry.amount_fen > 0:
            drawn[entry.account] = drawn.get(entry.account, 0) + entry.amount_fen
    if drawn:
        await lock_accounts(session, [ids[account] for account in drawn])
        balances = await sum_entries(session, [ids[account] for account in drawn])
        for account, amount_fen in drawn.items():
            # These accounts stand in credit: what the exchange owes is the negative of the sum.
            owed_fen = -balances.get(ids[account], 0)
            if owed_fen < amount_fen:
                raise AccountOverdrawn(
                    account=account.kind.value, balance_fen=owed_fen, amount_fen=amount_fen
                )
    return await _write(session, postings, ids, person_id)


async def _write(
    session: Session, postings: Sequence[Posting], ids: dict[Account, UUID], person_id: UUID | None
) -> list[UUID]:
    transfers: list[dict[str, object]] = []
    lines: list[dict[str, object]] = []
    transfer_ids = [uuid7() for _ in postings]
    for transfer_id, posting in zip(transfer_ids, postings, strict=True):
        transfers.append(
            {
                "id": transfer_id,
                "kind": posting.transfer.kind.value,
                "deposit_id": posting.deposit_id,
                "entry_count": len(posting.transfer.entries),
                "person_id": person_id,
            }
        )
        lines.extend(
            {
                "id": uuid7(),
                "transfer_id": transfer_id,
                "account_id": ids[entry.account],
                "amount_fen": entry.amount_fen,
            }
            for entry in posting.transfer.entries
        )
    if transfers:
        await session.execute(insert(LedgerTransfer), transfers)
        await session.execute(insert(LedgerEntry), lines)
    return transfer_ids


async def lock_accounts(session: Session, account_ids: Sequence[UUID]) -> None:
    """Takes the row locks of accounts in the order of their ids.

    No key is changed, so entries written by others, whose foreign keys share the rows' keys,
    are neither held up nor able to make a deadlock of two orders.
    """
    query = (
        select(LedgerAccount.id)
        .where(LedgerAccount.id.in_(account_ids))
        .order_by(LedgerAccount.id)
        .with_for_update(key_share=True)
    )
    await session.execute(query)


async def sum_entries(session: AnySession, account_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Sums the entries of accounts; one without entries is absent."""
    query = (
        select(LedgerEntry.account_id, func.sum(LedgerEntry.amount_fen))
        .where(LedgerEntry.account_id.in_(account_ids))
        .group_by(LedgerEntry.account_id)
    )
    return {account_id: int(total) for account_id, total in (await session.execute(query))}


async def find_accounts(session: AnySession, accounts: Iterable[Account]) -> dict[Account, UUID]:
    """Finds the ids of accounts; one that was never used is absent."""
    wanted = [_is(account) for account in accounts]
    if not wanted:
        return {}
    rows = (await session.execute(select(LedgerAccount).where(or_(*wanted)))).scalars()
    return {Account(AccountKind(row.kind), row.party_id, row.deal_id): row.id for row in rows}


def _is(account: Account) -> ColumnElement[bool]:
    return and_(
        LedgerAccount.kind == account.kind.value,
        LedgerAccount.party_id.is_not_distinct_from(account.party_id),
        LedgerAccount.deal_id.is_not_distinct_from(account.deal_id),
    )


async def _find_or_open(session: Session, accounts: set[Account]) -> dict[Account, UUID]:
    ids = await find_accounts(session, accounts)
    # Opened in one order by everybody: a conflicting insert waits for the other transaction.
    missing = sorted(
        accounts - ids.keys(), key=lambda item: (item.kind, str(item.party_id), str(item.deal_id))
    )
    if missing:
        rows = [
            {"id": uuid7(), "kind": a.kind.value, "party_id": a.party_id, "deal_id": a.deal_id}
            for a in missing
        ]
        await session.execute(upsert(LedgerAccount).values(rows).on_conflict_do_nothing())
        ids |= await find_accounts(session, missing)
    return ids
