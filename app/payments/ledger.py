"""Posting to the ledger: all transfers of an operation at once, the accounts that may run dry locked by id."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert

from app.ids import uuid7
from app.payments.models import LedgerAccount, LedgerEntry, LedgerTransfer
from app.payments.rules import (
    TRANSFER_ZH,
    Account,
    AccountKind,
    Balance,
    Content,
    Currency,
    Transfer,
    check_drawing,
    check_same,
    check_transfer,
    check_two_people,
    drawn_fen,
)
from app.tasks import promise

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from uuid import UUID

    from app.db import AnySession, Session

EXPIRE_TASK = "expire_transfer"
# These are what every transfer costs, and many transfers as much as one.
_WRITE_HEADS = """
INSERT INTO ledger_transfer (id, client_id, kind, subject_kind, subject_id, deposit_id, reason, entry_count, is_pending,
                             expires_at, person_id, approved_by)
SELECT new.id, new.client_id, new.kind, new.subject_kind, new.subject_id, new.deposit_id, new.reason, new.entry_count,
       new.is_pending, new.expires_at, new.person_id, new.approved_by
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::uuid[], $7::text[], $8::bigint[], $9::boolean[],
              $10::timestamptz[], $11::uuid[], $12::uuid[]) AS new
       (id, client_id, kind, subject_kind, subject_id, deposit_id, reason, entry_count, is_pending, expires_at, person_id,
        approved_by)
ON CONFLICT (client_id) DO NOTHING RETURNING client_id, id
"""
_WRITE_ENTRIES = """
INSERT INTO ledger_entry (id, transfer_id, account_id, amount_fen, is_pending)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bigint[], $5::boolean[])
"""
_LOCK_ACCOUNTS = "SELECT FROM ledger_account WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE"
_READ_BALANCES = """
SELECT entry.account_id,
       coalesce(sum(entry.amount_fen) FILTER (WHERE NOT entry.is_pending OR outcome.outcome = 'posted'), 0) AS posted,
       coalesce(sum(entry.amount_fen) FILTER (
         WHERE entry.is_pending AND outcome.outcome IS NULL AND entry.amount_fen > 0), 0) AS reserved
  FROM ledger_entry entry
  LEFT JOIN ledger_outcome outcome ON entry.is_pending AND outcome.transfer_id = entry.transfer_id
 WHERE entry.account_id = ANY($1::uuid[]) GROUP BY entry.account_id
"""
# Each of the three by its own part of the index: what is nobody's, a party's, a deal's.
_FIND_ACCOUNTS = """
WITH wanted AS (SELECT * FROM unnest($1::text[], $2::text[], $3::uuid[], $4::uuid[]) AS w (kind, currency, party_id, deal_id))
SELECT a.id, a.kind, a.currency, a.party_id, a.deal_id FROM wanted w JOIN ledger_account a
    ON a.kind = w.kind AND a.currency = w.currency AND a.party_id = w.party_id AND a.deal_id IS NULL
UNION ALL
SELECT a.id, a.kind, a.currency, a.party_id, a.deal_id FROM wanted w JOIN ledger_account a
    ON a.kind = w.kind AND a.currency = w.currency AND a.party_id IS NULL AND a.deal_id = w.deal_id
 WHERE w.party_id IS NULL
UNION ALL
SELECT a.id, a.kind, a.currency, a.party_id, a.deal_id FROM wanted w JOIN ledger_account a
    ON a.kind = w.kind AND a.currency = w.currency AND a.party_id IS NULL AND a.deal_id IS NULL
 WHERE w.party_id IS NULL AND w.deal_id IS NULL
"""


@dataclass(frozen=True)
class Subject:
    """What a transfer is for: the kind of row, which may belong to a higher package, and its id."""

    kind: str
    id: UUID


@dataclass(frozen=True)
class Posting:
    """A transfer with its subject and the id that its client made; the reason is the kind's own unless given.

    ``is_pending`` reserves until the transfer is posted, voided, or ``expires_at`` has come (see outcomes.py).
    """

    subject: Subject
    transfer: Transfer
    client_id: str = field(default_factory=lambda: str(uuid7()))
    reason: str | None = None
    approved_by: UUID | None = None
    is_pending: bool = False
    expires_at: datetime | None = None

    @property
    def content(self) -> Content:
        """What a repetition under the same client-made id must say as well."""
        entries = frozenset((entry.account, entry.amount_fen) for entry in self.transfer.entries)
        return Content(self.subject.kind, self.subject.id, self.transfer.kind.value, self.is_pending, entries)


def for_deposit(deposit_id: UUID, transfer: Transfer, client_id: str | None = None) -> Posting:
    """A posting whose subject is a deposit."""
    return Posting(Subject("deposit", deposit_id), transfer, client_id or str(uuid7()))


async def post_transfers(
    session: Session, postings: Sequence[Posting], *, person_id: UUID | None
) -> list[UUID]:
    """Writes transfers and returns their ids in the same order; one that was written before is not written again.

    Locks the client-made ids, then the accounts that are drawn on, in the order of their ids. Bank, fees, suspense and
    whatever is only added to are not locked, so no two deposits wait for each other at the bank account.
    Raises TransferUnbalanced, AccountOverdrawn, TransferIdUsed, CorrectionNotOfTwo.
    """
    if not postings:
        return []
    asked: dict[str, Posting] = {}
    for posting in postings:
        check_same(posting.client_id, asked.setdefault(posting.client_id, posting).content, posting.content)
    entries = [entry for posting in asked.values() for entry in check_transfer(posting.transfer).entries]
    for posting in asked.values():
        if not posting.is_pending:
            check_two_people(posting.transfer.kind, person_id, posting.approved_by)
    accounts = await _find_or_open(session, {entry.account for entry in entries})
    written = await _write_transfers(session, asked.values(), person_id)
    fresh = [posting for posting in asked.values() if posting.client_id in written]
    known = await _check_known(session, [asked[client_id] for client_id in asked.keys() - written.keys()])
    if fresh:
        drawn = drawn_fen(entry for posting in fresh for entry in posting.transfer.entries)
        await _check_drawings(session, drawn, accounts)
        await _write_entries(session, fresh, written, accounts)
    ids = written | known
    return [ids[posting.client_id] for posting in postings]


async def _check_drawings(session: Session, drawn: dict[Account, int], accounts: dict[Account, UUID]) -> None:
    if not drawn:
        return
    ids = [accounts[account] for account in drawn]
    await lock_accounts(session, ids)
    # Read after the lock, in a statement of its own: what others posted or reserved while we waited is seen.
    balances = await read_balances(session, ids)
    for account, amount_fen in drawn.items():
        check_drawing(account, balances.get(accounts[account], Balance()), amount_fen)


async def _write_transfers(
    session: Session, postings: Iterable[Posting], person_id: UUID | None
) -> dict[str, UUID]:
    """Writes the heads of those whose client-made id is new; a conflicting one waits for the other transaction."""
    rows = [
        (
            uuid7(),
            posting.client_id,
            posting.transfer.kind.value,
            posting.subject.kind,
            posting.subject.id,
            posting.subject.id if posting.subject.kind == "deposit" else None,
            posting.reason or TRANSFER_ZH[posting.transfer.kind],
            len(posting.transfer.entries),
            posting.is_pending,
            posting.expires_at,
            person_id,
            posting.approved_by,
        )
        for posting in postings
    ]
    # Ids are taken in one order by everybody, so that two repetitions of one batch cannot make a deadlock.
    rows.sort(key=lambda row: row[1])
    made = await session.swiftly(_WRITE_HEADS, *zip(*rows, strict=True))
    return {row["client_id"]: row["id"] for row in made}


async def _write_entries(
    session: Session, fresh: Sequence[Posting], written: dict[str, UUID], accounts: dict[Account, UUID]
) -> None:
    lines = [
        (uuid7(), written[posting.client_id], accounts[entry.account], entry.amount_fen, posting.is_pending)
        for posting in fresh
        for entry in posting.transfer.entries
    ]
    await session.swiftly(_WRITE_ENTRIES, *zip(*lines, strict=True))
    for posting in fresh:
        if posting.expires_at is not None:
            transfer_id = str(written[posting.client_id])
            payload = {"transfer_id": transfer_id}
            await promise(session, EXPIRE_TASK, payload, run_at=posting.expires_at, key=transfer_id)


async def _check_known(session: Session, repeated: Sequence[Posting]) -> dict[str, UUID]:
    """The ids of transfers that were there already; raises TransferIdUsed where the content differs."""
    if not repeated:
        return {}
    query = (
        select(LedgerTransfer, LedgerEntry.amount_fen, LedgerAccount)
        .join(LedgerEntry, LedgerEntry.transfer_id == LedgerTransfer.id)
        .join(LedgerAccount, LedgerAccount.id == LedgerEntry.account_id)
        .where(LedgerTransfer.client_id.in_([posting.client_id for posting in repeated]))
    )
    heads: dict[str, LedgerTransfer] = {}
    sides: dict[str, set[tuple[Account, int]]] = {}
    for head, amount_fen, account in await session.execute(query):
        heads[head.client_id] = head
        sides.setdefault(head.client_id, set()).add((account_of(account), amount_fen))
    for posting in repeated:
        head = heads[posting.client_id]
        first = Content(
            head.subject_kind,
            head.subject_id,
            head.kind,
            head.is_pending,
            frozenset(sides[posting.client_id]),
        )
        check_same(posting.client_id, first, posting.content)
    return {client_id: head.id for client_id, head in heads.items()}


async def lock_accounts(session: Session, account_ids: Sequence[UUID]) -> None:
    """Takes the row locks of accounts in the order of their ids.

    No key is changed, so entries written by others, whose foreign keys share the rows' keys,
    are neither held up nor able to make a deadlock of two orders.
    """
    await session.swiftly(_LOCK_ACCOUNTS, list(account_ids))


async def read_balances(session: AnySession, account_ids: Sequence[UUID]) -> dict[UUID, Balance]:
    """Sums accounts in one statement: what is posted and what is reserved; one without entries is absent."""
    found = await session.swiftly(_READ_BALANCES, list(account_ids))
    return {row["account_id"]: Balance(int(row["posted"]), int(row["reserved"])) for row in found}


def account_of(row: LedgerAccount) -> Account:
    """The account that a row stands for."""
    return Account(AccountKind(row.kind), row.party_id, row.deal_id, Currency(row.currency))


async def find_accounts(session: AnySession, accounts: Iterable[Account]) -> dict[Account, UUID]:
    """Finds the ids of accounts; one that was never used is absent."""
    wanted = [(a.kind.value, a.currency.value, a.party_id, a.deal_id) for a in accounts]
    if not wanted:
        return {}
    found = await session.swiftly(_FIND_ACCOUNTS, *zip(*wanted, strict=True))
    return {
        Account(AccountKind(row["kind"]), row["party_id"], row["deal_id"], Currency(row["currency"])): row[
            "id"
        ]
        for row in found
    }


async def _find_or_open(session: Session, accounts: set[Account]) -> dict[Account, UUID]:
    ids = await find_accounts(session, accounts)
    # Opened in one order by everybody: a conflicting insert waits for the other transaction.
    missing = sorted(
        accounts - ids.keys(), key=lambda item: (item.kind, str(item.party_id), str(item.deal_id))
    )
    if missing:
        rows = [
            {
                "id": uuid7(),
                "kind": a.kind.value,
                "currency": a.currency.value,
                "party_id": a.party_id,
                "deal_id": a.deal_id,
            }
            for a in missing
        ]
        await session.execute(upsert(LedgerAccount).values(rows).on_conflict_do_nothing())
        ids |= await find_accounts(session, missing)
    return ids
